"""Sentiment and 差评 detection on comments that were written before training and never learnt from, beside snownlp and cnsenti."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from benchmarks.algorithms.handles import text_head
from services.algorithms.sentiment.sentiment import HEAD, Comment, Sentiment, run
from training.text_heads import RECIPES
from training.written import read

MOODS = {"praise": "positive", "neutral": "neutral", "bad_rating": "negative", "grievance": "negative"}


def f1(wanted: Sequence[bool], found: Sequence[bool]) -> float:
    """Harmonic mean of precision and recall."""
    hit = sum(one and other for one, other in zip(wanted, found, strict=True))
    return 2 * hit / max(1, sum(wanted) + sum(found))


def macro(wanted: Sequence[str], found: Sequence[str]) -> float:
    """Mean F1 of the moods."""
    moods = sorted(set(MOODS.values()))
    return sum(f1([w == m for w in wanted], [g == m for g in found]) for m in moods) / len(moods)


async def _read(texts: list[str]) -> list[Sentiment]:
    async with text_head(HEAD, RECIPES[HEAD].version, coloured=True) as head:
        return [await run(Comment(text=text), head) for text in texts]


def _libraries(texts: list[str]) -> dict[str, list[str]]:
    """Moods by libraries, where they are installed; neither knows of a middle, which is cut where it suits them."""
    found: dict[str, list[str]] = {}
    try:
        from snownlp import SnowNLP

        scores = [SnowNLP(text).sentiments for text in texts]
        found["snownlp"] = ["positive" if s > 0.6 else "negative" if s < 0.4 else "neutral" for s in scores]
    except ImportError:
        pass
    try:
        from jionlp.algorithm.sentiment import LexiconSentiment

        lexicon = LexiconSentiment()
        scores = [lexicon(text) for text in texts]
        found["jionlp"] = ["positive" if s > 0.55 else "negative" if s < 0.45 else "neutral" for s in scores]
    except ImportError:
        pass
    try:
        from cnsenti import Sentiment as Dictionary

        dictionary = Dictionary()
        counts = [dictionary.sentiment_count(text) for text in texts]
        found["cnsenti"] = [
            "positive" if c["pos"] > c["neg"] else "negative" if c["neg"] > c["pos"] else "neutral" for c in counts
        ]
    except ImportError:
        pass
    return found


def report(errors: bool) -> None:
    """Print the figures. Errors are listed never: the whole set is test."""
    rows = [
        (text, label) for label, texts in read(Path(__file__).with_name("sentiment.yaml")).items() for text in texts
    ]
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    wanted = [MOODS[label] for label in labels]
    found = asyncio.run(_read(texts))
    moods = [str(one.mood) for one in found]
    bad = [label == "bad_rating" for label in labels]
    print(f"{len(rows)} comments")
    print(f"mood: macro F1 {macro(wanted, moods):.3f}, accuracy {sum(map(str.__eq__, wanted, moods)) / len(rows):.3f}")
    print(f"差评: F1 {f1(bad, [one.bad_rating for one in found]):.3f}")
    negative = [mood == "negative" for mood in wanted]
    print(f"negative or not: F1 {f1(negative, [mood == 'negative' for mood in moods]):.3f}")
    clear = [one.look is False for one in found]
    right = [w == m for w, m, c in zip(wanted, moods, clear, strict=True) if c]
    print(f"sure of {sum(clear) / len(rows):.2f}, right there {sum(right) / len(right):.3f}")
    for name, guessed in _libraries(texts).items():
        both = [(w, g) for w, g in zip(wanted, guessed, strict=True) if w != "neutral"]
        print(
            f"{name}: mood macro F1 {macro(wanted, guessed):.3f}, negative or not"
            f" {f1(negative, [g == 'negative' for g in guessed]):.3f}"
            f" (without the neutral {f1([w == 'negative' for w, _ in both], [g == 'negative' for _, g in both]):.3f})"
        )
