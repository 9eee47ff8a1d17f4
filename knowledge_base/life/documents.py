"""Between typed entries and what the database keeps of them: plain data, its digest, and what a draft still lacks.

A draft may be incomplete, so it is kept as the editor sent it, with its faults listed; what could do harm is refused at
once: a rule that doesn't compile, an id that is none, data that is too big or too deep.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError
from pypinyin import lazy_pinyin

from core.errors import Invalid, TooLarge
from knowledge_base.checks import compiled_check
from knowledge_base.entries import ENTRY_TYPES
from knowledge_base.reading import DEEPEST, ContentInvalid, Fault, parse_entry
from knowledge_base.rules import RuleInvalid, compiled
from knowledge_base.schema import Entry, Slug
from knowledge_base.sections import Section
from knowledge_base.tables import NAME
from knowledge_base.terms import EntryKind

MOST_BYTES = 1024 * 1024
SLUG_LENGTH = 60
NUL = b"\\u0000"
_slug: TypeAdapter[str] = TypeAdapter(Slug)


def document_of(entry: Entry) -> dict[str, Any]:
    """The entry as plain data: only what is said, so that a field added to the schema later changes no digest."""
    return entry.model_dump(mode="json", exclude={"version"}, exclude_none=True, exclude_defaults=True)


def digest_of(document: Mapping[str, Any]) -> str:
    """sha256 over the document, whatever the order of its keys; the version number doesn't count."""
    plain = {key: value for key, value in document.items() if key != "version"}
    return hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()


def section_digest(section: Section) -> str:
    """sha256 over what a reader sees of a section."""
    return hashlib.sha256(f"{section.item_name}\0{section.title}\0{section.text}".encode()).hexdigest()


def entry_of(kind: EntryKind, document: Mapping[str, Any], number: int) -> Entry:
    """The typed entry of a kept document. Raises ContentInvalid."""
    return parse_entry(kind, {**document, "version": number}, source=str(document.get("name") or "草稿")[:40])


def published_entry(kind: EntryKind, document: Mapping[str, Any], number: int) -> Entry:
    """The typed entry of a text that passed every check when it was published: its types are read, the costlier checks of
    rules against questions are not made again. Raises ContentInvalid."""
    try:
        return ENTRY_TYPES[kind].model_validate({**document, "version": number})
    except ValidationError:
        return entry_of(kind, document, number)  # says what is wrong


def named(document: Mapping[str, Any], key: str, otherwise: str) -> str:
    """A draft's name or department for lists, whatever the editor has put there so far."""
    value = document.get(key)
    return (value.strip() if isinstance(value, str) and value.strip() else otherwise)[:NAME]


def checked_draft(kind: EntryKind, document: Mapping[str, Any], entry_id: str, number: int) -> list[dict[str, str]]:
    """What the draft still lacks, as {"field", "expected"}; empty if it could be submitted.

    Raises:
        ContentInvalid: a rule doesn't compile, with its place; or the id is not the entry's.
        TooLarge, Invalid: more than 1 MB (`draft_too_large`), nested too deep (`draft_too_deep`).
    """
    try:
        plain = orjson.dumps(document)
    except (TypeError, orjson.JSONEncodeError):
        plain = NUL
    if NUL in plain:  # PostgreSQL keeps no such character
        raise Invalid("草稿里有存不了的数据；应只有文字、数字、是否、列表与字段。", code="draft_not_plain")
    if len(plain) > MOST_BYTES:
        raise TooLarge("草稿超过 1 MB，请精简内容。", code="draft_too_large")
    if document.get("id", entry_id) != entry_id:
        raise ContentInvalid("草稿", [Fault(("id",), f"编号不能改，应为 {entry_id}")])
    broken = list(_broken_rules(document, ()))
    if broken:
        raise ContentInvalid("草稿", broken)
    try:
        entry_of(kind, {**document, "id": entry_id}, number)
    except ContentInvalid as error:
        return [{"field": fault.field, "expected": fault.expected} for fault in error.faults]
    return []


def _broken_rules(value: Any, place: tuple[str | int, ...]) -> Iterator[Fault]:
    if len(place) > DEEPEST:
        raise Invalid(f"草稿嵌套超过 {DEEPEST} 层。", code="draft_too_deep")
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key in ("rule", "only_if") and isinstance(part, str) and part.strip():
                try:
                    # Checks look at papers and may call more than the rules of a questionnaire.
                    (compiled_check if place[:1] == ("checks",) else compiled)(part.strip())
                except RuleInvalid as error:
                    yield Fault((*place, key), str(error))
            else:
                yield from _broken_rules(part, (*place, key))
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            yield from _broken_rules(part, (*place, number))


def new_id(document: Mapping[str, Any], taken: Collection[str]) -> str:
    """The id that a new draft asks for, or one made of its name's sounds. `taken`: ids that can't be used.

    Raises:
        ContentInvalid: the id is not one, or neither id nor name is there.
    """
    wanted = document.get("id")
    if wanted is not None:
        try:
            return _slug.validate_python(wanted)
        except ValidationError:
            fault = Fault(("id",), "应为小写英文字母、数字和短横线，最多 80 个字符，如 food-licence")
            raise ContentInvalid("草稿", [fault]) from None
    name = document.get("name")
    sounds = " ".join(lazy_pinyin(name)) if isinstance(name, str) else ""
    base = "-".join(re.findall(r"[a-z0-9]+", sounds.lower()))[:SLUG_LENGTH].strip("-")
    if not base:
        raise ContentInvalid("草稿", [Fault(("name",), "请先填写名称")])
    number, candidate = 1, base
    while candidate in taken:
        number += 1
        candidate = f"{base}-{number}"
    return candidate
