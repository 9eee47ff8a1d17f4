"""The files in a multipart request, read from the stream with a limit.

The framework's own form parsing reads all that is sent before anybody can say no; here the limit holds while it is read.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from core.errors import BadRequest, Invalid, TooLarge, Unavailable, UnsupportedMedia

FIELD = "file"
SUBMISSION = "submission_id"
MATERIAL = "material"
MOST_FILES = 20
ENVELOPE_BYTES = 16 * 1024
"""What multipart headers and small fields may add to the files."""
MAX_FIELDS = 8


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent: one file or more, in order, the submission that they are for, and as which of its materials."""

    files: tuple[UploadFile, ...]
    submission_id: str | None
    material: str | None = None


@asynccontextmanager
async def uploaded(request: Request, max_bytes: int) -> AsyncIterator[Upload]:
    """The parts `file` of the request; closed at the end. All of them together may have `max_bytes`.

    Raises:
        UnsupportedMedia: `content_type_unsupported`: not multipart/form-data.
        BadRequest: `multipart_invalid`.
        Invalid: `file_missing`, `file_not_a_file`, `too_many_files`, `submission_id_invalid`.
        TooLarge: `file_too_large`, as soon as it is known.
        Unavailable: `documents_unwritable`: there is no room for the temporary file.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.split(";")[0].strip().lower() != "multipart/form-data":
        raise UnsupportedMedia("请以 multipart/form-data 上传，文件放在字段 file 里。", code="content_type_unsupported")
    limit = max_bytes + ENVELOPE_BYTES
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > limit:
        raise _too_large(max_bytes)
    parser = MultiPartParser(
        request.headers,
        _limited(request, limit, max_bytes),
        max_files=MOST_FILES + 1,
        max_fields=MAX_FIELDS,
        max_part_size=4096,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if "Too many files" in str(error):
            raise _too_many_files() from None
        raise BadRequest("上传的内容不是完整的 multipart/form-data；请重新上传。", code="multipart_invalid") from error
    except OSError as error:
        raise Unavailable(
            f"服务器暂时存不下文件({error.strerror or type(error).__name__})；请稍后再试，并告知管理员。",
            code="documents_unwritable",
            retry_after=30,
        ) from error
    try:
        yield _read(form)
    finally:
        await form.close()


def _read(form: FormData) -> Upload:
    found = form.getlist(FIELD)
    if not found:
        raise Invalid("缺少字段 file；请把文件放在名为 file 的字段里。", code="file_missing", param=FIELD)
    if len(found) > MOST_FILES:
        raise _too_many_files()
    files = [one for one in found if isinstance(one, UploadFile)]
    if len(files) < len(found):
        raise Invalid("字段 file 应是文件，不是文字。", code="file_not_a_file", param=FIELD)
    submission = form.get(SUBMISSION)
    if isinstance(submission, UploadFile):
        raise Invalid("字段 submission_id 应是文字，不是文件。", code="submission_id_invalid", param=SUBMISSION)
    material = form.get(MATERIAL)
    if isinstance(material, UploadFile):
        raise Invalid("字段 material 应是文字，不是文件。", code="material_unknown", param=MATERIAL)
    # A form with an empty box sends an empty text.
    return Upload(tuple(files), submission or None, material or None)


async def _limited(request: Request, limit: int, max_bytes: int) -> AsyncGenerator[bytes, None]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > limit:
            raise _too_large(max_bytes)
        yield chunk


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(f"文件超过 {max_bytes >> 20} MB；请压缩后再传。", code="file_too_large", param=FIELD)


def _too_many_files() -> Invalid:
    return Invalid(f"一次最多上传 {MOST_FILES} 个文件；请分几次上传。", code="too_many_files", param=FIELD)
