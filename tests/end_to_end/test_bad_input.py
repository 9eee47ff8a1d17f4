"""Whatever is sent to the inference API: a clear error with a stable code, within a second, and the server goes on."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import psutil
import pytest

from tests.end_to_end.conftest import Hub

MODEL = "e5-small-zh"
EMBEDDINGS = "/v1/embeddings"
INFER = f"/v2/models/{MODEL}/infer"
JSON = {"Content-Type": "application/json"}
SECONDS_OF_WORK = 1.0


@pytest.fixture(scope="module")
def client(hub: Hub) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=hub.url, headers={"Authorization": f"Bearer {hub.admin_key}"}, timeout=30) as made:
        yield made


def embedding(**change: Any) -> bytes:
    return orjson.dumps({"model": MODEL, "input": "甲", **change})


def tensors(**change: Any) -> bytes:
    return orjson.dumps({"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": ["甲"], **change}]})


def binary(size: int, raw: bytes, **headers: str) -> tuple[bytes, dict[str, str]]:
    tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": size}}
    head = orjson.dumps({"inputs": [tensor]})
    return head + raw, {"Inference-Header-Content-Length": str(len(head)), **headers}


CASES: list[tuple[str, str, bytes, dict[str, str], int, str]] = [
    ("unknown model", EMBEDDINGS, embedding(model="gpt-4o"), JSON, 404, "model_not_found"),
    ("unknown version", EMBEDDINGS, embedding(model=f"{MODEL}/99"), JSON, 404, "version_not_found"),
    ("unknown alias", EMBEDDINGS, embedding(model=f"{MODEL}@best"), JSON, 404, "version_not_found"),
    ("a model's name of a megabyte", EMBEDDINGS, embedding(model="x" * 1_000_000), JSON, 404, "model_not_found"),
    ("another task's model", EMBEDDINGS, embedding(model="ocr-zh"), JSON, 422, "model_task_mismatch"),
    ("empty text", EMBEDDINGS, embedding(input=""), JSON, 422, "input_empty"),
    ("empty list", EMBEDDINGS, embedding(input=[]), JSON, 422, "input_empty"),
    ("10,000 inputs", EMBEDDINGS, embedding(input=["甲"] * 10_000), JSON, 413, "too_many_inputs"),
    ("a million characters", EMBEDDINGS, embedding(input="甲" * 1_000_000), JSON, 413, "input_too_long"),
    ("a million tokens", EMBEDDINGS, embedding(input=[1] * 1_000_000), JSON, 422, "token_input_unsupported"),
    ("more than a body may hold", EMBEDDINGS, b" " * (33 * 1024 * 1024), JSON, 413, "body_too_large"),
    ("null", EMBEDDINGS, embedding(input=None), JSON, 422, "field_invalid"),
    ("a list of null", EMBEDDINGS, embedding(input=[None]), JSON, 422, "field_invalid"),
    ("nothing", EMBEDDINGS, b"", JSON, 400, "json_invalid"),
    ("half of a JSON", EMBEDDINGS, embedding()[:-5], JSON, 400, "json_invalid"),
    ("NaN", EMBEDDINGS, b'{"model": NaN}', JSON, 400, "json_invalid"),
    ("no UTF-8", EMBEDDINGS, b'{"model": "\xff\xfe"}', JSON, 400, "json_invalid"),
    ("UTF-16", EMBEDDINGS, '{"model": "e5"}'.encode("utf-16"), JSON, 400, "json_invalid"),
    ("a lone surrogate", EMBEDDINGS, b'{"model": "\\ud800"}', JSON, 400, "json_invalid"),
    ("deep nesting", EMBEDDINGS, b"[" * 5_000_000, JSON, 400, "json_invalid"),
    ("no object", EMBEDDINGS, b"[]", JSON, 400, "json_not_object"),
    (
        "a form",
        EMBEDDINGS,
        b"input=x",
        {"Content-Type": "application/x-www-form-urlencoded"},
        415,
        "content_type_unsupported",
    ),
    ("GBK", EMBEDDINGS, embedding(), {"Content-Type": "application/json; charset=gbk"}, 415, "charset_unsupported"),
    ("compressed", EMBEDDINGS, b"\x1f\x8b", {**JSON, "Content-Encoding": "gzip"}, 415, "content_encoding_unsupported"),
    ("wrong tensor", INFER, tensors(name="image"), {}, 422, "tensor_unknown"),
    ("no tensor", INFER, b'{"inputs": []}', {}, 422, "tensor_missing"),
    ("wrong datatype", INFER, tensors(datatype="FP32", data=[1.0]), {}, 422, "tensor_datatype_invalid"),
    ("wrong rank", INFER, tensors(shape=[1, 1]), {}, 422, "tensor_shape_invalid"),
    ("negative shape", INFER, tensors(shape=[-1]), {}, 422, "tensor_shape_invalid"),
    ("huge shape", INFER, tensors(shape=[2**62]), {}, 413, "too_many_inputs"),
    ("data that does not fit", INFER, tensors(shape=[2]), {}, 422, "tensor_size_mismatch"),
    ("numbers for text", INFER, tensors(data=[1]), {}, 422, "tensor_value_invalid"),
    ("empty tensor", INFER, tensors(shape=[0], data=[]), {}, 422, "input_empty"),
    ("a truncated body", INFER, *binary(40, b"\4\0\0\0ab"), 400, "binary_truncated"),
    ("a truncated value", INFER, *binary(6, b"\4\0\0\0ab"), 422, "tensor_size_mismatch"),
    ("a length beyond all", INFER, *binary(6, b"\xff\xff\xff\xffab"), 422, "tensor_size_mismatch"),
    ("a negative size", INFER, *binary(-6, b"\2\0\0\0ab"), 422, "binary_size_invalid"),
    ("left-over bytes", INFER, *binary(6, b"\2\0\0\0ab!!"), 400, "binary_left_over"),
    ("no UTF-8 inside", INFER, *binary(6, b"\2\0\0\0\xff\xfe"), 422, "tensor_value_invalid"),
    (
        "a header beyond the body",
        INFER,
        tensors(),
        {"Inference-Header-Content-Length": "9999"},
        400,
        "binary_header_invalid",
    ),
    (
        "a header that is no number",
        INFER,
        tensors(),
        {"Inference-Header-Content-Length": "-3"},
        400,
        "binary_header_invalid",
    ),
    ("unknown model in the path", "/v2/models/none/infer", tensors(), {}, 404, "model_not_found"),
    ("unknown version in the path", f"/v2/models/{MODEL}/versions/9/infer", tensors(), {}, 404, "version_not_found"),
    ("an odd path", "/v2/models/%00%ff/infer", tensors(), {}, 404, "model_not_found"),
    ("an unknown address", "/v2/models", b"", {}, 404, "route_not_found"),
    ("an unknown address of /v1", "/v1/completions", b"{}", JSON, 404, "route_not_found"),
    (
        "a 2-gigapixel image",
        "/v2/models/ocr-zh/infer",
        orjson.dumps({"inputs": [{"name": "image", "shape": [50_000, 40_000, 3], "datatype": "UINT8", "data": [0]}]}),
        {},
        413,
        "image_too_large",
    ),
]


def seconds_of_work(hub: Hub) -> float:
    """Processor time that the server has taken so far: how long it takes by the clock depends on what else runs."""
    spent = psutil.Process(hub.process.pid).cpu_times()
    return spent.user + spent.system


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_clear_error_for_less_than_a_second_of_work(
    hub: Hub, client: httpx.Client, path: str, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    before = seconds_of_work(hub)
    answer = client.post(path, content=body, headers=headers)
    seconds = seconds_of_work(hub) - before
    assert answer.status_code == status, answer.text[:500]
    document = answer.json()
    found, message = (
        (document["error"]["code"], document["error"]["message"])
        if path.startswith("/v1")
        else (document["code"], document["error"])
    )
    assert found == code
    assert any("一" <= character <= "鿿" for character in message)
    assert len(message) < 400
    assert seconds < SECONDS_OF_WORK
    assert client.post(EMBEDDINGS, json={"model": MODEL, "input": "还在吗"}).status_code == 200


def test_half_a_request_and_then_silence(hub: Hub, client: httpx.Client) -> None:
    """Callers who leave in the middle of a body, or while their answer is computed, cost nobody else anything."""
    host, port = hub.url.removeprefix("http://").split(":")
    body = embedding(input=["公共场所卫生许可证" * 20] * 64)
    head = (
        f"POST {EMBEDDINGS} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {hub.admin_key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    for sent in (head, head + body[:100], head + body):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(sent)
            time.sleep(0.05)
    assert client.post(EMBEDDINGS, json={"model": MODEL, "input": "还在吗"}).status_code == 200


def test_the_log_holds_nothing_of_what_was_sent(hub: Hub, client: httpx.Client) -> None:
    secret = "这句话不该出现在日志里"
    client.post(EMBEDDINGS, json={"model": MODEL, "input": secret})
    client.post(EMBEDDINGS, json={"model": MODEL, "input": secret, "encoding_format": secret})
    client.post(INFER, content=tensors(datatype=secret))
    time.sleep(0.2)
    assert secret not in hub.log.read_text()
