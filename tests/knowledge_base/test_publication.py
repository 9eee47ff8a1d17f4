"""Database, index and readers move together or not at all: two publishers, failures, dates, and real kills."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.database import Database
from core.errors import Conflict, HubError, Unavailable
from knowledge_base.library import Library
from knowledge_base.life.lifecycle import SYSTEM_DATES, Action
from knowledge_base.publication import Publisher
from knowledge_base.reading import ContentInvalid, Fault
from knowledge_base.search import SectionSearch
from knowledge_base.store import LibraryStore
from knowledge_base.terms import EntryKind, TextState
from models.handle import Handle
from tests.knowledge_base.small_library import ANNA, BO, CHEN, PairSearch, faq, item, item_document, life_event

ROOT = Path(__file__).resolve().parents[2]


class Calendar:
    def __init__(self) -> None:
        self.day = date(2026, 5, 1)

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
async def store(database: Database, calendar: Calendar) -> LibraryStore:
    store = LibraryStore(database, today=calendar)
    await store.put([item("a"), item("b"), faq("f", "a")], ANNA)
    return store


@pytest.fixture
async def search(store: LibraryStore) -> PairSearch:
    return PairSearch(await store.library())


@pytest.fixture
def publisher(store: LibraryStore, search: PairSearch) -> Publisher:
    return Publisher(store, search)


async def approved(store: LibraryStore, entry_id: str, **more: Any) -> int:
    """An approved new version of an item; its number."""
    if entry_id in (await store.library()).entries:
        draft = await store.begin_draft(entry_id, ANNA)
        await store.save_draft(entry_id, {**draft.document, **more}, 1, ANNA)
    else:
        draft = await store.create_draft(EntryKind.ITEM, item_document(entry_id, **more), ANNA)
    await store.advance(entry_id, Action.SUBMIT, ANNA)
    await store.advance(entry_id, Action.APPROVE, BO)
    return draft.number


async def test_publishing_moves_database_and_search_together(
    store: LibraryStore, search: PairSearch, publisher: Publisher
) -> None:
    before = search.library
    number = await approved(store, "a", summary="大型犬要登记")
    assert search.find("大型犬") == []
    published = await publisher.publish("a", number, CHEN)
    assert (published.state, published.generation) == (TextState.PUBLISHED, "2")
    assert search.find("大型犬") == ["a/overview@2"]
    assert search.library.generation == await store.generation() == (await store.library()).generation
    assert before.entries["a"].version == 1  # who began with the old library ends with it
    with pytest.raises(Conflict) as caught:
        await publisher.publish("a", number, CHEN)
    assert caught.value.code == "state_not_allowed"
    assert "已发布" in caught.value.message


@pytest.mark.parametrize("broken", ["stage", "commit"])
async def test_nothing_moves_when_a_step_fails(
    store: LibraryStore, search: PairSearch, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    number = await approved(store, "a", summary="大型犬要登记")
    failure = Unavailable("向量模型暂时不可用。", code="model_unavailable")
    if broken == "stage":
        search.failing = failure
    else:

        async def fail(*_: Any) -> int:
            raise failure

        monkeypatch.setattr(store, "commit", fail)
    library = search.library
    with pytest.raises(HubError) as caught:
        await publisher.publish("a", number, CHEN)
    assert caught.value.code == "model_unavailable"
    assert search.library is library
    assert (await store.generation(), (await store.version("a", number)).state) == ("1", TextState.APPROVED)
    search.failing = None
    monkeypatch.undo()
    await publisher.publish("a", number, CHEN)
    assert search.find("大型犬") == ["a/overview@2"]


async def test_two_publishers_at_once_lose_nothing(database: Database, store: LibraryStore, calendar: Calendar) -> None:
    other_store = LibraryStore(database, today=calendar)
    one, other = (
        Publisher(store, PairSearch(await store.library())),
        Publisher(other_store, PairSearch(await store.library())),
    )
    numbers = {entry: await approved(store, entry, summary=f"新{entry}") for entry in ("a", "b", "c", "d")}
    who = {"a": one, "b": other, "c": one, "d": other}
    await asyncio.gather(*(who[entry].publish(entry, number, CHEN) for entry, number in numbers.items()))
    assert await store.generation() == "5"
    await one.catch_up()
    await other.catch_up()
    for publisher in (one, other):
        assert publisher.search.library.generation == "5"
        assert [publisher.search.library.item(entry).summary for entry in numbers] == ["新a", "新b", "新c", "新d"]


async def test_the_same_version_is_published_once(database: Database, store: LibraryStore, calendar: Calendar) -> None:
    publishers = [
        Publisher(LibraryStore(database, today=calendar), PairSearch(await store.library())) for _ in range(3)
    ]
    number = await approved(store, "a", summary="大型犬要登记")
    results = await asyncio.gather(*(one.publish("a", number, CHEN) for one in publishers), return_exceptions=True)
    refused = [one for one in results if isinstance(one, Conflict)]
    assert [one.code for one in refused] == ["state_not_allowed"] * 2
    assert await store.generation() == "2"
    assert [event.action for event in await store.history("a")].count(Action.PUBLISH) == 1


async def test_a_text_waits_for_its_day_and_goes_on_its_day(
    store: LibraryStore, search: PairSearch, publisher: Publisher, calendar: Calendar
) -> None:
    number = await approved(store, "a", summary="大型犬要登记", effective_date="2026-05-03", cancel_date="2026-06-01")
    published = await publisher.publish("a", number, CHEN)
    assert (published.state, published.effective_date) == (TextState.APPROVED, date(2026, 5, 3))
    calendar.day = date(2026, 5, 2)
    assert await publisher.carry_out_dates() == 0
    assert search.library.item("a").version == 1
    calendar.day = date(2026, 5, 3)
    assert await publisher.carry_out_dates() == 1
    assert search.library.item("a").version == 2
    assert (await store.history("a"))[0].by == SYSTEM_DATES
    calendar.day = date(2026, 6, 1)
    assert await publisher.carry_out_dates() == 1
    assert "a" not in search.library.items
    assert (await store.version("a", 2)).state is TextState.WITHDRAWN
    assert await publisher.carry_out_dates() == 0


async def test_an_approved_text_with_a_future_day_needs_no_second_click(
    store: LibraryStore, search: PairSearch, publisher: Publisher, calendar: Calendar
) -> None:
    await approved(store, "a", effective_date="2030-01-01")
    await approved(store, "b")  # no date: waits for somebody
    calendar.day = date(2030, 1, 1)
    assert await publisher.carry_out_dates() == 1
    assert (search.library.item("a").version, search.library.item("b").version) == (2, 1)


async def test_an_import_may_wait_for_its_day_too(
    store: LibraryStore, publisher: Publisher, calendar: Calendar
) -> None:
    report = await publisher.put([item("a", effective_date="2026-05-02"), item("n")], BO)
    assert (report.waiting, report.created, report.changed) == (("a",), ("n",), ("a",))
    assert (await publisher.put([item("a", effective_date="2026-05-02")], BO)).unchanged == ("a",)
    calendar.day = date(2026, 5, 2)
    assert await publisher.carry_out_dates() == 1
    assert publisher.search.library.item("a").version == 2


async def test_one_that_can_not_go_does_not_hold_up_the_others(
    store: LibraryStore, search: PairSearch, publisher: Publisher, calendar: Calendar
) -> None:
    await publisher.put([faq("f", "a", answer="明天起的解答", effective_date="2026-05-02")], BO)
    await approved(store, "b", effective_date="2026-05-02")
    await publisher.withdraw("a", BO, force=True)
    calendar.day = date(2026, 5, 2)
    assert await publisher.carry_out_dates() == 1
    assert search.library.item("b").version == 2
    assert (await store.version("f", 2)).state is TextState.APPROVED


async def test_following_another_process(store: LibraryStore, database: Database, calendar: Calendar) -> None:
    here = Publisher(store, PairSearch(await store.library()))
    other = LibraryStore(database, today=calendar)
    there = Publisher(other, PairSearch(await other.library()))
    following = asyncio.create_task(here.follow())
    try:
        number = await approved(other, "a", summary="大型犬要登记")
        await there.publish("a", number, CHEN)
        search = here.search
        assert isinstance(search, PairSearch)
        await until(lambda: search.find("大型犬") == ["a/overview@2"])
        # What fails is tried again.
        search.failing = Unavailable("x", code="index_unavailable")
        await there.withdraw("b", CHEN)
        staged = search.staged
        await until(lambda: search.staged > staged)
        assert "b" in search.library.items
        search.failing = None
        await until(lambda: "b" not in search.library.items)
        assert not following.done()
    finally:
        following.cancel()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - what is waited for knows no events
            await asyncio.sleep(0.02)


async def test_a_caller_who_goes_away_does_not_leave_the_index_behind(
    store: LibraryStore, search: PairSearch, publisher: Publisher
) -> None:
    number = await approved(store, "a", summary="大型犬要登记")
    task = asyncio.create_task(publisher.publish("a", number, CHEN))
    await until(lambda: search.staged == 1)
    task.cancel()
    await until(lambda: search.find("大型犬") == ["a/overview@2"])
    assert await store.generation() == search.library.generation == "2"


async def test_an_import_that_changes_nothing_stages_nothing(
    store: LibraryStore, search: PairSearch, publisher: Publisher
) -> None:
    assert (await publisher.put([item("a")], BO)).unchanged == ("a",)
    assert (search.staged, await store.generation()) == (0, "1")


async def test_with_the_real_search(store: LibraryStore, embedder: Handle, tmp_path: Path) -> None:
    search = SectionSearch(await store.library(), embedder, cache=tmp_path)
    await search.build()
    publisher = Publisher(store, search)
    number = await approved(store, "c", name="烟花爆竹经营许可", summary="经营烟花爆竹应当取得许可")
    await publisher.publish("c", number, CHEN)
    (hit,) = await search.items("烟花爆竹经营许可怎么办", k=1)
    assert hit.item.id == "c"
    await publisher.withdraw("c", CHEN, note="停办")
    (hit,) = await search.items("烟花爆竹经营许可怎么办", k=1)
    assert hit.item.id != "c"


# Killed between any two steps. The driver forks one child per step, which kills itself there with SIGKILL.

DRIVER = """
import asyncio, json, os, shutil, signal, sys
from pathlib import Path
from sqlalchemy import event
from core.database import Database
from knowledge_base.publication import Publisher
from knowledge_base.store import LibraryStore
from tests.knowledge_base.small_library import CHEN, PairSearch

folder = Path(sys.argv[1])

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def child(step):
    database = Database(f"sqlite:///{folder}/{step}.sqlite3")
    store = LibraryStore(database)
    statements = 0

    class Search(PairSearch):
        async def stage(self, library):
            if step == "before_stage":
                die()
            staged = await super().stage(library)
            if step == "after_stage":
                die()
            watch()
            return staged

        def switch(self, staged):
            if step == "before_switch":
                die()
            super().switch(staged)
            if step == "after_switch":
                die()

    def watch():
        @event.listens_for(database.engine, "before_cursor_execute")
        def count(*_):
            nonlocal statements
            statements += 1
            if step == f"statement_{statements}":
                die()

        @event.listens_for(database.engine, "commit")
        def committing(_):
            if step == "before_commit":
                die()

    async def publish():
        publisher = Publisher(store, Search(await store.library()))
        await publisher.publish("a", 2, CHEN)

    asyncio.run(publish())
    return statements

def run(step):
    shutil.copy(folder / "start.sqlite3", folder / f"{step}.sqlite3")
    process = os.fork()
    if process == 0:
        count = child(step)
        Path(folder / f"{step}.count").write_text(str(count))
        os._exit(0)
    status = os.waitpid(process, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

told = {"never": run("never")}
count = int((folder / "never.count").read_text())
for step in ["before_stage", "after_stage", *(f"statement_{n}" for n in range(1, count + 1)),
             "before_commit", "before_switch", "after_switch"]:
    told[step] = run(step)
print(json.dumps(told))
"""


async def test_killed_between_any_two_steps(tmp_path: Path) -> None:
    start = Database(f"sqlite:///{tmp_path}/start.sqlite3")
    start.upgrade()
    store = LibraryStore(start)
    await store.put([item("a"), item("b"), faq("f", "a")], ANNA)
    await approved(store, "a", summary="大型犬要登记", name="大型犬登记")
    start.close()  # the last connection writes the journal into the file
    driver = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", DRIVER, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert driver.returncode == 0, driver.stderr
    told = json.loads(driver.stdout)
    assert told.pop("never") == 0
    assert len(told) > 12
    assert set(told.values()) == {9}, "every other child was killed where it should be"
    moved = {}
    for step in told:
        database = Database(f"sqlite:///{tmp_path}/{step}.sqlite3")
        database.upgrade()
        moved[step] = await _consistent(LibraryStore(database))
        database.close()
    assert [step for step, done in moved.items() if done] == ["before_switch", "after_switch"]


async def _consistent(store: LibraryStore) -> bool:
    """Start on what is there: all of the old or all of the new, and the work can go on. Whether it is the new."""
    search = PairSearch(await store.library())
    publisher = Publisher(store, search)
    done = (await store.version("a", 2)).state is TextState.PUBLISHED
    assert (await store.version("a", 2)).document["summary"] == "大型犬要登记"  # what was accepted is never lost
    assert await store.generation() == search.library.generation == ("2" if done else "1")
    assert search.library.item("a").version == (2 if done else 1)
    assert (await store.version("a", 1)).state is (TextState.SUPERSEDED if done else TextState.PUBLISHED)
    assert search.find("大型犬要") == (["a/overview@2"] if done else [])
    for section in search.library.all_sections():
        kept = await store.section(section.id)
        assert (kept.text, kept.item_name) == (section.text, section.item_name)
    assert (Action.PUBLISH in [event.action for event in await store.history("a")]) is done
    if not done:
        await publisher.publish("a", 2, CHEN)
    assert search.find("大型犬要") == ["a/overview@2"]
    assert (await store.section("f/answer@1")).item_name == "大型犬登记"
    return done


async def test_a_renamed_item_is_rendered_anew_where_it_is_named(
    store: LibraryStore, search: PairSearch, publisher: Publisher
) -> None:
    await publisher.put([life_event("e", "a", "b")], BO)
    before = search.library
    await publisher.put([item("a", name="大型犬登记")], BO)
    texts = {section.id: section for section in search.library.all_sections()}
    assert "大型犬登记" in texts["e/items@1"].text
    assert texts["f/answer@1"].item_name == "大型犬登记"
    assert texts["b/overview@1"] is before.section("b/overview@1")  # what did not change is not rendered again
    fresh = Library(search.library.entries.values(), search.library.generation)
    assert search.library.all_sections() == fresh.all_sections()


async def test_a_text_that_others_object_to_is_not_published(database: Database, calendar: Calendar) -> None:
    objected = {"c"}
    faults = [Fault(("checks", 0, "rule"), "算不出结果")]
    store = LibraryStore(database, today=calendar, extra_faults=lambda entry: faults if entry.id in objected else ())
    await store.put([item("a")], ANNA)
    search = PairSearch(await store.library())
    publisher = Publisher(store, search)
    with pytest.raises(ContentInvalid, match="算不出结果"):
        await publisher.put([item("b"), item("c")], ANNA)
    number = await approved(store, "a", summary="改过的概述")
    objected.add("a")
    with pytest.raises(ContentInvalid, match=r"checks\.0\.rule"):
        await publisher.publish("a", number, CHEN)
    assert (await store.generation(), search.library.generation) == ("1", "1")
    assert list(search.library.entries) == ["a"]
    objected.clear()
    assert (await publisher.publish("a", number, CHEN)).state is TextState.PUBLISHED
