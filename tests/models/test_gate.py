"""The smoke gate: what breaks the task's contract does not pass."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import Conflict
from models.gate import judge
from models.tasks import EmbeddingOutput, OcrLine, OcrOutput, RerankOutput

BOX = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def vectors(*rows: list[float]) -> list[EmbeddingOutput]:
    return [EmbeddingOutput(np.array(row, dtype=np.float32), 3, False) for row in rows]


GOOD = vectors([1, 0], [0.8, 0.6], [0, 1])


@pytest.mark.parametrize(
    ("task", "outputs", "reason"),
    [
        ("text-embedding", vectors([1, 0], [np.nan, 0], [0, 1]), "非数值"),
        ("text-embedding", vectors([2, 0], [0.8, 0.6], [0, 1]), "未归一"),
        ("text-embedding", vectors([1, 0], [0, 1], [0.8, 0.6]), "没有更近"),
        ("text-rerank", [RerankOutput(1.4, 3), RerankOutput(0.1, 3)], "0..1"),
        ("text-rerank", [RerankOutput(0.1, 3), RerankOutput(0.4, 3)], "排在前面"),
        ("ocr", [OcrOutput(9, 9, 0, (OcrLine("无", 0.9, BOX),))], "空白页"),
    ],
)
def test_a_broken_contract_is_refused(task: str, outputs: list[object], reason: str) -> None:
    with pytest.raises(Conflict, match=reason):
        judge(task, outputs, {}, None)


def test_another_dimension_is_refused() -> None:
    with pytest.raises(Conflict, match="维数"):
        judge("text-embedding", GOOD, {"dimension": 2}, {"dimension": 384})


def test_a_sound_version_passes() -> None:
    judge("text-embedding", GOOD, {"dimension": 2}, {"dimension": 2})
    judge("text-rerank", [RerankOutput(0.9, 3), RerankOutput(0.1, 3)], {}, None)
    judge("ocr", [OcrOutput(9, 9, 0, ())], {}, None)
