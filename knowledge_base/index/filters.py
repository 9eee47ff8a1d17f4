"""Which entries a search may find.

Comes in: what a caller narrows a search by. Goes out: for one entry, whether it may be found. Nothing is found by a filter:
it only leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from knowledge_base.entries import DirectoryItem, Policy, kind_of
from knowledge_base.schema import Entry, ServiceItem
from knowledge_base.terms import ApplicantKind, EntryKind, ItemStatus

ITEMS_ONLY = frozenset({EntryKind.ITEM})
EVERY_KIND = frozenset(EntryKind)


@dataclass(frozen=True, slots=True)
class Filters:
    """What is left out; None leaves nothing out.

    `kinds`: kinds of entries. `department`: who answers for the entry, whole name. `applicant`: for whom it is (items and
    policies; the other kinds are for everybody). `channel`: an online channel of the item (随申办), or a part of its name.
    `status`: of items and directory entries; without it only what is in use. `effective_on`: in force on that date.
    """

    kinds: frozenset[EntryKind] = ITEMS_ONLY
    department: str | None = None
    applicant: ApplicantKind | None = None
    channel: str | None = None
    status: ItemStatus | None = None
    effective_on: date | None = None

    def admits(self, entry: Entry) -> bool:
        """Whether `entry` may be found."""
        if kind_of(entry) not in self.kinds:
            return False
        status = entry.status if isinstance(entry, ServiceItem | DirectoryItem) else ItemStatus.IN_USE
        applicants = entry.applicant_kinds if isinstance(entry, ServiceItem | Policy) else None
        channels = entry.online_channels if isinstance(entry, ServiceItem) else ()
        on = self.effective_on
        return (
            (self.department is None or entry.department == self.department)
            and (self.applicant is None or applicants is None or self.applicant in applicants)
            and (self.channel is None or any(self.channel in channel for channel in channels))
            and status is (self.status or ItemStatus.IN_USE)
            and (on is None or entry.effective_date is None or entry.effective_date <= on)
            and (on is None or entry.cancel_date is None or on < entry.cancel_date)
        )
