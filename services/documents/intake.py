"""What kind of file is it really? Decided by its bytes; the name only has to agree.

Cheap enough to be done before the caller gets an answer, so whoever hands in something that can't be read hears it at
once and not after a place in the queue.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import puremagic

from core.errors import Invalid, TooLarge, UnsupportedMedia, shown
from services.documents.images import check_image

HEAD_BYTES = 1024
FILE_NAME_LENGTH = 100
ACCEPTED = "JPG、PNG、WebP、TIFF、HEIC 图像或 PDF"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken. `extensions` are the ones its name may have."""

    media_type: str
    title: str
    extensions: tuple[str, ...]


JPEG = Kind("image/jpeg", "JPG 图像", ("jpg", "jpeg", "jpe", "jfif"))
PNG = Kind("image/png", "PNG 图像", ("png",))
WEBP = Kind("image/webp", "WebP 图像", ("webp",))
TIFF = Kind("image/tiff", "TIFF 图像", ("tif", "tiff"))
HEIC = Kind("image/heic", "HEIC 图像", ("heic", "heif", "hif"))
PDF = Kind("application/pdf", "PDF 文件", ("pdf",))
KINDS = (JPEG, PNG, WEBP, TIFF, HEIC, PDF)

HEIC_STILLS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2")
HEIC_MOVING = (b"hevc", b"hevx", b"hevm", b"hevs", b"msf1")
"""Brands of ISO/IEC 23008-12: one picture, or a sequence of them."""

OTHER_FORMATS = (
    b"PK\x03\x04",
    b"<",
    b"MZ",
    b"\x7fELF",
    b"GIF8",
    b"BM",
    b"{",
    b"#!",
    b"ID3",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\xd0\xcf\x11\xe0",
)
"""How files begin that are no PDF, whatever stands further on in them."""

HINTS = {
    "avif": "这是 AVIF 图像；请转成 JPG 再传。",
    "ofd": "OFD 文件暂不支持；请导出为 PDF 再传。",
    "zip": "这是压缩包或 Office 文档；请导出为 PDF，或把里面的图像逐个上传。",
    "office": "这是 Office 文档；请导出为 PDF 再传。",
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that can be read: its kind, and its number of pages."""

    media_type: str
    page_count: int


def kind_of(head: bytes) -> Kind | None:
    """The kind that the first `HEAD_BYTES` of a file show, None if it is none that is taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return TIFF
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_STILLS + HEIC_MOVING:
        return HEIC
    # Readers allow some bytes before the header, and printers' software writes them.
    if b"%PDF-" in head:
        return PDF
    return None


def inspect(
    source: BinaryIO, file_name: str, *, max_pixels: int, max_pages: int, count_pages: Callable[[bytes], int]
) -> Inspected:
    """Check what was handed in as `file_name`. Blocking; `source` is read from its beginning and left anywhere.
    `count_pages`: of a PDF (`PdfProcesses.count_pages`).

    Raises:
        Invalid: `file_empty`, `file_damaged`, `image_animated`, `pdf_encrypted`, `pdf_dynamic_form`,
            `pdf_too_complex`.
        UnsupportedMedia: `file_type_unsupported`; `file_type_mismatch` if the bytes are not what the name says;
            `file_type_ambiguous` if they are two things at once.
        TooLarge: `too_many_pixels`, `too_many_pages`, `page_too_long`.
    """
    source.seek(0)
    head = source.read(HEAD_BYTES)
    source.seek(0)
    if not head:
        raise Invalid("文件是空的(0 字节)；请检查后重新选择文件。", code="file_empty", param="file")
    kind = kind_of(head)
    extension = PurePosixPath(file_name).suffix.lower().lstrip(".")
    named = next((known for known in KINDS if extension in known.extensions), None)
    if kind is None:
        if named is not None:
            raise UnsupportedMedia(
                f"文件名以 .{extension} 结尾，内容却不是{named.title}；请检查文件是否选错或已损坏。",
                code="file_type_mismatch",
                param="file",
            )
        raise UnsupportedMedia(
            f"不支持这种文件。{_hint(head, extension)}可以上传：{ACCEPTED}。",
            code="file_type_unsupported",
            param="file",
        )
    # A name without an extension says nothing (cameras' blobs); any other has to agree.
    if extension and kind is not named:
        raise UnsupportedMedia(
            f"文件名以 .{shown(extension)} 结尾，内容却是{kind.title}；请改正文件名或重新选择文件。",
            code="file_type_mismatch",
            param="file",
        )
    _check_single(head, kind)
    if kind is HEIC and head[8:12] in HEIC_MOVING:
        raise Invalid("动图不能识读；请传静止的图像。", code="image_animated", param="file")
    if kind is not PDF:
        return Inspected(kind.media_type, check_image(source, max_pixels=max_pixels, max_pages=max_pages))
    pages = count_pages(source.read())
    if pages > max_pages:
        raise TooLarge(
            f"这份 PDF 有 {pages} 页，每份最多 {max_pages} 页；请拆成几份再传。", code="too_many_pages", param="file"
        )
    return Inspected(kind.media_type, pages)


def _check_single(head: bytes, kind: Kind) -> None:
    """Refuse a file made to be two things at once: what one program shows of it isn't what another reads. What is appended
    behind an image or a PDF is never looked at, and never given out: callers get images that were drawn anew.

    Raises:
        UnsupportedMedia: `file_type_ambiguous`.
    """
    if head.lstrip().startswith(OTHER_FORMATS) if kind is PDF else b"%PDF-" in head:
        raise UnsupportedMedia(
            "这个文件同时是两种格式，不知道该按哪一种读；请重新导出或拍照后再传。",
            code="file_type_ambiguous",
            param="file",
        )


def _hint(head: bytes, extension: str) -> str:
    """What to do with a file of a known but unsupported kind; empty if there is nothing to say."""
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return HINTS["avif"]
    if extension == "ofd":
        return HINTS["ofd"]
    if head.startswith(b"PK\x03\x04"):
        return HINTS["zip"]
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return HINTS["office"]
    try:
        found = puremagic.from_string(head).lstrip(".")
    except (puremagic.PureError, ValueError, IndexError):
        return ""
    return f"它看来是 {shown(found).upper()} 文件。" if re.fullmatch(r"[a-z0-9]{2,5}", found) else ""


def clean_file_name(name: str | None) -> str:
    """The last part of a caller's file name, without what can't be printed, at most 100 characters, its ending kept."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(one for one in unicodedata.normalize("NFC", last) if one.isprintable()).strip().strip(".")
    if not kept:
        return "未命名"
    if len(kept) <= FILE_NAME_LENGTH:
        return kept
    suffix = PurePosixPath(kept).suffix[:10]
    return kept[: FILE_NAME_LENGTH - len(suffix) - 1] + "…" + suffix
