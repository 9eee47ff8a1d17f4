"""The chat page in a real browser against the real hub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.portal.conftest import OpenPage, scrolls_sideways
from tests.end_to_end.server import Hub, start, stop

QUESTION = "增值税一般纳税人登记要什么材料"
"""Answered at once: nothing of it depends on the person."""


def ask(page: Page, text: str) -> None:
    page.get_by_label("想问什么").fill(text)
    page.keyboard.press("Enter")


def test_a_question_gets_an_answer_with_its_source(browser_page: Page) -> None:
    ask(browser_page, QUESTION)
    answer = browser_page.locator('article[data-status="answered"]')
    expect(answer).to_have_count(1)
    expect(answer.locator(".item-name")).to_contain_text("增值税")
    expect(answer.locator(".item .element")).to_have_text("申请材料")
    expect(answer.locator("li").first).to_be_attached()
    quoted = answer.locator(".quoted").first
    source = quoted.locator(".citation")
    expect(source).to_be_hidden()
    # What is quoted stands in the section, word for word; lists lose only their marks on the page.
    words = quoted.locator(".answer-text").first.locator("p, li").first.inner_text().splitlines()[0]
    assert words.strip()
    quoted.get_by_role("button", name="依据").click()
    expect(source).to_be_visible()
    expect(source.locator("code")).to_contain_text("/materials@")
    expect(source.locator("blockquote .answer-text")).to_contain_text(words)


def test_the_conversation_goes_on_and_can_be_begun_anew(browser_page: Page) -> None:
    ask(browser_page, QUESTION)
    expect(browser_page.locator("article.answer")).to_have_count(1)
    sessions: list[object] = []
    browser_page.on(
        "request",
        lambda request: (
            sessions.append(request.post_data_json["session_id"]) if request.url.endswith("/messages") else None
        ),
    )
    ask(browser_page, "要多少钱")
    expect(browser_page.locator("article.answer")).to_have_count(2)
    expect(browser_page.locator(".question").first).to_have_text("您问：" + QUESTION)
    browser_page.get_by_role("button", name="新对话").click()
    expect(browser_page.locator("article.answer")).to_have_count(0)
    expect(browser_page.get_by_role("heading", name="您好，想办什么事？")).to_be_visible()
    ask(browser_page, QUESTION)
    expect(browser_page.locator("article.answer")).to_have_count(1)
    assert isinstance(sessions[0], str)
    assert sessions[1] is None


def test_a_hot_question_is_one_click(browser_page: Page) -> None:
    hot = browser_page.locator(".welcome button.question").first
    words = hot.inner_text().strip()
    hot.click()
    expect(browser_page.locator(".exchange .question")).to_have_text("您问：" + words)
    expect(browser_page.locator("article.answer")).to_have_count(1)


def test_markup_in_a_message_stays_text(browser_page: Page) -> None:
    evil = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>居住证'
    ask(browser_page, evil)
    expect(browser_page.locator(".exchange .question")).to_have_text("您问：" + evil)
    expect(browser_page.locator("article.answer")).to_have_count(1)
    assert browser_page.evaluate("window.hurt") is None
    assert browser_page.locator(".log img, .log script").count() == 0


def test_unanswerable_shows_no_sources(browser_page: Page) -> None:
    ask(browser_page, "火星移民局怎么预约登月飞船")
    answer = browser_page.locator("article.answer")
    expect(answer).to_have_count(1)
    assert answer.get_attribute("data-status") in ("not_found", "refused", "clarify")
    expect(answer.locator(".sign")).to_be_visible()
    expect(answer.get_by_role("button", name="依据")).to_have_count(0)


def test_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/papers")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
    chat = page.get_by_role("link", name="智能咨询")
    for _ in range(5):
        page.keyboard.press("Tab")
        if chat.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    # A page with a keyboard before it opens with the cursor in the input.
    expect(page.get_by_label("想问什么")).to_be_focused()
    page.keyboard.type("增值税一般纳税人登记")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("要什么材料")
    assert page.get_by_label("想问什么").input_value() == "增值税一般纳税人登记\n要什么材料"
    page.keyboard.press("Enter")
    sources = page.get_by_role("button", name="依据").first
    expect(sources).to_be_visible()
    expect(page.get_by_label("想问什么")).to_be_focused()
    for _ in range(30):
        if sources.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    assert sources.evaluate("element => getComputedStyle(element).boxShadow") != "none"
    page.keyboard.press("Enter")
    expect(page.locator(".citation").first).to_be_visible()


def test_enter_that_picks_a_word_does_not_send(browser_page: Page) -> None:
    field = browser_page.get_by_label("想问什么")
    field.fill("juzhuzheng")
    for composing in ("isComposing: true", "keyCode: 229"):
        field.evaluate(
            f"(e) => e.dispatchEvent(new KeyboardEvent('keydown', {{key: 'Enter', bubbles: true, {composing}}}))"
        )
    expect(browser_page.locator(".exchange")).to_have_count(0)
    field.evaluate("(e) => e.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}))")
    expect(browser_page.locator(".exchange")).to_have_count(1)


def test_without_a_network_nothing_typed_is_lost(browser_page: Page) -> None:
    browser_page.context.set_offline(True)
    ask(browser_page, QUESTION)
    failure = browser_page.get_by_role("alert")
    expect(failure).to_contain_text("网络")
    failure.get_by_role("button", name="改一改再发").click()
    expect(browser_page.get_by_label("想问什么")).to_have_value(QUESTION)
    browser_page.keyboard.press("Enter")
    expect(failure).to_be_visible()
    browser_page.context.set_offline(False)
    failure.get_by_role("button", name="重试").click()
    expect(browser_page.locator('article[data-status="answered"]')).to_have_count(1)


@pytest.fixture(scope="module")
def strict_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that lets strangers ask little."""
    folder = tmp_path_factory.mktemp("strict")
    running = start(folder, KAOPU_ANONYMOUS_LIMIT="2/minute", KAOPU_PRELOAD="e5-small-zh")
    yield running
    stop(running)


def test_over_the_limit_says_when_to_come_back(open_page: OpenPage, strict_hub: Hub) -> None:
    page = open_page("/", url=strict_hub.url)
    failure = page.get_by_role("alert")
    for number in range(1, 5):
        ask(page, QUESTION)
        expect(page.locator("article.answer, .failure")).to_have_count(number)
        if failure.count():
            break
    expect(failure.locator(".code")).to_have_text("rate_limited")
    retry = failure.get_by_role("button", name="秒后可重试")
    expect(retry).to_be_disabled()
    expect(page.locator(".exchange .question").last).to_have_text("您问：" + QUESTION)


def test_the_version_for_elders_is_larger_and_stays(browser_page: Page) -> None:
    size = "parseFloat(getComputedStyle(document.querySelector('.welcome p')).fontSize)"
    before = browser_page.evaluate(size)
    browser_page.get_by_role("switch", name="长辈版").press("Space")
    expect(browser_page.locator("html")).to_have_class("elder")
    assert browser_page.evaluate(size) >= before * 1.2
    browser_page.reload()
    expect(browser_page.locator("html")).to_have_class("elder")
    expect(browser_page.locator(".rail")).to_have_count(0)


def test_on_a_phone_nothing_scrolls_sideways(open_page: OpenPage) -> None:
    page = open_page("/", phone=True)
    assert not scrolls_sideways(page)
    with page.expect_request("**/api/consult/messages") as sent:
        ask(page, QUESTION)
    assert sent.value.post_data_json["channel"] == "mobile"
    page.get_by_role("button", name="依据").first.click()
    expect(page.locator(".citation").first).to_be_visible()
    assert not scrolls_sideways(page)
    page.get_by_text("长辈版").click()
    expect(page.locator("html")).to_have_class("elder")
    assert not scrolls_sideways(page)


def test_an_unknown_address_has_a_page_that_leads_on(open_page: OpenPage) -> None:
    page = open_page("/no-such-page")
    expect(page.get_by_role("heading", name="没有这个页面")).to_be_visible()
    page.get_by_role("link", name="去材料识读").click()
    expect(page).to_have_title("材料识读 · 靠普智枢")


LISTENER = """
delete window.SpeechRecognition
window.webkitSpeechRecognition = class extends EventTarget {
  start() {
    const heard = Object.assign(new Event('result'), { results: [[{ transcript: '老年综合津贴有什么条件' }]] })
    setTimeout(() => { this.dispatchEvent(heard); this.dispatchEvent(new Event('end')) }, 50)
  }
  stop() {}
  abort() {}
}
"""


def test_elders_may_speak_where_the_browser_listens(open_page: OpenPage) -> None:
    page = open_page("/", phone=True)
    speak = page.get_by_role("button", name="说话")
    expect(speak).to_have_count(0)
    # Chromium's own recognition needs its maker's servers: what it hands to a page is played here.
    page.add_init_script(LISTENER)
    page.reload()
    page.get_by_text("长辈版").click()
    speak.click()
    expect(page.get_by_label("想问什么")).to_have_value("老年综合津贴有什么条件")
    assert not scrolls_sideways(page)
    page.add_init_script("delete window.SpeechRecognition; delete window.webkitSpeechRecognition")
    page.reload()
    expect(page.locator("html")).to_have_class("elder")
    expect(speak).to_have_count(0)
