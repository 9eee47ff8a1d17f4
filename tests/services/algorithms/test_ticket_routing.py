import json
from collections.abc import Sequence

import pytest

from core.errors import Invalid, TooLarge, Unavailable
from models.build.consult_heads import HEADS
from services.algorithms.head_reading import TextHead
from services.algorithms.ticket_routing.routing import MOST_CHARACTERS, Ticket, confidences, pieces, policy, run
from tests.services.algorithms.handles import Embedder, Head
from training.text_heads import ticket_sentences

BUS = "交通运输/城乡客运/公交与班线"
NOISE = "环境保护/环境污染/噪声污染"
WATER = "环境保护/环境污染/水污染"


def choose(text: str) -> Sequence[float]:
    if "公交" in text:
        return (0.9, 0.05, 0.05)
    return (0.3, 0.35, 0.35) if "吵" in text else (0.34, 0.33, 0.33)


def head(embedder: str = "e5-small-zh/2") -> TextHead:
    return TextHead(Embedder(choose), Head((BUS, NOISE, WATER), embedder))


async def test_a_class_is_the_sum_of_its_matters() -> None:
    routing = await run(Ticket(text="夜里太吵"), head())
    assert routing.first.category == "环境保护"
    assert (routing.first.field, routing.first.department) == ("环境污染", "区生态环境局")
    assert routing.alternatives[0].category == "交通运输"
    assert routing.first.confidence > routing.alternatives[0].confidence


async def test_the_title_counts_beside_the_text() -> None:
    routing = await run(Ticket(title="公交太少", text="请领导看看。"), head())
    assert (routing.first.matter, routing.first.department) == ("公交与班线", "区交通委员会")


async def test_certain_follows_the_policy() -> None:
    sure = await run(Ticket(title="公交", text="公交公交"), head())
    unsure = await run(Ticket(text="请领导看看"), head())
    assert sure.certain == (sure.first.confidence >= policy().certain)
    assert sure.certain
    assert not unsure.certain


def test_a_long_message_is_read_in_whole_sentences() -> None:
    text = "".join(f"第{number}句话说得不长也不短。" for number in range(200))
    found = pieces(Ticket(title="标题", text=text), policy())
    assert found[0] == "标题"
    assert len(found) == 1 + policy().most
    assert all(piece.endswith("。") and len(piece) <= policy().characters for piece in found[1:])


def test_confidence_grows_flatter_with_the_temperature() -> None:
    import numpy as np

    scores = np.array([2.0, 0.0])
    assert confidences(scores, 1.0)[0] > confidences(scores, 2.0)[0] > 0.5


@pytest.mark.parametrize(
    ("ticket", "error", "code"),
    [
        (Ticket(text=" \n "), Invalid, "text_empty"),
        (Ticket(text="字" * (MOST_CHARACTERS + 1)), TooLarge, "text_too_long"),
        (Ticket(text="好", title="题" * 201), TooLarge, "text_too_long"),
    ],
)
async def test_what_cannot_be_read_is_refused(ticket: Ticket, error: type[Exception], code: str) -> None:
    with pytest.raises(error) as caught:
        await run(ticket, head())
    assert caught.value.code == code  # type: ignore[attr-defined]


async def test_a_head_of_another_embedder_says_so() -> None:
    with pytest.raises(Unavailable) as caught:
        await run(Ticket(text="夜里太吵"), head("e5-small-zh/1-q4"))
    assert caught.value.code == "head_not_fitted"


def test_every_matter_that_is_learnt_has_a_department() -> None:
    learnt = {tuple(label.split("/")) for _, label in ticket_sentences()}
    assert learnt == set(policy().departments)
    head_file = json.loads((HEADS / "ticket-matter" / "1" / "head.json").read_text(encoding="utf-8"))
    assert {tuple(label.split("/")) for label in head_file["labels"]} == learnt


def test_no_sentence_is_learnt_under_two_matters() -> None:
    sentences = [text for text, _ in ticket_sentences()]
    assert len(sentences) == len(set(sentences))
    assert len(sentences) >= 600
