"""The written questions of benchmarks/consult/questions, halved into dev and test: by item, dialogues and the rest by id.

`fresh` is a third set, in a folder of its own, which neither training nor fitting reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from training.written import QUESTIONS as FOLDER
from training.written import half_of, several

HALVES = ("dev", "test")
FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with what is right. `items`: ids, any of which is. `elements`: likewise. `situation`: what this citizen
    answers when asked. `told`: ids of those that the message says itself. `facts`: have to stand in the answer; `wrong` must
    not."""

    ask: str
    items: tuple[str, ...]
    elements: tuple[str, ...]
    situation: Mapping[str, Any] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Turns of one conversation; a single question is a dialogue of one turn."""

    id: str
    half: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """A message that is no question to a guide of ours, and what it is."""

    id: str
    half: str
    ask: str
    expect: str


@dataclass(frozen=True, slots=True)
class Questions:
    """Everything of one half, or of both."""

    single: tuple[Dialogue, ...]
    dialogues: tuple[Dialogue, ...]
    out_of_scope: tuple[OutOfScope, ...]


def read_questions(halves: Iterable[str] = HALVES, folder: Path = FOLDER) -> Questions:
    """The questions of `halves` (dev, test) in the order of files, then those of `FRESH`, if it is among them."""
    wanted = frozenset(halves)
    files = [(path, "") for path in sorted(folder.glob("*.yaml"))]
    files += [(path, FRESH) for path in sorted((folder / FRESH).glob("*.yaml"))]
    single: list[Dialogue] = []
    dialogues: list[Dialogue] = []
    outside: list[OutOfScope] = []
    for path, named in files:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
        for question in data.get("questions", ()):
            turn = _turn(question)
            single.append(Dialogue(question["id"], named or half_of(turn.items[0]), (turn,)))
        for dialogue in data.get("dialogues", ()):
            turns = tuple(_turn(turn) for turn in dialogue["turns"])
            dialogues.append(Dialogue(dialogue["id"], named or half_of(dialogue["id"]), turns))
        for question in data.get("out_of_scope", ()):
            outside.append(
                OutOfScope(question["id"], named or half_of(question["id"]), question["ask"], question["expect"])
            )
    return Questions(
        tuple(one for one in single if one.half in wanted),
        tuple(one for one in dialogues if one.half in wanted),
        tuple(one for one in outside if one.half in wanted),
    )


def _turn(written: Mapping[str, Any]) -> Turn:
    return Turn(
        ask=written["ask"],
        items=several(written.get("items") or written.get("item")),
        elements=several(written.get("element")),
        situation=written.get("situation") or {},
        told=several(written.get("told")),
        facts=several(written.get("facts")),
        wrong=several(written.get("wrong")),
        slips=several(written.get("slip")),
    )
