"""What the embedder learns from: questions with the texts that answer them, and sentences with the route they belong to.

Comes in: the library, the development half of the written questions, sentences written for training, and BEIR sets (their
development half). Goes out: `TrainingData`, with a card that says where everything is from and a hash of all of it. The test
half never gets in (`training.written` halves), and `check_leakage` refuses the text of a test question wherever it may come from.
A third of the development items stays out too (`is_learnt`), and so do the written messages out of scope and the dialogues: on
them the product's decisions are fitted over vectors that know as little of them as of a citizen's next question.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import Invalid
from knowledge_base.entries import Faq, kind_of
from knowledge_base.index.search_documents import names_of_library, sections_of_library
from knowledge_base.library import Library
from knowledge_base.terms import EntryKind
from training.beir import read_beir
from training.written import (
    EXEMPLARS,
    FRESH_QUESTIONS,
    ITEM_QUESTIONS,
    QUESTIONS,
    SENTENCES,
    is_dev,
    is_learnt,
    read,
    several,
)

OVERVIEW = "overview"
CALLED = {"online": "visits"}
"""Elements that a guide writes under another one."""
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the texts of which any is right.

    `item`: what it is about; empty for a question of a BEIR set. `elements`: asked for; empty if the question leaves it open.
    `origin`: where it is from, for the card.
    """

    question: str
    answers: tuple[str, ...]
    item: str
    elements: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Everything that one training reads.

    `sections`: item -> element -> text. `names`: item -> its names. `other_names`: names of what is no item with a guide.
    `routes`: (sentence, route). `documents`: BEIR set -> texts.
    """

    pairs: tuple[Pair, ...]
    sections: Mapping[str, Mapping[str, str]]
    names: Mapping[str, tuple[str, ...]]
    other_names: tuple[str, ...]
    routes: tuple[tuple[str, str], ...]
    beir: tuple[Pair, ...] = ()
    documents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def card(self) -> dict[str, Any]:
        """Counts by origin, and the hash of all questions, answers and routes in any order."""
        lines = [
            json.dumps([one.question, one.answers, one.origin], ensure_ascii=False) for one in (*self.pairs, *self.beir)
        ]
        lines += [json.dumps(route, ensure_ascii=False) for route in self.routes]
        return {
            "pairs": dict(sorted(Counter(one.origin for one in (*self.pairs, *self.beir)).items())),
            "routes": dict(sorted(Counter(route for _, route in self.routes).items())),
            "sha256": hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest(),
        }


def collected(library: Library, sets: Sequence[Path] = ()) -> TrainingData:
    """Gather the training data; `sets` are folders in BEIR form.

    Raises:
        Invalid: `test_in_training`: a question of the test half has got in.
    """
    documents = [(section, document.full_text) for section, document in sections_of_library(library)]
    items = {key for key, entry in library.entries.items() if kind_of(entry) is EntryKind.ITEM}
    sections: dict[str, dict[str, str]] = {}
    for section, text in documents:
        if section.entry_id in items:
            sections.setdefault(section.entry_id, {})[section.element.value] = text
    names: dict[str, list[str]] = {}
    others: list[str] = []
    for name in names_of_library(library):
        (names.setdefault(name.entry_id, []) if name.entry_id in items else others).append(name.text)
    pairs = [
        Pair(question, found, item, elements, origin)
        for question, item, elements, origin in _questions(library)
        if item in items and (found := _answers(item, elements, sections, names))
    ]
    faq_texts = {section.entry_id: text for section, text in documents}
    for key, entry in library.entries.items():
        if isinstance(entry, Faq) and is_learnt(entry.item) and entry.item in items:
            element = entry.element.value
            right = (faq_texts[key], *_answers(entry.item, (element,), sections, names)[:1])
            pairs += [Pair(text, right, entry.item, (element,), "faq") for text in (entry.name, *entry.aliases)]
    routes: dict[tuple[str, str], None] = {}
    for path in (EXEMPLARS, SENTENCES / "routes.yaml"):
        for route, texts in read(path).items():
            routes.update(dict.fromkeys((text, route) for text in texts))
    beir, beir_documents = _beir(sets)
    data = TrainingData(
        tuple(dict.fromkeys(pairs)),
        sections,
        {key: tuple(texts) for key, texts in names.items()},
        tuple(dict.fromkeys(others)),
        tuple(routes),
        beir,
        beir_documents,
    )
    check_leakage(data, held_out_questions())
    return data


def check_leakage(data: TrainingData, held_out: Iterable[str]) -> None:
    """Refuse training data with the text of a question that results are reported on; signs and case don't count.

    Raises:
        Invalid: `test_in_training`, with the number of such sentences and the origins they came by.
    """
    kept = {_bare(text) for text in held_out}
    found = [one.origin for one in (*data.pairs, *data.beir) if _bare(one.question) in kept]
    # 谢谢 and 你好 stand in every collection of small talk.
    found += ["routes" for text, _ in data.routes if _bare(text) in kept and len(_bare(text)) > 6]
    if found:
        raise Invalid(
            f"训练数据里有 {len(found)} 句测试题（来自 {'、'.join(sorted(set(found)))}），请先去掉再训练。",
            code="test_in_training",
        )


def held_out_questions() -> list[str]:
    """Texts of the test half of all written questions, of benchmarks/consult (single, dialogues, out of scope, life events) and
    benchmarks/items, and all of the third set."""
    found: list[str] = []
    for path in sorted(FRESH_QUESTIONS.glob("*.yaml")):
        data = read(path)
        found += [one["ask"] for one in (*data.get("questions", ()), *data.get("out_of_scope", ()))]
        found += [turn["ask"] for dialogue in data.get("dialogues", ()) for turn in dialogue["turns"]]
    for path in sorted(QUESTIONS.glob("*.yaml")):
        data = read(path)
        for question in data.get("questions", ()):
            if not is_dev(several(question.get("items") or question["item"])[0]):
                found.append(question["ask"])
        found += [one["ask"] for one in data.get("out_of_scope", ()) if not is_dev(one["id"])]
        for dialogue in data.get("dialogues", ()):
            found += [turn["ask"] for turn in dialogue["turns"] if not is_dev(dialogue["id"])]
        for message in data.get("life_events", ()):
            if not is_dev(message.get("event") or message["near"]):
                found.append(message["ask"])
    for group in _item_questions():
        if not is_dev(group["item"]):
            found += group["questions"]
    return found


def _questions(library: Library) -> Iterable[tuple[str, str, tuple[str, ...], str]]:
    """Development questions about items: question, item, elements, origin."""
    for path in sorted(QUESTIONS.glob("*.yaml")):
        for question in read(path).get("questions", ()):
            item = several(question.get("items") or question["item"])[0]
            if is_learnt(item):
                yield question["ask"], item, tuple(several(question.get("element"))), "consult questions"
    for group in _item_questions():
        if is_learnt(group["item"]):
            yield from ((text, group["item"], (), "item questions") for text in group["questions"])
    for path in sorted(SENTENCES.glob("asked-*.yaml")):
        for item, asked in read(path).items():
            if is_learnt(item):
                yield from ((text, item, (element,), "asked") for element, texts in asked.items() for text in texts)
    for key, entry in library.entries.items():
        if kind_of(entry) is EntryKind.ITEM and is_learnt(key):
            yield from ((alias, key, (), "aliases") for alias in entry.aliases)


def _answers(
    item: str, elements: Sequence[str], sections: Mapping[str, Mapping[str, str]], names: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """The item's sections of `elements`; where none is asked for or there, its overview and first names."""
    own = sections.get(item, {})
    right = tuple(own[CALLED.get(one, one)] for one in elements if CALLED.get(one, one) in own)
    return right or (*filter(None, [own.get(OVERVIEW)]), *names.get(item, ())[:3])


def _beir(folders: Sequence[Path]) -> tuple[tuple[Pair, ...], dict[str, tuple[str, ...]]]:
    pairs: list[Pair] = []
    documents: dict[str, tuple[str, ...]] = {}
    for data in map(read_beir, folders):
        texts = {document.id: document.full_text for document in data.documents}
        documents[data.name] = tuple(dict.fromkeys(texts.values()))
        for query, text in data.queries.items():
            answers = tuple(dict.fromkeys(texts[one] for one in data.relevance.get(query, ()) if one in texts))
            if is_dev(text) and answers:
                pairs.append(Pair(text, answers, "", (), data.name))
    return tuple(pairs), documents


def _item_questions() -> Iterable[dict[str, Any]]:
    for path in sorted(ITEM_QUESTIONS.glob("questions-*.yaml")):
        yield from read(path)["questions"]


def _bare(text: str) -> str:
    return _SIGNS.sub("", text.lower())
