"""What goes over the wire at /api/consult/desk and of the citizen's side of a handover: exactly these fields."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge_base.terms import Element
from services.consult.desk.contract import Reason
from services.consult.schemas import HandoverView, ItemReference, MessageAnswer

SessionId = Annotated[str, Field(max_length=64, description="对话的 session_id")]
Slug = Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
MAX_TYPED = 20_000
"""Characters of a field before its own, friendlier limit is looked at."""


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PersonWanted(_Request):
    """The citizen asks for a person by a button."""

    session_id: SessionId


class CallbackWanted(_Request):
    """The citizen leaves a number."""

    session_id: SessionId
    phone: Annotated[str, Field(max_length=40, description="手机号码，或者带区号的固定电话")]
    name: Annotated[str | None, Field(max_length=40, description="怎么称呼；可不填")] = None


class CallbackKept(HandoverView):
    """Where the conversation stands now that the number is kept. `phone_shown`: with its middle hidden, for the citizen to
    check."""

    phone_shown: str


class LiveMessage(BaseModel):
    """Data of an SSE event `message`."""

    author: Literal["clerk", "system"]
    text: str
    at: datetime
    clerk: str | None = None


class DutyView(BaseModel):
    """Whether the caller is on duty. `available`: may be given a conversation now (false after hours, until they come on
    duty again). `open_now`: it is within the service hours. `clerks`: who is available. `notice`: what an
    administrator has to mend in the calendar, in a sentence; null if nothing."""

    on_duty: bool
    available: bool
    since: datetime | None
    open_now: bool
    hours: str
    clerks: list[str]
    notice: str | None


class HandoverSummary(BaseModel):
    """One line of the queue. `here`: the citizen was heard of a moment ago. `mine`: the caller attends."""

    id: int
    state: Literal["waiting", "attended", "callback", "given_back", "closed", "left"]
    place: int | None
    item: ItemReference | None
    reason: Reason
    channel: str | None
    last_question: str | None
    clerk: str | None
    mine: bool
    here: bool
    requested_at: datetime
    waited_seconds: int
    promised_at: datetime | None
    revision: int


class CallbackView(BaseModel):
    """Somebody to be called back. `phone` and `name` only for the clerk who has taken it."""

    id: int
    handover_id: int
    state: Literal["waiting", "taken", "done", "dropped"]
    item: ItemReference | None
    last_question: str | None
    phone_shown: str
    phone: str | None
    name: str | None
    promised_at: datetime
    overdue: bool
    clerk: str | None
    mine: bool
    note: str | None
    created_at: datetime


class QueueView(BaseModel):
    """Everything at the desk: who waits, in order; who is attended to; what ended lately; who is to be called back."""

    waiting: list[HandoverSummary]
    attended: list[HandoverSummary]
    ended: list[HandoverSummary]
    callbacks: list[CallbackView]
    duty: DutyView


class TranscriptLine(BaseModel):
    """One line of the whole conversation, masked. `status`, `item`, `section_ids`: of a line of the bot's."""

    author: Literal["citizen", "bot", "clerk", "system"]
    text: str
    at: datetime
    clerk: str | None = None
    status: str | None = None
    item: ItemReference | None = None
    section_ids: list[str] = []


class EventLine(BaseModel):
    """Who did what."""

    action: str
    by: str
    at: datetime
    note: str | None


class HandoverDetail(BaseModel):
    """A conversation in full. `transcript`: bot's and live messages in the order of time. `faq_id`: of the draft made last
    out of it."""

    summary: HandoverSummary
    transcript: list[TranscriptLine]
    events: list[EventLine]
    question: str | None
    faq_id: str | None


class SaidLine(_Request):
    """What the clerk says. Personal data in it is masked before anything is stored."""

    text: Annotated[str, Field(max_length=MAX_TYPED)]


class BotAnswer(BaseModel):
    """What the bot would answer now; nothing of it is kept. `question`: the one it was asked."""

    question: str | None
    answer: MessageAnswer | None


class CallDone(_Request):
    """What came of the call."""

    note: Annotated[str | None, Field(max_length=MAX_TYPED)] = None


class FaqWanted(_Request):
    """A good answer becomes the draft of a FAQ."""

    item_id: Slug
    element: Element
    question: Annotated[str, Field(max_length=MAX_TYPED)]
    answer: Annotated[str, Field(max_length=MAX_TYPED)]


class FaqMade(BaseModel):
    """The draft; somebody else reviews it in the content library."""

    entry_id: str
    number: int
