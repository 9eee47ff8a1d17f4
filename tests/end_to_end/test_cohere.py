"""Cohere's own clients against the running server: v1 and v2 of their rerank."""

from __future__ import annotations

import cohere
import pytest

from tests.end_to_end.conftest import Hub

MODEL = "rerank-zh"
QUERY = "办居住证要什么材料"
DOCUMENTS = ["食品经营许可证的有效期为五年。", "申领居住证应当提交身份证和居住地住址证明。", "敬老卡津贴按季度发放。"]


def test_version_2(hub: Hub) -> None:
    client = cohere.ClientV2(api_key=hub.admin_key, base_url=hub.url)
    answer = client.rerank(model=MODEL, query=QUERY, documents=DOCUMENTS, top_n=2)
    assert [one.index for one in answer.results][:1] == [1]
    assert len(answer.results) == 2
    scores = [one.relevance_score for one in answer.results]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert answer.meta is not None
    assert answer.meta.tokens is not None
    assert answer.meta.tokens.input_tokens


def test_version_1_takes_objects_and_gives_documents_back(hub: Hub) -> None:
    client = cohere.Client(api_key=hub.admin_key, base_url=hub.url)
    answer = client.rerank(
        model=MODEL, query=QUERY, documents=[{"text": text} for text in DOCUMENTS], return_documents=True
    )
    best = answer.results[0]
    assert best.index == 1
    assert best.document is not None
    assert best.document.text == DOCUMENTS[1]
    plain = client.rerank(model=MODEL, query=QUERY, documents=DOCUMENTS)
    assert [one.index for one in plain.results] == [one.index for one in answer.results]
    assert plain.results[0].document is None


def test_errors_become_the_clients_exceptions(hub: Hub) -> None:
    client = cohere.ClientV2(api_key=hub.admin_key, base_url=hub.url)
    with pytest.raises(cohere.NotFoundError) as missing:
        client.rerank(model="rerank-v3.5", query=QUERY, documents=DOCUMENTS)
    assert missing.value.body["code"] == "model_not_found"
    with pytest.raises(cohere.UnprocessableEntityError):
        client.rerank(model=MODEL, query=QUERY, documents=[])
    with pytest.raises(cohere.UnauthorizedError):
        cohere.ClientV2(api_key="kp_wrong", base_url=hub.url).rerank(model=MODEL, query=QUERY, documents=DOCUMENTS)
