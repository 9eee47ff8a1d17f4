"""Texts that those upstairs object to stay out, and what a workbook can't hold of an item stays in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from core.database import Database
from knowledge_base.exchange.workbook_reading import read_workbook
from knowledge_base.exchange.workbook_writing import write_workbook
from knowledge_base.life.documents import checked_draft
from knowledge_base.life.lifecycle import Action
from knowledge_base.reading import ContentInvalid, Fault
from knowledge_base.schema import Entry, ServiceItem
from knowledge_base.store import LibraryStore
from knowledge_base.terms import EntryKind
from tests.knowledge_base.small_library import ANNA, BO, item, item_document

CHECK: dict[str, Any] = {
    "id": "in_date",
    "aspect": "in_date",
    "of": ["vaccination"],
    "rule": "in_date(vaccination.term, today)",
    "only_if": "has(vaccination.term)",
    "clerk": "免疫证明过期了。",
    "applicant": "免疫证明过期了。",
    "mend": "请重新接种。",
}
OWN: dict[str, Any] = {
    "checks": [CHECK],
    "form": [{"id": "breed", "name": "犬种", "from": ["vaccination.breed"]}],
}


def objects(entry: Entry) -> Iterable[Fault]:
    if isinstance(entry, ServiceItem):
        for number, check in enumerate(entry.checks):
            if "breed" in check.rule:
                yield Fault(("checks", number, "rule"), "免疫证明上没有犬种")


@pytest.fixture
def store(database: Database) -> LibraryStore:
    return LibraryStore(database, today=lambda: date(2026, 5, 1), extra_faults=objects)


def faulty(item_id: str = "a", **more: Any) -> Entry:
    return item(item_id, checks=[CHECK, CHECK | {"id": "breed", "rule": "vaccination.breed != ''"}], **more)


async def test_every_way_in_refuses_with_the_place(store: LibraryStore) -> None:
    await store.put([item("a", **OWN)], ANNA)
    for refused in (
        store.plan_import([faulty(), item("b")]),
        store.put([faulty(), item("b")], ANNA),
        store.put([faulty(), item("b")], ANNA, publish=False),
        store.put([faulty(effective_date="2026-06-01")], ANNA),
    ):
        with pytest.raises(ContentInvalid) as caught:
            await refused
        assert [one.field for one in caught.value.faults] == ["checks.1.rule"]
        assert caught.value.param == "checks.1.rule"
    with pytest.raises(ContentInvalid) as caught:
        await store.put([faulty("a"), faulty("b"), item("c")], ANNA)
    assert [one.field for one in caught.value.faults] == ["a.checks.1.rule", "b.checks.1.rule"]
    assert await store.generation() == "1"
    assert (await store.entry("a")).open is None


async def test_an_approved_text_is_refused_when_it_is_published(store: LibraryStore) -> None:
    document = item_document("a", checks=[CHECK | {"rule": "vaccination.breed != ''"}])
    draft = await store.create_draft(EntryKind.ITEM, document, ANNA)
    await store.advance("a", Action.SUBMIT, ANNA)
    await store.advance("a", Action.APPROVE, BO)
    with pytest.raises(ContentInvalid, match="没有犬种"):
        await store.plan_publication([("a", draft.number)])


async def test_a_workbook_keeps_the_form_and_the_checks_that_it_has_no_sheet_for(store: LibraryStore) -> None:
    await store.put([item("a", **OWN), item("b")], ANNA)
    before = await store.library()
    reading = read_workbook(write_workbook(before.entries.values()))
    assert all(not entry.checks for entry in reading.entries if isinstance(entry, ServiceItem))
    _, report = await store.plan_import(reading.entries, keeping=reading.keeping)
    assert report.unchanged == ("a", "b")

    changed = [entry.model_copy(update={"summary": "改过的概述"}) for entry in reading.entries]
    await store.put(changed, ANNA, keeping=reading.keeping)
    after = (await store.library()).entries["a"]
    assert isinstance(after, ServiceItem)
    assert (after.summary, after.version) == ("改过的概述", 2)
    assert (after.checks, after.form) == (item("a", **OWN).checks, item("a", **OWN).form)  # type: ignore[attr-defined]


async def test_a_draft_of_a_workbook_keeps_what_the_open_draft_has(store: LibraryStore) -> None:
    await store.create_draft(EntryKind.ITEM, item_document("a", **OWN), ANNA)
    reading = read_workbook(write_workbook([item("a")]))
    report = await store.put(reading.entries, ANNA, publish=False, keeping=reading.keeping)
    assert report.unchanged == ("a",)


async def test_a_workbook_that_takes_a_checked_material_away_is_refused(store: LibraryStore) -> None:
    await store.put([item("a", **OWN)], ANNA)
    other = [{**item_document()["materials"][0], "id": "chip"}]
    with pytest.raises(ContentInvalid, match="in_date 的 of 写了没有的材料：vaccination"):
        await store.put([item("a", materials=other)], ANNA, keeping=("form", "checks"))
    with pytest.raises(ContentInvalid):
        await store.put([item("a", materials=other)], ANNA, publish=False, keeping=("form", "checks"))


async def test_other_files_say_all_there_is(store: LibraryStore) -> None:
    await store.put([item("a", **OWN)], ANNA)
    await store.put([item("a")], ANNA)
    after = (await store.library()).entries["a"]
    assert isinstance(after, ServiceItem)
    assert not after.checks


def test_a_draft_may_call_what_checks_call_and_no_more() -> None:
    assert checked_draft(EntryKind.ITEM, item_document("a", **OWN), "a", 1) == []
    for part in ("rule", "only_if"):
        with pytest.raises(ContentInvalid) as caught:
            checked_draft(EntryKind.ITEM, item_document("a", checks=[CHECK | {part: "matches(x, 'y')"}]), "a", 1)
        assert caught.value.param == f"checks.0.{part}"
    with pytest.raises(ContentInvalid):
        checked_draft(
            EntryKind.ITEM, item_document("a", conditions=[{"text": "有", "rule": "same_name(a, 'b')"}]), "a", 1
        )


def test_a_form_is_written_out_as_it_is_read() -> None:
    entry = item("a", **OWN)
    assert isinstance(entry, ServiceItem)
    assert entry.form[0].sources == ("vaccination.breed",)
    assert entry.model_dump(mode="json", exclude_defaults=True)["form"] == [
        {**OWN["form"][0], "from": ["vaccination.breed"]}
    ]
