"""Pages of image files as RGB arrays: JPEG, PNG, WebP, TIFF, HEIC.

What a camera or a scanner leaves in the file is put right here: the EXIF turn, CMYK, palettes, 16 bits, transparency
(on white).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from pi_heif import register_heif_opener
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from core.errors import HubError, Invalid, TooLarge

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF")
"""Pillow's names. An opened JPEG may turn out to be MPO, as some phones write it: a JPEG with further pictures behind it;
the first is meant. HEIC may hold several as well; the primary one is meant, and its turn is in the file's own terms."""
STILL = ("MPO", "HEIF")
LONGEST_RATIO = 40
"""A page is at most so many times longer than wide: a long screenshot is 20; of a strip nothing would be left at the size
that the reader looks at."""

register_heif_opener()

DAMAGED = (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, OverflowError, MemoryError)
"""What Pillow raises on broken files, by plugin."""


Source = Path | BinaryIO
"""A file, or what can be read and sought in like one. Originals are decrypted into memory, never to a file."""


@contextmanager
def _opened(source: Source) -> Iterator[ImageFile.ImageFile]:
    try:
        with Image.open(source, formats=FORMATS) as image:
            yield image
    except HubError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise _damaged() from error
    except DAMAGED as error:
        raise _damaged() from error


def _damaged() -> Invalid:
    return Invalid("图像已损坏或不完整，打不开；请重新拍摄或导出后再传。", code="file_damaged", param="file")


def _too_many_pixels(limit: int | None = None) -> TooLarge:
    most = f"(每页最多 {limit // 10_000} 万像素)" if limit else ""
    return TooLarge(f"图像像素太多{most}；请缩小后再传。", code="too_many_pixels", param="file")


def check_image(source: Source, *, max_pixels: int, max_pages: int) -> int:
    """Look at the headers of every page, then decode the first page; the number of pages.

    Nothing is decoded before its size is known to be within `max_pixels`, so a bomb costs nothing.

    Raises:
        Invalid: `file_damaged`, `image_animated`.
        TooLarge: `too_many_pixels`, `too_many_pages`, `page_too_long`.
    """
    with _opened(source) as image:
        if image.format == "TIFF":
            pages = _count_frames(image, max_pixels, max_pages)
        else:
            pages = 1
            if image.format not in STILL and getattr(image, "is_animated", False):
                raise Invalid("动图不能识读；请传静止的图像。", code="image_animated", param="file")
        _check_size(image, max_pixels)
        # JPEG: an eighth of the size still reads every byte of the file, at a fraction of the work.
        image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
        image.load()
    return pages


def _check_size(image: Image.Image, max_pixels: int) -> None:
    if image.width < 1 or image.height < 1:
        raise _damaged()
    if image.width * image.height > max_pixels:
        raise _too_many_pixels(max_pixels)
    check_ratio(image.width, image.height)


def check_ratio(width: int, height: int) -> None:
    """Raises TooLarge (`page_too_long`) for a strip."""
    if max(width, height) > LONGEST_RATIO * min(width, height):
        raise TooLarge(
            f"图像是一长条({width}×{height} 像素)，没法识读；请分段截取或重新拍摄。", code="page_too_long", param="file"
        )


def _count_frames(image: ImageFile.ImageFile, max_pixels: int, max_pages: int) -> int:
    pages = 0
    while True:
        try:
            image.seek(pages)
        except EOFError:
            break
        _check_size(image, max_pixels)
        pages += 1
        if pages > max_pages:
            raise TooLarge(f"文件页数超过 {max_pages} 页；请拆成几份再传。", code="too_many_pages", param="file")
    image.seek(0)
    return pages


def read_page(source: Source, number: int, *, max_pixels: int) -> NDArray[np.uint8]:
    """Page `number` (from 1), the EXIF turn applied: uint8 (height, width, 3), RGB.

    Raises:
        Invalid: `file_damaged`.
        TooLarge: `too_many_pixels`, `page_too_long`.
    """
    with _opened(source) as image:
        if number > 1:
            image.seek(number - 1)
        _check_size(image, max_pixels)
        return np.asarray(to_rgb(ImageOps.exif_transpose(image)))


def to_rgb(image: Image.Image) -> Image.Image:
    """Any mode of Pillow -> RGB; what is transparent becomes white, more than 8 bits are scaled down."""
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_to_rgb(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        page = Image.new("RGBA", image.size, (255, 255, 255, 255))
        page.alpha_composite(image)
        return page.convert("RGB")
    return image.convert("RGB")


def _deep_to_rgb(image: Image.Image) -> Image.Image:
    """Grey of more than 8 bits. Pillow's own conversion cuts everything above 255 off, so the page would be white."""
    grey = np.asarray(image).astype(np.float64)
    if image.mode == "F" or image.mode == "I":
        # No fixed range: take the one that is there, unless it fits into 8 bits anyway.
        low, high = float(np.nanmin(grey)), float(np.nanmax(grey))
        if low >= 0.0 and 1.0 < high <= 255.0:
            low, high = 0.0, 255.0
        elif low >= 0.0 and 255.0 < high <= 65535.0:
            low, high = 0.0, 65535.0
    else:
        low, high = 0.0, 65535.0
    scaled = np.nan_to_num((grey - low) * (255.0 / max(high - low, 1e-9)))
    return Image.fromarray(np.clip(np.round(scaled), 0, 255).astype(np.uint8), "L").convert("RGB")
