from datetime import date

import numpy as np
import pytest

from core.errors import HubError
from services.algorithms.similar_cases.agreement import day_agreement, marks, place_agreement
from services.algorithms.similar_cases.similar import MOST_CASES, Case, Cases, grouped, run
from tests.services.algorithms.handles import Embedder


def embedder() -> Embedder:
    return Embedder(lambda text: (1.0, 0.0) if "灯" in text else (0.0, 1.0))


def cases(*texts: str, received: tuple[date | None, ...] = ()) -> Cases:
    days = received or (None,) * len(texts)
    return Cases(
        cases=tuple(
            Case(id=str(n), text=text, received=day) for n, (text, day) in enumerate(zip(texts, days, strict=True))
        )
    )


async def test_the_same_thing_at_the_same_place_is_one() -> None:
    found = await run(cases("梅川路的路灯坏了", "反映梅川路路灯不亮", "怒江路的路灯坏了", "梅川路有人摆摊"), embedder())
    assert [(pair.first, pair.second) for pair in found.duplicates] == [("0", "1")]
    assert found.groups[0].cases == ("0", "1", "2")


async def test_what_happened_is_compared_without_where() -> None:
    model = embedder()
    await run(cases("梅川路800弄垃圾没人清", "怒江路12号垃圾没人清"), model)
    assert all("路" not in text and not any(one.isdigit() for one in text) for text in model.texts)


async def test_cases_long_apart_are_not_one() -> None:
    texts = ("梅川路的路灯坏了", "梅川路路灯又坏了")
    near = await run(cases(*texts, received=(date(2024, 1, 1), date(2024, 1, 9))), embedder())
    far = await run(cases(*texts, received=(date(2024, 1, 1), date(2024, 9, 9))), embedder())
    assert len(near.duplicates) == 1
    assert far.duplicates == ()


def test_places_agree() -> None:
    one = marks("梅川路800弄路灯不亮")
    assert place_agreement(one, marks("晚上梅川路一片漆黑")) == 1
    assert place_agreement(one, marks("梅川路12弄没有灯")) == -0.5
    assert place_agreement(one, marks("怒江路没有灯")) == -1
    assert place_agreement(one, marks("没有灯")) == 0


def test_days_agree() -> None:
    assert day_agreement(marks("3月12日夜里太吵"), marks("三月十二号吵了一夜")) == 1
    assert day_agreement(marks("3月12日夜里太吵"), marks("3月13日太吵")) == -1
    assert day_agreement(marks("3月12日夜里太吵"), marks("夜里太吵")) == 0


def test_groups_are_joined_by_their_average() -> None:
    likeness = np.array([[1, 0.9, 0.6, 0], [0.9, 1, 0.1, 0], [0.6, 0.1, 1, 0], [0, 0, 0, 1]])
    assert sorted(map(sorted, grouped(likeness, 0.5))) == [[0, 1], [2], [3]]
    assert sorted(map(sorted, grouped(likeness, 0.3))) == [[0, 1, 2], [3]]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Cases(cases=(Case(id="a", text="好"),)), "cases_too_few"),
        (Cases(cases=(Case(id="a", text="好"), Case(id="a", text="坏"))), "case_id_twice"),
        (Cases(cases=(Case(id="a", text="好"), Case(id="b", text=" "))), "text_empty"),
        (Cases(cases=tuple(Case(id=str(n), text="好") for n in range(MOST_CASES + 1))), "cases_too_many"),
    ],
)
async def test_what_cannot_be_compared_is_refused(given: Cases, code: str) -> None:
    with pytest.raises(HubError) as caught:
        await run(given, embedder())
    assert caught.value.code == code
