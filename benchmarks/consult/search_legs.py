"""The bot with the fused search, with words alone and with vectors alone, side by side in one run.

    python -m benchmarks.consult.search_legs [dev] [test] [--only NAME]

Everything but the search is the same: routes, heads, questionnaire. The two heads that decide whether to answer, to ask back or to
decline (services/consult/deciding.yaml) are fitted anew for each leg on the development half, all in the same way: with those of
the fused search a leg would refuse nearly everything. "First" is the share of single questions whose right item the search itself
ranks first, before any decision; the rest is what the citizen gets.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

import numpy as np
import structlog
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.consult import fit
from benchmarks.consult.hub import Bot, bot
from benchmarks.consult.reading import Dialogue, Questions, read_questions
from benchmarks.consult.scoring import Figures, score_dialogues, score_outside
from knowledge_base.index.candidates import candidates
from knowledge_base.index.coverage import NameCoverage
from knowledge_base.index.fusion import fuse, words_weight, z_normalise
from knowledge_base.index.hits import Query
from knowledge_base.index.hybrid import Scores
from knowledge_base.index.item_scoring import score_by_words, score_entries
from knowledge_base.index.section_index import ITEM_WEIGHT, Scored, SectionIndex, Worded
from knowledge_base.search import Staged
from services.consult.deciding import FEATURES
from services.consult.policy import Policy, load_policy
from services.consult.service import ConsultService

PARTS = ("single", "dialogues", "outside")


class Leg(StrEnum):
    """What the search goes by."""

    FUSED = "words and vectors"
    WORDS = "words only"
    VECTORS = "vectors only"


class OneLegIndex(SectionIndex):
    """An index that scores by one leg; the other's scores are all the same."""

    leg: Leg

    @classmethod
    def like(cls, index: SectionIndex, leg: Leg) -> OneLegIndex:
        """`index` by `leg` alone."""
        new = cls.__new__(cls)
        new.__dict__.update(index.__dict__)
        new.leg = leg
        if leg is Leg.VECTORS:
            # How much of the question the names hold is words' business as well.
            new.coverage = NameCoverage([() for _ in index.entries], None)
        return new

    def scores(self, query: Query, worded: Worded | None = None) -> Scored:
        """Score everything by the leg."""
        whole = super().scores(query, worded)
        sections, names = self._alone(whole.sections), self._alone(whole.names)
        tolerant = np.zeros_like(whole.tolerant) if self.leg is Leg.VECTORS else whole.tolerant
        by_words = score_by_words(names.words, tolerant, sections.words, self.memberships)
        entries = score_entries(by_words, names.vectors, sections.vectors, self.memberships)
        fused = ITEM_WEIGHT * z_normalise(entries)[self.about] + (1 - ITEM_WEIGHT) * z_normalise(sections.fused)
        return Scored(sections, names, tolerant, entries, fused)

    def _alone(self, scores: Scores) -> Scores:
        nothing: NDArray[np.float32] = np.zeros_like(scores.words)
        words, vectors = (scores.words, nothing) if self.leg is Leg.WORDS else (nothing, scores.vectors)
        return replace(scores, words=words, vectors=vectors, fused=fuse(words, vectors, words_weight(0.0)))


async def refitted(hub: Bot) -> Policy:
    """The policy with the two heads fitted to the search as it is now."""
    policy = load_policy()
    every = [one for one in await fit.examples(hub) if one.ranked.values]
    inside = [one for one in every if one.items]
    right = np.array([one.ranked.candidates[0].entry.id in one.items for one in inside])
    heads = {
        "right": fit.fitted(np.array([one.ranked.values for one in inside]), right),
        "held": fit.fitted(
            np.array([one.ranked.values for one in every]), np.array([bool(one.items) for one in every])
        ),
    }
    written = {
        name: dict(zip((*FEATURES, "bias"), map(float, weights), strict=True)) for name, weights in heads.items()
    }
    return replace(policy, deciding=policy.deciding.model_copy(update=written))


async def first_ranks(hub: Bot, dialogues: Iterable[Dialogue]) -> tuple[int, int]:
    """How many single questions have their item ranked first by the search alone, of how many."""
    index = hub.search.index
    assert index is not None
    right = asked = 0
    for dialogue in dialogues:
        turn = dialogue.turns[0]
        if not turn.items:
            continue
        found = candidates(index, await hub.search.embed(turn.ask), 1).items
        asked += 1
        right += bool(found) and found[0].entry.id in turn.items
    return right, asked


def share(part: int, whole: int) -> str:
    """In per cent."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def row_of(figures: Figures) -> list[str]:
    """What a citizen gets: the right item or asked back with it, complete, wrong item, refused."""
    return [
        share(figures.item, figures.asked),
        share(figures.complete, figures.asked),
        share(figures.wrong_item, figures.asked),
        share(figures.refused, figures.asked),
    ]


async def measured(hub: Bot, questions: Questions, only: list[str]) -> list[list[str]]:
    """A row for each part: part, questions, first, then `row_of`; of what is out of scope how much is refused rightly."""
    rows: list[list[str]] = []
    if "single" in only:
        first = await first_ranks(hub, questions.single)
        figures, _ = await score_dialogues(questions.single, hub.ask, hub.library)
        rows.append(["single", str(figures.asked), share(*first), *row_of(figures), ""])
    if "dialogues" in only:
        _, later = await score_dialogues(questions.dialogues, hub.ask, hub.library)
        rows.append(["follow-ups", str(later.asked), "", *row_of(later), ""])
    if "outside" in only:
        outside = await score_outside(questions.out_of_scope, hub.ask, hub.library)
        rows.append(
            ["out of scope", str(outside.outside), "", "", "", "", "", share(outside.rightly_refused, outside.outside)]
        )
    return rows


async def run(halves: list[str], only: list[str]) -> None:
    """Print the table."""
    table = Table(
        "half", "search", "part", "asked", "first", "right item", "complete", "wrong item", "refused", "rightly"
    )
    for half in halves:
        # The heads are trained on dev.
        async with bot(unseen=half != "test") as hub:
            whole = hub.search.index
            assert whole is not None
            for leg in Leg:
                hub.search.switch(Staged(whole if leg is Leg.FUSED else OneLegIndex.like(whole, leg)))
                service = ConsultService(hub.search, hub.database, hub.settings, await refitted(hub), heads=hub.heads)
                for row in await measured(replace(hub, service=service), read_questions([half]), only):
                    table.add_row(half, leg.value, *row)
            hub.search.switch(Staged(whole))
            await hub.search.settle()
    Console(width=150).print(table)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("halves", nargs="*", default=["dev", "test"], help="dev, test")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(run(arguments.halves, arguments.only or list(PARTS)))


if __name__ == "__main__":
    main()
