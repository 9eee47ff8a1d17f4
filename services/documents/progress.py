"""Wake those who follow how a document is being read. One event loop; nothing here touches the database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import TooManyRequests

MOST_FOLLOWERS = 20
MOST_IN_ALL = 1000


class Following:
    """Who follows which document."""

    def __init__(self) -> None:
        self._followers: dict[str, set[asyncio.Event]] = {}
        self.ended = False

    @contextmanager
    def follow(self, document_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever something happens to the document; the follower clears it.

        Raises:
            TooManyRequests: too many follow it, or anything at all (`too_many_streams`).
        """
        group = self._followers.get(document_id, set())
        if len(group) >= MOST_FOLLOWERS or sum(map(len, self._followers.values())) >= MOST_IN_ALL:
            raise TooManyRequests(
                "现在跟踪进度的页面太多，请稍后再试，或改用查询。", code="too_many_streams", retry_after=10
            )
        event = asyncio.Event()
        self._followers.setdefault(document_id, group).add(event)
        try:
            yield event
        finally:
            group.discard(event)
            if not group:
                self._followers.pop(document_id, None)

    def wake(self, document_id: str) -> None:
        """Something happened to a document."""
        for event in self._followers.get(document_id, ()):
            event.set()

    def end(self) -> None:
        """The server stops: everybody is to let go."""
        self.ended = True
        for group in self._followers.values():
            for event in group:
                event.set()
