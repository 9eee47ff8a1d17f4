"""The voice of the people and the bot's numbers in a real browser: staff make texts of groups and open conversations; citizens
consent, or don't; who walks away from a kiosk leaves the queue."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import OpenPage, scrolls_sideways
from tests.end_to_end.server import Hub
from tests.end_to_end.test_desk import Clerk

SIZES = ((1440, 900), (390, 844))
LOST, USELESS = "谁能把月亮上的停车券报销了", "请替我写一首关于火锅的诗再唱出来"
PHONE_NUMBER = "13800138000"


def call(hub: Hub, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
    response = httpx.request(method, hub.url + path, json=body, headers={"X-API-Key": key} if key else {}, timeout=60)
    assert response.is_success, response.text
    return response.json() if response.content else None


def complained(hub: Hub, text: str) -> None:
    """Somebody asks and is not content with the answer."""
    answer = call(hub, "POST", "/api/consult/messages", {"text": text, "channel": "pc"})
    rating = {"session_id": answer["session_id"], "number": answer["number"], "grade": 1, "reasons": ["答非所问"]}
    call(hub, "POST", "/api/consult/ratings", rating)


@pytest.fixture(scope="module")
def clerk_key(hub: Hub) -> str:
    """A clerk's key on a hub with two complaints, grouped."""
    complained(hub, f"{LOST}，我的手机是{PHONE_NUMBER}")
    complained(hub, USELESS)
    call(hub, "POST", "/api/consult/groups/refresh", key=hub.admin_key)
    return str(call(hub, "POST", "/api/keys", {"name": "窗口庚", "role": "clerk"}, key=hub.admin_key)["token"])


def enter(open_page: OpenPage, path: str, key: str, heading: str, *, phone: bool = False) -> Page:
    page = open_page(path, phone=phone)
    page.get_by_label("密钥").fill(key)
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("navigation", name="工作人员")).to_be_visible()
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    return page


def sound(page: Page) -> None:
    """Nothing wrong for axe, and nothing to scroll sideways, on a large screen and on a phone."""
    for width, height in SIZES:
        page.set_viewport_size(ViewportSize(width=width, height=height))
        page.wait_for_timeout(150)  # the chart draws itself anew
        assert violations(page) == []
        assert not scrolls_sideways(page)


def test_a_wrong_key_is_told(open_page: OpenPage, hub: Hub) -> None:
    page = open_page("/voice")
    page.get_by_label("密钥").fill("kp_wrong")
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("alert")).to_contain_text("密钥")
    sound(page)


def test_a_group_becomes_a_draft_and_another_is_dismissed(open_page: OpenPage, hub: Hub, clerk_key: str) -> None:
    page = enter(open_page, "/voice", clerk_key, "群众呼声")
    card = page.locator("[data-group]").filter(has_text=LOST)
    card.get_by_role("button", name="看原话").click()
    asked = card.locator(".asked")
    expect(asked).to_contain_text("没答上")
    expect(asked).to_contain_text("【手机号码】")
    assert PHONE_NUMBER not in page.content()
    sound(page)
    page.set_viewport_size(ViewportSize(width=1440, height=900))
    card.get_by_role("button", name="写成问答").click()
    dialog = page.get_by_role("dialog", name="写成问答草稿")
    expect(dialog).to_contain_text("审核后才发布")
    dialog.get_by_role("radio").first.check()
    dialog.get_by_label("问题").fill("停车券能报销吗")
    dialog.get_by_label("答复").fill("本窗口不办理停车券报销。")
    sound(page)
    page.set_viewport_size(ViewportSize(width=1440, height=900))
    dialog.get_by_role("button", name="确定，存为草稿").click()
    told = page.get_by_role("status").filter(has_text="已写成问答草稿")
    expect(told).to_be_visible()
    address = told.get_by_role("link").get_attribute("href")
    assert address is not None
    made = call(hub, "GET", f"/api/library/entries/{address.rsplit('/', 1)[1]}", key=hub.admin_key)
    assert (made["open"]["state"], made["open"]["document"]["answer"]) == ("draft", "本窗口不办理停车券报销。")
    expect(card).to_have_count(0)
    page.get_by_role("button", name="已写成问答").click()
    expect(card).to_contain_text("窗口庚")
    page.get_by_role("button", name="待处理").click()
    useless = page.locator("[data-group]").filter(has_text=USELESS)
    useless.get_by_role("button", name="不处理").click()
    dialog = page.get_by_role("dialog", name="不处理这一组")
    dialog.get_by_label("为什么不处理").fill("不是政务服务")
    dialog.get_by_role("button", name="取消").click()
    expect(useless).to_be_visible()
    useless.get_by_role("button", name="不处理").click()
    dialog.get_by_label("为什么不处理").fill("不是政务服务")
    dialog.get_by_role("button", name="确定，不处理").click()
    expect(page.get_by_role("status").filter(has_text="已标为不处理")).to_be_visible()
    expect(useless).to_have_count(0)
    page.get_by_role("group", name="看哪些组").get_by_role("button", name="不处理").click()
    expect(useless).to_contain_text("原因：不是政务服务")
    call(hub, "DELETE", f"/api/library/entries/{made['open']['entry_id']}/draft", key=hub.admin_key)


def test_what_somebody_else_did_meanwhile_is_told(open_page: OpenPage, hub: Hub, clerk_key: str) -> None:
    words = "火星上的居住证明几时能给我的鹦鹉办出来"
    complained(hub, words)
    call(hub, "POST", "/api/consult/groups/refresh", key=clerk_key)
    page = enter(open_page, "/voice", clerk_key, "群众呼声")
    card = page.locator("[data-group]").filter(has_text=words)
    card.get_by_role("button", name="记为别名").click()
    dialog = page.get_by_role("dialog", name="记为事项的别名")
    dialog.get_by_role("radio").first.check()
    dialog.get_by_label("市民怎么叫这个事项").fill("鹦鹉居住证")
    number = card.get_attribute("data-group")
    call(hub, "POST", f"/api/consult/groups/{number}/dismiss", {"reason": "重复"}, key=clerk_key)
    dialog.get_by_role("button", name="确定，存为别名草稿").click()
    expect(dialog.get_by_role("alert")).to_contain_text("已经处理过")


def test_numbers_open_their_conversations(open_page: OpenPage, hub: Hub, clerk_key: str) -> None:
    page = enter(open_page, "/consult-numbers", clerk_key, "咨询数据")
    for by in ("按事项", "按部门", "按渠道", "按日"):
        page.get_by_role("button", name=by, exact=True).click()
        expect(page.get_by_role("button", name=by, exact=True)).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_role("columnheader", name={"按日": "日期"}.get(by, by[1:]), exact=True)).to_be_visible()
        expect(page.locator(".chart canvas")).to_be_visible()
        sound(page)
    page.set_viewport_size(ViewportSize(width=1440, height=900))
    shown = call(hub, "GET", "/api/consult/numbers?by=day", key=clerk_key)["total"]
    tile = page.get_by_role("button", name=re.compile("^评价低"))
    expect(tile.first).to_contain_text(str(shown["rated_low"]))
    page.get_by_role("row", name="合计").get_by_role("button", name="评价低").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="合计：评价低")).to_be_visible()
    expect(dialog).to_contain_text("次对话")
    sound(page)
    dialog.get_by_role("button", name=LOST).click()
    expect(dialog.locator("li.citizen")).to_contain_text("【手机号码】")
    expect(dialog.locator("li.bot")).to_be_visible()
    assert PHONE_NUMBER not in page.content()
    sound(page)
    dialog.get_by_role("button", name="回到清单").click()
    expect(dialog.get_by_role("button", name=LOST)).to_be_visible()
    dialog.get_by_role("button", name="关闭").click()
    expect(dialog).to_have_count(0)
    page.get_by_label("从").fill("2026-01-05")
    page.get_by_label("到", exact=True).fill("2026-01-06")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.get_by_text("这段时间没有人咨询")).to_be_visible()


def test_a_point_of_the_chart_opens_its_conversations(open_page: OpenPage, clerk_key: str) -> None:
    page = enter(open_page, "/consult-numbers", clerk_key, "咨询数据")
    page.get_by_role("button", name="按渠道", exact=True).click()
    expect(page.get_by_role("columnheader", name="渠道", exact=True)).to_be_visible()
    chart = page.locator(".chart")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    dialog = page.get_by_role("dialog")
    # Somewhere at a third of the width lies a bar of the channel most used.
    for step in range(12, int(box["height"]) - 20, 12):
        page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + step)
        if dialog.count():
            break
    expect(dialog).to_contain_text("次对话")


def test_consent_is_asked_for_and_off_by_default(open_page: OpenPage) -> None:
    page = open_page("/")
    sent: list[dict[str, Any]] = []
    page.on("request", lambda one: sent.append(one.post_data_json) if one.url.endswith("/ratings") else None)
    for number, consents in enumerate((False, True)):
        ask = page.get_by_label("想问什么")
        ask.fill("养犬登记在哪里办")
        ask.press("Enter")
        expect(page.locator("article.answer")).to_have_count(number + 1)
        last = page.locator("article.answer").last
        page.get_by_role("button", name="评价这次回答").last.click()
        page.get_by_role("button", name="满意", exact=True).click()
        tick = page.get_by_role("checkbox", name=re.compile("同意把我问的这句话"))
        expect(tick).not_to_be_checked()
        if consents:
            tick.check()
            sound(page)
        page.get_by_role("button", name="提交评价").click()
        expect(page.get_by_text("谢谢您的评价")).to_have_count(number + 1)
        expect(last).to_be_visible()
    assert [one["may_learn"] for one in sent] == [False, True]


@pytest.mark.parametrize("answered", [True, False])
def test_who_leaves_a_kiosk_leaves_the_queue(open_page: OpenPage, hub: Hub, answered: bool) -> None:
    """Also who is gone before the hub has answered the call for a person."""
    clerk = Clerk(hub, "窗口辛")
    clerk("POST", "/duty")

    def waiting() -> set[int]:
        return {one["id"] for one in clerk("GET", "/queue")["waiting"]}

    before = waiting()  # whoever else uses this hub
    try:
        page = open_page("/kiosk")
        sessions: list[str] = []
        removed: list[str] = []
        page.on("request", lambda one: removed.append(one.url) if one.method == "DELETE" else None)

        def slowly(route: Any) -> None:
            response = route.fetch()
            sessions.append(response.json()["session_id"])
            if not answered:
                page.get_by_role("button", name="结束，清空").click()
            route.fulfill(response=response)

        page.route("**/api/consult/messages", slowly)
        page.get_by_label("想问什么").fill("转人工")
        page.get_by_role("button", name="发送").click()
        if answered:
            expect(page.locator(".handover")).to_contain_text("正在为您转接工作人员")
            page.get_by_role("button", name="结束，清空").click()
        expect(page.locator(".questions button").first).to_be_visible()
        deadline = time.monotonic() + 20
        while (not removed or waiting() - before) and time.monotonic() < deadline:
            page.wait_for_timeout(100)
        assert waiting() <= before
        assert [one.split("/sessions/")[1] for one in removed] == [f"{sessions[0]}/handover"]
    finally:
        clerk("DELETE", "/duty")
