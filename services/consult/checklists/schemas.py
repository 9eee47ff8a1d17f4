"""What goes over the wire at /api/consult/checklists: exactly these fields."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

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
from services.consult.schemas import Channel

MOST_ANSWERS = 60
QuestionId = Annotated[str, Field(max_length=80)]
AnswerWanted = str | bool | FiniteFloat | list[str]


class ChecklistWanted(BaseModel):
    """Whose checklist: of an item with answers to its questionnaire, or of what a conversation has come to. With both ids:
    of that item, with what the conversation knows of it."""

    model_config = ConfigDict(extra="forbid")

    item_id: Annotated[str | None, Field(max_length=80, examples=["public-venue-hygiene-cancel"])] = None
    answers: Annotated[
        dict[QuestionId, AnswerWanted], Field(max_length=MOST_ANSWERS, description="情形问题的编号和回答，不含个人信息")
    ] = {}
    session_id: Annotated[str | None, Field(max_length=64, description="对话的 session_id：按这次对话里说过的情况")] = (
        None
    )
    channel: Annotated[Channel, Field(description="来自哪里")] = "pc"


class ChecklistMade(BaseModel):
    """Where it is: the page, and the PDF. Who knows the address can open it, until `expires_at`."""

    token: str
    url: str
    pdf_url: str
    item_id: str
    version: int
    expires_at: datetime


class ChecklistView(BaseModel):
    """A checklist as it was made. `current_version`: of the guide that is in force now, null if the item isn't offered any
    more (`withdrawn`); `newer_version`: the guide has been changed since."""

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
