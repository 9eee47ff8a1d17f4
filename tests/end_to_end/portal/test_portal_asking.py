"""What the bot asks back, in a real browser against the real hub: by touch, by keyboard, in words, and back again."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import OpenPage, scrolls_sideways

SHOP = "我要开理发店，公共场所卫生许可证新办要什么材料"
VENUE = "公共场所卫生许可证新办要什么材料"
AIR = "场所使用集中空调通风系统吗？"
REPORT = "集中空调通风系统卫生检测"


def ask(page: Page, text: str) -> None:
    page.get_by_label("想问什么").fill(text)
    page.keyboard.press("Enter")


def group(page: Page, question: str) -> Locator:
    return page.get_by_role("group", name=question)


def newest(page: Page) -> Locator:
    return page.locator("article.answer").last


def test_a_button_answers_and_a_chip_takes_it_back(browser_page: Page) -> None:
    ask(browser_page, SHOP)
    # What was said in the question is known, and the question that is left has the focus.
    expect(group(browser_page, AIR)).to_be_focused()
    expect(newest(browser_page).locator(".chip")).to_have_count(1)
    with browser_page.expect_request("**/api/consult/messages") as sent:
        group(browser_page, AIR).get_by_role("button", name="是", exact=True).click()
    assert sent.value.post_data_json["choice"] == {"question_id": "central_air", "action": "answer", "value": True}
    expect(newest(browser_page)).to_have_attribute("data-status", "answered")
    expect(newest(browser_page)).to_contain_text(REPORT)
    # The question is answered: it stands there, but no longer as buttons.
    expect(group(browser_page, AIR)).to_have_count(0)
    newest(browser_page).get_by_role("button", name="场所使用集中空调通风系统：是").click()
    expect(group(browser_page, AIR)).to_be_focused()
    group(browser_page, AIR).get_by_role("button", name="否", exact=True).click()
    expect(newest(browser_page)).to_have_attribute("data-status", "answered")
    expect(newest(browser_page)).not_to_contain_text(REPORT)
    expect(newest(browser_page).get_by_role("button", name="生成我的一次告知单")).to_have_count(1)


def test_back_unsure_and_straight_on(browser_page: Page) -> None:
    ask(browser_page, VENUE)
    first = group(browser_page, "您开的是哪一类场所？")
    expect(first.get_by_role("button", name="上一步")).to_have_count(0)
    expect(first.get_by_role("button", name="公园、体育场馆")).to_contain_text("不用办理")
    first.get_by_role("button", name="旅馆、理发店").click()
    group(browser_page, AIR).get_by_role("button", name="上一步").click()
    first.get_by_role("button", name="旅馆、理发店").click()
    group(browser_page, AIR).get_by_role("button", name="不清楚").click()
    expect(newest(browser_page)).to_have_attribute("data-status", "answered")
    ask(browser_page, "居民身份证到期换领要什么材料")
    group(browser_page, "申请人今年多少周岁？").get_by_role("button", name="直接告诉我").click()
    expect(newest(browser_page)).to_have_attribute("data-status", "answered")


def test_words_answer_as_well(browser_page: Page) -> None:
    ask(browser_page, SHOP)
    expect(group(browser_page, AIR)).to_be_focused()
    # Typing goes to the input without a click.
    browser_page.keyboard.press("y")
    expect(browser_page.get_by_label("想问什么")).to_be_focused()
    ask(browser_page, "没有中央空调")
    expect(newest(browser_page)).to_have_attribute("data-status", "answered")
    expect(newest(browser_page)).not_to_contain_text(REPORT)


def test_a_number_is_checked_before_it_is_sent(browser_page: Page) -> None:
    ask(browser_page, "居民身份证到期换领要什么材料")
    asked = group(browser_page, "申请人今年多少周岁？")
    field = asked.get_by_role("textbox")
    field.fill("三十")
    browser_page.keyboard.press("Enter")
    expect(asked.get_by_role("alert")).to_contain_text("请填数字")
    field.fill("300")
    browser_page.keyboard.press("Enter")
    expect(asked.get_by_role("alert")).to_contain_text("不能大于 130")
    field.fill("３０")
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator(".exchange .question").last).to_contain_text("30周岁")
    expect(newest(browser_page).locator(".chip").first).to_contain_text("30 周岁")


def test_several_ticks(browser_page: Page) -> None:
    ask(browser_page, "公共场所卫生许可证变更要什么材料")
    asked = group(browser_page, "变的是哪几项？")
    asked.get_by_label("单位名称").check()
    asked.get_by_label("负责人", exact=True).check()
    with browser_page.expect_request("**/api/consult/messages") as sent:
        asked.get_by_role("button", name="选好了").click()
    assert sent.value.post_data_json["choice"]["value"] == ["unit_name", "person_in_charge"]
    expect(browser_page.locator(".exchange .question").last).to_contain_text("单位名称、负责人")
    expect(newest(browser_page).locator(".chip").first).to_contain_text("单位名称、负责人")


def test_by_keyboard_alone(browser_page: Page) -> None:
    ask(browser_page, SHOP)
    expect(group(browser_page, AIR)).to_be_focused()
    browser_page.keyboard.press("Tab")
    expect(group(browser_page, AIR).get_by_role("button", name="是", exact=True)).to_be_focused()
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.press("Enter")
    expect(newest(browser_page)).to_have_attribute("data-status", "answered")
    expect(browser_page.get_by_label("想问什么")).to_be_focused()


def test_personal_data_are_hidden_and_it_is_said(browser_page: Page) -> None:
    ask(browser_page, "我的身份证号是11010519491231002X，食品经营许可新办要多久")
    expect(newest(browser_page).locator(".masked")).to_have_text(re.compile("已隐去您的证件号码"))


def test_axe_finds_nothing_wrong_while_it_asks(open_page: OpenPage) -> None:
    page = open_page("/")
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size(ViewportSize(width=width, height=height))
        for question in (VENUE, "公共场所卫生许可证变更要什么材料", "居民身份证到期换领要什么材料", SHOP):
            ask(page, question)
            expect(page.locator(".asking")).to_be_visible()
            assert violations(page) == []
            assert not scrolls_sideways(page)
            page.get_by_role("button", name="新对话").click()
        page.get_by_label("想问什么").fill("增值税一般纳税人登记要什么材料")
        page.keyboard.press("Enter")
        expect(newest(page)).to_have_attribute("data-status", "answered")
        page.get_by_role("button", name="依据").first.click()
        expect(page.locator(".citation blockquote").first).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="新对话").click()
