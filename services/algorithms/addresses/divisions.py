"""Provinces, cities and districts of the country, and which of them an address begins with.

Comes in: the beginning of an address. Goes out: the division in its full names, and how many characters said it. Source:
divisions.tsv
(county level and above, GB/T 2260), from jionlp. Short names (上海普陀, 沪) are taken where what follows doesn't make them
part of a
road's name (普陀路). Pure but for reading the file once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("divisions.tsv")
MUNICIPALITIES = frozenset({"北京市", "上海市", "天津市", "重庆市"})
ABBREVIATIONS = {"沪": "上海市", "京": "北京市", "津": "天津市", "渝": "重庆市"}
_SUFFIX = re.compile(r"(?:壮族自治区|回族自治区|维吾尔自治区|特别行政区|自治区|省|市)$")
_COUNTY_SUFFIX = re.compile(r"(?:新区|区|县|市|旗)$")
_ROAD_BEHIND = re.compile(
    r"(?:[东西南北中]?[一二三四]?(?:路|街|大道|公路|镇|新村|[一二三四五六七八九十]村|寺|桥|巷|里|花园|公园|大厦|广场))"
)
_AGAIN = re.compile(r"(?:市辖区|县|省直辖县级行政区划)(?=[一-鿿]{1,8}[区县市])")


@dataclass(frozen=True, slots=True)
class Division:
    """Full names, empty where it wasn't said and isn't certain. `code`: six digits, GB/T 2260, of the smallest that is known."""

    province: str = ""
    city: str = ""
    district: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    rows: tuple[tuple[str, str, str, str], ...]
    provinces: dict[str, str]
    cities: dict[str, list[tuple[str, str]]]
    districts: dict[str, list[tuple[str, str, str]]]


@lru_cache(maxsize=1)
def _known() -> _Known:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    rows: list[tuple[str, str, str, str]] = []
    for line in lines:
        if not line.startswith("#"):
            code, province, city, district = line.split("\t")
            rows.append((code, province, city, district))
    provinces: dict[str, str] = {}
    cities: dict[str, list[tuple[str, str]]] = defaultdict(list)
    districts: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for code, province, city, district in rows:
        provinces[province] = provinces[_SUFFIX.sub("", province)] = province
        for name in {city, _SUFFIX.sub("", city)}:
            if (province, city) not in cities[name]:
                cities[name].append((province, city))
        if district:
            districts[district].append((province, city, code))
    return _Known(tuple(rows), provinces, dict(cities), dict(districts))


def _longest(text: str, names: Container[str]) -> str:
    """The longest of `names` that `text` begins with, or nothing."""
    return next((text[:n] for n in range(min(14, len(text)), 1, -1) if text[:n] in names), "")


def read_division(text: str, home: str) -> tuple[Division, int]:
    """What `text` begins with, and how many characters say it.

    Args:
        text: an address without blanks.
        home: the province whose district is meant where several have one of the same name.
    """
    known = _known()
    place = 0
    province = ""
    if text[:1] in ABBREVIATIONS and _district_at(text, 1, ABBREVIATIONS[text[0]], "")[0]:
        province, place = ABBREVIATIONS[text[0]], 1
    elif (name := _longest(text, known.provinces)) and not _ROAD_BEHIND.match(text, len(name)):
        province, place = known.provinces[name], len(name)
    municipal = province in MUNICIPALITIES
    city = province if municipal else ""
    if municipal:
        while text.startswith(province, place):
            place += len(province)
    else:
        name = _longest(text[place:], known.cities)
        found = [one for one in known.cities.get(name, ()) if not province or one[0] == province]
        full = name.endswith(("市", "州", "盟", "地区"))
        # 吉林省吉林市 and 苏州吴中区, but no 南京路: a short name needs a province before it or a district behind it.
        led = bool(province) or bool(found and _district_at(text, place + len(name), *found[0])[0])
        if found and (full or (led and not _ROAD_BEHIND.match(text, place + len(name)))):
            province, city = found[0]
            place += len(name)
    if again := _AGAIN.match(text, place):
        place = again.end()
    district, length, code, above = _district_at(text, place, province, city, home)
    if district:
        province, city = above
        place += length
    shown_city = "" if province in MUNICIPALITIES or city.startswith("省直辖") else city
    return Division(province, shown_city, district, code), place


def _district_at(
    text: str, place: int, province: str, city: str, home: str = ""
) -> tuple[str, int, str, tuple[str, str]]:
    """A district's full name at `place`, its length there, its code, and its province and city; empty if there is none."""
    known = _known()
    for length in range(min(12, len(text) - place), 1, -1):
        candidates = [
            row
            for row in known.districts.get(text[place : place + length], ())
            if (not province or row[0] == province) and (not city or row[1] == city)
        ]
        if len(candidates) > 1:
            candidates = [row for row in candidates if row[0] == home]
        if len(candidates) == 1:
            above = candidates[0]
            return text[place : place + length], length, above[2], (above[0], above[1])
    if city:
        for code, own, above_city, district in known.rows:
            short = _COUNTY_SUFFIX.sub("", district)
            if (own, above_city) == (province, city) and len(short) > 1 and text.startswith(short, place):
                # 长宁路 in Shanghai is a road, not the district.
                if _ROAD_BEHIND.match(text, place + len(short)):
                    continue
                return district, len(short), code, (own, above_city)
    return "", 0, "", ("", "")
