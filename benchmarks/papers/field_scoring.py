"""How many fields of papers came out exactly right, and how far a field that calls itself sure can be trusted.

Comes in: what was extracted from a page and the truth beside it. Goes out: one `Outcome` a field, and `Tally`s of them.
A value is right if it is the true one after NFKC and without spaces. Fields that stand only in a seal (`printed` is
False) are counted apart: nothing prints them. A value where the truth has none is "invented".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.ocr.scoring import normal
from benchmarks.papers.truth import Quad, TruePage
from services.documents.extraction.reader import Field


class Status(StrEnum):
    """What became of a field."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
    INVENTED = "invented"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One field of one page. `true`: its true value, None where the paper has none; `covered`: a seal lies over it."""

    file: str
    kind: str
    layout: str
    level: str
    field: Field
    true: str | None
    printed: bool
    covered: bool

    @property
    def status(self) -> Status:
        """Right, wrong, missing or invented."""
        if self.field.value is None:
            return Status.MISSING
        if self.true is None:
            return Status.INVENTED
        return Status.RIGHT if same(self.field.value, self.true) else Status.WRONG


@dataclass(frozen=True, slots=True)
class Tally:
    """Of many fields. `right`, `wrong`, `missing` count those that are printed; `invented` those that aren't on the paper;
    `sure`, `sure_right` all that call themselves sure."""

    right: int = 0
    wrong: int = 0
    missing: int = 0
    invented: int = 0
    sure: int = 0
    sure_right: int = 0

    @property
    def printed(self) -> int:
        """Fields that are printed on the papers."""
        return self.right + self.wrong + self.missing

    @property
    def exact(self) -> float:
        """Share of the printed fields that came out exactly right."""
        return self.right / max(1, self.printed)

    @property
    def sure_share(self) -> float:
        """Share of the printed fields that are above the automatic threshold."""
        return self.sure / max(1, self.printed)

    @property
    def sure_exact(self) -> float:
        """Share of those above the threshold that are right."""
        return self.sure_right / max(1, self.sure)


def same(value: str, true: str) -> bool:
    """Whether two values are one."""
    return normal(value) == normal(true)


def outcomes(page: TruePage, found: Sequence[Field]) -> list[Outcome]:
    """One for each field that the truth or the extraction has, of the first paper on the page."""
    paper = page.papers[0]
    by_id = {field.id: field for field in found}
    rows = []
    for name in dict.fromkeys([*paper.fields, *by_id]):
        field = by_id.get(name, Field(name, None, "", 0.0, ()))
        truth = paper.fields.get(name)
        if truth is None and field.value is None:
            continue
        rows.append(
            Outcome(
                file=page.file,
                kind=paper.kind,
                layout=paper.layout,
                level=page.level,
                field=field,
                true=None if truth is None else truth.value,
                printed=truth is not None and truth.printed,
                covered=truth is not None and under_seal(page, truth.quads),
            )
        )
    return rows


def tally(rows: Iterable[Outcome]) -> Tally:
    """The sums. What stands in a seal only counts where it is sure, and as invented where it is wrong."""
    counts = dict.fromkeys(Status, 0)
    sure = sure_right = 0
    for row in rows:
        if row.field.sure:
            sure += 1
            sure_right += row.status is Status.RIGHT
        if row.printed or row.status is Status.INVENTED:
            counts[row.status] += 1
        elif row.status is Status.WRONG:
            counts[Status.INVENTED] += 1
    return Tally(
        counts[Status.RIGHT], counts[Status.WRONG], counts[Status.MISSING], counts[Status.INVENTED], sure, sure_right
    )


def by(rows: Iterable[Outcome], *names: str) -> Mapping[tuple[str, ...], list[Outcome]]:
    """Outcomes in groups of equal `kind`, `level`, `layout` or `field`, in the order of their first."""
    groups: dict[tuple[str, ...], list[Outcome]] = {}
    for row in rows:
        key = tuple(row.field.id if name == "field" else str(getattr(row, name)) for name in names)
        groups.setdefault(key, []).append(row)
    return groups


def under_seal(page: TruePage, quads: Sequence[Quad]) -> bool:
    """Whether one of the lines that a seal lies over is at the middle of one of `quads`."""
    sealed = [line.quad for line in page.lines if line.under == "seal"]
    return any(contains(one, middle(quad)) for quad in quads for one in sealed)


def middle(quad: Quad) -> tuple[float, float]:
    """Of its four corners."""
    return sum(x for x, _ in quad) / 4, sum(y for _, y in quad) / 4


def contains(quad: Quad, point: tuple[float, float]) -> bool:
    """Whether a convex quad holds a point."""
    sides = [
        (quad[turn][0] - quad[turn - 1][0]) * (point[1] - quad[turn - 1][1])
        - (quad[turn][1] - quad[turn - 1][1]) * (point[0] - quad[turn - 1][0])
        for turn in range(4)
    ]
    return all(side >= 0 for side in sides) or all(side <= 0 for side in sides)
