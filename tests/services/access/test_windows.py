from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from services.access.windows import Limit, MovingWindows, parse_limits


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("notation", "limits"),
    [
        ("6000/minute", (Limit(6000, 60.0),)),
        ("10/second;1000/hour", (Limit(10, 1.0), Limit(1000, 3600.0))),
        ("5 per 2 minutes", (Limit(5, 120.0),)),
    ],
)
def test_notation(notation: str, limits: tuple[Limit, ...]) -> None:
    assert parse_limits(notation) == limits


@pytest.mark.parametrize("notation", ["", " ", "many", "0/minute", "-1/minute", "10", "10/fortnight", "2000000/minute"])
def test_notation_that_cannot_be_read(notation: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_limits(notation)
    assert caught.value.code == "limit_invalid"


def test_the_window_moves() -> None:
    clock = Clock()
    windows, limits = MovingWindows(clock=clock), (Limit(2, 10.0),)
    assert windows.take("a", limits) == 0.0
    clock.now += 4
    assert windows.take("a", limits) == 0.0
    assert windows.take("a", limits) == 6.0
    assert windows.take("b", limits) == 0.0
    clock.now += 6
    assert windows.take("a", limits) == 0.0  # the first has moved out
    assert windows.take("a", limits) == 4.0


def test_of_several_limits_the_longest_wait_counts_and_a_refusal_takes_nothing() -> None:
    clock = Clock()
    windows, limits = MovingWindows(clock=clock), (Limit(1, 1.0), Limit(2, 60.0))
    assert windows.take("a", limits) == 0.0
    assert windows.take("a", limits) == 1.0
    assert windows.remaining("a", (limits[1],)) == 1
    clock.now += 1
    assert windows.take("a", limits) == 0.0
    assert windows.take("a", limits) == 59.0


def test_the_quietest_caller_is_forgotten_first() -> None:
    windows, limits = MovingWindows(max_callers=2), (Limit(1, 60.0),)
    for caller in ("a", "b", "a", "c"):
        windows.take(caller, limits)
    assert windows.take("a", limits) > 0.0
    assert windows.take("b", limits) == 0.0


def test_threads_do_not_pass_together() -> None:
    windows, limits = MovingWindows(), (Limit(10, 60.0),)
    passed: list[float] = []

    def run() -> None:
        for _ in range(100):
            if windows.take("a", limits) == 0.0:
                passed.append(0.0)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 10


@given(
    steps=st.lists(st.floats(min_value=0.0, max_value=5.0), max_size=60),
    amount=st.integers(min_value=1, max_value=5),
    seconds=st.floats(min_value=1.0, max_value=10.0),
)
def test_no_window_ever_holds_more_than_the_limit_and_the_wait_is_true(
    steps: list[float], amount: int, seconds: float
) -> None:
    clock = Clock()
    windows, limit = MovingWindows(clock=clock), Limit(amount, seconds)
    passed: list[float] = []
    for step in steps:
        clock.now += step
        wait = windows.take("a", (limit,))
        if wait == 0.0:
            passed.append(clock.now)
        else:
            assert len([one for one in passed if one > clock.now - seconds]) == amount
            clock.now += wait + 1e-6
            assert windows.take("a", (limit,)) == 0.0
            passed.append(clock.now)
    for one in passed:
        assert len([other for other in passed if one <= other < one + seconds - 1e-6]) <= amount
