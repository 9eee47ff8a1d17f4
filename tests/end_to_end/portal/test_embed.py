"""`<kaopu-chat>` in somebody else's page, on another port, with a strict content security policy."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.server import Hub, free_port, start, stop

QUESTION = "增值税一般纳税人登记要什么材料"
SITE_STYLES = b"""html { font-size: 10px } body { font-family: serif; color: #800; text-align: center }
button { background: yellow; border: 5px solid red } p { text-transform: uppercase; margin: 40px }"""

Visit = Callable[..., Page]


def serve_site(port: int, hub: str) -> ThreadingHTTPServer:
    """A bureau's site: one page with the chat, a style sheet that is not meant for it, and nothing inline allowed."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            styles = self.path == "/site.css"
            opened = " open" if self.path == "/open" else ""
            page = (
                '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>某局</title>'
                '<meta name="viewport" content="width=device-width, initial-scale=1">'
                '<link rel="stylesheet" href="/site.css">'
                f'<script async src="{hub}/embed/kaopu-chat.js"></script></head>'
                f"<body><main><h1>某局</h1><p>正文</p></main><kaopu-chat{opened}></kaopu-chat></body></html>"
            )
            body = SITE_STYLES if styles else page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if styles else "text/html; charset=utf-8")
            self.send_header(
                "Content-Security-Policy",
                f"default-src 'self'; script-src {hub}; connect-src {hub}; style-src 'self'",
            )
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def sites(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Two sites: one that the hub's settings name, and one that they don't."""
    folder = tmp_path_factory.mktemp("embed")
    shutil.copytree(hub.folder / "var" / "index", folder / "var" / "index")
    ports = free_port(), free_port()
    named, other = (f"http://127.0.0.1:{port}" for port in ports)
    running = start(folder, KAOPU_EMBED_ORIGINS=named, KAOPU_PRELOAD="e5-small-zh")
    servers = [serve_site(port, running.url) for port in ports]
    yield named, other
    for server in servers:
        server.shutdown()
        server.server_close()
    stop(running)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A fresh visitor of a page; whatever the policy forbids, and every error of the page, fails."""
    contexts = []
    troubles: list[str] = []

    def visit_one(address: str, *, width: int = 1440, height: int = 900) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None,
        )
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (one) =>"
            " console.error('Content Security Policy ' + one.violatedDirective))"
        )
        page.goto(address)
        return page

    yield visit_one
    for context in contexts:
        context.close()
    assert troubles == []


def test_it_answers_in_a_page_with_a_strict_policy(visit: Visit, sites: tuple[str, str]) -> None:
    page = visit(sites[0] + "/")
    launcher = page.get_by_role("button", name="办事咨询")
    launcher.click()
    field = page.get_by_label("想问什么")
    expect(field).to_be_focused()
    with page.expect_request("**/api/consult/messages") as sent:
        page.keyboard.type(QUESTION)
        page.keyboard.press("Enter")
    assert sent.value.post_data_json["channel"] == "embed"
    answer = page.locator('kaopu-chat article[data-status="answered"]')
    expect(answer).to_have_count(1)
    answer.get_by_role("button", name="依据").first.click()
    expect(answer.locator(".citation code").first).to_contain_text("/materials@")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(launcher).to_be_focused()
    launcher.click()
    expect(answer).to_be_visible()


def test_the_two_pages_styles_stay_apart(visit: Visit, sites: tuple[str, str]) -> None:
    page = visit(sites[0] + "/open")
    field = page.get_by_label("想问什么")
    expect(field).to_be_visible()
    # The site's rem is 10 px, its buttons are yellow, its paragraphs in capitals: none of it comes in, nothing goes out.
    assert field.evaluate("(one) => getComputedStyle(one).fontSize") == "16px"
    launcher = page.get_by_role("button", name="收起").last
    assert launcher.evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(31, 95, 191)"
    assert page.locator(".hello").evaluate("(one) => getComputedStyle(one).textAlign") != "center"
    assert page.locator("h1").evaluate("(one) => getComputedStyle(one).fontFamily") == "serif"
    page.get_by_role("button", name="大字").click()
    assert field.evaluate("(one) => getComputedStyle(one).fontSize") == "20px"
    assert page.evaluate("[document.documentElement.className, localStorage.length]") == ["", 0]


def test_axe_finds_nothing_wrong_in_it(visit: Visit, sites: tuple[str, str]) -> None:
    for width, height in ((1440, 900), (390, 844)):
        page = visit(sites[0] + "/open", width=width, height=height)
        page.get_by_label("想问什么").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator("kaopu-chat article.answer")).to_have_count(1)
        assert violations(page) == []


def test_a_site_that_is_not_named_gets_nothing(visit: Visit, sites: tuple[str, str]) -> None:
    page = visit(sites[1] + "/open")
    page.get_by_label("想问什么").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("kaopu-chat").get_by_role("alert")).to_contain_text("网络没有连上")
    expect(page.locator("kaopu-chat article")).to_have_count(0)
