"""What goes over the wire at /api/consult: exactly these fields."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Channel = Literal["pc", "mobile", "kiosk", "window", "api", "embed", "agent", "mcp"]
Status = Literal["answered", "clarify", "not_found", "handed_over", "refused", "with_person"]
"""`handed_over`: pointed to, or put in the queue for, a person. `with_person`: a clerk attends; the bot kept silent."""
AnswerValue = str | bool | float | list[str]
"""An answer to a situation's question: an option's value, 是/否, a number, or several options' values."""


class Choice(BaseModel):
    """A button of the question that the bot asked back. `text` of the message is then what stood on the button."""

    model_config = ConfigDict(extra="forbid")

    question_id: Annotated[str, Field(max_length=80, description="回答里 asking.question_id")]
    action: Annotated[
        Literal["answer", "unsure", "back", "skip"],
        Field(description="作答；不清楚；回到上一问；不再问，按一般情况告知"),
    ] = "answer"
    value: Annotated[AnswerValue | None, Field(description="选项的 value、是否、数字，或多个选项")] = None


class MessageRequest(BaseModel):
    """One message of a conversation. Length and emptiness of `text` are the pipeline's business (it cleans first)."""

    model_config = ConfigDict(extra="forbid")

    session_id: Annotated[
        str | None, Field(max_length=64, description="上一次回答里的 session_id；开始新的对话时为 null")
    ] = None
    text: Annotated[str, Field(strict=True, description="市民的话", examples=["公共场所卫生许可证注销要什么材料"])]
    channel: Annotated[
        Channel, Field(description="来自哪里：网页、手机、自助机、窗口、接口、嵌入、智能体、智能体工具(MCP)")
    ] = "pc"
    choice: Annotated[Choice | None, Field(description="按了反问的按钮时")] = None


class ItemReference(BaseModel):
    """The service item that the answer is about."""

    id: str
    name: str


class Citation(BaseModel):
    """Where a part of the answer comes from; every line of `quote` stands word for word in the section."""

    section_id: Annotated[str, Field(examples=["public-venue-hygiene-cancel/materials@1"])]
    item_name: str
    element: str
    quote: str


class Part(BaseModel):
    """One paragraph of the answer. `quoted`: the guide's words, from `section_id`; `said`: the bot's own."""

    kind: Literal["said", "quoted"]
    text: str
    section_id: str | None = None
    title: str | None = None


class Option(BaseModel):
    """One button."""

    value: str
    label: str
    note: str | None = None


class Asking(BaseModel):
    """What the bot asks back. `kind`: which item is meant, or one question of the item's questionnaire. Buttons and free
    text both answer it. `known` so far stands in the answer."""

    kind: Literal["item", "situation"]
    question_id: str
    text: str
    answer_kind: Literal["choice", "choices", "yes_no", "number"]
    options: list[Option]
    note: str | None = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    can_be_unsure: bool = False
    can_go_back: bool = False


class KnownAnswer(BaseModel):
    """What the bot has understood of the person's situation: the question, and the answer in words."""

    question_id: str
    question: str
    label: str
    value: AnswerValue


class HandoverView(BaseModel):
    """Where the conversation stands with a person. `place`: in the queue, from 1. `promised_at`: when a callback is due."""

    state: Literal["waiting", "attended", "callback", "closed"]
    place: int | None = None
    clerk: str | None = None
    promised_at: datetime | None = None


class MessageAnswer(BaseModel):
    """The bot's answer. `citations` is empty unless `status` is `answered`. `suggestions`: what can be sent next.
    `number` counts messages within the session: feedback names it. `parts` is `text` taken apart. `can_checklist`: the
    person's checklist (一次告知单) can be had. `event`: the life event (一件事) that the answer tells.
    `masked`: how much personal data of each kind was hidden. `worded`: the composed answer once more, in a language model's
    words, checked against the cited lines; to be shown with that said and with `parts` in reach."""

    session_id: str
    number: int
    status: Status
    route: str
    text: str
    parts: list[Part]
    item: ItemReference | None
    element: str | None
    citations: list[Citation]
    suggestions: list[str]
    asking: Asking | None = None
    known: list[KnownAnswer] = []
    can_checklist: bool = False
    event: ItemReference | None = None
    handover: HandoverView | None = None
    masked: dict[str, int] = {}
    words_only: bool = False
    worded: str | None = None


class SuggestedQuestions(BaseModel):
    """Questions to start with."""

    questions: list[str]


class SectionView(BaseModel):
    """A cited section, to be read in full."""

    section_id: str
    item_id: str
    item_name: str
    element: str
    title: str
    text: str
    version: int
