"""Staging and switching with the real embedder: nothing moves before the switch, everything with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import NotFound
from knowledge_base.entries import DirectoryItem, Faq
from knowledge_base.index.filters import EVERY_KIND, Filters
from knowledge_base.library import Library
from knowledge_base.search import KEPT, SectionSearch
from knowledge_base.terms import Element, EntryKind, ItemStatus
from models.handle import CallResult, Handle

IDS = ("senior-card-apply", "residence-permit-apply")
QUESTION = "飞艇系留场地备案怎么办"


@dataclass
class Counting:
    """The real embedder, watched."""

    handle: Handle
    passages: list[str] = field(default_factory=list)
    task: str = "text-embedding"

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        self.passages.extend(one.text for one in inputs if one.role == "passage")
        return await self.handle.call(inputs)


@pytest.fixture
def few(library: Library) -> list[Any]:
    return [library.item(item_id) for item_id in IDS]


@pytest.fixture
def fresh(few: list[Any]) -> Any:
    return few[0].model_copy(update={"id": "airship-field", "name": "飞艇系留场地备案", "aliases": ()})


async def test_a_staged_item_is_found_after_the_switch_only(
    few: list[Any], fresh: Any, embedder: Handle, own_cache: Path
) -> None:
    search = SectionSearch(Library(few), embedder, cache=own_cache)
    await search.build()
    staged = await search.stage(Library([*few, fresh]))
    assert (await search.items(QUESTION, k=1))[0].entry.id != fresh.id
    assert fresh.id not in search.library.entries
    search.switch(staged)
    assert search.library is staged.library
    assert (await search.items(QUESTION, k=1))[0].entry.id == fresh.id
    assert (await search.search(QUESTION, k=1))[0].section.item_id == fresh.id
    search.switch(await search.stage(Library(few)))
    assert fresh.id not in {hit.entry.id for hit in await search.items(QUESTION, k=5)}
    with pytest.raises(NotFound):
        await search.search(QUESTION, item_id=fresh.id)
    await search.settle()


async def test_only_what_is_new_is_embedded_and_scores_are_those_of_a_new_index(
    few: list[Any], embedder: Handle, own_cache: Path, tmp_path: Path
) -> None:
    watched = Counting(embedder)
    search = SectionSearch(Library(few), watched, cache=own_cache)
    await search.build()
    watched.passages.clear()
    changed = few[0].model_copy(update={"version": 2, "summary": "全新的概述文字"})
    library = Library([changed, few[1]])
    search.switch(await search.stage(library))
    assert len(set(watched.passages)) == 1
    assert "全新的概述文字" in watched.passages[0]
    anew = SectionSearch(library, embedder, cache=tmp_path / "other")
    await anew.build()
    for question in ("老年卡在哪里办", "办居住证要钱吗"):
        one, other = await search.search(question, k=30), await anew.search(question, k=30)
        assert [hit.section.id for hit in one[:3]] == [hit.section.id for hit in other[:3]]
        assert {hit.section.id: hit.words for hit in one} == pytest.approx(
            {hit.section.id: hit.words for hit in other}, abs=1e-5
        )
    assert {hit.section.version for hit in await search.search("老年卡", item_id=changed.id, k=20)} == {2}
    await search.settle()
    await anew.settle()


async def test_a_start_takes_up_what_was_kept_and_what_has_changed_since(
    few: list[Any], fresh: Any, embedder: Handle, own_cache: Path
) -> None:
    search = SectionSearch(Library(few), embedder, cache=own_cache)
    await search.build()
    await search.settle()
    watched = Counting(embedder)
    again = SectionSearch(Library([*few, fresh]), watched, cache=own_cache)
    await again.build()
    assert again.index is not None
    assert len(again.index.section_index.words.segments) == 2, "the kept segment and the new item's"
    assert not set(watched.passages) & {"居住证", "敬老卡"} or len(set(watched.passages)) <= 20
    assert (await again.items(QUESTION, k=1))[0].entry.id == fresh.id
    await again.settle()
    (next((own_cache / KEPT).glob("words.*.npz"))).write_bytes(b"broken")
    third = SectionSearch(Library([*few, fresh]), embedder, cache=own_cache)
    await third.build()
    assert third.index is not None
    assert len(third.index.section_index.words.segments) == 1, "counted anew"
    assert (await third.items(QUESTION, k=1))[0].entry.id == fresh.id
    await third.settle()


async def test_switching_while_people_search(few: list[Any], fresh: Any, embedder: Handle, own_cache: Path) -> None:
    """Every answer is of one state or of the other."""
    search = SectionSearch(Library(few), embedder, cache=own_cache)
    await search.build()
    states = [Library(few), Library([*few, fresh])]
    staged = [await search.stage(library) for library in states]
    stopped = False

    async def publish() -> None:
        number = 0
        while not stopped:
            number += 1
            search.switch(staged[number % 2])
            await asyncio.sleep(0.002)

    publishing = asyncio.create_task(publish())
    query = await search.embed(QUESTION)
    seen = set()
    for _ in range(200):
        found = await search.both(query, k=40)
        entries = {hit.entry.id for hit in found.items}
        assert {hit.section.entry_id for hit in found.sections} == entries
        assert found.generation == next(one.generation for one in states if set(one.items) == entries)
        seen.add(found.generation)
        await asyncio.sleep(0.001)
    stopped = True
    await publishing
    await search.settle()
    assert len(seen) == 2


async def test_who_may_be_found_follows_a_text_that_changes(few: list[Any], embedder: Handle) -> None:
    search = SectionSearch(Library(few), embedder)
    await search.build()
    suspended = few[0].model_copy(update={"status": ItemStatus.SUSPENDED})
    search.switch(await search.stage(Library([suspended, few[1]])))
    assert [hit.entry.id for hit in await search.items(few[0].name)] == [few[1].id]
    search.switch(await search.stage(Library(few)))
    assert (await search.items(few[0].name))[0].entry.id == few[0].id


async def test_filters_leave_out(few: list[Any], embedder: Handle, own_cache: Path) -> None:
    senior, permit = few
    entries = [
        senior.model_copy(update={"effective_date": date(2026, 1, 1), "cancel_date": date(2026, 7, 1)}),
        permit,
        permit.model_copy(update={"id": "suspended-one", "status": ItemStatus.SUSPENDED, "name": "停办的登记"}),
        Faq(
            id="faq-one",
            name="敬老卡丢了还能坐车吗",
            department=senior.department,
            item=senior.id,
            element=Element.RESULT,
            answer="先挂失再补领",
        ),
        DirectoryItem(id="directory-one", name="居住证签注", department="某局"),
    ]
    search = SectionSearch(Library(entries), embedder, cache=own_cache)
    await search.build()

    async def found(**chosen: Any) -> set[str]:
        return {hit.entry.id for hit in await search.items("居住证", k=9, filters=Filters(**chosen))}

    assert await found() == set(IDS)
    assert await found(kinds=EVERY_KIND) == {*IDS, "faq-one", "directory-one"}
    assert await found(kinds=frozenset({EntryKind.FAQ})) == {"faq-one"}
    assert await found(department=senior.department) == {senior.id}
    assert await found(status=ItemStatus.SUSPENDED) == {"suspended-one"}
    assert await found(effective_on=date(2026, 7, 1)) == {permit.id}
    assert senior.id in await found(effective_on=date(2026, 6, 30))
    assert await found(channel="没有的渠道") == set()
    everything = await search.items("居住证签注", k=9, filters=Filters(kinds=EVERY_KIND))
    order = [hit.entry.id for hit in everything]
    assert "directory-one" in order
    faq = await search.search("敬老卡丢了", k=1, item_id=senior.id, filters=Filters(kinds=EVERY_KIND))
    assert faq[0].section.entry_id == "faq-one"
    assert {hit.section.kind for hit in await search.search("敬老卡丢了", k=50)} == {EntryKind.ITEM}
    await search.settle()


async def test_an_explanation_gives_the_scores_and_the_words(few: list[Any], embedder: Handle, own_cache: Path) -> None:
    search = SectionSearch(Library(few), embedder, cache=own_cache)
    await search.build()
    explained = await search.explain("敬老卡要带什么材料", k=2)
    best = explained.items[0]
    assert (best.hit.entry.id, best.place) == ("senior-card-apply", 1)
    assert explained.sections[0].hit.score == pytest.approx((await search.search("敬老卡要带什么材料"))[0].score)
    assert "材料" in {weight.term for weight in explained.sections[0].matched}
    rarities = [weight.rarity for weight in explained.terms]
    assert rarities == sorted(rarities, reverse=True)
    assert np.isfinite(rarities).all()
    await search.settle()
