from __future__ import annotations

import base64

import numpy as np
import orjson
import pytest

from core.errors import HubError
from models.handle import CallResult, Timing
from models.tasks import EmbeddingInput, EmbeddingOutput
from services.inference import embeddings, schemas
from services.inference.limits import Limits


def test_one_text_and_many(limits: Limits) -> None:
    one = embeddings.parse({"model": "m", "input": "居住证"}, limits)
    assert one.inputs == [EmbeddingInput("居住证", "query")]
    assert not one.as_base64
    many = embeddings.parse({"model": "m", "input": ["甲", "乙"], "encoding_format": "base64"}, limits)
    assert [single.text for single in many.inputs] == ["甲", "乙"]
    assert many.as_base64


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ("query", "query"),
        ("search_query", "query"),
        ("search_document", "passage"),
        ("document", "passage"),
        ("none", "none"),
    ],
)
def test_input_types_of_other_clients(limits: Limits, said: str, role: str) -> None:
    request = embeddings.parse({"model": "m", "input": "甲", "input_type": said}, limits)
    assert request.inputs[0].role == role


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"input": ""}, "input_empty", "input"),
        ({"input": " \n\t　"}, "input_empty", "input"),
        ({"input": []}, "input_empty", "input"),
        ({"input": ["甲", ""]}, "input_empty", "input[1]"),
        ({"input": None}, "field_invalid", "input"),
        ({"input": 7}, "field_invalid", "input"),
        ({"input": {"text": "甲"}}, "field_invalid", "input"),
        ({"input": ["甲", None]}, "field_invalid", "input[1]"),
        ({"input": ["甲", ["乙"]]}, "field_invalid", "input[1]"),
        ({"input": [1, 2, 3]}, "token_input_unsupported", "input"),
        ({"input": [[1, 2], [3]]}, "token_input_unsupported", "input"),
        ({"input": [0] * 10_000}, "token_input_unsupported", "input"),
        ({"input": ["甲"] * 5}, "too_many_inputs", "input"),
        ({"input": "甲" * 101}, "input_too_long", "input"),
        ({"input": ["乙", "甲" * 101]}, "input_too_long", "input[1]"),
        ({"input": " " * 101}, "input_too_long", "input"),
        ({"encoding_format": "int8"}, "field_invalid", "encoding_format"),
        ({"encoding_format": 1}, "field_invalid", "encoding_format"),
        ({"input_type": "image"}, "field_invalid", "input_type"),
        ({"dimensions": 0}, "field_invalid", "dimensions"),
        ({"dimensions": "384"}, "field_invalid", "dimensions"),
        ({"model": None}, "field_invalid", "model"),
    ],
)
def test_bad_requests(limits: Limits, change: dict[str, object], code: str, param: str) -> None:
    with pytest.raises(HubError) as caught:
        embeddings.parse({"model": "m", "input": "甲", **change}, limits)
    assert (caught.value.code, caught.value.param) == (code, param)
    assert caught.value.status in (413, 422)


def test_a_long_input_is_not_repeated_in_the_message(limits: Limits) -> None:
    with pytest.raises(HubError) as caught:
        embeddings.parse({"model": "m", "input": "甲" * 1_000_000}, limits)
    assert len(caught.value.message) < 100


def _result() -> CallResult:
    vectors = np.random.default_rng(1).standard_normal((2, 384)).astype(np.float32)
    outputs = [EmbeddingOutput(vectors[0], 5, False), EmbeddingOutput(vectors[1], 7, False)]
    return CallResult(outputs, "m", "1", Timing(0.0, 0.0, 0.0))


@pytest.mark.parametrize("form", ["float", "base64"])
def test_vectors_survive_the_wire_bit_by_bit(limits: Limits, form: str) -> None:
    request = embeddings.parse({"model": "m@champion", "input": ["甲", "乙"], "encoding_format": form}, limits)
    result = _result()
    document = orjson.loads(embeddings.dump(request, result))
    schemas.EmbeddingOut.model_validate(document, strict=True)
    assert document["model"] == "m@champion"
    assert document["usage"] == {"prompt_tokens": 12, "total_tokens": 12}
    for index, (one, output) in enumerate(zip(document["data"], result.outputs, strict=True)):
        given = one["embedding"]
        vector = np.array(given, "<f4") if form == "float" else np.frombuffer(base64.b64decode(given), "<f4")
        assert one["index"] == index
        assert np.array_equal(vector, output.vector)
