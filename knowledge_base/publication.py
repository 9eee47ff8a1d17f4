"""Publishing: database, index and every open reader move together, or nothing moves.

A publication is worked out from what is in force, the search makes the new index beside the old one, one database
transaction checks that nothing has moved meanwhile and writes everything, and the search switches with one assignment.
Killed before the commit, nothing has happened; killed after it, the next start (and every other process, within half a
second) reads the new generation from the database and makes the index for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

import structlog

from core.errors import HubError
from knowledge_base.library import Library
from knowledge_base.life.drafts import draft_changed
from knowledge_base.life.in_force import ATTEMPTS, Change, LibraryMoved
from knowledge_base.life.lifecycle import SYSTEM_DATES, Action, Actor, is_in_use, moved
from knowledge_base.life.planning import ImportReport
from knowledge_base.schema import Entry
from knowledge_base.store import LibraryStore
from knowledge_base.terms import TextState

T = TypeVar("T")
POLL_SECONDS = 0.5
DATES_SECONDS = 60.0
LONGEST_PAUSE = 30.0

_logger = structlog.get_logger("publication")


class LibrarySearch(Protocol):
    """What publishing needs of a search (`knowledge_base.search.SectionSearch`)."""

    @property
    def library(self) -> Library:
        """What is searched right now."""

    async def stage(self, library: Library) -> Any:
        """Make the index of `library` beside the current one; nothing visible changes. May raise."""

    def switch(self, staged: Any) -> None:
        """Search `staged` from now on. Can't fail."""


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a publication. `state` is approved if the text waits for its effective date."""

    entry_id: str
    number: int
    state: TextState
    generation: str
    effective_date: date | None = None


class Publisher:
    """Moves the library in force. One per process and search; publications in one process wait for each other."""

    def __init__(self, store: LibraryStore, search: LibrarySearch) -> None:
        self.store = store
        self.search = search
        self._moving = asyncio.Lock()
        self._warming: set[asyncio.Task[None]] = set()

    def warm(self, entry_id: str, number: int) -> None:
        """Embed an approved version's text in the background, so that its publication waits for nothing. Never raises."""
        task = asyncio.create_task(self._warm(entry_id, number))
        self._warming.add(task)
        task.add_done_callback(self._warming.discard)

    async def _warm(self, entry_id: str, number: int) -> None:
        try:
            # The staged index is dropped: by the time of the publication others may have moved the library.
            await self.search.stage((await self.store.plan_publication([(entry_id, number)])).library)
        except HubError as error:
            _logger.info("text_not_warmed", entry=entry_id, error=error.code)

    async def publish(
        self, entry_id: str, number: int, by: Actor, *, revision: int | None = None, note: str | None = None
    ) -> Published:
        """Put an approved version in force, or have it wait for its effective date if that is still to come.

        `revision`: the one that was read. Raises:
            Conflict: `draft_changed`, if the text has been saved over since.
            what `plan_publication` raises; what the search's `stage` raises; LibraryMoved if others publish without end.
        """
        version = await self.store.version(entry_id, number)
        if revision is not None and revision != version.revision:
            raise draft_changed(version.updated_by.name, version.updated_at, version.number, version.revision)
        if not is_in_use(version.effective_date, None, self.store.today()):
            moved(Action.PUBLISH, version.state)
            await self.store.advance(entry_id, Action.SCHEDULE, by, revision=version.revision, note=note)
            waits = TextState.APPROVED
            return Published(entry_id, number, waits, self.search.library.generation, version.effective_date)

        async def plan() -> tuple[Change, None]:
            return await self.store.plan_publication([(entry_id, number)]), None

        generation, _ = await self._whole(plan, by, Action.PUBLISH, note)
        return Published(entry_id, number, TextState.PUBLISHED, generation, version.effective_date)

    async def put(self, entries: Sequence[Entry], by: Actor, *, note: str | None = None) -> ImportReport:
        """Import and publish many entries, all or nothing. Raises what `plan_import` and `stage` raise."""

        async def plan() -> tuple[Change, ImportReport]:
            return await self.store.plan_import(entries)

        return (await self._whole(plan, by, Action.IMPORT, note))[1]

    async def withdraw(self, entry_id: str, by: Actor, *, note: str | None = None, force: bool = False) -> str:
        """Take an entry out of force; the new generation. Raises what `plan_withdrawal` raises."""

        async def plan() -> tuple[Change, None]:
            return await self.store.plan_withdrawal([entry_id], force=force), None

        return (await self._whole(plan, by, Action.WITHDRAW, note))[0]

    async def _whole(
        self, plan: Callable[[], Awaitable[tuple[Change, T]]], by: Actor, action: Action, note: str | None
    ) -> tuple[str, T]:
        # A caller who goes away must not leave the database moved and this process's index not.
        return await asyncio.shield(asyncio.ensure_future(self._move(plan, by, action, note)))

    async def _move(
        self, plan: Callable[[], Awaitable[tuple[Change, T]]], by: Actor, action: Action, note: str | None
    ) -> tuple[str, T]:
        async with self._moving:
            for _ in range(ATTEMPTS):
                change, told = await plan()
                if not change.coming and not change.leaving:
                    return self.search.library.generation, told
                staged = await self.search.stage(change.library) if change.moves else None
                try:
                    generation = await self.store.commit(change, by, action, note)
                except LibraryMoved:
                    continue  # another process was faster: work it out anew from what it left
                if change.moves:
                    self.search.switch(staged)
                return str(generation), told
            raise LibraryMoved()

    async def catch_up(self) -> bool:
        """Move this process's index to what the database has in force; whether there was anything to do."""
        if await self.store.generation() == self.search.library.generation:
            return False
        async with self._moving:
            library = await self.store.library()
            if library.generation == self.search.library.generation:
                return False
            self.search.switch(await self.search.stage(library))
        _logger.info("library_followed", generation=library.generation)
        return True

    async def carry_out_dates(self) -> int:
        """Put in force what was approved for today or earlier, withdraw what is cancelled by today; how many moved.

        A text that can't be put in force (an item that it names was withdrawn) is left waiting, logged, and tried again.
        """
        coming, leaving = await self.store.due()
        done = 0
        for entry_id, number in coming:

            async def plan(wanted: tuple[str, int] = (entry_id, number)) -> tuple[Change, None]:
                return await self.store.plan_publication([wanted]), None

            done += await self._dated(entry_id, self._whole(plan, SYSTEM_DATES, Action.PUBLISH, "生效日期已到"))
        for entry_id in leaving:
            gone = self.withdraw(entry_id, SYSTEM_DATES, note="取消日期已到", force=True)
            done += await self._dated(entry_id, gone)
        return done

    async def _dated(self, entry_id: str, move: Awaitable[object]) -> int:
        try:
            await move
        except HubError as error:
            _logger.error("date_not_carried_out", entry=entry_id, error=error.code)
            return 0
        _logger.info("date_carried_out", entry=entry_id)
        return 1

    async def follow(self) -> None:
        """Keep up with other processes and with the calendar until cancelled. What fails is logged and tried again."""
        loop = asyncio.get_running_loop()
        pause, dates_at, day = POLL_SECONDS, loop.time(), None
        while True:
            try:
                await self.catch_up()
                today = self.store.today()
                if today != day or loop.time() >= dates_at:
                    await self.carry_out_dates()
                    day, dates_at = today, loop.time() + DATES_SECONDS
                pause = POLL_SECONDS
            except HubError as error:
                pause = min(pause * 2, LONGEST_PAUSE)
                _logger.warning("library_not_followed", error=error.code, again_in=pause)
            except Exception as error:
                # Whatever it is, a hub that stops following would go on answering from old texts.
                pause = min(pause * 2, LONGEST_PAUSE)
                _logger.error("library_not_followed", error=type(error).__name__, again_in=pause)
            await asyncio.sleep(pause)
