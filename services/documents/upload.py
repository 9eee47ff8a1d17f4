"""The file in a multipart request, read from the stream with a limit.

The framework's own form parsing reads all that is sent before anybody can say no; here the limit holds while it is read.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from core.errors import BadRequest, Invalid, TooLarge, UnsupportedMedia

FIELD = "file"
ENVELOPE_BYTES = 16 * 1024
"""What multipart headers and small fields may add to the file."""
MAX_FIELDS = 8


@asynccontextmanager
async def uploaded_file(request: Request, max_bytes: int) -> AsyncIterator[UploadFile]:
    """The part `file` of the request; closed at the end.

    Raises:
        UnsupportedMedia: `content_type_unsupported`: not multipart/form-data.
        BadRequest: `multipart_invalid`.
        Invalid: `file_missing`, `file_not_a_file`, `too_many_files`.
        TooLarge: `file_too_large`, as soon as it is known.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.split(";")[0].strip().lower() != "multipart/form-data":
        raise UnsupportedMedia("请以 multipart/form-data 上传，文件放在字段 file 里。", code="content_type_unsupported")
    limit = max_bytes + ENVELOPE_BYTES
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > limit:
        raise _too_large(max_bytes)
    parser = MultiPartParser(
        request.headers, _limited(request, limit, max_bytes), max_files=2, max_fields=MAX_FIELDS, max_part_size=4096
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise BadRequest("上传的内容不是完整的 multipart/form-data；请重新上传。", code="multipart_invalid") from error
    try:
        found = form.getlist(FIELD)
        if not found:
            raise Invalid("缺少字段 file；请把文件放在名为 file 的字段里。", code="file_missing", param=FIELD)
        if len(found) > 1:
            raise Invalid("一次只能上传一个文件。", code="too_many_files", param=FIELD)
        file = found[0]
        if not isinstance(file, UploadFile):
            raise Invalid("字段 file 应是文件，不是文字。", code="file_not_a_file", param=FIELD)
        yield file
    finally:
        await form.close()


async def _limited(request: Request, limit: int, max_bytes: int) -> AsyncGenerator[bytes, None]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > limit:
            raise _too_large(max_bytes)
        yield chunk


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(f"文件超过 {max_bytes >> 20} MB；请压缩后再传。", code="file_too_large", param=FIELD)
