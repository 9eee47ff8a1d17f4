"""Key facts of a policy text (政策要点): whom it is for, what they get, how much, until when.

Comes in: `Text`, of one or many sentences. Goes out: `Facts`: a row for each sentence that says one of the four. Whom and
what are the
policy's own words; sums are numbers with their unit; ends are days. Nothing is concluded beyond what a sentence says, but
the end of a term that is given in years. Words are data: facts.yaml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from knowledge_base.reading import load_yaml, read_file
from services.algorithms.policy_facts.amounts import Amount, amounts
from services.algorithms.policy_facts.ends import DATE, ends
from services.algorithms.taking import taken

MOST_CHARACTERS = 50_000
POLICY_FILE = Path(__file__).with_name("facts.yaml")
_SENTENCE = re.compile(r"[^。！？\n]+")
_H = "[一-鿿0-9A-Za-z（）()、“”]"


class Text(BaseModel):
    """At most 50,000 characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str


class Fact(BaseModel):
    """What one sentence says; each part may be empty. `start`, `end`: where the sentence stands (characters, end excluded)."""

    model_config = ConfigDict(frozen=True)

    who: tuple[str, ...]
    what: tuple[str, ...]
    much: tuple[Amount, ...]
    until: tuple[date, ...]
    start: int
    end: int


class Facts(BaseModel):
    """In the text's order."""

    model_config = ConfigDict(frozen=True)

    facts: tuple[Fact, ...]


class _Words:
    """facts.yaml, compiled."""

    def __init__(self) -> None:
        data = load_yaml(read_file(POLICY_FILE), source=POLICY_FILE.name)
        benefit, people = data["benefit_ends"], data["people_ends"]
        self.benefit = re.compile(f"(?:(?!每)[一-鿿“”（）()]){{1,16}}(?:{benefit})")
        self.stops = re.compile(data["benefit_stops"])
        self.no_benefit = re.compile(data["no_benefit"])
        self.announces = re.compile(data["announces"])
        self.lead = re.compile(f"^(?:{data['lead_in']})[，,]?")
        who = rf"(?P<who>(?!每){_H}{{0,34}}?(?:{people}))"
        longest = rf"(?P<who>(?!每)[一-鿿]{{1,34}}(?:{people}))"
        after = rf"(?=[，,。;；:]|$|{data['after_whom']})"
        self.who = (
            re.compile(rf"(?:{data['announces']}){who}(?=[，,。;；]|$)"),
            re.compile(rf"(?:对于?|向|面向|针对|鼓励|支持|奖励|将|为(?=[^，。；]*提供)){who}{after}"),
            re.compile(rf"给予{longest}(?=\|?[一-鿿]{{0,12}}(?:{benefit})|\||$)"),
            re.compile(rf"(?:^|[，,;；:|]){who}{after}"),
        )


@lru_cache(maxsize=1)
def _words() -> _Words:
    return _Words()


def read_facts(text: str) -> list[Fact]:
    """Every sentence of `text` that says a fact."""
    found = []
    for match in _SENTENCE.finditer(text):
        sentence = unicodedata.normalize("NFKC", match[0])
        much = tuple(amounts(sentence))
        spans = [(one.start, one.end) for one in much] + [date_.span() for date_ in DATE.finditer(sentence)]
        bare = _without(sentence, spans)
        who = _whom(bare)
        fact = Fact(
            who=(who,) if who else (),
            what=_what(bare.replace(who, "|") if who else bare),
            much=much,
            until=tuple(dict.fromkeys(ends(sentence))),
            start=match.start(),
            end=match.end(),
        )
        if fact.who or fact.what or fact.much or fact.until:
            found.append(fact)
    return found


def _whom(sentence: str) -> str:
    words = _words()
    for pattern in words.who:
        for match in pattern.finditer(sentence):
            who = match["who"]
            while lead := words.lead.match(who):
                who = who[lead.end() :]
            if len(who) >= 2 and "|" not in who:
                return who
    return ""


def _what(sentence: str) -> tuple[str, ...]:
    """Benefits in a sentence without its sums, days and people."""
    words = _words()
    found = []
    for part in words.stops.split(words.announces.sub("|", sentence)):
        match = words.benefit.match(part or "")
        if match is not None and not words.no_benefit.search(part):
            found.append(match[0])
    return tuple(dict.fromkeys(found))


def _without(sentence: str, spans: Iterable[tuple[int, int]]) -> str:
    """`sentence` with a bar in place of each of `spans`."""
    for start, end in sorted(spans, reverse=True):
        sentence = f"{sentence[:start]}|{sentence[end:]}"
    return sentence


def run(given: Text) -> Facts:
    """The key facts of `given`.

    Raises:
        Invalid, TooLarge: nothing to read, or too much (codes `text_empty`, `text_too_long`).
    """
    return Facts(facts=tuple(read_facts(taken(given.text, MOST_CHARACTERS))))
