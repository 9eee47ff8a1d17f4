"""A life event in a real browser against the real hub: asked, told, made into one list, made anew with answers; wide and on a
phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import scrolls_sideways

EVENT = "孩子出生后要办哪些证"
LIST = re.compile(r"/checklists/[\w-]{20,}$")


def told(page: Page) -> None:
    """Ask; the event answers with its items as buttons."""
    page.get_by_label("想问什么").fill(EVENT)
    page.keyboard.press("Enter")
    answer = page.locator("article.answer").last
    expect(answer).to_contain_text("一件事")
    expect(answer.get_by_role("group", name="还可以问").get_by_role("button")).to_have_count(6)


@pytest.mark.parametrize("width", [1440, 390])
def test_from_the_question_to_one_list(browser_page: Page, width: int) -> None:
    browser_page.set_viewport_size(ViewportSize(width=width, height=900))
    told(browser_page)
    assert violations(browser_page) == []
    browser_page.get_by_role("button", name="要带的东西合成一张清单").click()
    expect(browser_page).to_have_url(LIST)
    first = browser_page.url
    sheet = browser_page.locator("article.sheet")
    expect(sheet.get_by_role("heading", level=1)).to_be_focused()
    expect(sheet.locator("section.part")).to_have_count(6)
    assert not scrolls_sideways(browser_page)
    assert violations(browser_page) == []
    # What doesn't apply goes; a paper of several stands once and names who wants it.
    for question, answer in (("已经办理生育登记", "是"), ("有本区户口", "是"), ("参加了生育保险", "否")):
        sheet.get_by_role("group", name=re.compile(question)).get_by_role("radio", name=answer).check()
    sheet.get_by_role("button", name="按我的情况重新生成").click()
    expect(sheet.locator("section.part")).to_have_count(4)
    assert browser_page.url != first
    expect(sheet).to_contain_text("按您的情况")
    shared = sheet.locator("section.shared")
    paper = shared.locator("li.paper").filter(has=browser_page.get_by_text("出生医学证明", exact=True))
    expect(paper).to_have_count(1)
    expect(paper.locator("ul > li")).to_have_count(2)
    paper.get_by_role("checkbox").check()
    expect(shared.locator(".count")).to_contain_text("已备齐 1 种")
    assert not scrolls_sideways(browser_page)
    assert violations(browser_page) == []
    with browser_page.expect_download() as download:
        browser_page.get_by_role("link", name="存为 PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    # The first list keeps its address.
    browser_page.goto(first)
    expect(browser_page.locator("section.part")).to_have_count(6)


def test_a_button_leads_to_the_item(browser_page: Page) -> None:
    told(browser_page)
    group = browser_page.locator("article.answer").last.get_by_role("group", name="还可以问")
    name = group.get_by_role("button").nth(1).inner_text()
    group.get_by_role("button").nth(1).click()
    expect(browser_page.locator("article.answer").last.locator(".item-name")).to_have_text(name)
