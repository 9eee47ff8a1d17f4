"""A case over the wire of a real server that is killed (kill -9) again and again while papers are handed in, read and checked."""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw

from tests.end_to_end.server import Hub, start, stop

WAIT = 180.0
ITEM = "public-venue-hygiene-cancel"
MODELS = "ocr-zh,paper-kind"


def paper(number: int) -> bytes:
    """A page with some print on it."""
    image = Image.new("RGB", (600, 400), "white")
    ImageDraw.Draw(image).text((60, 60), f"PAPER {number} 2026", fill="black", font_size=48)
    content = BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


class Caller:
    def __init__(self, hub: Hub, key: str) -> None:
        self.client = httpx.Client(base_url=hub.url, headers={"X-API-Key": key}, timeout=60)

    def __call__(self, method: str, path: str, **more: Any) -> Any:
        response = self.client.request(method, f"/api/submissions{path}", **more)
        assert response.status_code < 300, response.text
        return response.json()

    def until(self, path: str, ready: Any) -> Any:
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            seen = self("GET", path)
            if ready(seen):
                return seen
            time.sleep(0.2)
        raise AssertionError(f"not reached: {seen['state']} {seen['report'] and seen['report']['stale']}")


def killed(hub: Hub, folder: Path) -> Hub:
    """Killed without warning, and started again over the same data."""
    hub.process.kill()
    hub.process.wait()
    return start(folder, ready=False, KAOPU_PRELOAD=MODELS)


def test_a_case_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    hub = start(tmp_path, ready=False, KAOPU_PRELOAD=MODELS)
    try:
        admin = Caller(hub, hub.admin_key)
        made = admin("POST", "", json={"item_id": ITEM}, headers={"Idempotency-Key": "open"})
        path = f"/{made['id']}"
        hub = killed(hub, tmp_path)

        admin = Caller(hub, hub.admin_key)
        again = admin("POST", "", json={"item_id": ITEM}, headers={"Idempotency-Key": "open"})
        assert again["id"] == made["id"]
        files = [("file", (f"{number}.png", paper(number))) for number in range(3)]
        taken = admin("POST", path + "/papers", files=files, headers={"Idempotency-Key": "papers"})
        assert len(taken["submission"]["documents"]) == 3
        hub = killed(hub, tmp_path)  # while they are being read

        admin = Caller(hub, hub.admin_key)
        taken = admin("POST", path + "/papers", files=files, headers={"Idempotency-Key": "papers"})
        assert len(taken["submission"]["documents"]) == 3  # taken before, not again
        body = {"step": "submit", "revision": taken["submission"]["revision"]}
        admin("POST", path + "/steps", json=body, headers={"Idempotency-Key": "submit"})
        hub = killed(hub, tmp_path)

        admin = Caller(hub, hub.admin_key)
        seen = admin.until(path, lambda seen: seen["report"] and not seen["report"]["stale"])
        assert seen["state"] == "received"
        assert {one["status"] for one in seen["documents"]} == {"done"}
        claimed = admin("POST", path + "/claim")
        body = {"step": "accept", "revision": claimed["revision"], "reason": "材料已在窗口核对"}
        accepted = admin("POST", path + "/steps", json=body, headers={"Idempotency-Key": "accept"})
        hub = killed(hub, tmp_path)

        admin = Caller(hub, hub.admin_key)
        same = admin("POST", path + "/steps", json=body, headers={"Idempotency-Key": "accept"})
        assert same == accepted
        what = [line["what"] for line in admin("GET", path + "/history")]
        for once in ("opened", "submit", "accept"):
            assert what.count(once) == 1
        assert what.count("paper_added") == 3
    finally:
        stop(hub)
