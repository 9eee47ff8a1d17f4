from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.database import Database
from core.errors import HubError
from knowledge_base.life import seeding
from knowledge_base.life.lifecycle import SYSTEM_IMPORT, Action
from knowledge_base.life.seeding import seed
from knowledge_base.reading import ContentInvalid
from knowledge_base.store import LibraryStore
from knowledge_base.terms import TextState
from tests.knowledge_base.small_library import ANNA

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def store(database: Database) -> LibraryStore:
    return LibraryStore(database)


def another(content: Path, item_id: str, name: str) -> Path:
    text = (content / "items" / "dog-licence.yaml").read_text(encoding="utf-8")
    path = content / "items" / f"{item_id}.yaml"
    path.write_text(text.replace("dog-licence", item_id).replace("养犬登记", name), encoding="utf-8")
    return path


async def test_an_empty_library_takes_the_folder(store: LibraryStore, content: Path) -> None:
    seeded = seed(store, content)
    assert seeded.report is not None
    assert seeded.report.created == ("dog-licence",)
    library = store.read_library()
    assert (library.generation, library.item("dog-licence").version) == ("1", 3)
    assert (await store.history("dog-licence"))[0].by == SYSTEM_IMPORT
    assert (await store.section("dog-licence/overview@3")).current


async def test_the_same_folder_is_not_read_again(
    store: LibraryStore, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(store, content)

    def fail(_: Path) -> Any:
        raise AssertionError("read although nothing changed")

    monkeypatch.setattr(seeding, "read_folder", fail)
    assert seed(store, content).report is None
    assert await store.generation() == "1"


async def test_what_nobody_edited_follows_and_what_a_person_edited_stays(
    store: LibraryStore, content: Path, change: Any
) -> None:
    another(content, "cat-licence", "养猫登记")
    gone = another(content, "fish-licence", "养鱼登记")
    seed(store, content)
    await store.begin_draft("cat-licence", ANNA)
    for path in (content / "items").glob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("办理登记", "办理新登记"), encoding="utf-8")
    gone.unlink()
    seeded = seed(store, content)
    assert seeded.report is not None
    assert (seeded.report.changed, seeded.report.withdrawn, seeded.kept) == (
        ("dog-licence",), ("fish-licence",), ("cat-licence",),
    )  # fmt: skip
    library = store.read_library()
    assert library.item("dog-licence").version == 4
    assert library.item("cat-licence").version == 3
    assert "fish-licence" not in library.items
    assert (await store.entry("fish-licence")).versions[0].state is TextState.WITHDRAWN
    assert seed(store, content).report is None


async def test_what_a_person_withdrew_is_not_brought_back(store: LibraryStore, content: Path, change: Any) -> None:
    another(content, "cat-licence", "养猫登记")
    seed(store, content)
    await store.commit(await store.plan_withdrawal(["cat-licence"]), ANNA, Action.WITHDRAW)
    change("办理登记", "办理新登记")
    assert seed(store, content).kept == ("cat-licence",)
    assert list(store.read_library().items) == ["dog-licence"]


async def test_a_broken_folder_changes_nothing(store: LibraryStore, content: Path, change: Any, tmp_path: Path) -> None:
    seed(store, content)
    change("level: 县（区）", "level: 村")
    with pytest.raises(ContentInvalid):
        seed(store, content)
    assert await store.generation() == "1"
    with pytest.raises(HubError):
        seed(store, tmp_path / "nowhere")


async def test_new_rendering_keeps_both_texts(
    store: LibraryStore, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(store, content)
    old = (await store.section("dog-licence/overview@3")).text
    render = seeding.sections.RENDERINGS
    monkeypatch.setattr(seeding, "rendering_hash", lambda: "another")
    kind = next(kind for kind in render if kind.value == "item")
    element = next(element for element in render[kind] if element.value == "overview")
    monkeypatch.setitem(render[kind], element, lambda item: "换了写法")
    seed(store, content)
    assert (await store.section("dog-licence/overview@3")).text == "换了写法"
    assert (await store.section("dog-licence/overview@3", generation=1)).text == old
    assert await store.generation() == "2"
    seed(store, content)
    assert await store.generation() == "2"


async def test_two_processes_may_start_together(database_url: str, content: Path) -> None:
    database = Database(database_url)
    database.upgrade()
    program = (
        "import sys; from pathlib import Path; from core.database import Database;"
        "from knowledge_base.life.seeding import seed; from knowledge_base.store import LibraryStore;"
        "report = seed(LibraryStore(Database(sys.argv[1])), Path(sys.argv[2])).report;"
        "print('seeded', len(report.created) if report else 0)"
    )
    command = [sys.executable, "-c", program, database_url, str(content)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - two at once
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60)[0].strip().splitlines()[-1] for process in processes]
    assert sorted(told) == ["seeded 0", "seeded 1"]
    store = LibraryStore(database)
    assert await store.generation() == "1"
    assert len(await store.history("dog-licence")) == 1
    database.close()
