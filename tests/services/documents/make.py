"""Files that people hand in by mistake or in bad faith, made on the spot."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def encoded(image: Image.Image, image_format: str, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, image_format, **more)
    return out.getvalue()


def page(width: int = 300, height: int = 400) -> Image.Image:
    return Image.new("RGB", (width, height), "white")


def png_of(width: int, height: int) -> bytes:
    """A real one-bit PNG, all black: 200 megapixels fit into some 25 kilobytes."""
    row = bytes(1 + (width + 7) // 8)
    return _png(struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0), row * height)


def sixteen_bit_png(pixels: NDArray[np.uint16]) -> bytes:
    """Colours of 16 bits, which Pillow can't write: uint16 (height, width, 3)."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return _png(struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0), rows)


def _png(header: bytes, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    body = zlib.compress(rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pdf_of(pages: int) -> bytes:
    """A PDF of so many empty pages."""
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(pages))
    return pdf_with(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids),
        *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"] * pages,
    )


def stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), more, data)


def drawn_pdf(
    content: bytes, *more: bytes, resources: bytes = b"", catalogue: bytes = b"", box: bytes = b"0 0 595 842"
) -> bytes:
    """A PDF of one page with this content stream; `more` objects are numbered from 5."""
    return pdf_with(
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources << %s >> >>" % (box, resources),
        content,
        *more,
    )


def swollen(size: int, byte: bytes = b" ") -> bytes:
    """So many equal bytes, deflated."""
    packer = zlib.compressobj(9)
    block = byte * (1 << 20)
    return b"".join([packer.compress(block) for _ in range(size >> 20)] + [packer.flush()])


def laughing_pdf(depth: int = 9) -> bytes:
    """Two kilobytes that draw one rectangle 10 ** depth times."""
    forms = []
    for level in range(depth):
        last = level == depth - 1
        resources = b"" if last else b"/Resources << /XObject << /I %d 0 R >> >>" % (6 + level)
        head = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] " + resources
        forms.append(stream(b"0 0 9 9 re f" if last else b"/I Do " * 10, head))
    return drawn_pdf(stream(b"/I Do " * 10), *forms, resources=b"/XObject << /I 5 0 R >>")


def pdf_with(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
