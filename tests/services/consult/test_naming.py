import pytest

from services.consult.naming import NOT_NAMED, NameMatcher, bigrams

FORMS = {
    "venue": ["公共场所卫生许可证新办", "公共场所卫生许可证", "办卫生证"],
    "food": ["食品经营许可新办", "食品经营许可证", "开饭店"],
    "card": ["社会保障卡申领", "社会保障卡", "社保卡"],
}


@pytest.fixture(scope="module")
def names():
    return NameMatcher(FORMS, common=["经营许可证"])


@pytest.mark.parametrize(
    ("text", "grams"),
    [("", set()), ("证", {"证"}), ("居住证", {"居住", "住证"}), ("居 住，证", {"居住", "住证"}), ("ＡＢ", {"ab"})],
)
def test_bigrams(text, grams):
    assert bigrams(text) == grams


def test_a_whole_form_is_seen(names):
    naming = names.match("公共场所卫生许可证")["venue"]
    assert (naming.told, naming.named, naming.whole) == (1.0, 1.0, "公共场所卫生许可证")


def test_what_no_item_is_called_names_none(names):
    assert names.match("护照") == {}
    assert names.match("") == {}


def test_common_words_tell_little(names):
    weighted = names.match("燃气经营许可证").get("food", NOT_NAMED).told
    assert weighted < NameMatcher(FORMS).match("燃气经营许可证")["food"].told
    assert names.match("食品经营许可证")["food"].told == 1.0


def test_shares_lie_between_0_and_1(names):
    for matter in ("社保卡", "社会保障卡密码", "开饭店和公共场所卫生许可证", "证", "aaa"):
        for naming in names.match(matter).values():
            assert 0 <= naming.told <= 1 + 1e-9
            assert 0 <= naming.named <= 1 + 1e-9
