"""The words that the hit test has for how a name fits: what is a slip, and what is only a piece of the name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge_base.index.explaining import is_misheard, is_misspelt
from knowledge_base.library import Library
from knowledge_base.search import SectionSearch
from models.handle import Handle

NAME = "公共场所卫生许可证注销"


@pytest.mark.parametrize(
    ("asked", "misspelt"),
    [
        ("公共场所工生许可证注销要什么", True),
        ("公共场所生许可证注销要什么", True),
        ("公共场所卫卫生许可证注销要什么", True),
        ("公共场所生卫许可证注销要什么", True),
        ("公共场所卫生许可证怎么办", False),
        ("公共场所许可证注销", False),
        ("公共场所的卫生许可证注销", False),
        ("许可证注销", False),
        (NAME, False),
    ],
)
def test_a_slip_stands_between_what_is_right(asked: str, misspelt: bool) -> None:
    assert is_misspelt(NAME, asked) is misspelt


@pytest.mark.parametrize(
    ("name", "asked", "misheard"),
    [
        (NAME, "公共场所卫生许可正注销", True),
        ("公共场所卫生许可证延续", "公共场所卫生许可证延许要什么材料", True),
        ("失业登记", "驶业登记要什么材料", True),
        # 怎 sounds like 证, but is the question's own.
        ("机动车驾驶证遗失补证", "机动车驾驶证遗失怎么办", False),
        ("食品经营许可证", "食品经营许可怎么办", False),
        (NAME, "公共场所工生许可证注销", False),
        (NAME, NAME, False),
    ],
)
def test_the_same_sound_counts_in_its_own_place(name: str, asked: str, misheard: bool) -> None:
    assert is_misheard(name, asked) is misheard


@pytest.fixture
async def search(library: Library, embedder: Handle, own_cache: Path) -> AsyncIterator[SectionSearch]:
    items = ("public-venue-hygiene-cancel", "residence-permit-apply")
    search = SectionSearch(Library(library.item(item) for item in items), embedder, cache=own_cache)
    await search.build()
    yield search
    await search.settle()


async def test_every_way_is_told_by_its_own_word(search: SectionSearch) -> None:
    asked = {
        "公共场所卫生许可证注销要什么材料": "exact",
        "公共場所衛生許可證註銷": "exact",
        "公共场所工生许可证注销": "typo",
        "公共场所卫生许可正注销": "sound",
        "gonggong changsuo weisheng xukezheng zhuxiao": "pinyin",
        "公共场所卫生许可证手续": "part",
    }
    found = {}
    for question in asked:
        (first, *_) = (await search.explain(question, k=1)).items
        assert first.hit.entry.id == "public-venue-hygiene-cancel"
        found[question] = first.how
    assert found == asked
