"""先自查 in a real browser against the real hub: from the item to the office, on a screen, a phone and in 长辈版."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import PAPERS, OpenPage, scrolls_sideways
from tests.end_to_end.portal.precheck.cases import ITEM, ITEM_NAME

CHECKED_MS = 120_000


def picture(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def test_an_item_is_found_in_ones_own_words(open_page: OpenPage) -> None:
    page = open_page("/selfcheck")
    assert violations(page) == []
    page.get_by_role("searchbox").fill(ITEM_NAME)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=ITEM_NAME, exact=True).click()
    expect(page.get_by_role("heading", name="许可证现在是什么情况？")).to_be_visible()
    assert page.url.endswith(f"?item={ITEM}")


def test_from_questions_to_the_office(open_page: OpenPage) -> None:
    page = open_page(f"/selfcheck?item={ITEM}")
    page.get_by_role("button", name="离到期还有 30 日以上").click()
    expect(page.get_by_role("heading", name="许可证上的内容变了吗？")).to_be_focused()
    page.get_by_role("button", name="没有变").click()
    page.get_by_role("button", name="否", exact=True).click()
    # An answer taken back is asked again, and what depends on it.
    page.get_by_role("button", name="改：许可证上的内容变了吗？").click()
    page.get_by_role("button", name="没有变").click()
    page.get_by_role("button", name="否", exact=True).click()
    page.get_by_role("button", name=re.compile("本人|自己|负责人")).first.click()
    assert violations(page) == []
    page.get_by_role("button", name="答完了，去交材料").click()
    page.wait_for_url(re.compile("/selfcheck/[0-9a-f]{32}$"))
    expect(page.locator("[data-state]")).to_have_text("自查中")
    form = page.locator(".material", has_text="申请表")
    expect(form).to_contain_text("还没有交")
    expect(page.get_by_role("button", name="提交给窗口")).to_be_disabled()

    # All together, then one that is refused: it holds up no other and is told where it stands.
    page.get_by_label("选择 全部材料 的文件").set_input_files(
        [
            picture(name, content)
            for name, content in (("form.png", (PAPERS / "form.png").read_bytes()), ("空的.png", b"none"))
        ]
    )
    expect(page.locator(".sending .bad")).to_contain_text("空的.png")
    page.get_by_role("button", name="不要了").click()
    expect(form).to_contain_text("form.png", timeout=CHECKED_MS)
    expect(page.get_by_text(re.compile("^有 [0-9]+ 处要改"))).to_be_visible(timeout=CHECKED_MS)
    expect(form).to_contain_text("怎样改：")
    expect(page.locator(".material", has_text="营业执照").first).to_be_visible()
    assert violations(page) == []
    address = page.url

    # On a phone and in 长辈版 the same address shows the same.
    phone = open_page(address.removeprefix(address.split("/selfcheck")[0]), phone=True)
    expect(phone.locator(".material").first).to_be_visible()
    assert not scrolls_sideways(phone)
    assert violations(phone) == []
    phone.locator(".elder-toggle").click()
    assert not scrolls_sideways(phone)
    assert violations(phone) == []

    # With what is still open said, and only then.
    hand_in = page.get_by_role("button", name="提交给窗口")
    expect(hand_in).to_be_disabled()
    page.get_by_label("我知道了，仍要提交").check()
    hand_in.click()
    expect(page.locator("[data-state]")).to_have_text("收件")
    expect(page.get_by_text("窗口正在审查")).to_be_visible()
    expect(page.get_by_text("一次告知")).to_be_visible()
    expect(page.get_by_role("button", name="提交给窗口")).to_have_count(0)
    assert violations(page) == []
    # The page that was left open elsewhere follows.
    expect(phone.locator("[data-state]")).to_have_text("收件")


def test_an_address_that_nobody_has_says_so(open_page: OpenPage) -> None:
    page = open_page("/selfcheck")
    page.goto(page.url + "/" + "0" * 32)
    expect(page.get_by_role("alert")).to_contain_text("没有这个办件")
