"""Whether a value looks like what it should be: a person's name, a company's.

Comes in: a value. Goes out: True, False, or None where nothing is known of its kind. It decides nothing by itself, it
makes a value more or less sure: 间飞颖 is no name that anyone has, 阎飞颖 is. Pure functions.

Whoever has a rarer surname than those of `core.surnames` is looked at by a person.
"""

from __future__ import annotations

import re

from core.surnames import DOUBLE, SURNAMES

_PERSON = re.compile(r"[一-鿿]{2,4}")
_MINORITY = re.compile(r"[一-鿿]{1,8}(?:·[一-鿿]{1,8}){1,3}")
_COMPANY = re.compile(
    r"[一-鿿0-9A-Za-z（）()·]{2,40}(?:公司|店|厂|中心|合作社|事务所|经营部|商行|超市|饭店|酒店|宾馆|酒楼|餐厅|餐馆|食堂|学校|幼儿园|医院"
    r"|诊所|门诊部|协会|基金会|工作室|服务部|美容院|理发室|俱乐部|会所|银行|企业|局|委员会|大学|中学|小学|社|馆|院|部|室|站|铺|坊|行|吧)"
)


def looks_like_a_person(value: str) -> bool:
    """Whether `value` is built like the name of a person: a surname that people have and one or two characters."""
    if _MINORITY.fullmatch(value):
        return True
    if _PERSON.fullmatch(value) is None:
        return False
    return (value[:2] in DOUBLE and len(value) > 2) or (value[0] in SURNAMES and len(value) <= 3)


def looks_like_a_party(value: str) -> bool:
    """Whether `value` is built like the name of a person, or ends as companies, shops and offices do."""
    return looks_like_a_person(value) or _COMPANY.fullmatch(value) is not None
