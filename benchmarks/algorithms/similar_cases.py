"""Similar cases on labelled pairs (similar_cases.yaml): average precision of what is one case among all pairs of a theme and of
neighbouring themes, beside the embedder's cosine and characters alone; and how pure the groups are."""

from __future__ import annotations

import asyncio
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.algorithms.handles import text_head
from models.tasks import EmbeddingInput
from services.algorithms.similar_cases.agreement import marks
from services.algorithms.similar_cases.similar import chance, figures, grouped, policy
from services.algorithms.ticket_routing.routing import HEAD
from training.text_heads import RECIPES
from training.written import read

Numbers = NDArray[Any]


def messages(half: str) -> list[tuple[str, int, int]]:
    """(text, theme, case). "hard dev", "hard test": wordings at places."""
    found = []
    case = 0
    if half.startswith("hard "):
        data = read(Path(__file__).with_name("similar_cases.yaml"))["hard"][half.removeprefix("hard ")]
        return [
            (wording.format(place=place), theme, theme * len(data["places"]) + number)
            for theme, wordings in enumerate(data["matters"])
            for number, place in enumerate(data["places"])
            for wording in wordings
        ]
    for theme, cases in enumerate(read(Path(__file__).with_name("similar_cases.yaml"))[half]):
        for texts in cases:
            found += [(text, theme, case) for text in texts]
            case += 1
    return found


def average_precision(scores: Numbers, right: Numbers) -> float:
    """Area under precision over recall, of pairs by falling score."""
    order = right[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(order) / np.arange(1, len(order) + 1)
    return float((precision * order).sum() / order.sum())


async def _vectors(texts: list[str]) -> Numbers:
    async with text_head(HEAD, RECIPES[HEAD].version) as head:
        outputs = (await head.embedder.call([EmbeddingInput(text, "query") for text in texts])).outputs
    return np.array([output.vector for output in outputs], dtype=np.float64)


def pairs(half: str) -> tuple[Numbers, Numbers, list[tuple[str, str]], Numbers, Numbers]:
    """Figures (pairs, 4), whether they are one case, their texts; the likeness of all messages for grouping;
    the pairs' cosines as the messages stand."""
    rows = messages(half)
    texts = [text for text, _, _ in rows]
    known = [marks(text) for text in texts]
    vectors, whole = asyncio.run(_vectors([one.bare for one in known])), asyncio.run(_vectors(texts))
    found, right, both, cosines = [], [], [], []
    alike = np.zeros((len(rows), len(rows)))
    for one, other in combinations(range(len(rows)), 2):
        of = figures(float(vectors[one] @ vectors[other]), known[one], known[other])
        alike[one, other] = alike[other, one] = chance(of, policy(), where=False)
        # Pairs of far themes are easy and would only swell the count.
        if abs(rows[one][1] - rows[other][1]) <= 1:
            found.append(of)
            cosines.append(float(whole[one] @ whole[other]))
            right.append(rows[one][2] == rows[other][2])
            both.append((texts[one], texts[other]))
    return np.array(found), np.array(right), both, alike, np.array(cosines)


def report(errors: bool) -> None:
    """Print the figures."""
    rule = policy()
    for half in ("dev", "hard dev", "test", "hard test"):
        of, right, both, alike, cosines = pairs(half)
        ours = np.array([chance(tuple(row), rule) for row in of])
        print(
            f"{half}: {len(right)} pairs, {right.sum()} of one case  average precision {average_precision(ours, right):.3f}"
            f"  (cosine of the whole messages alone {average_precision(cosines, right):.3f})"
        )
        shown = ours >= rule.duplicate
        print(f"  shown as one: precision {right[shown].mean():.3f}, recall {right[shown].sum() / right.sum():.3f}")
        rows = messages(half)
        groups = [group for group in grouped(alike, rule.group) if len(group) > 1]
        pure = [len({rows[number][1] for number in group}) == 1 for group in groups]
        print(f"  groups of like wants: {len(groups)}, {sum(pure)} of one theme")
        order = np.argsort(-ours) if errors and half.endswith("dev") else ()
        for place in [one for one in order if right[one] != shown[one]][:20]:
            print("    ", "missed" if right[place] else "wrong", f"{ours[place]:.2f}", of[place].round(2), both[place])
