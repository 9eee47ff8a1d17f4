"""What became of a file that was read in: everything that is wrong, with its place, or the entries."""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge_base.schema import Entry

MOST_FAULTS = 1_000
"""Faults that are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class ImportFault:
    """One thing that is wrong. `place`: a cell (材料!C7), a line, or the file; the rest is for machines."""

    place: str
    message: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


@dataclass
class ImportReading:
    """What was read. `entries` is empty as soon as anything is wrong (all or nothing); `notices` stand in nobody's way.
    `keeping`: fields that such a file can't hold; they stay as the library has them."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[ImportFault] = field(default_factory=list)
    notices: list[ImportFault] = field(default_factory=list)
    fault_count: int = 0
    keeping: tuple[str, ...] = ()

    def fault(self, fault: ImportFault) -> None:
        """Count a fault, and list it while there are not too many."""
        self.fault_count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault_count == 0
