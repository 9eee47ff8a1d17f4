"""Addresses in their parts. All of them are made up."""

from __future__ import annotations

import random

import pytest

from benchmarks.ocr.people import street
from services.documents.extraction.addresses import Address, read_address


@pytest.mark.parametrize(
    ("printed", "parts"),
    [
        (
            "上海市普陀区武宁路100号5幢602室",
            Address("上海市", "", "普陀区", "", "武宁路", "", "100号", "5幢", "", "602室"),
        ),
        (
            "上海普陀区长寿路街道 长寿路1234弄56号 602室",
            Address("上海市", "", "普陀区", "长寿路街道", "长寿路", "1234弄", "56号", "", "", "602室"),
        ),
        (
            "浙江省杭州市西湖区文三路90号东部软件园1号楼3层",
            Address("浙江省", "杭州市", "西湖区", "", "文三路", "", "90号", rest="东部软件园1号楼3层"),
        ),
        (
            "江苏省苏州市昆山市花桥镇绿地大道8号3号楼1201",
            Address("江苏省", "苏州市", "昆山市", "花桥镇", "绿地大道", "", "8号", "3号楼", "", "1201"),
        ),
        (
            "新疆乌鲁木齐市天山区解放北路1号",
            Address("新疆维吾尔自治区", "乌鲁木齐市", "天山区", "", "解放北路", "", "1号"),
        ),
        (
            "上海市上海市浦东新区川沙公路2000-1号2楼",
            Address("上海市", "", "浦东新区", "", "川沙公路", "", "2000-1号", "", "2楼"),
        ),
        (
            "吉林省延边朝鲜族自治州延吉市河南街5号",
            Address("吉林省", "延边朝鲜族自治州", "延吉市", "", "河南街", "", "5号"),
        ),
        ("普陀区曹杨一村２１号", Address("", "", "普陀区", "", "曹杨一村", "", "21号")),
        ("", Address()),
        ("暂无", Address(rest="暂无")),
    ],
)
def test_parts(printed, parts):
    assert read_address(printed) == parts


@pytest.mark.parametrize(
    ("printed", "missing"),
    [
        ("上海市普陀区武宁路100号", ()),
        ("上海市普陀区长寿路1234弄", ()),
        ("上海市武宁路", ("district", "number")),
        ("浙江省西湖区文三路90号", ("city",)),
        ("武宁路100号", ("province", "district")),
    ],
)
def test_what_is_missing(printed, missing):
    assert read_address(printed).missing == missing


def test_nothing_is_lost_and_made_up_addresses_are_whole():
    for seed in range(200):
        printed = street(random.Random(seed))
        found = read_address(printed)
        assert found.text == printed
        assert (found.missing, found.rest) == ((), "")
        assert found.road
        assert found.building
        assert found.room
