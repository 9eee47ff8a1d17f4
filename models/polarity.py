"""A comment's mood by its words: how often words of thanks, of anger, of being sent from door to door and the like stand in it.

The embedder puts 一次就办好了 and 一次也没办好 side by side, because it was trained to find what a text is about. Comes in:
a text. Goes
out: one number per group of polarity.yaml, which a head may see beside the vector. A negation turns a group into its
opposite (没有推诿 is no complaint). Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML

from models.wording import worded

WORDS_FILE = Path(__file__).with_name("polarity.yaml")
WEIGHT = 0.25
"""What one find counts: about as much as a centred vector's length over the groups of a usual comment."""
ENOUGH = 2.0
"""Finds of one group from which more say little more."""


@dataclass(frozen=True, slots=True)
class Words:
    """polarity.yaml, compiled. `turned`: group by the group that a negation makes of it."""

    groups: Mapping[str, re.Pattern[str]]
    turned: Mapping[str, str]
    negation: re.Pattern[str]


@lru_cache(maxsize=1)
def words() -> Words:
    """The words, read once."""
    data = YAML(typ="safe").load(WORDS_FILE.read_text(encoding="utf-8"))
    return Words(
        groups={name: re.compile(pattern) for name, pattern in data["groups"].items()},
        turned=data["turned"],
        negation=re.compile(f"(?:{data['negation']})[^，。！？；,!?]{{0,2}}$"),
    )


def finds(text: str) -> dict[str, int]:
    """How often each group is said in `text`, negation counted."""
    known = words()
    found = dict.fromkeys(known.groups, 0)
    for name, pattern in known.groups.items():
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 6) : match.start()]
            turned = known.turned.get(name) if known.negation.search(before) else None
            found[turned or name] += 1
    return found


def polarity(text: str) -> NDArray[np.float32]:
    """float32 (groups), in the file's order, each from 0 to `WEIGHT` * `ENOUGH`."""
    counts = np.array(list(finds(text).values()), dtype=np.float32)
    return np.float32(WEIGHT) * np.minimum(counts, np.float32(ENOUGH))


def coloured(vector: NDArray[np.float32], text: str) -> NDArray[np.float32]:
    """float32: `vector` of `text`, its hashed characters (models/wording.py), its groups of words."""
    return np.concatenate([worded(vector, text), polarity(text)])
