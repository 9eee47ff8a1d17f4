"""The hub killed between any two steps: no case is lost, none is decided twice.

Every transaction of a whole life (open, hand in, submit, check, correct, supplement, check, accept, complete) is a place to die:
just before its commit, when nothing of it is there, or just after it, when all of it is there and nobody has heard. Then another
hub starts over the same data, and the people do what people do: they look, and send the request again that was not answered,
with its key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core.database import Database
from services.access import Role
from services.precheck.history import faults
from services.precheck.tables import Submission, SubmissionHistory, SubmissionPaper, SubmissionReport
from tests.services.precheck.conftest import Hub, Person, Run, Time


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


class Reaper:
    """Dies at the `number`-th commit that wrote something; `after` it, or before."""

    def __init__(self, number: int, *, after: bool) -> None:
        self.number, self.after = number, after
        self.seen = 0
        self.dead = False

    def pass_(self, *, after: bool) -> None:
        """A transaction that wrote something is about to be committed, or has been."""
        self.seen += not after
        if self.seen == self.number and after == self.after:
            self.dead = True
        self.check()

    def check(self) -> None:
        if self.dead:
            raise Killed


def reap(database: Database, reaper: Reaper) -> None:
    """Let it watch the transactions of one database."""
    opened = database.session

    @contextmanager
    def session(*, read_only: bool = False) -> Iterator[Session]:
        wrote = False

        def flushed(session: Session, _: Any) -> None:
            nonlocal wrote
            wrote = wrote or _is_writing(session)

        reaper.check()
        with opened(read_only=read_only) as session:
            event.listen(session, "after_flush", flushed)
            yield session
            session.flush()
            if wrote:
                reaper.pass_(after=False)
            reaper.check()
        if wrote:
            reaper.pass_(after=True)

    database.session = session  # type: ignore[method-assign]


def _is_writing(session: Session) -> bool:
    """Whether submissions are written; viewings and keys' last use are nobody's case."""
    return any(
        isinstance(one, Submission | SubmissionHistory | SubmissionReport | SubmissionPaper)
        for one in (*session.new, *session.dirty, *session.deleted)
    )


class Life:
    """What a citizen and a clerk want; each wish goes on from what they see, so it can be begun again anywhere."""

    def __init__(self) -> None:
        self.one: str | None = None

    async def live(self, hub: Hub, citizen: Person, anna: Person) -> Any:
        if self.one is None:
            made = await citizen("POST", "", {"item_id": "made-up-licence"}, Idempotency_Key="open")
            self.one = made["id"]
        path = f"/{self.one}"
        await citizen.hand_in(self.one, "identity", 1, Idempotency_Key="first")
        seen = await citizen("GET", path)
        if seen["state"] == "draft":
            body = {"step": "submit", "revision": seen["revision"]}
            await citizen("POST", path + "/steps", body)
        seen = await hub.settled(self.one, citizen)
        if seen["state"] == "received" and len(seen["documents"]) == 1:
            claimed = await anna("POST", path + "/claim")
            await anna("POST", path + "/steps", {"step": "correct", "revision": claimed["revision"]})
        if (await citizen("GET", path))["state"] == "correction":
            await citizen.hand_in(self.one, "lease", 2, Idempotency_Key="second")
            seen = await citizen("GET", path)
            await citizen("POST", path + "/steps", {"step": "supplement", "revision": seen["revision"]})
        seen = await hub.settled(self.one, anna)
        if seen["state"] == "received":
            claimed = await anna("POST", path + "/claim")
            await anna("POST", path + "/steps", {"step": "accept", "revision": claimed["revision"]})
        seen = await anna("GET", path)
        if seen["state"] == "accepted":
            claimed = await anna("POST", path + "/claim")
            await anna("POST", path + "/steps", {"step": "complete", "revision": claimed["revision"]})
        return await anna("GET", path)


async def lived(run: Run, reaper: Reaper | None, life: Life, keys: dict[str, str]) -> Any:
    """As far as it goes; None if the hub was killed."""
    async with run(time=Time()) as hub:
        if not keys:
            keys |= {"citizen": hub.key("市民", Role.CITIZEN), "anna": hub.key("安娜", Role.CLERK)}
        citizen, anna = Person(hub.client, keys["citizen"]), Person(hub.client, keys["anna"])
        if reaper is None:
            for _ in range(4):  # what changed under their hands they look at again
                seen = await asyncio.wait_for(life.live(hub, citizen, anna), 30)
                if seen["state"] == "done":
                    break
            return seen
        reap(hub.database, reaper)
        living = asyncio.create_task(life.live(hub, citizen, anna))
        while not living.done() and not reaper.dead:  # noqa: ASYNC110 - the dead ring no bells
            await asyncio.sleep(0.01)
        if reaper.dead:
            living.cancel()
            await asyncio.wait([living])
            return None
        return await living


async def outcome(run: Run) -> tuple[list[str], list[str], int]:
    async with run() as hub:
        with hub.database.session(read_only=True) as session:
            states = list(session.scalars(select(Submission.state)))
            what = list(session.scalars(select(SubmissionHistory.what).order_by(SubmissionHistory.id)))
            papers = len(session.scalars(select(SubmissionPaper.document_id)).all())
            assert list(faults(session)) == []
    return states, [one for one in what if one in ONCE], papers


ONCE = ("opened", "paper_added", "submit", "correct", "supplement", "accept", "complete")
WHOLE = ["opened", "paper_added", "submit", "correct", "paper_added", "supplement", "accept", "complete"]


async def test_a_whole_life_that_nobody_ends(run: Run) -> None:
    keys: dict[str, str] = {}
    reaper = Reaper(10_000, after=True)
    done = await lived(run, reaper, Life(), keys)
    assert done["state"] == "done"
    assert (await outcome(run)) == (["done"], WHOLE, 2)
    assert reaper.seen >= 12  # fewer would mean that the places below aren't reached


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, 13))
async def test_killed_at_every_commit(run: Run, number: int, after: bool) -> None:
    keys: dict[str, str] = {}
    life, reaper = Life(), Reaper(number, after=after)
    assert await lived(run, reaper, life, keys) is None
    assert reaper.dead
    done = await lived(run, None, life, keys)
    assert done["state"] == "done"
    assert (await outcome(run)) == (["done"], WHOLE, 2)
