from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from core.database import Database
from core.errors import Conflict, Invalid, NotFound, TooLarge
from knowledge_base.life.lifecycle import Action
from knowledge_base.life.listing import EntryFilter
from knowledge_base.reading import ContentInvalid
from knowledge_base.store import LibraryStore
from knowledge_base.terms import EntryKind, TextState
from tests.knowledge_base.small_library import ANNA, BO, CHEN, faq, item, item_document

TODAY = date(2026, 5, 1)


@pytest.fixture
def store(database: Database) -> LibraryStore:
    return LibraryStore(database, today=lambda: TODAY)


async def code_of(awaitable: Any) -> str:
    with pytest.raises((Conflict, Invalid, NotFound, TooLarge)) as caught:
        await awaitable
    return caught.value.code


async def test_import_is_one_step_and_unchanged_text_makes_no_version(store: LibraryStore) -> None:
    report = await store.put([item("a"), item("b", version=7), faq("f", "a")], ANNA)
    assert (report.created, report.changed, report.unchanged) == (("a", "b", "f"), (), ())
    library = await store.library()
    assert library.generation == "1"
    assert {entry.id: entry.version for entry in library.entries.values()} == {"a": 1, "b": 7, "f": 1}

    report = await store.put([item("a"), item("b", summary="改过的概述")], BO)
    assert (report.created, report.changed, report.unchanged) == ((), ("b",), ("a",))
    library = await store.library()
    assert library.entries["b"].version == 8
    assert [one.state for one in (await store.entry("b")).versions] == [TextState.PUBLISHED, TextState.SUPERSEDED]

    await store.put([item("a"), item("b", summary="改过的概述")], BO)
    assert await store.generation() == "2"


async def test_an_import_with_one_bad_entry_changes_nothing(store: LibraryStore) -> None:
    await store.put([item("a")], ANNA)
    assert await code_of(store.put([item("b"), faq("f", "nowhere")], ANNA)) == "item_not_in_force"
    assert await code_of(store.put([item("b"), item("b")], ANNA)) == "entry_repeated"
    assert await code_of(store.put([item("b"), item("c", name="事项a")], ANNA)) == "name_taken"
    assert await code_of(store.put([item("b"), faq("a", "b")], ANNA)) == "entry_kind_differs"
    assert list((await store.library()).entries) == ["a"]
    assert await store.generation() == "1"


async def test_the_life_of_a_draft(store: LibraryStore) -> None:
    draft = await store.create_draft(EntryKind.ITEM, item_document("a"), ANNA)
    assert (draft.number, draft.state, draft.revision, draft.faults) == (1, TextState.DRAFT, 1, ())
    draft = await store.save_draft("a", item_document("a", summary="第二稿"), 1, BO)
    assert (draft.revision, draft.author, draft.updated_by) == (2, ANNA, BO)
    assert await code_of(store.advance("a", Action.APPROVE, CHEN)) == "state_not_allowed"
    assert (await store.advance("a", Action.SUBMIT, ANNA, note="请看")).state is TextState.REVIEW
    assert await code_of(store.save_draft("a", item_document("a"), 2, ANNA)) == "state_not_allowed"
    assert await code_of(store.delete_draft("a", ANNA)) == "state_not_allowed"
    # Neither the author nor anyone who changed a word of it.
    assert await code_of(store.advance("a", Action.APPROVE, ANNA)) == "four_eyes"
    assert await code_of(store.advance("a", Action.APPROVE, BO)) == "four_eyes"
    assert await code_of(store.advance("a", Action.REJECT, CHEN)) == "reason_missing"
    assert (await store.advance("a", Action.REJECT, CHEN, note="概述太短")).state is TextState.DRAFT
    await store.advance("a", Action.SUBMIT, BO)
    assert (await store.advance("a", Action.RECALL, BO)).state is TextState.DRAFT
    await store.advance("a", Action.SUBMIT, BO)
    approved = await store.advance("a", Action.APPROVE, CHEN)
    assert (approved.state, approved.approved_by) == (TextState.APPROVED, CHEN)
    assert (await store.library()).entries == {}

    change = await store.plan_publication([("a", 1)])
    await store.commit(change, CHEN, Action.PUBLISH)
    assert (await store.library()).entries["a"].version == 1
    actions = [(one.action, one.by.id) for one in reversed(await store.history("a"))]
    assert [action for action, _ in actions] == [
        Action.CREATE, Action.SAVE, Action.SUBMIT, Action.REJECT, Action.SUBMIT, Action.RECALL, Action.SUBMIT,
        Action.APPROVE, Action.PUBLISH,
    ]  # fmt: skip
    assert [one.note for one in await store.history("a") if one.action is Action.REJECT] == ["概述太短"]


async def test_a_draft_may_be_incomplete_but_is_not_submitted_so(store: LibraryStore) -> None:
    document = item_document("a")
    del document["authority"]
    document["materials"][0]["copies"] = 99
    draft = await store.create_draft(EntryKind.ITEM, document, ANNA)
    assert {fault["field"] for fault in draft.faults} == {"authority", "materials.0.copies"}
    assert (await store.version("a", 1)).document == document
    with pytest.raises(ContentInvalid) as caught:
        await store.advance("a", Action.SUBMIT, ANNA)
    assert {fault.field for fault in caught.value.faults} == {"authority", "materials.0.copies"}
    assert (await store.version("a", 1)).state is TextState.DRAFT


async def test_a_rule_that_does_not_compile_is_refused_at_save_with_its_place(store: LibraryStore) -> None:
    await store.create_draft(EntryKind.ITEM, item_document("a"), ANNA)
    document = item_document("a")
    document["materials"][0] |= {"when": "委托办理", "rule": "agent &&"}
    del document["name"]  # incomplete as well: that alone would be no reason to refuse
    with pytest.raises(ContentInvalid) as caught:
        await store.save_draft("a", document, 1, ANNA)
    assert [fault.field for fault in caught.value.faults] == ["materials.0.rule"]
    assert "规则写法不对" in caught.value.message
    assert (await store.version("a", 1)).revision == 1


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (item_document("a", summary="长" * 400_000), "draft_too_large"),
        (item_document("a", summary="a\0b"), "draft_not_plain"),
        (item_document("a", summary="\ud800"), "draft_not_plain"),
        (item_document("a", summary={1, 2}), "draft_not_plain"),
        (item_document("b"), "content_invalid"),
    ],
)
async def test_what_can_not_be_kept_is_refused(store: LibraryStore, document: dict[str, Any], code: str) -> None:
    await store.create_draft(EntryKind.ITEM, item_document("a"), ANNA)
    assert await code_of(store.save_draft("a", document, 1, ANNA)) == code
    assert (await store.version("a", 1)).revision == 1


async def test_a_draft_nested_without_end_is_refused(store: LibraryStore) -> None:
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    assert await code_of(store.create_draft(EntryKind.ITEM, item_document("a", aliases=deep), ANNA)) == "draft_too_deep"


async def test_the_second_of_two_editors_is_told_and_nothing_is_lost(store: LibraryStore) -> None:
    await store.create_draft(EntryKind.ITEM, item_document("a"), ANNA)
    both = await asyncio.gather(
        store.save_draft("a", item_document("a", summary="安娜写的"), 1, ANNA),
        store.save_draft("a", item_document("a", summary="博文写的"), 1, BO),
        return_exceptions=True,
    )
    (refused,) = [one for one in both if isinstance(one, Conflict)]
    (first,) = [one for one in both if not isinstance(one, BaseException)]
    assert refused.code == "draft_changed"
    assert refused.detail["revision"] == 2
    assert refused.detail["updated_by"] == first.updated_by.name
    assert (await store.version("a", 1)).document == first.document
    # With the newer revision the second one can go on.
    theirs = item_document("a", summary="两人的")
    assert (await store.save_draft("a", theirs, refused.detail["revision"], BO)).document == theirs
    assert await code_of(store.delete_draft("a", ANNA, revision=2)) == "draft_changed"


async def test_an_entry_has_one_open_draft(store: LibraryStore) -> None:
    await store.put([item("a")], ANNA)
    both = await asyncio.gather(store.begin_draft("a", ANNA), store.begin_draft("a", BO), return_exceptions=True)
    (refused,) = [one for one in both if isinstance(one, Conflict)]
    assert (refused.code, refused.detail["number"]) == ("draft_exists", 2)
    new = [store.create_draft(EntryKind.ITEM, item_document("n"), one) for one in (ANNA, BO)]
    (refused,) = [one for one in await asyncio.gather(*new, return_exceptions=True) if isinstance(one, Conflict)]
    assert refused.code == "entry_exists"


async def test_a_deleted_drafts_number_is_not_given_again(store: LibraryStore) -> None:
    await store.put([item("a")], ANNA)
    assert (await store.begin_draft("a", BO)).number == 2
    await store.delete_draft("a", BO)
    assert await code_of(store.delete_draft("a", BO)) == "draft_not_found"
    assert (await store.begin_draft("a", BO)).number == 3
    await store.create_draft(EntryKind.ITEM, item_document("n"), ANNA)
    await store.delete_draft("n", ANNA)
    assert await code_of(store.entry("n")) == "entry_not_found"
    assert (await store.create_draft(EntryKind.FAQ, {"id": "n"}, ANNA)).number == 2
    assert [one.action for one in await store.history("n")] == [Action.CREATE, Action.DELETE, Action.CREATE]


async def test_restore_makes_a_draft_of_an_old_version(store: LibraryStore) -> None:
    await store.put([item("a", summary="第一版")], ANNA)
    await store.put([item("a", summary="第二版")], ANNA)
    draft = await store.begin_draft("a", BO, restore=1)
    assert (draft.number, draft.based_on, draft.note) == (3, 2, "由第 1 版恢复")
    assert draft.document["summary"] == "第一版"
    await store.delete_draft("a", BO)
    assert await code_of(store.begin_draft("a", BO, restore=9)) == "version_not_found"
    assert await code_of(store.begin_draft("nowhere", BO)) == "entry_not_found"


async def test_a_draft_of_a_text_that_was_replaced_meanwhile(store: LibraryStore) -> None:
    await store.put([item("a")], ANNA)
    await store.begin_draft("a", BO)
    await store.put([item("a", summary="导入的新版")], CHEN)
    with pytest.raises(Conflict) as caught:
        await store.advance("a", Action.SUBMIT, BO)
    assert (caught.value.code, caught.value.detail) == ("draft_outdated", {"based_on": 1, "current": 3})
    assert await code_of(store.save_draft("a", item_document("a"), 1, BO, based_on=2)) == "draft_outdated"
    saved = await store.save_draft("a", item_document("a", summary="合并后的"), 1, BO, based_on=3)
    assert (saved.number, saved.based_on) == (4, 3)
    assert (await store.advance("a", Action.SUBMIT, BO)).state is TextState.REVIEW


async def test_the_checkers_errors_keep_a_text_from_review(store: LibraryStore) -> None:
    await store.create_draft(EntryKind.ITEM, item_document("a"), ANNA)

    def check(entry: Any) -> list[dict[str, str]]:
        return [{"field": "summary", "reason": "太短"}] if len(entry.summary) < 12 else []

    with pytest.raises(Invalid) as caught:
        await store.advance("a", Action.SUBMIT, ANNA, check=check)
    assert caught.value.code == "findings_open"
    assert caught.value.detail["findings"] == [{"field": "summary", "reason": "太短"}]
    await store.save_draft("a", item_document("a", summary="饲养犬只应当办理养犬登记手续"), 1, ANNA)
    assert (await store.advance("a", Action.SUBMIT, ANNA, check=check)).state is TextState.REVIEW


async def test_who_is_named_by_others_is_not_withdrawn_unsaid(store: LibraryStore) -> None:
    await store.put([item("a"), faq("f", "a")], ANNA)
    with pytest.raises(Conflict) as caught:
        await store.plan_withdrawal(["a"])
    assert caught.value.code == "entry_in_use"
    assert [one["id"] for one in caught.value.detail["entries"]] == ["f"]
    change = await store.plan_withdrawal(["a"], force=True)
    await store.commit(change, BO, Action.WITHDRAW, "停办")
    assert list((await store.library()).entries) == ["f"]
    assert await code_of(store.plan_withdrawal(["a"])) == "state_not_allowed"
    assert await code_of(store.plan_withdrawal(["nowhere"])) == "entry_not_found"
    assert (await store.history("a"))[0].note == "停办"


async def test_sections_of_old_versions_are_kept_as_they_read(store: LibraryStore) -> None:
    await store.put([item("a", name="养犬登记"), faq("f", "a")], ANNA)
    await store.put([item("a", name="犬只登记", summary="新的概述")], ANNA)
    old = await store.section("a/overview@1")
    assert ("饲养犬只应当办理登记" in old.text, old.state, old.current) == (True, TextState.SUPERSEDED, False)
    assert (await store.section("a/overview@2")).current
    # The FAQ has no new version, yet it now speaks of an item with another name.
    assert (await store.section("f/answer@1")).item_name == "犬只登记"
    assert (await store.section("f/answer@1", generation=1)).item_name == "养犬登记"
    assert not (await store.section("f/answer@1", generation=1)).current
    assert await code_of(store.section("a/overview@9")) == "section_not_found"


async def test_list_filters_and_counts(store: LibraryStore) -> None:
    await store.put([item("a"), item("b", name="食品经营许可", department="市场监管局"), faq("f", "a")], ANNA)
    await store.begin_draft("b", BO)
    every = await store.entries()
    assert every.total == 3
    assert every.states == {TextState.PUBLISHED: 3, TextState.DRAFT: 1}
    assert every.kinds == {EntryKind.ITEM: 2, EntryKind.FAQ: 1}
    drafts = await store.entries(EntryFilter(state=TextState.DRAFT))
    assert [(one.id, one.published, one.open, one.state) for one in drafts.entries] == [("b", 1, 2, TextState.DRAFT)]
    assert [one.id for one in (await store.entries(EntryFilter(text="食品"))).entries] == ["b"]
    assert [one.id for one in (await store.entries(EntryFilter(department="市场监管局"))).entries] == ["b"]
    assert [one.id for one in (await store.entries(EntryFilter(kind=EntryKind.FAQ))).entries] == ["f"]
    page = await store.entries(page=2, page_size=2)
    assert (page.total, len(page.entries)) == (3, 1)
    assert await store.departments() == {"公安分局": 2, "市场监管局": 1}
    assert (await store.entries(EntryFilter(effective_on=date(2020, 1, 1)))).total == 0
    figures = await store.statistics()
    assert figures.published == {EntryKind.ITEM: 2, EntryKind.FAQ: 1}
    assert figures.states == {TextState.PUBLISHED: 3, TextState.DRAFT: 1}


async def test_drafts_from_an_import_are_all_or_nothing(store: LibraryStore) -> None:
    await store.put([item("a"), item("b")], ANNA)
    await store.begin_draft("b", BO)
    changed = [item("a", summary="改一"), item("b", summary="改二"), item("c")]
    assert await code_of(store.put(changed, ANNA, publish=False)) == "draft_exists"
    assert (await store.entry("a")).open is None
    await store.delete_draft("b", BO)
    report = await store.put(changed, ANNA, publish=False)
    assert (report.created, report.changed) == (("c",), ("a", "b"))
    assert (await store.put(changed, ANNA, publish=False)).unchanged == ("a", "b", "c")
    assert await store.generation() == "1"


@pytest.mark.parametrize(
    ("document", "entry_id"),
    [
        ({"name": "食品经营许可证(新办)"}, "shi-pin-jing-ying-xu-ke-zheng-xin-ban"),
        ({"name": "A 级 MOT 测试"}, "a-ji-mot-ce-shi"),
        ({"id": "given"}, "given"),
    ],
)
async def test_a_new_entry_gets_an_id_from_its_name(
    store: LibraryStore, document: dict[str, Any], entry_id: str
) -> None:
    assert (await store.create_draft(EntryKind.ITEM, document, ANNA)).entry_id == entry_id
    if "name" in document:
        assert (await store.create_draft(EntryKind.ITEM, document, ANNA)).entry_id == f"{entry_id}-2"


@pytest.mark.parametrize("document", [{}, {"name": "！？"}, {"id": "Not An Id", "name": "名"}, {"id": 3}])
async def test_an_entry_needs_an_id_or_a_name(store: LibraryStore, document: dict[str, Any]) -> None:
    assert await code_of(store.create_draft(EntryKind.ITEM, document, ANNA)) == "content_invalid"
