"""A language model behind the running hub: what it is sent, what of it reaches the citizen, and what doesn't."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.end_to_end.language_model import KEY, NAME, ModelEndpoint, faithful, told, unfaithful
from tests.end_to_end.server import Hub

QUESTION = "公司注销登记要多久"
WAIT = 30.0


@pytest.fixture(autouse=True)
def as_it_was(language_model: ModelEndpoint) -> Iterator[None]:
    # Browser tests, which run before, talk to the same endpoint.
    language_model.asked.clear()
    language_model.keys.clear()
    yield
    language_model.reply = faithful


def ask(hub: Hub, text: str = QUESTION, **more: Any) -> dict[str, Any]:
    answer = httpx.post(
        hub.url + "/api/consult/messages", json={"session_id": None, "text": text, **more}, timeout=WAIT
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def streamed(hub: Hub) -> list[tuple[str, Any]]:
    answer = httpx.post(
        hub.url + "/api/consult/messages",
        json={"session_id": None, "text": QUESTION},
        headers={"Accept": "text/event-stream"},
        timeout=WAIT,
    )
    events = [block.split("\n", 1) for block in answer.text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in events]


def outcomes(hub: Hub) -> dict[str, float]:
    lines = httpx.get(hub.url + "/metrics", timeout=WAIT).text.splitlines()
    found = [line for line in lines if line.startswith("kaopu_language_model_total{")]
    return {line.split('outcome="')[1].split('"')[0]: float(line.rsplit(" ", 1)[1]) for line in found}


def without_session(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "session_id"}


def test_a_wording_that_holds_stands_beside_the_guides_own_words(
    wording_hub: Hub, language_model: ModelEndpoint, hub: Hub
) -> None:
    answer = ask(wording_hub, f"我的手机是13800138000，{QUESTION}")
    (sent,) = language_model.asked
    assert (sent["model"], sent["temperature"], language_model.keys) == (NAME, 0, [f"Bearer {KEY}"])
    assert answer["worded"] == faithful(sent["messages"][1]["content"])
    assert "法定办结时限是" in answer["worded"]
    # What is told beside it is what a hub without a model tells.
    plain = ask(hub, f"我的手机是13800138000，{QUESTION}")
    assert plain["worded"] is None
    assert without_session(answer) | {"worded": None} == without_session(plain)
    assert told(sent["messages"][1]["content"]) == "\n".join(part["text"] for part in plain["parts"])
    # Nothing personal leaves the hub, neither does the session.
    assert "13800138000" not in json.dumps(sent)
    assert answer["session_id"] not in json.dumps(sent)


def test_as_a_stream_too(wording_hub: Hub) -> None:
    events = streamed(wording_hub)
    names = [name for name, _ in events]
    assert (names[0], names[-2:], set(names[1:-2])) == ("status", ["answer", "done"], {"part"})
    answer = events[-2][1]
    assert answer["worded"].startswith("您好。")
    assert [part for name, part in events if name == "part"] == answer["parts"]


def test_a_wording_that_adds_something_is_dropped(wording_hub: Hub, language_model: ModelEndpoint) -> None:
    language_model.reply = unfaithful
    before = outcomes(wording_hub)
    answer = ask(wording_hub)
    assert (answer["status"], answer["worded"]) == ("answered", None)
    assert "放心" not in json.dumps(answer, ensure_ascii=False)
    assert streamed(wording_hub)[-2][1]["worded"] is None
    after = outcomes(wording_hub)
    assert after["promise"] - before.get("promise", 0) == 2
    assert len(language_model.asked) == 2


def test_clerks_and_agents_get_the_guides_own_words(wording_hub: Hub, language_model: ModelEndpoint) -> None:
    assert ask(wording_hub, channel="window")["worded"] is None
    assert ask(wording_hub, "股票开户怎么办")["worded"] is None
    assert language_model.asked == []


def test_a_model_that_is_gone_is_not_missed(wording_hub: Hub, language_model: ModelEndpoint) -> None:
    language_model.stop()
    try:
        answer = ask(wording_hub)
    finally:
        language_model.start()
    assert (answer["status"], answer["worded"]) == ("answered", None)
    assert answer["citations"]
    assert outcomes(wording_hub)["unreachable"] == 1
    assert ask(wording_hub)["worded"] is not None
    assert KEY not in wording_hub.log.read_text()
