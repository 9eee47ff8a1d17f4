"""/api/submissions: hand in, check, see what was found, decide. Everything is decided in `submissions`; here it gets addresses.

Anonymous callers may open drafts and hand them in: who knows a submission's id may see it. What only staff may do is refused by the
service, by where the submission stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from sqlalchemy.orm import Session

from core.event_stream import MEDIA_TYPE, SCHEMA
from services.access import Access, Caller
from services.documents.schemas import RefusedView
from services.documents.upload import MOST_FILES, uploaded
from services.precheck.cases import find
from services.precheck.events import submission_stream
from services.precheck.history_views import history_lines
from services.precheck.idempotency import repeat_of
from services.precheck.notice_pdf import render_notice
from services.precheck.schemas import (
    ChangeWanted,
    HistoryLine,
    NoticeView,
    OwnFindingWanted,
    PapersView,
    PaperTaken,
    PrefilledView,
    QueueEntry,
    ReportView,
    RulingWanted,
    StepWanted,
    SubmissionView,
    SubmissionWanted,
)
from services.precheck.states import State
from services.precheck.submissions import Submissions

TAG = "办件预审"
PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
RepeatKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="重复的请求带同一个值，只办一次，回答相同"),
]
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": f"可重复，一次最多 {MOST_FILES} 个",
                        },
                        "material": {"type": "string", "description": "作为哪份材料交来（材料编号）"},
                    },
                }
            }
        },
    }
}
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "事件 changed、ended、removed", "content": {MEDIA_TYPE: {"schema": SCHEMA}}},
    204: {"description": "已经结束，之前也告知过；EventSource 就此停止"},
}


def _private(response: Response) -> None:
    response.headers.update(PRIVATE)


def build_router(service: Submissions, access: Access, *more: Callable[[APIRouter], None]) -> APIRouter:
    """The routes of one submission and the queue. `more` add routes that must come before those that take an id."""
    router = APIRouter(prefix="/api/submissions", tags=[TAG], dependencies=[Depends(_private)])
    anyone = Depends(access.guard(anonymous=True))
    for add in more:
        add(router)

    @router.get("", summary="办件队列：按到期日，再按风险")
    async def queue(
        caller: Caller = anyone,
        state: Annotated[list[State] | None, Query(description="只看这些状态；默认是在办的")] = None,
        mine: Annotated[bool, Query(description="只看我领取的")] = False,
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        page_size: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[QueueEntry]:
        return await service.queue(caller, state or [], mine=mine, page=page, page_size=page_size)

    @router.post("", summary="建立办件（自查或收件）", status_code=201)
    async def open_one(wanted: SubmissionWanted, caller: Caller = anyone, key: RepeatKey = None) -> SubmissionView:
        repeat = repeat_of(caller, key, "POST /api/submissions", wanted.model_dump(mode="json"))
        return await service.open(wanted, caller, repeat)

    @router.get("/{submission_id}", summary="一个办件")
    async def read(submission_id: str, caller: Caller = anyone) -> SubmissionView:
        return await service.get(submission_id, caller)

    @router.patch("/{submission_id}", summary="改情形回答或表单")
    async def change(
        submission_id: str, wanted: ChangeWanted, caller: Caller = anyone, key: RepeatKey = None
    ) -> SubmissionView:
        repeat = repeat_of(caller, key, f"PATCH {submission_id}", wanted.model_dump(mode="json"))
        return await service.change(submission_id, wanted, caller, repeat)

    @router.post("/{submission_id}/steps", summary="提交、补正、受理、告知补正、不予受理、办结、退件")
    async def step(
        submission_id: str, wanted: StepWanted, caller: Caller = anyone, key: RepeatKey = None
    ) -> SubmissionView:
        repeat = repeat_of(caller, key, f"POST {submission_id}/steps", wanted.model_dump(mode="json"))
        return await service.step(submission_id, wanted, caller, repeat)

    @router.post("/{submission_id}/claim", summary="领取")
    async def claim(submission_id: str, caller: Caller = anyone) -> SubmissionView:
        return await service.claim(submission_id, caller)

    @router.post("/{submission_id}/release", summary="放回")
    async def release(submission_id: str, caller: Caller = anyone) -> SubmissionView:
        return await service.release(submission_id, caller)

    @router.post("/{submission_id}/check", summary="现在就预审，不等文件读完", status_code=202)
    async def check(submission_id: str, caller: Caller = anyone) -> SubmissionView:
        return await service.check(submission_id, caller)

    @router.get("/{submission_id}/report", summary="最新的预审结果；还没有为空")
    async def report(submission_id: str, caller: Caller = anyone) -> ReportView | None:
        return (await service.get(submission_id, caller)).report

    @router.put("/{submission_id}/findings/{key:path}", summary="核定一条发现：确认、推翻，或收回")
    async def rule(
        submission_id: str, key: str, wanted: RulingWanted, caller: Caller = anyone, repeat_key: RepeatKey = None
    ) -> SubmissionView:
        repeat = repeat_of(caller, repeat_key, f"PUT {submission_id}/findings/{key}", wanted.model_dump(mode="json"))
        return await service.rule(submission_id, key, wanted, caller, repeat)

    @router.post("/{submission_id}/findings", summary="写下人工发现", status_code=201)
    async def own_finding(
        submission_id: str, wanted: OwnFindingWanted, caller: Caller = anyone, key: RepeatKey = None
    ) -> SubmissionView:
        repeat = repeat_of(caller, key, f"POST {submission_id}/findings", wanted.model_dump(mode="json"))
        return await service.own_finding(submission_id, wanted, caller, repeat)

    @router.post("/{submission_id}/papers", summary="交文件", status_code=202, openapi_extra=UPLOAD)
    async def add_papers(
        submission_id: str, request: Request, caller: Caller = anyone, key: RepeatKey = None
    ) -> PapersView:
        documents = service.papers.documents
        documents.check_room()
        await service.papers.check(submission_id, None, caller)
        async with uploaded(request, documents.max_file_bytes) as upload:
            repeat = repeat_of(caller, key, f"POST {submission_id}/papers", upload.material)
            files = [(one.filename, one.file) for one in upload.files]
            refused = await service.papers.add(submission_id, files, upload.material, caller, repeat)
        return PapersView(submission=await service.get(submission_id, caller), refused=_plain(refused))

    @router.put("/{submission_id}/papers/{document_id}", summary="指明一份文件是哪份材料")
    async def take_paper(
        submission_id: str, document_id: str, wanted: PaperTaken, caller: Caller = anyone
    ) -> SubmissionView:
        return await service.papers.take(submission_id, document_id, wanted.material, caller)

    @router.delete("/{submission_id}/papers/{document_id}", summary="撤下一份文件")
    async def remove_paper(submission_id: str, document_id: str, caller: Caller = anyone) -> SubmissionView:
        return await service.papers.remove(submission_id, document_id, caller)

    @router.get("/{submission_id}/prefill", summary="预填：从材料读出的表单值及出处")
    async def prefill(submission_id: str, caller: Caller = anyone) -> list[PrefilledView]:
        return await service.prefill(submission_id, caller)

    @router.get("/{submission_id}/notice", summary="一次性补正告知书")
    async def notice(submission_id: str, caller: Caller = anyone) -> NoticeView:
        return await service.notice(submission_id, caller)

    @router.get(
        "/{submission_id}/notice.pdf",
        summary="一次性补正告知书(PDF)",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}}},
    )
    async def notice_pdf(submission_id: str, caller: Caller = anyone) -> Response:
        view = await service.notice(submission_id, caller)
        # Half a second of processor time.
        content = await asyncio.to_thread(render_notice, view)
        return Response(content, media_type="application/pdf", headers=PRIVATE)

    @router.get("/{submission_id}/history", summary="办件的全部经过")
    async def history(submission_id: str, caller: Caller = anyone) -> list[HistoryLine]:
        def lines(session: Session) -> list[HistoryLine]:
            return history_lines(session, find(session, submission_id, caller), caller)

        return await service.transactions.read(lines)

    @router.get("/{submission_id}/events", summary="办件有变化时通知(SSE)", response_class=Response, responses=EVENTS)
    async def events(
        submission_id: str,
        caller: Caller = anyone,
        last_event_id: Annotated[str | None, Header(max_length=64)] = None,
    ) -> Response:
        return await submission_stream(service, submission_id, caller, last_event_id)

    return router


def _plain(refused: list[RefusedView]) -> list[dict[str, Any]]:
    return [one.model_dump() for one in refused]
