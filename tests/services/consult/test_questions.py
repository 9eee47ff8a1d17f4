"""The written questions against the whole bot: each third of the test half, on which nothing was tuned."""

from __future__ import annotations

import pytest

from benchmarks.consult.reading import read_questions
from benchmarks.consult.scoring import score_dialogues, score_outside
from training.head_sentences import element_sentences, route_sentences


@pytest.fixture
def ask(service):
    async def asked(text, session, choice):
        return await service.reply(text, session_id=session, choice=choice)

    return asked


@pytest.mark.asyncio(loop_scope="session")
async def test_single_questions(ask, library):
    figures, _ = await score_dialogues(read_questions(["test"]).single[::4], ask, library)
    assert figures.asked > 100
    # Never: a quote that doesn't hold.
    assert figures.citations_hold == figures.citations > 100
    assert figures.item / figures.asked >= 0.88, figures.wrong
    assert figures.complete / figures.asked >= 0.75, figures.wrong


@pytest.mark.asyncio(loop_scope="session")
async def test_dialogues(ask, library):
    _, later = await score_dialogues(read_questions(["test"]).dialogues[::2], ask, library)
    assert later.asked > 40
    assert later.citations_hold == later.citations
    assert later.item / later.asked >= 0.7, later.wrong


@pytest.mark.asyncio(loop_scope="session")
async def test_out_of_scope(ask, library):
    figures = await score_outside(read_questions(["test"]).out_of_scope[::2], ask, library)
    assert figures.outside > 50
    assert figures.cited_outside <= 4, figures.wrong


def test_the_halves_are_apart():
    dev, test = read_questions(["dev"]), read_questions(["test"])
    assert {one.turns[0].items[0] for one in dev.single}.isdisjoint(one.turns[0].items[0] for one in test.single)
    asks = [{one.turns[0].ask for one in (*half.single, *half.dialogues)} for half in (dev, test)]
    assert asks[0].isdisjoint(asks[1])
    assert len(dev.single) + len(test.single) >= 900


def test_the_third_set_is_neither_learnt_from_nor_one_of_the_halves(library):
    fresh, halves = read_questions(["fresh"]), read_questions()
    asks = {turn.ask for one in (*fresh.single, *fresh.dialogues) for turn in one.turns}
    asks |= {one.ask for one in fresh.out_of_scope}
    assert len(asks) >= 140
    known = {turn.ask for one in (*halves.single, *halves.dialogues) for turn in one.turns}
    assert asks.isdisjoint(known | {one.ask for one in halves.out_of_scope})
    # 好的谢谢 is what anybody says.
    learnt = {one.text for one in (*route_sentences(library), *element_sentences(library)) if len(one.text) > 6}
    assert asks.isdisjoint(learnt)
