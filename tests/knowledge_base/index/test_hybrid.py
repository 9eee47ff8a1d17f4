"""The index scores every document by both rankers."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.index.hybrid import Document, HybridIndex

DOCUMENTS = [Document("a", "狗证", "办理养犬登记"), Document("b", "", "办理居住证"), Document("c", "护照", "出国用")]
TEXTS = [document.full_text for document in DOCUMENTS]
VECTORS = np.eye(3, dtype=np.float32)


def test_words_vectors_and_fused_score_all_documents() -> None:
    scores = HybridIndex.of(TEXTS, VECTORS).scores("居住证", np.array([0, 0.6, 0.8], dtype=np.float32))
    assert scores.vectors == pytest.approx([0, 0.6, 0.8])
    assert scores.words.argmax() == 1
    assert scores.words[2] == 0
    assert scores.fused.argmax() == 1


def test_the_title_is_searched_too() -> None:
    scores = HybridIndex.of(TEXTS, VECTORS).scores("护照", np.ones(3, dtype=np.float32) / 3**0.5)
    assert scores.fused.argmax() == 2


def test_words_decide_where_a_text_holds_the_whole_question_and_vectors_elsewhere() -> None:
    texts = ["经营场所应当符合卫生标准", "卫生标准由经营场所公布", *(f"另一条第{number}款" for number in range(200))]
    vectors = np.zeros((len(texts), 2), dtype=np.float32)
    vectors[:, 0] = 1
    vectors[1] = [0, 1]  # nearest by far
    index = HybridIndex.of(texts, vectors)
    nearest = np.array([0, 1], dtype=np.float32)
    assert index.scores("经营场所应当符合卫生标准", nearest).fused.argmax() == 0
    asked = index.scores("我家楼下那个小饭店的经营场所应当怎么弄才过得去呢", nearest)
    assert asked.words.argmax() == 0
    assert asked.fused.argmax() == 1


def test_documents_and_vectors_must_belong_together() -> None:
    with pytest.raises(ValueError, match="words of 3 documents but 2 vectors"):
        HybridIndex.of(TEXTS, VECTORS[:2])


def test_words_scored_before_the_vector_is_there_give_the_same() -> None:
    index = HybridIndex.of(TEXTS, VECTORS)
    vector = np.array([0, 0.6, 0.8], dtype=np.float32)
    at_once, after = index.scores("居住证", vector), index.scores("居住证", vector, index.word_scores("居住证"))
    assert np.array_equal(at_once.fused, after.fused)
    assert np.array_equal(at_once.words, after.words)


def test_an_extended_index_scores_like_one_made_anew() -> None:
    before, gone, fresh = HybridIndex.of(TEXTS, VECTORS), np.array([1]), np.ones((1, 3), np.float32) / 3**0.5
    index = HybridIndex(before.words.extended(gone, ["办理驾驶证"]), before.vectors.extended(gone, fresh))
    anew = HybridIndex.of([TEXTS[0], TEXTS[2], "办理驾驶证"], np.vstack([VECTORS[[0, 2]], fresh]))
    vector = np.array([0.6, 0, 0.8], dtype=np.float32)
    assert index.scores("办理驾驶证", vector).fused == pytest.approx(anew.scores("办理驾驶证", vector).fused, abs=1e-5)
