import pytest

from services.consult.cleaning import clean
from services.consult.personal_data import mask, without_marks


@pytest.mark.parametrize(
    ("sent", "stored", "found"),
    [
        ("我的身份证11010519491231002X办居住证", "我的身份证【证件号码】办居住证", {"证件号码": 1}),
        ("110105 19491231 002x", "【证件号码】", {"证件号码": 1}),
        ("110105-19491231-002X", "【证件号码】", {"证件号码": 1}),
        ("１１０１０５１９４９１２３１００２Ｘ", "【证件号码】", {"证件号码": 1}),
        ("1101\u200b0519491231002X", "【证件号码】", {"证件号码": 1}),
        # One digit mistyped: the check fails, the person is still there to be found.
        ("310107199001010000", "【证件号码】", {"证件号码": 1}),
        ("卡号6222 0200 0000 0000 006", "卡号【长号码】", {"长号码": 1}),
        ("卡号4111 1111 1111 1111", "卡号【银行卡号】", {"银行卡号": 1}),
        ("电话13800138000,谢谢", "电话【手机号码】,谢谢", {"手机号码": 1}),
        ("138-0013-8000或+86 139 0000 0000", "【手机号码】或【手机号码】", {"手机号码": 2}),
        ("打021-62345678", "打【电话号码】", {"电话号码": 1}),
        ("发到zhang.san@example.com", "发到【邮箱】", {"邮箱": 1}),
        ("护照号E12345678", "护照号【证件号码】", {"证件号码": 1}),
        ("车牌沪A12345", "车牌【车牌号】", {"车牌号": 1}),
        ("住长寿路100弄5号602室", "住长寿路【门牌号】", {"门牌号": 1}),
        ("我叫张三丰,想办居住证", "我叫【姓名】,想办居住证", {"姓名": 1}),
    ],
)
def test_mask(sent, stored, found):
    masked = mask(clean(sent))
    assert masked.text == stored
    assert masked.found == found


@pytest.mark.parametrize(
    "text",
    [
        "12345是什么电话",
        "统一社会信用代码91310107MA1T000052",
        "120平方米的理发店",
        "GB 18204.1-2013",
        "2026年1月1日到期",
        "你叫什么,我叫什么",
        "公司注册资本1000000元",
        "打110",
    ],
)
def test_public_numbers_stay(text):
    assert mask(clean(text)).text == clean(text)


def test_marks_do_not_reach_the_search():
    masked = mask("11010519491231002X 居住证要什么材料")
    assert without_marks(masked.text) == "居住证要什么材料"
