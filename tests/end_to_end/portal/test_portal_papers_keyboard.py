"""The page for papers without a mouse: in a real browser against the real hub with its real OCR."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import OpenPage
from tests.end_to_end.portal.papers_page import editor, hand_in, mark, row
from tests.end_to_end.server import Hub


def open_keys(document: dict[str, Any]) -> list[str]:
    """Fields that need a look, in their order."""
    return [
        f"{paper['number']}/{field['id']}"
        for paper in document["papers"]
        for field in paper["fields"]
        if field["level"] != "sure"
    ]


def focus_on_field(page: Page, key: str) -> None:
    expect(page.locator(f'[data-field="{key}"]')).to_be_focused()


def test_what_needs_a_look_is_reached_and_settled_by_keys(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    document = hand_in(page, papers / "hygiene-licence.jpg")
    keys = open_keys(document)
    assert len(keys) >= 2, "the paper was chosen because not all of it can be read"
    expect(page.get_by_role("button", name="下一处待核对")).to_have_attribute("aria-keyshortcuts", "Alt+N")
    for key in keys:
        page.keyboard.press("Alt+n")
        focus_on_field(page, key)
    # Round again.
    page.keyboard.press("Alt+n")
    focus_on_field(page, keys[0])
    # The Tab key leaves out what is sure.
    page.keyboard.press("Tab")
    focus_on_field(page, keys[1])
    # Something typed is not lost to the shortcut.
    page.keyboard.press("Enter")
    page.keyboard.type("2022-12-2")
    page.keyboard.press("Alt+n")
    expect(page.locator(".editor textarea")).to_be_focused()
    expect(page.locator(".editor [role=alert]")).to_contain_text("还没有保存")
    page.locator(f'[data-field="{keys[0]}"]').click()
    expect(page.locator(".editor textarea")).to_have_value(re.compile("2022-12-2$"))
    page.keyboard.press("Escape")
    focus_on_field(page, keys[1])
    # One after the other: open, nothing on the paper, saved.
    for left, key in reversed(list(enumerate(reversed(keys)))):
        page.keyboard.press("Alt+n")
        page.keyboard.press("Enter")
        expect(page.locator(".editor textarea")).to_be_focused()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.press("Delete")
        with page.expect_response(lambda one: one.request.method == "PUT"):
            page.keyboard.press("Enter")
        expect(page.locator(".editor")).to_have_count(0)
        expect(page.locator(".field.absent")).to_have_count(len(keys) - left)
        assert key
    expect(page.locator(".summary")).to_contain_text("都可采用")
    expect(page.get_by_role("button", name="下一处待核对")).to_have_count(0)


def test_a_value_that_is_right_is_confirmed_with_two_keys(open_page: OpenPage, papers: Path, hub: Hub) -> None:
    page = open_page("/papers")
    document = hand_in(page, papers / "business-licence-turned.jpg")
    doubtful = [field for field in document["papers"][0]["fields"] if field["level"] == "check"]
    assert doubtful, "the paper was chosen because something on it is doubtful"
    field = page.locator(f'[data-field="1/{doubtful[0]["id"]}"]')
    field.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="核对无误")).to_be_visible()
    with page.expect_response(lambda one: one.request.method == "PUT") as saved:
        page.keyboard.press("Enter")
    assert saved.value.request.post_data_json == {"value": doubtful[0]["value"]}
    expect(field).to_contain_text("已核对")
    expect(field).to_be_focused()
    # Kept by the hub, not by this window.
    kept = httpx.get(f"{hub.url}/api/documents/{document['document_id']}").json()["papers"][0]["fields"]
    assert next(one for one in kept if one["id"] == doubtful[0]["id"])["confirmed"] is True


def test_arrows_go_from_field_to_field_and_from_box_to_box(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    document = hand_in(page, papers / "form.png")
    keys = [f"1/{field['id']}" for field in document["papers"][0]["fields"]]
    page.get_by_role("tab", name="字段").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="文字")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="字段")).to_be_focused()
    row(page, "申请人").focus()
    for key in keys[1:3]:
        page.keyboard.press("ArrowDown")
        focus_on_field(page, key)
        expect(page.locator(".overlay .mark.active")).to_have_attribute("data-mark", key)
    page.keyboard.press("End")
    focus_on_field(page, keys[-1])
    page.keyboard.press("ArrowDown")
    focus_on_field(page, keys[-1])
    page.keyboard.press("Home")
    focus_on_field(page, keys[0])
    # Boxes on the page are one stop; a box lights its field, Enter goes to it.
    mark(page, keys[0]).focus()
    page.keyboard.press("ArrowDown")
    expect(mark(page, keys[1])).to_be_focused()
    expect(page.locator(".field.active")).to_have_attribute("data-field", keys[1])
    page.keyboard.press("Enter")
    focus_on_field(page, keys[1])
    # Out of the page's boxes with one more Tab.
    mark(page, keys[1]).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.overlay') === null")
    assert violations(page) == []


def test_a_box_is_drawn_with_the_arrow_keys(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    document = hand_in(page, papers / "form.png")
    phone = next(field for field in document["papers"][0]["fields"] if field["id"] == "phone")
    row(page, "联系电话").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="在页面上框选").focus()
    page.keyboard.press("Enter")
    layer = page.get_by_role("application", name="为“联系电话”在页面上框选")
    expect(layer).to_be_focused()
    assert violations(page) == []
    # No trap: Tab leaves it, and so does Esc.
    page.keyboard.press("Tab")
    expect(layer).not_to_be_focused()
    layer.focus()
    page.keyboard.press("Escape")
    expect(editor(page, "联系电话")).to_be_focused()
    page.get_by_role("button", name="在页面上框选").focus()
    page.keyboard.press("Enter")
    expect(layer).to_be_focused()
    # The first arrow puts the box where the field was read; then it is moved and made larger.
    for key in ("ArrowDown", "ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(layer.get_by_role("status")).to_contain_text("框从左")
    with page.expect_response(lambda one: one.url.endswith("/regions")) as read:
        page.keyboard.press("Enter")
    asked = read.value.request.post_data_json
    xs = [x for x, _ in phone["places"][0]["box"]]
    assert asked["left"] == pytest.approx(min(xs) - 0.01, abs=0.002)
    assert asked["right"] == pytest.approx(max(xs) + 0.01, abs=0.002)
    value = editor(page, "联系电话")
    expect(value).to_be_focused()
    expect(page.locator(".editor .told")).to_contain_text("框内读到")
    expect(value).to_have_value(phone["value"])
