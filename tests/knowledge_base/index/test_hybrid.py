"""The index scores every document by both rankers."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.index.hybrid import Document, HybridIndex

DOCUMENTS = [Document("a", "狗证", "办理养犬登记"), Document("b", "", "办理居住证"), Document("c", "护照", "出国用")]
VECTORS = np.eye(3, dtype=np.float32)


def test_words_vectors_and_fused_score_all_documents() -> None:
    scores = HybridIndex(DOCUMENTS, VECTORS).scores("居住证", np.array([0, 0.6, 0.8], dtype=np.float32))
    assert scores.vectors == pytest.approx([0, 0.6, 0.8])
    assert scores.words.argmax() == 1
    assert scores.words[2] == 0
    assert scores.fused.argmax() == 1


def test_the_title_is_searched_too() -> None:
    scores = HybridIndex(DOCUMENTS, VECTORS).scores("护照", np.ones(3, dtype=np.float32) / 3**0.5)
    assert scores.fused.argmax() == 2


def test_documents_and_vectors_must_belong_together() -> None:
    with pytest.raises(ValueError, match="3 documents but 2 vectors"):
        HybridIndex(DOCUMENTS, VECTORS[:2])
