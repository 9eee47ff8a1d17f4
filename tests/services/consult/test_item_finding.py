"""Which item is meant, by names alone: the real library, no model."""

import pytest

from services.consult.item_finding import ItemFinder, read_names
from services.consult.policy import load_policy


@pytest.fixture(scope="module")
def finding(library):
    policy = load_policy()
    reader, names = read_names(library, policy)
    # No search: what is named has to be found without it.
    finder = ItemFinder(library, None, reader, names, policy.resolving)  # type: ignore[arg-type]
    return lambda text: finder.named(reader.read(text))


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("公共场所卫生许可证注销要什么材料", ["public-venue-hygiene-cancel"]),
        ("店不开了,卫生许可证怎么办", ["public-venue-hygiene-cancel"]),
        ("卫生许可证换了法人怎么改", ["public-venue-hygiene-change"]),
        ("卫生许可证上的名称变了怎么改", ["public-venue-hygiene-change"]),
        ("卫生许可证快过期了", ["public-venue-hygiene-renew"]),
        ("我要办卫生许可证", ["public-venue-hygiene-new"]),
        (
            "公共场所卫生许可证多少钱",
            [f"public-venue-hygiene-{action}" for action in ("new", "change", "renew", "cancel")],
        ),
        ("社会保障卡怎么办", ["social-security-card-apply", "social-security-card-replace"]),
        ("社保卡丢了怎么补办", ["social-security-card-replace"]),
        ("生育登记和居住证都要什么材料", ["birth-registration", "residence-permit-apply"]),
    ],
)
def test_named(finding, text, items):
    found = finding(text)
    assert [item.id for item in found.items] == items
    assert found.named


@pytest.mark.parametrize(
    "text",
    [
        "签证怎么办",
        "燃气经营许可证怎么办",
        "采矿许可证要什么材料",
        "渔业捕捞许可证有什么条件",
        "网络文化经营许可证",
        "户口迁移",
        "彩票站申请",
        "游艇上牌",
        "美容院办卡不退钱怎么办",
        "酒店住一晚多少钱",
        "无线电台执照",
    ],
)
def test_not_named(finding, text):
    found = finding(text)
    assert not found.items
    assert found.missing_action is None


@pytest.mark.parametrize("text", ["户外招牌注销", "居住证丢了怎么补", "社会保障卡密码重置怎么办理", "营业执照丢了"])
def test_the_licence_is_ours_but_its_guide_tells_nothing_of_this(finding, text):
    found = finding(text)
    assert not found.items
    assert found.missing_action is not None
