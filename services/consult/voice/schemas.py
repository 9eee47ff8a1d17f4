"""What goes over the wire about ratings, follow-ups and groups: exactly these fields."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge_base.terms import Element
from services.consult.schemas import ItemReference

FollowUpState = Literal["open", "handled", "closed"]
GroupState = Literal["open", "faq", "alias", "dismissed"]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GradeView(BaseModel):
    """A grade with the reasons that can be chosen."""

    grade: int
    title: str
    reasons: list[str]


class RatingReasons(BaseModel):
    """The five grades, best first."""

    grades: list[GradeView]


class RatingWanted(_Wanted):
    """One rating of one answer. Again: changes it."""

    session_id: Annotated[str, Field(max_length=64)]
    number: Annotated[int, Field(ge=1, le=2**31 - 1, description="回答里的 number")]
    grade: Annotated[int, Field(ge=1, le=5, description="5 非常满意 … 1 非常不满意")]
    reasons: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=10)] = []
    comment: Annotated[str | None, Field(max_length=500)] = None
    may_learn: Annotated[bool, Field(description="同意把这一问（隐去个人信息后）用来改进；不写为不同意")] = False


class RatingKept(BaseModel):
    """The rating as it is kept; `comment` masked. `followed_up`: staff see to it, by `due_at`."""

    grade: int
    reasons: list[str]
    comment: str | None
    followed_up: bool
    due_at: datetime | None


class FollowUpView(BaseModel):
    """A low rating and what staff did about it."""

    id: int
    state: FollowUpState
    session_id: str
    number: int
    question: str
    answer: str
    item: ItemReference | None
    grade: int
    title: str
    reasons: list[str]
    comment: str | None
    due_at: datetime
    overdue: bool
    clerk: str | None
    note: str | None
    rated_at: datetime


class FollowUpList(BaseModel):
    """A page of low ratings; `open` counts those that nobody has seen to."""

    follow_ups: list[FollowUpView]
    total: int
    open: int


class FollowUpMove(_Wanted):
    """Handled: somebody has seen to it; closed: nothing is left to do. A note says what was done."""

    state: Literal["handled", "closed"]
    note: Annotated[str, Field(min_length=1, max_length=500)]


class GroupExample(BaseModel):
    """One question of a group."""

    session_id: str
    number: int
    question: str
    why: Literal["unanswered", "rated"]
    status: str
    asked_at: datetime


class GroupView(BaseModel):
    """Questions that mean the same. `item`, `element`: what most of them were taken for, if anything."""

    id: int
    state: GroupState
    example: str
    questions: int
    since: datetime
    last_at: datetime
    item: ItemReference | None
    element: str | None
    examples: list[GroupExample]
    entry_id: str | None
    note: str | None
    actor: str | None


class GroupList(BaseModel):
    """A page of groups, the largest first."""

    groups: list[GroupView]
    total: int


class GroupQuestions(BaseModel):
    """A page of a group's questions, the newest first."""

    questions: list[GroupExample]
    total: int


class GroupFaq(_Wanted):
    """The FAQ to draft."""

    item_id: Annotated[str, Field(max_length=80)]
    element: Element
    question: Annotated[str, Field(min_length=2, max_length=200)]
    answer: Annotated[str, Field(min_length=1, max_length=5000)]


class GroupAlias(_Wanted):
    """How people call an item."""

    item_id: Annotated[str, Field(max_length=80)]
    alias: Annotated[str, Field(min_length=2, max_length=60)]


class GroupDismissal(_Wanted):
    """Why nothing is made of it."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class DraftMade(BaseModel):
    """The draft in the library; somebody else reviews it there."""

    entry_id: str
    number: int
