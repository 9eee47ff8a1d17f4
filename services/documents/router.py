"""/api/documents: hand in files, ask and follow what was read, see pages and who saw them, remove."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from core.errors import HubError, Invalid
from core.event_stream import MEDIA_TYPE, SCHEMA
from services.access import Access, Caller
from services.documents.events import document_stream
from services.documents.intake import clean_file_name
from services.documents.schemas import (
    AcceptedView,
    DocumentView,
    FailureView,
    RefusedView,
    SearchView,
    ViewingsView,
    progress_view,
    search_view,
    view,
    viewings_view,
)
from services.documents.service import DocumentService, ImageFormat
from services.documents.upload import MOST_FILES, Upload, uploaded

LONGEST_WAIT = 60.0

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
                            "description": "JPG、PNG、WebP、TIFF、HEIC 图像或 PDF；"
                            f"可重复，一次最多 {MOST_FILES} 个，多于一个时回答是列表",
                        },
                        "submission_id": {"type": "string", "description": "所属办件；限窗口人员"},
                    },
                }
            }
        },
    }
}
"""The body is read by hand (`upload.py`), so the OpenAPI document has to be told of it."""

EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "事件 progress、done、failed(ProgressView)、removed",
        "content": {MEDIA_TYPE: {"schema": SCHEMA}},
    },
    204: {"description": "已经读完，之前也告知过；EventSource 就此停止"},
}

PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Papers hold personal data, and the next user of a shared machine must not find them in the browser's cache."""

Taken = AcceptedView | DocumentView
FINISHED = ("done", "failed")


def build_router(service: DocumentService, access: Access) -> APIRouter:
    """The routes. Anonymous callers may use all of them; whose document it is decides (`rights.may_see`)."""
    router = APIRouter(prefix="/api/documents", tags=["文件识读"])
    # A default rather than Annotated: a local name can't be found again from an annotation that is kept as text.
    anyone = Depends(access.guard(anonymous=True))

    @router.post(
        "",
        summary="上传文件并识读",
        status_code=202,
        response_model=AcceptedView | list[Taken | RefusedView],
        responses={200: {"model": DocumentView | list[Taken | RefusedView], "description": "在 wait 秒内读完"}},
        openapi_extra=UPLOAD,
    )
    async def hand_in(
        request: Request,
        caller: Caller = anyone,
        wait: Annotated[
            float,
            Query(
                description="最多等多少秒(0 到 60)；读完就立即返回",
                json_schema_extra={"minimum": 0, "maximum": LONGEST_WAIT},
            ),
        ] = 0.0,
    ) -> Response:
        if not 0.0 <= wait <= LONGEST_WAIT:
            raise Invalid("wait 应在 0 到 60 秒之间。", code="wait_out_of_range", param="wait")
        # Before the body is read: a full queue should cost neither side an upload.
        service.check_room()
        async with uploaded(request, service.max_file_bytes) as upload:
            service.check_submission(caller, upload.submission_id)
            if len(upload.files) > 1:
                return await _several(service, caller, upload, wait)
            (file,) = upload.files
            document_id = await service.accept(caller, file.filename, file.file, upload.submission_id)
        await service.wait(document_id, wait)
        taken = await _taken(service, caller, document_id)
        headers = {**PRIVATE, "Location": f"/api/documents/{document_id}"}
        return JSONResponse(taken.model_dump(mode="json"), 200 if taken.status in FINISHED else 202, headers)

    @router.get("/{document_id}", summary="查询一份文件的识读结果", response_model=DocumentView)
    async def read(document_id: str, response: Response, caller: Caller = anyone) -> DocumentView:
        response.headers.update(PRIVATE)
        return view(await service.get(document_id, caller))

    @router.get(
        "/{document_id}/events",
        summary="跟踪一份文件的识读进度(SSE)",
        response_class=Response,
        responses=EVENTS,
    )
    async def events(
        document_id: str,
        caller: Caller = anyone,
        last_event_id: Annotated[str | None, Header(max_length=64)] = None,
    ) -> Response:
        return await document_stream(service, document_id, caller, last_event_id)

    @router.get(
        "/{document_id}/pages/{number}.{image_format}",
        summary="一页的图像，框以它为准",
        response_class=Response,
        responses={200: {"content": {"image/png": {}, "image/jpeg": {}}}},
    )
    async def page(document_id: str, number: int, image_format: ImageFormat, caller: Caller = anyone) -> Response:
        image = await service.page_image(document_id, number, image_format, caller)
        media_type = "image/png" if image_format == "png" else "image/jpeg"
        return Response(image, media_type=media_type, headers=PRIVATE)

    @router.get("/{document_id}/search", summary="在识读结果中查找文字", response_model=SearchView)
    async def search(
        document_id: str,
        response: Response,
        q: Annotated[str, Query(description="要找的文字；空格、全半角、大小写、换行不论")],
        caller: Caller = anyone,
    ) -> SearchView:
        response.headers.update(PRIVATE)
        return search_view(document_id, *await service.search(document_id, q, caller))

    @router.get("/{document_id}/views", summary="谁看过这份文件", response_model=ViewingsView)
    async def views(document_id: str, response: Response, caller: Caller = anyone) -> ViewingsView:
        response.headers.update(PRIVATE)
        return viewings_view(document_id, await service.views(document_id, caller))

    @router.delete("/{document_id}", summary="删除一份文件及其识读结果", status_code=204)
    async def remove(document_id: str, caller: Caller = anyone) -> Response:
        await service.delete(document_id, caller)
        return Response(status_code=204)

    return router


async def _several(service: DocumentService, caller: Caller, upload: Upload, wait: float) -> Response:
    """Several files: each is taken or refused by itself, and all are waited for together.

    Raises:
        Invalid: `no_file_accepted`, with the reason of each.
    """
    outcomes: list[str | RefusedView] = []
    for file in upload.files:
        try:
            outcomes.append(await service.accept(caller, file.filename, file.file, upload.submission_id))
        except HubError as error:
            outcomes.append(
                RefusedView(
                    file_name=clean_file_name(file.filename), error=FailureView(code=error.code, message=error.message)
                )
            )
    ids = [one for one in outcomes if isinstance(one, str)]
    if not ids:
        refused = [one.model_dump() for one in outcomes if isinstance(one, RefusedView)]
        raise Invalid("这些文件都不能识读；原因见 files。", code="no_file_accepted", detail={"files": refused})
    await asyncio.gather(*(service.wait(document_id, wait) for document_id in ids))
    answers = [one if isinstance(one, RefusedView) else await _taken(service, caller, one) for one in outcomes]
    finished = all(isinstance(one, RefusedView) or one.status in FINISHED for one in answers)
    return JSONResponse([one.model_dump(mode="json") for one in answers], 200 if finished else 202, PRIVATE)


async def _taken(service: DocumentService, caller: Caller, document_id: str) -> Taken:
    """A document that was just handed in: all of it if it is finished, else its id."""
    progress = progress_view(*await service.progress(document_id, caller))
    if progress.status in FINISHED:
        return view(await service.get(document_id, caller))
    return AcceptedView(document_id=document_id, status=progress.status)
