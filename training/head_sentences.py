"""The sentences that the bot's linear heads learn from: of the development half, written for training, and of the library itself.

What the library says is learnt from whole: its items' names stand on every page, so they tell nothing of a test question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge_base.entries import DirectoryItem, Faq
from knowledge_base.library import Library
from knowledge_base.terms import ITEM_ELEMENTS
from training.written import EXEMPLARS, ITEM_QUESTIONS, QUESTIONS, SENTENCES, is_dev, read, several

OUTSIDE = {"forbidden_words": "forbidden"}
"""Where a development question's kind is called otherwise than its route; the rest have the same name."""
ASKED = ("asked-1.yaml", "asked-2.yaml", "more_asked.yaml")
ROUTES = ("routes.yaml", "beyond.yaml", "follow_ups.yaml", "wider.yaml")
SHORT = 14
"""A turn of a dialogue with so many characters at most is a follow-up by its looks too."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One training sentence. `labels`: share of each label (sum 1). `group`: sentences of one group stay in one fold."""

    text: str
    labels: dict[str, float]
    group: str


def route_sentences(library: Library) -> list[Sentence]:
    """Sentences with the route they belong to, each text once; not_held is public business that the library has no guide of."""
    found = list(_written())
    found += _of_library(library)
    found += _asked()
    return _once(found)


def element_sentences(_: Library) -> list[Sentence]:
    """Questions with the element they ask for. The library's FAQ is left out: it explains an element rather than asks for it, and
    cost .03 of the accuracy."""
    known = {element.value for element in ITEM_ELEMENTS}
    found = [
        Sentence(text, {element: 1.0}, item)
        for name in ASKED
        for item, elements in read(SENTENCES / name).items()
        for element, texts in elements.items()
        if element in known
        for text in texts
    ]
    for path in sorted(QUESTIONS.glob("*.yaml")):
        data = read(path)
        for question in data.get("questions", ()):
            items = several(question.get("items") or question["item"])
            elements = [one for one in several(question.get("element")) if one in known]
            if is_dev(items[0]) and elements:
                found.append(Sentence(question["ask"], dict.fromkeys(elements, 1 / len(elements)), items[0]))
        for dialogue in data.get("dialogues", ()):
            for turn in dialogue["turns"] if is_dev(dialogue["id"]) else ():
                elements = [one for one in several(turn.get("element")) if one in known]
                if elements:
                    found.append(Sentence(turn["ask"], dict.fromkeys(elements, 1 / len(elements)), dialogue["id"]))
    return _once(found)


def _written() -> Iterator[Sentence]:
    """Messages written for training, by route."""
    for path in (EXEMPLARS, *(SENTENCES / name for name in ROUTES)):
        # Business of public offices that the embedder learnt as how_to may or may not be the library's: not told here.
        told = {route: texts for route, texts in read(path).items() if path.name != "routes.yaml" or route != "how_to"}
        for route, texts in told.items():
            yield from (Sentence(text, {route: 1.0}, text) for text in texts)


def _of_library(library: Library) -> Iterator[Sentence]:
    for entry in library.entries.values():
        if isinstance(entry, Faq):
            yield from (Sentence(name, {"how_to": 1.0}, entry.item) for name in (entry.name, *entry.aliases[:1]))
        elif isinstance(entry, DirectoryItem):
            yield from (Sentence(name, {"not_held": 1.0}, entry.id) for name in (entry.name, *entry.aliases))
    for item in library.items.values():
        yield from (Sentence(name, {"how_to": 1.0}, item.id) for name in (item.name, *item.aliases))


def _asked() -> Iterator[Sentence]:
    """What is asked of the development half's items, and the development half's other messages."""
    for name in ASKED:
        for item, elements in read(SENTENCES / name).items():
            yield from (Sentence(text, {"how_to": 1.0}, item) for texts in elements.values() for text in texts)
    for path in sorted(ITEM_QUESTIONS.glob("questions-*.yaml")):
        for group in read(path)["questions"]:
            if is_dev(group["item"]):
                yield from (Sentence(text, {"how_to": 1.0}, group["item"]) for text in group["questions"])
    for path in sorted(QUESTIONS.glob("*.yaml")):
        data = read(path)
        for question in data.get("questions", ()):
            item = several(question.get("items") or question["item"])[0]
            if is_dev(item):
                yield Sentence(question["ask"], {"how_to": 1.0}, item)
        for question in data.get("out_of_scope", ()):
            if is_dev(question["id"]):
                yield Sentence(
                    question["ask"], {OUTSIDE.get(question["expect"], question["expect"]): 1.0}, question["id"]
                )
        for dialogue in data.get("dialogues", ()):
            if is_dev(dialogue["id"]):
                yield from (
                    Sentence(turn["ask"], {"follow_up": 1.0}, dialogue["id"])
                    for turn in dialogue["turns"][1:]
                    if "expect" not in turn and len(turn["ask"]) <= SHORT
                )


def _once(sentences: Iterable[Sentence]) -> list[Sentence]:
    return list({sentence.text: sentence for sentence in sentences}.values())
