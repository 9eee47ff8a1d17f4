"""Pages sorted into papers: shared pages taken apart, long papers put together."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from models.tasks import OcrLine, OcrOutput
from services.documents.papers.policy import load_policy
from services.documents.papers.sorting import Guess, has_heading, sort_pages

POLICY = load_policy()


def line(text: str, top: float, *, left: float = 0.1, height: float = 0.02) -> OcrLine:
    right = left + 0.02 * len(text)
    return OcrLine(text, 0.99, ((left, top), (right, top), (right, top + height), (left, top + height)))


def page(*lines: OcrLine) -> OcrOutput:
    return OcrOutput(1240, 1754, 0, lines)


FACE = [
    line("姓名 安晓宁", 0.10),
    line("性别女", 0.14),
    line("住址 上海市普陀区武宁路1235弄7号", 0.20),
    line("公民身份号码 310107199203151022", 0.28),
]
BACK = [
    line("中华人民共和国", 0.60),
    line("居民身份证", 0.64),
    line("签发机关 上海市公安局普陀分局", 0.72),
    line("有效期限 2019.04.01-2039.04.01", 0.78),
]


def lower(lines: Sequence[OcrLine], by: float) -> list[OcrLine]:
    return [line(one.text, one.box[0][1] + by) for one in lines]


async def by_words(pages: Sequence[OcrOutput]) -> list[Guess]:
    """A stand-in for the model: what it would say of these made pages."""
    guesses = []
    for one in pages:
        text = "".join(line.text for line in one.lines)
        if "公民身份号码" in text or text.startswith("姓名"):
            guesses.append(("identity-card-face", 0.97 if "签发机关" not in text else 0.7))
        elif "签发机关" in text:
            guesses.append(("identity-card-back", 0.96))
        elif "租赁" in text:
            guesses.append(("lease", 0.93))
        else:
            guesses.append(("other", 0.9))
    return guesses


async def sorted_pages(*pages: OcrOutput) -> list[tuple[str, list[int]]]:
    papers = await sort_pages(list(enumerate(pages, 1)), by_words, POLICY)
    return [(paper.kind, [part.number for part in paper.parts]) for paper in papers]


async def test_front_and_back_of_a_card_on_one_page_are_two_papers() -> None:
    papers = await sort_pages([(1, page(*FACE, *BACK))], by_words, POLICY)
    assert [paper.kind for paper in papers] == ["identity-card-face", "identity-card-back"]
    assert papers[0].parts[0].lines == (0, 1, 2, 3)
    assert papers[1].parts[0].lines == (4, 5, 6, 7)
    assert [one.text for one in papers[1].parts[0].page.lines] == [one.text for one in BACK]


async def test_one_card_is_not_cut_in_half() -> None:
    assert await sorted_pages(page(*FACE)) == [("identity-card-face", [1])]


async def test_two_cards_of_one_kind_are_told_by_labels_that_stand_twice() -> None:
    papers = await sort_pages([(1, page(*FACE, *lower(FACE, 0.5)))], by_words, POLICY)
    assert [paper.kind for paper in papers] == ["identity-card-face"] * 2


async def test_the_next_page_of_a_contract_belongs_to_it() -> None:
    first = page(line("房屋租赁合同", 0.05, height=0.04), line("出租方 李晓", 0.2), line("租赁期限 一年", 0.3))
    second = page(line("第八条 违约责任", 0.1), line("乙方逾期支付的", 0.2))
    assert await sorted_pages(first, second) == [("lease", [1, 2])]


async def test_a_page_with_its_own_heading_begins_a_paper() -> None:
    first = page(line("房屋租赁合同", 0.05, height=0.04), line("出租方 李晓", 0.2), line("租赁期限 一年", 0.3))
    second = page(line("情况说明", 0.05, height=0.04), line("兹有本公司", 0.2), line("特此说明", 0.3))
    assert await sorted_pages(first, second) == [("lease", [1]), ("other", [2])]


async def test_what_the_model_is_not_sure_of_is_other() -> None:
    async def unsure(pages: Sequence[OcrOutput]) -> list[Guess]:
        return [("lease", 0.45)] * len(pages)

    (paper,) = await sort_pages([(1, page(line("不知道", 0.1)))], unsure, POLICY)
    assert (paper.kind, paper.chance) == ("other", 0.45)


@pytest.mark.parametrize("pages", [[], [OcrOutput(100, 100, 0, ())]])
async def test_pages_without_text(pages: list[OcrOutput]) -> None:
    async def anything(pages: Sequence[OcrOutput]) -> list[Guess]:
        return [("property-certificate", 0.9)] * len(pages)

    papers = await sort_pages(list(enumerate(pages, 1)), anything, POLICY)
    assert [paper.kind for paper in papers] == ["other"] * len(pages)


def test_a_heading_is_large_and_at_the_top() -> None:
    body = [line("第一条 标的", 0.2), line("第二条 价款", 0.3)]
    assert has_heading(page(line("授权委托书", 0.05, height=0.04), *body), POLICY)
    assert not has_heading(page(*body, line("落款", 0.9, height=0.04)), POLICY)
