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


def test_words_decide_where_a_text_holds_the_whole_question_and_vectors_elsewhere() -> None:
    texts = ["经营场所应当符合卫生标准", "卫生标准由经营场所公布", *(f"另一条第{number}款" for number in range(200))]
    vectors = np.zeros((len(texts), 2), dtype=np.float32)
    vectors[:, 0] = 1
    vectors[1] = [0, 1]  # nearest by far
    index = HybridIndex([Document(str(place), "", text) for place, text in enumerate(texts)], vectors)
    nearest = np.array([0, 1], dtype=np.float32)
    assert index.scores("经营场所应当符合卫生标准", nearest).fused.argmax() == 0
    asked = index.scores("我家楼下那个小饭店的经营场所应当怎么弄才过得去呢", nearest)
    assert asked.words.argmax() == 0
    assert asked.fused.argmax() == 1


def test_documents_and_vectors_must_belong_together() -> None:
    with pytest.raises(ValueError, match="3 documents but 2 vectors"):
        HybridIndex(DOCUMENTS, VECTORS[:2])
