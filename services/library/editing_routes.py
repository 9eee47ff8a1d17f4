"""/api/library: the life of a text for content staff: list, write, review, publish, withdraw, compare, restore.

Everything is decided in `knowledge_base.store` and `knowledge_base.publication`; here it gets addresses and roles.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Response

from knowledge_base.life.drafts import Check
from knowledge_base.life.field_titles import titled_schema
from knowledge_base.life.lifecycle import Action
from knowledge_base.life.listing import EntryFilter
from knowledge_base.publication import Publisher
from knowledge_base.store import LibraryStore
from knowledge_base.terms import EntryKind, TextState
from services.access import Access, Caller, Role
from services.library.editing import actor, open_version
from services.library.editing_schemas import (
    Decision,
    EntryDetail,
    ListView,
    NewDraft,
    NewEntry,
    PublishedView,
    SavedDraft,
    SummaryView,
    VersionView,
    Withdrawal,
    WithdrawnView,
)
from services.library.record_schemas import (
    DepartmentView,
    DifferenceView,
    ElementChangeView,
    EventView,
    HistoryView,
    SectionView,
    StatisticsView,
)

TAG = "内容编辑"
HIGHEST = 2**31 - 1
EntryId = Annotated[str, Path(max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Number = Annotated[int, Path(ge=1, le=HIGHEST)]


def add_editing_routes(
    router: APIRouter, access: Access, store: LibraryStore, publisher: Publisher, *, check: Check | None = None
) -> None:
    """Add the routes.

    Args:
        router: of /api/library.
        access: the gate.
        store: the library in the database.
        publisher: moves what is in force, with this process's search.
        check: the checker of guides; what it gives back keeps a text from being submitted.
    """
    _add_reading(router, access, store)
    _add_drafts(router, access, store)
    _add_decisions(router, access, store, publisher, check)


def _add_reading(router: APIRouter, access: Access, store: LibraryStore) -> None:
    editor = Depends(access.guard(Role.EDITOR))
    anyone = Depends(access.guard(anonymous=True))

    @router.get("/entries", summary="内容清单", tags=[TAG])
    async def entries(
        kind: EntryKind | None = None,
        department: Annotated[str | None, Query(max_length=200)] = None,
        state: TextState | None = None,
        q: Annotated[str | None, Query(max_length=80, description="名称或编号里的文字")] = None,
        effective_on: Annotated[date | None, Query(description="在这一天有效")] = None,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        page_size: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = editor,
    ) -> ListView:
        """Entries by department and name, with counts by state and kind."""
        wanted = EntryFilter(kind, department, state, q, effective_on)
        return ListView.of(await store.entries(wanted, page=page, page_size=page_size), page, page_size, caller.id)

    @router.get("/entries/{entry_id}", summary="一条内容", tags=[TAG])
    async def entry(entry_id: EntryId, caller: Caller = editor) -> EntryDetail:
        """The text in force, the draft, and all versions. Raises 404 (`entry_not_found`)."""
        return EntryDetail.of(await store.entry(entry_id), caller.id)

    @router.get("/entries/{entry_id}/versions/{number}", summary="一个版本", tags=[TAG])
    async def version(entry_id: EntryId, number: Number, caller: Caller = editor) -> VersionView:
        """One version. Raises 404 (`entry_not_found`, `version_not_found`)."""
        return VersionView.of(await store.version(entry_id, number), caller.id)

    @router.get("/entries/{entry_id}/history", summary="修改历史", tags=[TAG])
    async def history(entry_id: EntryId, caller: Caller = editor) -> HistoryView:
        """Who did what and when, newest first; also of a draft that was deleted."""
        return HistoryView(events=[EventView.of(one) for one in await store.history(entry_id)])

    @router.get("/entries/{entry_id}/diff", summary="两个版本的差异", tags=[TAG])
    async def diff(
        entry_id: EntryId,
        before: Annotated[int, Query(alias="from", ge=1, le=HIGHEST)],
        after: Annotated[int, Query(alias="to", ge=1, le=HIGHEST)],
        caller: Caller = editor,
    ) -> DifferenceView:
        """By part and field, words marked. Raises 404 (`entry_not_found`, `version_not_found`)."""
        found = await store.difference(entry_id, before, after)
        return DifferenceView(before=before, after=after, elements=[ElementChangeView.of(one) for one in found])

    @router.get("/reviews", summary="待审核与待发布", tags=[TAG])
    async def reviews(caller: Caller = editor) -> list[SummaryView]:
        """Texts that wait for somebody. `mine`: the caller wrote in it and can't approve it."""
        return [SummaryView.of(one, caller.id) for one in await store.reviews()]

    @router.get("/departments", summary="部门", tags=[TAG])
    async def departments(caller: Caller = editor) -> list[DepartmentView]:
        """Departments that have entries."""
        return [DepartmentView(name=name, entries=count) for name, count in (await store.departments()).items()]

    @router.get("/stats", summary="内容库统计", tags=[TAG])
    async def stats(caller: Caller = editor) -> StatisticsView:
        """How much there is."""
        return StatisticsView.of(await store.statistics(), await store.generation())

    @router.get("/schema/{kind}", summary="字段定义", tags=[TAG])
    async def schema(kind: EntryKind, caller: Caller = editor) -> dict[str, Any]:
        """JSON schema of a kind's document, fields titled in Chinese."""
        return titled_schema(kind)

    @router.get("/sections/{section_id:path}", summary="发布过的任一段落", tags=[TAG])
    async def section(
        section_id: Annotated[str, Path(max_length=120, pattern=r"^[a-z0-9-]+/[a-z_]+@[0-9]{1,10}$")],
        generation: Annotated[int | None, Query(ge=1, le=HIGHEST, description="当时的内容库代次；默认最新")] = None,
        caller: Caller = anyone,
    ) -> SectionView:
        """The text of a section as it was published, whether it is in force or not. Raises 404 (`section_not_found`)."""
        return SectionView.of(await store.section(section_id, generation=generation))


def _add_drafts(router: APIRouter, access: Access, store: LibraryStore) -> None:
    editor = Depends(access.guard(Role.EDITOR))

    @router.post("/entries", summary="新建内容(草稿)", status_code=201, tags=[TAG])
    async def create(new: NewEntry, caller: Caller = editor) -> VersionView:
        """Raises 409 (`entry_exists`), 413, 422 (`content_invalid`)."""
        return VersionView.of(await store.create_draft(new.kind, new.document, actor(caller)), caller.id)

    @router.post("/entries/{entry_id}/draft", summary="开始修改，或恢复旧版", status_code=201, tags=[TAG])
    async def begin(
        entry_id: EntryId, new: Annotated[NewDraft | None, Body()] = None, caller: Caller = editor
    ) -> VersionView:
        """Raises 404 (`entry_not_found`, `version_not_found`), 409 (`draft_exists`)."""
        new = new or NewDraft()
        draft = await store.begin_draft(entry_id, actor(caller), restore=new.from_version, note=new.note)
        return VersionView.of(draft, caller.id)

    @router.put("/entries/{entry_id}/draft", summary="保存草稿", tags=[TAG])
    async def save(entry_id: EntryId, draft: SavedDraft, caller: Caller = editor) -> VersionView:
        """It may be incomplete; what it lacks stands in `faults`.

        Raises 404, 409 (`draft_changed`: somebody else has saved, see `revision`, `updated_by`, `updated_at`;
        `state_not_allowed`; `draft_outdated`), 413, 422 (`content_invalid`: a rule doesn't compile).
        """
        saved = await store.save_draft(entry_id, draft.document, draft.revision, actor(caller), based_on=draft.based_on)
        return VersionView.of(saved, caller.id)

    @router.delete("/entries/{entry_id}/draft", summary="删除草稿", status_code=204, tags=[TAG])
    async def delete(
        entry_id: EntryId,
        revision: Annotated[int | None, Query(ge=1, le=HIGHEST)] = None,
        caller: Caller = editor,
    ) -> Response:
        """Raises 404 (`draft_not_found`), 409 (`draft_changed`, `state_not_allowed`)."""
        await store.delete_draft(entry_id, actor(caller), revision=revision)
        return Response(status_code=204)


def _add_decisions(
    router: APIRouter, access: Access, store: LibraryStore, publisher: Publisher, check: Check | None
) -> None:
    editor = Depends(access.guard(Role.EDITOR))

    async def decide(entry_id: str, action: Action, decision: Decision | None, caller: Caller) -> VersionView:
        decision = decision or Decision()
        version = await store.advance(
            entry_id, action, actor(caller), revision=decision.revision, note=decision.note, check=check
        )
        return VersionView.of(version, caller.id)

    @router.post("/entries/{entry_id}/submit", summary="提交审核", tags=[TAG])
    async def submit(
        entry_id: EntryId, decision: Annotated[Decision | None, Body()] = None, caller: Caller = editor
    ) -> VersionView:
        """Raises 409 (`state_not_allowed`, `draft_outdated`), 422 (`content_invalid`, `findings_open`)."""
        return await decide(entry_id, Action.SUBMIT, decision, caller)

    @router.post("/entries/{entry_id}/recall", summary="撤回修改", tags=[TAG])
    async def recall(
        entry_id: EntryId, decision: Annotated[Decision | None, Body()] = None, caller: Caller = editor
    ) -> VersionView:
        """Take a text back from review. Raises 409 (`state_not_allowed`)."""
        return await decide(entry_id, Action.RECALL, decision, caller)

    @router.post("/entries/{entry_id}/approve", summary="审核通过", tags=[TAG])
    async def approve(
        entry_id: EntryId, decision: Annotated[Decision | None, Body()] = None, caller: Caller = editor
    ) -> VersionView:
        """Raises 409 (`four_eyes`, `state_not_allowed`, `draft_changed`)."""
        approved = await decide(entry_id, Action.APPROVE, decision, caller)
        publisher.warm(entry_id, approved.number)
        return approved

    @router.post("/entries/{entry_id}/reject", summary="退回修改", tags=[TAG])
    async def reject(
        entry_id: EntryId, decision: Annotated[Decision | None, Body()] = None, caller: Caller = editor
    ) -> VersionView:
        """Needs a reason in `note`. Raises 409 (`state_not_allowed`), 422 (`reason_missing`)."""
        return await decide(entry_id, Action.REJECT, decision, caller)

    @router.post("/entries/{entry_id}/publish", summary="发布", tags=[TAG])
    async def publish(
        entry_id: EntryId, decision: Annotated[Decision | None, Body()] = None, caller: Caller = editor
    ) -> PublishedView:
        """In force at once, or on the effective date. Database, index and readers move together, or nothing moves.

        Raises 404, 409 (`state_not_allowed`, `draft_outdated`, `item_not_in_force`, `name_taken`, `library_moved`), 503.
        """
        version = await open_version(store, entry_id)
        decision = decision or Decision()
        published = await publisher.publish(
            entry_id, version.number, actor(caller), revision=decision.revision, note=decision.note
        )
        return PublishedView.of(published)

    @router.post("/entries/{entry_id}/withdraw", summary="撤下", tags=[TAG])
    async def withdraw(entry_id: EntryId, withdrawal: Withdrawal, caller: Caller = editor) -> WithdrawnView:
        """Raises 404, 409 (`state_not_allowed`; `entry_in_use`, with the entries that name it in `entries`), 503."""
        generation = await publisher.withdraw(entry_id, actor(caller), note=withdrawal.note, force=withdrawal.force)
        return WithdrawnView(entry_id=entry_id, generation=generation)
