"""What people tell of their situation: the real questionnaires."""

import pytest

from services.consult.policy import load_policy
from services.consult.situation_reading import Reply, SituationReader


@pytest.fixture(scope="module")
def reader():
    return SituationReader(load_policy().situations)


def situation(library, item_id, question):
    return next(one for one in library.item(item_id).situations if one.id == question)


@pytest.mark.parametrize(
    ("item", "text", "told"),
    [
        ("public-venue-hygiene-new", "我开理发店，空调是中央的", {"venue_type": "licensed", "central_air": True}),
        (
            "company-change",
            "换法人，还要增加注册资本",
            {"changes": ["legal_representative", "capital"], "capital_way": "increase"},
        ),
        (
            "id-card-renew",
            "我16岁，外地户口，到期了怎么换",
            {"age": 16.0, "household_place": "other", "reason": "expired"},
        ),
        ("pension-claim", "缴了15年社保", {"paid_years": 15.0}),
        ("public-venue-hygiene-new", "卫生许可证要多少天", {}),
        ("senior-card-apply", "帮我爸办敬老卡", {"applicant": "agent"}),
    ],
)
def test_in_passing(library, reader, item, text, told):
    assert reader.told(library.item(item), text, {}) == told


def test_a_question_off_the_path_is_not_answered(library, reader):
    told = reader.told(library.item("public-venue-hygiene-new"), "我开公园，空调是中央的", {"venue_type": "exempt"})
    assert "central_air" not in told


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("是的", True),
        ("有", True),
        ("没有", False),
        ("不用", False),
        ("不清楚", Reply.UNSURE),
        ("上一步", Reply.BACK),
        ("直接告诉我吧", Reply.SKIP),
        ("营业执照怎么办", None),
    ],
)
def test_reply_to_yes_or_no(library, reader, text, reply):
    assert reader.reply(situation(library, "public-venue-hygiene-new", "central_air"), text) == reply


@pytest.mark.parametrize(
    ("text", "reply"), [("第二个", "exempt"), ("公园", "exempt"), ("开咖啡馆的", "food"), ("我也说不准", Reply.UNSURE)]
)
def test_reply_to_a_choice(library, reader, text, reply):
    assert reader.reply(situation(library, "public-venue-hygiene-new", "venue_type"), text) == reply


@pytest.mark.parametrize(
    ("text", "reply"), [("45", 45.0), ("四十五岁", 45.0), ("900岁", None), ("不知道", Reply.UNSURE)]
)
def test_reply_with_a_number(library, reader, text, reply):
    assert reader.reply(situation(library, "id-card-renew", "age"), text) == reply
