"""What people wrote for training and for measuring, and which half each piece belongs to.

Sentences lie in YAML: the bot's exemplars, questions to guides with what is right (benchmarks/consult, benchmarks/items), and
sentences written for training alone. Items and questions are halved by the SHA-256 of their id or text: dev is learnt from and
fitted on, test is reported on and never learnt from.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from core.settings import ROOT

EXEMPLARS = ROOT / "services" / "consult" / "route_exemplars.yaml"
QUESTIONS = ROOT / "benchmarks" / "consult" / "questions"
FRESH_QUESTIONS = QUESTIONS / "fresh"
"""A third set that is only ever reported on: whoever reads `QUESTIONS` by its files passes it over."""
ITEM_QUESTIONS = ROOT / "benchmarks" / "items"
SENTENCES = Path(__file__).resolve().parent / "sentences"


def half_of(key: str) -> str:
    """ "dev" or "test", for an item by its id, a written message by its own, a question of a BEIR set by its text: so the same
    item, or the same question in two sets, is of one half everywhere."""
    return "dev" if hashlib.sha256(key.encode()).digest()[0] % 2 == 0 else "test"


def is_dev(key: str) -> bool:
    """Whether it is of the half that is learnt from."""
    return half_of(key) == "dev"


def is_learnt(item: str) -> bool:
    """Whether the embedder learns from the questions to an item: two thirds of the development half. What is fitted over its
    vectors is judged by the other third, where they are as they are for a question that it doesn't know."""
    return is_dev(item) and hashlib.sha256(item.encode()).digest()[3] % 3 != 0


def read(path: Path) -> Any:
    """What a YAML file holds."""
    return YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}


def several(value: Any) -> tuple[str, ...]:
    """The values of a field that may be left out, be one value, or be a list."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (str(value),)
