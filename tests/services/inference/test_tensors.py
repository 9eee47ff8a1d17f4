"""Held against tritonclient's own reading and writing of tensors."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tritonclient.utils import deserialize_bytes_tensor, serialize_byte_tensor

from core.errors import Invalid
from models.tasks import TensorSpec
from services.inference import tensors as wire


def spec(datatype: str, *shape: int) -> TensorSpec:
    return TensorSpec("x", datatype, shape)


def _bytes(*values: bytes) -> NDArray[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8))
def test_strings_agree_with_tritonclient(values: list[bytes]) -> None:
    array = _bytes(*values)
    encoded = wire.to_binary("BYTES", array)
    assert encoded == serialize_byte_tensor(array).item()
    assert list(deserialize_bytes_tensor(encoded)) == values
    again = wire.from_binary(spec("BYTES", -1), (len(values),), memoryview(encoded))
    assert list(again) == values


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=4), st.data())
def test_cut_or_lengthened_strings_are_refused(values: list[bytes], data: st.DataObject) -> None:
    encoded = wire.to_binary("BYTES", _bytes(*values))
    cut = data.draw(st.integers(0, len(encoded) - 1))
    for damaged in (encoded[:cut], encoded + b"\0"):
        with pytest.raises(Invalid) as caught:
            wire.from_binary(spec("BYTES", -1), (len(values),), memoryview(damaged))
        assert caught.value.code == "tensor_size_mismatch"


@pytest.mark.parametrize("datatype", sorted(wire.DATATYPES))
def test_numbers_go_there_and_back(datatype: str) -> None:
    array = np.array([[0, 1, 1], [1, 0, 1]], dtype=wire.DATATYPES[datatype])
    one = spec(datatype, -1, 3)
    assert np.array_equal(wire.from_binary(one, (2, 3), memoryview(wire.to_binary(datatype, array))), array)
    data = orjson.loads(orjson.dumps(wire.to_json(datatype, array), option=orjson.OPT_SERIALIZE_NUMPY))
    assert np.array_equal(wire.from_json(one, (2, 3), data), array)


def test_nested_and_flat_lists_are_the_same() -> None:
    flat = wire.from_json(spec("INT32", -1, 2), (2, 2), [1, 2, 3, 4])
    nested = wire.from_json(spec("INT32", -1, 2), (2, 2), [[1, 2], [3, 4]])
    assert np.array_equal(flat, nested)


@pytest.mark.parametrize("shape", [None, 3, "3", [], [1, 2], [-1], [1.0], [True], [None], [[1]], [1] * 99, {"0": 1}])
def test_bad_shapes(shape: object) -> None:
    with pytest.raises(Invalid) as caught:
        wire.check_shape(spec("BYTES", -1), shape)
    assert caught.value.code == "tensor_shape_invalid"
    assert "[-1]" in caught.value.message


def test_fixed_lengths_must_agree() -> None:
    assert wire.check_shape(spec("UINT8", -1, -1, 3), [4, 5, 3]) == (4, 5, 3)
    with pytest.raises(Invalid):
        wire.check_shape(spec("UINT8", -1, -1, 3), [4, 5, 4])


@pytest.mark.parametrize(
    ("datatype", "shape", "data", "code"),
    [
        ("BYTES", (1,), None, "tensor_value_invalid"),
        ("BYTES", (1,), "甲", "tensor_value_invalid"),
        ("BYTES", (1,), [1], "tensor_value_invalid"),
        ("BYTES", (2,), ["甲", None], "tensor_value_invalid"),
        ("BYTES", (2,), ["甲"], "tensor_size_mismatch"),
        ("BYTES", (1,), [["甲"], "乙"], "tensor_value_invalid"),
        ("UINT8", (2,), [1, 256], "tensor_value_invalid"),
        ("UINT8", (2,), [1, -1], "tensor_value_invalid"),
        ("UINT8", (2,), [1, 1.5], "tensor_value_invalid"),
        ("UINT8", (2,), [1, "x" * 1000], "tensor_value_invalid"),
        ("UINT8", (2,), [1, True], "tensor_value_invalid"),
        ("UINT8", (10**9, 10**9, 3), [1, 2, 3], "tensor_size_mismatch"),
        ("BOOL", (1,), [1], "tensor_value_invalid"),
        ("FP32", (2,), [[1.0], [2.0, 3.0]], "tensor_size_mismatch"),
        ("FP32", (1,), [[[[[[[[[[[1.0]]]]]]]]]]], "tensor_value_invalid"),
    ],
)
def test_bad_json_data(datatype: str, shape: tuple[int, ...], data: object, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        wire.from_json(spec(datatype, *(-1 for _ in shape)), shape, data)
    assert caught.value.code == code


@pytest.mark.parametrize("shape", [(2**40,), (2**62,)])
def test_a_huge_shape_allocates_nothing(shape: tuple[int, ...]) -> None:
    for datatype in ("BYTES", "FP32"):
        with pytest.raises(Invalid) as caught:
            wire.from_binary(spec(datatype, -1), shape, memoryview(b"\0" * 16))
        assert caught.value.code == "tensor_size_mismatch"


def test_a_length_prefix_beyond_the_data() -> None:
    with pytest.raises(Invalid):
        wire.from_binary(spec("BYTES", -1), (1,), memoryview(struct.pack("<I", 2**32 - 1) + b"abc"))
