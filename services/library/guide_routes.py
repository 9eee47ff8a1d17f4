"""/api/library/guides: what is in force, for every channel that shows it (多端同源); and drafts as they would be shown."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query
from pydantic import BaseModel

from core.errors import NotFound
from core.errors import shown as shown_name
from knowledge_base.entries import kind_of
from knowledge_base.search import SectionSearch
from knowledge_base.terms import EntryKind
from services.access import Access, Caller, Role
from services.library.preview import Preview, PreviewRequest, preview, shown


class GuideReference(BaseModel):
    """One entry of the list."""

    id: str
    kind: EntryKind
    name: str
    department: str
    version: int
    sample: bool


class GuideList(BaseModel):
    """A page of the list. `generation` changes whenever anything in the library does."""

    generation: str
    total: int
    page: int
    entries: list[GuideReference]


class Guide(BaseModel):
    """One entry: its typed data, and its text by element."""

    generation: str
    kind: EntryKind
    document: dict[str, Any]
    shown: Preview


def add_guide_routes(router: APIRouter, access: Access, search: SectionSearch) -> None:
    """Add the routes. Reading is open to everyone; drafts are shown to content staff."""
    editor = Depends(access.guard(Role.EDITOR))
    anyone = Depends(access.guard(anonymous=True))

    def find(entry_id: str, answers: dict[str, Any]) -> Guide:
        library = search.library
        sections = library.sections_of_entry(entry_id)
        if not sections:
            raise NotFound(f"没有编号为 {shown_name(entry_id)} 的内容，或者它已经停用。", code="entry_not_found")
        entry = library.entries[entry_id]
        return Guide(
            generation=library.generation,
            kind=kind_of(entry),
            document=entry.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
            shown=shown(entry, sections, answers),
        )

    @router.get("/guides", summary="在用的内容", tags=["内容库"])
    async def guides(
        kind: EntryKind = EntryKind.ITEM,
        department: Annotated[str | None, Query(max_length=80)] = None,
        q: Annotated[str | None, Query(max_length=80, description="名称或别名里的文字")] = None,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        page_size: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = anyone,
    ) -> GuideList:
        """Entries in force, in the order of their names."""
        library = search.library
        chosen = [
            entry
            for entry in library.entries.values()
            if kind_of(entry) is kind
            and library.sections_of_entry(entry.id)
            and (department is None or entry.department == department)
            and (q is None or any(q in name for name in (entry.name, *entry.aliases)))
        ]
        chosen.sort(key=lambda entry: (entry.department, entry.name))
        start = (page - 1) * page_size
        return GuideList(
            generation=library.generation,
            total=len(chosen),
            page=page,
            entries=[
                GuideReference(
                    id=entry.id,
                    kind=kind,
                    name=entry.name,
                    department=entry.department,
                    version=entry.version,
                    sample=entry.sample,
                )
                for entry in chosen[start : start + page_size]
            ],
        )

    @router.get("/guides/{entry_id}", summary="一条内容的全文与数据", tags=["内容库"])
    async def guide(entry_id: Annotated[str, Path(max_length=80)], caller: Caller = anyone) -> Guide:
        """The typed data and the text of one entry. Raises 404 (`entry_not_found`)."""
        return find(entry_id, {})

    @router.post("/guides/{entry_id}/situation", summary="按情形看要什么", tags=["内容库"])
    async def situation(
        entry_id: Annotated[str, Path(max_length=80)],
        answers: Annotated[dict[str, Any], Body(embed=True, description="情形问题的编号与回答")],
        caller: Caller = anyone,
    ) -> Preview:
        """What applies for these answers, and the next question. Raises 404, and 422 (`answer_invalid`)."""
        return find(entry_id, answers).shown

    @router.post("/preview", summary="草稿会怎样显示", tags=["内容库"])
    async def draft(request: PreviewRequest, caller: Caller = editor) -> Preview:
        """A draft as citizens would see it. Raises 422 (`content_invalid`, `answer_invalid`)."""
        return preview(request, search.library)
