"""The consult service: one message in, one answer with its sources out.

Comes in: the library, search over it, the database and the settings. `ConsultService.reply` runs the pipeline for one
message of one session and records it; messages of one session are answered one after the other.
"""

from __future__ import annotations

import time

from core.database import Database
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.search import SectionSearch
from knowledge_base.terms import Element
from services.consult.answering import AnswerComposer
from services.consult.consultation import Consultation, Draft, Quoted
from services.consult.conversations import Conversations
from services.consult.item_finding import ItemFinder, read_names
from services.consult.pipeline import Pipeline
from services.consult.policy import Policy, load_policy
from services.consult.schemas import (
    Channel,
    Citation,
    ItemReference,
    MessageAnswer,
    SectionView,
    SuggestedQuestions,
)
from services.consult.steps import Answer, Clean, Protect, Route, Verify
from services.consult.understanding import Understand


class ConsultService:
    """Answers out of `library`, found with `search` (built), kept in `database` (upgraded)."""

    def __init__(
        self,
        library: Library,
        search: SectionSearch,
        database: Database,
        settings: Settings,
        policy: Policy | None = None,
    ) -> None:
        self._library = library
        self._conversations = Conversations(database)
        policy = policy or load_policy()
        self._policy = policy
        self._composer = AnswerComposer(library, policy)
        self._hot = self._hot_questions()
        reader, names = read_names(library, policy)
        finder = ItemFinder(library, search, reader, names, policy.resolving)
        self._pipeline = Pipeline(
            steps=(
                Clean(settings),
                Protect(),
                Route(policy, self._hot),
                Understand(library, reader, finder, self._composer, policy, self._hot),
                Answer(self._composer),
            ),
            closing=(Verify(library, self._composer),),
        )

    async def reply(self, text: str, *, session_id: str | None = None, channel: Channel = "api") -> MessageAnswer:
        """Answer one message.

        Raises:
            Invalid: nothing to read in `text` (code `text_empty`).
            TooLarge: `text` is too long (code `text_too_long`).
            NotFound: no such session (code `session_not_found`).
            Unavailable: the database can't be written.
        """
        async with self._conversations.open(session_id) as state:
            started = time.perf_counter()
            consultation = Consultation(text, channel, state)
            draft = await self._pipeline.run(consultation)
            answer = self._rendered(consultation, draft)
            await self._conversations.record(
                consultation,
                draft,
                answer.text,
                library=self._library.generation,
                seconds=time.perf_counter() - started,
            )
        return answer

    def suggestions(self) -> SuggestedQuestions:
        """Questions to start with; each is answered by the library."""
        return SuggestedQuestions(questions=list(self._hot))

    def section(self, section_id: str) -> SectionView:
        """A cited section. Raises NotFound (`section_not_found`)."""
        section = self._library.section(section_id)
        return SectionView(
            section_id=section.id,
            item_id=section.item_id,
            item_name=section.item_name,
            element=section.element.value,
            title=section.title,
            text=section.text,
            version=section.version,
        )

    def _hot_questions(self) -> tuple[str, ...]:
        """The policy's questions whose section the library holds."""
        return tuple(
            self._composer.question(self._library.items[entry.item], entry.element)
            for entry in self._policy.texts.hot
            if entry.item in self._library.items
            and (entry.element is Element.OVERVIEW or self._library.sections(entry.item, entry.element))
        )

    def _rendered(self, consultation: Consultation, draft: Draft) -> MessageAnswer:
        quotes = [part for part in draft.parts if isinstance(part, Quoted)]
        paragraphs = [part.text for part in draft.parts]
        if consultation.words_only and draft.status in ("answered", "not_found"):
            paragraphs.append(self._policy.say("words_only"))
        return MessageAnswer(
            session_id=consultation.session.id,
            status=draft.status,
            text="\n\n".join(paragraphs),
            item=ItemReference(id=draft.item.id, name=draft.item.name) if draft.item else None,
            element=draft.element.value if draft.element else None,
            citations=[
                Citation(
                    section_id=quote.section_id, item_name=quote.item_name, element=quote.element, quote=quote.text
                )
                for quote in quotes
            ],
            suggestions=list(draft.suggestions),
        )
