"""What goes over the wire at /api/consult/checklists: exactly these fields."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from services.consult.checklists.checklist import (
    Given,
    ItemShown,
    Line,
    MaterialLine,
    OpenQuestion,
    PhoneLine,
    PlaceLine,
    Source,
)
from services.consult.checklists.event_checklist import (
    EventItem,
    NotHeld,
    Question,
    SharedMaterial,
    SharedPlace,
    Totals,
)
from services.consult.schemas import Channel

MOST_ANSWERS = 60
QuestionId = Annotated[str, Field(max_length=80)]
AnswerWanted = str | bool | FiniteFloat | list[str]


class ChecklistWanted(BaseModel):
    """Whose checklist: of an item, or of a life event (一件事) as a whole, with answers to the questionnaire; or of what a
    conversation has come to, item or event. With an id beside the conversation: of that, with what the conversation knows of it."""

    model_config = ConfigDict(extra="forbid")

    item_id: Annotated[str | None, Field(max_length=80, examples=["public-venue-hygiene-cancel"])] = None
    event_id: Annotated[
        str | None, Field(max_length=80, description="一件事的编号：几个事项合成一张清单", examples=["event-newborn"])
    ] = None
    answers: Annotated[
        dict[QuestionId, AnswerWanted], Field(max_length=MOST_ANSWERS, description="情形问题的编号和回答，不含个人信息")
    ] = {}
    session_id: Annotated[str | None, Field(max_length=64, description="对话的 session_id：按这次对话里说过的情况")] = (
        None
    )
    channel: Annotated[Channel, Field(description="来自哪里")] = "pc"


class ChecklistMade(BaseModel):
    """Where it is: the page, and the PDF. Who knows the address can open it, until `expires_at`. `item_id`: of what it is about,
    the life event's where it is over one (`event_id` is set then)."""

    token: str
    url: str
    pdf_url: str
    item_id: str
    version: int
    expires_at: datetime
    event_id: str | None = None


class ChecklistView(BaseModel):
    """A checklist as it was made. `current_version`: of the guide that is in force now, null if the item isn't offered any
    more (`withdrawn`); `newer_version`: the guide has been changed since."""

    kind: Literal["item"] = "item"
    token: str
    made_at: datetime
    expires_at: datetime
    current_version: int | None
    newer_version: bool
    withdrawn: bool
    item: ItemShown
    summary: str
    known: list[Given]
    open_questions: list[OpenQuestion]
    notes: list[str]
    conditions: list[Line]
    materials: list[MaterialLine]
    steps: list[Line]
    limits: list[Line]
    fees: list[Line]
    results: list[Line]
    visits: str | None
    online: str | None
    places: list[PlaceLine]
    hours: list[str]
    phones: list[PhoneLine]
    remember: list[str]
    legal_basis: list[str]
    sections: list[Source]
    sample_note: str | None


class ChangedGuide(BaseModel):
    """A guide that is no longer as it was told. `current_version`: null if the item isn't offered any more."""

    item_id: str
    name: str
    version: int
    current_version: int | None


class EventChecklistView(BaseModel):
    """A checklist over a life event as it was made. `current_version`: of the event in force now; `changed`: the guides that
    have been changed or withdrawn since. `answers`: as they were given, to have the list made anew with more of them;
    `questions`: those that still matter. `warnings`, `limit_total`, `fee_total`: what has changed and what `totals` holds, as
    sentences ("" for nothing to say)."""

    kind: Literal["event"] = "event"
    token: str
    made_at: datetime
    expires_at: datetime
    current_version: int | None
    newer_version: bool
    withdrawn: bool
    changed: list[ChangedGuide]
    item: ItemShown
    summary: str
    known: list[Given]
    answers: dict[str, str | bool | float | list[str]]
    questions: list[Question]
    notes: list[str]
    steps: list[Line]
    shared: list[SharedMaterial]
    parts: list[EventItem]
    not_held: list[NotHeld]
    totals: Totals
    limit_total: str
    fee_total: str
    warnings: list[str]
    places: list[SharedPlace]
    legal_basis: list[str]
    sections: list[Source]
    sample_note: str | None
