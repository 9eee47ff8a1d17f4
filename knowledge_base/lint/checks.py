"""Checks and forms of an item that would not work with the papers that are read.

Comes in: a `Draft` and, in the context, the function that knows the papers (`knowledge_base.extra_faults`). Goes out:
findings. Nothing while the draft isn't a whole item: what it lacks is told by its faults.
"""

from __future__ import annotations

from collections.abc import Iterator

from knowledge_base.extra_faults import no_faults
from knowledge_base.lint.context import Context
from knowledge_base.lint.draft import Draft
from knowledge_base.lint.finding import LintFinding, rule
from knowledge_base.reading import ContentInvalid, parse_entry
from knowledge_base.terms import EntryKind


def check_faults(draft: Draft, context: Context) -> Iterator[LintFinding]:
    """What `context.extra_faults` says of the item."""
    written = draft.data.get("checks") or draft.data.get("form")
    if draft.kind is not EntryKind.ITEM or not written or context.extra_faults is no_faults:
        return
    try:
        item = parse_entry(draft.kind, {"id": "draft", **draft.data})
    except ContentInvalid:
        return
    for fault in context.extra_faults(item):
        yield rule("check_cannot_work").found(fault.place, message=fault.expected)
