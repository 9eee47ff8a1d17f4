"""The texts that every system gets: pieces of the content library in the mixed lengths of real traffic."""

from __future__ import annotations

import random
from pathlib import Path

from knowledge_base.library import Library

MIX = ((0.6, 8, 30), (0.3, 60, 200), (0.1, 200, 450))
"""Share of the texts, and from and to how many characters: questions, passages, long sections."""


def mixed_texts(content: Path, count: int, seed: int) -> list[str]:
    """`count` different texts; the same ones for the same seed and content."""
    pool = "".join(section.text for section in Library.load(content).sections()).replace("\n", "")
    chance = random.Random(seed)
    texts: dict[str, None] = {}
    while len(texts) < count:
        (_, shortest, longest), *_ = chance.choices(MIX, weights=[share for share, _, _ in MIX])
        length = chance.randint(shortest, longest)
        start = chance.randrange(len(pool) - length)
        texts[pool[start : start + length]] = None
    return list(texts)
