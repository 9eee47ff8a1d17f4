"""Rerank by the embedder: order, score, and that no text is embedded twice."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from core.settings import Settings
from models.backends.embedding_rerank import EmbeddingRerank, score
from models.backends.onnx_embedding import OnnxEmbedding
from models.model import ModelConfig
from models.tasks import EmbeddingInput, RerankInput

DOCUMENTS = [
    "公共场所卫生许可证注销：提交注销申请书、原许可证正副本、经办人身份证明。",
    "居住证签注：持居住证、身份证到社区事务受理服务中心办理。",
    "户外招牌设置应当符合户外招牌设置规划和技术规范，确保安全。",
    "社会保障卡遗失，持身份证到银行网点挂失补卡。",
]


def config(task: str) -> ModelConfig:
    return ModelConfig("model", "1-q4", task, Settings().artifacts / "e5-small-zh" / "1-q4", threads=Settings().threads)


@pytest.fixture(scope="module")
def model() -> Iterator[EmbeddingRerank]:
    found = EmbeddingRerank(config("text-rerank"))
    found.load()
    found.warmup()
    yield found
    found.close()


def rerank(model: EmbeddingRerank, query: str, documents: Sequence[str]) -> list[float]:
    outputs = model.infer(model.prepare([RerankInput(query, document) for document in documents]))
    return [output.score for output in outputs]


@pytest.mark.parametrize(
    ("query", "best"),
    [("卫生许可证注销要什么材料", 0), ("居住证在哪里续签", 1), ("店招要符合什么要求", 2), ("社保卡丢了", 3)],
)
def test_puts_the_right_document_first(model: EmbeddingRerank, query: str, best: int) -> None:
    scores = rerank(model, query, DOCUMENTS)
    assert int(np.argmax(scores)) == best
    assert all(0 < one < 1 for one in scores)


def test_scores_are_the_mapped_cosines_of_the_embedder(model: EmbeddingRerank) -> None:
    embedder = OnnxEmbedding(config("text-embedding"))
    embedder.load()
    query, *documents = embedder.infer(
        embedder.prepare([EmbeddingInput("社保卡丢了"), *(EmbeddingInput(text, "passage") for text in DOCUMENTS)])
    )
    expected = [score(float(query.vector @ document.vector)) for document in documents]
    assert rerank(model, "社保卡丢了", DOCUMENTS) == pytest.approx(expected, abs=0.02)


def test_score_rises_and_stays_within_bounds() -> None:
    scores = [score(cosine) for cosine in np.linspace(-1, 1, 401)]
    assert all(left < right for left, right in pairwise(scores))
    assert scores[0] >= 0
    assert scores[-1] <= 1
    # What the docstring promises of unrelated texts and of good answers.
    assert score(0.845) < 0.15
    assert score(0.93) > 0.9


def test_each_text_is_embedded_once(model: EmbeddingRerank, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    embed = model.encoder.embed

    def counted(texts: Sequence[Any]) -> Any:
        seen.append(len(texts))
        return embed(texts)

    monkeypatch.setattr(model.encoder, "embed", counted)
    batch = model.prepare([RerankInput("社保卡丢了", text) for text in DOCUMENTS * 3])
    batch += model.prepare([RerankInput("居住证", DOCUMENTS[1])])
    outputs = model.infer(batch)
    assert seen == [2 + len(DOCUMENTS)]
    assert [output.score for output in outputs[:4]] == [output.score for output in outputs[4:8]]
    assert len(outputs) == 13


def test_tokens_count_query_and_document(model: EmbeddingRerank) -> None:
    short, long = model.infer(model.prepare([RerankInput("居住证", ""), RerankInput("居住证", "材料" * 2000)]))
    assert short.tokens < 20
    assert long.tokens > model.describe()["max_tokens"]


def test_lengths_in_one_batch_do_not_change_the_scores(model: EmbeddingRerank) -> None:
    documents = [DOCUMENTS[0] * times for times in (1, 2, 5, 9)] + DOCUMENTS
    together = rerank(model, "卫生许可证注销", documents)
    alone = [rerank(model, "卫生许可证注销", [document])[0] for document in documents]
    assert together == pytest.approx(alone, abs=0.02)
