"""Figures of the pre-check, and what is learnt from decisions."""

from __future__ import annotations

import pytest

from knowledge_base.samples import SampleKind, Samples
from services.access import Role
from services.consult.personal_data import mask
from services.precheck.learning import Learning
from services.precheck.reports import spread
from tests.services.precheck.conftest import Hub, Run


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([], (0, None, None)),
        ([3.0], (1, 3.0, 3.0)),
        ([float(number) for number in range(1, 11)], (10, 5.5, 9.0)),
    ],
)
def test_spread(hours: list[float], expected: tuple[int, float | None, float | None]) -> None:
    found = spread(hours)
    assert (found.count, found.middle, found.ninety) == expected


async def decided(hub: Hub) -> None:
    """Two cases: one accepted after an overrule and completed a day later, one told to correct."""
    citizen, anna = hub.nobody, hub.person("安娜", Role.CLERK)
    made = await hub.received(citizen, "identity")
    path = f"/{made['id']}"
    hub.time.pass_(hours=2)
    await anna("POST", path + "/claim")
    key = (await anna("GET", path))["report"]["findings"][0]["key"]
    body = {"ruling": "overruled", "reason": "电话 13812345678 已核", "revision": (await anna("GET", path))["revision"]}
    seen = await anna("PUT", f"{path}/findings/{key}", body)
    seen = await anna("POST", path + "/steps", {"step": "accept", "revision": seen["revision"]})
    hub.time.pass_(hours=24)
    await anna("POST", path + "/claim")
    await anna("POST", path + "/steps", {"step": "complete", "revision": seen["revision"]})
    made = await hub.received(citizen, "identity")
    hub.time.pass_(hours=4)
    await anna("POST", f"/{made['id']}/claim")
    await anna("POST", f"/{made['id']}/steps", {"step": "correct", "revision": made["revision"]})


async def test_the_figures(run: Run) -> None:
    async with run() as hub:
        await decided(hub)
        seen = await hub.person("科长", Role.DEPARTMENT)("GET", "/reports?days=7")
        assert (seen["opened"], seen["accepted_by_law"]) == (2, 0)
        assert seen["first_answer"] == {"count": 2, "middle": 3.0, "ninety": 4.0}
        assert seen["whole"] == {"count": 1, "middle": 26.0, "ninety": 26.0}
        (rule,) = seen["rules"]
        assert (rule["rule"], rule["findings"], rule["overruled"], rule["overrule_rate"]) == (
            "generic/present",
            2,
            1,
            1.0,
        )
        assert [(one["clerk"], one["overruled"], one["decisions"]) for one in seen["clerks"]] == [("安娜", 1, 3)]
        assert seen["automatic"]["declined"] == 2
        assert seen["automatic"]["share"] == 0.0
        hub.time.pass_(days=30)
        assert (await hub.person("科长", Role.DEPARTMENT)("GET", "/reports?days=7"))["opened"] == 0
        assert (await hub.person("市民", Role.CITIZEN)("GET", "/reports"))["code"] == "role_not_allowed"


async def test_decisions_become_samples_once_and_hold_nothing_personal(run: Run) -> None:
    async with run() as hub:
        await decided(hub)
        samples = Samples(hub.database, mask)
        learning = Learning(hub.database, samples)
        assert await learning.learn() == 4
        assert await learning.learn() == 0
        (ruling,) = [one async for one in samples.read(kind=SampleKind.RULING)]
        assert ruling.label["rule"] == "generic/present"
        assert (ruling.label["ruling"], ruling.label["versions"]) == ("overruled", {"rules": "test"})
        assert ruling.entries == (("made-up-licence", 1),)
        outcomes = [one async for one in samples.read(kind=SampleKind.OUTCOME)]
        assert {one.label["decision"] for one in outcomes} == {"accept", "complete", "correct"}
        assert "13812345678" not in repr([ruling, *outcomes])
        assert "电话" not in repr([ruling, *outcomes])


async def test_what_was_learnt_before_a_kill_is_the_same_sample_after_it(run: Run) -> None:
    async with run() as hub:
        await decided(hub)
        samples = Samples(hub.database, mask)
        await Learning(hub.database, samples).learn()
        count = len([one async for one in samples.read()])
        with hub.database.session() as session:
            from services.precheck.tables_beside import PrecheckMark

            session.query(PrecheckMark).delete()  # the mark was not written
        await Learning(hub.database, samples).learn()
        assert len([one async for one in samples.read()]) == count
