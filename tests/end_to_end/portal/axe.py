"""What axe-core finds wrong on a page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from core.settings import ROOT

AXE = ROOT / "portal" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[str]:
    """Rules and places. The browser itself puts axe in, past the page's content security policy."""
    if not AXE.is_file():
        pytest.skip("没有装 axe-core；运行 python portal/build.py 后再测")
    # Colours on their way are none to judge by.
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {[node['html'] for node in one['nodes']][:3]}" for one in found["violations"]]
