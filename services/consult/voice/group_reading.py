"""What staff read of the groups: plain functions over a database session, reading only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from knowledge_base.terms import Element
from services.consult.naming import ItemNames
from services.consult.tables import ConsultMessage
from services.consult.voice.schemas import GroupExample, GroupList, GroupQuestions, GroupState, GroupView
from services.consult.voice.tables import VoiceGroup, VoiceQuestion

EXAMPLES = 8
LOOKED_AT = 100
"""Of so many of the newest questions, what most were taken for is told."""


def group_list(session: Session, names: ItemNames, state: GroupState | None, *, page: int, page_size: int) -> GroupList:
    """Groups with examples, the largest first."""
    rows, total = select(VoiceGroup), select(func.count()).select_from(VoiceGroup)
    if state is not None:
        rows, total = rows.where(VoiceGroup.state == state), total.where(VoiceGroup.state == state)
    rows = rows.order_by(VoiceGroup.questions.desc(), VoiceGroup.last_at.desc(), VoiceGroup.id)
    found = session.scalars(rows.limit(page_size).offset((page - 1) * page_size))
    return GroupList(groups=[_view(session, names, row) for row in found], total=session.execute(total).scalar_one())


def group_questions(session: Session, group_id: int, *, page: int, page_size: int) -> GroupQuestions:
    """Every question of a group, the newest first. Raises NotFound (`group_not_found`)."""
    if session.get(VoiceGroup, group_id) is None:
        raise NotFound("没有这一组问题。", code="group_not_found")
    total = select(func.count()).select_from(VoiceQuestion).where(VoiceQuestion.group_id == group_id)
    return GroupQuestions(
        questions=_examples(_members(session, group_id, limit=page_size, offset=(page - 1) * page_size)),
        total=session.execute(total).scalar_one(),
    )


def _members(session: Session, group_id: int, *, limit: int, offset: int = 0) -> list[tuple[str, ConsultMessage]]:
    rows = session.execute(
        select(VoiceQuestion.why, ConsultMessage)
        .join(ConsultMessage, ConsultMessage.id == VoiceQuestion.message_id)
        .where(VoiceQuestion.group_id == group_id)
        .order_by(VoiceQuestion.message_id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [(why, message) for why, message in rows]


def _examples(members: Iterable[tuple[str, ConsultMessage]]) -> list[GroupExample]:
    return [
        GroupExample(
            session_id=one.session_id,
            number=one.number,
            question=one.question,
            why=why,
            status=one.status,
            asked_at=one.created_at,
        )
        for why, one in members
    ]


def _view(session: Session, names: ItemNames, row: VoiceGroup) -> GroupView:
    members = _members(session, row.id, limit=LOOKED_AT)
    # A FAQ or an alias belongs to an item: what was answered by a whole life event proposes none.
    about = Counter(
        (one.item_id, one.element)
        for _, one in members
        if one.item_id is not None and one.element != Element.ITEMS.value
    )
    item_id, element = about.most_common(1)[0][0] if about else (None, None)
    different = {one.question: (why, one) for why, one in reversed(members)}
    return GroupView(
        id=row.id,
        state=row.state,
        example=row.example,
        questions=row.questions,
        since=row.since,
        last_at=row.last_at,
        item=names(item_id),
        element=element,
        examples=_examples(list(reversed(different.values()))[:EXAMPLES]),
        entry_id=row.entry_id,
        note=row.note,
        actor=row.actor_name,
    )
