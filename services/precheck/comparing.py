"""Whether two values that stand on different papers mean the same. Pure functions over normal forms.

Comes in: values as `services/documents/extraction` gives them. Goes out: yes or no, or how alike. What a clerk would let
pass is let pass (brackets of either width, a district left out, a masked number), and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

from rapidfuzz.distance import Indel

from core.check_digits import masked_identity_fits
from services.documents.extraction.addresses import Address, read_address
from services.documents.extraction.dates import OPEN_END

FOREVER = date.max.toordinal()
LONGEST = 400
"""Characters of a value that are looked at: what is longer is no name, number or address."""
CERTAIN_PARTS = ("road", "lane", "number", "building", "room")
"""Where two addresses name one of these, they have to agree in it."""
WIDER_PARTS = ("province", "city", "district", "town")
"""These are left out as people like, but may not disagree."""
SEAL_ALIKE = 0.6
"""Share of characters that a seal's rim, read once and bent straight, has in common with the name that it says, at least."""
_ORDINARY = re.compile(
    "股份有限公司|有限责任公司|有限公司|合伙企业|个体工商户|公司|(?:合同|财务|发票|业务|人事)?专用章|公章"
)
_PUNCTUATION = re.compile(r"[\s·•.,，。、:：;；'\"“”‘’_-]+")
_TAIL = re.compile(r"^([0-9A-Za-z]+)")


def folded(text: str) -> str:
    """Without spaces and punctuation, of one width and case."""
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text[:LONGEST])).upper()


def same_name(one: str, other: str) -> bool:
    """Of people: the same characters."""
    return folded(one) == folded(other) != ""


def same_party(one: str, other: str) -> bool:
    """Of companies or people: brackets of either kind, spaces and width aside."""
    return _bare(one) == _bare(other) != ""


def _bare(text: str) -> str:
    return re.sub(r"[()（）〔〕\[\]]", "", folded(text))


def same_number(one: str, other: str) -> bool:
    """Of papers: equal, or one is the other with digits masked by *."""
    a, b = folded(one.replace("＊", "*")), folded(other.replace("＊", "*"))
    return a == b != "" or ("*" in a and masked_identity_fits(a, b)) or ("*" in b and masked_identity_fits(b, a))


def same_address(one: str, other: str) -> bool:
    """Whether two addresses can be of one place: equal as written, or nothing in them disagrees, and road and house are in both."""
    if folded(one) == folded(other) != "":
        return True
    a, b = _address(one[:LONGEST]), _address(other[:LONGEST])
    if not a.road or not b.road or not (a.lane or a.number) or not (b.lane or b.number):
        return False
    wide = all(_agree(getattr(a, part), getattr(b, part), WIDER_PARTS) for part in WIDER_PARTS)
    return wide and all(_agree(getattr(a, part), getattr(b, part), CERTAIN_PARTS) for part in CERTAIN_PARTS)


@lru_cache(maxsize=512)
def _address(text: str) -> Address:
    return read_address(text)


def _agree(one: str, other: str, parts: tuple[str, ...]) -> bool:
    if not one or not other or one == other:
        return True
    if parts is WIDER_PARTS:
        return one.startswith(other[:2]) and other.startswith(one[:2])
    a, b = _TAIL.match(one), _TAIL.match(other)
    return a is not None and b is not None and a[1].upper() == b[1].upper()


def part_of(one: str, other: str) -> bool:
    """Whether a name stands among others (共有人 of a deed), or in a longer text."""
    return bool(folded(one)) and folded(one) in folded(other)


def alike(one: str, other: str) -> float:
    """0..1: how many characters two values have in common, in order."""
    return float(Indel.normalized_similarity(folded(one), folded(other)))


def seal_says(seal: str, name: str) -> bool:
    """Whether a seal's rim says `name`: by what is left of both when the words that all companies share are taken away."""
    rim, wanted = _own(seal), _own(name)
    if not rim or not wanted:
        return False
    return wanted in rim or Indel.normalized_similarity(rim, wanted) >= SEAL_ALIKE


def _own(name: str) -> str:
    return _ORDINARY.sub("", _bare(name)) or _bare(name)


def ordinal(value: str) -> int:
    """The day of "2026-12-01" as a number of days; 长期 is later than any. Raises ValueError."""
    return FOREVER if value == OPEN_END else date.fromisoformat(value).toordinal()


def first_day(period: str) -> int:
    """Of "2024-01-01/2029-01-01". Raises ValueError."""
    return ordinal(period.split("/")[0])


def last_day(period: str) -> int:
    """Of a period, or of a single date, which is taken for the last one. Raises ValueError."""
    return ordinal(period.split("/")[-1])


def in_date(period: str, day: str) -> bool:
    """Whether a period covers a day; a single date is the last one. Raises ValueError."""
    begins = first_day(period) if "/" in period else 0
    return begins <= ordinal(day) <= last_day(period)


def age_on(born: str, day: str) -> int:
    """Whole years on `day` of who was born on a date, or has an identity number. Raises ValueError."""
    text = folded(born) if "-" not in born else born
    birth = date.fromisoformat(text if "-" in text else f"{text[6:10]}-{text[10:12]}-{text[12:14]}")
    when = date.fromisoformat(day)
    return when.year - birth.year - ((when.month, when.day) < (birth.month, birth.day))
