"""The steps of the consult pipeline, in their order: clean, protect, route, understand, answer; then verify and record.

Each is a small class with what it needs; what they decide by stands in YAML beside this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from core.errors import Invalid, TooLarge
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.personal_sections import questions_that_matter
from knowledge_base.search import SectionSearch
from services.consult.answering import AnswerComposer
from services.consult.cleaning import clean, has_words
from services.consult.consultation import Consultation, Draft, Said, Subject
from services.consult.heads import Heads
from services.consult.item_finding import NO_MODEL
from services.consult.personal_data import mask, without_marks
from services.consult.policy import Policy, RouteEntry
from services.consult.routing import Router
from services.consult.simplifying import simplify
from services.consult.verification import verify

REMEMBERED_SUBJECTS = 8
GUIDE = ("how_to", "follow_up", "compare")
"""The head's labels for what a guide answers."""
NOT_HELD = "not_held"
"""The head's label for public business that the library has no guide of: search has the say over it."""
SURE = 0.8
"""From here on the head needs nobody's consent."""

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


class Attended:
    """A clerk attends to the conversation: the bot says nothing."""

    async def __call__(self, consultation: Consultation) -> Draft | None:
        """Always an empty answer."""
        consultation.route = "attended"
        return Draft("with_person", ())


class Embed:
    """The question as a vector, once for everything that needs it."""

    def __init__(self, search: SectionSearch) -> None:
        self._search = search

    async def __call__(self, consultation: Consultation) -> Draft | None:
        """Never answers. Without the model the message goes on by its words; a button says by itself what it means."""
        if consultation.choice is not None:
            return None
        try:
            consultation.embedded = await self._search.embed(consultation.query)
        except NO_MODEL:
            consultation.words_only = True
        return None


class Route:
    """What needs no guide: emergencies, a person, another place's business, thanks, ... Rules decide first, then the trained
    head, which has to be sure enough."""

    def __init__(self, policy: Policy, hot: tuple[str, ...], heads: Heads | None) -> None:
        self._policy = policy
        self._router = Router(policy.routes, policy.places)
        self._routes = {entry.name: entry for entry in policy.routes}
        self._hot = hot
        self._heads = heads

    async def __call__(self, consultation: Consultation) -> Draft | None:
        """The route's fixed text, or None for a question to the guide."""
        if consultation.choice is not None:
            return None
        chances = await self._chances(consultation)
        routed = self._router.route(consultation.query)
        if routed is not None and (not chances or chances.get(routed.route.name, 0.0) >= routed.route.least):
            return self._told(consultation, routed.route, routed.place)
        # Another place is believed from a name that is known. Without one, what search finds here comes first: to the head every
        # 在哪里办 sounds of elsewhere.
        return self._likeliest(consultation, SURE, unnamed_place=False)

    def perhaps(self, consultation: Consultation) -> Draft | None:
        """What the message is unless it is plainly about an item."""
        return self._likeliest(consultation, self._policy.deciding.route_from)

    def rather(self, consultation: Consultation) -> Draft | None:
        """What the message is if the library holds nothing that fits it: less certainty will do then."""
        return self._likeliest(consultation, self._policy.deciding.route_rather)

    def _likeliest(self, consultation: Consultation, least: float, *, unnamed_place: bool = True) -> Draft | None:
        others = [
            (chance, name) for name, chance in consultation.route_chances.items() if name not in (*GUIDE, NOT_HELD)
        ]
        if not others:
            return None
        chance, name = max(others)
        entry = self._routes.get(name)
        if entry is None or chance < least or (entry.place and not unnamed_place):
            return None
        return self._told(consultation, entry, self._policy.say("other_place_unnamed") if entry.place else "")

    def _told(self, consultation: Consultation, entry: RouteEntry, place: str) -> Draft:
        consultation.route = entry.name
        return Draft(
            entry.status,
            (Said(self._policy.say(entry.text, place=place)),),
            suggestions=self._hot if entry.buttons == "hot" else (),
            unanswered=entry.unanswered,
            person="asked" if entry.person else "",
        )

    async def _chances(self, consultation: Consultation) -> dict[str, float]:
        query = consultation.embedded
        if query is None or self._heads is None:
            return {}
        chances = dict(await self._heads.route(query.vector, query.version, consultation.query))
        if chances:
            consultation.route_chances = chances
            consultation.guide, consultation.beyond = guide_chances(chances)
        return chances


def guide_chances(chances: Mapping[str, float]) -> tuple[float, float]:
    """How likely a message is a question to a guide, ours or not, and how likely such a question is to a guide that the library
    hasn't got; both 0..1, by the head's `chances`."""
    ours = sum(chances.get(name, 0.0) for name in GUIDE)
    guide = ours + chances.get(NOT_HELD, 0.0)
    return guide, chances.get(NOT_HELD, 0.0) / guide if guide else 0.0


class Answer:
    """The item is known: ask what its answer depends on, as far as needed, then compose."""

    def __init__(self, composer: AnswerComposer, policy: Policy) -> None:
        self._composer = composer
        self._words = policy.situations

    async def __call__(self, consultation: Consultation) -> Draft | None:
        """Answers always; not_found if no item was found."""
        subjects = consultation.subjects
        if not subjects:
            return self._composer.not_found(consultation.query)
        if len(subjects) == 1 and subjects[0].faq is None:
            asked = self._ask(consultation, subjects[0])
            if asked is not None:
                return asked
        memory = consultation.memory
        drafts = [self._composer.answer(one, memory.answers.get(one.item.id, {})) for one in subjects]
        last = subjects[-1]
        consultation.memory = replace(
            memory,
            asked=None,
            rounds=0,
            asked_before=(),
            elements=last.elements,
            subjects=_with_latest(memory.subjects, [one.item.id for one in subjects]),
        )
        return drafts[0] if len(drafts) == 1 else _joined(drafts)

    def _ask(self, consultation: Consultation, subject: Subject) -> Draft | None:
        """The next question of the questionnaire, if the answer depends on it and not enough were asked."""
        memory, item = consultation.memory, subject.item
        if memory.rounds >= self._words.most:
            return None
        answers = memory.answers.get(item.id, {})
        passed = [*self._words.quiet, *memory.unsure.get(item.id, ())]
        open_questions = [one for one in item.situations if one.id == consultation.again] or questions_that_matter(
            item, self._composer.elements_of(subject), answers, passed
        )
        if not open_questions:
            return None
        question = open_questions[0]
        before = memory.asked_before if memory.rounds else ()
        consultation.memory = replace(
            memory,
            asked=question.id,
            rounds=memory.rounds + 1,
            asked_before=(*(one for one in before if one != question.id), question.id),
            elements=subject.elements,
            subjects=_with_latest(memory.subjects, [item.id]),
        )
        return self._composer.ask_situation(subject, question, answers, can_go_back=bool(before))


def _with_latest(subjects: tuple[str, ...], latest: Sequence[str]) -> tuple[str, ...]:
    return (*(one for one in subjects if one not in latest), *latest)[-REMEMBERED_SUBJECTS:]


def _joined(drafts: Sequence[Draft]) -> Draft:
    """The answers to two questions in one, in their order; the last item is the one to go on about."""
    last = drafts[-1]
    answered = any(draft.status == "answered" for draft in drafts)
    return replace(
        last,
        status="answered" if answered else last.status,
        parts=tuple(part for draft in drafts for part in draft.parts),
        unanswered=any(draft.unanswered for draft in drafts),
    )


class Verify:
    """Drops what the library doesn't say, and counts it. `failures`: messages in a row without an answer that call for a
    person; None where there is nobody to call."""

    def __init__(self, library: Library, composer: AnswerComposer, *, failures: int | None = None) -> None:
        self._library = library
        self._composer = composer
        self._failures = failures

    async def __call__(self, consultation: Consultation) -> None:
        """Replaces the draft by what holds."""
        if consultation.draft is None:
            return
        draft, dropped = verify(consultation.draft, self._library)
        if dropped:
            log.error("consult_parts_dropped", item=draft.item.id if draft.item else None, dropped=dropped)
        consultation.dropped = dropped
        consultation.draft = draft if draft.parts else self._composer.not_found(consultation.query)
        self._count(consultation, consultation.draft)

    def _count(self, consultation: Consultation, draft: Draft) -> None:
        """After `failures` messages in a row without an answer a person should take over."""
        failures = (
            consultation.memory.failures + 1 if draft.status == "not_found" and consultation.route == "guide" else 0
        )
        if self._failures is not None and failures >= self._failures:
            consultation.draft = replace(draft, person="failed")
            failures = 0
        if draft.asking is None or draft.asking.kind != "situation":
            consultation.memory = replace(consultation.memory, asked=None)
        consultation.memory = replace(consultation.memory, failures=failures)
