"""Clerks in a real browser: a citizen asks for a person, a clerk takes over, answers, gives back; the citizen hears it all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import OpenPage, scrolls_sideways
from tests.end_to_end.server import Hub
from tests.end_to_end.test_desk import Clerk, Listener, ask_for_a_person, conversation

QUESTION = "养犬登记在哪里办"
# Of this file alone: the desk is shared, and a call stays listed after it was made.
PHONE, SHOWN = "13900139000", "139****9000"


def enter(open_page: OpenPage, key: str, *, phone: bool = False) -> Page:
    page = open_page("/desk", phone=phone)
    page.get_by_label("密钥").fill(key)
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("heading", name="坐席台")).to_be_visible()
    return page


@pytest.fixture
def desk_page(open_page: OpenPage, hub: Hub) -> Iterator[Page]:
    """A clerk's page, on duty. Nothing is left open, whatever becomes of the test: others use the same hub."""
    clerk = Clerk(hub, "窗口丁")
    page = enter(open_page, clerk.key)
    page.get_by_role("button", name="上班", exact=True).click()
    expect(page.locator("[data-duty]")).to_contain_text("在班")
    yield page
    queue = clerk("GET", "/queue")
    for one in queue["waiting"] + [line for line in queue["attended"] if line["mine"]]:
        clerk("POST", f"/handovers/{one['id']}/close")
    clerk("DELETE", "/duty")


def leave(page: Page) -> None:
    page.get_by_role("button", name="下班").click()
    expect(page.locator("[data-duty]")).to_have_text("未上班")


def test_a_key_of_another_role_is_refused(open_page: OpenPage, hub: Hub) -> None:
    made = httpx.post(
        hub.url + "/api/keys", json={"name": "编辑", "role": "editor"}, headers={"X-API-Key": hub.admin_key}, timeout=30
    )
    page = open_page("/desk")
    page.get_by_label("密钥").fill(made.json()["token"])
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("alert")).to_contain_text("内容人员")


def test_from_the_queue_to_giving_back(desk_page: Page, hub: Hub) -> None:
    page = desk_page
    session_id = conversation(hub, QUESTION)
    title = page.title()
    ask_for_a_person(hub, session_id)
    # Without a reload the queue shows who has come, and the title says so.
    line = page.locator("[data-handover]").filter(has_text=QUESTION)
    expect(line).to_contain_text("第1位")
    expect(line).to_contain_text("市民要求")
    expect(page).to_have_title(re.compile("人等候"))
    with Listener(hub, session_id) as citizen:
        assert citizen.state() == "waiting"
        page.keyboard.press("Alt+KeyN")
        expect(page.locator("[data-state]")).to_have_text("服务中")
        assert "窗口丁" in citizen.text()
        assert citizen.state() == "attended"
        log = page.get_by_role("log")
        expect(log.locator("li.citizen").first).to_contain_text(QUESTION)
        expect(log.locator("li.bot").first).to_be_visible()
        reference = page.get_by_role("region", name="参考")
        expect(reference.locator(".asked")).to_have_text(QUESTION)
        expect(reference.locator(".part").first).to_be_visible()
        box = page.get_by_label("回复市民")
        box.fill("您好，<b>请带</b>身份证。")
        box.press("Shift+Enter")
        box.press_sequentially("再打 13800138000")
        box.press("Enter")
        # Markup is text, a number is masked, before the citizen sees it.
        assert citizen.text() == "您好，<b>请带</b>身份证。\n再打 【手机号码】"
        expect(log.locator("li.clerk")).to_contain_text("<b>请带</b>身份证。")
        expect(box).to_have_value("")
        log.locator("li.clerk").get_by_role("button", name="存为问答").click()
        expect(page.get_by_text("已存为问答草稿")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="交还智能助手").click()
        assert "交还" in citizen.text()
        assert citizen.state() == "closed"
    expect(page.locator("[data-state]")).to_have_text("已交还智能助手")
    expect(page.get_by_label("回复市民")).to_have_count(0)
    draft = httpx.get(
        hub.url + "/api/library/entries",
        params={"q": QUESTION, "kind": "faq", "state": "draft"},
        headers={"X-API-Key": hub.admin_key},
        timeout=30,
    ).json()["entries"]
    assert [(one["name"], one["author"]["name"]) for one in draft] == [(QUESTION, "窗口丁")]
    httpx.delete(
        f"{hub.url}/api/library/entries/{draft[0]['id']}/draft", headers={"X-API-Key": hub.admin_key}, timeout=30
    )
    leave(page)
    expect(page).to_have_title(title)


def test_both_sides_in_browsers(desk_page: Page, open_page: OpenPage) -> None:
    """Nobody touches the interface by hand: one page is the citizen's, one the clerk's."""
    citizen = open_page("/")
    ask = citizen.get_by_label("想问什么")
    ask.fill(QUESTION)
    ask.press("Enter")
    expect(citizen.locator('article[data-status="answered"]')).to_have_count(1)
    ask.fill("转人工")
    ask.press("Enter")
    expect(citizen.locator(".handover")).to_contain_text("下一位就是您")
    desk_page.locator("[data-handover].waiting").filter(has_text=QUESTION).click()
    desk_page.get_by_role("button", name="接入", exact=True).click()
    expect(citizen.locator(".handover")).to_contain_text("窗口丁")
    reply = desk_page.get_by_label("回复市民")
    reply.fill("您好，请问是成年犬吗？")
    reply.press("Enter")
    expect(citizen.get_by_text("您好，请问是成年犬吗？")).to_be_visible()
    ask.fill("是的，我的手机是13800138000")
    ask.press("Enter")
    log = desk_page.get_by_role("log")
    expect(log.locator("li.citizen").last).to_contain_text("是的，我的手机是【手机号码】")
    desk_page.get_by_role("button", name="交还智能助手").click()
    expect(citizen.locator(".handover")).to_contain_text("人工服务已结束")
    ask.fill("养犬登记要多少钱")
    ask.press("Enter")
    expect(citizen.locator("article.answer").last).to_be_visible()
    expect(citizen.locator('article[data-status="with_person"]')).to_have_count(1)
    leave(desk_page)


def test_the_other_clerk_is_told(desk_page: Page, hub: Hub) -> None:
    other = Clerk(hub, "窗口戊")
    other("POST", "/duty")
    session_id = conversation(hub, QUESTION)
    ask_for_a_person(hub, session_id)
    desk_page.locator("[data-handover]").filter(has_text="第1位").click()
    take = desk_page.get_by_role("button", name="接入", exact=True)
    expect(take).to_be_visible()
    handover = other.handover_of(QUESTION)

    def first(route) -> None:  # type: ignore[no-untyped-def]
        other("POST", f"/handovers/{handover}/take")
        route.continue_()

    desk_page.route(f"**/handovers/{handover}/take", first)
    take.click()
    expect(desk_page.get_by_role("alert")).to_contain_text("窗口戊")
    expect(desk_page.locator("[data-state]")).to_have_text("服务中")
    expect(desk_page.get_by_label("回复市民")).to_have_count(0)
    other("POST", f"/handovers/{handover}/close")
    other("DELETE", "/duty")
    leave(desk_page)


def test_a_callback_on_a_phone(open_page: OpenPage, hub: Hub) -> None:
    session_id = conversation(hub, QUESTION)
    assert ask_for_a_person(hub, session_id)["state"] == "callback"
    kept = httpx.post(
        hub.url + "/api/consult/callbacks",
        json={"session_id": session_id, "phone": PHONE, "name": "王女士"},
        timeout=30,
    )
    assert kept.json()["phone_shown"] == SHOWN
    page = enter(open_page, Clerk(hub, "窗口己").key, phone=True)
    card = page.locator("article").filter(has_text=SHOWN)
    expect(card).to_be_visible()
    expect(card).not_to_contain_text(PHONE)
    assert not scrolls_sideways(page)
    card.get_by_role("button", name="看对话").click()
    expect(page.get_by_role("log")).to_contain_text(QUESTION)
    assert not scrolls_sideways(page)
    page.get_by_role("button", name="排队", exact=True).click()
    card.get_by_role("button", name="领取").click()
    mine = page.locator("article").filter(has_text="王女士")
    expect(mine.locator("[data-phone]")).to_contain_text(PHONE)
    mine.get_by_label("回电备注").fill("已告知")
    mine.get_by_role("button", name="已回电").click()
    expect(card).to_contain_text("已告知")
    expect(page.get_by_text(PHONE)).to_have_count(0)


def test_the_way_to_the_other_pages_and_back(open_page: OpenPage, hub: Hub) -> None:
    page = enter(open_page, Clerk(hub, "窗口壬").key)
    # Where the calendar's arranged days end, the head says so; whether they do depends on the day of the test.
    duty = httpx.get(hub.url + "/api/consult/desk/duty", headers={"X-API-Key": hub.admin_key}, timeout=30).json()
    expect(page.locator("[data-notice]")).to_have_text([duty["notice"]] if duty["notice"] else [])
    elsewhere = page.get_by_role("navigation", name="工作人员的其他页面")
    assert violations(page) == []
    elsewhere.get_by_role("link", name="群众呼声").click()
    expect(page).to_have_url(hub.url + "/voice")
    # The key came along.
    page.get_by_role("navigation", name="工作人员", exact=True).get_by_role("link", name="坐席台").click()
    expect(page.get_by_role("heading", name="坐席台")).to_be_visible()


def test_on_duty_the_other_pages_open_beside_the_desk(desk_page: Page) -> None:
    link = desk_page.get_by_role("link", name="咨询数据")
    with desk_page.context.expect_page() as opened:
        link.click()
    beside = opened.value
    expect(beside).to_have_url(re.compile("/consult-numbers"))
    expect(beside.get_by_role("navigation", name="工作人员").get_by_role("link", name="坐席台")).to_be_visible()
    expect(beside.get_by_label("密钥")).to_have_count(0)
    expect(desk_page.locator("[data-duty]")).to_contain_text("在班")
    assert not scrolls_sideways(desk_page)
