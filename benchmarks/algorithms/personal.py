"""Personal-data masking on sentences with made-up data, beside jionlp and the consult bot's own mask.

A datum is found if every character of it is masked; a find is right if it lies on a datum
and reaches over it by two characters at most.
Test sentences and forms differ from dev's; each sentence is filled several times.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.algorithms.personal_values import SLOTS
from services.algorithms.personal_data.masking import found
from training.written import read

FILLS = {"dev": 8, "test": 9}
SLACK = 2
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sentence:
    """`data`: (kind, start, end)."""

    text: str
    data: tuple[tuple[str, int, int], ...]


def sentences(half: str) -> list[Sentence]:
    """Every sentence of the half, filled; the same each time."""
    random_ = random.Random(f"personal {half}")
    made = []
    for template in read(Path(__file__).with_name("personal_texts.yaml"))[half]["sentences"]:
        for _ in range(FILLS[half]):
            text, data, place = "", [], 0
            for slot in re.finditer(r"\{(\w+)\}", template):
                text += template[place : slot.start()]
                value = SLOTS[slot[1]](random_, half)
                data.append((slot[1], len(text), len(text) + len(value)))
                text += value
                place = slot.end()
            made.append(Sentence(text + template[place:], tuple(data)))
    return made


def score(
    made: list[Sentence], finder: Callable[[str], Iterable[Span]]
) -> tuple[dict[str, tuple[int, int]], int, int, list[str]]:
    """(found, all) by kind; finds that are right, and all finds; what went wrong, as text."""
    by_kind: dict[str, list[int]] = {}
    right = total = 0
    faults = []
    for sentence in made:
        finds = list(finder(sentence.text))
        masked = {place for start, end in finds for place in range(start, end)}
        for kind, start, end in sentence.data:
            hit = masked.issuperset(range(start, end))
            counts = by_kind.setdefault(kind, [0, 0])
            counts[0] += hit
            counts[1] += 1
            if not hit:
                faults.append(f"missed {kind} {sentence.text[start:end]}: {sentence.text}")
        for start, end in finds:
            total += 1
            good = any(
                start < other_end and other < end and start >= other - SLACK and end <= other_end + SLACK
                for _, other, other_end in sentence.data
            )
            right += good
            if not good:
                faults.append(f"wrong {sentence.text[start:end]}: {sentence.text}")
    return {kind: (hits, count) for kind, (hits, count) in by_kind.items()}, right, total, faults


def ours(text: str) -> list[Span]:
    """The product's."""
    return [(find.start, find.end) for find in found(text)]


def consult(text: str) -> list[Span]:
    """The spans that the consult bot's mask takes away, told from what is left."""
    from services.consult.personal_data import mask

    # It gets its messages with narrow signs (services/consult/cleaning.py); these translate one to one.
    text = text.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
    spans, place = [], 0
    parts = re.split(r"【[^】]+】", mask(text).text)
    for number, part in enumerate(parts):
        at = text.find(part, place) if part else place
        if number == len(parts) - 1 and not part:
            at = len(text)
        if number:
            spans.append((place, at))
        place = at + len(part)
    return spans


def jionlp() -> Callable[[str], list[Span]] | None:
    """Everything personal that jionlp extracts, or None where it isn't installed. It has no names and no bank cards."""
    try:
        import jionlp as library
    except ImportError:
        return None

    def finder(text: str) -> list[Span]:
        spans = []
        for extract in (
            library.extract_id_card,
            library.extract_phone_number,
            library.extract_email,
            library.extract_motor_vehicle_licence_plate,
        ):
            spans += [tuple(one["offset"]) for one in extract(text, detail=True)]
        merged: list[Span] = []
        for start, end in sorted(spans):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    return finder


def report(errors: bool) -> None:
    """Print recall by kind and precision."""
    for half in ("dev", "test"):
        made = sentences(half)
        counted = Counter(kind for one in made for kind, _, _ in one.data)
        print(f"{half}: {len(made)} sentences, {sum(counted.values())} data")
        finders: list[tuple[str, Callable[[str], list[Span]] | None]] = [
            ("ours", ours),
            ("consult bot", consult),
            ("jionlp", jionlp()),
        ]
        for name, finder in finders:
            if finder is None:
                continue
            by_kind, right, total, faults = score(made, finder)
            hits, count = (sum(pair[place] for pair in by_kind.values()) for place in (0, 1))
            kinds = " ".join(f"{kind} {pair[0] / pair[1]:.2f}" for kind, pair in by_kind.items())
            print(f"  {name:12} recall {hits / count:.3f}  precision {right / max(1, total):.3f}   {kinds}")
            for fault in sorted(set(faults))[:40] if errors and half == "dev" and name == "ours" else ():
                print("     ", fault)
