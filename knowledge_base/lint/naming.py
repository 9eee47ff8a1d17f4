"""Names: of the item against the official catalogue, of materials inside one entry, of items among each other.

Comes in: a `Draft` and the run's `Context`. Goes out: findings. Which material has which official name is data (names.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

from knowledge_base.lint.context import Context, folded, licence_folded
from knowledge_base.lint.draft import Draft, words_at
from knowledge_base.lint.finding import LintFinding, rule
from knowledge_base.reading import load_yaml, read_file
from knowledge_base.terms import EntryKind

NAMES_FILE = Path(__file__).with_name("names.yaml")
NEAR = 85.0
"""Percent of equal characters above which two names mean the same item written differently."""
_ACTIONS = (
    "新办",
    "设立",
    "首次",
    "变更",
    "延续",
    "换发",
    "换证",
    "补办",
    "补发",
    "补领",
    "注销",
    "撤销",
    "备案",
    "转让",
    "转移",
)


@lru_cache(maxsize=1)
def _material_names() -> tuple[tuple[str, re.Pattern[str]], ...]:
    data = load_yaml(read_file(NAMES_FILE), source=NAMES_FILE.name)
    pairs = []
    for official, others in data["materials"].items():
        # Longest first, so that 居民身份证 is not taken for 身份证.
        forms = sorted([official, *others], key=len, reverse=True)
        pairs.append(
            (
                str(official),
                re.compile(f"(?:{'|'.join(re.escape(form) for form in forms)})(?!{data['not_followed_by']})"),
            )
        )
    return tuple(pairs)


@lru_cache(maxsize=1)
def _misspelt() -> tuple[tuple[str, str], ...]:
    data = load_yaml(read_file(NAMES_FILE), source=NAMES_FILE.name)
    return tuple((str(wrong), str(right)) for wrong, right in data["misspelt"].items())


def name_faults(draft: Draft, context: Context) -> Iterator[LintFinding]:
    """Names that differ from what they should be."""
    if draft.kind is EntryKind.ITEM:
        yield from _catalogue(draft, context)
        yield from _materials(draft)
        yield from _duplicates(draft)
        yield from _aliases(draft, context)
    for wrong, right in _misspelt():
        for found in draft.texts:
            at = found.text.find(wrong)
            if at >= 0:
                yield rule("material_name_varies").found(
                    found.place, span=(at, at + len(wrong)), words=wrong, official=right
                )


def _catalogue(draft: Draft, context: Context) -> Iterator[LintFinding]:
    names = context.catalogue_names
    if not names or not draft.name or draft.name in set(names):
        return
    official = context.official.get(licence_folded(draft.name))
    if official is None:
        near = process.extractOne(
            licence_folded(draft.name), context.official.keys(), scorer=fuzz.ratio, score_cutoff=NEAR
        )
        # 变更 and 注销 of one licence differ by two characters and are two items.
        if near is None or _actions(str(near[0])) != _actions(draft.name):
            return
        official = context.official[str(near[0])]
    yield rule("name_off_catalogue").found(("name",), span=(0, len(draft.name)), words=draft.name, official=official)


def _actions(name: str) -> set[str]:
    return {action for action in _ACTIONS if action in name}


def _materials(draft: Draft) -> Iterator[LintFinding]:
    names = [(place, words_at(material, "name")) for place, material in draft.parts("materials")]
    for official, pattern in _material_names():
        used = [(place, match) for place, name in names for match in pattern.finditer(name)]
        forms = {match[0] for _, match in used}
        if len(forms) < 2:
            continue
        best = official if official in forms else max(forms, key=len)
        for place, match in used:
            if match[0] != best:
                yield rule("material_name_varies").found(
                    (*place, "name"), span=match.span(), words=match[0], official=best
                )


def _duplicates(draft: Draft) -> Iterator[LintFinding]:
    seen: dict[tuple[str, str, str], int] = {}
    for place, material in draft.parts("materials"):
        name = words_at(material, "name")
        key = (folded(name), words_at(material, "when"), words_at(material, "rule"))
        if name and key in seen:
            yield rule("duplicate_material").found(
                (*place, "name"), span=(0, len(name)), words=name, number=seen[key] + 1
            )
        elif isinstance(place[1], int):
            seen[key] = place[1]


def _aliases(draft: Draft, context: Context) -> Iterator[LintFinding]:
    aliases = draft.data.get("aliases")
    if not isinstance(aliases, list | tuple):
        return
    for number, alias in enumerate(aliases):
        if not isinstance(alias, str):
            continue
        other = next((item for item in context.names.get(folded(alias), ()) if item.id != draft.id), None)
        if other is not None:
            yield rule("alias_shared").found(("aliases", number), span=(0, len(alias)), words=alias, other=other.name)
