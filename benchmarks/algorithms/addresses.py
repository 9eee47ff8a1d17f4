"""Address normalisation on labelled addresses (addresses.yaml), beside jionlp's parse_location.

Exact: every part, what is missing, and the rest are as labelled. jionlp parts an address down to the district and leaves
the rest in
one piece, so it is compared on province, city and district, where both give an answer.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

from services.algorithms.addresses.normalising import ORDER, read_address
from training.written import read

FILLS = 7
DISTRICTS = [
    "黄浦区",
    "徐汇区",
    "长宁区",
    "静安区",
    "普陀区",
    "虹口区",
    "杨浦区",
    "闵行区",
    "宝山区",
    "嘉定区",
    "浦东新区",
    "松江区",
    "青浦区",
    "奉贤区",
    "崇明区",
]
ROADS = [
    "曹杨路",
    "武宁南路",
    "长寿路",
    "金沙江路",
    "真北路",
    "梅川路",
    "延长西路",
    "中山北路",
    "华灵路",
    "共和新路",
    "漕溪北路",
    "沪太公路",
    "世纪大道",
    "淮海中路",
    "人民大街",
    "龙吴路",
    "北京西路",
    "苏州街",
]
TOWNS = ["长寿路街道", "曹杨新村街道", "桃浦镇", "长征镇", "城关镇", "万里街道", "大同乡", "石泉路街道"]
ELSEWHERE = (
    ("江苏省", "苏州市", "吴中区"), ("江苏省", "南京市", "江宁区"), ("浙江省", "杭州市", "余杭区"), ("浙江省", "宁波市", "慈溪市"),
    ("安徽省", "合肥市", "肥西县"), ("湖北省", "武汉市", "洪山区"), ("四川省", "成都市", "武侯区"), ("广东省", "深圳市", "龙岗区"),
    ("河南省", "郑州市", "中牟县"), ("江西省", "上饶市", "广丰区"), ("陕西省", "西安市", "雁塔区"), ("福建省", "泉州市", "晋江市"),
)  # fmt: skip
NUMERALS = "零一二三四五六七八九"


def _values(random_: random.Random) -> dict[str, str]:
    district = random_.choice(DISTRICTS)
    province, city, county = random_.choice(ELSEWHERE)
    small = random_.randint(2, 9)
    return {
        "D": district,
        "A": district[:-2] if district == "浦东新区" else district[:-1],
        "P": province, "C": city, "X": county, "p": province[:-1], "c": city[:-1],
        "R": random_.choice(ROADS), "T": random_.choice(TOWNS),
        "L": str(random_.randint(10, 2999)), "N": str(random_.randint(1, 199)), "B": str(random_.randint(1, 30)),
        "U": str(random_.randint(1, 6)), "F": str(random_.randint(2, 40)),
        "M": f"{random_.randint(1, 30)}0{random_.randint(1, 8)}", "K": str(small), "中": NUMERALS[small],
    }  # fmt: skip


def cases(half: str) -> list[tuple[str, dict[str, str], tuple[str, ...]]]:
    """(written, parts, missing), the same each time."""
    random_ = random.Random(f"addresses {half}")
    made = []
    for form in read(Path(__file__).with_name("addresses.yaml"))[half]:
        for _ in range(FILLS):
            values = _values(random_)
            if "{A}区" in form["written"] and values["D"] == "浦东新区":
                values |= {"D": "普陀区", "A": "普陀"}

            def filled(text: str, values: dict[str, str] = values) -> str:
                return re.sub(r"\{(.)\}", lambda slot: values[slot[1]], text)

            parts = {name: filled(str(value)) for name, value in form["parts"].items()}
            made.append((filled(form["written"]), parts, tuple(form.get("missing", ()))))
    return made


def faults(written: str, parts: dict[str, str], missing: tuple[str, ...]) -> dict[str, tuple[Any, Any]]:
    """Part -> (found, labelled), where they differ."""
    found = read_address(written)
    wrong: dict[str, tuple[Any, Any]] = {
        name: (getattr(found, name), parts.get(name, ""))
        for name in (*ORDER, "rest")
        if getattr(found, name) != parts.get(name, "")
    }
    if set(found.missing) != set(missing):
        wrong["missing"] = (found.missing, missing)
    return wrong


def report(errors: bool) -> None:
    """Print the figures."""
    for half in ("dev", "test"):
        made = cases(half)
        wrong = [(written, faults(written, parts, missing)) for written, parts, missing in made]
        exact = sum(not one for _, one in wrong) / len(made)
        upper = sum(not set(one) & {"province", "city", "district"} for _, one in wrong) / len(made)
        print(f"{half}: {len(made)} addresses  exact {exact:.3f}  province, city and district {upper:.3f}")
        try:
            import jionlp

            hits = 0
            for written, parts, _ in made:
                found = jionlp.parse_location(written)
                city = parts.get("city", "") or (parts.get("province", "") if "district" in parts else "")
                hits += (found["province"] or "", found["county"] or "") == (
                    parts.get("province", ""),
                    parts.get("district", ""),
                ) and (found["city"] or "") in (city, parts.get("province", ""))
            print(f"  jionlp: province, city and district {hits / len(made):.3f}; it gives no parts below")
        except ImportError:
            pass
        for written, one in wrong if errors and half == "dev" else ():
            if one:
                print(f"    {written}: {one}")
