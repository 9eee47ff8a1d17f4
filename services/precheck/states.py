"""Where a submission stands (domain terms of 政务服务办件), and which step leads from where to where. Pure.

draft ──submit──> received ──accept──> accepted ──complete──> done
                    │  ▲ │                 └──return──> returned
                    │  │ ├──refuse──> refused
                    │  │ └──return──> returned
                 correct supplement
                    ▼  │
                  correction ──return──> returned
"""

from __future__ import annotations

from enum import StrEnum

from core.errors import Conflict


class State(StrEnum):
    """Of a submission."""

    DRAFT = "draft"
    """Not handed in: the applicant's own (先自查). No timer runs."""
    RECEIVED = "received"
    ACCEPTED = "accepted"
    CORRECTION = "correction"
    REFUSED = "refused"
    DONE = "done"
    RETURNED = "returned"

    @property
    def display_name(self) -> str:
        """What it is called on screen."""
        return TITLES[self]

    @property
    def final(self) -> bool:
        """Nothing leads out of it."""
        return self in (State.REFUSED, State.DONE, State.RETURNED)


TITLES: dict[State, str] = {
    State.DRAFT: "自查中",
    State.RECEIVED: "收件",
    State.ACCEPTED: "受理",
    State.CORRECTION: "补齐补正",
    State.REFUSED: "不予受理",
    State.DONE: "办结",
    State.RETURNED: "退件",
}


class Step(StrEnum):
    """What moves a submission on."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    CORRECT = "correct"
    """Tell everything that has to be put right, at once."""
    SUPPLEMENT = "supplement"
    """The applicant has put it right."""
    REFUSE = "refuse"
    COMPLETE = "complete"
    RETURN = "return"


MOVES: dict[tuple[State, Step], State] = {
    (State.DRAFT, Step.SUBMIT): State.RECEIVED,
    (State.RECEIVED, Step.ACCEPT): State.ACCEPTED,
    (State.RECEIVED, Step.CORRECT): State.CORRECTION,
    (State.RECEIVED, Step.REFUSE): State.REFUSED,
    (State.RECEIVED, Step.RETURN): State.RETURNED,
    (State.CORRECTION, Step.SUPPLEMENT): State.RECEIVED,
    (State.CORRECTION, Step.RETURN): State.RETURNED,
    (State.ACCEPTED, Step.COMPLETE): State.DONE,
    (State.ACCEPTED, Step.RETURN): State.RETURNED,
}


def moved(state: State, step: Step) -> State:
    """The state after `step`. Raises Conflict (`step_not_possible`)."""
    after = MOVES.get((state, step))
    if after is None:
        raise Conflict(f"办件现在是“{state.display_name}”，不能这样处理。", code="step_not_possible")
    return after
