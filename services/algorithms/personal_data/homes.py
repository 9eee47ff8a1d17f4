"""Where in a text somebody's address stands: from the province, town or road to the last room.

Comes in: text with narrow digits. Goes out: spans. A road alone is no address, for everybody lives on one; a house number makes it
one. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_H = "[一-鿿]"
_ADMINISTRATIVE = rf"(?:{_H}{{2,8}}?(?:省|自治区|自治州|地区|市|区|县|旗|街道|镇|乡))"
_ROAD = rf"{_H}{{1,10}}?(?:公路|大道|大街|路|街|巷|胡同|新村|村|小区|花园|公寓|苑|里|坊|道|组|队)(?:[东南西北中]段)?"
_NUMBER = (
    r"[0-9]{1,5}(?:[-、][0-9]{1,4})?(?:支弄|弄|号楼|号(?!线|窗口|楼层|文|令|公告|通知)|幢|栋|座|单元|楼|层|室|组)"
    r"(?:[甲乙丙丁](?=[0-9]|$|[^一-鿿]))?楼?"
)
_ADDRESS = re.compile(
    rf"{_ADMINISTRATIVE}{{0,5}}{_ROAD}\s?(?:{_NUMBER}){{1,6}}(?:[A-Za-z]?[0-9]{{2,4}}室?(?![0-9年月日元]))?"
)
# What stands before an address and isn't one, up to its last word.
_LEADING = re.compile(
    rf"^{_H}*?(?:生前居住于|居住于|居住在|现居住|租住|住在|住址|地址|现住|现居|家住|位于|坐落于|坐落|寄到|寄往|寄至|送到|送至|搬到|搬至|迁到|迁至|迁往|租下|租了"
    r"|门牌是|停在|我家|他家|她家|[从在到于住了是为至])"
)


def homes(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each address in `text`."""
    for match in _ADDRESS.finditer(text):
        start = match.start()
        # The road's number has to stay: what leads in ends before the first digit.
        while lead := _LEADING.match(text[start : match.end()]):
            rest = text[start + lead.end() : match.end()]
            if not re.match(rf"{_H}{{2}}", rest):
                break
            start += lead.end()
        yield start, match.end()
