"""Whether a generated text says what the cited lines say: no less and no more. Any doubt is a refusal.

Comes in: the text, the lines that have to be told and further lines that may be. Goes out: None, or the stable code of the first
thing that is wrong. Sentences are laid beside lines in their order; each line and its sentences have to hold the same numbers,
the same negations, exceptions and duties, clause by clause, and no sign that neither the line nor `talk` holds. Pure functions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from services.consult.language_model.facts import UNITS, facts, normalised, words

LONGEST, SHORTEST, ROOM = 1.6, 0.5, 40
"""Length in shares of what has to be told, and so many signs on top."""
LINE_COVERED, CLAUSE_COVERED = 0.8, 0.5
"""Shares of a line's and of a clause's pairs of signs that its sentences have to hold."""

_MARKUP = re.compile(r"<[^>]*>|&[a-z]+;|&#|\]\(|\*\*|```|^\s*[#>|]|\$\{|\{\{", re.MULTILINE)
_LINK = re.compile(
    r"[a-z]+://[^\s，。；）)]+|www\.[^\s，。；）)]+|[a-z0-9\-.]+@[a-z0-9\-.]+|[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{2,}"
)
_LAW = re.compile(r"《[^》]*》?")
_LATIN = re.compile(r"[a-z]+")
_SENTENCES = re.compile(r"[。!?;\n]+")
_CLAUSES = re.compile(r"[,。!?;\n()、]+")
_SIGNS = re.compile(r"[^\w%]+")
_DIGITS = re.compile(r"[\d零一二两三四五六七八九十百千万亿]+")
_NUMBER = re.compile(rf"百分之|[\d零一二两三四五六七八九十百千万亿%]+(?:{UNITS})?")
_NO_NUMBER = r"(?![\d零一二两三四五六七八九十百千万亿半])"
_EQUAL_COUNT = ("negation", "exception", "either", "only")
_EQUAL_PRESENCE = ("must", "may")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """words.yaml, compiled. `marks`: of each kind, the longest word first; `any_mark`: of all kinds; `talk`: words that say
    nothing by themselves, and those that stand beside numbers; `turned`: words that mean the opposite without their first sign."""

    marks: dict[str, re.Pattern[str]]
    any_mark: re.Pattern[str]
    talk: tuple[re.Pattern[str], ...]
    turned: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    def any_of(signs: Iterable[str]) -> re.Pattern[str]:
        return re.compile("|".join(sorted(signs, key=len, reverse=True)))

    known = words()
    beside = [word for kinds in (known.before, known.after) for kind in kinds for word in kind]
    turned = [word for word in known.not_marks if word[0] in known.marks["negation"]]
    return _Patterns(
        {kind: any_of(signs) for kind, signs in known.marks.items()},
        any_of({sign for signs in known.marks.values() for sign in signs}),
        tuple(re.compile(re.escape(word)) for word in dict.fromkeys((*known.talk, *beside))),
        # 不超过 20 日 is a fact, and compared as one; 不超过施工期限 is not.
        re.compile("|".join(word + _NO_NUMBER * (word in beside) for word in turned)),
    )


def check(text: str, told: Sequence[str], further: Sequence[str] = ()) -> str | None:
    """The reason to refuse `text`, None if it holds. `told`: paragraphs that it has to say; `further`: that it may say."""
    must = _lines(told)
    lines = [*must, *(line for line in _lines(further) if line not in must)]
    wanted = sum(map(len, must))
    plain = normalised(text)
    evidence = "\n".join(lines)
    if not SHORTEST * wanted <= len(plain) <= LONGEST * wanted + ROOM:
        return "length"
    if any(ord(sign) < 32 and sign not in "\n\r\t" for sign in text) or _MARKUP.search(text):
        return "markup"
    if any(link not in evidence for link in _LINK.findall(plain)):
        return "link"
    if any(law not in evidence for law in _LAW.findall(plain)):
        return "law"
    if any(word in plain and word not in evidence for word in words().promises):
        return "promise"
    if not set(_LATIN.findall(plain)) <= set(_LATIN.findall(evidence)):
        return "word_added"
    if not facts(plain) <= facts(evidence):
        return "number_added"
    sentences = [one for one in _SENTENCES.split(plain) if one]
    said: list[list[str]] = [[] for _ in lines]
    for sentence, at in zip(sentences, _beside(sentences, lines), strict=True):
        said[at].append(sentence)
    for index, line in enumerate(lines):
        # What may be told needn't be; a line that stands twice is told if it is told once.
        if not said[index] and (index >= len(must) or _told_elsewhere(line, lines, said)):
            continue
        reason = _line_differs("。".join(said[index]), line)
        if reason is not None:
            return reason
    return None


def _lines(paragraphs: Sequence[str]) -> list[str]:
    """In their order, repeated as they are: each of two results may have the same 送达方式, and its sentence stands behind it."""
    return [line for one in paragraphs for line in normalised(one).split("\n") if line]


def _told_elsewhere(line: str, lines: Sequence[str], said: Sequence[Sequence[str]]) -> bool:
    return any(bool(told) for other, told in zip(lines, said, strict=True) if other == line)


def _beside(sentences: Sequence[str], lines: Sequence[str]) -> list[int]:
    """For each sentence the index of its line: never going back, sharing as many pairs of signs as possible."""
    pairs = [_pairs(line) for line in lines]
    best = [0.0] * len(lines)
    came_from: list[list[int]] = []
    for sentence in sentences:
        own = _pairs(sentence)
        row, origins, ahead = [], [], 0
        for index, of_line in enumerate(pairs):
            if best[index] > best[ahead]:
                ahead = index
            row.append(best[ahead] + len(own & of_line))
            origins.append(ahead)
        best = row
        came_from.append(origins)
    at = max(range(len(lines)), key=best.__getitem__, default=0)
    found = []
    for origins in reversed(came_from):
        found.append(at)
        at = origins[at]
    return found[::-1]


def _line_differs(said: str, line: str) -> str | None:
    """How what was said of one line differs from it."""
    if facts(line) - facts(said):
        return "number_lost"
    if facts(said) - facts(line):
        return "number_moved"
    if not _stands(said, line):
        return "word_added"
    if _covered(line, said) < LINE_COVERED or _alone(line) - _alone(said):
        return "left_out"
    said_clauses, line_clauses = _clauses(said), _clauses(line)
    if any(_covered(clause, said) < CLAUSE_COVERED for clause in line_clauses):
        return "left_out"
    reason = _marks_differ(said, line)
    if reason is not None:
        return reason
    for clause in said_clauses:
        if _all_differ(clause, _nearest(clause, line_clauses)):
            return "marks_moved"
    for clause in line_clauses:
        if _all_differ(clause, _nearest(clause, said_clauses)):
            return "marks_moved"
    return None


def _all_differ(clause: str, nearest: Sequence[str]) -> bool:
    """Numbers and negations belong to the clause, not to the line only."""
    return bool(nearest) and all(
        facts(clause) != facts(other) or _marks(clause)["negation"] != _marks(other)["negation"] for other in nearest
    )


def _marks_differ(said: str, line: str) -> str | None:
    ours, theirs = _turned(line), _turned(said)
    if ours != theirs:
        return f"negation_{'lost' if ours - theirs else 'added'}"
    ours, theirs = _marks(line), _marks(said)
    for kind in _EQUAL_COUNT:
        if ours[kind] != theirs[kind]:
            return f"{kind}_{'lost' if ours[kind] > theirs[kind] else 'added'}"
    for kind in _EQUAL_PRESENCE:
        if bool(ours[kind]) != bool(theirs[kind]):
            return f"{kind}_{'lost' if ours[kind] else 'added'}"
    return None


def _marks(text: str) -> Counter[str]:
    """How often each kind of mark stands in `text`; the longest word first, no sign counted twice within a kind."""
    for word in words().not_marks:
        text = text.replace(word, " ")
    found: Counter[str] = Counter()
    for kind, signs in _patterns().marks.items():
        found[kind] = len(signs.findall(text))
    return found


def _turned(text: str) -> Counter[str]:
    """不动产, 未成年, 不超过: where 不 is no mark, and 动产 says something else."""
    return Counter(_patterns().turned.findall(text))


def _clauses(text: str) -> list[str]:
    return [one for one in _CLAUSES.split(text) if one]


def _pairs(text: str) -> frozenset[str]:
    return frozenset(piece[at : at + 2] for piece in _SIGNS.split(text) for at in range(len(piece) - 1))


def _alone(text: str) -> Counter[str]:
    """The signs that stand by themselves and mean something: 水 in 水、电. They are in no pair."""
    pieces = (piece for piece in _SIGNS.split(text) if len(piece) == 1)
    return Counter(piece for piece in pieces if piece not in words().talk and not _DIGITS.fullmatch(piece))


def _covered(wanted: str, held: str) -> float:
    """The share of `wanted`'s pairs of signs that stand in `held`; of one single sign: whether it stands there."""
    pairs = _content(wanted)
    if not pairs:
        return 1.0
    return len(pairs & _pairs(held)) / len(pairs)


def _content(text: str) -> frozenset[str]:
    """The pairs without those of numbers (they are compared as numbers) and of marks (likewise)."""
    return _pairs(_patterns().any_mark.sub(" ", _DIGITS.sub(" ", text)))


def _nearest(clause: str, others: Sequence[str]) -> list[str]:
    """Those of `others` that share the most with `clause` (all that do equally much), none if nothing is shared."""
    own = _content(clause)
    contents = [_content(other) for other in others]
    shares = [2 * len(own & content) / (len(own) + len(content) or 1) for content in contents]
    most = max(shares, default=0.0)
    return [other for other, share in zip(others, shares, strict=True) if share == most] if most else []


def _stands(said: str, line: str) -> bool:
    """Whether every sign of `said` belongs to a run of two or more that stands in `line`, to a number, or to talk.

    A sign that stands alone (水、电, 村(居)民) has to stand alone in the line as well, and there no less often.
    """
    alone = _alone(line)
    for piece in _SIGNS.split(said):
        if alone[piece]:
            alone[piece] -= 1
            continue
        held = [False] * len(piece)
        for at in range(len(piece) - 1):
            if piece[at : at + 2] in line:
                held[at] = held[at + 1] = True
        for pattern in (*_patterns().talk, _NUMBER):
            for match in pattern.finditer(piece):
                held[match.start() : match.end()] = [True] * (match.end() - match.start())
        if not all(held):
            return False
    return True
