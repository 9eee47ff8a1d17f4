"""Made-up submissions at the running hub, read by its real OCR and checked by its real rules."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.end_to_end.portal.conftest import PAPERS, OpenPage
from tests.end_to_end.server import Hub

ITEM = "public-venue-hygiene-renew"
ITEM_NAME = "公共场所卫生许可证延续"
ANSWERS = {"licence_state": "over_30", "changed": "none", "central_air": False, "applicant": "self"}
CHECKED_SECONDS = 120


def clerk_key(hub: Hub, name: str) -> str:
    made = httpx.post(
        hub.url + "/api/keys", json={"name": name, "role": "clerk"}, headers={"X-API-Key": hub.admin_key}, timeout=30
    )
    return str(made.json()["token"])


class Api:
    """/api/submissions with a clerk's key, or nobody's."""

    def __init__(self, hub: Hub, key: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.address = hub.url + "/api/submissions"
        self.client = httpx.Client(headers=headers, timeout=60)

    def __call__(self, method: str, path: str, **said: Any) -> Any:
        answer = self.client.request(method, self.address + path, **said)
        answer.raise_for_status()
        return answer.json()


def handed_in(hub: Hub, papers: Sequence[str]) -> dict[str, Any]:
    """A submission of an applicant without a key, its papers read and checked, with the office."""
    api = Api(hub)
    draft = api("POST", "", json={"item_id": ITEM, "answers": ANSWERS, "draft": True})
    for name in papers:
        api("POST", f"/{draft['id']}/papers", files=[("file", (name, Path(PAPERS / name).read_bytes()))])
    checked(api, draft["id"])
    api("POST", f"/{draft['id']}/steps", json={"step": "submit", "revision": api("GET", f"/{draft['id']}")["revision"]})
    return checked(api, draft["id"])


def checked(api: Api, submission_id: str) -> dict[str, Any]:
    """The submission once its report holds."""
    deadline = time.monotonic() + CHECKED_SECONDS
    while time.monotonic() < deadline:
        view: dict[str, Any] = api("GET", f"/{submission_id}")
        if view["report"] and not view["report"]["stale"]:
            return view
        time.sleep(0.2)
    raise AssertionError("the submission was not checked in time")


def open_case(open_page: OpenPage, key: str, path: str, *, phone: bool = False) -> Page:
    """The desk as a clerk with this key finds it."""
    page = open_page(path, phone=phone)
    page.get_by_label("密钥").fill(key)
    page.get_by_role("button", name="进入").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()
    return page


def card(page: Page, finding: dict[str, Any]) -> Locator:
    """A finding beside the page."""
    return page.locator(f'.finding-card[data-finding="{finding["key"]}"]')
