from __future__ import annotations

import pytest

from core.errors import Invalid, TooLarge
from services.consult.desk.spoken import masked_words, message_words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("您好，请带身份证。\n再带户口簿！", "您好，请带身份证。\n再带户口簿！"),
        ("我的手机是13800138000，请回电", "我的手机是【手机号码】，请回电"),
        ("号码：１３８００１３８０００。谢谢", "号码：【手机号码】。谢谢"),
        ("138\n0013\n8000", "【手机号码】"),
        ("身份证 11010519491231002X，住 3号501室", "身份证 【证件号码】，住 【门牌号】"),
        ("写信到 a.b@example.com", "写信到 【邮箱】"),
        ("\u200b\u202e  \n", ""),
        ("第一行\n\n\n\n第二行", "第一行\n\n第二行"),
        ("<b>粗</b>", "<b>粗</b>"),
        ("零\u200b宽1\u200b3800138000", "零宽【手机号码】"),
    ],
)
def test_what_is_kept(typed: str, kept: str) -> None:
    assert masked_words(typed) == kept


def test_what_is_refused() -> None:
    with pytest.raises(Invalid):
        message_words(" \u200b ", longest=10)
    with pytest.raises(TooLarge):
        message_words("字" * 11, longest=10)
    assert message_words("字" * 10, longest=10) == "字" * 10
