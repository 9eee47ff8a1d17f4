"""A message answered as server-sent events, by the real bot and by replies that fail, are slow or are left."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from core.errors import Invalid
from services.consult.schemas import MessageAnswer, Part
from services.consult.streaming import HEARTBEAT, events, wants_stream

pytestmark = pytest.mark.asyncio(loop_scope="session")
STREAM = {"Accept": "text/event-stream"}


def read(body: str) -> list[tuple[str, dict]]:
    """The events of a whole stream, as a client reads them."""
    found = []
    for block in body.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], orjson.loads(lines["data"])))
    return found


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, False),
        ("*/*", False),
        ("application/json", False),
        ("text/event-stream", True),
        ("Text/Event-Stream; charset=utf-8", True),
        ("application/json, text/event-stream", False),
        ("text/event-stream, application/json", True),
        ("application/json;q=0.5, text/event-stream;q=0.9", True),
        ("text/event-stream;q=0, */*", False),
        ("text/event-stream;q=much", False),
    ],
)
async def test_what_accept_asks_for(accept, expected):
    assert wants_stream(accept) is expected


async def test_the_stream_brings_the_same_answer(client):
    body = {"text": "公共场所卫生许可证注销在哪里办", "channel": "api"}
    plain = (await client.post("/api/consult/messages", json=body)).json()
    response = await client.post("/api/consult/messages", json=body, headers=STREAM)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    told = read(response.text)
    names = [name for name, _ in told]
    assert names == ["status", *["part"] * len(plain["parts"]), "answer", "done"]
    answer = told[-2][1]
    assert [data for name, data in told if name == "part"] == answer["parts"] == plain["parts"]
    assert MessageAnswer.model_validate(answer).citations
    follow_up = await client.post(
        "/api/consult/messages", json={"text": "几点上班", "session_id": answer["session_id"]}, headers=STREAM
    )
    again = dict(read(follow_up.text))["answer"]
    assert (again["number"], again["item"]) == (2, answer["item"])


async def test_an_error_is_a_problem_in_the_stream(client):
    for body, code in (
        ({"text": "\u200b"}, "text_empty"),
        ({"text": "问" * 3000}, "text_too_long"),
        ({"text": "你好", "session_id": "f" * 32}, "session_not_found"),
    ):
        told = read((await client.post("/api/consult/messages", json=body, headers=STREAM)).text)
        assert [name for name, _ in told] == ["status", "error", "done"]
        assert told[1][1]["code"] == code
        assert told[1][1]["instance"] == "/api/consult/messages"


async def test_a_malformed_request_is_refused_before_the_stream(client):
    assert (await client.post("/api/consult/messages", json={"text": 1}, headers=STREAM)).status_code == 422


async def test_an_unforeseen_failure_says_nothing_of_itself():
    async def fail() -> MessageAnswer:
        raise ValueError("110101199003070011")

    told = read(b"".join([piece async for piece in events(fail(), "/api/consult/messages")]).decode())
    assert told[1][0] == "error"
    assert told[1][1]["code"] == "internal_error"
    assert "110101" not in str(told)


async def test_a_slow_answer_keeps_the_line_open_and_one_that_is_left_is_cancelled():
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def slow() -> MessageAnswer:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise Invalid("太晚了。")

    stream = events(slow(), "/api/consult/messages", heartbeat=0.01)
    assert (await anext(stream)).startswith(b"event: status")
    assert await anext(stream) == HEARTBEAT
    assert begun.is_set()
    await stream.aclose()
    assert cancelled.is_set()


async def test_parts_go_out_in_their_order():
    parts = [Part(kind="said", text="一\n二"), Part(kind="said", text="三")]

    async def reply() -> MessageAnswer:
        return MessageAnswer(
            session_id="s", number=1, status="answered", route="guide", text="", parts=parts, item=None, element=None,
            citations=[], suggestions=[],
        )  # fmt: skip

    told = read(b"".join([piece async for piece in events(reply(), "/")]).decode())
    assert [data["text"] for name, data in told if name == "part"] == ["一\n二", "三"]
