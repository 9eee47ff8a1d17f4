"""Fit the head that reads answers told in other words (services/consult/situation_meaning.py) on the development half.

    python -m benchmarks.consult.fit_situations [--show]

Each choice on the path of a question's citizen is looked at, without the bot and without vectors: which option does the message
tell (`told`), by folds of items. An option that the citizen would answer but doesn't tell is left out. Prints what is read
before and after, and the weights and the threshold for services/consult/situations.yaml. Wrong is worse than asked again, so the
threshold is the lowest from which `RIGHT` of what is newly read is right, by heads that haven't seen the item.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.consult.fit import FOLDS, fitted
from benchmarks.consult.reading import Turn, read_questions
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.rules import Answer, holds
from knowledge_base.schema import AnswerKind, ServiceItem, Situation
from services.consult.cleaning import clean
from services.consult.personal_data import mask, without_marks
from services.consult.policy import SituationsEntry, load_policy
from services.consult.simplifying import simplify
from services.consult.situation_meaning import MEANING_SIGNS, OPTION_SIGNS
from services.consult.situation_reading import SituationReader

RIGHT = 0.95
NEVER = 2.0


@dataclass(frozen=True, slots=True)
class Case:
    """One choice beside one message. `answer`: what this citizen answers; `told`: the message says it; `before`: what is read
    without the head; `values`: the signs of each option."""

    item: str
    situation: Situation
    text: str
    answer: Answer | None
    told: bool
    before: Answer | None
    values: tuple[tuple[float, ...], ...]

    @property
    def fold(self) -> int:
        """By its item, so that none decides about itself."""
        return hashlib.sha256(self.item.encode()).digest()[1] % FOLDS


def plain(text: str) -> str:
    """A message as the bot's steps before hand it on."""
    return simplify(without_marks(mask(clean(text)).text))


def without_head(words: SituationsEntry) -> SituationReader:
    """A reader that reads only what is told word for word, by rules or by labels."""
    return SituationReader(
        words.model_copy(update={"meaning": words.meaning.model_copy(update={"told_from": NEVER, "reply_from": NEVER})})
    )


def turns_of_items(library: Library) -> list[tuple[ServiceItem, Turn]]:
    """The development turns about an item that the library holds."""
    questions = read_questions(["dev"])
    turns = [turn for dialogue in (*questions.single, *questions.dialogues) for turn in dialogue.turns if turn.items]
    return [(library.items[turn.items[0]], turn) for turn in turns if turn.items[0] in library.items]


def cases(library: Library, words: SituationsEntry) -> list[Case]:
    """The choices of the development half that are asked aloud and lie on their citizen's path."""
    before, reader = without_head(words), SituationReader(words)
    found = []
    for item, turn in turns_of_items(library):
        text = plain(turn.ask)
        read = before.told(item, text, {})
        for situation in item.situations:
            aloud = situation.kind is AnswerKind.CHOICE and situation.id not in words.quiet
            if not aloud or (situation.rule is not None and holds(situation.rule, dict(turn.situation)) is not True):
                continue
            found.append(
                Case(
                    item.id,
                    situation,
                    text,
                    turn.situation.get(situation.id),
                    situation.id in turn.told,
                    read.get(situation.id),
                    tuple(map(tuple, reader.signs(item, situation, text))),
                )
            )
    return found


def by_folds(found: list[Case]) -> tuple[list[tuple[float, str]], NDArray[np.float64]]:
    """The likeliest option of each case with its chance, by weights fitted without its fold; and the weights over all."""
    rows, wanted, folds, kept = [], [], [], []
    for case in found:
        for option, values in zip(case.situation.options, case.values, strict=True):
            rows.append(values)
            wanted.append(case.told and option.value == case.answer)
            folds.append(case.fold)
            kept.append(case.told or option.value != case.answer)
    table, right, fold, keep = np.array(rows), np.array(wanted), np.array(folds), np.array(kept)
    chances = np.zeros(len(right))
    for number in range(FOLDS):
        weights = fitted(table[(fold != number) & keep], right[(fold != number) & keep])
        chances[fold == number] = 1 / (1 + np.exp(-(table[fold == number] @ weights[:-1] + weights[-1])))
    likeliest, place = [], 0
    for case in found:
        own = chances[place : place + len(case.values)]
        likeliest.append((float(own.max()), case.situation.options[int(own.argmax())].value))
        place += len(case.values)
    return likeliest, fitted(table[keep], right[keep])


def least(likeliest: list[tuple[float, bool]]) -> float:
    """The lowest chance from which on `RIGHT` of the readings are right; `NEVER` if there is none."""
    best, right = NEVER, 0
    for number, (chance, good) in enumerate(sorted(likeliest, reverse=True), 1):
        right += good
        if right / number >= RIGHT:
            best = chance
    return best


def counted(title: str, found: list[Case], read: list[Answer | None]) -> str:
    """A line of counts. An answer that is right without being told is right; any other reading is wrong."""
    told = sum(case.told for case in found)
    pairs = [(case, answer) for case, answer in zip(found, read, strict=True) if answer is not None]
    right = sum(answer == case.answer for case, answer in pairs)
    hit = sum(answer == case.answer and case.told for case, answer in pairs)
    return (
        f"{title}: told {told}, of these read right {hit} ({hit / told:.3f}); "
        f"read {len(pairs)}, right {right} ({right / len(pairs):.3f}), wrong {len(pairs) - right}"
    )


def line(weights: NDArray[np.float64], names: tuple[str, ...]) -> str:
    """A line of the file."""
    pairs: Mapping[str, float] = dict(zip(("bias", *names), [weights[-1], *weights[:-1]], strict=True))
    return "{" + ", ".join(f"{name}: {value:.3f}" for name, value in pairs.items()) + "}"


def run(*, show: bool) -> None:
    """Print the weights, and what is read before and after."""
    library, words = Library.load(Settings().content_dir), load_policy().situations
    found = cases(library, words)
    likeliest, weights = by_folds(found)
    unread = [
        (chance, value == case.answer)
        for case, (chance, value) in zip(found, likeliest, strict=True)
        if case.before is None
    ]
    told_from = least(unread)
    after = [
        case.before if case.before is not None else value if chance >= told_from else None
        for case, (chance, value) in zip(found, likeliest, strict=True)
    ]
    print(counted("before", found, [case.before for case in found]))
    print(counted("after, by folds", found, after))
    if show:
        for case, answer in zip(found, after, strict=True):
            if answer is not None and case.before is None and answer != case.answer:
                print(f"  {case.item} {case.situation.id}: {answer}, right {case.answer}: {case.text}")
    print(f"  told_from: {told_from:.3f}")
    print("  weights: " + line(weights, (*OPTION_SIGNS, *MEANING_SIGNS)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what is newly read wrong")
    run(show=parser.parse_args().show)
