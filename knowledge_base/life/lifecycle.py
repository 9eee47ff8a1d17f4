"""The life of a text: who may move it from which state to which.

draft -> review -> approved -> published -> superseded or withdrawn. Every move is a row of `MOVES`; whatever is not there
is refused. Pure data and functions; the store carries the moves out and `knowledge_base.life.history` writes them down.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.errors import Conflict
from knowledge_base.terms import TextState

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""Effective and cancel dates begin at midnight here."""
SYSTEM_PREFIX = "system:"
"""Ids of actors that are nobody: what only they have touched follows the content folder."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. `id` decides (four-eyes), `name` is shown."""

    id: str
    name: str

    @property
    def person(self) -> bool:
        """False for the hub itself."""
        return not self.id.startswith(SYSTEM_PREFIX)


SYSTEM_IMPORT = Actor(f"{SYSTEM_PREFIX}import", "系统导入")
SYSTEM_DATES = Actor(f"{SYSTEM_PREFIX}dates", "系统（按日期）")


class Action(StrEnum):
    """What can happen to a version."""

    CREATE = "create"
    SAVE = "save"
    REBASE = "rebase"
    DELETE = "delete"
    SUBMIT = "submit"
    RECALL = "recall"
    APPROVE = "approve"
    REJECT = "reject"
    SCHEDULE = "schedule"
    PUBLISH = "publish"
    IMPORT = "import"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"

    @property
    def display_name(self) -> str:
        """What it is called on screen."""
        return ACTION_TITLES[self]


ACTION_TITLES: dict[Action, str] = {
    Action.CREATE: "新建草稿",
    Action.SAVE: "保存草稿",
    Action.REBASE: "改以现行版为基础",
    Action.DELETE: "删除草稿",
    Action.SUBMIT: "提交审核",
    Action.RECALL: "撤回修改",
    Action.APPROVE: "审核通过",
    Action.REJECT: "退回修改",
    Action.SCHEDULE: "定期发布",
    Action.PUBLISH: "发布",
    Action.IMPORT: "导入发布",
    Action.SUPERSEDE: "被新版替换",
    Action.WITHDRAW: "撤下",
}

DRAFT, REVIEW, APPROVED = TextState.DRAFT, TextState.REVIEW, TextState.APPROVED
OPEN: tuple[TextState, ...] = (DRAFT, REVIEW, APPROVED)
"""States of a text that is being worked on. An entry has at most one such version."""

MOVES: dict[Action, tuple[tuple[TextState, ...], TextState]] = {
    Action.SAVE: ((DRAFT,), DRAFT),
    Action.REBASE: ((DRAFT,), DRAFT),
    Action.DELETE: ((DRAFT,), DRAFT),
    Action.SUBMIT: ((DRAFT,), REVIEW),
    Action.RECALL: ((REVIEW,), DRAFT),
    Action.APPROVE: ((REVIEW,), APPROVED),
    Action.REJECT: ((REVIEW, APPROVED), DRAFT),
    Action.SCHEDULE: ((APPROVED,), APPROVED),
    Action.PUBLISH: ((APPROVED,), TextState.PUBLISHED),
    Action.SUPERSEDE: ((TextState.PUBLISHED,), TextState.SUPERSEDED),
    Action.WITHDRAW: ((TextState.PUBLISHED,), TextState.WITHDRAWN),
}
"""From which states an action is allowed, and where it leads."""


def moved(action: Action, state: TextState) -> TextState:
    """The state after `action`. Raises Conflict (`state_not_allowed`), which says the state and what would be needed."""
    allowed, after = MOVES[action]
    if state not in allowed:
        needed = "、".join(f"“{one.display_name}”" for one in allowed)
        raise Conflict(
            f"当前状态是“{state.display_name}”，不能{action.display_name}；需要先处于{needed}状态。",
            code="state_not_allowed",
            detail={"state": state.value, "needed": [one.value for one in allowed]},
        )
    return after


def check_four_eyes(by: Actor, editors: Collection[str]) -> None:
    """Whoever wrote a text can't approve it. Raises Conflict (`four_eyes`)."""
    if by.id in editors:
        raise Conflict("您参与了这一稿的编写，不能自己审核；请由另一位同事审核。", code="four_eyes")


def is_in_use(effective: date | None, cancelled: date | None, today: date) -> bool:
    """Whether a text is in force on a day: its effective date has come, its cancel date has not."""
    return (effective is None or effective <= today) and (cancelled is None or today < cancelled)


def local_date(moment: datetime) -> date:
    """The day in Shanghai."""
    return moment.astimezone(SHANGHAI).date()
