"""A real Chromium for the tests of the pages, without a network of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.end_to_end.server import Hub

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PAPERS = Path(__file__).resolve().parents[2] / "data" / "papers"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

OpenPage = Callable[..., Page]
PATIENCE_MS = 30_000
"""How long a page may take for what a test waits for; only a failure takes that long."""

expect.set_options(timeout=PATIENCE_MS)


# Not for the whole session: while it is open, Playwright's event loop would be in the way of the asyncio tests.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("没有装 Chromium，网页测试跳过；装好 chromium 后再运行")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, hub: Hub) -> Iterator[OpenPage]:
    """`open_page("/papers", phone=True)`: a fresh visitor. Errors of the page, and requests that leave the hub, fail."""
    contexts = []
    troubles: list[str] = []

    def open_one(path: str = "/", *, phone: bool = False, url: str = hub.url) -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP, is_mobile=phone, has_touch=phone, locale="zh-CN"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: troubles.append(f"页面出错: {error}"))
        page.on(
            "console",
            lambda message: (
                troubles.append(f"违反内容安全策略: {message.text}")
                if "Content Security Policy" in message.text
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((url + "/", "blob:", "data:")) else troubles.append(request.url)
            ),
        )
        page.goto(url + path)
        page.wait_for_selector("h1", state="attached")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def browser_page(open_page: OpenPage) -> Page:
    """The chat as a visitor at a desk finds it."""
    return open_page("/")


@pytest.fixture(scope="session")
def papers() -> Path:
    """Made-up papers, each with a .txt of what stands on it."""
    return PAPERS


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
