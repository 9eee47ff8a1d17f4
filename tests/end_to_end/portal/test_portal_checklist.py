"""A person's 一次告知单 in a real browser against the real hub: from the answer to the page, by link, on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, ViewportSize, expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import scrolls_sideways

SHOP = "我要开理发店，公共场所卫生许可证新办要什么材料"
AIR = "场所使用集中空调通风系统吗？"
REPORT = "集中空调通风系统卫生检测"


def made(page: Page, *, air: str) -> None:
    """Ask, answer the one question that is left, and have the list made."""
    page.get_by_label("想问什么").fill(SHOP)
    page.keyboard.press("Enter")
    page.get_by_role("group", name=AIR).get_by_role("button", name=air, exact=True).click()
    page.get_by_role("button", name="生成我的一次告知单").click()
    expect(page).to_have_url(re.compile(r"/checklists/[\w-]{20,}$"))
    expect(page.locator("article.sheet")).to_be_visible()


def test_the_list_holds_what_this_person_needs(browser_page: Page) -> None:
    made(browser_page, air="否")
    sheet = browser_page.locator("article.sheet")
    expect(sheet.get_by_role("heading", level=1)).to_be_focused()
    expect(sheet).to_contain_text("按您的情况")
    expect(sheet).not_to_contain_text(REPORT)
    for heading in ("要准备的材料", "怎么办理", "多久办好", "去哪里办", "依据"):
        expect(sheet.get_by_role("heading", name=heading)).to_have_count(1)
    first = sheet.get_by_role("checkbox").first
    first.check()
    expect(sheet.locator(".count")).to_contain_text("已备齐 1 份")
    with browser_page.expect_download() as download:
        browser_page.get_by_role("link", name="存为 PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    # The sources name the version that it was made from.
    expect(sheet.locator("footer code").first).to_contain_text(re.compile(r"^public-venue-hygiene-\w+/\w+@\d+$"))


def test_who_has_the_address_opens_it(browser_page: Page) -> None:
    made(browser_page, air="是")
    address = browser_page.url
    browser_page.evaluate("sessionStorage.clear(); localStorage.clear()")
    browser_page.goto("about:blank")
    browser_page.goto(address)
    expect(browser_page.locator("article.sheet")).to_contain_text(REPORT)
    browser_page.goto(address[:-4] + "xxxx")
    expect(browser_page.get_by_role("alert")).to_contain_text("告知单")
    expect(browser_page.locator("article.sheet")).to_have_count(0)


def test_on_a_phone_and_for_a_screen_reader(browser_page: Page) -> None:
    browser_page.set_viewport_size(ViewportSize(width=390, height=844))
    made(browser_page, air="是")
    assert not scrolls_sideways(browser_page)
    assert violations(browser_page) == []
