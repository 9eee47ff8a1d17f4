"""Triton's own HTTP clients (gevent and asyncio) against the running server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from numpy.typing import NDArray
from PIL import Image
from tritonclient.utils import InferenceServerException

from tests.end_to_end.conftest import Hub

MODEL = "e5-small-zh"
TEXTS = ["公共场所卫生许可证注销要什么材料", "怎么申领居住证"]
PAPERS = Path(__file__).parent.parent / "data" / "papers"


def address(hub: Hub) -> str:
    return hub.url.removeprefix("http://")


@pytest.fixture(scope="module")
def client(hub: Hub) -> Iterator[triton.InferenceServerClient]:
    made = triton.InferenceServerClient(address(hub), network_timeout=60)
    yield made
    made.close()


@pytest.fixture(scope="module")
def headers(hub: Hub) -> dict[str, str]:
    """Calls get copies: tritonclient writes its own headers into what it is given."""
    return {"Authorization": f"Bearer {hub.admin_key}"}


def tensor(name: str, *values: str, binary: bool = True) -> triton.InferInput:
    made = triton.InferInput(name, [len(values)], "BYTES")
    made.set_data_from_numpy(np.array([value.encode() for value in values], dtype=object), binary_data=binary)
    return made


@pytest.fixture(scope="module")
def vectors(hub: Hub) -> NDArray[np.float32]:
    with openai.OpenAI(base_url=hub.url + "/v1", api_key=hub.admin_key, max_retries=0) as made:
        answer = made.embeddings.create(model=MODEL, input=TEXTS, extra_body={"input_type": "passage"})
    return np.array([one.embedding for one in answer.data], dtype=np.float32)


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False, None])
def test_json_and_binary_agree_with_openai(
    client: triton.InferenceServerClient,
    headers: dict[str, str],
    vectors: NDArray[np.float32],
    binary_in: bool,
    binary_out: bool | None,
) -> None:
    result = client.infer(
        MODEL,
        [tensor("text", *TEXTS, binary=binary_in), tensor("role", "passage", binary=binary_in)],
        outputs=None if binary_out is None else [triton.InferRequestedOutput("embedding", binary_data=binary_out)],
        request_id="a-1",
        headers={**headers},
    )
    found = result.as_numpy("embedding")
    assert found.dtype == np.float32
    assert np.allclose(found, vectors, rtol=0, atol=1e-5)
    assert result.get_response()["id"] == "a-1"
    assert result.get_response()["model_version"] == "2"
    assert (result.as_numpy("tokens") is None) is (binary_out is not None)


def test_the_other_tasks(client: triton.InferenceServerClient, headers: dict[str, str]) -> None:
    documents = tensor("documents", "食品经营许可证的有效期", "申领居住证应当提交身份证")
    scores = client.infer("rerank-zh", [tensor("query", "办居住证"), documents], headers={**headers}).as_numpy("score")
    assert scores[1] > scores[0]

    page = np.array(Image.open(PAPERS / "hygiene-licence.jpg").convert("RGB"))
    image = triton.InferInput("image", list(page.shape), "UINT8")
    image.set_data_from_numpy(page)
    result = client.infer("ocr-zh", [image], headers={**headers})
    text = "".join(line.decode() for line in result.as_numpy("text"))
    assert "许可证" in text
    assert result.as_numpy("box").shape == (len(result.as_numpy("text")), 4, 2)


def test_versions_and_aliases(client: triton.InferenceServerClient, headers: dict[str, str]) -> None:
    by_version = client.infer(MODEL, [tensor("text", "甲")], model_version="2", headers={**headers})
    by_alias = client.infer(f"{MODEL}@champion", [tensor("text", "甲")], headers={**headers})
    assert np.allclose(by_version.as_numpy("embedding"), by_alias.as_numpy("embedding"), atol=1e-6)


def test_health_metadata_index_and_statistics(client: triton.InferenceServerClient, headers: dict[str, str]) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(MODEL)
    assert client.is_model_ready(MODEL, "2")
    assert not client.is_model_ready("none")
    assert "binary_tensor_data" in client.get_server_metadata(headers={**headers})["extensions"]
    metadata = client.get_model_metadata(MODEL, headers={**headers})
    assert [one["name"] for one in metadata["inputs"]] == ["text", "role"]
    assert client.get_model_config(MODEL, headers={**headers})["input"][0]["data_type"] == "TYPE_STRING"
    states = {
        (one["name"], one["version"]): one["state"] for one in client.get_model_repository_index(headers={**headers})
    }
    assert states[MODEL, "2"] == "READY"

    def count() -> dict[str, Any]:
        (one,) = client.get_inference_statistics(MODEL, "2", headers={**headers})["model_stats"]
        return dict(one)

    before = count()
    client.infer(MODEL, [tensor("text", "甲", "乙", "丙")], headers={**headers})
    after = count()
    assert after["inference_count"] == before["inference_count"] + 3
    assert after["inference_stats"]["success"]["count"] == before["inference_stats"]["success"]["count"] + 1
    everything = client.get_inference_statistics(headers={**headers})["model_stats"]
    assert {"ocr-zh", "rerank-zh", MODEL} <= {one["name"] for one in everything}


def test_many_at_once(hub: Hub, headers: dict[str, str], vectors: NDArray[np.float32]) -> None:
    async def ask() -> list[NDArray[np.float32]]:
        async with triton_aio.InferenceServerClient(address(hub)) as made:
            results = await asyncio.gather(
                *(
                    made.infer(
                        MODEL, [tensor("text", TEXTS[index % 2]), tensor("role", "passage")], headers={**headers}
                    )
                    for index in range(20)
                )
            )
        return [result.as_numpy("embedding")[0] for result in results]

    for index, vector in enumerate(asyncio.run(ask())):
        assert float(np.dot(vector, vectors[index % 2])) > 0.999


def test_errors_reach_the_client(client: triton.InferenceServerClient, headers: dict[str, str]) -> None:
    wrong = triton.InferInput("text", [1], "FP32")
    wrong.set_data_from_numpy(np.zeros(1, dtype=np.float32))
    for status, call in (
        ("404", lambda: client.infer("none", [tensor("text", "甲")], headers={**headers})),
        ("404", lambda: client.infer(MODEL, [tensor("text", "甲")], model_version="9", headers={**headers})),
        ("422", lambda: client.infer(MODEL, [wrong], headers={**headers})),
        ("422", lambda: client.infer(MODEL, [tensor("texts", "甲")], headers={**headers})),
        ("422", lambda: client.infer(MODEL, [tensor("text", "")], headers={**headers})),
        (
            "415",
            lambda: client.infer(
                MODEL, [tensor("text", "甲")], headers={**headers}, request_compression_algorithm="gzip"
            ),
        ),
        ("401", lambda: client.infer(MODEL, [tensor("text", "甲")])),
        ("404", lambda: client.load_model(MODEL, headers={**headers})),
    ):
        with pytest.raises(InferenceServerException) as caught:
            call()
        assert caught.value.status() == status, caught.value
        assert "exception occurred in the client" not in caught.value.message()
