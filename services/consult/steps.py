"""The steps of the consult pipeline, in their order: clean, protect, route, understand, answer; then verify and record.

Each is a small class with what it needs; what they decide by stands in YAML beside this module.
"""

from __future__ import annotations

import structlog

from core.errors import Invalid, TooLarge
from core.settings import Settings
from knowledge_base.library import Library
from services.consult.answering import AnswerComposer
from services.consult.cleaning import clean, has_words
from services.consult.consultation import Consultation, Draft, Said
from services.consult.personal_data import mask, without_marks
from services.consult.policy import Policy
from services.consult.routing import Router
from services.consult.simplifying import simplify
from services.consult.verification import verify

log = structlog.get_logger(__name__)


class Clean:
    """Plain text, or an error that says what was wrong with it."""

    def __init__(self, settings: Settings) -> None:
        self._longest = settings.max_message_characters

    async def __call__(self, consultation: Consultation) -> Draft | None:
        """Raises TooLarge (`text_too_long`) and Invalid (`text_empty`)."""
        if len(consultation.text) > self._longest:
            raise TooLarge(
                f"问题太长，最多 {self._longest} 个字。请只写要办的事和想知道的内容。",
                code="text_too_long",
                param="text",
            )
        consultation.question = clean(consultation.text)
        if not has_words(consultation.question):
            raise Invalid("没有读到文字。请写出要办的事和想知道的内容。", code="text_empty", param="text")
        return None


class Protect:
    """Personal data masked before the text is searched, stored or logged."""

    async def __call__(self, consultation: Consultation) -> Draft | None:
        """Never answers."""
        masked = mask(consultation.question)
        consultation.question = masked.text
        consultation.masked = masked.found
        consultation.query = simplify(without_marks(masked.text))
        return None


class Route:
    """What needs no guide: emergencies, a person, another place's business, thanks, ..."""

    def __init__(self, policy: Policy, hot: tuple[str, ...]) -> None:
        self._policy = policy
        self._router = Router(policy.routes, policy.places)
        self._hot = hot

    async def __call__(self, consultation: Consultation) -> Draft | None:
        """The route's fixed text, or None for a question to the guide."""
        routed = self._router.route(consultation.query)
        if routed is None:
            return None
        entry = routed.route
        consultation.route = entry.name
        return Draft(
            entry.status,
            (Said(self._policy.say(entry.text, place=routed.place)),),
            suggestions=self._hot if entry.buttons == "hot" else (),
            unanswered=entry.unanswered,
        )


class Answer:
    """The item is known: compose."""

    def __init__(self, composer: AnswerComposer) -> None:
        self._composer = composer

    async def __call__(self, consultation: Consultation) -> Draft | None:
        """Answers always; not_found if no item was found."""
        if consultation.item is None:
            return self._composer.not_found(consultation.query)
        return self._composer.answer(consultation.item, consultation.elements)


class Verify:
    """Drops what the library doesn't say, and counts it."""

    def __init__(self, library: Library, composer: AnswerComposer) -> None:
        self._library = library
        self._composer = composer

    async def __call__(self, consultation: Consultation) -> None:
        """Replaces the draft by what holds."""
        if consultation.draft is None:
            return
        draft, dropped = verify(consultation.draft, self._library)
        if dropped:
            log.error("consult_parts_dropped", item=draft.item.id if draft.item else None, dropped=dropped)
        consultation.dropped = dropped
        consultation.draft = draft if draft.parts else self._composer.not_found(consultation.query)
