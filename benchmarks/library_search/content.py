"""A library of any size out of the shipped content: the same guides for other trades and places.

Comes in: the shipped entries and how many items are wanted. Goes out: a library whose texts differ item by item, with as
many FAQ as bring it to about 20 sections an item. The same call always gives the same library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from knowledge_base.entries import Faq
from knowledge_base.library import Library
from knowledge_base.schema import Entry, ServiceItem

PLACES = ("甘泉", "长寿", "曹杨", "长风", "宜川", "石泉", "真如", "桃浦", "长征", "古北", "虹桥", "江湾", "南翔")
TRADES = ("餐饮", "零售", "旅馆", "美容", "健身", "书店", "药房", "托育", "养老", "物流", "装修", "影院", "诊所")
FAQ_AN_ITEM = 9


def entries_of(shipped: Sequence[Entry], items: int) -> list[Entry]:
    """`items` items and their FAQ, varied from the `shipped` ones."""
    guides = [entry for entry in shipped if isinstance(entry, ServiceItem)]
    questions = [entry for entry in shipped if isinstance(entry, Faq)]
    made: list[Entry] = []
    for number in range(items):
        item = varied_item(guides[number % len(guides)], number)
        made.append(item)
        for place in range(FAQ_AN_ITEM):
            faq = questions[(number * FAQ_AN_ITEM + place) % len(questions)]
            words = {"id": f"faq-{number}-{place}", "item": item.id, "name": f"{mark(number)}{faq.name}", "aliases": ()}
            made.append(faq.model_copy(update={**words, "answer": f"{mark(number)}：{faq.answer}"}))
    return made


def varied_item(guide: ServiceItem, number: int) -> ServiceItem:
    """`guide` for another trade and place: all its texts differ from the other items'."""
    own = mark(number)
    update: dict[str, Any] = {
        "id": f"{guide.id[:60]}-{number}",
        "name": f"{own}{guide.name}",
        "aliases": tuple(f"{own}{alias}" for alias in guide.aliases[:5]),
        "department": f"{guide.department}{PLACES[number % len(PLACES)]}所",
        "summary": f"{guide.summary}，{own}适用",
    }
    return guide.model_copy(update=update)


def mark(number: int) -> str:
    """The trade and place of item `number`; different for each of the first 100,000."""
    place, trade = PLACES[number % len(PLACES)], TRADES[number // len(PLACES) % len(TRADES)]
    return f"{place}{trade}{number // (len(PLACES) * len(TRADES)) + 1}类"


def questions_of(library: Library) -> Iterator[str]:
    """What people could ask this library, item by item."""
    asked = (
        "怎么办",
        "要带什么材料",
        "多久能办好",
        "收费吗，要多少钱",
        "去哪里办，几点下班",
        "我想办理，不知道符不符合条件",
    )
    for number, item in enumerate(library.items.values()):
        yield f"{item.aliases[number % len(item.aliases)] if item.aliases else item.name}{asked[number % len(asked)]}"
