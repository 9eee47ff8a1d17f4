"""A citizen's side of a handover in a real browser: the queue, the clerk's live words, the callback."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import OpenPage, scrolls_sideways
from tests.end_to_end.server import Hub
from tests.end_to_end.test_desk import Clerk, on_duty

QUESTION = "增值税一般纳税人登记要什么材料"
WAIT = 30.0


def ask_for_a_person(page: Page) -> None:
    page.get_by_label("想问什么").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator('article[data-status="answered"]')).to_have_count(1)
    page.get_by_role("button", name="转人工").click()
    expect(page.locator(".handover")).to_be_visible()


def test_a_clerks_words_come_live(open_page: OpenPage, hub: Hub) -> None:
    page = open_page("/")
    with on_duty(hub, "窗口庚") as clerk:
        ask_for_a_person(page)
        expect(page.locator(".handover")).to_contain_text("下一位就是您")
        assert violations(page) == []
        # While waiting the bot goes on answering.
        page.get_by_label("想问什么").fill("食品经营许可新办要多久")
        page.keyboard.press("Enter")
        expect(page.locator('article[data-status="answered"]')).to_have_count(2)
        handover = next(one["id"] for one in clerk("GET", "/queue")["waiting"])
        clerk("POST", f"/handovers/{handover}/take")
        expect(page.locator(".handover")).to_contain_text("窗口庚 正在为您解答")
        clerk("POST", f"/handovers/{handover}/messages", {"text": "您好，请问您是公司还是个体工商户？"})
        expect(page.locator(".clerk .words").last).to_contain_text("请问您是公司还是个体工商户？")
        page.get_by_label("想问什么").fill("我是公司")
        page.keyboard.press("Enter")
        expect(page.locator('[data-status="with_person"]')).to_have_text("已送到工作人员")
        clerk("POST", f"/handovers/{handover}/messages", {"text": "请带营业执照。"})
        expect(page.locator(".clerk .words").last).to_contain_text("请带营业执照。")
        assert page.locator(".clerk").count() == 2
        assert violations(page) == []
        clerk("POST", f"/handovers/{handover}/close")
        expect(page.locator(".handover")).to_contain_text("人工服务已结束")
        page.get_by_role("button", name="知道了").click()
        expect(page.locator(".handover")).to_have_count(0)


def test_who_begins_anew_leaves_the_queue(open_page: OpenPage, hub: Hub) -> None:
    page = open_page("/")
    with on_duty(hub, "窗口辛") as clerk:
        ask_for_a_person(page)
        assert len(clerk("GET", "/queue")["waiting"]) == 1
        with page.expect_response(lambda answer: answer.request.method == "DELETE") as left:
            page.get_by_role("button", name="新对话").click()
        assert left.value.status == 204
        assert clerk("GET", "/queue")["waiting"] == []


def test_nobody_on_duty_and_a_number_is_left(open_page: OpenPage, hub: Hub) -> None:
    page = open_page("/", phone=True)
    ask_for_a_person(page)
    expect(page.locator(".handover")).to_contain_text("留个电话，最晚")
    number = page.get_by_label("电话号码")
    number.fill("12345")
    page.get_by_role("button", name="请给我回电").click()
    expect(page.locator("form.callback").get_by_role("alert")).to_contain_text("11 位手机号")
    assert violations(page) == []
    assert not scrolls_sideways(page)
    number.fill("138 0013 8000")
    page.get_by_role("button", name="请给我回电").click()
    expect(page.locator("form.callback")).to_have_count(0)
    expect(page.locator(".handover")).to_contain_text("给您回电")
    waiting = httpx.get(hub.url + "/api/consult/desk/queue", headers={"X-API-Key": hub.admin_key}, timeout=WAIT).json()
    (call,) = [one for one in waiting["callbacks"] if one["last_question"] == QUESTION and one["state"] == "waiting"]
    # Nothing stays open at the desk that the other tests share.
    clerk = Clerk(hub, "窗口癸")
    clerk("POST", f"/callbacks/{call['id']}/take")
    clerk("POST", f"/callbacks/{call['id']}/done", {"note": "已告知"})
    assert "13800138000" not in hub.log.read_text()
