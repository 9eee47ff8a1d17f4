"""An answer that the bot knows is taken back by its chip; what stands on a button is never taken for something else."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")
QUESTION = "我要开理发店，公共场所卫生许可证新办要什么材料"


async def test_a_known_answer_is_asked_again(conversation):
    first = await conversation.ask(QUESTION, through=False)
    assert [one["question_id"] for one in first["known"]] == ["venue_type"]
    assert first["asking"]["question_id"] == "central_air"
    answered = await conversation.press("central_air", True)
    assert answered["status"] == "answered"
    assert "集中空调通风系统卫生检测" in answered["text"]
    again = await conversation.press("central_air", action="back")
    assert again["asking"]["question_id"] == "central_air"
    assert [one["question_id"] for one in again["known"]] == ["venue_type"]
    other = await conversation.press("central_air", False)
    assert other["status"] == "answered"
    assert "集中空调通风系统卫生检测" not in other["text"]


async def test_what_hangs_on_it_is_forgotten(conversation):
    await conversation.ask(QUESTION, through=False)
    await conversation.press("central_air", True)
    again = await conversation.press("venue_type", action="back")
    assert again["asking"]["question_id"] == "venue_type"
    assert again["known"] == []
    exempt = await conversation.press("venue_type", "exempt")
    assert [one["question_id"] for one in exempt["known"]] == ["venue_type"]
    assert "不用办理" in exempt["text"]


async def test_back_in_the_questionnaire_goes_one_back(conversation):
    first = await conversation.ask("公共场所卫生许可证新办要什么材料", through=False)
    assert first["asking"]["question_id"] == "venue_type"
    second = await conversation.press("venue_type", "licensed")
    assert second["asking"]["question_id"] == "central_air"
    assert second["asking"]["can_go_back"]
    back = await conversation.press("central_air", action="back")
    assert back["asking"]["question_id"] == "venue_type"


async def test_words_on_a_button_are_no_message(conversation):
    await conversation.ask(QUESTION, through=False)
    pressed = await conversation._send(
        {"text": "我要投诉", "choice": {"question_id": "central_air", "value": False, "action": "answer"}}
    )
    assert pressed["status"] == "answered"
    assert pressed["item"]["id"] == "public-venue-hygiene-new"
