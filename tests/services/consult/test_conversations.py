"""Sessions and messages on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.database import Database
from core.errors import NotFound
from knowledge_base.terms import Element
from services.consult.consultation import Consultation, Draft, Quoted, Said, SessionState
from services.consult.conversations import Conversations
from services.consult.tables import ConsultMessage
from tests.postgres import new_database

ITEM = "public-venue-hygiene-cancel"


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request, tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'hub.sqlite3'}" if request.param == "sqlite" else new_database()
    database = Database(url)
    database.upgrade()
    yield database
    database.close()


async def say(conversations: Conversations, state: SessionState, draft: Draft, question: str = "问") -> None:
    consultation = Consultation("", "pc", state, question=question, pending=(Element.FEE,))
    await conversations.record(consultation, draft, "答", library="0" * 16, seconds=0.01)


async def test_what_a_message_leaves_for_the_next(any_database, library):
    conversations = Conversations(any_database)
    section = library.section(f"{ITEM}/materials@1")
    async with conversations.open(None) as state:
        assert (state.new, state.messages) == (True, 0)
        answered = Draft("answered", (Quoted.whole(section),), library.item(ITEM), Element.MATERIALS)
        await say(conversations, state, answered)
    async with conversations.open(state.id) as second:
        assert (second.new, second.messages, second.item_id, second.element) == (False, 1, ITEM, Element.MATERIALS)
        await say(conversations, second, Draft("clarify", (Said("?"),), offered=("a", "b")))
    async with conversations.open(state.id) as third:
        assert (third.pending, third.offered) == ((Element.FEE,), ("a", "b"))
        assert third.item_id == ITEM
        await say(conversations, third, Draft("refused", (Said("!"),)))
    async with conversations.open(state.id) as fourth:
        assert (fourth.pending, fourth.offered, fourth.messages) == ((), (), 3)
    with any_database.session(read_only=True) as session:
        rows = session.query(ConsultMessage).order_by(ConsultMessage.number).all()
    assert [row.number for row in rows] == [1, 2, 3]
    assert rows[0].citations == [section.id]


async def test_an_unknown_session(any_database):
    with pytest.raises(NotFound) as caught:
        async with Conversations(any_database).open("f" * 32):
            pass
    assert caught.value.code == "session_not_found"


async def test_a_session_that_vanished_meanwhile_is_not_made_again(any_database):
    conversations = Conversations(any_database)
    with pytest.raises(NotFound):
        await say(conversations, SessionState(id="e" * 32, new=False, messages=3), Draft("refused", ()))


async def test_one_at_a_time_and_in_order(any_database):
    conversations = Conversations(any_database)
    async with conversations.open(None) as state:
        await say(conversations, state, Draft("refused", ()))
    order = []

    async def turn(number: int) -> None:
        async with conversations.open(state.id) as held:
            await asyncio.sleep(0.01 if number == 0 else 0)
            await say(conversations, held, Draft("refused", ()), question=str(number))
            order.append(number)

    await asyncio.gather(*(turn(number) for number in range(8)))
    assert order == list(range(8))


async def test_a_failed_message_leaves_the_session_usable(any_database):
    conversations = Conversations(any_database)
    async with conversations.open(None) as state:
        await say(conversations, state, Draft("refused", ()))
    with pytest.raises(RuntimeError):
        async with conversations.open(state.id):
            raise RuntimeError
    async with conversations.open(state.id) as again:
        assert again.messages == 1


async def test_locks_do_not_pile_up(any_database):
    conversations = Conversations(any_database)
    async with conversations.open(None) as state:
        await say(conversations, state, Draft("refused", ()))
    async with conversations.open(state.id):
        assert len(conversations._locks) == 1
    assert len(conversations._locks) == 0


async def test_what_waits_is_stored_together(any_database, monkeypatch):
    conversations = Conversations(any_database)
    run, transactions = any_database.run, []

    async def counted(function, **options):
        transactions.append(function)
        return await run(function, **options)

    monkeypatch.setattr(any_database, "run", counted)
    states = [SessionState(id=f"{number:032x}", new=True) for number in range(12)]
    await asyncio.gather(*(say(conversations, state, Draft("refused", ())) for state in states))
    assert 1 <= len(transactions) <= 2
    with any_database.session(read_only=True) as session:
        assert {row.session_id for row in session.query(ConsultMessage)} == {state.id for state in states}


async def test_a_message_that_cannot_be_stored_fails_alone(any_database):
    conversations = Conversations(any_database)
    vanished = SessionState(id="e" * 32, new=False, messages=3)
    states = [SessionState(id="a" * 32, new=True), vanished, SessionState(id="b" * 32, new=True)]
    results = await asyncio.gather(
        *(say(conversations, state, Draft("refused", ())) for state in states), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), NotFound, type(None)]
    with any_database.session(read_only=True) as session:
        assert {row.session_id for row in session.query(ConsultMessage)} == {"a" * 32, "b" * 32}


async def test_what_nobody_waits_for_any_more_is_not_stored(any_database):
    conversations = Conversations(any_database)
    gone = asyncio.create_task(say(conversations, SessionState(id="a" * 32, new=True), Draft("refused", ())))
    await asyncio.sleep(0)
    gone.cancel()
    await say(conversations, SessionState(id="b" * 32, new=True), Draft("refused", ()))
    with any_database.session(read_only=True) as session:
        assert {row.session_id for row in session.query(ConsultMessage)} == {"b" * 32}
