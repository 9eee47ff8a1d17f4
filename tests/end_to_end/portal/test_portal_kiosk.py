"""The kiosk in a real browser against the real hub: large, and with no trace of the visitor before."""

from __future__ import annotations

from playwright.sync_api import Page, ViewportSize, expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import OpenPage, scrolls_sideways

WORDS = "我的事情不想让下一位看到"


def kiosk(open_page: OpenPage) -> Page:
    """A kiosk whose time the test moves."""
    page = open_page("/kiosk")
    page.clock.install()
    page.reload()
    expect(page.locator(".questions button").first).to_be_visible()
    return page


def test_it_forgets_who_walks_away(open_page: OpenPage) -> None:
    page = kiosk(open_page)
    sent: list[dict[str, object]] = []
    page.on("request", lambda one: sent.append(one.post_data_json) if one.url.endswith("/messages") else None)
    page.locator(".questions button").first.click()
    expect(page.locator("article.answer")).to_have_count(1)
    page.get_by_label("想问什么").fill(WORDS)
    page.clock.run_for(44_000)
    dialog = page.get_by_role("dialog", name="您还在吗？")
    expect(dialog).to_have_count(0)
    page.clock.run_for(3_000)
    expect(dialog).to_contain_text("秒后清空屏幕")
    # It does not vanish under the finger; its button stops it.
    page.mouse.move(40, 40)
    dialog.get_by_role("button", name="我还在用").click()
    expect(dialog).to_have_count(0)
    page.clock.run_for(30_000)
    expect(page.locator("article.answer")).to_have_count(1)
    expect(page.get_by_label("想问什么")).to_have_value(WORDS)
    page.clock.run_for(31_000)
    expect(page.locator("article.answer")).to_have_count(0)
    expect(dialog).to_have_count(0)
    assert WORDS not in page.content()
    expect(page.get_by_label("想问什么")).to_have_value("")
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    page.locator(".questions button").first.click()
    expect(page.locator("article.answer")).to_have_count(1)
    assert [one["session_id"] for one in sent] == [None, None]
    assert {one["channel"] for one in sent} == {"kiosk"}


def test_a_visitor_can_end_it(open_page: OpenPage) -> None:
    page = open_page("/kiosk")
    page.get_by_label("想问什么").fill(WORDS)
    page.get_by_role("button", name="发送").click()
    expect(page.locator("article.answer")).to_have_count(1)
    page.get_by_role("button", name="结束，清空").click()
    expect(page.locator("article.answer")).to_have_count(0)
    assert WORDS not in page.content()


def test_nothing_leads_away(open_page: OpenPage) -> None:
    page = open_page("/kiosk")
    page.get_by_label("想问什么").fill("护照怎么办")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("article.answer")).to_have_count(1)
    assert page.locator("a").count() == 0
    assert page.evaluate(
        "!document.body.dispatchEvent(new MouseEvent('contextmenu', {bubbles: true, cancelable: true}))"
    )
    assert page.get_by_role("button", name="复制").count() == 0


def test_it_is_large_and_axe_finds_nothing_wrong(open_page: OpenPage) -> None:
    page = open_page("/kiosk")
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size(ViewportSize(width=width, height=height))
        page.get_by_role("button", name="结束，清空").or_(page.get_by_role("heading", level=1)).first.wait_for()
        page.locator(".questions button").first.click()
        expect(page.locator("article.answer")).to_have_count(1)
        assert violations(page) == []
        assert not scrolls_sideways(page)
        heights = page.locator("button:visible").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44, heights
        page.get_by_role("button", name="结束，清空").click()
        smallest = page.locator(".questions button").first.bounding_box()
        assert smallest is not None
        assert smallest["height"] >= 60
