"""The one line that answers is told although its section wasn't asked for."""

import asyncio

import numpy as np
import pytest

from core.errors import TooManyRequests
from knowledge_base.terms import Element
from services.consult.answering import AnswerComposer
from services.consult.bigrams import bigrams
from services.consult.consultation import Quoted, Subject
from services.consult.guide_lines import LINE_SIGNS, GuideLines, Line, Lines, further_lines, line_signs, lines_of
from services.consult.guide_words import GuideWords
from services.consult.policy import load_policy

ITEM = "housing-lease-registration"


def made_of(item, *lines, vectors=None):
    rows = np.eye(4, dtype=np.float32)[: len(lines)] if vectors is None else np.array(vectors, dtype=np.float32)
    return Lines(item, lines, rows, "made/1")


def test_lines_are_whole_lines_of_the_sections_without_their_numbers(library):
    item = library.items[ITEM]
    lines = lines_of(library, item)
    assert {line.element for line in lines} >= {Element.CONDITIONS, Element.MATERIALS, Element.LIMITS}
    for line in lines:
        assert not line.text[:3].strip().rstrip(".").isdigit()
        assert line.text in "\n".join(section.text for section in library.sections(item.id, line.element))


def test_signs_stand_in_their_order(library):
    item = library.items[ITEM]
    lines = made_of(item, Line(Element.LIMITS, "即时办结"), Line(Element.CONDITIONS, "合同签订后 30 日内备案："))
    vector = np.array([0.6, 0.8, 0, 0], dtype=np.float32)
    likely = {Element.LIMITS: 0.9, Element.CONDITIONS: 0.2}
    signs = line_signs(vector, bigrams("签订后备案"), lines, GuideWords(library), likely, {"limits": 0.5})
    table = [dict(zip(LINE_SIGNS, row, strict=True)) for row in signs]
    assert table[0]["meaning"] == pytest.approx(0.6)
    assert table[0]["lead"] == pytest.approx(-0.2)
    assert table[1]["words"] > table[0]["words"] == 0
    assert table[1]["words_lead"] == 0
    assert table[0]["element"] > 0 > table[1]["element"]
    assert table[0]["head"] == 0
    assert [row["heading"] for row in table] == [0, 1]
    assert [row["likeliest"] for row in table] == [1, 0]
    assert [row["nearest"] for row in table] == [0, 1]


def test_only_likely_lines_of_elements_that_are_not_told(library):
    lines = made_of(
        library.items[ITEM],
        Line(Element.LIMITS, "即时办结"),
        Line(Element.CONDITIONS, "合同签订后 30 日内备案"),
        Line(Element.CONDITIONS, "要同时符合以下条件："),
        Line(Element.FEE, "不收费"),
    )
    signs = np.zeros((4, len(LINE_SIGNS)))
    signs[:, 0] = [9, 4, 8, 1]
    weights = {"bias": -3.0, "meaning": 1.0}
    found = further_lines(signs, lines, weights, (Element.LIMITS,), 0.5, 2)
    assert [line.text for line in found] == ["合同签订后 30 日内备案"]
    assert further_lines(signs, lines, weights, (Element.LIMITS,), 0.1, 2)[1].element is Element.FEE
    assert further_lines(signs, lines, weights, (), 0.5, 0) == ()


class Embedder:
    """Gives vectors once it may."""

    def __init__(self):
        self.open = False
        self.asked = 0

    async def passages(self, texts, progress=None):
        self.asked += 1
        if not self.open:
            raise TooManyRequests("满了", code="queue_full")

        class Made:
            vectors = np.ones((len(texts), 2), dtype=np.float32)
            version = "made/1"

        return Made()


@pytest.mark.asyncio
async def test_an_answer_does_not_wait_for_lines_and_a_failure_is_tried_again(library):
    item, embedder = library.items[ITEM], Embedder()
    kept: dict[str, Lines] = {}
    lines = GuideLines(library, embedder, kept)
    assert lines.of(item, "made/1") is None
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    embedder.open = True
    assert lines.of(item, "made/1") is None
    for _ in range(5):
        await asyncio.sleep(0)
    made = lines.of(item, "made/1")
    assert made is not None
    assert len(made.lines) == len(made.vectors)
    assert embedder.asked == 2
    # Vectors of another embedder don't count, nor those of an item that has changed; another state of the library keeps the rest.
    assert lines.of(item, "made/2") is None
    assert GuideLines(library, embedder, kept).of(item, "made/1") is made
    changed = item.model_copy(update={"summary": "别的"})
    assert GuideLines(library, embedder, kept).of(changed, "made/1") is None
    await asyncio.sleep(0)
    await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_all_lines_at_once(library):
    embedder = Embedder()
    embedder.open = True
    lines = GuideLines(library, embedder)
    await lines.make_all()
    assert embedder.asked == 1
    assert all(lines.of(item, "made/1") for item in library.items.values() if library.sections(item.id))


def test_a_further_line_is_quoted_whole_and_only_if_it_applies(library):
    composer = AnswerComposer(library, load_policy())
    item = library.items["id-card-renew"]
    section = next(iter(library.sections(item.id, Element.RESULT)))
    line = next(one for one in section.text.split("\n") if one.startswith("有效期：20 年"))
    subject = Subject(item, (Element.LIMITS,), further=((Element.RESULT, line),))
    told = [part for part in composer.answer(subject, {"age": 30}).parts if isinstance(part, Quoted)]
    assert [part.section_id for part in told] == [next(iter(library.sections(item.id, Element.LIMITS))).id, section.id]
    assert told[1].text == line
    # Fifty-year-olds get one for good.
    assert all(line not in part.text for part in composer.answer(subject, {"age": 50}).parts)
    # What is told whole isn't told again.
    whole = composer.answer(Subject(item, (Element.RESULT,), further=((Element.RESULT, line),)), {"age": 30})
    assert sum(part.text.count(line) for part in whole.parts) == 1
