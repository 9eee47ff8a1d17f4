"""A citizen and a clerk over the wire of the running hub: a real server, a real stream of events, a restart in between."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue
from typing import Any

import httpx

from tests.end_to_end.server import CHAT, Hub, start, stop

QUESTION = "公共场所卫生许可证注销在哪里办"
WAIT = 30.0


class Listener:
    """What a citizen's page hears, read by a thread as the bytes come in; `last` is the id it would go on from."""

    def __init__(self, hub: Hub, session_id: str, last: str | None = None) -> None:
        self.heard: Queue[tuple[str, Any] | None] = Queue()
        self.last = last
        self.response: httpx.Response | None = None
        self._address = f"{hub.url}/api/consult/sessions/{session_id}/events"
        self._client = httpx.Client(timeout=httpx.Timeout(WAIT))
        self._stream = self._client.stream("GET", self._address, headers={"Last-Event-ID": last} if last else {})

    def __enter__(self) -> Listener:
        self.response = self._stream.__enter__()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def _read(self) -> None:
        event: dict[str, str] = {}
        assert self.response is not None
        try:
            for line in self.response.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    event[name] = value
                    continue
                self.last = event.get("id", self.last)
                if "event" in event:
                    self.heard.put((event["event"], json.loads(event["data"])))
                event = {}
        except httpx.HTTPError:
            pass
        self.heard.put(None)

    def next(self) -> tuple[str, Any]:
        found = self.heard.get(timeout=WAIT)
        assert found is not None, "the stream ended"
        return found

    def text(self) -> str:
        kind, data = self.next()
        assert kind == "message", (kind, data)
        return str(data["text"])

    def state(self) -> str:
        kind, data = self.next()
        assert kind == "handover", (kind, data)
        return str(data["state"])

    def __exit__(self, *_: object) -> None:
        assert self.response is not None
        # A page that is closed drops its connection without a word; closing alone would not wake the thread that reads.
        with suppress(OSError):
            self.response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._thread.join(WAIT)
        self.response.close()
        self._client.close()


class Clerk:
    def __init__(self, hub: Hub, name: str) -> None:
        made = httpx.post(
            hub.url + "/api/keys",
            json={"name": name, "role": "clerk"},
            headers={"X-API-Key": hub.admin_key},
            timeout=WAIT,
        )
        assert made.status_code in (200, 201), made.text
        self.key = str(made.json()["token"])
        self._hub = hub

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(
            method,
            f"{self._hub.url}/api/consult/desk{path}",
            json=body,
            headers={"X-API-Key": self.key},
            timeout=WAIT,
        )
        assert answer.status_code < 300, answer.text
        return answer.json()

    def handover_of(self, question: str) -> int:
        return next(int(one["id"]) for one in self("GET", "/queue")["waiting"] if one["last_question"] == question)


def conversation(hub: Hub, question: str = QUESTION) -> str:
    answer = httpx.post(hub.url + "/api/consult/messages", json={"session_id": None, "text": question}, timeout=WAIT)
    return str(answer.json()["session_id"])


def ask_for_a_person(hub: Hub, session_id: str) -> Any:
    answer = httpx.post(hub.url + "/api/consult/handovers", json={"session_id": session_id}, timeout=WAIT)
    assert answer.status_code == 200, answer.text
    return answer.json()


@contextmanager
def on_duty(hub: Hub, name: str) -> Iterator[Clerk]:
    """A clerk of whom nothing is left open, whatever becomes of the test: others use the same hub."""
    clerk = Clerk(hub, name)
    clerk("POST", "/duty")
    try:
        yield clerk
    finally:
        queue = clerk("GET", "/queue")
        for one in queue["waiting"] + [line for line in queue["attended"] if line["mine"]]:
            clerk("POST", f"/handovers/{one['id']}/close")
        clerk("DELETE", "/duty")


def test_a_citizen_hears_the_clerk(hub: Hub) -> None:
    session_id = conversation(hub)
    with on_duty(hub, "窗口甲") as clerk:
        assert ask_for_a_person(hub, session_id)["state"] == "waiting"
        handover = clerk.handover_of(QUESTION)
        with Listener(hub, session_id) as page:
            assert page.response is not None
            assert page.response.headers["content-type"].startswith("text/event-stream")
            assert page.state() == "waiting"
            clerk("POST", f"/handovers/{handover}/take")
            assert "窗口甲" in page.text()
            assert page.state() == "attended"
            clerk("POST", f"/handovers/{handover}/messages", {"text": "您好，请打 13800138000"})
            assert page.text() == "您好，请打 【手机号码】"
        # Away for a moment: what was said meanwhile comes first.
        for text in ("第一句", "第二句"):
            clerk("POST", f"/handovers/{handover}/messages", {"text": text})
        with Listener(hub, session_id, page.last) as page:
            assert [page.text(), page.text()] == ["第一句", "第二句"]
            assert page.state() == "attended"
            clerk("POST", f"/handovers/{handover}/give-back")
            assert "交还" in page.text()
            assert page.state() == "closed"
            assert page.heard.get(timeout=WAIT) is None, "there is no more to come"
        gone = httpx.get(
            f"{hub.url}/api/consult/sessions/{session_id}/events",
            headers={"Last-Event-ID": page.last or ""},
            timeout=WAIT,
        )
        assert gone.status_code == 204, "an EventSource that asks again is told to stop"
    assert "13800138000" not in hub.log.read_text()
    assert session_id not in hub.log.read_text(), "a session's id is its only secret"


def test_the_bot_hands_over_and_keeps_silent(hub: Hub) -> None:
    """By words alone: a citizen asks for a person, talks to the clerk, and has the bot back afterwards."""

    def told(text: str) -> Any:
        answer = httpx.post(
            hub.url + "/api/consult/messages", json={"session_id": session_id, "text": text}, timeout=WAIT
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    session_id = conversation(hub, "居住证在哪里办")
    with on_duty(hub, "窗口庚") as clerk:
        answer = told("我要找人工")
        assert answer["handover"]["state"] == "waiting"
        assert "排在第一位" in answer["text"]
        # While waiting the bot goes on.
        answer = told("居住证什么时间可以去办")
        assert answer["status"] != "with_person"
        assert answer["handover"]["place"] == 1
        handover = clerk.handover_of("居住证什么时间可以去办")
        clerk("POST", f"/handovers/{handover}/take")
        answer = told("我的身份证是11010519491231002X，能办吗")
        assert answer["status"] == "with_person"
        assert answer["handover"]["clerk"] == "窗口庚"
        lines = clerk("GET", f"/handovers/{handover}")["transcript"]
        assert lines[-1]["author"] == "citizen"
        assert "【证件号码】" in lines[-1]["text"]
        assert "002X" not in str(lines)
        assert [line["text"] for line in lines].count("我要找人工") == 1
        assert sum("能办吗" in line["text"] for line in lines) == 1, "once, though the bot keeps a record of its own"
        clerk("POST", f"/handovers/{handover}/give-back")
        answer = told("居住证在哪里办")
        assert answer["handover"] is None
        assert answer["citations"]


def test_pages_that_are_closed_make_room(hub: Hub) -> None:
    session_id = conversation(hub)
    with on_duty(hub, "窗口乙") as clerk:
        ask_for_a_person(hub, session_id)
        handover = clerk.handover_of(QUESTION)
        for _ in range(12):
            with Listener(hub, session_id) as page:
                assert page.response is not None
                assert page.response.status_code == 200
                assert page.state() == "waiting"
        clerk("POST", f"/handovers/{handover}/close")


def test_open_handovers_outlast_a_restart(tmp_path: Path) -> None:
    hub = start(tmp_path, KAOPU_PRELOAD=CHAT)
    session_id = conversation(hub)
    clerk = Clerk(hub, "窗口丙")
    clerk("POST", "/duty")
    ask_for_a_person(hub, session_id)
    handover = clerk.handover_of(QUESTION)
    clerk("POST", f"/handovers/{handover}/take")
    with Listener(hub, session_id) as page:
        page.text()
        assert page.state() == "attended"
        # A page that listens doesn't hold up the stop, nor is it an error.
        stop(hub)
        assert page.heard.get(timeout=WAIT) is None
    assert '"level":"error"' not in hub.log.read_text()
    again = start(tmp_path, KAOPU_PRELOAD=CHAT)
    try:
        clerk._hub = again
        clerk("POST", f"/handovers/{handover}/messages", {"text": "还在"})
        with Listener(again, session_id, page.last) as page:
            assert page.text() == "还在"
            assert page.state() == "attended"
    finally:
        stop(again)
