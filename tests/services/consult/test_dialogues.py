"""Whole conversations over the real bot: asking back, the person's situation, follow-ups, two questions, changes of subject."""

from __future__ import annotations

import pytest

from services.consult.schemas import Choice

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_the_message_tells_is_not_asked_again(conversation):
    answer = await conversation.ask("我开理发店，空调是中央的，卫生许可证新办要交什么材料")
    assert answer["status"] == "answered"
    assert "集中空调通风系统卫生检测或者评价报告" in answer["text"]
    known = {one["question_id"]: one["value"] for one in answer["known"]}
    assert known == {"venue_type": "licensed", "central_air": True}


async def test_the_questionnaire_is_asked_step_by_step(conversation):
    first = await conversation.ask("公共场所卫生许可证新办要什么材料", through=False)
    assert (first["status"], first["asking"]["question_id"]) == ("clarify", "venue_type")
    assert first["citations"] == []
    assert first["asking"]["can_be_unsure"]
    assert not first["asking"]["can_go_back"]
    second = await conversation.press("venue_type", "licensed")
    assert (second["asking"]["question_id"], second["asking"]["can_go_back"]) == ("central_air", True)
    answer = await conversation.press("central_air", False)
    assert answer["status"] == "answered"
    assert answer["element"] == "materials"
    assert "集中空调" not in answer["text"]
    assert "公共场所卫生许可证申请表" in answer["text"]


async def test_free_text_answers_it_too_and_back_goes_back(conversation):
    await conversation.ask("公共场所卫生许可证新办要什么材料", through=False)
    second = await conversation.ask("是开公园的", through=False)
    assert second["status"] == "answered"
    assert "不用办理" in second["text"]
    fresh = await conversation.press("venue_type", "licensed")
    assert fresh["asking"]["question_id"] == "central_air"
    back = await conversation.press("central_air", action="back")
    assert back["asking"]["question_id"] == "venue_type"


async def test_not_sure_shows_both_cases(conversation):
    await conversation.ask("公共场所卫生许可证新办要什么材料", through=False)
    await conversation.press("venue_type", "licensed")
    answer = await conversation.press("central_air", action="unsure")
    assert answer["status"] == "answered"
    assert "仅在下列情形提交：场所使用集中空调通风系统" in answer["text"]


async def test_a_situation_that_is_supposed_changes_the_answer(conversation):
    await conversation.ask("公共场所卫生许可证新办要什么材料", through=False)
    await conversation.press("venue_type", "licensed")
    without = await conversation.press("central_air", False)
    assert "集中空调" not in without["text"]
    with_it = await conversation.ask("如果是中央空调呢")
    assert with_it["item"]["id"] == "public-venue-hygiene-new"
    assert "集中空调通风系统卫生检测或者评价报告" in with_it["text"]


async def test_two_questions_in_one_message(conversation):
    answer = await conversation.ask("居住证申领多少钱？另外社会保障卡补换在哪里办？")
    about = {(one["section_id"].split("/")[0], one["element"]) for one in answer["citations"]}
    assert ("residence-permit-apply", "fee") in about
    assert ("social-security-card-replace", "places") in about


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("shehuibaozhangka diule zenme bu", "social-security-card-replace"),
        ("社會保障卡丟了怎麼補辦", "social-security-card-replace"),
        ("侬好，敬老卡哪能办啦", "senior-card-apply"),
        ("公工场所卫生许可证注消要啥材料", "public-venue-hygiene-cancel"),
    ],
)
async def test_slips_and_other_ways_to_write(conversation, text, item):
    answer = await conversation.ask(text)
    offered = [option["value"] for option in (answer["asking"] or {}).get("options", [])]
    assert (answer["item"] or {}).get("id") == item or item in offered, answer


async def test_back_to_an_earlier_subject(conversation):
    await conversation.ask("敬老卡多少钱")
    await conversation.ask("烟草专卖零售许可证要多少天")
    answer = await conversation.ask("刚才那个敬老卡在哪里办")
    assert answer["item"]["id"] == "senior-card-apply"


async def test_a_choice_that_is_no_option_is_refused(client, conversation):
    first = await conversation.ask("公共场所卫生许可证新办要什么材料", through=False)
    response = await client.post(
        "/api/consult/messages",
        json={
            "session_id": first["session_id"],
            "text": "游乐园",
            "choice": {"question_id": "venue_type", "value": "funfair"},
        },
    )
    assert response.status_code == 422
    assert response.json()["code"] == "answer_invalid"


async def test_where_to_go_is_no_question_about_another_place(conversation):
    """To the head every 在哪里办 sounds of elsewhere; a place is believed when it is named."""
    answer = await conversation.ask("居住证在哪里办")
    assert answer["citations"]
    assert answer["item"]["id"].startswith("residence-permit")
    assert (await conversation.ask("绵阳的居住证在哪里办"))["citations"] == []


async def test_the_message_whose_item_was_asked_for_is_not_forgotten(service):
    """The name on the button, 医疗费用报销, holds the words for a fee; the message that waits asked for the limits."""
    asked = await service.reply("侬好，阿拉姆妈看毛病个发票交上去，几日天钞票好下来")
    assert asked.asking is not None
    assert asked.asking.kind == "item"
    option = next(one for one in asked.asking.options if one.value == "medical-expense-reimbursement")
    choice = Choice(question_id="item", value=option.value)
    answer = await service.reply(option.label, session_id=asked.session_id, choice=choice)
    assert "20 个工作日" in answer.text
    assert answer.element == "limits"


async def test_talk_of_one_s_own_situation_goes_on_though_no_guide_says_it_so(conversation):
    await conversation.ask("最低生活保障申请要什么条件")
    answer = await conversation.ask("我爸得了很重的病")
    assert answer["status"] != "not_found"
    assert answer["item"]["id"] == "minimum-living-allowance"
    other = await conversation.ask("股票开户呢")
    assert other["status"] == "not_found"
