import pytest

from core.errors import TooLarge
from services.algorithms.addresses.normalising import Text, read_address, run


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("普陀区曹杨路500弄3-1202", "上海市普陀区曹杨路500弄3号1202室"),
        ("上海 普陀 曹杨路 500号 二号楼 301", "上海市普陀区曹杨路500号2幢301室"),
        ("昆山市玉山镇人民路1号", "江苏省苏州市昆山市玉山镇人民路1号"),
        ("济源市沁园路1号", "河南省济源市沁园路1号"),
        ("内蒙古呼和浩特新城区中山路１号", "内蒙古自治区呼和浩特市新城区中山路1号"),
        ("苏州吴中区东吴南路2号3-2-501", "江苏省苏州市吴中区东吴南路2号3幢2单元501室"),
        ("沪太路1500弄", "沪太路1500弄"),
        ("上海长宁路100号", "上海市长宁路100号"),
        ("南京路100号", "南京路100号"),
    ],
)
def test_the_standard_form(written: str, standard: str) -> None:
    assert read_address(written).standard == standard


def test_the_home_province_has_the_district_that_several_have() -> None:
    assert read_address("普陀区曹杨路1号").province == "上海市"
    assert read_address("普陀区海华路1号", home="浙江省").standard == "浙江省舟山市普陀区海华路1号"
    assert read_address("鼓楼区中山路1号", home="上海市").district == ""


def test_what_is_missing_is_said() -> None:
    found = read_address("曹杨路")
    assert found.missing == ("province", "district", "number")
    assert found.missing_shown == ("省(市)", "区(县)", "门牌号")
    assert read_address("上海市普陀区曹杨路500弄").missing == ()


def test_the_code_is_the_districts() -> None:
    assert read_address("上海市普陀区曹杨路1号").code == "310107"


def test_a_normalised_address_stays_as_it_is() -> None:
    once = read_address("浙江杭州余杭区文一西路9号2栋1单元301").standard
    assert read_address(once).standard == once


def test_size_is_limited() -> None:
    with pytest.raises(TooLarge):
        run(Text(text="路" * 301))
