"""/api/library: files in and out, and the print view."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends, File, Form, Path, Query, Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from core.errors import NotFound, TooLarge, shown
from knowledge_base.exchange.containers import MOST_BYTES
from knowledge_base.exchange.print_view import PAGE_SECURITY, print_page
from knowledge_base.exchange.texts import write_json
from knowledge_base.exchange.workbook_writing import template, write_workbook
from knowledge_base.library import Library
from knowledge_base.life.lifecycle import Actor
from knowledge_base.questionnaire import read_answers
from knowledge_base.store import LibraryStore
from knowledge_base.terms import EntryKind
from services.access import Access, Caller, Role
from services.library.exchange import chosen, given_answers, import_file
from services.library.exchange_schemas import ImportView

TAG = "导入导出"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class InForce(Protocol):
    """Whatever knows the library in force: the search index."""

    @property
    def library(self) -> Library:
        """What is in force right now."""


def add_exchange_routes(router: APIRouter, access: Access, store: LibraryStore, search: InForce) -> None:
    """Add the routes to the router of /api/library. Files are for content staff, the print view for everybody."""
    editor = Depends(access.guard(Role.EDITOR))
    anyone = Depends(access.guard(anonymous=True))

    @router.get("/template.xlsx", summary="下载导入模板", tags=[TAG], response_class=Response)
    async def workbook_template(caller: Caller = editor) -> Response:
        """The empty workbook."""
        content = await asyncio.to_thread(template)
        return Response(content, media_type=XLSX, headers=FILE_HEADERS | _named("template.xlsx"))

    @router.post("/imports", summary="导入文件：核对，或存为草稿", tags=[TAG])
    async def take_in(
        file: Annotated[UploadFile, File(description=".xlsx、.docx、.html、.yaml、.json")],
        dry_run: Annotated[bool, Form(description="只核对，不保存")] = True,
        caller: Caller = editor,
    ) -> ImportView:
        """A report of everything that is wrong, or drafts of all entries. Raises 413, 409 (`draft_exists`), 422."""
        content = await file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise TooLarge(f"文件超过 {MOST_BYTES >> 20} MB；请拆成几个文件。", code="file_too_large", param="file")
        return await import_file(store, search.library, content, Actor(caller.id, caller.name), dry_run=dry_run)

    @router.get("/exports/entries.{form}", summary="导出在用的内容", tags=[TAG], response_class=Response)
    async def take_out(
        form: Literal["json", "xlsx"],
        kind: Annotated[list[EntryKind] | None, Query(description="哪几种，可以写多个")] = None,
        department: Annotated[str | None, Query(max_length=80)] = None,
        id: Annotated[list[str] | None, Query(description="哪几条，可以写多个", max_length=500)] = None,
        caller: Caller = editor,
    ) -> Response:
        """The entries in force as a file. Raises 422 (`cell_too_long`)."""
        library = search.library
        entries = chosen(library, kind or (), department, id or ())
        if form == "json":
            content = await asyncio.to_thread(write_json, entries, generation=library.generation)
            return Response(content, media_type="application/json", headers=FILE_HEADERS | _named("entries.json"))
        content = await asyncio.to_thread(write_workbook, entries)
        return Response(content, media_type=XLSX, headers=FILE_HEADERS | _named("entries.xlsx"))

    @router.get("/print/{entry_id}", summary="打印页", tags=[TAG], response_class=HTMLResponse)
    async def printed(
        request: Request,
        entry_id: Annotated[str, Path(max_length=80)],
        large: Annotated[bool, Query(description="长辈版，字更大")] = False,
        caller: Caller = anyone,
    ) -> HTMLResponse:
        """A4 page. Further query parameters are answers to the entry's situations. Raises 404, 422 (`answer_invalid`)."""
        library = search.library
        if not library.sections_of_entry(entry_id):
            raise NotFound(f"没有编号为 {shown(entry_id)} 的内容，或者它已经停用。", code="entry_not_found")
        entry = library.entries[entry_id]
        situations = getattr(entry, "situations", ())
        names = [name for name in request.query_params if name != "large"]
        given = {name: request.query_params.getlist(name) for name in names}
        answers = read_answers(situations, given_answers(situations, given))
        titles = {item.id: item.name for item in library.items.values()}
        page = print_page(entry, generation=library.generation, names=titles, answers=answers, large=large)
        return HTMLResponse(page, headers=dict(PAGE_SECURITY))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="kaopu-{name}"'}
