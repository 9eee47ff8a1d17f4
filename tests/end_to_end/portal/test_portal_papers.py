"""The page for papers, its text: in a real browser against the real hub with its real OCR."""

from __future__ import annotations

from pathlib import Path

import httpx
from playwright.sync_api import expect

from tests.end_to_end.portal.conftest import OpenPage, scrolls_sideways
from tests.end_to_end.portal.papers_page import READING_MS, bounds, choose, drop, wait_for_lines
from tests.end_to_end.server import Hub


def without_spaces(text: str) -> str:
    return "".join(text.split())


def test_a_dropped_image_shows_its_lines_over_it(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    file = papers / "hygiene-licence.jpg"
    truth = [without_spaces(line) for line in file.with_suffix(".txt").read_text("utf-8").splitlines() if line.strip()]
    with page.expect_response(lambda one: one.url.endswith("/api/documents?wait=30"), timeout=READING_MS) as handed_in:
        drop(page, file.name, "image/jpeg", file.read_bytes())
    polygons = wait_for_lines(page)
    read = handed_in.value.json()["pages"][0]["lines"]
    expect(polygons).to_have_count(len(read))
    shown = [without_spaces(text) for text in page.locator(".lines .text").all_inner_texts()]
    assert shown == [without_spaces(line["text"]) for line in read]
    found = [line for line in truth if any(line in one or one in line for one in shown)]
    assert len(found) >= 0.8 * len(truth), (truth, shown)
    # Doubt is shown by a word, not by colour alone.
    assert page.locator(".lines .check").count() == sum(line["confidence"] < 0.8 for line in read)
    image = bounds(page.locator(".viewer .sheet img"))
    box = bounds(polygons.first)
    left, top = read[0]["box"][0]
    assert abs(box["x"] - (image["x"] + left * image["width"])) < 6
    assert abs(box["y"] - (image["y"] + top * image["height"])) < 6


def test_a_line_and_its_box_light_each_other(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    choose(page, papers / "form.png")
    polygons = wait_for_lines(page)
    entries = page.locator(".lines .entry")
    entries.nth(2).hover()
    expect(page.locator(".overlay .mark.active")).to_have_count(1)
    assert "active" in (polygons.nth(2).get_attribute("class") or "")
    polygons.nth(4).hover(force=True)
    expect(entries.nth(4)).to_have_class("entry active")
    polygons.nth(4).click(force=True)
    expect(entries.nth(4)).to_be_focused()
    # By keyboard: the next line lights its box.
    page.keyboard.press("Tab")
    expect(entries.nth(5)).to_be_focused()
    assert "active" in (polygons.nth(5).get_attribute("class") or "")


def test_zoom_and_turn_keep_boxes_on_their_words(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    choose(page, papers / "form.png")
    polygons = wait_for_lines(page)
    before = polygons.first.bounding_box()
    page.get_by_role("button", name="放大").click()
    expect(page.locator(".zoom")).to_have_text("125%")
    frame = page.locator(".frame").bounding_box()
    assert frame
    page.mouse.move(frame["x"] + 100, frame["y"] + 100)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    expect(page.locator(".zoom")).not_to_have_text("125%")
    zoomed = polygons.first.bounding_box()
    assert before
    assert zoomed
    assert zoomed["width"] > before["width"] * 1.25
    page.get_by_role("button", name="看整页").click()
    page.get_by_role("button", name="向右转 90 度").click()
    turned = polygons.first.bounding_box()
    image = page.locator(".viewer .sheet img").bounding_box()
    assert turned
    assert image
    assert turned["height"] > turned["width"]
    assert image["x"] - 2 <= turned["x"] <= image["x"] + image["width"]


def test_a_page_lying_on_its_side_is_shown_upright(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    choose(page, papers / "business-licence-turned.jpg")
    polygons = wait_for_lines(page)
    boxes = [one.bounding_box() for one in polygons.all()]
    upright = [box for box in boxes if box and box["width"] > box["height"]]
    assert len(upright) > 0.8 * len(boxes)


def test_the_pages_of_a_pdf_can_be_leafed_through(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    choose(page, papers / "lease.pdf")
    wait_for_lines(page)
    pages = page.get_by_role("navigation", name="页码").get_by_role("button")
    assert pages.count() >= 2
    first = page.locator(".lines .text").all_inner_texts()
    pages.nth(1).click()
    expect(page.locator(".viewer .sheet img")).to_have_attribute("alt", "lease.pdf 第 2 页")
    wait_for_lines(page)
    assert page.locator(".lines .text").all_inner_texts() != first


def test_all_text_can_be_copied_and_nothing_is_kept(open_page: OpenPage, papers: Path, hub: Hub) -> None:
    page = open_page("/papers")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with page.expect_response(lambda one: "/api/documents?" in one.url, timeout=READING_MS) as handed_in:
        choose(page, papers / "form.png")
    wait_for_lines(page)
    page.get_by_role("button", name="复制全部文字").click()
    expect(page.get_by_text("全部文字已复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines() == page.locator(".lines .text").all_inner_texts()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    address = f"{hub.url}/api/documents/{handed_in.value.json()['document_id']}"
    assert httpx.get(address).status_code == 200
    with page.expect_response(lambda one: one.request.method == "DELETE"):
        page.get_by_role("button", name="移除 form.png").click()
    assert httpx.get(address).status_code == 404
    expect(page.locator(".drop-zone")).to_be_visible()


def test_a_file_that_is_no_picture_is_refused_in_words(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    choose(page, {"name": "证件.png", "mimeType": "image/png", "buffer": "这不是图片".encode()})
    failure = page.get_by_role("alert")
    expect(failure).to_be_visible()
    assert any("一" <= character <= "鿿" for character in failure.inner_text())
    expect(failure.locator(".code")).not_to_be_empty()
    choose(page, {"name": "空.png", "mimeType": "image/png", "buffer": b""})
    expect(failure).to_contain_text("空文件")
    # The desk goes on.
    choose(page, papers / "form.png")
    wait_for_lines(page)
    expect(page.locator(".history .entry")).to_have_count(3)
    page.get_by_role("button", name="证件.png", exact=False).first.click()
    expect(failure).to_be_visible()


def test_on_a_phone_the_image_stands_above_its_lines(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers", phone=True)
    assert not scrolls_sideways(page)
    expect(page.get_by_role("button", name="拍照")).to_be_visible()
    choose(page, papers / "hygiene-licence.jpg")
    wait_for_lines(page)
    assert not scrolls_sideways(page)
    image = page.locator(".viewer").bounding_box()
    lines = page.locator(".lines").bounding_box()
    assert image
    assert lines
    assert image["y"] + image["height"] <= lines["y"] + 1


def test_words_are_found_in_the_text_of_all_pages(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    choose(page, papers / "lease.pdf")
    wait_for_lines(page)
    field = page.get_by_label("在文字中查找")
    # Wide letters and a space more than the paper has; the word stands on its second page only.
    field.fill("食品 经营许可证")
    expect(page.locator(".search .told")).to_contain_text("在 1 页上")
    expect(page.locator(".lines .entry.found")).to_have_count(0)
    field.press("Enter")
    expect(page.locator(".viewer .sheet img")).to_have_attribute("alt", "lease.pdf 第 2 页")
    found = page.locator(".lines .entry.found")
    expect(found.first).to_contain_text("食品经营许可证")
    expect(page.locator(".overlay .mark.found")).to_have_count(found.count())
    expect(page.locator(".overlay .mark.active")).to_have_count(1)
    field.fill("这句话不在纸上")
    expect(page.locator(".search .told")).to_have_text("没有找到")
    expect(found).to_have_count(0)
