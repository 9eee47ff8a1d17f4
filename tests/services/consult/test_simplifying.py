import pytest

from services.consult.simplifying import simplify


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("食品經營許可證需要什麼材料", "食品经营许可证需要什么材料"),
        ("居住證怎麼辦", "居住证怎么办"),
        ("特種設備使用登記", "特种设备使用登记"),
        ("公共场所卫生许可证 ABC 123", "公共场所卫生许可证 ABC 123"),
        ("", ""),
    ],
)
def test_simplify(written, searched):
    assert simplify(written) == searched
