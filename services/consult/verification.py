"""Nothing leaves the bot as the guide's word that the guide doesn't say.

Every quoted part has to be made of whole lines of the section that it cites, in their order, and that section has to be in
the library now. A part that fails is dropped and counted; an answer with nothing left becomes not_found. An answer that
is not `answered` carries no quotes at all.
"""

from __future__ import annotations

from dataclasses import replace

from core.errors import NotFound
from knowledge_base.library import Library
from knowledge_base.personal_sections import lines_hold
from services.consult.consultation import Draft, Part, Quoted


def verify(draft: Draft, library: Library) -> tuple[Draft, int]:
    """`draft` with only the parts that hold, and how many quotes were dropped.

    A draft whose quotes were all dropped comes back without parts and with the status not_found: the caller words it.
    """
    kept: list[Part] = []
    dropped = 0
    for part in draft.parts:
        if isinstance(part, Quoted) and not (draft.status == "answered" and _holds(part, library)):
            dropped += 1
        else:
            kept.append(part)
    if dropped and not any(isinstance(part, Quoted) for part in kept):
        return replace(draft, status="not_found", parts=(), element=None, unanswered=True), dropped
    return replace(draft, parts=tuple(kept)), dropped


def _holds(part: Quoted, library: Library) -> bool:
    try:
        section = library.section(part.section_id)
    except NotFound:
        return False
    named_right = section.item_name == part.item_name and section.element.value == part.element
    return named_right and lines_hold(part.text, section.text, section.item_name)
