"""The shapes of /v1/chat/completions: OpenAI's, with the bot's own answer beside them as `kaopu`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.consult.schemas import Asking, Citation, HandoverView, ItemReference, MessageAnswer, Status

MODEL = "consult"
MOST_MESSAGES = 200
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|[^\w\s]")


def word_count(text: str) -> int:
    """What usage counts here, as no model's tokens are spent: Chinese characters, other words, signs."""
    return len(_WORD.findall(text))


class _In(BaseModel):
    """Fields that the bot has no use for (temperature, max_tokens, tools, ...) are let pass."""

    model_config = ConfigDict(extra="allow")


class TextPart(_In):
    """A piece of a message."""

    type: Literal["text"]
    text: str


class ChatMessageIn(_In):
    """One message of the history."""

    role: Annotated[
        Literal["system", "developer", "user", "assistant", "tool", "function"],
        Field(description="只读 user 的话；其余不影响回答"),
    ]
    content: Annotated[
        str | list[TextPart] | None, Field(description="文字；不接受图片和声音", examples=["居住证有什么条件"])
    ] = None

    @property
    def words(self) -> str:
        """The message as one text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class ChatMetadata(_In):
    """`session_id`: the conversation to go on with, from an earlier answer's `kaopu.session_id`."""

    session_id: Annotated[str | None, Field(max_length=64, description="上一次回答里的 kaopu.session_id")] = None


class StreamOptions(_In):
    """`include_usage`: one more chunk at the end."""

    include_usage: bool | None = None


class ChatRequest(_In):
    """A chat completion request."""

    model: Annotated[str, Field(description="只有 consult", examples=[MODEL])]
    messages: Annotated[list[ChatMessageIn], Field(min_length=1, max_length=MOST_MESSAGES)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    metadata: ChatMetadata | None = None
    user: Annotated[str | None, Field(max_length=512, description="区分同一密钥后面的不同使用者")] = None
    n: Annotated[int | None, Field(description="只能是 1")] = None
    response_format: dict[str, Any] | None = None


class UrlCitation(BaseModel):
    """Characters `start_index` to `end_index` of the content come from `url`."""

    start_index: int
    end_index: int
    title: str
    url: str


class Annotation(BaseModel):
    """A source, as OpenAI writes it."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class KaopuExtension(BaseModel):
    """What the bot's own API says beyond the text (services.consult.schemas.MessageAnswer)."""

    session_id: str
    number: int
    status: Status
    route: str
    item: ItemReference | None
    element: str | None
    citations: list[Citation]
    suggestions: list[str]
    asking: Asking | None
    handover: HandoverView | None
    can_checklist: bool
    masked: dict[str, int]

    @classmethod
    def of(cls, answer: MessageAnswer) -> KaopuExtension:
        """The fields of an answer."""
        return cls.model_validate(answer.model_dump(include=set(cls.model_fields)))


class ChatMessageOut(BaseModel):
    """The answer."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation] = []


class ChatChoice(BaseModel):
    """The one choice."""

    index: Literal[0] = 0
    message: ChatMessageOut
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Usage(BaseModel):
    """Words read and written, by `word_count`."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    """The whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[ChatChoice]
    usage: Usage
    kaopu: KaopuExtension


class ChatDelta(BaseModel):
    """What a chunk adds."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    annotations: list[Annotation] | None = None


class ChunkChoice(BaseModel):
    """The one choice, so far."""

    index: Literal[0] = 0
    delta: ChatDelta
    finish_reason: Literal["stop"] | None = None


class ChatChunk(BaseModel):
    """One event of a streamed answer."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str = MODEL
    choices: list[ChunkChoice]
    usage: Usage | None = None
    kaopu: KaopuExtension | None = None


class ChatProblem(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str


class ChatError(BaseModel):
    """OpenAI's error envelope, as `core.errors.render` writes it."""

    error: ChatProblem
