"""Who is woken, and how many may follow."""

from __future__ import annotations

import pytest

from core.errors import TooManyRequests
from services.consult.desk.live import QUEUE, Following


def test_who_is_woken() -> None:
    following = Following(per_name=2, in_all=10)
    with following.follow("a") as a, following.follow("b") as b, following.follow(QUEUE) as queue:
        following.wake("a")
        assert (a.is_set(), b.is_set(), queue.is_set()) == (True, False, True)
        following.wake_all()
        assert b.is_set()


def test_what_another_process_did() -> None:
    following = Following(per_name=2, in_all=10)
    with following.follow("a") as a, following.follow("b") as b:

        def woken(standing: dict[str, tuple[int, int, str]]) -> tuple[bool, bool]:
            a.clear()
            b.clear()
            following.compare(standing)
            return a.is_set(), b.is_set()

        assert woken({"a": (1, 1, "waiting"), "b": (2, 1, "waiting")}) == (False, False), "nothing is known before"
        assert woken({"a": (1, 1, "waiting"), "b": (2, 1, "waiting")}) == (False, False)
        assert woken({"a": (1, 2, "waiting"), "b": (2, 1, "waiting")}) == (True, False), "a message"
        assert woken({"a": (1, 3, "attended"), "b": (2, 1, "waiting")}) == (True, True), "places move"
        assert woken({"b": (2, 1, "waiting")}) == (True, True)


def test_how_many() -> None:
    following = Following(per_name=2, in_all=3)
    with following.follow("a"), following.follow("a"):
        with pytest.raises(TooManyRequests, match="同一个对话"), following.follow("a"):
            pass
        with following.follow("b"), pytest.raises(TooManyRequests, match="太多"), following.follow("c"):
            pass
    with following.follow("a"):
        assert following.count("a") == 1
    assert following.count("a") == 0
