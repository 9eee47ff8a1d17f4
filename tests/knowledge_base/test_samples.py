from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.database import Database
from core.errors import Invalid
from knowledge_base.samples import Consent, SampleKind, Samples, holds_personal_number
from services.consult.personal_data import Masked, mask
from tests.knowledge_base.small_library import ANNA

ID_NUMBER = "11010519491231002X"  # the standard's own example
GIVEN = {"consent": Consent.GIVEN, "by": ANNA}


@pytest.fixture
def samples(database: Database) -> Samples:
    return Samples(database, mask)


async def every(samples: Samples, **wanted: Any) -> list[str]:
    return [sample.input async for sample in samples.read(**wanted)]


async def test_personal_data_is_masked_before_it_is_stored(samples: Samples) -> None:
    sample = await samples.add(
        SampleKind.QUESTION, f"我的身份证 {ID_NUMBER} 丢了", {"note": ["电话 13800138000"]}, origin="s-1", **GIVEN
    )
    assert sample.input == "我的身份证 【证件号码】 丢了"
    assert sample.label == {"note": ["电话 【手机号码】"]}
    assert sample.redaction == {"证件号码": 1, "手机号码": 1}
    assert await every(samples) == [sample.input]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (f"号码{ID_NUMBER}", None),
        ("110105 19491231 002x", None),
        ("手机 138-0013-8000", None),
        ("干净", {"电话": "13800138000"}),
        ("干净", [{ID_NUMBER: 1}]),
        ("干净", 13800138000),
    ],
)
async def test_what_the_redaction_missed_is_refused(database: Database, text: str, label: Any) -> None:
    blind = Samples(database, lambda text: Masked(text))
    with pytest.raises(Invalid) as caught:
        await blind.add(SampleKind.QUESTION, text, label, origin="s-1", **GIVEN)
    assert caught.value.code == "sample_not_redacted"
    assert ID_NUMBER not in caught.value.message
    assert await every(blind) == []


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (ID_NUMBER, True),
        ("110105194912310021", False),  # the check digit is wrong
        ("订单 202605011234567890123", False),
        ("咨询电话 021-12345678，或拨 12345", False),
        ("+8613912345678", True),
        ("91310000MA1FL1234X", False),
    ],
)
def test_numbers_of_persons(text: str, holds: bool) -> None:
    assert holds_personal_number(text) is holds


async def test_the_same_sample_is_kept_once_until_its_last_origin_goes(samples: Samples) -> None:
    add = [
        samples.add(SampleKind.QUESTION, "狗证怎么办", "a", origin=origin, entries=[("a", 1)], **GIVEN)
        for origin in ("s-1", "s-2", "s-2")
    ]
    await asyncio.gather(*add)
    await samples.add(SampleKind.QUESTION, "狗证怎么办", "b", origin="s-1", **GIVEN)
    await samples.add(SampleKind.FEEDBACK, "狗证怎么办", "a", origin="s-3", **GIVEN)
    found = [sample async for sample in samples.read(kind=SampleKind.QUESTION)]
    assert [(one.label, one.origins, one.entries) for one in found] == [
        ("a", ("s-1", "s-2"), (("a", 1),)),
        ("b", ("s-1",), ()),
    ]
    assert await samples.forget("s-1") == 1
    assert await samples.forget("s-1") == 0
    assert await samples.forget("s-2") == 1
    assert [one.kind async for one in samples.read()] == [SampleKind.FEEDBACK]


async def test_reading_is_stable_over_pages_and_filtered(samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge_base.samples.AT_ONCE", 2)
    for number in range(5):
        entries = [("a", 1)] if number % 2 else [("b", 2)]
        await samples.add(SampleKind.LINT, f"条款{number}", None, origin="s", entries=entries, **GIVEN)
    assert await every(samples) == [f"条款{number}" for number in range(5)]
    assert await every(samples, entry_id="a") == ["条款1", "条款3"]
    assert await every(samples, kind=SampleKind.DECISION) == []
    assert await samples.forget("s") == 5


@pytest.mark.parametrize(
    ("text", "label", "origin", "code"),
    [
        ("  ", None, "s", "sample_empty"),
        ("长" * 10_001, None, "s", "sample_too_long"),
        ("好", None, "", "sample_origin_invalid"),
        ("好", None, "13800138000", "sample_origin_invalid"),
        ("好", {"a": object()}, "s", "sample_not_plain"),
        ("好\0", None, "s", "sample_not_plain"),
    ],
)
async def test_refusals(samples: Samples, text: str, label: Any, origin: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        await samples.add(SampleKind.QUESTION, text, label, origin=origin, **GIVEN)
    assert caught.value.code == code
