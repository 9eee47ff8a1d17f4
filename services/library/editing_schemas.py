"""What goes in and out of the editing routes, and how the store's data becomes it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from knowledge_base.life.lifecycle import Actor
from knowledge_base.life.listing import EntryList, EntrySummary
from knowledge_base.life.versions import Version
from knowledge_base.publication import Published
from knowledge_base.store import EntryView
from knowledge_base.terms import EntryKind, TextState

Note = Annotated[str | None, Field(default=None, max_length=1_000, description="说明或原因")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewEntry(_Request):
    """A draft of a new entry. The id stands in the document, or is made of the name."""

    kind: EntryKind
    document: dict[str, Any]


class NewDraft(_Request):
    """A draft of an entry that is there. `from_version`: restore that one."""

    from_version: Annotated[int | None, Field(ge=1, description="以哪一版为底稿；默认现行版")] = None
    note: Note = None


class SavedDraft(_Request):
    """The draft's text. `revision`: the one it was opened with."""

    revision: Annotated[int, Field(ge=1, description="打开时的修订号")]
    document: dict[str, Any]
    based_on: Annotated[int | None, Field(ge=1, description="已对照过的现行版号；现行版被替换后填新的版号")] = None


class Decision(_Request):
    """Submit, take back, approve, send back or publish. `revision`: the one that was read."""

    revision: Annotated[int | None, Field(ge=1, description="看到的修订号；之后被改过则拒绝")] = None
    note: Note = None


class Withdrawal(_Request):
    """Take an entry out of force. `force`: although others name it."""

    note: Annotated[str, Field(min_length=1, max_length=1_000, description="撤下的原因")]
    force: Annotated[bool, Field(description="有其他内容指向它时仍然撤下")] = False


class PersonView(BaseModel):
    """Somebody by id and name."""

    id: str
    name: str


def _person(actor: Actor | None) -> PersonView | None:
    return None if actor is None else PersonView(id=actor.id, name=actor.name)


class FaultView(BaseModel):
    """What a draft still lacks."""

    field: str
    expected: str


class SummaryView(BaseModel):
    """One entry of a list. `mine`: the caller has written in it, so somebody else has to approve it."""

    id: str
    kind: EntryKind
    name: str
    department: str
    state: TextState
    state_title: str
    published: int | None
    open: int | None
    faults: int
    effective_date: date | None
    cancel_date: date | None
    publish_on: date | None
    author: PersonView
    updated_by: PersonView
    updated_at: datetime
    mine: bool

    @classmethod
    def of(cls, one: EntrySummary, reader: str) -> SummaryView:
        """A summary for the caller with this id."""
        return cls(
            id=one.id,
            kind=one.kind,
            name=one.name,
            department=one.department,
            state=one.state,
            state_title=one.state.display_name,
            published=one.published,
            open=one.open,
            faults=one.faults,
            effective_date=one.effective_date,
            cancel_date=one.cancel_date,
            publish_on=one.publish_on,
            author=PersonView(id=one.author.id, name=one.author.name),
            updated_by=PersonView(id=one.updated_by.id, name=one.updated_by.name),
            updated_at=one.updated_at,
            mine=reader in one.editors,
        )


class ListView(BaseModel):
    """A page of the list. `states`, `kinds`: how many there would be under each."""

    total: int
    page: int
    page_size: int
    states: dict[TextState, int]
    kinds: dict[EntryKind, int]
    entries: list[SummaryView]

    @classmethod
    def of(cls, found: EntryList, page: int, page_size: int, reader: str) -> ListView:
        """A page for the caller with this id."""
        return cls(
            total=found.total,
            page=page,
            page_size=page_size,
            states=found.states,
            kinds=found.kinds,
            entries=[SummaryView.of(one, reader) for one in found.entries],
        )


class VersionHead(BaseModel):
    """One version without its text."""

    number: int
    state: TextState
    state_title: str
    name: str
    revision: int
    based_on: int | None
    note: str | None
    effective_date: date | None
    cancel_date: date | None
    publish_on: date | None
    author: PersonView
    updated_by: PersonView
    submitted_by: PersonView | None
    approved_by: PersonView | None
    published_by: PersonView | None
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    approved_at: datetime | None
    published_at: datetime | None
    ended_at: datetime | None
    mine: bool


class VersionView(VersionHead):
    """One version with its text."""

    entry_id: str
    kind: EntryKind
    department: str
    document: dict[str, Any]
    faults: list[FaultView]

    @classmethod
    def of(cls, one: Version, reader: str) -> VersionView:
        """A version for the caller with this id."""
        return cls(
            **_head(one, reader),
            entry_id=one.entry_id,
            kind=one.kind,
            department=one.department,
            document=dict(one.document),
            faults=[FaultView(field=fault["field"], expected=fault["expected"]) for fault in one.faults],
        )


def _head(one: Version, reader: str) -> dict[str, Any]:
    plain = ("number", "state", "name", "revision", "based_on", "note", "effective_date", "cancel_date", "publish_on",
             "created_at", "updated_at", "submitted_at", "approved_at", "published_at", "ended_at")  # fmt: skip
    people = ("author", "updated_by", "submitted_by", "approved_by", "published_by")
    return {
        **{name: getattr(one, name) for name in plain},
        **{name: _person(getattr(one, name)) for name in people},
        "state_title": one.state.display_name,
        "mine": reader in one.editors,
    }


class EntryDetail(BaseModel):
    """An entry: the text in force, the one that is being worked on, and all versions, newest first."""

    id: str
    kind: EntryKind
    name: str
    published: VersionView | None
    open: VersionView | None
    versions: list[VersionHead]

    @classmethod
    def of(cls, entry: EntryView, reader: str) -> EntryDetail:
        """An entry for the caller with this id."""
        shows = entry.open or entry.published or entry.versions[0]
        return cls(
            id=entry.id,
            kind=entry.kind,
            name=shows.name,
            published=VersionView.of(entry.published, reader) if entry.published else None,
            open=VersionView.of(entry.open, reader) if entry.open else None,
            versions=[VersionHead(**_head(one, reader)) for one in entry.versions],
        )


class PublishedView(BaseModel):
    """What became of a publication: published, or approved until its effective date."""

    entry_id: str
    number: int
    state: TextState
    state_title: str
    generation: str
    effective_date: date | None

    @classmethod
    def of(cls, one: Published) -> PublishedView:
        """A publication as it is shown."""
        return cls(
            entry_id=one.entry_id,
            number=one.number,
            state=one.state,
            state_title=one.state.display_name,
            generation=one.generation,
            effective_date=one.effective_date,
        )


class WithdrawnView(BaseModel):
    """A withdrawal."""

    entry_id: str
    generation: str
