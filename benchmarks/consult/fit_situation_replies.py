"""Fit how a typed reply to a choice that was just asked is read (services/consult/situation_meaning.py), on development items.

    python -m benchmarks.consult.fit_situation_replies

Replies are the library's own phrases, each taken out of its option before it is read; messages about the same item that tell
nothing of the question are no replies. Weights are fitted by folds of items. Prints the weights, and by threshold and lead how many
of the replies that nothing else reads are read right, how many wrong, and how many messages were taken for a reply.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from benchmarks.consult.fit import FOLDS, fitted
from benchmarks.consult.fit_situations import line, plain, turns_of_items, without_head
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.schema import AnswerKind, Situation
from services.consult.bigrams import bare
from services.consult.policy import load_policy
from services.consult.situation_meaning import MEANING_SIGNS, OPTION_SIGNS, MeaningReader
from services.consult.situation_reading import SituationReader
from training.written import is_dev

EVERY = 2
"""Every second phrase will do."""
MESSAGES = 6
"""Messages that are no reply, of each item."""
FROM, LEAD = (0.4, 0.5, 0.55, 0.6, 0.7), (0.0, 0.3, 0.5)


def replies(library: Library) -> Iterator[tuple[str, Situation, str, str | None]]:
    """Item, question as it is without the phrase, reply, and the option that is right; None for what is no reply."""
    turns = turns_of_items(library)
    for item in (one for one in library.items.values() if is_dev(one.id)):
        others = [turn for of, turn in turns if of.id == item.id][:MESSAGES]
        for situation in (one for one in item.situations if one.kind is AnswerKind.CHOICE):
            for option in situation.options:
                for phrase in option.said[::EVERY]:
                    kept = option.model_copy(update={"said": tuple(one for one in option.said if one != phrase)})
                    options = tuple(kept if one is option else one for one in situation.options)
                    yield item.id, situation.model_copy(update={"options": options}), phrase, option.value
            for turn in others:
                if situation.id not in turn.told:
                    yield item.id, situation, plain(turn.ask), None


def run() -> None:
    """Print the weights and the table."""
    library, words = Library.load(Settings().content_dir), load_policy().situations
    before, reader, meaning = without_head(words), SituationReader(words), MeaningReader(words.meaning)
    rows: list[list[float]] = []
    wanted: list[bool] = []
    folds: list[int] = []
    found: list[tuple[Situation, str, str | None, bool, int]] = []
    for item, situation, text, right in replies(library):
        found.append((situation, text, right, before.reply(situation, text) is None, len(rows)))
        for option, values in zip(situation.options, reader.signs(None, situation, text), strict=True):
            rows.append(values)
            wanted.append(option.value == right)
            folds.append(hashlib.sha256(item.encode()).digest()[1] % FOLDS)
    table, good, fold = np.array(rows), np.array(wanted), np.array(folds)
    chances = np.zeros(len(good))
    for number in range(FOLDS):
        weights = fitted(table[fold != number], good[fold != number])
        chances[fold == number] = 1 / (1 + np.exp(-(table[fold == number] @ weights[:-1] + weights[-1])))
    read: list[tuple[float, float, bool, bool]] = []
    for situation, text, right, unread, start in found:
        if unread and len(bare(text)) <= words.meaning.reply_longest and not meaning.is_question(text):
            own = chances[start : start + len(situation.options)]
            second, first = np.sort(own)[-2:]
            value = situation.options[int(own.argmax())].value
            read.append((float(first), float(first - second), value == right, right is not None))
    print(f"unread replies {sum(one[3] for one in read)}, other short messages {sum(not one[3] for one in read)}")
    for least in FROM:
        for lead in LEAD:
            held = [one for one in read if one[0] >= least and one[1] >= lead]
            right_ones, wrong = sum(one[2] for one in held), sum(one[3] and not one[2] for one in held)
            taken, share = len(held) - right_ones - wrong, right_ones / max(1, len(held))
            print(
                f"from {least} lead {lead}: right {right_ones}, wrong {wrong}, taken for one {taken}, share {share:.3f}"
            )
    print("  reply_weights: " + line(fitted(table, good), (*OPTION_SIGNS, *MEANING_SIGNS)))


if __name__ == "__main__":
    run()
