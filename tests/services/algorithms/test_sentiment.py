from pathlib import Path

import pytest

from core.errors import Invalid
from models.polarity import coloured, finds, polarity, words
from models.wording import SIZE
from services.algorithms.head_reading import TextHead
from services.algorithms.sentiment.sentiment import Comment, Mood, run
from tests.services.algorithms.handles import Embedder, Head
from training.text_heads import sentiment_sentences
from training.written import read

LABELS = ("bad_rating", "grievance", "neutral", "praise")


def head(*chances: float) -> TextHead:
    return TextHead(Embedder(lambda _: chances), Head(LABELS))


async def test_two_kinds_of_complaint_are_one_mood() -> None:
    found = await run(Comment(text="窗口让我跑了三趟"), head(0.35, 0.25, 0.4, 0.0))
    assert found.mood is Mood.NEGATIVE
    assert found.confidence == pytest.approx(0.6, abs=1e-3)
    assert found.bad_rating
    assert "推诿折腾" in found.about


async def test_a_grievance_is_no_bad_rating() -> None:
    found = await run(Comment(text="楼上漏水"), head(0.1, 0.8, 0.1, 0.0))
    assert found.mood is Mood.NEGATIVE
    assert not found.bad_rating


async def test_praise_names_nothing_to_complain_of() -> None:
    found = await run(Comment(text="没有拖延，很快"), head(0.1, 0.0, 0.1, 0.8))
    assert (found.mood, found.bad_rating, found.about, found.look) == (Mood.POSITIVE, False, (), False)


async def test_a_close_call_is_for_a_person() -> None:
    assert (await run(Comment(text="还行"), head(0.1, 0.1, 0.4, 0.4))).look


async def test_nothing_to_read_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        await run(Comment(text="  "), head(1, 0, 0, 0))
    assert caught.value.code == "text_empty"


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("非常满意", "praise"),
        ("不满意", "complaint"),
        ("没有推诿", "ease"),
        ("互相推诿", "runaround"),
        ("一直没解决", "unsolved"),
        ("请问几点开门", "question"),
    ],
)
def test_words_of_mood(text: str, group: str) -> None:
    assert finds(text)[group] >= 1


def test_a_negation_takes_the_word_from_its_group() -> None:
    assert finds("没有推诿")["runaround"] == 0
    assert finds("不满意")["praise"] == 0


def test_the_mood_stands_behind_vector_and_characters() -> None:
    import numpy as np

    row = coloured(np.zeros(384, np.float32), "谢谢")
    assert row.shape == (384 + SIZE + len(words().groups),)
    assert np.allclose(row[-len(words().groups) :], polarity("谢谢"))


def test_nothing_measured_is_learnt() -> None:
    measured = read(Path(__file__).parents[3] / "benchmarks" / "algorithms" / "sentiment.yaml")
    texts = {text for group in measured.values() for text in group}
    assert len(texts) >= 300
    assert not texts & {text for text, _ in sentiment_sentences()}
