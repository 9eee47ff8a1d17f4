"""Questions that found no answer, or a badly rated one, grouped by meaning; and what staff make of a group.

Comes in: messages of the conversations (masked). Goes out: groups with counts and examples; a draft of a FAQ or of an
item with one more alias, which goes the way of every text of the library, through another person's review.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import Conflict, HubError, Invalid, NotFound
from knowledge_base.index.hits import Query
from knowledge_base.library import Library
from knowledge_base.life.lifecycle import Actor
from knowledge_base.samples import Consent, SampleKind, Samples
from knowledge_base.search import SectionSearch
from knowledge_base.store import LibraryStore
from knowledge_base.terms import EntryKind
from services.consult.desk.spoken import message_words
from services.consult.personal_data import mask
from services.consult.tables import ConsultMessage
from services.consult.voice import grouping
from services.consult.voice.grades import Grades, load_grades
from services.consult.voice.naming import ItemNames, item_names
from services.consult.voice.schemas import (
    DraftMade,
    GroupAlias,
    GroupDismissal,
    GroupExample,
    GroupFaq,
    GroupList,
    GroupState,
    GroupView,
)
from services.consult.voice.tables import VoiceGroup, VoiceQuestion, VoiceRating

EVERY_SECONDS = 60
AT_ONCE = 200
"""Questions embedded and stored in one go."""
EXAMPLES = 8
LONGEST_QUESTION, LONGEST_ANSWER = 200, 5000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that is in no group yet."""

    message_id: int
    question: str
    why: str


class Groups:
    """Groups in `database`. `search` embeds questions and has the library in force; `store` takes the drafts."""

    def __init__(
        self, database: Database, search: SectionSearch, store: LibraryStore, *, grades: Grades | None = None
    ) -> None:
        self._database = database
        self._search = search
        self._store = store
        self._samples = Samples(database, mask)
        self._lowest = (grades or load_grades()).follow_up.lowest
        self._grouping = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._names: ItemNames = item_names(lambda: search.library)

    @property
    def _library(self) -> Library:
        return self._search.library

    # Grouping

    async def start(self) -> None:
        """Group what is new every minute from now on."""
        self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                await self.group()
            except HubError as error:
                # The embedder has no room or the database is away: the next minute tries again.
                log.warning("questions_not_grouped", code=error.code)
            except Exception:
                log.exception("questions_not_grouped")
            await asyncio.sleep(EVERY_SECONDS)

    async def group(self) -> int:
        """Put every question that is in no group yet into one; how many there were. Raises what the embedder raises."""
        done = 0
        async with self._grouping:
            while waiting := await self._database.run(self._waiting, read_only=True):
                queries = [await self._search.embed(one.question) for one in waiting]
                version = queries[-1].version
                if any(query.version != version for query in queries):
                    continue  # the embedder was swapped meanwhile
                await self._renew(version)
                done += await self._database.run(_stored(waiting, queries, version))
        return done

    def _waiting(self, session: Session) -> list[_Asked]:
        rated = exists().where(
            VoiceRating.session_id == ConsultMessage.session_id,
            VoiceRating.number == ConsultMessage.number,
            VoiceRating.grade <= self._lowest,
        )
        rows = session.execute(
            select(ConsultMessage.id, ConsultMessage.question, ConsultMessage.unanswered, ConsultMessage.status)
            .where(
                or_(ConsultMessage.unanswered, ConsultMessage.status == "not_found", rated),
                ~exists().where(VoiceQuestion.message_id == ConsultMessage.id),
            )
            .order_by(ConsultMessage.id)
            .limit(AT_ONCE)
        )
        return [
            _Asked(row.id, row.question, "unanswered" if row.unanswered or row.status == "not_found" else "rated")
            for row in rows
        ]

    async def _renew(self, version: str) -> None:
        """Vectors of another version of the embedder can't be compared: those of the groups' first questions are made anew."""

        def old(session: Session) -> list[tuple[int, str]]:
            rows = session.execute(select(VoiceGroup.id, VoiceGroup.example).where(VoiceGroup.version != version))
            return [(row.id, row.example) for row in rows]

        for group_id, example in await self._database.run(old, read_only=True):
            query = await self._search.embed(example)

            def renewed(session: Session, group_id: int = group_id, query: Query = query) -> None:
                row = session.get_one(VoiceGroup, group_id)
                row.vector, row.version = grouping.written(query.vector), query.version

            await self._database.run(renewed)

    # Reading

    async def groups(self, state: GroupState | None, *, page: int, page_size: int) -> GroupList:
        """Groups with examples, the largest first."""

        def work(session: Session) -> GroupList:
            rows, total = select(VoiceGroup), select(func.count()).select_from(VoiceGroup)
            if state is not None:
                rows, total = rows.where(VoiceGroup.state == state), total.where(VoiceGroup.state == state)
            rows = rows.order_by(VoiceGroup.questions.desc(), VoiceGroup.last_at.desc(), VoiceGroup.id)
            found = session.scalars(rows.limit(page_size).offset((page - 1) * page_size))
            return GroupList(
                groups=[self._view(session, row) for row in found], total=session.execute(total).scalar_one()
            )

        return await self._database.run(work, read_only=True)

    def _view(self, session: Session, row: VoiceGroup) -> GroupView:
        members = list(
            session.execute(
                select(VoiceQuestion.why, ConsultMessage)
                .join(ConsultMessage, ConsultMessage.id == VoiceQuestion.message_id)
                .where(VoiceQuestion.group_id == row.id)
                .order_by(VoiceQuestion.message_id.desc())
                .limit(100)
            )
        )
        about = Counter((one.item_id, one.element) for _, one in members if one.item_id is not None)
        item_id, element = about.most_common(1)[0][0] if about else (None, None)
        shown: dict[str, GroupExample] = {}
        for why, one in members:
            if len(shown) < EXAMPLES and one.question not in shown:
                shown[one.question] = GroupExample(
                    session_id=one.session_id,
                    number=one.number,
                    question=one.question,
                    why=why,
                    status=one.status,
                    asked_at=one.created_at,
                )
        return GroupView(
            id=row.id,
            state=row.state,
            example=row.example,
            questions=row.questions,
            since=row.since,
            last_at=row.last_at,
            item=self._names(item_id),
            element=element,
            examples=list(shown.values()),
            entry_id=row.entry_id,
            note=row.note,
            actor=row.actor_name,
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


def _stored(waiting: Sequence[_Asked], queries: Sequence[Query], version: str) -> Callable[[Session], int]:
    def work(session: Session) -> int:
        groups = {
            row.id: row
            for row in session.scalars(
                # Those that were turned into a text keep taking in what comes: their count shows whether it helped.
                select(VoiceGroup).where(VoiceGroup.version == version).order_by(VoiceGroup.id)
            )
        }
        leaders = grouping.Leaders([grouping.Leader(row.id, grouping.read(row.vector)) for row in groups.values()])
        messages = {
            row.id: row.created_at
            for row in session.execute(
                select(ConsultMessage.id, ConsultMessage.created_at).where(
                    ConsultMessage.id.in_([one.message_id for one in waiting])
                )
            )
        }
        taken = set(
            session.scalars(select(VoiceQuestion.message_id).where(VoiceQuestion.message_id.in_(list(messages))))
        )
        done = 0
        for one, query in zip(waiting, queries, strict=True):
            if one.message_id not in messages or one.message_id in taken:
                continue  # forgotten meanwhile, or grouped by another process
            at, stored = messages[one.message_id], grouping.written(query.vector)
            group_id = leaders.nearest(query.vector)
            if group_id is None:
                row = VoiceGroup(
                    state="open",
                    example=one.question,
                    vector=stored,
                    version=version,
                    questions=0,
                    since=at,
                    last_at=at,
                    updated_at=now(),
                )
                session.add(row)
                session.flush()
                groups[row.id] = row
                leaders.add(grouping.Leader(row.id, query.vector))
            else:
                row = groups[group_id]
            row.questions += 1
            row.since, row.last_at = min(row.since, at), max(row.last_at, at)
            session.add(
                VoiceQuestion(
                    message_id=one.message_id,
                    group_id=row.id,
                    why=one.why,
                    vector=stored,
                    version=version,
                    created_at=at,
                )
            )
            done += 1
        return done

    return work
