"""The bot and the desk together: who answers when."""

from __future__ import annotations

import pytest

from core.settings import Settings
from services.consult.desk.rules import FILE, load_rules
from services.consult.service import ConsultService
from services.consult.tables import ConsultMessage
from tests.services.consult.desk.conftest import ANNA

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def service(search, database, desk, tmp_path):
    return ConsultService(search, database, Settings(var_dir=tmp_path), desk=desk)


async def test_nobody_on_duty_promises_a_callback(service):
    answer = await service.reply("转人工")
    assert answer.status == "handed_over"
    assert answer.handover is not None
    assert answer.handover.state == "callback"
    assert answer.handover.promised_at is not None
    assert "手机号码" in answer.text


async def test_the_bot_goes_on_until_a_clerk_attends(service, counter, database):
    await counter.duty(ANNA, come=True)
    asked = await service.reply("我要找人工客服")
    assert (asked.handover.state, asked.handover.place) == ("waiting", 1)
    session = asked.session_id
    waiting = await service.reply("居住证申领多少钱", session_id=session)
    assert waiting.status == "answered"
    assert waiting.handover.state == "waiting"
    (entry,) = (await counter.queue(ANNA)).waiting
    await counter.take(entry.id, ANNA)
    silent = await service.reply("我的电话13800138000，能不能快点", session_id=session)
    assert (silent.status, silent.text, silent.citations) == ("with_person", "", [])
    assert silent.handover.state == "attended"
    detail = await counter.detail(entry.id, ANNA)
    assert "13800138000" not in detail.model_dump_json()
    with database.session() as rows:
        assert all("13800138000" not in row.question for row in rows.query(ConsultMessage))
    await counter.give_back(entry.id, ANNA)
    again = await service.reply("居住证申领多少钱", session_id=session)
    assert again.status == "answered"
    assert again.handover is None


async def test_two_failures_call_a_person(service, counter):
    await counter.duty(ANNA, come=True)
    first = await service.reply("股票开户怎么办")
    assert (first.status, first.handover) == ("not_found", None)
    second = await service.reply("那红烧肉怎么做", session_id=first.session_id)
    assert second.status == "handed_over"
    assert second.handover.state == "waiting"
    assert not second.citations


async def test_how_many_failures_call_a_person_stands_in_the_rules(search, database, desk, tmp_path):
    file = tmp_path / "rules.yaml"
    file.write_text(FILE.read_text(encoding="utf-8").replace("failures: 2", "failures: 3"), encoding="utf-8")
    desk.rules = load_rules(file)
    service = ConsultService(search, database, Settings(var_dir=tmp_path), desk=desk)
    session, states = None, []
    for question in ("股票开户怎么办", "那红烧肉怎么做", "股票开户怎么办"):
        answer = await service.reply(question, session_id=session)
        session = answer.session_id
        states.append((answer.status, answer.handover is not None))
    assert states == [("not_found", False), ("not_found", False), ("handed_over", True)]
