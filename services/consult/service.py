"""The consult service: one message in, one answer with its sources out.

Comes in: search over the library, the database and the settings. `ConsultService.reply` runs the pipeline for one
message of one session and records it; messages of one session are answered one after the other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.database import Database
from core.errors import Conflict, NotFound
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.life.kept_sections import KeptSection
from knowledge_base.search import SectionSearch
from knowledge_base.sections import Section
from knowledge_base.terms import ELEMENT_TITLES, Element
from models.handle import Handle
from models.tasks import EmbeddingInput
from services.consult.answering import AnswerComposer
from services.consult.consultation import Consultation, Draft, Quoted, Said
from services.consult.conversations import Conversations
from services.consult.desk.contract import PersonDesk
from services.consult.guide_lines import GuideLines, Lines
from services.consult.heads import Heads
from services.consult.item_finding import ItemFinder
from services.consult.names import read_names
from services.consult.pipeline import Closing, Pipeline
from services.consult.policy import Policy, load_policy
from services.consult.schemas import (
    Channel,
    Choice,
    Citation,
    HandoverView,
    ItemReference,
    MessageAnswer,
    Part,
    SectionView,
    SuggestedQuestions,
)
from services.consult.steps import Answer, Attended, Clean, Embed, Protect, Route, Verify
from services.consult.understanding import Understand


@dataclass(frozen=True, slots=True)
class _Assembled:
    """Everything that is made from one state of the library."""

    library: Library
    composer: AnswerComposer
    hot: tuple[str, ...]
    lines: GuideLines
    pipeline: Pipeline
    attended: Pipeline


class ConsultService:
    """Answers out of the library that `search` (built) searches right now; keeps what is said in `database` (upgraded).

    A message is answered from one state of the library, from its first step to its citations' check, even if another is
    published meanwhile. `archive` gives a section as it was published once, or raises NotFound: what was cited last
    month can still be read. `checklists`: the hub makes them. `rewording` makes the step that may word composed
    answers anew.
    """

    def __init__(
        self,
        search: SectionSearch,
        database: Database,
        settings: Settings,
        policy: Policy | None = None,
        archive: Callable[[str], Awaitable[KeptSection]] | None = None,
        heads: Heads | None = None,
        desk: PersonDesk | None = None,
        *,
        checklists: bool = False,
        rewording: Callable[[Library], Closing] | None = None,
    ) -> None:
        self._checklists = checklists
        self._rewording = rewording
        self._desk = desk
        self._search = search
        self._settings = settings
        self._archive = archive
        self._heads = heads
        self._conversations = Conversations(database)
        self._policy = policy or load_policy()
        self._lines: dict[str, Lines] = {}
        self._assembling = asyncio.Lock()
        self._assembled = self._assemble(search.library)

    async def prepare(self, candidate: Handle) -> None:
        """Judge an embedder that is about to take over. With one that the deciding figures weren't fitted over the bot would
        refuse most of what it is asked.

        Raises:
            Conflict: `embedder_not_fitted`.
        """
        result = await candidate.call([EmbeddingInput("居住证到期了怎么办", "query")])
        embedder = f"{result.model}/{result.version}"
        if embedder not in self._policy.deciding.fitted_over:
            raise Conflict(
                f"咨询的判断参数还没有按 {embedder} 的向量拟合，启用后会大量拒答，所以没有切换。请先按 docs/training.md 重新拟合。",
                code="embedder_not_fitted",
            )

    def _assemble(self, library: Library) -> _Assembled:
        policy = self._policy
        composer = AnswerComposer(library, policy)
        hot = _hot_questions(library, composer, policy)
        reader = read_names(library, policy)
        finder = ItemFinder(library, self._search, reader, policy.deciding)
        route = Route(policy, hot, self._heads)
        lines = GuideLines(library, self._search, self._lines)
        verify = Verify(library, composer, failures=self._desk.rules.failures if self._desk is not None else None)
        pipeline = Pipeline(
            steps=(
                Clean(self._settings),
                Protect(),
                Embed(self._search),
                route,
                Understand(library, self._search, reader, finder, composer, policy, route, lines, hot, self._heads),
                Answer(composer, policy),
            ),
            closing=(verify, *([self._rewording(library)] if self._rewording else [])),
        )
        # While a clerk attends, the bot keeps silent: the words go on, cleaned and masked.
        attended = Pipeline(steps=(Clean(self._settings), Protect(), Attended()), closing=())
        return _Assembled(library, composer, hot, lines, pipeline, attended)

    async def remember_lines(self) -> None:
        """Embed the single lines of all guides (some seven thousand), or read them from disk, so that already the first question to
        each is answered with them. Without it that happens item by item, after the first question about one."""
        await (await self._current()).lines.make_all()

    async def _current(self) -> _Assembled:
        """Assembled anew, once and beside the event loop, after the library has moved."""
        if self._assembled.library is not self._search.library:
            async with self._assembling:
                library = self._search.library
                if self._assembled.library is not library:
                    self._assembled = await asyncio.to_thread(self._assemble, library)
        return self._assembled

    async def reply(
        self,
        text: str,
        *,
        session_id: str | None = None,
        channel: Channel = "api",
        choice: Choice | None = None,
    ) -> MessageAnswer:
        """Answer one message. `choice`: the button that was pressed, `text` then stood on it.

        Raises:
            Invalid: nothing to read in `text` (code `text_empty`).
            TooLarge: `text` is too long (code `text_too_long`).
            NotFound: no such session (code `session_not_found`).
            Unavailable: the database can't be written.
        """
        async with self._conversations.open(session_id) as state:
            started = time.perf_counter()
            assembled = await self._current()
            consultation = Consultation(text, channel, state, choice, memory=state.memory)
            standing = await self._desk.view(state.id) if self._desk is not None and not state.new else None
            attended = standing is not None and standing.state == "attended"
            pipeline = assembled.attended if attended else assembled.pipeline
            draft = await pipeline.run(consultation)
            answer = self._rendered(consultation, draft)
            await self._conversations.record(
                consultation,
                draft,
                answer.text,
                library=assembled.library.generation,
                seconds=time.perf_counter() - started,
            )
            if self._desk is not None:
                answer = await self._with_person(self._desk, consultation, draft, answer, standing)
        return answer

    async def _with_person(
        self,
        desk: PersonDesk,
        consultation: Consultation,
        draft: Draft,
        answer: MessageAnswer,
        standing: HandoverView | None,
    ) -> MessageAnswer:
        """The answer with where the conversation stands with a person, who is called in if somebody should be."""
        session = consultation.session.id
        if standing is not None and standing.state == "attended":
            await desk.citizen_said(session, consultation.question)
            return answer.model_copy(update={"handover": standing})
        item_id = draft.item.id if draft.item else None
        reason = desk.rules.reason(consultation.query, item_id=item_id)
        if reason is None and draft.person:
            reason = "failed" if draft.person == "failed" else "asked"
        if reason is None:
            return answer.model_copy(update={"handover": standing}) if standing is not None else answer
        view = await desk.request(session, reason=reason, item_id=item_id)
        said = Part(kind="said", text=desk.told(view))
        # Somebody who asks for a person is told of the person; what was answered besides stays.
        parts = [said] if reason == "asked" and not answer.citations else [*answer.parts, said]
        return answer.model_copy(
            update={
                "status": "handed_over" if answer.status == "not_found" else answer.status,
                "handover": view,
                "parts": parts,
                "text": "\n\n".join(part.text for part in parts),
            }
        )

    async def preview(self, text: str, *, session_id: str) -> MessageAnswer:
        """What the bot would answer to `text` in that session now; nothing is kept of it. For the clerk's desk."""
        async with self._conversations.open(session_id) as state:
            consultation = Consultation(text, "window", state, memory=state.memory)
            return self._rendered(consultation, await (await self._current()).pipeline.run(consultation))

    async def suggestions(self) -> SuggestedQuestions:
        """Questions to start with; each is answered by the library."""
        return SuggestedQuestions(questions=list((await self._current()).hot))

    async def section(self, section_id: str) -> SectionView:
        """A cited section, of a text that is in force or was once. Raises NotFound (`section_not_found`)."""
        try:
            section = self._search.library.section(section_id)
        except NotFound:
            if self._archive is None:
                raise
            return _view(kept := await self._archive(section_id), kept.number)
        return _view(section, section.version)

    def _rendered(self, consultation: Consultation, draft: Draft) -> MessageAnswer:
        quotes = [part for part in draft.parts if isinstance(part, Quoted)]
        parts = [_part(part) for part in draft.parts]
        if consultation.words_only and draft.status in ("answered", "not_found"):
            parts.append(Part(kind="said", text=self._policy.say("words_only")))
        paragraphs = [part.text for part in parts]
        return MessageAnswer(
            session_id=consultation.session.id,
            number=consultation.session.messages + 1,
            route=consultation.route,
            status=draft.status,
            text="\n\n".join(paragraphs),
            parts=parts,
            item=ItemReference(id=draft.item.id, name=draft.item.name) if draft.item else None,
            element=draft.element.value if draft.element else None,
            citations=[
                Citation(
                    section_id=quote.section_id, item_name=quote.item_name, element=quote.element, quote=quote.text
                )
                for quote in quotes
            ],
            suggestions=list(draft.suggestions),
            asking=draft.asking,
            known=list(draft.known),
            can_checklist=self._checklists and (draft.item or draft.event) is not None and draft.status == "answered",
            event=ItemReference(id=draft.event.id, name=draft.event.name) if draft.event else None,
            masked=consultation.masked,
            words_only=consultation.words_only,
            worded=consultation.worded,
        )


def _part(part: Quoted | Said) -> Part:
    if isinstance(part, Quoted):
        title = ELEMENT_TITLES[Element(part.element)]
        return Part(kind="quoted", text=part.text, section_id=part.section_id, title=title)
    return Part(kind="said", text=part.text)


def _view(section: Section | KeptSection, version: int) -> SectionView:
    return SectionView(
        section_id=section.id,
        item_id=section.item_id,
        item_name=section.item_name,
        element=section.element.value,
        title=section.title,
        text=section.text,
        version=version,
    )


def _hot_questions(library: Library, composer: AnswerComposer, policy: Policy) -> tuple[str, ...]:
    """The policy's questions whose section the library holds."""
    return tuple(
        composer.question(library.items[entry.item], entry.element)
        for entry in policy.texts.hot
        if entry.item in library.items
        and (entry.element is Element.OVERVIEW or library.sections(entry.item, entry.element))
    )
