"""Questions that found no answer, or a badly rated one, grouped by meaning; and what staff make of a group.

Goes out: groups with counts and examples; a draft of a FAQ or of an item with one more alias, which goes the way of every
text of the library, through another person's review.
"""

from __future__ import annotations

import structlog
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import Conflict, HubError, Invalid, NotFound
from knowledge_base.library import Library
from knowledge_base.life.lifecycle import Actor
from knowledge_base.samples import Consent, SampleKind, Samples
from knowledge_base.search import SectionSearch
from knowledge_base.store import LibraryStore
from knowledge_base.terms import EntryKind
from services.consult.desk.spoken import message_words
from services.consult.naming import ItemNames, item_names
from services.consult.personal_data import mask
from services.consult.voice.gathering import Gathering
from services.consult.voice.grades import Grades, load_grades
from services.consult.voice.group_reading import group_list, group_questions
from services.consult.voice.schemas import (
    DraftMade,
    GroupAlias,
    GroupDismissal,
    GroupFaq,
    GroupList,
    GroupQuestions,
    GroupState,
)
from services.consult.voice.tables import VoiceGroup

LONGEST_QUESTION, LONGEST_ANSWER = 200, 5000

log = structlog.get_logger(__name__)


class Groups:
    """Groups in `database`. `search` embeds questions and has the library in force; `store` takes the drafts."""

    def __init__(
        self, database: Database, search: SectionSearch, store: LibraryStore, *, grades: Grades | None = None
    ) -> None:
        self._database = database
        self._search = search
        self._store = store
        self._samples = Samples(database, mask)
        self._gathering = Gathering(database, search, lowest=(grades or load_grades()).follow_up.lowest)
        self._names: ItemNames = item_names(lambda: search.library)

    @property
    def _library(self) -> Library:
        return self._search.library

    async def start(self) -> None:
        """Group what is new every minute from now on."""
        await self._gathering.start()

    async def close(self) -> None:
        """Stop."""
        await self._gathering.close()

    async def group(self) -> int:
        """Put every question that is in no group yet into one; how many there were. Raises what the embedder raises."""
        return await self._gathering.group()

    async def groups(self, state: GroupState | None, *, page: int, page_size: int) -> GroupList:
        """Groups with examples, the largest first."""
        return await self._database.run(
            lambda session: group_list(session, self._names, state, page=page, page_size=page_size), read_only=True
        )

    async def questions(self, group_id: int, *, page: int, page_size: int) -> GroupQuestions:
        """Every question of a group, the newest first. Raises NotFound (`group_not_found`)."""
        return await self._database.run(
            lambda session: group_questions(session, group_id, page=page, page_size=page_size), read_only=True
        )

    # What staff make of a group

    async def faq(self, group_id: int, wanted: GroupFaq, by: Actor) -> DraftMade:
        """Draft a FAQ; the questions of the group that differ from its name become other ways to put it.

        Raises:
            NotFound: `group_not_found`. Conflict: `group_done`. Invalid: `item_unknown`, `text_empty`. ContentInvalid.
        """
        await self._open(group_id)
        item = self._library.items.get(wanted.item_id)
        if item is None:
            raise _item_unknown()
        question = message_words(wanted.question, longest=LONGEST_QUESTION, param="question").replace("\n", " ")
        document = {
            "name": question,
            "item": item.id,
            "element": wanted.element.value,
            "answer": message_words(wanted.answer, longest=LONGEST_ANSWER, param="answer"),
            "department": item.department,
        }
        draft = await self._store.create_draft(EntryKind.FAQ, document, by)
        made = DraftMade(entry_id=draft.entry_id, number=draft.number)
        await self._done(group_id, "faq", by, entry_id=made.entry_id)
        label = {"made": "faq", "item": item.id, "element": wanted.element.value}
        await self._sampled(group_id, question, label, made, by)
        return made

    async def alias(self, group_id: int, wanted: GroupAlias, by: Actor) -> DraftMade:
        """A draft of the item with one more alias.

        Raises:
            NotFound: `group_not_found`. Invalid: `item_unknown`, `alias_known`. Conflict: `group_done`, or `draft_exists`:
                somebody is at work on the item.
        """
        await self._open(group_id)
        if wanted.item_id not in self._library.items:
            raise _item_unknown()
        alias = message_words(wanted.alias, longest=60, param="alias").replace("\n", " ")
        item = self._library.items[wanted.item_id]
        if alias == item.name or alias in item.aliases:
            raise Invalid("这个事项已经有这个名称或别名。", code="alias_known", param="alias")
        draft = await self._store.begin_draft(wanted.item_id, by, note=f"市民的说法：{alias}")
        document = {**draft.document, "aliases": [*draft.document.get("aliases", ()), alias]}
        draft = await self._store.save_draft(wanted.item_id, document, draft.revision, by)
        made = DraftMade(entry_id=draft.entry_id, number=draft.number)
        await self._done(group_id, "alias", by, entry_id=made.entry_id)
        await self._sampled(group_id, alias, {"made": "alias", "item": item.id}, made, by)
        return made

    async def dismiss(self, group_id: int, wanted: GroupDismissal, by: Actor) -> None:
        """Nothing is made of it. Raises NotFound, Conflict (`group_done`)."""
        note = message_words(wanted.reason, longest=200, param="reason")
        await self._done(group_id, "dismissed", by, note=note)

    async def _open(self, group_id: int) -> None:
        await self._database.run(lambda session: _open_group(session, group_id), read_only=True)

    async def _done(
        self, group_id: int, state: GroupState, by: Actor, *, entry_id: str | None = None, note: str | None = None
    ) -> None:
        def work(session: Session) -> None:
            row = _open_group(session, group_id, lock=True)
            row.state, row.entry_id, row.note = state, entry_id, note
            row.actor_id, row.actor_name, row.updated_at = by.id, by.name, now()

        await self._database.run(work)

    async def _sampled(self, group_id: int, text: str, label: object, made: DraftMade, by: Actor) -> None:
        """The words are those of the staff; the citizens' own are kept as samples only with their consent (`ratings`)."""
        try:
            await self._samples.add(
                SampleKind.DECISION,
                text,
                label,
                origin=f"voice-group:{group_id}",
                consent=Consent.STAFF,
                by=by,
                entries=[(made.entry_id, made.number)],
            )
        except HubError as error:
            log.warning("decision_not_sampled", code=error.code)


def _item_unknown() -> Invalid:
    return Invalid("内容库里没有这个事项。", code="item_unknown", param="item_id")


def _open_group(session: Session, group_id: int, *, lock: bool = False) -> VoiceGroup:
    row = session.get(VoiceGroup, group_id, with_for_update=lock or None)
    if row is None:
        raise NotFound("没有这一组问题。", code="group_not_found")
    if row.state != "open":
        raise Conflict("这一组问题已经处理过。", code="group_done")
    return row
