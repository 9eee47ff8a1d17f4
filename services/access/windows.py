"""Moving windows: how many requests each caller sent in the last so many seconds, exactly, in this process.

Limits are written in the notation of the `limits` package ("100/minute", "10/second;1000/hour"). Its own in-memory
storage starts a thread on most requests at a calm pace and never forgets a caller; this one does neither.
docs/decisions/0004-keys-and-limits.md has the figures.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from limits import parse_many

from core.errors import Invalid, shown

MAX_CALLERS = 50_000
"""Callers remembered at once; beyond it the one that has been quiet longest is forgotten."""

MAX_AMOUNT = 1_000_000
"""Largest number of requests in one limit: each costs a few bytes while it is in the window."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` requests within any `seconds` seconds."""

    amount: int
    seconds: float


def parse_limits(notation: str) -> tuple[Limit, ...]:
    """Limits out of their notation.

    Raises:
        Invalid: it can't be read, or is not between 1 and a million (code `limit_invalid`).
    """
    try:
        found = tuple(Limit(item.amount, float(item.get_expiry())) for item in parse_many(notation))
    except ValueError:
        found = ()
    if not found or not all(1 <= limit.amount <= MAX_AMOUNT and limit.seconds >= 1 for limit in found):
        raise Invalid(
            f"限额“{shown(notation)}”写法不对；应为“次数/周期”，例如 100/minute 或 10/second;1000/hour。",
            code="limit_invalid",
            param="limit",
        )
    return found


class MovingWindows:
    """Counts requests by caller; one object serves all callers and may be used from any thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, max_callers: int = MAX_CALLERS) -> None:
        self._clock = clock
        self._max_callers = max_callers
        self._lock = threading.Lock()
        self._callers: OrderedDict[str, dict[Limit, deque[float]]] = OrderedDict()

    def take(self, caller: str, limits: tuple[Limit, ...]) -> float:
        """Count one request of `caller`: 0.0 if it may go on, else the seconds until it may (and it is not counted).

        Taking and testing are one step under one lock, so parallel requests can't pass together.
        """
        with self._lock:
            now = self._clock()
            windows = self._windows(caller, limits, now)
            wait = 0.0
            for limit in limits:
                times = windows[limit]
                if len(times) >= limit.amount:
                    wait = max(wait, times[0] + limit.seconds - now)
            if wait > 0.0:
                return wait
            for limit in limits:
                windows[limit].append(now)
            return 0.0

    def remaining(self, caller: str, limits: tuple[Limit, ...]) -> int:
        """How many requests `caller` may send right now."""
        with self._lock:
            windows = self._windows(caller, limits, self._clock())
            return min(limit.amount - len(windows[limit]) for limit in limits)

    def _windows(self, caller: str, limits: tuple[Limit, ...], now: float) -> dict[Limit, deque[float]]:
        """The caller's windows, without what has moved out of them."""
        windows = self._callers.get(caller)
        if windows is None:
            windows = self._callers[caller] = {}
            if len(self._callers) > self._max_callers:
                self._callers.popitem(last=False)
        else:
            self._callers.move_to_end(caller)
        for limit in limits:
            times = windows.get(limit)
            if times is None:
                windows[limit] = deque()
                continue
            oldest = now - limit.seconds
            while times and times[0] <= oldest:
                times.popleft()
        return windows
