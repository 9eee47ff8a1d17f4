from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import TooLarge
from services.documents.images import check_image, read_page, to_rgb
from tests.services.documents.conftest import PAPERS
from tests.services.documents.make import encoded, sixteen_bit_png

# A dark stroke on the left half of a light page.
GREY = np.full((40, 60), 230, np.uint8)
GREY[:, :30] = 20


def looks_right(pixels: np.ndarray) -> bool:
    dark, light = pixels[:, 5:25].astype(int), pixels[:, 35:55].astype(int)
    return bool(pixels.shape == (40, 60, 3) and pixels.dtype == np.uint8 and dark.max() < 60 and light.min() > 190)


def deep() -> Image.Image:
    return Image.fromarray(GREY.astype(np.uint16) * 257)


def transparent(mode: str) -> Image.Image:
    """Black everywhere; the light half is light because nothing covers the page there."""
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 255))
    image.putalpha(Image.fromarray(np.where(GREY > 100, 0, 255).astype(np.uint8)))
    return image.convert(mode)


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(GREY),
        Image.fromarray(GREY).convert("1", dither=Image.Dither.NONE),
        Image.fromarray(GREY).convert("P"),
        Image.fromarray(GREY).convert("RGB"),
        Image.fromarray(GREY).convert("RGB").convert("CMYK"),
        Image.fromarray(GREY).convert("RGB").convert("YCbCr"),
        Image.fromarray(GREY).convert("I"),
        Image.fromarray(GREY).convert("F"),
        deep(),
        deep().convert("I"),
        transparent("RGBA"),
        transparent("LA"),
    ],
    ids=lambda image: image.mode,
)
def test_every_mode_becomes_the_same_page(image: Image.Image) -> None:
    assert looks_right(np.asarray(to_rgb(image)))


@pytest.mark.parametrize(
    ("image", "image_format"),
    [
        (deep(), "PNG"),
        (deep(), "TIFF"),
        (Image.fromarray(GREY).convert("RGB").convert("CMYK"), "TIFF"),
        (Image.fromarray(GREY).convert("RGB").convert("CMYK"), "JPEG"),
        (transparent("RGBA"), "PNG"),
        (transparent("RGBA"), "WEBP"),
        (Image.fromarray(GREY), "JPEG"),
    ],
)
def test_files_of_every_kind(tmp_path: Path, image: Image.Image, image_format: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(encoded(image, image_format))
    assert looks_right(read_page(path, 1, max_pixels=10_000))


def test_sixteen_bits_of_every_colour(tmp_path: Path) -> None:
    deep_rgb = np.repeat((GREY.astype(np.uint16) * 257)[:, :, None], 3, axis=2)
    path = tmp_path / "file"
    path.write_bytes(sixteen_bit_png(deep_rgb))
    assert looks_right(read_page(path, 1, max_pixels=10_000))


def test_every_page_of_a_tiff(tmp_path: Path) -> None:
    pages = [Image.fromarray(GREY), Image.fromarray(GREY).convert("RGB").convert("CMYK"), deep()]
    path = tmp_path / "file"
    path.write_bytes(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert check_image(path, max_pixels=10_000, max_pages=3) == 3
    assert all(looks_right(read_page(path, number, max_pixels=10_000)) for number in (1, 2, 3))


def test_a_photo_of_an_apple_telephone(tmp_path: Path) -> None:
    path = PAPERS / "hygiene-licence-turned.heic"
    assert check_image(path, max_pixels=1_000_000, max_pages=1) == 1
    found = read_page(path, 1, max_pixels=1_000_000).astype(int)
    with Image.open(PAPERS / "hygiene-licence.jpg") as image:
        upright = np.asarray(image.convert("RGB").resize((700, 990))).astype(int)
    assert found.shape == upright.shape
    assert abs(found - upright).mean() < 12
    with pytest.raises(TooLarge):
        check_image(path, max_pixels=600_000, max_pages=1)


def test_a_palette_with_a_transparent_colour(tmp_path: Path) -> None:
    image = Image.fromarray((GREY > 100).astype(np.uint8), "L").convert("P")
    image.putpalette([0, 0, 0, 0, 0, 0])
    image.info["transparency"] = 1
    path = tmp_path / "file"
    path.write_bytes(encoded(image, "PNG", transparency=1))
    assert looks_right(read_page(path, 1, max_pixels=10_000))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_turn_is_applied(tmp_path: Path, orientation: int) -> None:
    upright = Image.fromarray(GREY).convert("RGB")
    back = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }.get(orientation, [])
    for turn in back:
        upright = upright.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    upright.save(out, "JPEG", exif=exif, quality=95)
    path = tmp_path / "file"
    path.write_bytes(out.getvalue())
    assert looks_right(read_page(path, 1, max_pixels=10_000))
