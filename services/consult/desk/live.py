"""Wake those who follow a conversation or the queue when something has happened.

Within the process at once; what other processes did is found by `Following.compare`, which the desk feeds with the
database's state once a second. Runs in one event loop; nothing here touches the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from core.errors import TooManyRequests

Standing = tuple[int, int, str]
"""Of a conversation's newest handover: its id, its revision, its state."""
QUEUE = ""
"""The name under which the clerks' pages follow the whole queue; no conversation has it."""


class Following:
    """Who follows what. At most `per_name` followers of one name and `in_all` together; None: as many as there are."""

    def __init__(self, *, per_name: int, in_all: int) -> None:
        self._per_name = per_name
        self._in_all = in_all
        self._followers: dict[str, set[asyncio.Event]] = {}
        self._known: dict[str, Standing] = {}
        self._seen = False
        self.ended = False

    @contextmanager
    def follow(self, name: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever something happens to `name`; the follower clears it.

        Raises:
            TooManyRequests: too many follow it, or anything at all (`too_many_streams`).
        """
        group = self._followers.get(name, set())
        full = name != QUEUE and len(group) >= self._per_name
        if full or sum(len(one) for one in self._followers.values()) >= self._in_all:
            raise TooManyRequests(
                "同一个对话打开的页面太多，请关掉几个再试。" if full else "现在连接的人太多，请稍后再试。",
                code="too_many_streams",
                retry_after=10,
            )
        event = asyncio.Event()
        self._followers.setdefault(name, group).add(event)
        try:
            yield event
        finally:
            group.discard(event)
            if not group:
                self._followers.pop(name, None)

    def count(self, name: str) -> int:
        """How many follow `name`."""
        return len(self._followers.get(name, ()))

    def wake(self, *names: str) -> None:
        """Something happened to these conversations, hence to the queue."""
        for name in (*names, QUEUE):
            for event in self._followers.get(name, ()):
                event.set()

    def wake_all(self) -> None:
        """Something happened that may concern everybody: the queue moved on."""
        for group in self._followers.values():
            for event in group:
                event.set()

    def end(self) -> None:
        """The server stops: everybody who follows anything is to let go."""
        self.ended = True
        self.wake_all()

    def compare(self, standing: Mapping[str, Standing]) -> None:
        """Wake the followers of what differs from the last time.

        Args:
            standing: of every conversation with a handover that is open or ended a short while ago.
        """
        before, self._known = self._known, dict(standing)
        if not self._seen:
            self._seen = True
            return
        names = [name for name in before.keys() | standing.keys() if before.get(name) != standing.get(name)]
        if any(_state(before, name) != _state(standing, name) for name in names):
            # Places move whenever anybody comes or goes.
            self.wake_all()
        elif names:
            self.wake(*names)


def _state(standing: Mapping[str, Standing], name: str) -> tuple[int, str] | None:
    found = standing.get(name)
    return None if found is None else (found[0], found[2])
