"""The desk's life on both databases, driven from the bot's, the citizen's and the clerk's side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from core.database import Database, now
from core.errors import Conflict, HubError, Invalid, NotFound
from services.consult.desk.counter import Counter
from services.consult.desk.desk import Desk
from services.consult.desk.duty import OVERTIME
from services.consult.desk.tables import DeskCallback, DeskClerk, DeskEvent, DeskHandover, DeskMessage
from services.consult.tables import ConsultSession
from tests.services.consult.desk.conftest import ANNA, BERT, ITEM, hours_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

Talk = Callable[..., str]


async def only(counter: Counter) -> int:
    """Id of the one who waits."""
    (line,) = (await counter.queue(ANNA)).waiting
    return line.id


async def test_from_the_queue_to_the_clerk_and_back(desk: Desk, counter: Counter, talk: Talk) -> None:
    await counter.duty(ANNA, come=True)
    first, second = talk("要多少钱", "在哪里办"), talk("几天")
    assert await desk.view(first) is None
    view = await desk.request(first, reason="asked", item_id=ITEM)
    assert (view.state, view.place) == ("waiting", 1)
    assert (await desk.request(second, reason="failed")).place == 2
    # Asking again changes nothing.
    assert (await desk.request(first, reason="failed")).place == 1
    queue = await counter.queue(ANNA)
    assert [line.place for line in queue.waiting] == [1, 2]
    line = queue.waiting[0]
    assert (line.reason, line.last_question, line.here, line.mine) == ("asked", "在哪里办", True, False)
    assert line.item is not None
    assert line.item.name == "公共场所卫生许可证注销"

    await desk.citizen_said(first, "还没有人接，这句不给坐席")
    taken = await counter.take(line.id, ANNA)
    assert taken.mine
    assert taken.state == "attended"
    view = await desk.view(first)
    assert view is not None
    assert (view.state, view.clerk, view.place) == ("attended", "安娜", None)
    assert (await desk.view(second)).place == 1  # type: ignore[union-attr]
    await counter.say(line.id, "您好，\n请带身份证", ANNA)
    await desk.citizen_said(first, "我的电话,13800138000")
    detail = await counter.detail(line.id, ANNA)
    assert [(one.author, one.text) for one in detail.transcript] == [
        ("citizen", "要多少钱"),
        ("bot", "答：要多少钱"),
        ("citizen", "在哪里办"),
        ("bot", "答：在哪里办"),
        ("system", "工作人员安娜已经接入，正在看您之前的问题。"),
        ("clerk", "您好，\n请带身份证"),
        ("citizen", "我的电话，【手机号码】"),
    ]
    assert [(one.action, one.by) for one in detail.events] == [("request", "市民"), ("take", "安娜"), ("say", "安娜")]
    assert detail.question == "我的电话，【手机号码】"
    await counter.give_back(line.id, ANNA)
    assert await desk.view(first) is None
    with pytest.raises(Conflict) as caught:
        await counter.say(line.id, "还有一句", ANNA)
    assert caught.value.code == "handover_ended"
    # The next time is a new handover.
    assert (await desk.request(first, reason="asked")).place == 2


async def test_two_clerks_at_once_one_wins(desk: Desk, counter: Counter, talk: Talk) -> None:
    for clerk in (ANNA, BERT):
        await counter.duty(clerk, come=True)
    await desk.request(talk("问"), reason="asked")
    handover = await only(counter)
    outcomes = await asyncio.gather(counter.take(handover, ANNA), counter.take(handover, BERT), return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, HubError)]
    assert len(refused) == 1
    assert refused[0].code == "handover_taken"
    winner = ANNA if not isinstance(outcomes[0], HubError) else BERT
    loser = BERT if winner is ANNA else ANNA
    assert winner.name in refused[0].message
    # Once more by the one who has it changes nothing; the other can do nothing with it.
    await counter.take(handover, winner)
    for attempt in (
        counter.say(handover, "我来", loser),
        counter.close(handover, loser),
        counter.give_back(handover, loser),
    ):
        with pytest.raises(Conflict) as caught:
            await attempt
        assert caught.value.code == "handover_taken"


async def test_two_databases_connections_take_at_once(
    desk: Desk, counter: Counter, talk: Talk, database_url: str, tmp_path: Path
) -> None:
    """Another process: nothing of its memory is shared."""
    other_database = Database(database_url)
    other_desk = Desk(other_database, tmp_path / "desk.key", hours=desk.hours)
    other = Counter(other_desk, counter._store, counter._library)
    await counter.duty(ANNA, come=True)
    await counter.duty(BERT, come=True)
    for _ in range(5):
        session_id = talk("问")
        await asyncio.gather(desk.request(session_id, reason="asked"), other_desk.request(session_id, reason="failed"))
        handover = await only(counter)
        outcomes = await asyncio.gather(
            counter.take(handover, ANNA), other.take(handover, BERT), return_exceptions=True
        )
        assert [type(one) for one in outcomes].count(Conflict) == 1, outcomes
        for clerk, outcome in zip((ANNA, BERT), outcomes, strict=True):
            if not isinstance(outcome, Conflict):
                await counter.close(handover, clerk)
    other_database.close()


async def test_what_a_clerk_may_not(desk: Desk, counter: Counter, talk: Talk) -> None:
    await counter.duty(BERT, come=True)
    await desk.request(talk("问"), reason="asked")
    handover = await only(counter)
    for attempt, code in (
        (counter.take(handover, ANNA), "not_on_duty"),
        (counter.say(handover, "您好", BERT), "handover_not_taken"),
        (counter.give_back(handover, BERT), "handover_state"),
        (counter.take(10_000, BERT), "handover_not_found"),
        (counter.say(handover, "\u200b", BERT), "text_empty"),
        (counter.say(handover, "长" * 3000, BERT), "text_too_long"),
    ):
        with pytest.raises(HubError) as caught:
            await attempt
        assert caught.value.code == code
    await counter.take(handover, BERT)
    with pytest.raises(Conflict) as conflict:
        await counter.go(BERT)
    assert conflict.value.code == "still_attending"
    await counter.close(handover, BERT)
    assert not (await counter.go(BERT)).on_duty
    assert not (await counter.duty(BERT)).on_duty, "a page that speaks must not bring its clerk back on duty"


async def test_nobody_on_duty_is_a_promise(desk: Desk, counter: Counter, talk: Talk, database: Database) -> None:
    session_id = talk("问")
    view = await desk.request(session_id, reason="asked")
    assert view.state == "callback"
    assert view.promised_at is not None
    assert view.promised_at > now()
    assert "请留下手机号码" in desk.told(view)
    kept = await desk.call_wanted(session_id, "138 0013 8000", " 王女士 ")
    assert (kept.phone_shown, kept.promised_at) == ("138****8000", view.promised_at)
    # Another number replaces it.
    await desk.call_wanted(session_id, "13900139000", None)
    (call,) = (await counter.queue(ANNA)).callbacks
    assert (call.phone_shown, call.phone, call.name, call.overdue) == ("139****9000", None, None, False)
    mine = await counter.take_call(call.id, ANNA)
    assert mine.phone == "13900139000"
    assert (await counter.queue(BERT)).callbacks[0].phone is None
    for attempt, code in (
        (counter.take_call(call.id, BERT), "callback_taken"),
        (counter.end_call(call.id, None, BERT), "callback_not_yours"),
        (counter.release_call(call.id, BERT), "callback_not_yours"),
        (counter.take_call(10_000, BERT), "callback_not_found"),
    ):
        with pytest.raises(HubError) as caught:
            await attempt
        assert caught.value.code == code
    await counter.release_call(call.id, ANNA)
    await counter.take_call(call.id, BERT)
    done = await counter.end_call(call.id, "已告知，本人电话 13900139000", BERT)
    assert (done.state, done.phone, done.note) == ("done", None, "已告知，本人电话 【手机号码】")
    assert await desk.view(session_id) is None
    with database.session(read_only=True) as session:
        assert session.scalars(select(DeskCallback.sealed)).one() is None
        actions = session.scalars(select(DeskEvent.action).where(DeskEvent.callback_id == call.id)).all()
    assert actions == ["call_take", "call_release", "call_take", "call_done"]
    with pytest.raises(Conflict):
        await counter.end_call(call.id, None, BERT)


async def test_no_number_stands_in_the_database(desk: Desk, counter: Counter, talk: Talk, database: Database) -> None:
    session_id = talk("问")
    await desk.call_wanted(session_id, "13800138000", "王女士")
    with database.session(read_only=True) as session:
        rows = [
            repr([getattr(row, column.key) for column in table.__table__.columns])
            for table in (DeskCallback, DeskHandover, DeskMessage, DeskEvent)
            for row in session.scalars(select(table))
        ]
    assert rows
    assert not any("13800138000" in row or "王女士" in row for row in rows)


async def test_who_comes_on_duty_is_waited_for(desk: Desk, counter: Counter, talk: Talk) -> None:
    session_id = talk("问")
    assert (await desk.request(session_id, reason="asked")).state == "callback"
    await counter.duty(ANNA, come=True)
    assert (await desk.request(session_id, reason="asked")).state == "waiting"


async def test_bad_requests_for_a_call(desk: Desk, counter: Counter, talk: Talk) -> None:
    session_id = talk("问")
    with pytest.raises(NotFound) as unknown:
        await desk.call_wanted("f" * 32, "13800138000", None)
    assert unknown.value.code == "session_not_found"
    for phone, name in (("12", None), ("13800138000", "长" * 21), ("13800138000", "a\x00b")):
        with pytest.raises(Invalid):
            await desk.call_wanted(session_id, phone, name)
    await counter.duty(ANNA, come=True)
    await desk.request(session_id, reason="asked")
    await counter.take(await only(counter), ANNA)
    with pytest.raises(Conflict) as conflict:
        await desk.call_wanted(session_id, "13800138000", None)
    assert conflict.value.code == "handover_attended"


async def test_clerks_and_the_log_are_told_where_the_calendar_ends(
    database: Database, counter: Counter, tmp_path: Path
) -> None:
    assert (await counter.duty(ANNA)).notice is None
    ended = Desk(database, tmp_path / "desk.key", hours=hours_of(always=True, arranged_until="2020-12-31"))
    notice = (await Counter(ended, counter._store, counter._library).duty(ANNA)).notice
    assert notice is not None
    assert "2020年12月31日" in notice
    with capture_logs() as logged:
        await ended.start()
        await ended.close()
    assert [(line["event"], line["arranged_until"]) for line in logged] == [("service_calendar_ends", "2020-12-31")]


async def test_outside_the_hours(database: Database, counter: Counter, talk: Talk, tmp_path: Path) -> None:
    """A page left open keeps nobody waiting; who comes on purpose may work, for a while."""
    closed = Desk(database, tmp_path / "desk.key", hours=hours_of(always=False))
    late = Counter(closed, counter._store, counter._library)
    assert (await closed.request(talk("问"), reason="asked")).state == "callback"
    duty = await late.duty(ANNA, come=True)
    assert (duty.on_duty, duty.available, duty.open_now) == (True, True, False)
    waiting = talk("问")
    assert (await closed.request(waiting, reason="asked")).state == "waiting"
    with database.session() as session:
        session.execute(update(DeskClerk).values(since=now() - OVERTIME))
    assert not (await late.duty(ANNA)).available
    await closed.sweep()
    view = await closed.view(waiting)
    assert view is not None
    assert view.state == "callback"
    assert view.promised_at is not None
    assert "已经下班" in (await closed.news(waiting, None)).messages[-1][1].text
    assert (await late.duty(ANNA, come=True)).available


async def test_a_clerk_whose_page_is_gone(desk: Desk, counter: Counter, talk: Talk, database: Database) -> None:
    await counter.duty(ANNA, come=True)
    await counter.duty(BERT, come=True)
    first, second = talk("先"), talk("后")
    await desk.request(first, reason="asked")
    await desk.request(second, reason="asked")
    await counter.take((await counter.queue(ANNA)).waiting[0].id, ANNA)
    with database.session() as session:
        session.execute(update(DeskClerk).where(DeskClerk.id == ANNA.id).values(seen_at=now() - OVERTIME))
    await desk.sweep()
    view = await desk.view(first)
    assert view is not None
    assert (view.state, view.place) == ("waiting", 1), "back to the front, not to the end"
    assert (await counter.queue(BERT)).duty.clerks == ["贝特"]
    # The last one goes: nobody waits for nobody.
    await counter.go(BERT)
    assert {(await desk.view(one)).state for one in (first, second)} == {"callback"}  # type: ignore[union-attr]


async def test_a_citizen_who_leaves(
    desk: Desk, counter: Counter, talk: Talk, age: Callable[..., None], database: Database
) -> None:
    await counter.duty(ANNA, come=True)
    session_id = talk("问")
    with pytest.raises(NotFound):
        await desk.leave(session_id)
    await desk.request(session_id, reason="asked")
    handover = await only(counter)
    await desk.leave(session_id)
    assert await desk.view(session_id) is None
    with pytest.raises(Conflict) as caught:
        await counter.take(handover, ANNA)
    assert caught.value.code == "handover_ended"
    # One that goes without a word, and hasn't written to the bot either.
    silent, talking = talk("问"), talk("问")
    for one in (silent, talking):
        await desk.request(one, reason="asked")
    by_session = {}
    with database.session() as session:
        for row in session.scalars(select(DeskHandover).where(DeskHandover.state == "waiting")):
            by_session[row.session_id] = row.id
        session.execute(update(ConsultSession).where(ConsultSession.id == silent).values(updated_at=now() - OVERTIME))
    for handover_id in by_session.values():
        age(handover_id, seen_at=4000)
    await desk.sweep()
    assert await desk.view(silent) is None
    assert (await desk.view(talking)) is not None


async def test_promises_that_pass(desk: Desk, counter: Counter, talk: Talk, age: Callable[..., None]) -> None:
    with_number, without = talk("问"), talk("问")
    for one in (without, with_number):
        await desk.request(one, reason="asked")
    await desk.call_wanted(with_number, "13800138000", None)
    for handover_id in (1, 2):
        age(handover_id, promised_at=60)
    await desk.sweep()
    assert await desk.view(without) is None
    assert (await desk.view(with_number)) is not None, "somebody still has to be called"


async def test_open_handovers_outlast_the_server(
    desk: Desk, counter: Counter, talk: Talk, database_url: str, tmp_path: Path
) -> None:
    await counter.duty(ANNA, come=True)
    session_id = talk("问")
    await desk.request(session_id, reason="asked")
    handover = await only(counter)
    await counter.take(handover, ANNA)
    await counter.say(handover, "您好", ANNA)
    again = Database(database_url)
    after = Desk(again, tmp_path / "desk.key", hours=desk.hours)
    await after.start()
    view = await after.view(session_id)
    assert view is not None
    assert view.clerk == "安娜"
    later = Counter(after, counter._store, counter._library)
    await later.say(handover, "还在", ANNA)
    news = await after.news(session_id, None)
    assert [message.text for _, message in news.messages][1:] == ["您好", "还在"]
    await after.close()
    again.close()


async def test_view_costs_nothing_for_those_without(desk: Desk, talk: Talk, database: Database) -> None:
    await desk.start()
    try:
        session_id = talk("问")
        database_run = database.run
        asked = []

        async def counted(*arguments, **options):  # type: ignore[no-untyped-def]
            asked.append(1)
            return await database_run(*arguments, **options)

        database.run = counted  # type: ignore[method-assign]
        assert await desk.view(session_id) is None
        assert asked == []
        await desk.request(session_id, reason="asked")
        assert (await desk.view(session_id)) is not None
    finally:
        await desk.close()
