"""Terms over holidays and days worked instead, silence that counts as acceptance, and clocks that can't be believed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core.working_calendar import load_calendar
from knowledge_base.schema import TimeLimit
from services.access import Role
from services.precheck.timers import last_day
from tests.services.precheck.conftest import Hub, Run, Time


@pytest.mark.parametrize(
    ("start", "limit", "day"),
    [
        ("2026-11-23", {"number": 5, "unit": "工作日"}, "2026-11-30"),
        (
            "2026-09-24",
            {"number": 6, "unit": "工作日"},
            "2026-10-10",
        ),  # over two holidays, to a Saturday that is worked
        ("2026-09-24", {"number": 10, "unit": "自然日"}, "2026-10-08"),  # ends in the holiday: the day after it
        ("2026-11-23", {"number": 10, "unit": "自然日"}, "2026-12-03"),
        ("2026-11-21", {"unit": "即办"}, "2026-11-23"),
        ("2026-11-23", {"unit": "即办"}, "2026-11-23"),
    ],
)
def test_last_days(start: str, limit: dict[str, object], day: str) -> None:
    found = last_day(load_calendar(), date.fromisoformat(start), TimeLimit.model_validate(limit))
    assert found == date.fromisoformat(day)
    assert last_day(load_calendar(), date.fromisoformat(start), None) is None


async def state_of(hub: Hub, one: str) -> str:
    await hub.service.sweep()
    return str((await hub.person("看", Role.CLERK)("GET", f"/{one}"))["state"])


async def test_silence_counts_as_acceptance_from_the_day_of_receipt(run: Run) -> None:
    async with run() as hub:
        made = await hub.received(hub.nobody, "identity", "lease")
        one = made["id"]
        hub.time.pass_(days=7)  # the last day
        assert await state_of(hub, one) == "received"
        hub.time.pass_(days=1)
        assert await state_of(hub, one) == "accepted"
        assert await state_of(hub, one) == "accepted"
        anna = hub.person("安娜", Role.CLERK)
        seen = await anna("GET", f"/{one}")
        assert [(timer["name"], timer["due_on"]) for timer in seen["timers"]] == [
            ("promised", "2026-12-03"), ("statutory", "2026-12-21"),
        ]  # fmt: skip
        lines = await anna("GET", f"/{one}/history")
        by_law = [line for line in lines if line["what"] == "accept_by_law"]
        assert [(line["by"], line["detail"]) for line in by_law] == [("law", {"received": "2026-11-23"})]


async def test_over_the_national_holiday(run: Run) -> None:
    time = Time(wall=datetime(2026, 9, 24, 2, 0, tzinfo=UTC))
    async with run(time=time) as hub:
        made = await hub.received(hub.nobody, "identity")
        assert made["timers"][0]["due_on"] == "2026-10-09"
        hub.time.pass_(days=15)
        assert await state_of(hub, made["id"]) == "received"
        hub.time.pass_(days=1)
        assert await state_of(hub, made["id"]) == "accepted"


async def test_the_term_stands_still_while_the_applicant_corrects_and_starts_anew(run: Run) -> None:
    async with run() as hub:
        citizen, anna = hub.person("市民", Role.CITIZEN), hub.person("安娜", Role.CLERK)
        made = await hub.received(citizen, "identity")
        path = f"/{made['id']}"
        await anna("POST", path + "/claim")
        told = await anna("POST", path + "/steps", {"step": "correct", "revision": made["revision"]})
        assert (told["state"], told["timers"][0]["stopped"], told["timers"][0]["working_days_left"]) == (
            "correction", True, None,
        )  # fmt: skip
        hub.time.pass_(days=30)
        assert await state_of(hub, made["id"]) == "correction"
        await citizen.hand_in(made["id"], "lease", 9)
        seen = await citizen("GET", path)
        again = await citizen("POST", path + "/steps", {"step": "supplement", "revision": seen["revision"]})
        assert again["timers"][0]["due_on"] == "2026-12-30"
        assert again["applied_on"] == "2026-11-23"


@pytest.mark.parametrize("moved", [timedelta(days=60), timedelta(days=-60)])
async def test_nothing_is_accepted_by_a_clock_that_somebody_set(run: Run, moved: timedelta) -> None:
    async with run() as hub:
        made = await hub.received(hub.nobody, "identity")
        hub.time.wall += moved  # the steady clock has not moved
        assert await state_of(hub, made["id"]) == "received"
        hub.time.wall -= moved
        assert await state_of(hub, made["id"]) == "received"
        hub.time.pass_(days=8)
        assert await state_of(hub, made["id"]) == "accepted"


async def test_a_claim_from_a_clock_that_ran_ahead_does_not_hold_longer(run: Run) -> None:
    async with run() as hub:
        anna, bert = hub.person("安娜", Role.CLERK), hub.person("贝特", Role.CLERK)
        made = await hub.received(hub.nobody, "identity")
        hub.time.wall += timedelta(days=90)
        assert (await anna("POST", f"/{made['id']}/claim"))["claimed_by_me"]
        hub.time.wall -= timedelta(days=90)
        assert (await bert("POST", f"/{made['id']}/claim"))["claimed_by_me"]


async def test_drafts_and_ended_cases_go_with_their_papers(run: Run) -> None:
    async with run() as hub:
        citizen, anna = hub.nobody, hub.person("安娜", Role.CLERK)
        draft = await citizen("POST", "", {"item_id": "made-up-licence"})
        taken = await citizen.hand_in(draft["id"], "identity", 1)
        running = await hub.received(citizen, "identity")
        ended = await hub.received(citizen, "identity")
        await anna("POST", f"/{ended['id']}/claim")
        step = {"step": "return", "revision": ended["revision"], "reason": "申请人撤回"}
        assert (await anna("POST", f"/{ended['id']}/steps", step))["state"] == "returned"
        hub.time.pass_(days=200)
        await hub.service.sweep()
        document = taken["submission"]["documents"][0]["id"]
        assert (await citizen("GET", f"/{draft['id']}"))["code"] == "submission_not_found"
        assert (await anna("GET", f"/{ended['id']}"))["code"] == "submission_not_found"
        assert (await hub.client.get(f"/api/documents/{document}")).status_code == 404
        seen = await citizen("GET", f"/{running['id']}")
        assert (seen["state"], len(seen["documents"])) == ("accepted", 1)
