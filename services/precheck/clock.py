"""What time it is, and whether that can be believed: terms that run out by law and decisions without a person wait while it can't.

The wall clock is doubted when it moves otherwise than the machine's steady one, and when the newest event in the history lies
ahead of it. A doubt holds for some minutes of quiet.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import now
from services.precheck.tables import SubmissionHistory

TOLERANCE = timedelta(minutes=5)
QUIET_SECONDS = 600.0


class Clock:
    """Args: wall: this moment, aware. steady: seconds that only ever grow evenly."""

    def __init__(self, wall: Callable[[], datetime] = now, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._steady = steady
        self._anchor = wall(), steady()
        self._doubted_until = float("-inf")

    def now(self) -> datetime:
        """This moment."""
        return self._wall()

    def strange(self, session: Session) -> bool:
        """Whether the wall clock can't be believed right now."""
        wall, steady = self._wall(), self._steady()
        passed = timedelta(seconds=steady - self._anchor[1])
        if abs(wall - self._anchor[0] - passed) > TOLERANCE:
            self._anchor = wall, steady
            self._doubted_until = steady + QUIET_SECONDS
        newest = session.scalar(select(func.max(SubmissionHistory.at)))
        return steady < self._doubted_until or (newest is not None and newest > wall + TOLERANCE)
