"""Files that can't be read are refused by what they are, at once, and the hub goes on."""

from __future__ import annotations

import errno
import os
import time
from typing import Any

import psutil
import pytest

from core.errors import Unavailable
from services.documents.intake import clean_file_name
from services.documents.turns import write_page
from tests.services.documents.conftest import PAPERS, QuickHandle, Run
from tests.services.documents.make import drawn_pdf, encoded, laughing_pdf, page, pdf_of, png_of, stream, swollen

JPEG = (PAPERS / "hygiene-licence.jpg").read_bytes()
PNG = (PAPERS / "form.png").read_bytes()
PDF = (PAPERS / "lease.pdf").read_bytes()
HEIC = (PAPERS / "hygiene-licence-turned.heic").read_bytes()
XFA = b"/NeedsRendering true /AcroForm << /Fields [] /XFA (x) >>"
GIF = encoded(page(), "GIF")
FRAMES = [page(), page().convert("L").point(lambda value: value // 2).convert("RGB")]

REFUSED = {
    "empty": ("a.png", b"", 422, "file_empty"),
    "text called png": ("a.png", "只是一段文字".encode(), 415, "file_type_mismatch"),
    "pdf called png": ("a.png", PDF, 415, "file_type_mismatch"),
    "jpg called png": ("a.PNG", JPEG, 415, "file_type_mismatch"),
    "png called pdf": ("a.pdf", PNG, 415, "file_type_mismatch"),
    "png called docx": ("a.docx", PNG, 415, "file_type_mismatch"),
    "text": ("a.txt", b"hello", 415, "file_type_unsupported"),
    "nothing known": ("a", bytes(range(200)), 415, "file_type_unsupported"),
    "gif": ("a.gif", GIF, 415, "file_type_unsupported"),
    "zip": ("a.zip", b"PK\x03\x04" + bytes(100), 415, "file_type_unsupported"),
    "head of a heic": ("IMG_1.HEIC", b"\0\0\0\x18ftypheic" + bytes(100), 422, "file_damaged"),
    "cut heic": ("IMG_1.HEIC", HEIC[: len(HEIC) // 2], 422, "file_damaged"),
    "moving heic": ("IMG_1.HEIC", b"\0\0\0\x18ftyphevc" + bytes(100), 422, "image_animated"),
    "avif": ("a.avif", b"\0\0\0\x18ftypavif" + bytes(100), 415, "file_type_unsupported"),
    "jpg called heic": ("a.heic", JPEG, 415, "file_type_mismatch"),
    "pdf behind a page of html": ("a.pdf", b"<html><script>1</script>" + PDF, 415, "file_type_ambiguous"),
    "pdf in an archive": ("a.pdf", b"PK\x03\x04" + PDF, 415, "file_type_ambiguous"),
    "pdf in a jpg": ("a.jpg", JPEG[:20] + b"%PDF-1.4\n" + JPEG[20:], 415, "file_type_ambiguous"),
    "strip": ("a.png", png_of(50_000, 900), 413, "page_too_long"),
    "thread": ("a.png", png_of(1, 50_000), 413, "page_too_long"),
    "no pages": ("a.pdf", pdf_of(0), 422, "file_damaged"),
    "500 pages": ("a.pdf", pdf_of(500), 413, "too_many_pages"),
    "dynamic form": ("a.pdf", drawn_pdf(stream(b""), catalogue=XFA), 422, "pdf_dynamic_form"),
    "200 megapixels": ("a.png", png_of(20_000, 10_000), 413, "too_many_pixels"),
    "60 megapixels": ("a.png", png_of(10_000, 6_000), 413, "too_many_pixels"),
    "cut jpg": ("a.jpg", JPEG[: len(JPEG) // 2], 422, "file_damaged"),
    "cut png": ("a.png", PNG[: len(PNG) // 2], 422, "file_damaged"),
    "cut webp": ("a.webp", encoded(page(), "WEBP")[:60], 422, "file_damaged"),
    "cut tiff": ("a.tif", encoded(page(), "TIFF")[:3000], 422, "file_damaged"),
    "head of a jpg": ("a.jpg", b"\xff\xd8\xff\xe0", 422, "file_damaged"),
    "cut pdf": ("a.pdf", PDF[:500], 422, "file_damaged"),
    "head of a pdf": ("a.pdf", b"%PDF-1.7\n", 422, "file_damaged"),
    "encrypted pdf": ("a.pdf", (PAPERS / "encrypted.pdf").read_bytes(), 422, "pdf_encrypted"),
    "10,000 pages": ("a.pdf", pdf_of(10_000), 413, "too_many_pages"),
    "60 frames": ("a.tiff", encoded(page(), "TIFF", save_all=True, append_images=[page()] * 59), 413, "too_many_pages"),
    "animated webp": (
        "a.webp",
        encoded(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:]),
        422,
        "image_animated",
    ),
    "animated png": (
        "a.png",
        encoded(FRAMES[0], "PNG", save_all=True, append_images=FRAMES[1:]),
        422,
        "image_animated",
    ),
}


async def test_what_can_not_be_read_is_refused_by_name_for_less_than_a_second_of_work(run: Run) -> None:
    async with run() as hub:
        await hub.hand_in("a.png", encoded(page(), "PNG"))
        await hub.hand_in("a.pdf", pdf_of(10_000))  # starts the process that PDFs are opened in
        found = {}
        slow = {}
        for case, (name, content, _, _) in REFUSED.items():
            started = time.process_time()
            answer = await hub.hand_in(name, content)
            slow[case] = time.process_time() - started
            found[case] = (answer.status_code, answer.json().get("code"))
            assert any("\u4e00" <= character <= "\u9fff" for character in answer.json()["detail"])
        assert found == {case: (status, code) for case, (_, _, status, code) in REFUSED.items()}
        assert {case: seconds for case, seconds in slow.items() if seconds > 1.0} == {}
        # Only the good one is kept, and the hub goes on.
        assert len(list((hub.settings.var_dir / "documents").iterdir())) == 1
        assert (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()["status"] == "done"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpeg", encoded(page(), "JPEG")),
        ("A.JPG", encoded(page(), "JPEG")),
        ("blob", encoded(page(), "PNG")),
        ("a.webp", encoded(page(), "WEBP")),
        ("a.tif", encoded(page(), "TIFF", save_all=True, append_images=[page()])),
        ("a.pdf", b"\n\n" + pdf_of(1)),
        ("a.pdf", b"\x1b%-12345X@PJL\n" + pdf_of(1)),
        ("a.heic", HEIC),
        ("a.png", PNG + b"PK\x03\x04" + bytes(100)),
    ],
)
async def test_what_is_taken(run: Run, name: str, content: bytes) -> None:
    async with run() as hub:
        document = (await hub.hand_in(name, content)).json()
        assert document["status"] == "done"
        assert len(document["pages"]) == (2 if name == "a.tif" else 1)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a.png", "a.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\公文\\扫描.pdf", "扫描.pdf"),
        ("a\x00\n\u202eb.png", "ab.png"),
        ("", "未命名"),
        (None, "未命名"),
        ("...", "未命名"),
    ],
)
def test_names_are_cleaned(given: str | None, kept: str) -> None:
    assert clean_file_name(given) == kept


def test_long_names_keep_their_ending() -> None:
    kept = clean_file_name("长" * 300 + ".jpeg")
    assert len(kept) == 100
    assert kept.endswith("….jpeg")


BOMBS = {
    # Two kilobytes that draw a rectangle 10^9 times; a megabyte that is a gigabyte; a picture of 2.5 gigapixels.
    "laughs": (laughing_pdf(), "pdf_too_complex"),
    "swells": (drawn_pdf(stream(swollen(2 << 30), b"/Filter /FlateDecode")), "pdf_too_complex"),
    "long page": (drawn_pdf(stream(b""), box=b"0 0 14400 72"), "page_too_long"),
}


async def test_a_pdf_that_is_a_bomb_fails_alone(run: Run) -> None:
    # Hubs of other tests may run below this process.
    others = psutil.Process().children()
    async with run(QuickHandle()) as hub:
        hub.service._sights.pdfs._page_seconds = 3.0
        before = psutil.Process().memory_info().rss
        found = {}
        for case, (content, _) in BOMBS.items():
            document = (await hub.hand_in("a.pdf", content)).json()
            found[case] = (document["status"], document["error"]["code"])
        assert found == {case: ("failed", code) for case, (_, code) in BOMBS.items()}
        assert psutil.Process().memory_info().rss - before < 200 << 20
        assert (await hub.hand_in("a.pdf", PDF)).json()["status"] == "done"
        children = [child for child in psutil.Process().children() if child not in others]
    assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []


async def test_a_picture_of_two_gigapixels_in_a_pdf_is_drawn_small(run: Run) -> None:
    side = 50_000
    picture = stream(
        swollen(side // 8 * side, b"\0"),
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 1 /ColorSpace /DeviceGray "
        b"/Filter /FlateDecode" % (side, side),
    )
    content = drawn_pdf(stream(b"595 0 0 842 0 0 cm /I Do"), picture, resources=b"/XObject << /I 5 0 R >>")
    async with run(QuickHandle()) as hub:
        document = (await hub.hand_in("a.pdf", content)).json()
        assert (document["status"], document["pages"][0]["width"]) == ("done", 1653)


async def test_scripts_in_a_pdf_are_never_run(run: Run) -> None:
    """Accepted: many forms of public bodies carry some. What they would change stays as it was written."""
    form = b"/AcroForm << /Fields [6 0 R] /DR << /Font << /F 7 0 R >> >> /DA (/F 20 Tf) >>"
    script = b"/OpenAction << /S /JavaScript /JS (this.getField\\('a'\\).value = 'CHANGED'; app.alert\\('x'\\)) >>"
    objects = (
        b"<< >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (KEPT) /Rect [50 700 400 740] /P 3 0 R /F 4 "
        b"/DA (/F 20 Tf) /AA << /C << /S /JavaScript /JS (event.value = 'CHANGED') >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    texts = {}
    async with run() as hub:
        for name, catalogue in (("plain", form), ("scripted", form + script)):
            content = drawn_pdf(stream(b""), *objects, catalogue=catalogue)
            content = content.replace(b"/Contents 4 0 R", b"/Annots [6 0 R] /Contents 4 0 R")
            document = (await hub.hand_in("a.pdf", content)).json()
            assert document["status"] == "done", document["error"]
            texts[name] = [line["text"] for line in document["pages"][0]["lines"]]
    assert texts == {"plain": ["KEPT"], "scripted": ["KEPT"]}


async def test_what_is_behind_an_image_is_never_given_out(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        document = (await hub.hand_in("a.png", PNG + b"<script>alert(1)</script>")).json()
        for ending in ("png", "jpg"):
            answer = await hub.client.get(f"/api/documents/{document['document_id']}/pages/1.{ending}")
            assert answer.status_code == 200
            assert b"script" not in answer.content
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_name_with_a_path_writes_nowhere_else(run: Run) -> None:
    async with run(QuickHandle()) as hub:
        before = {path for path in hub.settings.var_dir.parent.rglob("*") if path.is_file()}
        document = (await hub.hand_in("../../../etc/cron.d/a.png", PNG)).json()
        assert document["file_name"] == "a.png"
        after = {path for path in hub.settings.var_dir.parent.rglob("*") if path.is_file()}
        assert {path.parent.name for path in after - before} <= {"documents", "var"}


async def test_a_blank_page_has_no_lines(run: Run) -> None:
    async with run() as hub:
        document = (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()
        assert (document["status"], document["pages"][0]["lines"]) == ("done", [])


async def test_a_full_disk_is_said_and_the_others_are_unharmed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async with run(QuickHandle()) as hub:
        kept = (await hub.hand_in("a.png", PNG)).json()["document_id"]

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            patch.setattr("services.documents.files.os.fsync", full)
            answer = await hub.hand_in("b.png", PNG)
            assert (answer.status_code, answer.json()["code"]) == (503, "documents_unwritable")
            assert "retry-after" in answer.headers
            assert (await hub.client.get(f"/api/documents/{kept}/pages/1.png")).status_code == 200
        assert {path.name for path in (hub.settings.var_dir / "documents").iterdir()} == {kept}
        assert (await hub.hand_in("b.png", PNG)).json()["status"] == "done"


async def test_a_database_that_is_full_holds_a_document_up_and_loses_none(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.documents.reading.LONGEST_PAUSE", 0.2)
    failures = iter([True] * 3)

    def full(*arguments: Any) -> None:
        if next(failures, False):
            raise Unavailable("数据库暂时不可用。", code="database_unavailable")
        write_page(*arguments)

    monkeypatch.setattr("services.documents.reading.write_page", full)
    async with run(QuickHandle()) as hub:
        document = (await hub.hand_in("a.pdf", pdf_of(2))).json()
        assert (document["status"], len(document["pages"])) == ("done", 2)
    assert next(failures, None) is None
