"""Pinyin and slips through the whole search: the real embedder, items of the real library that are alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge_base.library import Library
from knowledge_base.search import SectionSearch
from models.handle import Handle

ITEMS = (
    "public-venue-hygiene-cancel",
    "public-venue-hygiene-new",
    "residence-permit-apply",
    "residence-permit-endorse",
    "water-supply-hygiene",
)


@pytest.fixture
async def search(library: Library, embedder: Handle, own_cache: Path) -> AsyncIterator[SectionSearch]:
    search = SectionSearch(Library(library.item(item) for item in ITEMS), embedder, cache=own_cache)
    await search.build()
    yield search
    await search.settle()


@pytest.mark.parametrize(
    ("question", "item"),
    [
        ("gonggong changsuo weisheng xukezheng zhuxiao", "public-venue-hygiene-cancel"),
        ("juzhuzheng shenling yao shenme cailiao", "residence-permit-apply"),
        ("gongchang weisheng xukezheng", "public-venue-hygiene-new"),
        ("gongchangweishengxukezheng", "public-venue-hygiene-new"),
        ("gong1chang3 wei4sheng1 xu3ke3zheng4", "public-venue-hygiene-new"),
        ("gongchang卫生许可证", "public-venue-hygiene-new"),
        ("gcwsxkz", "public-venue-hygiene-new"),
        ("shuichang weisheng xukezheng", "water-supply-hygiene"),
        ("公共場所衛生許可證註銷", "public-venue-hygiene-cancel"),
        ("公共场所卫生许可正注销", "public-venue-hygiene-cancel"),
    ],
)
async def test_a_slip_still_finds_the_item(search: SectionSearch, question: str, item: str) -> None:
    (first, *_) = await search.items(question, k=3)
    assert first.entry.id == item
