"""OpenAI's own client against the running server."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import numpy as np
import openai
import pytest

from tests.end_to_end.conftest import Hub

MODEL = "e5-small-zh"
TEXTS = ["公共场所卫生许可证注销要什么材料", "怎么申领居住证", "食品经营许可证有效期几年"]


@pytest.fixture(scope="module")
def client(hub: Hub) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=hub.url + "/v1", api_key=hub.admin_key, max_retries=0, timeout=30) as made:
        yield made


def test_base64_and_float_agree(client: openai.OpenAI) -> None:
    default = client.embeddings.create(model=MODEL, input=TEXTS)  # the client asks for base64 by itself
    floats = client.embeddings.create(model=MODEL, input=TEXTS, encoding_format="float")
    assert [one.index for one in default.data] == [0, 1, 2]
    assert np.allclose(
        [one.embedding for one in default.data], [one.embedding for one in floats.data], rtol=0, atol=1e-6
    )
    assert np.allclose(np.linalg.norm([one.embedding for one in floats.data], axis=1), 1, atol=1e-4)
    assert default.usage.prompt_tokens == default.usage.total_tokens > 20


def test_meaning_is_in_the_vectors(client: openai.OpenAI) -> None:
    asked = client.embeddings.create(model=MODEL, input="居住证办理", extra_body={"input_type": "query"})
    passages = client.embeddings.create(model=MODEL, input=TEXTS, extra_body={"input_type": "passage"})
    scores = [float(np.dot(asked.data[0].embedding, one.embedding)) for one in passages.data]
    assert int(np.argmax(scores)) == 1


def test_headers_and_a_lone_string(client: openai.OpenAI) -> None:
    raw = client.embeddings.with_raw_response.create(model=f"{MODEL}@champion", input=TEXTS[0])
    assert raw.headers["X-Model-Version"] == "2"
    assert float(raw.headers["X-Inference-Time-Ms"]) > 0
    assert raw.headers["X-Request-Id"]
    parsed = raw.parse()
    assert len(parsed.data) == 1
    assert parsed.model == f"{MODEL}@champion"


def test_models(client: openai.OpenAI) -> None:
    listed = {model.id for model in client.models.list()}
    assert {MODEL, f"{MODEL}@champion", f"{MODEL}/2", "rerank-zh", "ocr-zh"} <= listed
    for reference in sorted(listed):
        assert client.models.retrieve(reference).id == reference
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def test_asynchronous_client(hub: Hub) -> None:
    import asyncio

    async def ask() -> list[int]:
        async with openai.AsyncOpenAI(base_url=hub.url + "/v1", api_key=hub.admin_key, max_retries=0) as made:
            answers = await asyncio.gather(
                *(made.embeddings.create(model=MODEL, input=[text] * count) for count, text in enumerate(TEXTS, 1))
            )
        return [len(answer.data) for answer in answers]

    assert asyncio.run(ask()) == [1, 2, 3]


def test_errors_become_the_clients_exceptions(client: openai.OpenAI, hub: Hub) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.embeddings.create(model="text-embedding-3-small", input="甲")
    assert missing.value.code == "model_not_found"
    assert missing.value.param == "model"
    with pytest.raises(openai.NotFoundError) as version:
        client.embeddings.create(model=f"{MODEL}/99", input="甲")
    assert version.value.code == "version_not_found"
    with pytest.raises(openai.UnprocessableEntityError) as tokens:
        client.embeddings.create(model=MODEL, input=[1, 2, 3])
    assert tokens.value.code == "token_input_unsupported"
    with pytest.raises(openai.UnprocessableEntityError) as dimensions:
        client.embeddings.create(model=MODEL, input="甲", dimensions=100)
    assert dimensions.value.code == "dimensions_unsupported"
    with pytest.raises(openai.APIStatusError) as many:
        client.embeddings.create(model=MODEL, input=["甲"] * 10_000)
    assert (many.value.status_code, many.value.code) == (413, "too_many_inputs")
    stranger = openai.OpenAI(base_url=hub.url + "/v1", api_key="kp_wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        stranger.embeddings.create(model=MODEL, input="甲")


def test_a_citizens_key_may_look_but_not_call(hub: Hub) -> None:
    made = httpx.post(
        hub.url + "/api/keys",
        json={"name": "市民端试用", "role": "citizen"},
        headers={"Authorization": f"Bearer {hub.admin_key}"},
    )
    made.raise_for_status()
    with openai.OpenAI(base_url=hub.url + "/v1", api_key=made.json()["token"], max_retries=0) as citizen:
        assert list(citizen.models.list())
        with pytest.raises(openai.PermissionDeniedError):
            citizen.embeddings.create(model=MODEL, input="甲")
