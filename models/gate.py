"""The least that a version must show before an alias may point at it.

Its artifact was verified, it was loaded and warmed; now it answers a few fixed inputs of its task, and the answers must obey
the task's contract and fit beside the version in production: finite numbers, unit vectors of the same dimension, scores
within 0..1, in order. Quality gates on test sets come on top of this, per task (issue 7).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.errors import Conflict
from models.tasks import EmbeddingInput, OcrInput, OcrLine, OcrOutput, PageTextInput, RerankInput, VectorInput

_QUESTION = "公共场所卫生许可证注销要什么材料"
_NEAR = "公共场所卫生许可证注销的申请材料：注销申请书、卫生许可证原件。"
_FAR = "今天下午的足球比赛推迟到晚上八点。"


def smoke_inputs(task: str, description: dict[str, Any] | None = None) -> list[Any]:
    """Fixed inputs for a task: for texts a question with a near and a far text, for pages a blank one, for pages as read
    one without and one with a line, for heads two unit vectors of the dimension that the candidate names in its `description`."""
    if task == "vector-classification":
        dimension = int((description or {}).get("dimension", 1))
        unit = np.full(dimension, dimension**-0.5, dtype=np.float32)
        return [VectorInput(unit), VectorInput(-unit)]
    if task == "page-classification":
        line = OcrLine(_NEAR, 1.0, ((0.1, 0.1), (0.9, 0.1), (0.9, 0.2), (0.1, 0.2)))
        return [PageTextInput(OcrOutput(1240, 1754, 0, lines)) for lines in ((), (line,))]
    if task == "text-embedding":
        return [EmbeddingInput(_QUESTION), EmbeddingInput(_NEAR, "passage"), EmbeddingInput(_FAR, "passage")]
    if task == "text-rerank":
        return [RerankInput(_QUESTION, _NEAR), RerankInput(_QUESTION, _FAR)]
    return [OcrInput(np.full((160, 320, 3), 255, dtype=np.uint8))]


def _check_embedding(outputs: Sequence[Any]) -> str | None:
    vectors = np.stack([output.vector for output in outputs])
    if not np.isfinite(vectors).all():
        return "向量里有非数值"
    if np.abs(np.linalg.norm(vectors, axis=1) - 1).max() > 1e-3:
        return "向量未归一"
    question, near, far = vectors
    return None if question @ near > question @ far else "相近的句子没有更近"


def _check_rerank(outputs: Sequence[Any]) -> str | None:
    near, far = (float(output.score) for output in outputs)
    if not (0 <= far <= 1 and 0 <= near <= 1):
        return "得分不在 0..1 之内"
    return None if near > far else "相关的文字没有排在前面"


def _check_labels(outputs: Sequence[Any]) -> str | None:
    chances = np.stack([output.probabilities for output in outputs])
    if not np.isfinite(chances).all() or chances.min() < 0 or np.abs(chances.sum(axis=1) - 1).max() > 1e-3:
        return "概率不在 0..1 之内，或者合计不为 1"
    return None if len(set(outputs[0].labels)) == chances.shape[1] else "标签重复，或者与概率不一样多"


def _check_ocr(outputs: Sequence[Any]) -> str | None:
    return "空白页上读出了文字" if outputs[0].lines else None


_CHECKS: dict[str, Callable[[Sequence[Any]], str | None]] = {
    "text-embedding": _check_embedding,
    "text-rerank": _check_rerank,
    "vector-classification": _check_labels,
    "page-classification": _check_labels,
    "ocr": _check_ocr,
}


def judge(task: str, outputs: Sequence[Any], description: dict[str, Any], champion: dict[str, Any] | None) -> None:
    """Let a candidate through, or raise Conflict (gate_failed) with the reason.

    `description` and `champion` are what the candidate and the version in production say of themselves
    (`Model.describe`); their dimensions must agree, because stored vectors are compared with new ones.
    """
    reason = _CHECKS[task](outputs)
    if reason is None and champion is not None and description.get("dimension") != champion.get("dimension"):
        reason = f"向量维数 {description.get('dimension')} 与在用版本的 {champion.get('dimension')} 不同"
    if reason is not None:
        raise Conflict(f"该版本未通过上线检查：{reason}；别名保持不变。", code="gate_failed")
