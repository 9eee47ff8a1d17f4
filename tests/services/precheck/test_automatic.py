"""Deciding without a person: only if everything speaks for it; in every fault that can be made here a person decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from knowledge_base.library import Library
from services.access import Role
from services.precheck.automatic import Bounds, ItemPolicy, Situation, draw_of, judge
from services.precheck.facts import Case
from services.precheck.findings import (
    Aspect,
    Finding,
    MatchedMaterial,
    MaterialState,
    Report,
    Severity,
    Verdict,
)
from services.precheck.tables import Submission
from services.precheck.tables_beside import AutomaticOutcome
from tests.services.precheck.conftest import Hub, Person, Run, item, small_check

BOUNDS = Bounds(least_confidence=0.9, most_per_day=10, least_sample_share=0.0, never=frozenset({"rule_failed"}))
POLICY = ItemPolicy(
    enabled=True, until="accept", allowed=frozenset({"x/note"}), least_confidence=0.95, most_per_day=5, sample_share=0.1
)
MATCHED = (MatchedMaterial("a", MaterialState.MATCHED, ("d/1",)),)
CLEAN = Report(Verdict.PASS, (), MATCHED, (), 3, {})
FOR = Situation(
    running=True, policy=POLICY, clock_strange=False, report=CLEAN, stale=False, surety=0.99, limits_known=True,
    in_force=True, received=True, touched=False, decided_today=0, draw=0.5,
)  # fmt: skip


def finding(rule: str, severity: Severity, reason: str | None = None) -> Report:
    one = Finding(rule, Aspect.STANDARD, severity, None, "x", "x", "x", reason=reason)
    return replace(CLEAN, findings=(one,))


def test_when_everything_speaks_for_it() -> None:
    assert judge(FOR, BOUNDS).outcome == "decide"
    assert judge(replace(FOR, report=finding("x/note", Severity.NOTE)), BOUNDS).outcome == "decide"
    assert judge(replace(FOR, draw=0.099), BOUNDS).outcome == "sample"
    assert judge(replace(FOR, draw=0.2), replace_bounds(least_sample_share=0.3)).outcome == "sample"


def replace_bounds(**changes: Any) -> Bounds:
    return BOUNDS.model_copy(update=changes)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"running": False}, "switched_off"),
        ({"running": None}, "switched_off"),
        ({"policy": None}, "no_policy"),
        ({"policy": POLICY.model_copy(update={"enabled": False})}, "no_policy"),
        ({"policy": POLICY.model_copy(update={"most_per_day": 0})}, "day_full"),
        ({"clock_strange": True}, "clock_strange"),
        ({"clock_strange": None}, "clock_strange"),
        ({"report": None}, "report_stale"),
        ({"stale": True}, "report_stale"),
        ({"stale": None}, "report_stale"),
        ({"surety": 0.949}, "not_sure"),
        ({"surety": None}, "not_sure"),
        ({"surety": float("nan")}, "not_sure"),
        ({"limits_known": False}, "limit_unknown"),
        ({"limits_known": None}, "limit_unknown"),
        ({"in_force": False}, "item_changed"),
        ({"in_force": None}, "item_changed"),
        ({"received": False}, "not_received"),
        ({"touched": True}, "person_has_it"),
        ({"decided_today": 5}, "day_full"),
        ({"decided_today": None}, "day_full"),
        ({"report": finding("x/rule", Severity.DEFECT)}, "defect"),
        ({"report": finding("x/note", Severity.DEFECT)}, "defect"),  # allowing a rule never allows a defect
        ({"report": finding("x/rule", Severity.UNDETERMINED)}, "undetermined:x/rule"),
        ({"report": finding("x/rule", Severity.NOTE)}, "note:x/rule"),
        ({"report": finding("x/note", Severity.UNDETERMINED, "rule_failed")}, "never:rule_failed"),
        ({"report": replace(CLEAN, rules_run=0)}, "nothing_checked"),
        ({"report": replace(CLEAN, strangers=("d/2",))}, "stranger"),
        ({"report": replace(CLEAN, materials=())}, "material_open"),
        *(
            ({"report": replace(CLEAN, materials=(MatchedMaterial("a", state),))}, "material_open")
            for state in MaterialState
            if state not in (MaterialState.MATCHED, MaterialState.EXEMPT, MaterialState.NOT_NEEDED)
        ),
    ],
)
def test_anything_against_it_gives_it_to_a_person(change: dict[str, Any], reason: str) -> None:
    judgement = judge(replace(FOR, draw=0.0, **change), BOUNDS)
    assert judgement.outcome == "decline"
    assert judgement.reasons == (reason,)


def test_the_draw_is_even_and_stays_the_same() -> None:
    draws = [draw_of(f"{number:032x}", 1) for number in range(2000)]
    assert draw_of("a" * 32, 1) == draw_of("a" * 32, 1)
    assert 0.17 < sum(draw < 0.2 for draw in draws) / 2000 < 0.23


GENEROUS = {
    "enabled": True, "until": "complete", "allowed": [], "least_confidence": 0.98, "most_per_day": 2, "sample_share": 0.02,
}  # fmt: skip


def sure_check(case: Case) -> Report:
    report = small_check(case)
    return replace(report, materials=tuple(replace(one, papers=()) for one in report.materials))


@pytest_asyncio.fixture
async def hub(run: Run, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    # Whether a case becomes a sample is drawn by its random id; the tests say.
    monkeypatch.setattr("services.precheck.automatic_deciding.draw_of", lambda one, report: 0.5)
    async with run(check=sure_check) as hub:
        yield hub


async def switched_on(hub: Hub, **changes: Any) -> Person:
    admin = hub.person("管理员", Role.ADMIN)
    assert (await admin("PUT", "/automatic", {"running": True}))["running"]
    answer = await admin("PUT", "/automatic/items/made-up-licence", {**GENEROUS, **changes})
    assert admin.status == 200, answer
    return admin


async def outcome_of(hub: Hub, one: str, report: int | None = None) -> AutomaticOutcome:
    for _ in range(300):
        with hub.database.session(read_only=True) as session:
            found = session.scalars(
                select(AutomaticOutcome)
                .where(AutomaticOutcome.submission_id == one)
                .order_by(AutomaticOutcome.report_number.desc())
            ).first()
            due = session.scalar(select(Submission.automatic_due).where(Submission.id == one))
        if found is not None and not due:
            return found
        hub.service.checks.wake()
        await asyncio.sleep(0.02)
    raise AssertionError("never looked at")


async def handed_in(hub: Hub) -> str:
    return str((await hub.received(hub.nobody, "identity", "lease"))["id"])


async def test_a_clean_case_is_decided_and_says_by_whom(hub: Hub) -> None:
    admin = await switched_on(hub)
    one = await handed_in(hub)
    assert (await outcome_of(hub, one)).outcome == "decided"
    seen = await admin("GET", f"/{one}")
    assert (seen["state"], seen["decided_by"]) == ("done", "machine")
    lines = await admin("GET", f"/{one}/history")
    assert [(line["what"], line["by"]) for line in lines[-3:]] == [
        ("automatic", "machine"), ("accept", "machine"), ("complete", "machine"),
    ]  # fmt: skip
    assert lines[-3]["detail"]["policy"]["most_per_day"] == 2


async def test_off_by_default(hub: Hub) -> None:
    one = await handed_in(hub)
    assert (await outcome_of(hub, one)).reasons == ["switched_off", "no_policy"]


async def test_the_kill_switch_and_the_days_limit(hub: Hub) -> None:
    admin = await switched_on(hub)
    for _ in range(2):
        assert (await outcome_of(hub, await handed_in(hub))).outcome == "decided"
    assert (await outcome_of(hub, await handed_in(hub))).reasons == ["day_full"]
    hub.time.pass_(days=1)
    assert (await outcome_of(hub, await handed_in(hub))).outcome == "decided"
    await admin("PUT", "/automatic", {"running": False})
    assert (await outcome_of(hub, await handed_in(hub))).reasons == ["switched_off"]


async def test_a_sample_is_decided_by_a_person_who_is_not_told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    await switched_on(hub)
    monkeypatch.setattr("services.precheck.automatic_deciding.draw_of", lambda one, report: 0.0)
    one = await handed_in(hub)
    assert (await outcome_of(hub, one)).outcome == "sampled"
    anna = hub.person("安娜", Role.CLERK)
    seen = await anna("GET", f"/{one}")
    assert (seen["state"], seen["report"]["verdict"]) == ("received", "to_person")
    assert [entry["blind_sample"] for entry in await anna("GET", "")] == [True]
    assert "sampled" not in [line["what"] for line in await anna("GET", f"/{one}/history")]
    claimed = await anna("POST", f"/{one}/claim")
    accepted = await anna("POST", f"/{one}/steps", {"step": "accept", "revision": claimed["revision"]})
    done = await anna("POST", f"/{one}/steps", {"step": "complete", "revision": accepted["revision"]})
    assert (done["decided_by"], done["report"]["verdict"]) == ("person", "pass")
    assert "sampled" in [line["what"] for line in await anna("GET", f"/{one}/history")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE automatic_policies SET until = 'everything'",
        "UPDATE automatic_policies SET least_confidence = 7",
        "UPDATE automatic_policies SET allowed = '{\"a\": 1}'",
        "UPDATE automatic_policies SET sample_share = -1",
        "DELETE FROM automatic_policies",
    ],
)
async def test_a_policy_that_says_nonsense_lets_nothing_pass(hub: Hub, statement: str) -> None:
    await switched_on(hub)
    with hub.database.session() as session:
        session.execute(text(statement))
    assert (await outcome_of(hub, await handed_in(hub))).reasons == ["no_policy"]


@pytest.mark.parametrize("fault", ["judge", "bounds", "situation"])
async def test_whatever_breaks_a_person_decides(hub: Hub, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    await switched_on(hub)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("out of order")

    if fault == "judge":
        monkeypatch.setattr("services.precheck.automatic_deciding.judge", broken)
    elif fault == "bounds":
        monkeypatch.setattr(hub.service.automatic, "_bounds", broken)
    else:
        monkeypatch.setattr(hub.service.clock, "strange", broken)
    one = await handed_in(hub)
    assert (await outcome_of(hub, one)).reasons == ["fault"]
    assert (await hub.person("安娜", Role.CLERK)("GET", f"/{one}"))["state"] == "received"


async def test_a_decision_that_breaks_in_the_middle_leaves_nothing_of_itself(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    await switched_on(hub)
    from services.precheck import automatic_deciding

    whole = automatic_deciding.decide_by_machine

    def half(session: Any, office: Any, one: Any, steps: Any, who: Any, moment: Any) -> None:
        whole(session, office, one, steps[:1], who, moment)
        raise RuntimeError("out of order")

    monkeypatch.setattr(automatic_deciding, "decide_by_machine", half)
    one = await handed_in(hub)
    assert (await outcome_of(hub, one)).reasons == ["fault"]
    anna = hub.person("安娜", Role.CLERK)
    assert (await anna("GET", f"/{one}"))["state"] == "received"
    assert "accept" not in [line["what"] for line in await anna("GET", f"/{one}/history")]


async def test_a_clock_that_was_set_an_item_that_changed_a_term_nobody_knows(hub: Hub) -> None:
    await switched_on(hub)
    hub.time.wall -= timedelta(hours=2)
    assert (await outcome_of(hub, await handed_in(hub))).reasons == ["clock_strange"]
    hub.time.wall += timedelta(hours=2)
    await hub.service.sweep()  # sees that it was set once more; then it has to be quiet for some minutes
    hub.time.pass_(minutes=30)
    hub.shelf.library = Library([item(1, statutory_limit=None, promised_limit=None)])
    hub.service.office.items._read.clear()
    assert (await outcome_of(hub, await handed_in(hub))).reasons == ["limit_unknown"]
    hub.shelf.library = Library([item(1, statutory_limit={"number": 90, "unit": "工作日"})])
    hub.service.office.items._read.clear()
    # beyond the days that the State Council has arranged
    assert (await outcome_of(hub, await handed_in(hub))).reasons == ["limit_unknown"]


async def test_policies_have_bounds_and_are_the_admins(hub: Hub) -> None:
    admin = await switched_on(hub)
    for change in ({"least_confidence": 0.5}, {"sample_share": 0.0}, {"most_per_day": 100_000}):
        answer = await admin("PUT", "/automatic/items/made-up-licence", {**GENEROUS, **change})
        assert answer["code"] == "automatic_policy_too_wide"
    assert (await admin("PUT", "/automatic/items/nothing", GENEROUS))["code"] == "item_not_found"
    (seen,) = await admin("GET", "/automatic/items")
    assert seen["policy"]["most_per_day"] == 2
    assert (await hub.person("安娜", Role.CLERK)("PUT", "/automatic", {"running": True}))["code"] == "role_not_allowed"
