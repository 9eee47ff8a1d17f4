"""The life of a handover: which move leads from which states to which. Whatever is not in `MOVES` is refused. Pure.

waiting -> attended -> given_back | closed; nobody on duty: callback -> closed. A clerk who is gone puts the conversation
back in the queue; a citizen may leave at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.errors import Conflict
from services.consult.desk.rules import Spoken


class State(StrEnum):
    """Where a handover stands."""

    WAITING = "waiting"
    ATTENDED = "attended"
    CALLBACK = "callback"
    GIVEN_BACK = "given_back"
    CLOSED = "closed"
    LEFT = "left"


OPEN_STATES = (State.WAITING, State.ATTENDED, State.CALLBACK)
"""Not at its end."""
LIVE_STATES = (State.WAITING, State.ATTENDED)
"""The citizen has something to follow."""


class Move(StrEnum):
    """What can happen to a handover."""

    TAKE = "take"
    GIVE_BACK = "give_back"
    CLOSE = "close"
    LEAVE = "leave"
    REQUEUE = "requeue"
    NO_ONE_LEFT = "no_one_left"
    WAIT = "wait"
    WANT_CALL = "want_call"
    EXPIRE = "expire"
    CALLED = "called"


@dataclass(frozen=True, slots=True)
class Way:
    """From where to where, and what the citizen is told (a text of rules.yaml), if anything."""

    sources: tuple[State, ...]
    target: State
    told: Spoken | None


MOVES: dict[Move, Way] = {
    Move.TAKE: Way((State.WAITING,), State.ATTENDED, "attended"),
    Move.GIVE_BACK: Way((State.ATTENDED,), State.GIVEN_BACK, "given_back"),
    Move.CLOSE: Way(OPEN_STATES, State.CLOSED, "closed"),
    Move.LEAVE: Way(OPEN_STATES, State.LEFT, "left"),
    Move.REQUEUE: Way((State.ATTENDED,), State.WAITING, "requeued"),
    Move.NO_ONE_LEFT: Way((State.WAITING,), State.CALLBACK, "no_one_left"),
    Move.WAIT: Way((State.CALLBACK,), State.WAITING, None),
    Move.WANT_CALL: Way((State.WAITING, State.CALLBACK), State.CALLBACK, "phone_kept"),
    Move.EXPIRE: Way((State.CALLBACK,), State.CLOSED, "expired"),
    Move.CALLED: Way((State.CALLBACK,), State.CLOSED, "called"),
}


def target_of(move: Move, state: State, clerk_name: str | None = None) -> Way:
    """The way of `move` from `state`.

    Raises:
        Conflict: it can't go there (`handover_taken`: somebody attends; `handover_ended`; `handover_state`).
    """
    way = MOVES[move]
    if state in way.sources:
        return way
    if state is State.ATTENDED:
        raise Conflict(f"这个会话已经由{clerk_name or '另一位工作人员'}接入。", code="handover_taken")
    if state not in OPEN_STATES:
        raise ended()
    raise Conflict("这个会话现在不能这样处理，请刷新后再看。", code="handover_state")


def ended() -> Conflict:
    """The handover is at its end."""
    return Conflict("这个会话的人工服务已经结束。", code="handover_ended")
