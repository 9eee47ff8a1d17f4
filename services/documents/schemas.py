"""What /api/documents answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.documents.service import DocumentState

Status = Literal["queued", "reading", "done", "failed"]


class LineView(BaseModel):
    """One line of text on a page."""

    text: str
    confidence: float = Field(ge=0, le=1)
    box: list[tuple[float, float]] = Field(
        min_length=4,
        max_length=4,
        description="四角 (x, y)，自文字左上角起顺时针，相对页宽、页高 0..1，以上传时的方向为准",
    )


class PageView(BaseModel):
    """One page that was read."""

    number: int = Field(description="页码，从 1 起")
    width: int = Field(description="页面图像宽度(像素)")
    height: int = Field(description="页面图像高度(像素)")
    rotation: Literal[0, 90, 180, 270] = Field(description="逆时针转多少度后文字是正的")
    image: str = Field(description="页面图像的地址，框以它为准")
    lines: list[LineView] = Field(description="文字行，按阅读顺序")


class FailureView(BaseModel):
    """Why a document could not be read."""

    code: str
    message: str


class DocumentView(BaseModel):
    """A document and the pages read so far."""

    document_id: str
    status: Status
    file_name: str
    media_type: str
    size: int = Field(description="字节")
    page_count: int
    pages: list[PageView]
    error: FailureView | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class AcceptedView(BaseModel):
    """A document that is not finished yet."""

    document_id: str
    status: Status


def view(state: DocumentState) -> DocumentView:
    """The document as callers see it."""
    document = state.document
    error = None
    if document.error_code is not None:
        error = FailureView(code=document.error_code, message=document.error_message or "")
    return DocumentView.model_validate(
        {
            "document_id": document.id,
            "status": document.status,
            "file_name": document.file_name,
            "media_type": document.media_type,
            "size": document.size,
            "page_count": document.page_count,
            "pages": [
                {
                    "number": page.number,
                    "width": page.width,
                    "height": page.height,
                    "rotation": page.rotation,
                    "image": f"/api/documents/{document.id}/pages/{page.number}.jpg",
                    "lines": page.lines,
                }
                for page in state.pages
            ],
            "error": error,
            "created_at": document.created_at,
            "started_at": document.started_at,
            "finished_at": document.finished_at,
        }
    )
