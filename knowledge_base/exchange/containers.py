"""What a file is, by its content, and whether it is safe to open: before any library parses it.

Workbooks and DOCX are zip archives of XML. Refused here: archives that swell, document types and entities, macros, links to
outside, password-protected and old binary files.
"""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum

from core.errors import Invalid, TooLarge

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2_000
HIGHEST_RATIO = 200
SMALL_PART = 1024 * 1024
"""Below this a part's ratio says nothing: blank XML compresses well."""
_CHUNK = 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_NOT_UTF8 = (b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0")
_ENCODING = re.compile(rb"<\?xml[^>]{0,100}encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_TAG = re.compile(r"<(!doctype html|html|body|head|div|table|p|h[1-6])[\s>]", re.IGNORECASE)


class FileKind(StrEnum):
    """Kinds of files that the library takes in."""

    XLSX = "xlsx"
    DOCX = "docx"
    HTML = "html"
    JSON = "json"
    YAML = "yaml"


def file_kind(content: bytes) -> FileKind:
    """What the file is. Zip archives have been checked when this returns.

    Raises:
        TooLarge: `file_too_large`, `archive_too_large`.
        Invalid: `file_empty`, `file_protected`, `file_old_format`, `macros_refused`, `file_unsafe`, `file_kind_unknown`.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(f"文件超过 {MOST_BYTES >> 20} MB；请拆成几个文件。", code="file_too_large", param="file")
    if not content.strip(b"\0 \t\r\n"):
        raise Invalid("文件是空的；请选择有内容的文件。", code="file_empty", param="file")
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise Invalid("文件设了打开密码；请去掉密码后再导入。", code="file_protected", param="file")
        raise Invalid(
            "这是旧格式的文件(.xls、.doc)；请另存为 .xlsx 或 .docx 后再导入。", code="file_old_format", param="file"
        )
    if content.startswith(b"PK"):
        return _archive_kind(content)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        start = text.lstrip()[:1]
        if start in ("{", "["):
            return FileKind.JSON
        if start == "<" and _TAG.search(text[:4_000]):
            return FileKind.HTML
        if start != "<" and "\0" not in text and re.search(r"^[a-z_]+:", text, re.MULTILINE):
            return FileKind.YAML
    raise Invalid(
        "认不出这个文件；可以导入 .xlsx、.docx、.html、.yaml 和 .json。", code="file_kind_unknown", param="file"
    )


def _archive_kind(content: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {info.filename for info in archive.infolist()}
            _check_parts(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise Invalid("文件损坏或加了密，打不开；请重新保存后再导入。", code="file_damaged", param="file") from None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Invalid("文件里有宏；请另存为不带宏的 .xlsx 或 .docx 后再导入。", code="macros_refused", param="file")
    if "xl/workbook.xml" in names:
        return FileKind.XLSX
    if "word/document.xml" in names:
        return FileKind.DOCX
    raise Invalid("压缩包不是工作簿也不是 Word 文档；请不要打包后上传。", code="file_kind_unknown", param="file")


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise Invalid("文件里的部件太多，不像正常的文档。", code="file_unsafe", param="file")
    if len({part.filename for part in parts}) < len(parts):
        raise Invalid("文件里有重名的部件，不像正常的文档。", code="file_unsafe", param="file")
    unpacked = sum(part.file_size for part in parts)
    swelling = any(
        part.file_size > SMALL_PART and part.file_size > HIGHEST_RATIO * part.compress_size for part in parts
    )
    if unpacked > MOST_UNPACKED or swelling:
        raise TooLarge(
            f"文件解开后太大(最多 {MOST_UNPACKED >> 20} MB)或压缩得不正常；请拆成几个文件，删去多余的空行。",
            code="archive_too_large",
            param="file",
        )
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            _check_xml(archive, part)


def _check_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No document type anywhere in the part, and UTF-8, since other encodings would hide one."""
    with archive.open(part) as stream:
        tail = b""
        while chunk := stream.read(_CHUNK):
            if not tail:
                declared = _ENCODING.search(chunk[:400])
                if chunk.startswith(_NOT_UTF8) or (
                    declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")
                ):
                    raise Invalid("文件里的 XML 不是 UTF-8；请重新保存后再导入。", code="file_unsafe", param="file")
            window = tail + chunk
            if any(declaration in window for declaration in _DECLARATIONS):
                raise Invalid("文件里有 XML 实体声明，不能导入；请重新保存后再导入。", code="file_unsafe", param="file")
            tail = window[-16:]
