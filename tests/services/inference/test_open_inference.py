"""Requests that tritonclient itself writes, responses that it itself reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput, InferResult

from core.errors import HubError
from models.handle import CallResult, Timing
from models.tasks import TASKS, EmbeddingOutput, OcrLine, OcrOutput
from services.inference import open_inference, schemas
from services.inference.limits import Limits

EMBEDDING = TASKS["text-embedding"]
OCR = TASKS["ocr"]


def _input(name: str, array: NDArray[Any], datatype: str, binary: bool) -> InferInput:
    tensor = InferInput(name, list(array.shape), datatype)
    tensor.set_data_from_numpy(array, binary_data=binary)
    return tensor


def _texts(*texts: str) -> NDArray[Any]:
    return np.array([text.encode() for text in texts], dtype=object)


@pytest.mark.parametrize("text_binary", [True, False])
@pytest.mark.parametrize("role_binary", [True, False])
def test_requests_of_tritonclient(limits: Limits, text_binary: bool, role_binary: bool) -> None:
    body, length = InferenceServerClient.generate_request_body(
        [
            _input("text", _texts("居住证", "社保卡"), "BYTES", text_binary),
            _input("role", _texts("passage"), "BYTES", role_binary),
        ],
        outputs=[InferRequestedOutput("tokens", binary_data=False), InferRequestedOutput("embedding")],
        request_id="七",
    )
    document, raw = open_inference.split(body, None if length is None else str(length))
    request = open_inference.parse(EMBEDDING, document, raw, limits)
    inputs = EMBEDDING.from_tensors(request.tensors)
    assert [(one.text, one.role) for one in inputs] == [("居住证", "passage"), ("社保卡", "passage")]
    assert [(wanted.spec.name, wanted.binary) for wanted in request.outputs] == [("tokens", False), ("embedding", True)]
    assert request.id == "七"


def test_an_image_goes_in_and_lines_come_out(limits: Limits) -> None:
    image = np.random.default_rng(2).integers(0, 255, (6, 5, 3), dtype=np.uint8)
    body, length = InferenceServerClient.generate_request_body([_input("image", image, "UINT8", True)])
    document, raw = open_inference.split(body, str(length))
    request = open_inference.parse(OCR, document, raw, limits)
    (given,) = OCR.from_tensors(request.tensors)
    assert np.array_equal(given.image, image)
    assert all(wanted.binary for wanted in request.outputs)  # tritonclient asks for binary unless told otherwise

    box = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5))
    for lines in ((), (OcrLine("营业执照", 0.98, box), OcrLine("名称", 0.5, box))):
        result = CallResult([OcrOutput(5, 6, 90, lines)], "ocr", "1", Timing(0, 0, 0))
        content, header_length = open_inference.dump(OCR, request, result)
        read = InferResult.from_response_body(content, header_length=header_length)
        assert [text.decode() for text in read.as_numpy("text")] == [line.text for line in lines]
        assert read.as_numpy("box").shape == (len(lines), 4, 2)
        assert read.as_numpy("rotation").tolist() == [90]


@pytest.mark.parametrize("binary", [True, False])
def test_responses_read_by_tritonclient(limits: Limits, binary: bool) -> None:
    vectors = np.random.default_rng(3).standard_normal((2, 8)).astype(np.float32)
    result = CallResult([EmbeddingOutput(one, 3, False) for one in vectors], "e5", "1-q4", Timing(0, 0, 0))
    document = {
        "id": "q",
        "inputs": [{"name": "text", "shape": [2], "datatype": "BYTES", "data": ["甲", "乙"]}],
        "parameters": {"binary_data_output": binary},
    }
    request = open_inference.parse(EMBEDDING, document, memoryview(b""), limits)
    content, header_length = open_inference.dump(EMBEDDING, request, result)
    assert (header_length is None) is not binary
    schemas.InferOut.model_validate(orjson.loads(content[:header_length]), strict=True)
    read = InferResult.from_response_body(content, header_length=header_length)
    assert read.get_response()["id"] == "q"
    assert read.get_response()["model_version"] == "1-q4"
    assert np.array_equal(read.as_numpy("embedding"), vectors)
    assert read.as_numpy("tokens").dtype == np.int32


GOOD: dict[str, Any] = {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["甲"]}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, "field_invalid"),
        ({"inputs": None}, "field_invalid"),
        ({"inputs": []}, "tensor_missing"),
        ({"inputs": [None]}, "tensor_unknown"),
        ({"inputs": ["text"]}, "tensor_unknown"),
        ({"inputs": [{**GOOD, "name": "texts"}]}, "tensor_unknown"),
        ({"inputs": [{**GOOD, "name": ["text"]}]}, "tensor_unknown"),
        ({"inputs": [GOOD, GOOD]}, "tensor_duplicate"),
        ({"inputs": [{**GOOD, "datatype": "FP32"}]}, "tensor_datatype_invalid"),
        ({"inputs": [{**GOOD, "datatype": None}]}, "tensor_datatype_invalid"),
        ({"inputs": [{**GOOD, "shape": [-1]}]}, "tensor_shape_invalid"),
        ({"inputs": [{**GOOD, "shape": [1, 1]}]}, "tensor_shape_invalid"),
        ({"inputs": [{**GOOD, "shape": [2]}]}, "tensor_size_mismatch"),
        ({"inputs": [{**GOOD, "shape": [0], "data": []}]}, "input_empty"),
        ({"inputs": [{**GOOD, "data": [""]}]}, "input_empty"),
        ({"inputs": [{**GOOD, "data": ["甲" * 101]}]}, "input_too_long"),
        ({"inputs": [{**GOOD, "shape": [5], "data": ["甲"] * 5}]}, "too_many_inputs"),
        ({"inputs": [{**GOOD, "data": [1]}]}, "tensor_value_invalid"),
        ({"inputs": [{**GOOD, "parameters": {"binary_data_size": 7}}]}, "binary_size_invalid"),
        ({"inputs": [{**GOOD, "parameters": []}]}, "field_invalid"),
        ({"inputs": [{**GOOD, "parameters": {"shared_memory_region": "r"}}]}, "shared_memory_unsupported"),
        ({"inputs": [GOOD], "id": 7}, "field_invalid"),
        ({"inputs": [GOOD], "parameters": 7}, "field_invalid"),
        ({"inputs": [GOOD], "outputs": {}}, "field_invalid"),
        ({"inputs": [GOOD], "outputs": [{"name": "vector"}]}, "tensor_unknown"),
        ({"inputs": [GOOD], "outputs": [{"name": "tokens"}, {"name": "tokens"}]}, "tensor_duplicate"),
        (
            {"inputs": [GOOD], "outputs": [{"name": "tokens", "parameters": {"classification": 3}}]},
            "parameter_unsupported",
        ),
    ],
)
def test_bad_requests(limits: Limits, document: dict[str, Any], code: str) -> None:
    with pytest.raises(HubError) as caught:
        open_inference.parse(EMBEDDING, document, memoryview(b""), limits)
    assert caught.value.code == code
    assert 400 <= caught.value.status < 500


@pytest.mark.parametrize(
    ("size", "raw", "code"),
    [
        (7, b"\3\0\0\0\xe7\x94", "binary_truncated"),
        (7, b"", "binary_truncated"),
        (-1, b"\3\0\0\0\xe7\x94\xb2", "binary_size_invalid"),
        (True, b"\1", "binary_size_invalid"),
        ("7", b"\3\0\0\0\xe7\x94\xb2", "binary_size_invalid"),
        (7, b"\3\0\0\0\xe7\x94\xb2!", "binary_left_over"),
        (8, b"\3\0\0\0\xe7\x94\xb2!", "tensor_size_mismatch"),
        (7, b"\4\0\0\0\xe7\x94\xb2", "tensor_size_mismatch"),
        (3, b"\3\0\0", "tensor_size_mismatch"),
        (2**63, b"\3\0\0\0\xe7\x94\xb2", "binary_truncated"),
    ],
)
def test_bad_binary_data(limits: Limits, size: object, raw: bytes, code: str) -> None:
    tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": size}}
    with pytest.raises(HubError) as caught:
        open_inference.parse(EMBEDDING, {"inputs": [tensor]}, memoryview(raw), limits)
    assert caught.value.code == code


def test_text_that_is_no_utf8(limits: Limits) -> None:
    tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": 6}}
    request = open_inference.parse(EMBEDDING, {"inputs": [tensor]}, memoryview(b"\2\0\0\0\xff\xfe"), limits)
    with pytest.raises(HubError) as caught:
        EMBEDDING.from_tensors(request.tensors)
    assert caught.value.code == "tensor_value_invalid"


def test_an_image_of_too_many_pixels_is_refused_by_its_shape(limits: Limits) -> None:
    tensor = {"name": "image", "shape": [200_000, 1_000, 3], "datatype": "UINT8", "data": [0]}
    with pytest.raises(HubError) as caught:
        open_inference.parse(OCR, {"inputs": [tensor]}, memoryview(b""), limits)
    assert caught.value.code == "image_too_large"


@pytest.mark.parametrize("header", ["0", "-1", "99", "x", "", "1e1", "²", "9" * 400])
def test_header_lengths_that_can_not_be(header: str) -> None:
    with pytest.raises(HubError) as caught:
        open_inference.split(b'{"inputs": []}', header)
    assert caught.value.code == "binary_header_invalid"


def test_a_header_length_inside_the_json() -> None:
    with pytest.raises(HubError) as caught:
        open_inference.split(b'{"inputs": []}', "5")
    assert caught.value.code == "json_invalid"
