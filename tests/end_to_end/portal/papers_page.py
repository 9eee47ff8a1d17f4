"""What the tests of the page for papers do there: hand files in, wait for what was read, find fields and boxes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import httpx
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.end_to_end.server import Hub

READING_MS = 90_000

DROP = """
([name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0))
  const transfer = new DataTransfer()
  transfer.items.add(new File([bytes], name, { type }))
  const zone = document.querySelector('.drop-zone, .desk')
  for (const kind of ['dragenter', 'dragover', 'drop'])
    zone.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }))
}
"""


def drop(page: Page, name: str, media_type: str, content: bytes) -> None:
    """As if a file was dragged onto the page."""
    page.evaluate(DROP, [name, media_type, base64.b64encode(content).decode()])


def choose(page: Page, files: Path | dict[str, Any] | Sequence[Any]) -> None:
    """Choose one or several files: paths, or `name`, `mimeType` and `buffer`."""
    page.get_by_label("选择要识读的文件").first.set_input_files(cast("Any", files))


def wait_until_read(page: Page) -> None:
    """Until the file that is shown is read, and its image is there."""
    page.get_by_role("tab", name="字段").wait_for(timeout=READING_MS)
    page.locator(".viewer .sheet img.shown").wait_for()


def wait_for_lines(page: Page) -> Locator:
    """The boxes of the lines over the image, in the view of the text."""
    page.get_by_role("tab", name="文字").click(timeout=READING_MS)
    lines = page.locator(".overlay .mark")
    lines.first.wait_for()
    return lines


def hand_in(page: Page, file: Path | dict[str, Any]) -> dict[str, Any]:
    """Choose a file and wait until it is read: what the hub answered."""
    with page.expect_response(
        lambda one: one.request.method == "POST" and "/api/documents?" in one.url, timeout=READING_MS
    ) as answer:
        choose(page, file)
    wait_until_read(page)
    return cast("dict[str, Any]", answer.value.json())


def row(page: Page, name: str) -> Locator:
    """A field beside the page, by the beginning of its name."""
    return page.locator(".field", has=page.locator(".name", has_text=name)).first


def mark(page: Page, key: str) -> Locator:
    """What is marked on the page for a field, `paper/field`."""
    return page.locator(f'.overlay .mark[data-mark="{key}"]')


def bounds(locator: Locator) -> FloatRect:
    box = locator.bounding_box()
    assert box is not None
    return box


def field_of(document: dict[str, Any] | list[Any], name: str) -> dict[str, Any]:
    """A field of the hub's answer by its id: of a document or of a list of papers."""
    papers = document["papers"] if isinstance(document, dict) else document
    return next(field for paper in papers for field in paper["fields"] if field["id"] == name)


def on_screen(page: Page, box: Sequence[Sequence[float]]) -> FloatRect:
    """Where a box of the page stands on the screen; the page must not be turned."""
    image = bounds(page.locator(".viewer .sheet img"))
    left, top = min(x for x, _ in box), min(y for _, y in box)
    right, bottom = max(x for x, _ in box), max(y for _, y in box)
    return {
        "x": image["x"] + left * image["width"],
        "y": image["y"] + top * image["height"],
        "width": (right - left) * image["width"],
        "height": (bottom - top) * image["height"],
    }


def draw(page: Page, where: Callable[[], FloatRect], around: float = 3) -> dict[str, Any]:
    """Draw a box with the mouse, `around` pixels larger: what the page asked the hub to read, and its answer.

    `where` is asked once the page is ready for it: a line of advice has made room for itself by then.
    """
    page.locator(".layer").wait_for()
    box = where()
    with page.expect_response(lambda one: one.url.endswith("/regions")) as answer:
        page.mouse.move(box["x"] - around, box["y"] - around)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(box["x"] + box["width"] + around, box["y"] + box["height"] + around)
        page.mouse.up()
    return {"asked": answer.value.request.post_data_json, "answer": answer.value.json()}


def editor(page: Page, name: str) -> Locator:
    """The input of the field that is being put right."""
    return page.get_by_role("textbox", name=name, exact=True)


def hand_in_changed(page: Page, hub: Hub, file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Show a file that the hub really read, with an answer to the upload that says something more, as its contract allows.

    What no paper of the tests can be relied on to have (a repaired character, a kind that isn't told) is seen this way.
    """
    content = file.read_bytes()
    answer = httpx.post(f"{hub.url}/api/documents?wait=60", files={"file": (file.name, content)}, timeout=120)
    document = answer.json()
    change(document)
    page.route("**/api/documents?wait=*", lambda route: route.fulfill(json=document))
    choose(page, file)
    wait_until_read(page)


def put_right(page: Page, name: str, value: str) -> dict[str, Any]:
    """Type a value into a field and save it: what the page sent."""
    row(page, name).click()
    editor(page, name).fill(value)
    with page.expect_response(lambda one: one.request.method == "PUT") as answer:
        page.keyboard.press("Enter")
    assert answer.value.ok
    expect(page.locator(".editor")).to_have_count(0)
    return cast("dict[str, Any]", answer.value.request.post_data_json)
