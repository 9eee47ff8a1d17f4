"""A kept checklist with how it stands to the guides in force, and the form in which it goes over the wire.

Comes in: what `services.consult.checklists.service` reads. Goes out: views. Nothing is read or written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.consult.checklists.checklist import Checklist
from services.consult.checklists.event_checklist import EventChecklist
from services.consult.checklists.event_telling import fee_total, guide_warnings, limit_total
from services.consult.checklists.schemas import ChangedGuide, ChecklistView, EventChecklistView


@dataclass(frozen=True, slots=True)
class Kept:
    """A checklist as it was made. `current_version`: of the guide in force now, None if there is none."""

    token: str
    made_at: datetime
    expires_at: datetime
    checklist: Checklist
    current_version: int | None

    @property
    def withdrawn(self) -> bool:
        """The item is not offered any more."""
        return self.current_version is None

    @property
    def newer_version(self) -> bool:
        """The guide has been changed since."""
        return self.current_version is not None and self.current_version != self.checklist.item.version


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """A checklist over a life event as it was made. `current_version`: of the event in force now, None if there is none.
    `changed`: the guides that have been changed or withdrawn since."""

    token: str
    made_at: datetime
    expires_at: datetime
    checklist: EventChecklist
    current_version: int | None
    changed: tuple[ChangedGuide, ...]

    @property
    def withdrawn(self) -> bool:
        """The event is not offered any more."""
        return self.current_version is None

    @property
    def newer_version(self) -> bool:
        """The event, or the guide of one of its items, has been changed since."""
        return bool(self.changed) or self.current_version not in (None, self.checklist.item.version)

    @property
    def warnings(self) -> list[str]:
        """What has changed, as sentences."""
        told = []
        if self.withdrawn:
            told.append("注意：这件事已经不在现行的一件事里，请先咨询再准备材料。")
        elif self.current_version != self.checklist.item.version:
            told.append(f"注意：这件事已经更新到第 {self.current_version} 版，请重新生成清单。")
        return [*told, *guide_warnings(self.changed)]


def view(kept: Kept | KeptEvent) -> ChecklistView | EventChecklistView:
    """As it goes over the wire."""
    told: dict[str, Any] = {
        "token": kept.token,
        "made_at": kept.made_at,
        "expires_at": kept.expires_at,
        "current_version": kept.current_version,
        "newer_version": kept.newer_version,
        "withdrawn": kept.withdrawn,
        "sections": list(kept.checklist.sources),
    }
    if isinstance(kept, Kept):
        return ChecklistView(**_same(kept.checklist, ChecklistView), **told)
    whole = kept.checklist
    told |= {
        "changed": list(kept.changed),
        "warnings": kept.warnings,
        "limit_total": limit_total(whole.totals),
        "fee_total": fee_total(whole.totals),
        "answers": whole.answers or {},
    }
    return EventChecklistView(**{**_same(whole, EventChecklistView), **told})


def _same(checklist: Checklist | EventChecklist, wanted: type[ChecklistView | EventChecklistView]) -> dict[str, Any]:
    """What the view has by the same name."""
    return {name: getattr(checklist, name) for name in wanted.model_fields if hasattr(checklist, name)}
