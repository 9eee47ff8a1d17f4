"""无人干预自动办理: whether a case may be decided without a person. Pure: facts in, a judgement out.

Everything has to speak for it: an explicit policy of the item, the switch, a fresh report in which nothing is wrong and nothing
unclear that the policy doesn't name, sureness, a believable clock, terms that are known, room within the day. Whatever is
missing or can't be read speaks against it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.policy_files import read_policy_file
from services.precheck.findings import MaterialState, Report, Severity
from services.precheck.states import Step

FILE = Path(__file__).resolve().parent / "automatic.yaml"
IN_ORDER = frozenset({MaterialState.MATCHED, MaterialState.EXEMPT, MaterialState.NOT_NEEDED})
Share = Annotated[float, Field(ge=0, le=1)]


class Bounds(BaseModel):
    """automatic.yaml: what no item's policy may go beyond."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    least_confidence: Share
    most_per_day: Annotated[int, Field(ge=0, le=1_000_000)]
    least_sample_share: Share
    never: frozenset[str]


@cache
def load_bounds(file: Path = FILE) -> Bounds:
    """Raises HubError (`policy_invalid`)."""
    return read_policy_file(file, Bounds)


class ItemPolicy(BaseModel):
    """What of one item may be decided without a person. `allowed`: rules whose undetermined findings and notes don't stand in the
    way. `until`: `accept`, or `complete`, which accepts and completes."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    enabled: bool = False
    until: Literal["accept", "complete"] = "accept"
    allowed: Annotated[frozenset[Annotated[str, Field(min_length=1, max_length=160)]], Field(max_length=100)] = (
        frozenset()
    )
    least_confidence: Share
    most_per_day: Annotated[int, Field(ge=0, le=1_000_000)]
    sample_share: Share

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is done, in order."""
        return (Step.ACCEPT,) if self.until == "accept" else (Step.ACCEPT, Step.COMPLETE)


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a judgement rests on. Whatever couldn't be found out is None.

    Attributes:
        running: the switch. policy: of the item. clock_strange: whether the time can't be believed.
        report, stale, surety: the newest report. limits_known: the item's terms and the calendar that they end in.
        in_force: the case's version of the item is the one in force. received: it stands where automatic handling begins.
        touched: a person has it, has ruled on it or found something. decided_today: without a person, of this item.
        draw: 0..1, whether it becomes a sample.
    """

    running: bool | None
    policy: ItemPolicy | None
    clock_strange: bool | None
    report: Report | None
    stale: bool | None
    surety: float | None
    limits_known: bool | None
    in_force: bool | None
    received: bool
    touched: bool
    decided_today: int | None
    draw: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """`decide`, `sample` (a person decides, blind) or `decline`, with codes of why."""

    outcome: Literal["decide", "sample", "decline"]
    reasons: tuple[str, ...] = ()


def judge(found: Situation, bounds: Bounds) -> Judgement:
    """Whether a case is decided without a person. All reasons against it are told."""
    reasons = [*_office(found, bounds), *_report(found, bounds)]
    if reasons:
        return Judgement("decline", tuple(dict.fromkeys(reasons)))
    assert found.policy is not None
    share = max(found.policy.sample_share, bounds.least_sample_share)
    return Judgement("sample" if found.draw < share else "decide")


def _office(found: Situation, bounds: Bounds) -> list[str]:
    reasons = []
    if found.running is not True:
        reasons.append("switched_off")
    if found.policy is None or not found.policy.enabled:
        reasons.append("no_policy")
    elif found.decided_today is None or found.decided_today >= min(found.policy.most_per_day, bounds.most_per_day):
        reasons.append("day_full")
    for wrong, code in (
        (found.clock_strange is not False, "clock_strange"),
        (found.limits_known is not True, "limit_unknown"),
        (found.in_force is not True, "item_changed"),
        (not found.received, "not_received"),
        (found.touched, "person_has_it"),
    ):
        if wrong:
            reasons.append(code)
    return reasons


def _report(found: Situation, bounds: Bounds) -> list[str]:
    report, policy = found.report, found.policy
    if report is None or found.stale is not False:
        return ["report_stale"]
    allowed = policy.allowed if policy is not None else frozenset()
    reasons = []
    for finding in report.findings:
        if finding.severity is Severity.DEFECT:
            reasons.append("defect")
        elif finding.reason in bounds.never:
            reasons.append(f"never:{finding.reason}")
        elif finding.rule not in allowed:
            reasons.append(f"{finding.severity.value}:{finding.rule}")
    if report.rules_run < 1:
        reasons.append("nothing_checked")
    if report.strangers:
        reasons.append("stranger")
    if not report.materials or any(one.state not in IN_ORDER for one in report.materials):
        reasons.append("material_open")
    least = max(policy.least_confidence if policy is not None else 0.0, bounds.least_confidence)
    # A figure that is no number is smaller than none.
    if found.surety is None or not found.surety >= least:
        reasons.append("not_sure")
    return reasons


def draw_of(submission_id: str, report: int) -> float:
    """0..1, evenly: the same for the same report, so that a kill in between doesn't draw again."""
    digest = hashlib.sha256(f"{submission_id}/{report}".encode()).digest()
    return float(int.from_bytes(digest[:8], "big") / 2**64)
