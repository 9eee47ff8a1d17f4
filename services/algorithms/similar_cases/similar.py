"""Similar cases: which cases are one (重复件), and which people's wants are alike (相似诉求聚合).

Comes in: `Cases`. Goes out: `Likeness`: pairs that are probably one case, and groups. Two messages about one thing at one
place are put
differently, and two about like things at two places nearly alike: so places are taken out of the messages before their meaning and
characters are compared, and whether the places and days agree is weighed beside. Weights are data: similar.yaml.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from core.errors import HubError, Invalid, TooLarge
from knowledge_base.reading import load_yaml, read_file
from models.handle import Handle
from models.tasks import EmbeddingInput
from services.algorithms.similar_cases.agreement import (
    Marks,
    day_agreement,
    days_apart,
    marks,
    place_agreement,
    shared_runs,
)
from services.algorithms.taking import taken

POLICY_FILE = Path(__file__).with_name("similar.yaml")
MOST_CASES = 500
MOST_CHARACTERS = 2_000


class Case(BaseModel):
    """`id` is given back. `received`: the day, if it is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=100)
    text: str
    received: date | None = None


class Cases(BaseModel):
    """2 to 500 cases, each with an id of its own and at most 2,000 characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cases: tuple[Case, ...]


class Pair(BaseModel):
    """Two cases that are probably one. `confidence`: 0 to 1."""

    model_config = ConfigDict(frozen=True)

    first: str
    second: str
    confidence: float


class Group(BaseModel):
    """Cases that want the same, two at least; `central` stands for them."""

    model_config = ConfigDict(frozen=True)

    central: str
    cases: tuple[str, ...]


class Likeness(BaseModel):
    """`duplicates` by falling confidence; `groups` by falling size."""

    model_config = ConfigDict(frozen=True)

    duplicates: tuple[Pair, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """similar.yaml."""

    bias: float
    meaning: float
    characters: float
    no_place: float
    other_house: float
    other_place: float
    other_day: float
    duplicate: float
    group: float
    most_days: int


@lru_cache(maxsize=1)
def policy() -> Policy:
    """Raises HubError (`similar_policy_invalid`) if similar.yaml lacks something."""
    data = load_yaml(read_file(POLICY_FILE), source=POLICY_FILE.name)
    try:
        weights = {name: float(value) for name, value in (data["alike"] | data["one"]).items()}
        return Policy(
            **weights,
            duplicate=float(data["duplicate"]),
            group=float(data["group"]),
            most_days=int(data["most_days"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise HubError(f"相似件的 similar.yaml 有误：{error}。", code="similar_policy_invalid") from None


def figures(cosine: float, one: Marks, other: Marks) -> tuple[float, float, float, float]:
    """Meaning, characters, place, day: what the weights belong to."""
    return cosine, shared_runs(one, other), place_agreement(one, other), day_agreement(one, other)


def chance(of: tuple[float, float, float, float], policy: Policy, *, where: bool = True) -> float:
    """That two cases are one; without place and day (`where` False) that they want the same."""
    meaning, characters, place, day = of
    alike = 1 / (1 + math.exp(-(policy.bias + policy.meaning * meaning + policy.characters * characters)))
    if not where:
        return alike
    by_place = (
        policy.other_house if -1 < place < 0 else policy.other_place if place < 0 else 1.0 if place else policy.no_place
    )
    return alike * by_place * (policy.other_day if day < 0 else 1.0)


def grouped(likeness: NDArray[np.float64], least: float) -> list[list[int]]:
    """Groups by average linkage: two groups are one as long as their cases are at least `least` alike on average."""
    groups = [[number] for number in range(len(likeness))]
    means = likeness.astype(np.float64).copy()
    np.fill_diagonal(means, -1.0)
    sizes = np.ones(len(likeness))
    while len(groups) > 1:
        row, column = np.unravel_index(int(means.argmax()), means.shape)
        if means[row, column] < least:
            break
        first, second = sorted((int(row), int(column)))
        merged = (means[first] * sizes[first] + means[second] * sizes[second]) / (sizes[first] + sizes[second])
        means[first] = means[:, first] = merged
        means[first, first] = -1.0
        means = np.delete(np.delete(means, second, axis=0), second, axis=1)
        sizes[first] += sizes[second]
        sizes = np.delete(sizes, second)
        groups[first] += groups.pop(second)
    return groups


async def run(given: Cases, embedder: Handle) -> Likeness:
    """Which of `given` are one, and which want the same.

    Raises:
        Invalid: fewer than two cases, two of one id, or nothing to read (codes `cases_too_few`, `case_id_twice`, `text_empty`).
        TooLarge: too many, or too long (codes `cases_too_many`, `text_too_long`).
        HubError: as `Handle.call`.
    """
    cases = given.cases
    if len(cases) < 2:
        raise Invalid("至少要有 2 件才能比较。", code="cases_too_few", param="cases")
    if len(cases) > MOST_CASES:
        raise TooLarge(f"一次最多比较 {MOST_CASES} 件，现有 {len(cases)} 件。", code="cases_too_many", param="cases")
    if len({case.id for case in cases}) < len(cases):
        raise Invalid("有两件的 id 相同，每件应有自己的 id。", code="case_id_twice", param="cases")
    texts = [taken(case.text, MOST_CHARACTERS, "cases.text") for case in cases]
    known = [marks(text) for text in texts]
    outputs = (await embedder.call([EmbeddingInput(one.bare, "query") for one in known])).outputs
    vectors = np.array([output.vector for output in outputs], dtype=np.float64)
    return _likeness(cases, vectors @ vectors.T, known)


def _likeness(cases: tuple[Case, ...], cosines: NDArray[np.float64], known: list[Marks]) -> Likeness:
    rule = policy()
    alike = np.zeros_like(cosines)
    pairs = []
    for one in range(len(cases)):
        for other in range(one + 1, len(cases)):
            of = figures(float(cosines[one, other]), known[one], known[other])
            alike[one, other] = alike[other, one] = chance(of, rule, where=False)
            apart = days_apart(cases[one].received, cases[other].received)
            same = chance(of, rule)
            if same >= rule.duplicate and (apart is None or apart <= rule.most_days):
                pairs.append(Pair(first=cases[one].id, second=cases[other].id, confidence=same))
    groups = []
    for group in grouped(alike, rule.group):
        if len(group) > 1:
            central = max(group, key=lambda number: (sum(alike[number, other] for other in group), -number))
            groups.append(Group(central=cases[central].id, cases=tuple(cases[number].id for number in sorted(group))))
    return Likeness(
        duplicates=tuple(sorted(pairs, key=lambda pair: -pair.confidence)),
        groups=tuple(sorted(groups, key=lambda group: -len(group.cases))),
    )
