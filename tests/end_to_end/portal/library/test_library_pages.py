"""The content pages in a real browser: nothing for axe to find wrong, figures that lead somewhere, filters that narrow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from core.settings import ROOT
from tests.end_to_end.portal.conftest import OpenPage, scrolls_sideways
from tests.end_to_end.server import Hub

AXE = ROOT / "portal" / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
ITEM, WAITING = "public-venue-hygiene-new", "senior-card-apply"
PAGE = "<h1>养犬登记办事指南</h1><h2>受理条件</h2><p>在本区有固定住所</p><p>咨询电话：021-12345678</p>"


@pytest.fixture(scope="module")
def key(hub: Hub) -> str:
    answer = httpx.post(
        hub.url + "/api/keys",
        json={"name": "编辑丙", "role": "editor"},
        headers={"X-API-Key": hub.admin_key},
        timeout=30,
    )
    return str(answer.json()["token"])


def enter(open_page: OpenPage, path: str, key: str) -> Page:
    page = open_page(path)
    page.get_by_label("密钥").fill(key)
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("navigation", name="内容库")).to_be_visible()
    return page


def violations(page: Page) -> list[str]:
    """What axe-core finds, as rule and places. Put in by the browser itself, past the page's content security policy."""
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {[node['target'] for node in one['nodes']][:5]}" for one in found["violations"]]


def ready(page: Page, path: str) -> None:
    """Show one page, with everything that it fetches."""
    page.goto(re.sub(r"(://[^/]+).*", r"\1", page.url) + path)
    page.wait_for_load_state("networkidle")
    if path == "/library":
        expect(page.locator("tbody tr").first).to_be_visible()
        if (details := page.locator(".figures details")).count():
            details.locator("summary").click()
    elif path == "/library/hit-test":
        page.get_by_text("缩小范围").click()
        page.get_by_label("群众会怎么问").fill("gonggong changsuo weisheng xukezheng xinban")
        page.get_by_role("button", name="测试").click()
        expect(page.locator(".how").first).to_be_visible()
    elif path == "/library/import":
        page.locator("input[type=file]").set_input_files(
            {"name": "guide.html", "mimeType": "text/html", "buffer": PAGE.encode()}
        )
        expect(page.get_by_role("heading", name="读到一份指南")).to_be_visible()
    elif path == "/library/reviews":
        page.locator("li .name").first.click()
        expect(page.locator(".detail h2").first).to_be_visible()
    else:
        expect(page.locator("h1").first).to_be_visible()


PAGES = [
    "/library",
    f"/library/entries/{ITEM}",
    f"/library/entries/{ITEM}?tab=edit",
    f"/library/entries/{ITEM}?tab=versions",
    f"/library/entries/{WAITING}?tab=edit",
    "/library/reviews",
    "/library/hit-test",
    "/library/import",
]


@pytest.fixture(scope="module")
def opened(hub: Hub, key: str) -> Iterator[None]:
    """A draft to edit and one that waits for review, so that no page is empty."""
    with httpx.Client(base_url=hub.url + "/api/library", headers={"X-API-Key": key}, timeout=60) as client:
        assert client.post(f"/entries/{ITEM}/draft", json={}).is_success
        draft = client.post(f"/entries/{WAITING}/draft", json={}).json()
        document = {**draft["document"], "summary": draft["document"]["summary"] + "（改）"}
        change = {"revision": draft["revision"], "document": document}
        assert client.put(f"/entries/{WAITING}/draft", json=change).is_success
        submitted = client.post(f"/entries/{WAITING}/submit", json={})
        assert submitted.is_success, submitted.text
        yield
        assert client.post(f"/entries/{WAITING}/recall", json={}).is_success
        for entry in (ITEM, WAITING):
            assert client.delete(f"/entries/{entry}/draft").status_code == 204


@pytest.mark.usefixtures("opened")
def test_axe_finds_nothing_wrong_on_any_page(open_page: OpenPage, key: str) -> None:
    if not AXE.is_file():
        pytest.skip("没有装 axe-core；运行 python portal/build.py 后再测")
    page = open_page("/library")
    told = {"sign in": violations(page)}
    page = enter(open_page, "/library", key)
    for path in PAGES:
        page.set_viewport_size(WIDE)
        ready(page, path)
        told[f"{path} wide"] = violations(page)
        page.set_viewport_size(NARROW)
        told[f"{path} narrow"] = violations(page)
        assert not scrolls_sideways(page), path
    assert {path: found for path, found in told.items() if found} == {}


def test_the_figures_lead_to_what_they_count(open_page: OpenPage, hub: Hub, key: str) -> None:
    page = enter(open_page, "/library", key)
    figures = page.get_by_role("region", name="内容库概况")
    faq = figures.get_by_role("link", name=re.compile(r"^\d+ 常见问答"))
    count = int(re.findall(r"\d+", faq.inner_text())[0])
    stats = httpx.get(hub.url + "/api/library/stats", headers={"X-API-Key": key}, timeout=30).json()
    assert count == stats["published"]["faq"] > 0
    faq.click()
    expect(page).to_have_url(re.compile("kind=faq"))
    expect(page.locator(".total")).to_have_text(f"共 {count} 条")
    figures.get_by_role("link", name=re.compile("待审核")).click()
    expect(page).to_have_url(re.compile("/library/reviews"))
    page.go_back()
    checker = page.locator(".figures summary")
    checker.click()
    first = page.locator(".worst a").first
    name = first.inner_text()
    first.click()
    expect(page.locator("h1").first).to_contain_text(name)


def test_the_footer_leads_staff_in_and_is_gone_there(open_page: OpenPage) -> None:
    page = open_page("/")
    link = page.get_by_role("contentinfo").get_by_role("link", name="工作人员入口")
    link.click()
    expect(page).to_have_url(re.compile("/library$"))
    expect(page.get_by_label("密钥")).to_be_visible()
    expect(link).to_have_count(0)


def test_the_hit_test_is_narrowed_and_tells_a_slip(open_page: OpenPage, key: str) -> None:
    page = enter(open_page, "/library/hit-test", key)
    page.get_by_label("群众会怎么问").fill("公共场所卫生许可正注销")
    page.get_by_role("button", name="测试").click()
    first = page.locator(".hit").first
    expect(first).to_contain_text("公共场所卫生许可证注销")
    expect(first.locator(".how")).to_have_text("问题里有读音相同的别字")
    department = first.locator(".soft").first.inner_text().split()[-1]
    page.get_by_text("缩小范围").click()
    options = page.get_by_label("部门").locator("option").all_inner_texts()
    other = next(one for one in options[1:] if one != department)
    page.get_by_label("部门").select_option(label=other)
    page.get_by_label("线上渠道").fill("随申办")
    page.get_by_role("button", name="测试").click()
    expect(page.locator(".hit").filter(has_text="公共场所卫生许可证注销")).to_have_count(0)
    expect(page.get_by_text("缩小范围（已选 2 项）")).to_be_visible()
    page.get_by_label("事项状态").select_option("取消")
    page.get_by_label("服务对象").select_option("法人")
    page.get_by_label("在这一天有效").fill("1999-01-01")
    page.get_by_role("button", name="测试").click()
    expect(page.get_by_text("没有符合这些条件的内容")).to_be_visible()
    page.get_by_role("button", name="清除").click()
    page.get_by_role("button", name="测试").click()
    expect(page.locator(".hit").first).to_contain_text("公共场所卫生许可证注销")
