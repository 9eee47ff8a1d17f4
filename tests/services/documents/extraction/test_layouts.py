"""Forms as they come: tables with labels at half the height of a cell, two columns, boxes to tick, contracts that run on. All the
people and companies are made up."""

from __future__ import annotations

import unicodedata

import pytest

from models.tasks import OcrLine, OcrOutput
from services.documents.extraction.kinds import paper_kinds
from services.documents.extraction.reader import Field, read_fields

Row = tuple[str, float, float]
"""Text, left, top: 0..1 of a square page."""
HEIGHT = 0.02


def page(*rows: Row, confidence: float = 0.98) -> OcrOutput:
    """A square page; a full-width character is as wide as high."""
    lines = []
    for text, left, top in rows:
        width = sum(HEIGHT if unicodedata.east_asian_width(one) in "WFA" else 0.52 * HEIGHT for one in text)
        right, bottom = left + width, top + HEIGHT
        lines.append(OcrLine(text, confidence, ((left, top), (right, top), (right, bottom), (left, bottom))))
    return OcrOutput(1000, 1000, 0, tuple(lines))


def read(kind: str, *rows: Row) -> dict[str, Field]:
    return {field.id: field for field in read_fields(paper_kinds()[kind], page(*rows))}


def values(kind: str, *rows: Row) -> dict[str, str | None]:
    return {name: field.value for name, field in read(kind, *rows).items()}


def test_a_label_at_half_the_height_of_its_cell() -> None:
    """Three lines, two lines and one, each cell's label in its middle."""
    found = values(
        "property-certificate",
        ("权利人", 0.10, 0.10),
        ("安晓宁", 0.30, 0.10),
        ("国有建设用地使用权", 0.30, 0.16),
        ("权利类型", 0.10, 0.1725),
        ("/房屋所有权", 0.30, 0.185),
        ("城镇住宅用地", 0.30, 0.24),
        ("用途", 0.10, 0.265),
        ("（成套住宅）", 0.30, 0.265),
        ("/住宅", 0.30, 0.29),
        ("面积", 0.10, 0.35),
        ("86.50㎡", 0.30, 0.35),
    )
    assert found["right_kind"] == "国有建设用地使用权/房屋所有权"
    assert found["area"] == "86.5"
    assert found["owner"] == "安晓宁"


def test_two_parties_side_by_side() -> None:
    found = values(
        "marriage-certificate",
        ("持证人 安晓宁", 0.10, 0.08),
        ("姓名", 0.10, 0.202),
        ("安晓宁", 0.22, 0.20),
        ("姓名", 0.55, 0.20),
        ("高明远", 0.67, 0.201),
        ("性别", 0.10, 0.25),
        ("女", 0.22, 0.25),
        ("性别", 0.55, 0.25),
        ("男", 0.67, 0.25),
        ("身份证件号", 0.10, 0.30),
        ("310107199203151022", 0.22, 0.30),
        ("身份证件号", 0.55, 0.30),
        ("310107198811022035", 0.67, 0.30),
    )
    assert [found[name] for name in ("holder", "name_1", "name_2", "sex_1", "sex_2")] == [
        "安晓宁",
        "安晓宁",
        "高明远",
        "女",
        "男",
    ]
    assert (found["number_1"], found["number_2"]) == ("310107199203151022", "310107198811022035")


def test_one_of_a_pair_that_was_not_read_leaves_the_other_its_party() -> None:
    found = values(
        "marriage-certificate",
        ("性别", 0.40, 0.10),
        ("女", 0.52, 0.10),
        ("国籍", 0.10, 0.14),
        ("中国", 0.22, 0.14),
        ("姓名", 0.10, 0.30),
        ("高明远", 0.22, 0.30),
        ("性别", 0.40, 0.30),
        ("男", 0.52, 0.30),
        ("国籍", 0.10, 0.34),
        ("中国", 0.22, 0.34),
    )
    assert (found["name_1"], found["name_2"]) == (None, "高明远")


@pytest.mark.parametrize("boxes", ["☑新办 □变更 □延续 □注销", "口变更 √新办 口延续", "□变更囗延续团新办"])
def test_boxes_to_tick(boxes: str) -> None:
    assert values("application-form", ("申请类别", 0.10, 0.20), (boxes, 0.30, 0.20))["apply_kind"] == "新办"


def test_boxes_that_say_nothing() -> None:
    assert values("application-form", ("申请类别", 0.10, 0.20), ("□新办 □变更", 0.30, 0.20))["apply_kind"] is None


def test_a_contract_that_runs_on() -> None:
    found = values(
        "lease",
        ("房屋租赁合同", 0.40, 0.05),
        ("甲方：安晓宁", 0.10, 0.10),
        ("身份证号码：310107199203151022", 0.10, 0.13),
        ("乙方：上海明远餐饮有限公司", 0.10, 0.16),
        ("统一社会信用代码：91310107MA1T000052", 0.10, 0.19),
        ("一、甲方将位于上海市普陀区武宁路1235弄7", 0.14, 0.25),
        ("号302室的房屋出租给乙方，建筑面积为86.5㎡。", 0.10, 0.28),
        ("二、租赁期共三年，从2024年1月1日起至2026年12月3", 0.14, 0.31),
        ("1日止。", 0.10, 0.34),
        ("三、每月租金为人民币（大写）肆仟伍佰元整（¥4500.00）。", 0.14, 0.37),
        ("甲方（签字）：", 0.10, 0.60),
        ("乙方（盖章）：", 0.50, 0.60),
        ("2023年12月20日", 0.60, 0.66),
    )
    assert found == {
        "landlord": "安晓宁",
        "tenant": "上海明远餐饮有限公司",
        "location": "上海市普陀区武宁路1235弄7号302室",
        "area": "86.5",
        "term": "2024-01-01/2026-12-31",
        "rent": "4500.00",
        "signed": "2023-12-20",
    }


def test_a_letter_of_attorney_that_runs_on() -> None:
    found = values(
        "power-of-attorney",
        ("授权委托书", 0.40, 0.05),
        ("本人安晓宁，身份证号码：310107199203151022，因工作原因，现委", 0.14, 0.15),
        ("托高明远（身份证号码：310107198811022035）代为办理食品经营许", 0.10, 0.18),
        ("可证事宜。委托权限：代为提交材料、领取证照。委托期限：2024", 0.10, 0.21),
        ("年5月6日至2024年8月6日。", 0.10, 0.24),
        ("2024年5月6日", 0.60, 0.60),
    )
    assert found == {
        "principal": "安晓宁",
        "principal_number": "310107199203151022",
        "agent": "高明远",
        "agent_number": "310107198811022035",
        "matter": "办理食品经营许可证",
        "powers": "代为提交材料、领取证照",
        "term": "2024-05-06/2024-08-06",
        "signed": "2024-05-06",
    }


def test_values_below_their_labels() -> None:
    found = values(
        "health-certificate",
        ("姓名", 0.10, 0.10),
        ("性别", 0.35, 0.10),
        ("年龄", 0.60, 0.10),
        ("安晓宁", 0.10, 0.13),
        ("女", 0.35, 0.13),
        ("33", 0.60, 0.13),
    )
    assert [found[name] for name in ("name", "sex", "age")] == ["安晓宁", "女", "33"]


def test_several_labels_on_a_line() -> None:
    found = values("residence-permit", ("性别女民族汉", 0.10, 0.10), ("姓名:安晓宁出生日期:1992年3月15日", 0.10, 0.05))
    assert [found[name] for name in ("name", "sex", "nation", "birth")] == ["安晓宁", "女", "汉", "1992-03-15"]


def test_a_date_that_a_line_end_cuts() -> None:
    found = values(
        "hygiene-licence",
        ("有效期限：", 0.10, 0.40),
        ("2022年07月17日至2026年07月1", 0.25, 0.40),
        ("6日", 0.25, 0.425),
        ("发证日期：", 0.10, 0.47),
        ("2022年07月17日", 0.25, 0.47),
    )
    assert (found["valid_period"], found["issued"]) == ("2022-07-17/2026-07-16", "2022-07-17")


def test_a_date_whose_end_is_lost_is_no_date() -> None:
    assert values("hygiene-licence", ("发证日期：2022年07月1", 0.10, 0.40))["issued"] is None


@pytest.mark.parametrize("label", ["公民身份证码", "公民身份号", "公民身分号码", "公艮身份号码:"])
def test_a_label_with_a_character_misread_lost_or_too_many(label: str) -> None:
    found = values("identity-card-face", (label, 0.10, 0.80), ("310107199203151022", 0.40, 0.80))
    assert found["number"] == "310107199203151022"


def test_a_spread_label_of_which_a_half_is_lost() -> None:
    found = values("business-licence", ("名", 0.10, 0.20), ("普陀区晓宁理发店", 0.30, 0.20))
    assert found["name"] == "普陀区晓宁理发店"


def test_two_rows_read_as_one_upright_box() -> None:
    """女 and 汉 of two rows in one tall box, as it happens on skewed photos."""
    tall = OcrLine("女汉", 0.97, ((0.30, 0.10), (0.32, 0.10), (0.32, 0.15), (0.30, 0.15)))
    whole = page(("性别", 0.10, 0.103), ("民族", 0.10, 0.127))
    found = {
        field.id: field
        for field in read_fields(paper_kinds()["residence-permit"], OcrOutput(1000, 1000, 0, (*whole.lines, tall)))
    }
    assert (found["sex"].value, found["nation"].value) == ("女", "汉")
    ((first, _, third, _),) = found["nation"].boxes
    assert (first[1], third[1]) == (pytest.approx(0.125), pytest.approx(0.15))


def test_the_text_of_a_seal_stays_out() -> None:
    whole = page(("发证机关：", 0.10, 0.70), ("普陀区卫生健康委员会", 0.22, 0.70))
    seal = OcrLine("市江民", 0.8, ((0.44, 0.66), (0.50, 0.68), (0.48, 0.76), (0.42, 0.74)))
    scrap = OcrLine("Q", 0.2, ((0.43, 0.70), (0.45, 0.70), (0.45, 0.72), (0.43, 0.72)))
    found = {
        field.id: field.value
        for field in read_fields(
            paper_kinds()["hygiene-licence"], OcrOutput(1000, 1000, 0, (*whole.lines, seal, scrap))
        )
    }
    assert found["issuer"] == "普陀区卫生健康委员会"


def test_a_page_seen_from_the_side() -> None:
    """The rows fan out: those above lie at another slope than those below, and a value stands beside the label above its own."""

    def lean(x: float, y: float) -> tuple[float, float]:
        return x, y + (0.08 - 0.12 * y) * x

    rows = [
        (f"{label}", 0.05, 0.1 + 0.05 * place)
        for place, label in enumerate(
            ("姓名", "性别", "民族", "出生日期", "户籍地址", "居住地址", "签发机关", "有效期限")
        )
    ]
    answers = (
        "安晓宁",
        "女",
        "汉",
        "1992年3月15日",
        "浙江省宁波市海曙区中山路88号",
        "上海市普陀区武宁路1235弄7号",
        "上海市公安局普陀分局",
        "2025.05.06-2026.05.05",
    )
    flat = page(*rows, *((text, 0.55, top) for text, (_, _, top) in zip(answers, rows, strict=True)))
    leaning = tuple(
        OcrLine(line.text, line.confidence, tuple(lean(*corner) for corner in line.box))  # type: ignore[arg-type]
        for line in flat.lines
    )
    found = {f.id: f.value for f in read_fields(paper_kinds()["residence-permit"], OcrOutput(1000, 1000, 0, leaning))}
    assert [found[name] for name in ("name", "sex", "nation", "birth")] == ["安晓宁", "女", "汉", "1992-03-15"]
    assert found["issuer"] == "上海市公安局普陀分局"


def test_masked_numbers_and_the_parts_of_an_address() -> None:
    found = read(
        "food-licence",
        ("社会信用代码(身份证号码):310107****03151022", 0.10, 0.10),
        ("住所：上海市普陀区武宁路1235弄7号302室", 0.10, 0.15),
    )
    assert found["credit_code"].value == "310107****03151022"
    assert found["address"].parts == {
        "province": "上海市",
        "district": "普陀区",
        "road": "武宁路",
        "lane": "1235弄",
        "number": "7号",
        "room": "302室",
    }


def test_a_number_with_a_scrap_behind_it() -> None:
    found = read("health-certificate", ("身份证号：310107199203151022Q", 0.10, 0.10))["number"]
    assert (found.value, found.proven) == ("310107199203151022", True)


def test_traditional_characters_are_slips_of_the_reader() -> None:
    assert values("residence-permit", ("民族漢", 0.10, 0.10), ("性別女", 0.10, 0.15))["nation"] == "汉"


def test_a_document_number_has_brackets_of_six_corners() -> None:
    found = values("hygiene-licence", ("普卫公证字[2022]第004217号", 0.30, 0.10))
    assert found["licence_number"] == "普卫公证字〔2022〕第004217号"


def test_a_day_without_a_label_at_the_foot_of_a_licence() -> None:
    found = values(
        "hygiene-licence",
        ("有效期限:2022年04月15日至2026年04月14日", 0.10, 0.30),
        ("发证机关(盖章)", 0.55, 0.60),
        ("2022年04月15日", 0.55, 0.66),
    )
    assert found["issued"] == "2022-04-15"


def test_a_second_line_in_two_pieces() -> None:
    found = values(
        "business-licence",
        ("经营范围", 0.10, 0.30),
        ("一般项目：信息技术咨询服务；会议及", 0.25, 0.30),
        ("展览服务；", 0.25, 0.325),
        ("物业管理。", 0.37, 0.325),
    )
    assert found["scope"] == "一般项目：信息技术咨询服务；会议及展览服务；物业管理。"


def test_clauses_that_join_a_label_and_its_value() -> None:
    found = values(
        "lease",
        ("出租人：于小明（以下简称甲方）", 0.10, 0.10),
        ("承租人：上海明远餐饮有限公司（以下简称乙方）", 0.10, 0.13),
        ("1.房屋坐落于上海市普陀区武宁路1235弄7号302室，建筑面积", 0.10, 0.20),
        ("为86.5平方米。", 0.10, 0.23),
        ("2.租赁期限为2024年1月1日至2026年12月31日。", 0.10, 0.26),
        ("3.月租金为肆仟伍佰元整，押金：9000元。", 0.10, 0.29),
    )
    assert [found[name] for name in ("landlord", "tenant")] == ["于小明", "上海明远餐饮有限公司"]
    assert found["location"] == "上海市普陀区武宁路1235弄7号302室"
    assert [found[name] for name in ("area", "term", "rent")] == ["86.5", "2024-01-01/2026-12-31", "4500.00"]


def test_a_signature_is_not_the_name_that_the_text_says() -> None:
    found = values(
        "power-of-attorney",
        ("本人安晓宁，身份证号码：310107199203151022，现委托我单位", 0.10, 0.10),
        ("员工高明远，身份证号码：310107198811022035，代为办理食品经", 0.10, 0.13),
        ("营许可证。委托权限为代为申请、领取证照。", 0.10, 0.16),
        ("委托人（签名）：", 0.50, 0.40),
        ("安绕字", 0.70, 0.40),
        ("受托人（签字）：高朋远", 0.50, 0.45),
    )
    assert [found[name] for name in ("principal", "agent", "matter", "powers")] == [
        "安晓宁",
        "高明远",
        "办理食品经营许可证",
        "代为申请、领取证照",
    ]


def test_a_surname_that_is_also_a_word() -> None:
    found = values("residence-permit", ("姓名于小明", 0.10, 0.10))
    assert found["name"] == "于小明"


@pytest.mark.parametrize(
    "number", ["沪（普）卫公证字〔2023〕第004217号", "(2023)普卫公证字第004217号", "普卫公证字第20230042号"]
)
def test_numbers_of_health_permits(number: str) -> None:
    found = values("hygiene-licence", (f"许可证号：{number}", 0.10, 0.10))
    assert found["licence_number"] == number.replace("(", "（").replace(")", "）")


def test_under_a_seal_only_a_check_digit_is_sure() -> None:
    rows = [
        ("姓名：安晓宁", 0.1, 0.1),
        ("性别：女", 0.1, 0.15),
        ("身份证号：310107199203151022", 0.1, 0.2),
        ("年龄：33岁", 0.1, 0.25),
    ]
    kind, seal = paper_kinds()["health-certificate"], ((0.0, 0.05), (0.9, 0.05), (0.9, 0.3), (0.0, 0.3))
    known = {field.id: field.sure for field in read_fields(kind, page(*rows), covered=[seal])}
    assert known["number"]
    assert not known["name"]


def test_a_number_belongs_to_the_party_named_before_it() -> None:
    """The first party's number wasn't read: the second one's isn't taken for it."""
    found = values(
        "power-of-attorney",
        ("委托人：安晓宁", 0.10, 0.10),
        ("受托人：高明远", 0.10, 0.20),
        ("身份证号码：310107198811022035", 0.10, 0.25),
    )
    assert (found["principal_number"], found["agent_number"]) == (None, "310107198811022035")


def test_a_value_ends_where_an_unknown_label_stands() -> None:
    found = values(
        "property-certificate",
        ("共有情况", 0.10, 0.100),
        ("单独所有", 0.25, 0.100),
        ("登簿方式", 0.10, 0.125),
        ("首次登记", 0.25, 0.125),
    )
    assert found["shared"] == "单独所有"


def test_a_day_in_the_middle_of_a_licence_is_not_the_day_at_its_foot() -> None:
    found = values(
        "business-licence",
        ("名称", 0.10, 0.10),
        ("普陀区晓宁理发店", 0.30, 0.10),
        ("开业日期", 0.10, 0.20),
        ("2018年03月05日", 0.30, 0.20),
        ("经营范围", 0.10, 0.30),
        ("理发服务", 0.30, 0.30),
        ("登记机关", 0.60, 0.60),
    )
    assert found["issued"] is None


def test_a_scrap_of_a_seal_is_no_label_where_the_field_has_one() -> None:
    found = values(
        "hygiene-licence",
        ("单位名称：上海晓宁美容有限公司", 0.10, 0.10),
        ("名", 0.10, 0.06),
        ("专用", 0.25, 0.06),
    )
    assert found["operator"] == "上海晓宁美容有限公司"


def test_a_licence_number_that_is_broken_goes_on() -> None:
    """What stands on the first line looks like a whole number too."""
    found = values(
        "hygiene-licence",
        ("证号：", 0.10, 0.20),
        ("沪普卫公证字〔2022〕第0805", 0.30, 0.20),
        ("94号", 0.30, 0.235),
        ("单位名称：", 0.10, 0.30),
        ("上海晓宁美容有限公司", 0.30, 0.30),
    )
    assert found["licence_number"] == "沪普卫公证字〔2022〕第080594号"
    assert found["operator"] == "上海晓宁美容有限公司"


def test_what_a_form_adds_to_a_label_is_no_value() -> None:
    found = values(
        "power-of-attorney",
        ("委托人姓名：安晓宁", 0.10, 0.20),
        ("代理人全称：李静", 0.10, 0.25),
        ("权限范围：提交材料、领取证照", 0.10, 0.30),
    )
    assert found["principal"] == "安晓宁"
    assert found["agent"] == "李静"
    assert found["powers"] == "提交材料、领取证照"
