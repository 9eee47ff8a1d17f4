"""What a language model has worded, in a real browser: marked as such, with the guide's own words one click away."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import OpenPage, scrolls_sideways
from tests.end_to_end.server import Hub


@pytest.mark.parametrize("phone", [False, True])
def test_the_wording_is_marked_and_the_original_in_reach(open_page: OpenPage, wording_hub: Hub, phone: bool) -> None:
    page = open_page("/", phone=phone, url=wording_hub.url)
    box = page.get_by_label("想问什么")
    box.fill("公司注销登记要多久")
    box.press("Enter")
    answer = page.locator('article[data-status="answered"]')
    expect(answer.get_by_text("由大模型改写，已逐句核对")).to_be_visible()
    expect(answer).to_contain_text("法定办结时限是")
    quoted = answer.locator(".guide")
    expect(quoted).to_be_hidden()
    assert violations(page) == []
    answer.get_by_text("查看指南原文和出处").click()
    expect(quoted).to_be_visible()
    expect(quoted).to_contain_text("法定办结时限：")
    expect(quoted.get_by_text("依据").first).to_be_visible()
    assert not scrolls_sideways(page)
    assert violations(page) == []
