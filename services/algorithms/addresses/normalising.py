"""Address normalisation (地址标准化): an address as people write it -> its parts, the standard form, and what is missing.

Comes in: `Text`. Goes out: `Address`. Numerals are digits, 栋 and 号楼 are 幢, 楼 and F are 层, 500弄3-1202 is
500弄3号1202室; the province
and city of a district are added where only one has a district of that name (or the home province has). Nothing else is
added: what is missing is said. What fits no part stands in `rest`.

Source of the parts: GB/T 23705-2009 (数字城市地理信息公共平台 地名/地址编码规则), as Shanghai writes them.
"""

from __future__ import annotations

import re
import unicodedata

from pydantic import BaseModel, ConfigDict

from core.numerals import read_integer
from services.algorithms.addresses.divisions import MUNICIPALITIES, read_division
from services.algorithms.taking import taken

MOST_CHARACTERS = 300
HOME = "上海市"
ORDER = (
    "province", "city", "district", "town", "road", "lane", "estate", "group", "number", "building", "unit", "floor", "room",
)  # fmt: skip
SHOWN = {
    "province": "省(市)", "city": "市", "district": "区(县)", "road": "路(村)", "number": "门牌号",
}  # fmt: skip

_H = "[一-鿿]"
_LEADING = re.compile(r"^(?:中国|(?:详细|家庭|现|户籍|通讯|注册)?(?:地址|住址)[:：]?|坐落[:：]?)")
_BRACKETS = re.compile(r"\([^)]*\)|（[^）]*）")
_NUMERAL = re.compile(r"[一二三四五六七八九十百]+(?=号|幢|栋|单元|层|楼|室|组|支弄|弄)")
_LANDMARK = re.compile(rf"{_H}{{2,12}}?(?:旁边|旁|附近|对面|隔壁|[东南西北]侧)(?={_H})")
_TOWN = re.compile(rf"{_H}{{1,8}}?(?:街道|镇|乡)(?!路|街|村|公路|大道|政府)")
_ROAD = re.compile(
    rf"{_H}{{1,10}}?(?:公路|大道|路|大街|街|巷|胡同|新村|[一二三四五六七八九十东西南北]村|村|道)(?:[东南西北中]段)?(?![路街])"
)
_LANE = re.compile(r"[0-9]+(?:[甲乙])?弄(?:[0-9]+支弄)?")
_GROUP = re.compile(r"[0-9]+(?:组|队)")
# 500弄3-1202, 500弄-3-1202, 500弄3/1202: the house and the flat of a lane.
_LANE_SHORT = re.compile(r"-?(?P<number>[0-9]+)[-/](?P<room>[0-9A-Za-z]{2,5})室?(?![0-9-])")
# 8号2-3-501, 8号2-501: building, entrance, flat.
_HOUSE_SHORT = re.compile(r"(?P<building>[0-9]{1,2})-(?:(?P<unit>[0-9])-)?(?P<room>[0-9]{2,4})室?$")
_NUMBER = re.compile(r"[0-9]+(?:[-、][0-9]+)?[甲乙丙]?(?:号|#)(?!楼)[甲乙丙]?")
_BUILDING = re.compile(r"(?P<digits>[0-9]+)(?:幢|栋|号楼|座)|(?P<letter>[A-Za-z])(?:座|栋|幢)")
_UNIT = re.compile(r"[0-9]+单元")
_FLOOR = re.compile(r"(?P<below>地下)?(?P<digits>[0-9]+)(?:层|楼|F)|底层|顶层")
_ROOM = re.compile(r"[0-9A-Za-z]+(?:[-、][0-9A-Za-z]+)*室|[A-Za-z]?[0-9]{2,4}(?![0-9])$")
_ESTATE = re.compile(
    rf"[一-鿿A-Za-z·]{{2,12}}?(?:花园|小区|公寓|家园|苑|大厦|广场|大楼|商厦|中心|名邸|园区|里|坊|城)(?={'[0-9A-Za-z]|$'})"
)


class Text(BaseModel):
    """One address, at most 300 characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str


class Address(BaseModel):
    """The parts in their standard form, empty where they weren't written. `code`: six digits of the district (or what is known
    above it). `standard`: all of it in one. `missing`: names of the parts that a full address has and this one hasn't, as
    fields; `missing_shown` in Chinese. `rest`: what fits no part."""

    model_config = ConfigDict(frozen=True)

    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    road: str = ""
    lane: str = ""
    estate: str = ""
    group: str = ""
    number: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    rest: str = ""
    code: str = ""
    standard: str
    missing: tuple[str, ...]
    missing_shown: tuple[str, ...]


def plain(text: str) -> str:
    """Narrow signs, no blanks and commas, no remarks in brackets, numerals before 号, 层, 室 as digits."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[\s,，、;；。]+", "", _BRACKETS.sub("", _LEADING.sub("", text.strip())))
    text = _LEADING.sub("", text).replace("—", "-").replace("－", "-")

    def digits(match: re.Match[str]) -> str:
        number = read_integer(match[0])
        return match[0] if number is None else str(number)

    return _NUMERAL.sub(digits, text)


def read_address(text: str, home: str = HOME) -> Address:
    """The parts of the address in `text`."""
    remaining = plain(text)
    division, length = read_division(remaining, home)
    found = {"province": division.province, "city": division.city, "district": division.district}
    remaining = remaining[length:]
    rest = ""
    while remaining:
        if "road" not in found and (landmark := _LANDMARK.match(remaining)):
            rest += landmark[0]
            remaining = remaining[landmark.end() :]
            continue
        used = _next(remaining, found)
        if used == 0:
            rest += remaining[0]
            used = 1
        remaining = remaining[used:]
    missing = _missing(found)
    standard = "".join(found.get(name, "") for name in ORDER)
    return Address(
        **{name: value for name, value in found.items() if value},
        rest=rest,
        code=division.code,
        standard=standard,
        missing=missing,
        missing_shown=tuple(SHOWN[name] for name in missing),
    )


def _next(text: str, found: dict[str, str]) -> int:
    """Take the part that `text` begins with into `found`; how many characters it took, 0 if it begins with none."""
    detail = any(found.get(name) for name in ("lane", "number", "estate", "building"))
    if not detail and "road" not in found:
        if "town" not in found and (match := _TOWN.match(text)):
            found["town"] = match[0]
            return match.end()
        estate = _ESTATE.match(text)
        road = _ROAD.match(text)
        if road and not (estate and estate.end() < road.end()):
            found["road"] = road[0]
            return road.end()
    return _detail(text, found)


def _detail(text: str, found: dict[str, str]) -> int:
    if found.get("lane") and not found.get("number") and (match := _LANE_SHORT.match(text)):
        found["number"], found["room"] = f"{match['number']}号", f"{match['room']}室"
        return match.end()
    if (found.get("number") or found.get("estate")) and (match := _HOUSE_SHORT.match(text)):
        found["building"], found["room"] = f"{match['building']}幢", f"{match['room']}室"
        if match["unit"]:
            found["unit"] = f"{match['unit']}单元"
        return match.end()
    for name, pattern in (
        ("lane", _LANE), ("group", _GROUP), ("number", _NUMBER), ("building", _BUILDING), ("unit", _UNIT), ("floor", _FLOOR),
        ("room", _ROOM), ("estate", _ESTATE),
    ):  # fmt: skip
        if not found.get(name) and (match := pattern.match(text)):
            found[name] = _standard(name, match)
            return match.end()
    return 0


def _standard(name: str, match: re.Match[str]) -> str:
    if name == "number":
        return match[0].replace("#", "号")
    if name == "building":
        return f"{match['digits']}幢" if match["digits"] else f"{match['letter'].upper()}座"
    if name == "floor" and match["digits"]:
        return f"{match['below'] or ''}{match['digits']}层"
    if name == "room":
        return match[0] if match[0].endswith("室") else f"{match[0]}室"
    return match[0]


def _missing(found: dict[str, str]) -> tuple[str, ...]:
    expected = ["province", "city", "district", "road", "number"]
    if not found["province"] or found["province"] in MUNICIPALITIES or "特别行政区" in found["province"]:
        expected.remove("city")
    elif not found["city"] and found["district"]:
        # 济源, 仙桃, 石河子: directly under their province.
        expected.remove("city")
    # In Shanghai a house in a lane has the lane's number.
    return tuple(name for name in expected if not found.get(name) and not (name == "number" and found.get("lane")))


def run(given: Text) -> Address:
    """The parts and the standard form of `given`.

    Raises:
        Invalid, TooLarge: nothing to read, or too much (codes `text_empty`, `text_too_long`).
    """
    return read_address(taken(given.text, MOST_CHARACTERS))
