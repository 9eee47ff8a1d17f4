from __future__ import annotations

import orjson
import pytest

from core.errors import HubError
from models.handle import CallResult, Timing
from models.tasks import RerankInput, RerankOutput
from services.inference import rerank, schemas
from services.inference.limits import Limits

ASKED: dict[str, object] = {"model": "m", "query": "费用", "documents": ["甲", {"text": "乙", "title": "忽略"}, "丙"]}


def test_documents_as_text_or_object(limits: Limits) -> None:
    request = rerank.parse(ASKED, limits)
    assert request.inputs == [RerankInput("费用", "甲"), RerankInput("费用", "乙"), RerankInput("费用", "丙")]
    assert request.top_n is None
    assert not request.return_documents


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"query": ""}, "input_empty", "query"),
        ({"query": None}, "field_invalid", "query"),
        ({"query": "问" * 101}, "input_too_long", "query"),
        ({"documents": []}, "input_empty", "documents"),
        ({"documents": None}, "field_invalid", "documents"),
        ({"documents": "甲"}, "field_invalid", "documents"),
        ({"documents": ["甲", 1]}, "field_invalid", "documents[1]"),
        ({"documents": [{"title": "甲"}]}, "field_invalid", "documents[0]"),
        ({"documents": ["甲", ""]}, "input_empty", "documents[1]"),
        ({"documents": ["甲"] * 5}, "too_many_inputs", "documents"),
        ({"documents": ["甲" * 101]}, "input_too_long", "documents[0]"),
        ({"top_n": 0}, "field_invalid", "top_n"),
        ({"return_documents": "yes"}, "field_invalid", "return_documents"),
        ({"rank_fields": ["title"]}, "field_unsupported", "rank_fields"),
    ],
)
def test_bad_requests(limits: Limits, change: dict[str, object], code: str, param: str) -> None:
    with pytest.raises(HubError) as caught:
        rerank.parse({**ASKED, **change}, limits)
    assert (caught.value.code, caught.value.param) == (code, param)


@pytest.mark.parametrize(("top_n", "order"), [(None, [1, 0, 2]), (2, [1, 0]), (99, [1, 0, 2])])
def test_results_are_sorted_and_cut(limits: Limits, top_n: int | None, order: list[int]) -> None:
    request = rerank.parse({**ASKED, "top_n": top_n, "return_documents": True}, limits)
    outputs = [RerankOutput(0.5, 4), RerankOutput(0.9, 5), RerankOutput(0.5, 6)]
    document = orjson.loads(rerank.dump(request, CallResult(outputs, "m", "1", Timing(0, 0, 0))))
    schemas.RerankOut.model_validate(document, strict=True)
    assert [one["index"] for one in document["results"]] == order
    assert document["results"][0]["document"] == {"text": "乙"}
    assert document["usage"]["total_tokens"] == 15
