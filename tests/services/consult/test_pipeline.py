import pytest

from services.consult.consultation import Consultation, Draft, Said, SessionState
from services.consult.pipeline import Pipeline


def consultation() -> Consultation:
    return Consultation("问", "pc", SessionState("0" * 32, new=True))


def step(name: str, seen: list[str], draft: Draft | None = None):
    async def run(_: Consultation) -> Draft | None:
        seen.append(name)
        return draft

    return run


def closing(name: str, seen: list[str]):
    async def run(_: Consultation) -> None:
        seen.append(name)

    return run


async def test_the_first_draft_stops_the_steps_but_not_the_closing():
    seen: list[str] = []
    draft = Draft("refused", (Said("不"),))
    pipeline = Pipeline(
        [step("a", seen), step("b", seen, draft), step("c", seen)], [closing("verify", seen), closing("record", seen)]
    )
    assert await pipeline.run(consultation()) is draft
    assert seen == ["a", "b", "verify", "record"]


async def test_steps_that_never_answer_are_a_mistake():
    with pytest.raises(RuntimeError):
        await Pipeline([step("a", [])], []).run(consultation())
