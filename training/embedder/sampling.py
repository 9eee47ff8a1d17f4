"""What a step of the training takes: questions, the text that answers each, and one that doesn't but looks it.

Comes in: the training data and the untrained vectors, by which neighbours are found. Goes out: `Step`s, numbers of texts. The same
seed and number always give the same step, so that a training that was killed goes on as if it hadn't been.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from training.embedder.network import States
from training.embedder.pairs import OVERVIEW, Pair, TrainingData

NAME = "name"
"""Stands for the element of a name: what a question to its item may always be answered by."""
NEAR_ITEMS, NEAR_NAMES, NEAR_DOCUMENTS = 6, 30, 20
SKIPPED = {"lecoqa_qa": 3}
"""Best unlabelled documents that are left out as negatives: several lawyers' answers to much the same question are right."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a training depends on beside its data. `first`: the lowest layer that learns. `beir_share`: of the steps.

    `name_share`: of the library's questions, those that learn the name of their item in place of the section that answers them.
    `share`: how far the weights that are written lie from the old ones to those that were trained; on the way names are found
    better than at either end, and what else was learnt is hardly less (Wortsman et al. 2022, "Robust fine-tuning of zero-shot
    models"). `elements_weight` is small, since the product's own head is trained on much the same questions: the better they are
    told apart here, the less it learns of how much they differ elsewhere.
    """

    first: int = 8
    steps: int = 480
    rate: float = 4e-5
    warm_up: int = 20
    temperature: float = 0.02
    backward: float = 0.3
    routes_weight: float = 0.5
    elements_weight: float = 0.2
    name_share: float = 0.15
    beir_share: float = 0.3
    batch: int = 24
    beir_batch: int = 16
    routes: int = 12
    dropout: float = 0.1
    share: float = 0.7
    seed: int = 1


class Texts:
    """The texts of a training by number."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], int] = {}

    def number(self, role: str, text: str) -> int:
        """The number of a text in the role of a query or a passage."""
        return self.known.setdefault((role, text), len(self.known))

    @classmethod
    def of(cls, data: TrainingData) -> Texts:
        """Every text of `data`."""
        texts = cls()
        for one in (*data.pairs, *data.beir):
            texts.number("query", one.question)
            for answer in one.answers:
                texts.number("passage", answer)
        for sections in data.sections.values():
            for text in sections.values():
                texts.number("passage", text)
        for text in (*(name for names in data.names.values() for name in names), *data.other_names):
            texts.number("passage", text)
        for documents in data.documents.values():
            for text in documents:
                texts.number("passage", text)
        for text, _ in data.routes:
            texts.number("query", text)
        return texts


@dataclass(frozen=True, slots=True)
class Step:
    """Numbers of texts. `forbidden`: bool (questions, answers + negatives), True where a text is no negative of a question."""

    questions: list[int]
    answers: list[int]
    negatives: list[int]
    forbidden: Tensor
    extra: list[int]
    routes: list[int]
    elements: list[int]


class Sampler:
    """Draws steps; the same seed and number always give the same step."""

    def __init__(self, data: TrainingData, texts: Texts, states: States, config: Config) -> None:
        self.config = config
        self.data = data
        self._query = {text: number for (role, text), number in texts.known.items() if role == "query"}
        self._passage = {text: number for (role, text), number in texts.known.items() if role == "passage"}
        self.route_names = sorted({route for _, route in data.routes} | {"how_to"})
        self.element_names = sorted({element for pair in data.pairs for element in pair.elements})
        self._beir: dict[str, list[Pair]] = {}
        for one in data.beir:
            self._beir.setdefault(one.origin, []).append(one)
        self._owners = {self._passage[name]: item for item, names in data.names.items() for name in names}
        self._near_items, self._near_names = self._neighbours(states)
        self._near_documents = self._mined(states)

    def step(self, number: int) -> Step:
        """The step of this number."""
        chance = random.Random(f"{self.config.seed}/{number}")  # noqa: S311 - no secret
        if self._beir and chance.random() < self.config.beir_share:
            return self._beir_step(chance)
        return self._library_step(chance)

    def _library_step(self, chance: random.Random) -> Step:
        drawn = chance.sample(self.data.pairs, min(self.config.batch, len(self.data.pairs)))
        pairs = [self._by_name(pair) if chance.random() < self.config.name_share else pair for pair in drawn]
        answers = [self._passage[chance.choice(pair.answers)] for pair in pairs]
        negatives: list[int] = []
        keys: list[tuple[str, str]] = []
        for pair in pairs:
            text, key = self._negative(pair, chance)
            negatives.append(text)
            keys.append(key)
        forbidden = torch.zeros((len(pairs), 2 * len(pairs)), dtype=torch.bool)
        for row, pair in enumerate(pairs):
            for column, other in enumerate(pairs):
                alike = other.item == pair.item and (
                    not pair.elements or not other.elements or bool({*pair.elements} & {*other.elements})
                )
                forbidden[row, column] = row != column and (answers[row] == answers[column] or alike)
                item, element = keys[column]
                forbidden[row, len(pairs) + column] = negatives[column] == answers[row] or (
                    item == pair.item and (not pair.elements or element in (*pair.elements, NAME))
                )
        told = chance.sample(self.data.routes, min(self.config.routes, len(self.data.routes)))
        asked = self.route_names.index("how_to")
        return Step(
            [self._query[pair.question] for pair in pairs],
            answers,
            negatives,
            forbidden,
            [self._query[text] for text, _ in told],
            [asked] * len(pairs) + [self.route_names.index(route) for _, route in told],
            [self.element_names.index(pair.elements[0]) if pair.elements else -100 for pair in drawn],
        )

    def _by_name(self, pair: Pair) -> Pair:
        """The same question, with its item's names as what is right."""
        return replace(pair, answers=tuple(self.data.names[pair.item]), elements=())

    def _negative(self, pair: Pair, chance: random.Random) -> tuple[int, tuple[str, str]]:
        """A text that looks right and isn't, with the item and element that it is of."""
        kind = chance.random()
        own = self.data.sections.get(pair.item, {})
        others = [element for element in own if element not in pair.elements]
        if pair.elements and others and kind < 0.4:
            element = chance.choice(others)
            return self._passage[own[element]], (pair.item, element)
        if self._near_items.get(pair.item) and kind < 0.75:
            item = chance.choice(self._near_items[pair.item])
            sections = self.data.sections[item]
            element = pair.elements[0] if pair.elements and pair.elements[0] in sections else OVERVIEW
            return self._passage[sections[element]], (item, element)
        text = chance.choice(self._near_names[pair.item])
        return text, (self._owners.get(text, ""), NAME)

    def _beir_step(self, chance: random.Random) -> Step:
        # The set with the more formal texts is the harder one: it is drawn twice as often.
        origins = sorted(self._beir)
        origin = chance.choice([*origins, origins[-1]])
        pairs = chance.sample(self._beir[origin], min(self.config.beir_batch, len(self._beir[origin])))
        answers = [self._passage[chance.choice(pair.answers)] for pair in pairs]
        negatives = [chance.choice(self._near_documents[pair.question, origin]) for pair in pairs]
        right = [{self._passage[text] for text in pair.answers} for pair in pairs]
        forbidden = torch.zeros((len(pairs), 2 * len(pairs)), dtype=torch.bool)
        for row, own in enumerate(right):
            for column in range(len(pairs)):
                forbidden[row, column] = row != column and answers[column] in own
                forbidden[row, len(pairs) + column] = negatives[column] in own
        return Step([self._query[pair.question] for pair in pairs], answers, negatives, forbidden, [], [], [])

    def _neighbours(self, states: States) -> tuple[dict[str, list[str]], dict[str, list[int]]]:
        """For each item the nearest other items, and the nearest names that aren't its own, by the untrained vectors."""
        items = [item for item, sections in self.data.sections.items() if OVERVIEW in sections]
        overviews = states.vectors[[self._passage[self.data.sections[item][OVERVIEW]] for item in items]]
        near_items = {}
        for row, item in enumerate(items):
            order = np.argsort(-(overviews @ overviews[row]), kind="stable")
            near_items[item] = [items[place] for place in order if place != row][:NEAR_ITEMS]
        owners = [(item, name) for item, names in self.data.names.items() for name in names]
        owners += [("", name) for name in self.data.other_names]
        numbers = np.array([self._passage[name] for _, name in owners])
        near_names = {}
        for item, names in self.data.names.items():
            middle = states.vectors[[self._passage[name] for name in names]].mean(axis=0)
            order = np.argsort(-(states.vectors[numbers] @ middle), kind="stable")
            own = {self._passage[name] for name in names}
            near_names[item] = [int(numbers[place]) for place in order if int(numbers[place]) not in own][:NEAR_NAMES]
        return near_items, near_names

    def _mined(self, states: States) -> dict[tuple[str, str], list[int]]:
        """For each BEIR question the unlabelled documents that the untrained encoder likes best."""
        found = {}
        for origin, pairs in self._beir.items():
            numbers = np.array([self._passage[text] for text in self.data.documents[origin]])
            vectors = states.vectors[numbers]
            for pair in pairs:
                right = {self._passage[text] for text in pair.answers}
                order = np.argsort(-(vectors @ states.vectors[self._query[pair.question]]), kind="stable")
                best = [int(numbers[place]) for place in order[: NEAR_DOCUMENTS + 10]]
                skipped = SKIPPED.get(origin, 0)
                found[pair.question, origin] = [one for one in best if one not in right][skipped:][:NEAR_DOCUMENTS]
        return found
