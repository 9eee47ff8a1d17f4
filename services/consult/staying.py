"""Whether a message goes on about the item that was talked about, or begins another subject.

Two small heads over what can be seen, `stay` against another item of ours, `goes_on` against what is nothing of ours: whether it
looks like a follow-up (by the trained route head and by its words), how much nearer another item is than the present one, and
whether the present item's guide speaks of what is new. Fitted on the development half by
`python -m benchmarks.consult.fit_staying`; the weights stand in deciding.yaml.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from knowledge_base.index.candidates import Candidate
from services.consult.asking import Asked
from services.consult.deciding import FEATURES, log_odds
from services.consult.item_finding import Ranked

STAY_SIGNS: tuple[str, ...] = (
    "follow_up",
    "how_to",
    "lead",
    "tolerant",
    "coverage",
    "name_vectors",
    "name_vectors_lead",
    "section_vectors_lead",
    "own_tolerant",
    "own_coverage",
    "told",
    "tells",
    "length",
    "carries_on",
    "asks_element",
    "matter",
    "names_action",
    "points",
    "gap",
    "guide",
    "beyond",
    "held",
)
"""`lead`: the best other item's score beyond the present one's; `told`: share of the matter that the present guide speaks of;
`tells`: the message tells of the person's situation; `gap`: of the best other item to the next; `guide`, `beyond`
and `held`: logarithmic odds, as in `services.consult.deciding`, that the message asks a guide, one that isn't ours, and that ours
hold what it is about."""
CARRIES_ON = re.compile(r"^(那么?|换成|换作|换|改成|如果|要是|假如|假设|万一|不对|不是)|呢[?!.。？！]*$")
_SUPPOSES = re.compile(
    r"^.{0,4}(如果|要是|假如|假设|万一)|的话[?!.。？！]*$|^(我|他|她|我们|孩子|老人|公司)(是|已经|没有?|还|不)"
)
POINTS = re.compile(r"这个|那个|它|这(件|种|张|本|事|证)|该")
GUIDE, BEYOND = FEATURES.index("guide"), FEATURES.index("beyond")
CAP = 12.0
LONGEST = 24
"""A message that only tells a situation is short."""


def supposes(text: str) -> bool:
    """Whether a message in a conversation is there to tell a situation: 如果是外地户口呢."""
    return len(text) <= LONGEST and bool(CARRIES_ON.search(text) or _SUPPOSES.search(text))


def stay_signs(
    text: str,
    asked: Asked,
    ranked: Ranked,
    current: str,
    route: Mapping[str, float],
    *,
    told: float,
    tells: bool,
    held: float,
) -> list[float] | None:
    """The values in the order of `STAY_SIGNS`; None if there is no other item, or the present one isn't among the ranked.

    Args:
        ranked: of the message alone, the present item among the candidates.
        current: id of the present item.
        route: the trained head's chances.
        told: share of the message's matter that the present guide speaks of.
        tells: whether the message tells of the person's situation.
        held: how likely the library holds what the message is about, by itself.
    """
    pairs: list[tuple[float, Candidate]] = list(zip(ranked.scores, ranked.candidates, strict=True))
    own = next(((score, one) for score, one in pairs if one.entry.id == current), None)
    others = [(score, one) for score, one in pairs if one.entry.id != current]
    if own is None or not others:
        return None
    score, top = others[0]
    return [
        route.get("follow_up", 0.0),
        route.get("how_to", 0.0),
        max(-CAP, min(CAP, score - own[0])),
        top.tolerant,
        top.coverage,
        top.name_vectors,
        top.name_vectors - own[1].name_vectors,
        top.section_vectors - own[1].section_vectors,
        own[1].tolerant,
        own[1].coverage,
        told,
        float(tells),
        math.log(1 + len(text)),
        float(bool(CARRIES_ON.search(text))),
        float(bool(asked.elements)),
        math.log(1 + len(asked.bare_matter)),
        float(bool(asked.actions)),
        float(bool(POINTS.search(text))),
        score - (others[1][0] if len(others) > 1 else 0.0),
        ranked.values[GUIDE],
        ranked.values[BEYOND],
        log_odds(held),
    ]


def likely_stays(weights: Mapping[str, float], signs: list[float]) -> float:
    """How likely the message goes on about the present item, 0..1."""
    total = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in zip(STAY_SIGNS, signs, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
