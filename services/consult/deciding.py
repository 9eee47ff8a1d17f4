"""Whether to answer, to ask back, or to say that the library doesn't hold it: two small heads over what search tells.

Comes in: the candidates of one question, best first, with scores that are comparable across questions. Goes out: how likely
the first is the right one, and how likely the library holds the matter at all. Each head is a logistic regression with a dozen
weights, fitted by `python -m benchmarks.consult.fit` on the development half of the questions and kept in deciding.yaml.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from knowledge_base.index.candidates import Candidate

FEATURES: tuple[str, ...] = (
    "gap",
    "gap_third",
    "score",
    "name_words",
    "tolerant",
    "faq_words",
    "section_words",
    "coverage",
    "name_vectors",
    "section_vectors",
    "name_vectors_gap",
    "directory_gap",
    "length",
    "guide",
    "beyond",
    "directory_tolerant",
    "directory_vectors",
    "explained",
    "directory_coverage",
)
"""Gaps are to the second (or third) candidate; `directory_gap` to the best entry that has a name but no guide;
`directory_tolerant` and `directory_vectors` are how much nearer that entry's name is than the first item's, and
`directory_coverage` how much more of the question its names hold; `explained` is the share of the matter that the first item's
guide has words for; `length` is the logarithm of the question's characters; `guide` the log-odds, by the trained head, of its being
a question to a guide, `beyond` of such a question's being to a guide that the library hasn't got."""
SURELY_HELD = 0.05
"""`beyond` where no trained head tells."""
UNTOLD = 0.9
"""`guide` where no trained head tells: about as many of people's first messages are questions to a guide."""
UNLIKELY = 1e-3
CAP = 12.0
"""Gaps and scores count no further than this: beyond it nothing is in doubt."""


def features(
    ranked: Sequence[Candidate],
    scores: Sequence[float],
    directory: Candidate | None,
    characters: int,
    guide: float = UNTOLD,
    beyond: float = SURELY_HELD,
    explained: float = 1.0,
) -> list[float]:
    """The features of one question in the order of `FEATURES`. `ranked`: best first; `scores`: theirs, as adjusted."""
    first = ranked[0]
    second = scores[1] if len(scores) > 1 else scores[0] - CAP
    third = scores[2] if len(scores) > 2 else scores[0] - CAP
    runner = ranked[1].name_vectors if len(ranked) > 1 else 0.0
    beside = min(CAP, max(-CAP, scores[0] - directory.score)) if directory is not None else CAP
    return [
        min(CAP, scores[0] - second),
        min(CAP, scores[0] - third),
        min(2 * CAP, scores[0]),
        first.name_words,
        first.tolerant,
        first.faq_words,
        first.section_words,
        first.coverage,
        first.name_vectors,
        first.section_vectors,
        first.name_vectors - runner,
        beside,
        math.log(1 + characters),
        log_odds(guide),
        log_odds(beyond),
        directory.tolerant - first.tolerant if directory is not None else 0.0,
        directory.name_vectors - first.name_vectors if directory is not None else 0.0,
        explained,
        directory.coverage - first.coverage if directory is not None else 0.0,
    ]


def log_odds(chance: float) -> float:
    """Of a chance from 0 to 1; one of a thousandth and less counts as a thousandth."""
    return math.log(max(UNLIKELY, chance) / max(UNLIKELY, 1 - chance))


def likelihood(weights: Mapping[str, float], values: Sequence[float]) -> float:
    """The head's answer, 0..1. `weights`: by feature, and "bias"; a feature without a weight counts nothing."""
    total = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in zip(FEATURES, values, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
