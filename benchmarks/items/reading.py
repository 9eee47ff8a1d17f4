"""The benchmark's questions and the catalogue of a real district, read from files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from knowledge_base.entries import DirectoryItem
from training.written import half_of

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asked, and the id of the item that it is about."""

    item: str
    text: str

    @property
    def half(self) -> str:
        """ "dev" or "test", by the item."""
        return half_of(self.item)


def read_questions(folder: Path = FOLDER) -> list[Question]:
    """Every question of `questions-*.yaml`, in the order of files."""
    reader = YAML(typ="safe")
    return [
        Question(group["item"], text)
        for path in sorted(folder.glob("questions-*.yaml"))
        for group in reader.load(path)["questions"]
        for text in group["questions"]
    ]


def read_directory(path: Path) -> list[DirectoryItem]:
    """The items of a catalogue, one JSON object a line with `name` and `department`; each name once, without the levels
    in brackets at its end (市级/县级), which no person says."""
    items: dict[str, DirectoryItem] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(line)
        name = re.sub(r"([（(][省市县区级、/]+[）)])+$", "", row["name"].strip())
        items.setdefault(name, DirectoryItem(id=f"directory-{number}", name=name, department=row["department"]))
    return list(items.values())


def of_half(questions: Sequence[Question], half: str) -> list[Question]:
    """The questions of one half."""
    return [question for question in questions if question.half == half]
