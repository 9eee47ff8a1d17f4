"""An address as it is printed -> its parts: 省、市、区、街道、路、弄、号、幢、层、室.

Comes in: the text of a field as it was read. Goes out: `Address`, whose parts stand in the order in which an address is
written, what was left over, and which parts a full address would have. Nothing is added that was not written but the 市,
省 or 自治区 that people leave off. Pure functions.

Source of the parts: GB/T 23705-2009 (数字城市地理信息公共平台 地名/地址编码规则), as Shanghai writes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from services.documents.extraction.dates import plain

MUNICIPALITIES = ("北京", "上海", "天津", "重庆")
REGIONS = {
    "内蒙古": "内蒙古自治区",
    "广西": "广西壮族自治区",
    "西藏": "西藏自治区",
    "宁夏": "宁夏回族自治区",
    "新疆": "新疆维吾尔自治区",
    "香港": "香港特别行政区",
    "澳门": "澳门特别行政区",
}
PROVINCES = re.compile(
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾"
)
EXPECTED = ("province", "district", "road", "number")
"""What a full address has; a city only outside the municipalities."""

_H = r"[一-鿿]"
_PROVINCE = re.compile(
    rf"(?P<municipality>{'|'.join(MUNICIPALITIES)})市?|(?P<region>{'|'.join(REGIONS)})(?:壮族|回族|维吾尔)?(?:自治区|特别行政区)?"
    rf"|(?P<plain>{PROVINCES.pattern})省?"
)
_PARTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("city", re.compile(rf"{_H}{{2,10}}?(?:自治州|地区|盟)|{_H}{{2,5}}?市(?={_H}{{1,8}}?[区县市旗])")),
    ("district", re.compile(rf"{_H}{{1,8}}?(?:新区|区|自治县|县|旗)|{_H}{{2,4}}?市")),
    ("town", re.compile(rf"{_H}{{1,8}}?(?:街道|镇|乡)(?!路|村)")),
    (
        "road",
        re.compile(
            rf"{_H}{{1,10}}?(?:公路|大道|路|大街|街|巷|新村|[一二三四五六七八九十]村|村|道)(?:[东南西北中]段)?(?![路街])"
        ),
    ),
    ("lane", re.compile(r"[0-9]+(?:甲|乙)?弄(?:[0-9]+支弄)?")),
    ("number", re.compile(r"[0-9]+(?:[-、至][0-9]+)?(?:甲|乙|丙)?号(?!楼)(?:[-之][0-9]+)?")),
    ("building", re.compile(r"[0-9A-Za-z]+(?:幢|栋|号楼|座)(?:[0-9A-Za-z]+单元)?|[0-9A-Za-z]+单元")),
    ("floor", re.compile(r"[0-9A-Za-z]+(?:层|楼)")),
    ("room", re.compile(r"[0-9A-Za-z]+(?:[-、][0-9A-Za-z]+)*室?")),
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its parts, each as it was written, empty where it wasn't. `rest`: what fits no part."""

    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    road: str = ""
    lane: str = ""
    number: str = ""
    building: str = ""
    floor: str = ""
    room: str = ""
    rest: str = ""

    @property
    def text(self) -> str:
        """The parts one after another."""
        return "".join(getattr(self, field.name) for field in fields(self))

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the parts that a full address has and this one hasn't."""
        municipal = self.province.removesuffix("市") in MUNICIPALITIES or "特别行政区" in self.province
        expected = EXPECTED if municipal or not self.province else ("province", "city", *EXPECTED[1:])
        # In Shanghai a house in a lane has the lane's number.
        return tuple(name for name in expected if not getattr(self, name) and not (name == "number" and self.lane))


def read_address(text: str) -> Address:
    """The parts of the address in `text`; a part that is left out is passed over."""
    remaining = plain(text)
    found: dict[str, str] = {}
    match = _PROVINCE.match(remaining)
    if match is not None:
        if match["municipality"]:
            found["province"] = f"{match['municipality']}市"
        elif match["region"]:
            found["province"] = REGIONS[match["region"]]
        else:
            found["province"] = f"{match['plain']}省"
        remaining = remaining[match.end() :]
        # 上海市上海市普陀区, 上海市市辖区普陀区: forms write the city below the city once more.
        for again in (found["province"], "市辖区"):
            remaining = remaining.removeprefix(again)
    for name, pattern in _PARTS:
        match = pattern.match(remaining)
        if match is not None:
            found[name] = match[0]
            remaining = remaining[match.end() :]
    return Address(**found, rest=remaining)
