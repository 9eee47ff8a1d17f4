"""Which papers a document's pages are: several on one page taken apart, several pages of one put together.

Comes in: the pages as read, and a way to ask what kind of paper lines are. Goes out: `SortedPaper`s in their order. What is
sure enough, which kinds share a page and which run over pages stands in policy.yaml.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from models.tasks import OcrLine, OcrOutput
from services.documents.extraction.kinds import paper_kinds
from services.documents.extraction.labels import find_labels
from services.documents.extraction.page_lines import PageLine, page_lines
from services.documents.papers.policy import Policy

OTHER = "other"
Guess = tuple[str, float]
"""A kind and its chance."""
Classify = Callable[[Sequence[OcrOutput]], Awaitable[list[Guess]]]
"""The likeliest kind of each page (or part of one)."""
MOST_CUTS = 3
"""Gaps that are tried each way, the widest first."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of page `number` (from 1) that belong to one paper; their places in the page's list of lines."""

    number: int
    page: OcrOutput
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SortedPaper:
    """One paper: its kind, the chance of it, and where it stands."""

    kind: str
    chance: float
    parts: tuple[Part, ...]


async def sort_pages(pages: Sequence[tuple[int, OcrOutput]], classify: Classify, policy: Policy) -> list[SortedPaper]:
    """The papers on `pages` (number from 1, and what was read); a page without text is a paper of kind `other`."""
    papers: list[SortedPaper] = []
    for number, page in pages:
        for paper in await _on_page(number, page, classify, policy):
            before = papers[-1] if papers else None
            if before is not None and _goes_on(before, paper, policy):
                papers[-1] = replace(before, parts=(*before.parts, *paper.parts))
            else:
                papers.append(paper)
    return papers


async def _on_page(number: int, page: OcrOutput, classify: Classify, policy: Policy) -> list[SortedPaper]:
    whole = Part(number, page, tuple(range(len(page.lines))))
    if not page.lines:
        return [SortedPaper(OTHER, 1.0, (whole,))]
    cuts = [] if len(page.lines) < 2 * policy.shared_page.least_lines else list(_cuts(page))
    halves = [_part(number, page, lines) for cut in cuts for lines in cut]
    guesses = await classify([page, *(one.page for one in halves)])
    best: list[SortedPaper] = []
    for place in range(len(cuts)):
        pair = [SortedPaper(*guesses[1 + 2 * place + side], (halves[2 * place + side],)) for side in (0, 1)]
        if _two_papers(pair, policy) and _least(pair) > (_least(best) if best else 0.0):
            best = pair
    if best:
        return best
    kind, chance = guesses[0]
    return [SortedPaper(kind if chance >= policy.least_chance else OTHER, chance, (whole,))]


def _least(papers: Sequence[SortedPaper]) -> float:
    return min(one.chance for one in papers)


def _two_papers(pair: Sequence[SortedPaper], policy: Policy) -> bool:
    rule = policy.shared_page
    sure = all(
        one.kind in rule.kinds and one.chance >= rule.least_chance and len(one.parts[0].lines) >= rule.least_lines
        for one in pair
    )
    if not sure or pair[0].kind != pair[1].kind:
        return sure
    # Two halves of one card look like two cards of its kind; but only two cards print a label twice.
    first, second = (_labels(one) for one in pair)
    return len(first & second) >= rule.labels_twice


def _labels(paper: SortedPaper) -> set[str]:
    kind = paper_kinds()[paper.kind]
    known = {label for field in kind.fields for label in field.labels}
    return {label.text for label in find_labels(page_lines(paper.parts[0].page), known)}


def _part(number: int, page: OcrOutput, lines: tuple[int, ...]) -> Part:
    kept: tuple[OcrLine, ...] = tuple(page.lines[one] for one in lines)
    return Part(number, replace(page, lines=kept), lines)


def _cuts(page: OcrOutput) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Ways to part the page's lines along its widest empty strips, across and down; the upper or left half first."""
    lines = page_lines(page)
    yield from _along([(one.top, one.bottom, _place(one)) for one in lines])
    yield from _along([(one.left, one.right, _place(one)) for one in lines])


def _place(line: PageLine) -> int:
    return line.characters[0].line


def _along(spans: Sequence[tuple[float, float, int]]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    ordered = sorted(spans)
    gaps: list[tuple[float, int]] = []
    end = 0.0
    for place, (start, stop, _) in enumerate(ordered):
        if place and start > end:
            gaps.append((start - end, place))
        end = max(end, stop)
    for _, place in sorted(gaps, reverse=True)[:MOST_CUTS]:
        first = tuple(sorted(one[2] for one in ordered[:place]))
        second = tuple(sorted(one[2] for one in ordered[place:]))
        yield first, second


def _goes_on(before: SortedPaper, paper: SortedPaper, policy: Policy) -> bool:
    """Whether a page is the next one of the paper before it."""
    if before.kind not in policy.several_pages or paper.kind not in (before.kind, OTHER):
        return False
    page = paper.parts[0].page
    return bool(page.lines) and not has_heading(page, policy)


def has_heading(page: OcrOutput, policy: Policy) -> bool:
    """Whether a line in large print begins the page."""
    lines = page_lines(page)
    if len(lines) < 2:
        return bool(lines)
    usual = median(one.height for one in lines)
    return any(
        one.top < policy.heading.upper_share
        and one.height > policy.heading.times_larger * usual
        and len(one.characters) > 1
        for one in lines
    )
