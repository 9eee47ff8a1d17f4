"""One tensor of the Open Inference Protocol, between the wire and numpy.

In JSON a tensor's data is a list, flat or nested, row-major. In the binary extension it is the raw little-endian bytes; a
BYTES tensor is each element's length as uint32 followed by its bytes. Inside, BYTES is an object array of `bytes` (or of
`str` where it came from JSON).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid, shown
from models.tasks import TensorSpec

DATATYPES: dict[str, str] = {
    "BOOL": "?",
    "UINT8": "<u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "INT8": "<i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}
"""The protocol's fixed-size datatypes and numpy's names for them. BYTES stands apart."""

MAX_RANK = 8


def check_shape(spec: TensorSpec, shape: object) -> tuple[int, ...]:
    """The shape as a tuple, if it is one and fits the task. Raises Invalid (`tensor_shape_invalid`)."""
    name = spec.name
    wanted = "[" + ", ".join(map(str, spec.shape)) + "]"
    if not isinstance(shape, list) or len(shape) > MAX_RANK or any(type(length) is not int for length in shape):
        raise Invalid(f"张量 {name} 的 shape 应为整数数组，形如 {wanted}。", code="tensor_shape_invalid", param=name)
    fits = len(shape) == len(spec.shape) and all(
        length >= 0 and expected in (-1, length) for length, expected in zip(shape, spec.shape, strict=True)
    )
    if not fits:
        raise Invalid(
            f"张量 {name} 的 shape 是 {shown(shape)}，应为 {wanted}(-1 表示任意长度)。",
            code="tensor_shape_invalid",
            param=name,
        )
    return tuple(shape)


def check_datatype(spec: TensorSpec, datatype: object) -> None:
    """Refuse a datatype other than the task's (`tensor_datatype_invalid`)."""
    if datatype != spec.datatype:
        raise Invalid(
            f"张量 {spec.name} 的 datatype 是 {shown(datatype)}，应为 {spec.datatype}。",
            code="tensor_datatype_invalid",
            param=spec.name,
        )


def from_json(spec: TensorSpec, shape: tuple[int, ...], data: object) -> NDArray[Any]:
    """An array of `shape` from a flat or nested list. Raises Invalid (`tensor_value_invalid`, `tensor_size_mismatch`)."""
    if not isinstance(data, list):
        raise Invalid(f"张量 {spec.name} 的 data 应为数组。", code="tensor_value_invalid", param=spec.name)
    flat = _flatten(spec, data)
    _check_size(spec, shape, len(flat), "个值")
    # Types are looked at before numpy sees the list: it would turn a mixed list into strings as wide as the longest.
    kinds = set(map(type, flat))
    if not kinds <= _json_kinds(spec.datatype):
        raise _wrong_value(spec)
    if spec.datatype == "BYTES":
        array = np.empty(len(flat), dtype=object)
        array[:] = flat
        return array.reshape(shape)
    try:
        return np.array(flat, dtype=DATATYPES[spec.datatype]).reshape(shape)
    except (OverflowError, ValueError):
        raise _wrong_value(spec) from None


def _flatten(spec: TensorSpec, data: list[Any]) -> list[Any]:
    for _ in range(MAX_RANK):
        if not data or type(data[0]) is not list:
            return data
        if set(map(type, data)) != {list}:
            break
        data = [one for row in data for one in row]
    raise Invalid(f"张量 {spec.name} 的 data 嵌套不齐或过深。", code="tensor_value_invalid", param=spec.name)


def _json_kinds(datatype: str) -> set[type]:
    if datatype == "BYTES":
        return {str}
    if datatype == "BOOL":
        return {bool}
    return {int, float} if datatype.startswith("FP") else {int}


def _wrong_value(spec: TensorSpec) -> Invalid:
    return Invalid(
        f"张量 {spec.name} 里有不是 {spec.datatype} 的值，或超出了它的范围。",
        code="tensor_value_invalid",
        param=spec.name,
    )


def _check_size(spec: TensorSpec, shape: tuple[int, ...], found: int, unit: str, per_element: int = 1) -> None:
    expected = math.prod(shape) * per_element
    if found != expected:
        raise Invalid(
            f"张量 {spec.name} 的 shape 需要 {shown(expected)} {unit}，实际有 {found} {unit}。",
            code="tensor_size_mismatch",
            param=spec.name,
        )


def from_binary(spec: TensorSpec, shape: tuple[int, ...], data: memoryview) -> NDArray[Any]:
    """An array of `shape` from its raw bytes. Raises Invalid (`tensor_size_mismatch`, `tensor_value_invalid`)."""
    if spec.datatype == "BYTES":
        return _strings(spec, shape, data)
    dtype = np.dtype(DATATYPES[spec.datatype])
    _check_size(spec, shape, len(data), "字节", dtype.itemsize)
    return np.frombuffer(data, dtype=dtype).reshape(shape)


def _strings(spec: TensorSpec, shape: tuple[int, ...], data: memoryview) -> NDArray[Any]:
    count = math.prod(shape)
    # Each element takes at least its length's four bytes; so a huge shape is refused before anything is allocated.
    if count * 4 > len(data):
        _check_size(spec, shape, len(data) // 4, "个值(至多)")
    array = np.empty(count, dtype=object)
    offset = 0
    for index in range(count):
        start = offset + 4
        if start > len(data):
            raise _cut_short(spec, index)
        (length,) = struct.unpack_from("<I", data, offset)
        offset = start + length
        if offset > len(data):
            raise _cut_short(spec, index)
        array[index] = bytes(data[start:offset])
    if offset != len(data):
        raise Invalid(
            f"张量 {spec.name} 按 shape 读完 {count} 个值后还剩 {len(data) - offset} 字节。",
            code="tensor_size_mismatch",
            param=spec.name,
        )
    return array.reshape(shape)


def _cut_short(spec: TensorSpec, index: int) -> Invalid:
    return Invalid(
        f"张量 {spec.name} 的第 {index} 个值不完整：长度前缀超出了数据。", code="tensor_size_mismatch", param=spec.name
    )


def to_json(datatype: str, array: NDArray[Any]) -> Any:
    """The flat data for orjson (with OPT_SERIALIZE_NUMPY): a list of strings, or a contiguous one-dimensional array."""
    if datatype == "BYTES":
        return [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in array.reshape(-1)]
    return np.ascontiguousarray(array.reshape(-1), dtype=DATATYPES[datatype])


def to_binary(datatype: str, array: NDArray[Any]) -> bytes:
    """The raw bytes of the binary extension."""
    if datatype != "BYTES":
        return np.ascontiguousarray(array, dtype=DATATYPES[datatype]).tobytes()
    pieces: list[bytes] = []
    values: Sequence[bytes | str] = array.reshape(-1).tolist()
    for value in values:
        encoded = value.encode() if isinstance(value, str) else value
        pieces += (struct.pack("<I", len(encoded)), encoded)
    return b"".join(pieces)
