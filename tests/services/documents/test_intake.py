"""Files that can't be read are refused by what they are, at once, and the hub goes on."""

from __future__ import annotations

import time

import pytest

from services.documents.intake import clean_file_name
from tests.services.documents.conftest import PAPERS, Run
from tests.services.documents.make import encoded, page, pdf_of, png_of

JPEG = (PAPERS / "hygiene-licence.jpg").read_bytes()
PNG = (PAPERS / "form.png").read_bytes()
PDF = (PAPERS / "lease.pdf").read_bytes()
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
    "heic": ("IMG_1.HEIC", b"\0\0\0\x18ftypheic" + bytes(100), 415, "file_type_unsupported"),
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
