"""窗口预审台 in a real browser against the real hub: a whole case by keyboard, two clerks at once, and without the machine."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import OpenPage, scrolls_sideways
from tests.end_to_end.portal.precheck.cases import ITEM_NAME, Api, card, clerk_key, handed_in, open_case
from tests.end_to_end.server import Hub

PAPERS = ("form.png", "hygiene-licence.jpg", "business-licence-turned.jpg")


@pytest.fixture(scope="module")
def case(hub: Hub) -> dict[str, Any]:
    """Papers of three different companies: there is something to find."""
    view = handed_in(hub, PAPERS)
    kinds = {finding["severity"] for finding in view["report"]["findings"]}
    assert {"defect", "undetermined"} <= kinds, "the papers were chosen because both are found on them"
    return view


def focused(page: Page) -> str:
    """Key of the finding that has the keyboard."""
    key = page.evaluate("document.activeElement.closest('[data-finding]')?.dataset.finding ?? ''")
    return str(key)


def test_no_entrance_without_a_clerks_key(open_page: OpenPage, hub: Hub, case: dict[str, Any]) -> None:
    page = open_page(f"/review/{case['id']}")
    assert violations(page) == []
    page.get_by_label("密钥").fill("kp_wrong")
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(".finding-card")).to_have_count(0)


def test_a_whole_case_by_keyboard(open_page: OpenPage, hub: Hub, case: dict[str, Any]) -> None:
    key = clerk_key(hub, "窗口甲")
    page = open_case(open_page, key, "/review")
    line = page.locator(f'[data-submission="{case["id"]}"]')
    expect(line).to_contain_text("剩 5 个工作日")
    expect(line).to_contain_text("缺陷")
    assert violations(page) == []
    line.get_by_role("button", name=f"领取 {ITEM_NAME}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("我在办理")).to_be_visible()
    findings = {finding["key"]: finding for finding in case["report"]["findings"]}
    open_keys = {name for name, finding in findings.items() if finding["severity"] != "note"}

    # J brings the first; Tab goes on through all that is open, each with its page.
    page.keyboard.press("j")
    first = focused(page)
    expect(page.locator(".overlay .mark.active")).to_have_attribute("data-mark", first)
    walked = [first]
    shown = {page.locator(".document[aria-current]").inner_text()}
    for _ in range(len(open_keys) - 1):
        page.keyboard.press("Tab")
        walked.append(focused(page))
        evidence = [one for one in findings[walked[-1]]["evidence"] if one["box"]]
        if evidence:
            expect(page.locator(".overlay .mark.active")).to_have_attribute("data-mark", walked[-1])
            shown.add(page.locator(".document[aria-current]").inner_text())
    assert set(walked) == open_keys
    assert len(shown) > 1, "a finding of another document brings that document"
    page.keyboard.press("Shift+Tab")
    assert focused(page) == walked[-2]
    page.keyboard.press("k")
    assert focused(page) == walked[-3]
    assert violations(page) == []

    # Nothing can be told while something is unclear; nothing is chosen in advance.
    page.keyboard.press("d")
    dialog = page.get_by_role("dialog", name="作出决定")
    expect(dialog.get_by_role("radio", checked=True)).to_have_count(0)
    expect(dialog.get_by_role("button", name="请先选择")).to_be_disabled()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    dialog.get_by_text("一次性告知补正", exact=True).click()
    expect(dialog).to_contain_text("待查")
    expect(dialog.get_by_role("button", name="确定一次性告知补正")).to_be_disabled()
    assert violations(page) == []
    page.keyboard.press("Escape")

    # What is unclear is settled one by one: one is a fault, the others were looked at and are none.
    unclear = [name for name in walked if findings[name]["severity"] == "undetermined"]
    card(page, findings[unclear[0]]).locator(".head").focus()
    page.keyboard.press("c")
    expect(card(page, findings[unclear[0]])).to_contain_text("人工认定确有问题")
    for name in unclear[1:]:
        card(page, findings[name]).locator(".head").focus()
        page.keyboard.press("o")
        page.keyboard.press("Control+Enter")
        expect(card(page, findings[name]).locator("textarea")).to_be_focused()
        page.keyboard.type("看过原件，没有问题")
        page.keyboard.press("Control+Enter")
        expect(card(page, findings[name])).to_contain_text("人工：窗口甲")
    # What is settled is no stop any more.
    settled = set(unclear)
    page.keyboard.press("j")
    assert focused(page) not in settled

    # An own finding, and the notice as it will be.
    page.keyboard.press("n")
    form = page.get_by_role("form", name="人工发现")
    form.get_by_label("问题").fill("申请表的日期写错了。")
    form.get_by_label("怎样改").fill("请按申请当天的日期重写。")
    form.get_by_role("button", name="写入").click()
    expect(page.locator(".finding-card", has_text="申请表的日期写错了")).to_contain_text("人工：窗口甲")
    page.locator(".case-head h1").click()
    page.keyboard.press("m")
    notice = page.get_by_role("article", name="一次性补正告知书")
    expect(notice).to_contain_text("还没有发出")
    expect(notice).to_contain_text("申请表的日期写错了")
    expect(notice).not_to_contain_text(findings[unclear[1]]["applicant"])
    expect(dialog).to_contain_text("还没有核定，会按机器的意见写入")
    dialog.get_by_role("button", name="确定一次性告知补正").click()
    expect(page.locator("[data-state]")).to_have_text("补齐补正")
    page.keyboard.press("5")
    history = page.locator(".history")
    expect(history.locator("li", has_text="机器预审").first).to_contain_text("机器")
    expect(history.locator("li", has_text="一次性告知补正")).to_contain_text("窗口甲")
    assert violations(page) == []
    # The applicant, who has no key, is told everything at once.
    notice_page = open_page(f"/selfcheck/{case['id']}")
    expect(notice_page.locator("[data-state]")).to_have_text("补齐补正")
    expect(notice_page.get_by_role("heading", name="补齐后重新提交")).to_be_visible()
    assert violations(notice_page) == []


def test_two_clerks_at_once_lose_nothing(open_page: OpenPage, hub: Hub) -> None:
    view = handed_in(hub, PAPERS[:1])
    keys = [clerk_key(hub, name) for name in ("窗口乙", "窗口丙")]
    api = Api(hub, keys[0])
    api("POST", f"/{view['id']}/claim")
    other = open_case(open_page, keys[1], f"/review/{view['id']}")
    expect(other.get_by_text("窗口乙正在办理这个办件")).to_be_visible()
    expect(other.get_by_role("button", name=re.compile("作出决定"))).to_be_disabled()
    mine = open_case(open_page, keys[0], "/review")
    # This page hears of nothing that happens elsewhere.
    mine.route("**/api/submissions/*/events", lambda _: None)
    mine.goto(f"{hub.url}/review/{view['id']}")
    findings = [one for one in view["report"]["findings"] if one["severity"] == "defect"]
    card(mine, findings[0]).locator(".head").click()
    mine.keyboard.press("o")
    reason = card(mine, findings[0]).locator("textarea")
    reason.fill("原件上有，是照片没拍全")
    # From elsewhere the same clerk has gone on.
    revision = api("GET", f"/{view['id']}")["revision"]
    found = {"applicant": "缺一页。", "mend": "请补一页。", "material": None, "revision": revision}
    api("POST", f"/{view['id']}/findings", json=found)
    mine.keyboard.press("Control+Enter")
    expect(mine.get_by_role("alert")).to_contain_text("新增 1 条人工发现")
    expect(reason).to_have_value("原件上有，是照片没拍全")
    reason.focus()
    mine.keyboard.press("Control+Enter")
    expect(card(mine, findings[0])).to_contain_text("已推翻")
    api("POST", f"/{view['id']}/release")
    expect(other.get_by_role("button", name="领取办理")).to_be_visible()


def test_without_the_machine_everything_is_done_by_hand(open_page: OpenPage, hub: Hub) -> None:
    """The hub's answers as they are while the check can't run."""
    view = handed_in(hub, PAPERS[:1])
    key = clerk_key(hub, "窗口丁")

    def without_report(route: Route) -> None:
        if not route.request.url.endswith(view["id"]) and "/claim" not in route.request.url:
            route.continue_()
            return
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "report": None})

    page = open_page("/review", phone=True)
    page.route(f"**/api/submissions/{view['id']}*", without_report)
    page.route(f"**/api/submissions/{view['id']}/claim", without_report)
    page.get_by_label("密钥").fill(key)
    page.get_by_role("button", name="进入").click()
    page.locator(f'[data-submission="{view["id"]}"] a').click()
    expect(page.get_by_text("预审还没有运行")).to_be_visible()
    page.get_by_role("button", name="领取办理").click()
    expect(page.get_by_role("button", name="写下我的发现")).to_be_enabled()
    page.get_by_role("tab", name="材料").click()
    expect(page.get_by_text("机器未核对").first).to_be_visible()
    page.get_by_role("button", name=re.compile("作出决定")).click()
    dialog = page.get_by_role("dialog", name="作出决定")
    dialog.get_by_text("受理", exact=True).click()
    expect(dialog.get_by_role("button", name="确定受理")).to_be_disabled()
    dialog.get_by_label(re.compile("理由")).fill("看过全部原件，齐全")
    expect(dialog.get_by_role("button", name="确定受理")).to_be_enabled()
    assert violations(page) == []
    assert not scrolls_sideways(page)
    dialog.get_by_role("button", name="确定受理").click()
    expect(page.locator("[data-state]")).to_have_text("受理")
    page.unroute_all(behavior="ignoreErrors")


def test_numbers_lead_to_the_cases_behind_them(open_page: OpenPage, hub: Hub) -> None:
    view = handed_in(hub, PAPERS[:1])
    name = "窗口戊"
    key = clerk_key(hub, name)
    api = Api(hub, key)
    finding = next(one for one in view["report"]["findings"] if one["severity"] == "defect")
    revision = api("POST", f"/{view['id']}/claim")["revision"]
    said = {"ruling": "overruled", "reason": "不适用", "revision": revision}
    api("PUT", f"/{view['id']}/findings/{quote(finding['key'], safe='')}", json=said)
    page = open_case(open_page, key, "/review/reports")
    line = page.locator(f'[data-line="{name}"]')
    expect(line).to_contain_text("100%")
    assert violations(page) == []
    line.get_by_role("link", name="1", exact=True).click()
    expect(page.get_by_role("heading", name=f"{name} · 推翻：1 件")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name=view["id"][:8].upper()).click()
    expect(page.get_by_role("heading", name=ITEM_NAME)).to_be_visible()
    expect(card(page, finding)).to_contain_text("已推翻")
