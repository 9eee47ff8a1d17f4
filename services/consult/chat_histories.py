"""Find the conversation that an OpenAI client goes on with, by the history that it sends.

A history (the caller and every user and assistant message, hashed) names the sessions that have come exactly so far. Two
people behind one key may have the same history: then there are two such sessions, each is handed out once, and since all
that was said in them is the same it does not matter who gets which.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

MOST_HISTORIES = 10_000
MOST_ALIKE = 100

Turn = tuple[str, str]


class ChatHistories:
    """The latest histories of this process; hashes only. One that is not known is told anew by the caller."""

    def __init__(self, most: int = MOST_HISTORIES) -> None:
        self._most = most
        self._sessions: OrderedDict[bytes, list[str]] = OrderedDict()

    def take(self, owner: str, turns: Sequence[Turn]) -> str | None:
        """A session with exactly this history, which is then given to nobody else; None if there is none."""
        key = _key(owner, turns)
        waiting = self._sessions.get(key)
        if not waiting:
            return None
        session_id = waiting.pop()
        if not waiting:
            del self._sessions[key]
        return session_id

    def put(self, owner: str, turns: Sequence[Turn], session_id: str) -> None:
        """Remember how far a session has come."""
        key = _key(owner, turns)
        alike = self._sessions.setdefault(key, [])
        alike.append(session_id)
        del alike[:-MOST_ALIKE]
        self._sessions.move_to_end(key)
        while len(self._sessions) > self._most:
            self._sessions.popitem(last=False)


def _key(owner: str, turns: Sequence[Turn]) -> bytes:
    """Lengths go in too, so that no two histories can be read as one; a client may trim blanks."""
    digest = blake2b(digest_size=16)
    spoken = [(role, text.strip()) for role, text in turns if role in ("user", "assistant")]
    for part in (owner, *(word for turn in spoken for word in turn)):
        data = part.encode(errors="surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()
