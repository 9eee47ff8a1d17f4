"""/v1/chat/completions with the model `consult`: the bot for whoever has an OpenAI client.

The bot keeps conversations by session, OpenAI's clients send the whole history every time. So a conversation is found by
`metadata.session_id` if it is given, else by the history itself (`ChatHistories`), else it is told anew from the earlier
user messages. Only user messages are read: what a caller writes as `system` or `assistant` can't change the bot.
Nothing is sent before the whole answer is verified, so an error always comes with its own HTTP status.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from core.errors import Invalid, NotFound, shown
from services.access import Access, Caller, Role
from services.consult.chat_histories import ChatHistories
from services.consult.chat_schemas import (
    MODEL,
    Annotation,
    ChatChoice,
    ChatChunk,
    ChatCompletion,
    ChatDelta,
    ChatError,
    ChatMessageOut,
    ChatRequest,
    ChunkChoice,
    KaopuExtension,
    UrlCitation,
    Usage,
    word_count,
)
from services.consult.schemas import MessageAnswer
from services.consult.service import ConsultService
from services.consult.streaming import EVENT_STREAM, HEADERS

REPLAYED = 6
"""Earlier user messages that are told anew when a history is not known: what a conversation can still refer back to."""


def build_router(service: ConsultService, access: Access) -> APIRouter:
    """The one route; open to everyone, as /api/consult is, within their limits."""
    router = APIRouter(tags=["咨询"])
    histories = ChatHistories()
    gate = Depends(access.guard(*Role, anonymous=True))

    @router.post(
        "/v1/chat/completions",
        summary="咨询(OpenAI 形式)，模型名 consult",
        response_model=ChatCompletion,
        responses={
            200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}},
            "4XX": {"description": "请求有误；code 是稳定的错误代码", "model": ChatError},
            "5XX": {"description": "暂时不能服务；code 是稳定的错误代码", "model": ChatError},
        },
    )
    async def complete(wanted: ChatRequest, request: Request, caller: Caller = gate) -> Response:
        """The answer to the last message. Raises 404 (`model_not_found`, `session_not_found`), 413, 422."""
        question = _question(wanted)
        session_id = wanted.metadata.session_id if wanted.metadata else None
        owner = f"{caller.id}\n{wanted.user or ''}"
        before = [(message.role, message.words) for message in wanted.messages[:-1]]
        if session_id is None:
            session_id = histories.take(owner, before)
        if session_id is None:
            for earlier in [words for role, words in before if role == "user"][-REPLAYED:]:
                session_id = await _told(service, earlier, session_id)
        answer = await service.reply(question, session_id=session_id, channel="agent")
        content, annotations = with_footnotes(answer, access.base_url(request))
        histories.put(owner, [*before, ("user", question), ("assistant", content)], answer.session_id)
        usage = _usage(wanted, content)
        if wanted.stream:
            return _stream(wanted, answer, content, annotations, usage)
        return _whole(answer, content, annotations, usage)

    return router


async def _told(service: ConsultService, text: str, session_id: str | None) -> str | None:
    """One earlier message told anew. One that can't be read was refused then as well."""
    try:
        return (await service.reply(text, session_id=session_id, channel="agent")).session_id
    except Invalid:
        return session_id


def _question(wanted: ChatRequest) -> str:
    if wanted.model != MODEL:
        raise NotFound(
            f"对话没有名为 {shown(wanted.model)} 的模型；可用：{MODEL}。", code="model_not_found", param="model"
        )
    if wanted.n not in (None, 1):
        raise Invalid("一次只给一个回答，n 只能是 1。", code="parameter_unsupported", param="n")
    if wanted.response_format is not None and wanted.response_format.get("type", "text") != "text":
        raise Invalid(
            "回答是指南原文，不能改成 JSON；结构化内容见回答里的 kaopu。",
            code="parameter_unsupported",
            param="response_format",
        )
    last = wanted.messages[-1]
    if last.role != "user":
        raise Invalid("messages 的最后一条应为 user 的提问。", code="last_message_not_user", param="messages")
    return last.words


def with_footnotes(answer: MessageAnswer, base: str) -> tuple[str, list[Annotation]]:
    """The answer as one text whose quoted paragraphs carry [1], [2], ... and whose end names the sources, and the same as
    OpenAI's annotations (character positions of each quoted paragraph). `base`: the hub's address, with its last slash."""
    paragraphs: list[str] = []
    annotations: list[Annotation] = []
    numbers: dict[str, int] = {}
    named = {citation.section_id: citation.item_name for citation in answer.citations}
    titles: dict[str, str] = {}
    position = 0
    for part in answer.parts:
        text = part.text
        if part.section_id is not None:
            number = numbers.setdefault(part.section_id, len(numbers) + 1)
            title = titles.setdefault(
                part.section_id, f"{named.get(part.section_id, '')} · {part.title or ''}".strip(" ·")
            )
            annotations.append(
                Annotation(
                    url_citation=UrlCitation(
                        start_index=position,
                        end_index=position + len(text),
                        title=title,
                        url=f"{base}api/consult/sections/{part.section_id}",
                    )
                )
            )
            text += f" [{number}]"
        paragraphs.append(text)
        position += len(text) + 2
    if answer.asking is not None and answer.asking.options:
        paragraphs.append("可以回答：" + "；".join(option.label for option in answer.asking.options))
    if numbers:
        paragraphs.append(
            "来源：\n" + "\n".join(f"[{number}] {titles[section]}({section})" for section, number in numbers.items())
        )
    return "\n\n".join(paragraphs), annotations


def _usage(wanted: ChatRequest, content: str) -> Usage:
    asked = sum(word_count(message.words) for message in wanted.messages)
    answered = word_count(content)
    return Usage(prompt_tokens=asked, completion_tokens=answered, total_tokens=asked + answered)


def _identity() -> tuple[str, int]:
    return f"chatcmpl-{secrets.token_hex(12)}", int(time.time())


def _whole(answer: MessageAnswer, content: str, annotations: list[Annotation], usage: Usage) -> Response:
    identifier, created = _identity()
    completion = ChatCompletion(
        id=identifier,
        created=created,
        choices=[ChatChoice(message=ChatMessageOut(content=content, annotations=annotations))],
        usage=usage,
        kaopu=KaopuExtension.of(answer),
    )
    return Response(orjson.dumps(completion.model_dump(mode="json")), media_type="application/json")


def _stream(
    wanted: ChatRequest, answer: MessageAnswer, content: str, annotations: list[Annotation], usage: Usage
) -> Response:
    identifier, created = _identity()

    def chunk(*choices: ChunkChoice, **more: object) -> bytes:
        made = ChatChunk.model_validate({"id": identifier, "created": created, "choices": choices, **more})
        return b"data: " + orjson.dumps(made.model_dump(mode="json", exclude_none=True)) + b"\n\n"

    def pieces() -> Iterator[bytes]:
        yield chunk(ChunkChoice(delta=ChatDelta(role="assistant", content="")))
        paragraphs = content.split("\n\n")
        for place, paragraph in enumerate(paragraphs):
            more = "\n\n" if place < len(paragraphs) - 1 else ""
            yield chunk(ChunkChoice(delta=ChatDelta(content=paragraph + more)))
        last = ChunkChoice(delta=ChatDelta(annotations=annotations), finish_reason="stop")
        yield chunk(last, kaopu=KaopuExtension.of(answer))
        if wanted.stream_options is not None and wanted.stream_options.include_usage:
            yield chunk(usage=usage)
        yield b"data: [DONE]\n\n"

    return StreamingResponse(pieces(), media_type=EVENT_STREAM, headers=HEADERS)
