"""Content staff in a real browser: write, be marked, review with four eyes, publish; and the bot tells it at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.portal.conftest import OpenPage
from tests.end_to_end.server import Hub

ENTRY = "commercial-performance-licence"
"""An entry that no other test of the running hub asserts on."""
NAME = "营业性演出许可"


def new_key(hub: Hub, name: str) -> str:
    answer = httpx.post(
        hub.url + "/api/keys", json={"name": name, "role": "editor"}, headers={"X-API-Key": hub.admin_key}, timeout=30
    )
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["token"])


@pytest.fixture(scope="module")
def writer(hub: Hub) -> str:
    return new_key(hub, "编辑甲")


@pytest.fixture(scope="module")
def reviewer(hub: Hub) -> str:
    return new_key(hub, "编辑乙")


@pytest.fixture
def api(hub: Hub, writer: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=hub.url + "/api/library", headers={"X-API-Key": writer}, timeout=60) as client:
        yield client


def enter(open_page: OpenPage, path: str, key: str) -> Page:
    page = open_page(path)
    page.get_by_label("密钥").fill(key)
    page.get_by_role("button", name="进入").click()
    return page


def ask(hub: Hub, session: str | None, body: dict[str, object]) -> dict:
    return httpx.post(hub.url + "/api/consult/messages", json={"session_id": session, **body}, timeout=30).json()


def test_a_text_is_written_reviewed_by_another_and_told_at_once(
    open_page: OpenPage, hub: Hub, writer: str, reviewer: str, api: httpx.Client
) -> None:
    before = api.get(f"/entries/{ENTRY}").json()["published"]
    page = enter(open_page, f"/library/entries/{ENTRY}", writer)
    page.get_by_role("button", name="修改", exact=True).click()
    material = page.locator("#group-materials details").first
    material.locator("summary").click()
    standard = material.get_by_label(re.compile("^受理标准"))
    good = standard.input_value()
    standard.fill("法律法规规定的其他材料")
    # The checker's marks stand under the field, with what to write instead.
    expect(material.locator(".marks").first).to_contain_text("建议：")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_role("alert").first).to_contain_text("必须修改的问题")
    standard.fill(good)
    page.get_by_label(re.compile("^概述")).fill(
        "在本区举办营业性演出的，演出前申请营业性演出许可，这一句由浏览器测试写成"
    )
    expect(page.get_by_role("status").first).to_have_text("已保存")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("要由另一位内容人员审核")).to_be_visible()
    expect(page.get_by_role("button", name="审核通过")).to_have_count(0)
    refused = api.post(f"/entries/{ENTRY}/approve", json={})
    assert refused.json()["code"] == "four_eyes"

    second = enter(open_page, "/library/reviews", reviewer)
    second.get_by_role("button", name=NAME).click()
    expect(second.locator("ins").first).to_be_visible()
    second.get_by_role("button", name="审核通过").click()
    second.get_by_role("button", name="发布", exact=True).click()
    expect(second.get_by_text("已发布，咨询、检索、各渠道同时更新")).to_be_visible()

    told = ask(hub, None, {"text": NAME + "怎么办"})
    while told["asking"] is not None:
        choice = {"question_id": told["asking"]["question_id"], "action": "skip"}
        told = ask(hub, told["session_id"], {"text": "直接告诉我", "choice": choice})
    assert "这一句由浏览器测试写成" in told["text"]
    cited = {citation["section_id"] for citation in told["citations"]}
    assert f"{ENTRY}/overview@{before['number'] + 1}" in cited
    # What was cited before can still be opened, word for word.
    old = httpx.get(f"{hub.url}/api/consult/sections/{ENTRY}/overview@{before['number']}", timeout=30).json()
    assert before["document"]["summary"] in old["text"]


def test_two_editors_lose_nothing(open_page: OpenPage, writer: str, api: httpx.Client) -> None:
    entry = "auction-licence"
    draft = api.post(f"/entries/{entry}/draft", json={}).json()
    page = enter(open_page, f"/library/entries/{entry}?tab=edit", writer)
    summary = page.get_by_label(re.compile("^概述"))
    expect(summary).to_be_visible()
    theirs = {**draft["document"], "summary": "对方写的概述"}
    assert api.put(f"/entries/{entry}/draft", json={"revision": draft["revision"], "document": theirs}).is_success
    summary.fill("我写的概述")
    conflict = page.get_by_role("alert", name="两人同时修改")
    expect(conflict).to_contain_text("对方写的概述")
    expect(conflict).to_contain_text("我写的概述")
    expect(summary).to_have_value("我写的概述")
    page.get_by_role("button", name="保存表单里的内容").click()
    expect(page.get_by_role("status").first).to_have_text("已保存")
    assert api.get(f"/entries/{entry}").json()["open"]["document"]["summary"] == "我写的概述"
    assert api.delete(f"/entries/{entry}/draft").status_code == 204


def test_the_hit_test_says_what_was_found_and_why(open_page: OpenPage, reviewer: str) -> None:
    page = enter(open_page, "/library/hit-test", reviewer)
    page.get_by_label("群众会怎么问").fill("理发店要办什么证")
    page.get_by_role("button", name="测试").click()
    first = page.locator(".hit").first
    expect(first).to_contain_text("公共场所卫生许可证新办")
    expect(first).to_contain_text("最近的名称")
    first.get_by_role("link", name="加为别名").click()
    expect(page.get_by_text("加为这条内容的别名")).to_be_visible()


def test_a_wrong_key_is_told(open_page: OpenPage) -> None:
    page = enter(open_page, "/library", "kp_" + "x" * 43)
    expect(page.get_by_role("alert")).to_contain_text("密钥无效")
