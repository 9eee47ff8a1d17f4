"""The real client against a real server on a free port that speaks the OpenAI protocol, well and badly."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import orjson
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.terms import Element
from services.consult.answering import AnswerComposer
from services.consult.consultation import Consultation, Draft, Quoted, Said, SessionState, Subject
from services.consult.language_model.client import ChatClient, Unusable
from services.consult.language_model.rewording import LanguageModel, Reword
from services.consult.policy import load_policy

KEY = "a-key-of-this-test"
Reply = Callable[[str], Awaitable[Response]]


def completion(text: str, finish: str = "stop") -> Response:
    message = {"role": "assistant", "content": text}
    body = {
        "id": "1",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }
    return Response(orjson.dumps(body), media_type="application/json")


class Endpoint:
    """A served endpoint; `reply` decides what comes back to the user's message."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/v1"
        self.asked: list[dict[str, object]] = []
        self.keys: list[str] = []
        self.reply: Reply = faithful


async def faithful(user: str) -> Response:
    told = user.split("【指南原文】\n")[1].split("\n\n【可参考的全文】")[0]
    return completion("您好。" + told.replace("：", "是", 1) if told.startswith("收费") else told)


@pytest_asyncio.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint, app = Endpoint(port), FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        body = orjson.loads(await request.body())
        endpoint.asked.append(body)
        endpoint.keys.append(request.headers.get("authorization", ""))
        return await endpoint.reply(body["messages"][1]["content"])

    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    yield endpoint
    server.should_exit = True
    await serving


@pytest.fixture(scope="module")
def composed(library: Library) -> Draft:
    composer = AnswerComposer(library, load_policy())
    return composer.answer(Subject(library.items["company-cancel"], (Element.LIMITS,)), {})


def model(endpoint: Endpoint, tmp_path: Path, **settings: object) -> LanguageModel:
    return LanguageModel(
        Settings(
            **{
                "var_dir": tmp_path,
                "language_model_url": endpoint.address,
                "language_model_name": "m",
                "language_model_key": KEY,
                **settings,
            }
        )
    )


def consultation(draft: Draft, **changes: object) -> Consultation:
    state = SessionState("session-never-sent", new=False)
    values = {"question": "注销公司要几天，我是【姓名】", "draft": draft, **changes}
    return Consultation("注销公司要几天，我叫王小明", "pc", state, **values)


async def test_a_faithful_text_stands_beside_the_composed_answer(
    endpoint: Endpoint, composed: Draft, library: Library, tmp_path: Path
) -> None:
    asking, one = model(endpoint, tmp_path), consultation(composed)
    await Reword(asking, library)(one)
    assert one.worded
    assert one.draft is composed
    assert asking.outcomes == {"used": 1}
    sent = orjson.dumps(endpoint.asked[0]).decode()
    assert "session-never-sent" not in sent
    assert "王小明" not in sent
    assert "注销公司要几天" in sent
    assert endpoint.keys == [f"Bearer {KEY}"]
    assert KEY not in sent
    (family,) = asking.collect()
    assert [(sample.labels, sample.value) for sample in family.samples] == [({"outcome": "used"}, 1)]


async def test_the_mode_answer_sends_the_cited_sections(
    endpoint: Endpoint, composed: Draft, library: Library, tmp_path: Path
) -> None:
    await Reword(model(endpoint, tmp_path, language_model_mode="answer"), library)(consultation(composed))
    assert "【可参考的全文】" in endpoint.asked[0]["messages"][1]["content"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("3 个工作日", "30 个工作日"), ("不能当场", "能当场"), ("经登记机关负责人批准，", ""), ("可以再", "必须再")],
)
async def test_an_unfaithful_text_is_dropped_and_counted(
    endpoint: Endpoint, composed: Draft, library: Library, tmp_path: Path, old: str, new: str
) -> None:
    async def changed(user: str) -> Response:
        told = user.split("【指南原文】\n")[1]
        assert old in told
        return completion(told.replace(old, new))

    endpoint.reply = changed
    asking, one = model(endpoint, tmp_path), consultation(composed)
    await Reword(asking, library)(one)
    assert one.worded is None
    assert one.draft is composed
    assert asking.outcomes.total() == 1
    assert not asking.outcomes["used"]


async def test_only_composed_answers_are_given_to_the_model(
    endpoint: Endpoint, composed: Draft, library: Library, tmp_path: Path
) -> None:
    step = Reword(model(endpoint, tmp_path), library)
    quote = next(part for part in composed.parts if isinstance(part, Quoted))
    for one in (
        consultation(Draft("refused", (Said("不能"),))),
        consultation(Draft("clarify", (quote,))),
        consultation(Draft("answered", (Said("您好"),))),
        consultation(Draft("answered", (quote,), person="asked")),
        consultation(composed, route="emergency"),
    ):
        await step(one)
        assert one.worded is None
    assert endpoint.asked == []


async def slow(_: str) -> Response:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.05)

    return StreamingResponse(drip(), media_type="application/json")


def always(response: Callable[[], Response]) -> Reply:
    async def reply(_: str) -> Response:
        return response()

    return reply


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (slow, "timeout"),
        (always(lambda: Response(status_code=429)), "status_429"),
        (always(lambda: Response(status_code=401)), "status_4xx"),
        (always(lambda: Response(status_code=500)), "status_5xx"),
        (always(lambda: Response(status_code=307, headers={"location": "/v1/other"})), "status_other"),
        (always(lambda: Response(b'{"choices": [', media_type="application/json")), "broken"),
        (always(lambda: Response(b'{"choices": []}')), "broken"),
        (always(lambda: Response(b"x" * 400_000)), "too_large"),
        (always(lambda: completion("法定办结", "length")), "cut_off"),
    ],
)
async def test_what_goes_wrong_has_a_reason(endpoint: Endpoint, reply: Reply, reason: str) -> None:
    endpoint.reply = reply
    # On a busy machine a reply may take its time; only the slow one is meant to take too long.
    client = ChatClient(endpoint.address, "m", "", timeout=1.0 if reason == "timeout" else 60.0, tokens=100)
    with pytest.raises(Unusable) as refused:
        await client.complete("s", "u")
    assert refused.value.reason == reason


async def test_after_failures_the_endpoint_is_left_alone_for_a_while(endpoint: Endpoint) -> None:
    clock = [0.0]
    endpoint.reply = always(lambda: Response(status_code=500))
    client = ChatClient(endpoint.address, "m", "", timeout=2.0, tokens=100, clock=lambda: clock[0])
    reasons = []
    for _ in range(5):
        with pytest.raises(Unusable) as refused:
            await client.complete("s", "u")
        reasons.append(refused.value.reason)
    assert reasons == ["status_5xx"] * 3 + ["paused"] * 2
    assert len(endpoint.asked) == 3
    clock[0], endpoint.reply = 61.0, always(lambda: completion("好"))
    assert await client.complete("s", "u") == "好"


async def test_more_than_a_few_at_once_are_turned_away(endpoint: Endpoint) -> None:
    held = asyncio.Event()

    async def waits(_: str) -> Response:
        await held.wait()
        return completion("好")

    endpoint.reply = waits
    client = ChatClient(endpoint.address, "m", "", timeout=20.0, tokens=100)
    under_way = [asyncio.create_task(client.complete("s", "u")) for _ in range(4)]
    while len(endpoint.asked) < 4:  # noqa: ASYNC110 - counted by the server
        await asyncio.sleep(0.02)
    with pytest.raises(Unusable, match="busy"):
        await client.complete("s", "u")
    held.set()
    assert await asyncio.gather(*under_way) == ["好"] * 4


async def test_nobody_there_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = ChatClient(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "m", "", timeout=2.0, tokens=10)
        with pytest.raises(Unusable, match="unreachable"):
            await client.complete("s", "u")
