"""/api/documents: hand in a file, ask what was read, see its pages, remove it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from core.errors import Invalid
from services.access import Access, Caller
from services.documents.schemas import AcceptedView, DocumentView, view
from services.documents.service import DocumentService, ImageFormat
from services.documents.upload import uploaded_file

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
                            "description": "JPG、PNG、WebP、TIFF 图像或 PDF",
                        }
                    },
                }
            }
        },
    }
}
"""The body is read by hand (`upload.py`), so the OpenAPI document has to be told of it."""

PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Papers hold personal data, and the next user of a shared machine must not find them in the browser's cache."""


def build_router(service: DocumentService, access: Access) -> APIRouter:
    """The routes. Anonymous callers may use all of them; whose document it is decides (`DocumentService.get`)."""
    router = APIRouter(prefix="/api/documents", tags=["文件识读"])
    # A default rather than Annotated: a local name can't be found again from an annotation that is kept as text.
    anyone = Depends(access.guard(anonymous=True))

    @router.post(
        "",
        summary="上传一份文件并识读",
        status_code=202,
        response_model=AcceptedView,
        responses={200: {"model": DocumentView, "description": "在 wait 秒内读完"}},
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
        async with uploaded_file(request, service.max_file_bytes) as file:
            document_id = await service.accept(caller, file.filename, file.file)
        await service.wait(document_id, wait)
        document = view(await service.get(document_id, caller))
        headers = {**PRIVATE, "Location": f"/api/documents/{document_id}"}
        if document.status in ("done", "failed"):
            return JSONResponse(document.model_dump(mode="json"), 200, headers)
        accepted = AcceptedView(document_id=document_id, status=document.status)
        return JSONResponse(accepted.model_dump(mode="json"), 202, headers)

    @router.get("/{document_id}", summary="查询一份文件的识读结果", response_model=DocumentView)
    async def read(document_id: str, response: Response, caller: Caller = anyone) -> DocumentView:
        response.headers.update(PRIVATE)
        return view(await service.get(document_id, caller))

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

    @router.delete("/{document_id}", summary="删除一份文件及其识读结果", status_code=204)
    async def remove(document_id: str, caller: Caller = anyone) -> Response:
        await service.delete(document_id, caller)
        return Response(status_code=204)

    return router
