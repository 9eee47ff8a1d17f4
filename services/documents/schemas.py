"""What /api/documents answers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.documents.page_care.quality import Fault
from services.documents.papers.schemas import PaperView, paper_views
from services.documents.search import Hit
from services.documents.service import DocumentState
from services.documents.tables import Document, DocumentViewing

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


class SealView(BaseModel):
    """A seal on a page."""

    box: list[tuple[float, float]] = Field(min_length=4, max_length=4, description="四角，同 LineView.box")
    text: str = Field(description="环行文字；读不出为空")
    confidence: float = Field(ge=0, le=1)


class SignatureView(BaseModel):
    """Handwriting where somebody was to sign."""

    box: list[tuple[float, float]] = Field(min_length=4, max_length=4, description="四角，同 LineView.box")
    label: str = Field(description="签在哪个标签后面")


class FaultView(BaseModel):
    """What is wrong with a photo."""

    code: str
    message: str


class PageView(BaseModel):
    """One page that was read."""

    number: int = Field(description="页码，从 1 起")
    width: int = Field(description="页面图像宽度(像素)")
    height: int = Field(description="页面图像高度(像素)")
    rotation: Literal[0, 90, 180, 270] = Field(description="逆时针转多少度后文字是正的")
    image: str = Field(description="页面图像的地址，框以它为准")
    source: Literal["image", "pdf_text", "pdf_rendered"] = Field(
        description="文字的来源：image 识读图像，pdf_text 取自 PDF 自带的文字，pdf_rendered 识读渲染出的 PDF 页"
    )
    text_layer: str | None = Field(None, description="PDF 自带的文字没有采用的原因")
    lines: list[LineView] = Field(description="文字行，按阅读顺序")
    seals: list[SealView] = Field(description="印章")
    signatures: list[SignatureView] = Field(description="签名")
    faults: list[FaultView] = Field(description="照片哪里不好；只是提醒，不是拒收")


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
    papers: list[PaperView] = Field(description="文件里的材料及其字段；全部读完才有")
    error: FailureView | None = None
    submission_id: str | None = Field(None, description="所属办件")
    reused: bool = Field(False, description="同一密钥传过同一个文件，结果取自那一次，没有重新识读")
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = Field(None, description="到这时连同识读结果一并删除")


class AcceptedView(BaseModel):
    """A document that is not finished yet."""

    document_id: str
    status: Status


class RefusedView(BaseModel):
    """One of several files that was not taken; the others were."""

    file_name: str
    error: FailureView


class ViewingView(BaseModel):
    """One time that somebody was shown something of a document."""

    viewer: str = Field(description="密钥编号；没有密钥的为 anonymous")
    role: str = Field(description="角色")
    what: Literal["document", "page", "result", "search"] = Field(
        description="document 状态，page 某一页的图像，result 识读结果，search 在结果中查找"
    )
    page: int | None = Field(None, description="看的是第几页的图像")
    at: datetime


class ViewingsView(BaseModel):
    """Who saw a document, newest first."""

    document_id: str
    views: list[ViewingView]


class ProgressView(BaseModel):
    """How far a document is."""

    document_id: str
    status: Status
    page_count: int
    pages_read: int
    error: FailureView | None = None


class PartView(BaseModel):
    """A part of one line."""

    line: int = Field(description="本页第几行，从 0 起")
    start: int = Field(description="行内第一个字的位置，从 0 起")
    end: int = Field(description="行内最后一个字之后的位置")
    text: str
    box: list[tuple[float, float]] = Field(description="这一段的四角，同 LineView.box")


class HitView(BaseModel):
    """One place of a text; over several lines it has several parts."""

    page: int
    parts: list[PartView]


class SearchView(BaseModel):
    """Where a text stands."""

    document_id: str
    hits: list[HitView]
    more: bool = Field(description="还有更多，没有列出")


def search_view(document_id: str, hits: list[Hit], more: bool) -> SearchView:
    """Places as callers see them."""
    return SearchView.model_validate({"document_id": document_id, "hits": [asdict(hit) for hit in hits], "more": more})


def failure(document: Document) -> FailureView | None:
    """Why a document could not be read; None if it could, or still may."""
    if document.error_code is None:
        return None
    return FailureView(code=document.error_code, message=document.error_message or "")


def progress_view(document: Document, pages_read: int) -> ProgressView:
    """How far a document is, as callers see it."""
    return ProgressView.model_validate(
        {
            "document_id": document.id,
            "status": document.status,
            "page_count": document.page_count,
            "pages_read": pages_read,
            "error": failure(document),
        }
    )


def viewings_view(document_id: str, viewings: list[DocumentViewing]) -> ViewingsView:
    """Who saw a document, as callers see it."""
    fields = ("viewer", "role", "what", "page", "at")
    return ViewingsView.model_validate(
        {
            "document_id": document_id,
            "views": [{name: getattr(one, name) for name in fields} for one in viewings],
        }
    )


def view(state: DocumentState) -> DocumentView:
    """The document as callers see it."""
    document = state.document
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
                    "source": page.source,
                    "text_layer": page.text_layer,
                    "lines": page.lines,
                    "seals": (page.marks or {}).get("seals", []),
                    "signatures": (page.marks or {}).get("signatures", []),
                    "faults": [
                        {"code": code, "message": Fault(code).message(page.number)}
                        for code in (page.marks or {}).get("faults", [])
                    ],
                }
                for page in state.pages
            ],
            "papers": paper_views(state.papers),
            "error": failure(document),
            "submission_id": document.submission_id,
            # An anonymous caller is an address: whoever shares it must not hear that the file was here before.
            "reused": document.reused and document.owned,
            "created_at": document.created_at,
            "started_at": document.started_at,
            "finished_at": document.finished_at,
            "expires_at": document.expires_at,
        }
    )
