from __future__ import annotations

from knowledge_base.library import Library
from knowledge_base.schema import Place
from services.consult.shared_places import shared_places

HALL = Place(name="区政务服务中心", address="示例路1号", window="1号窗口")
OTHER_WINDOW = Place(name="区政务服务中心", address="示例路1号", window="2号窗口")
BRANCH = Place(name="区政务服务中心", address="示例路99号")
POLICE = Place(name="派出所")


def test_items_at_one_place_in_their_order() -> None:
    told = [("a", [POLICE, HALL]), ("b", [BRANCH]), ("c", [OTHER_WINDOW, POLICE])]
    assert shared_places(told) == [(POLICE, ["a", "c"]), (HALL, ["a", "c"])]


def test_two_windows_of_one_item_are_no_shared_place() -> None:
    assert shared_places([("a", [HALL, OTHER_WINDOW]), ("b", [BRANCH])]) == []


def test_nothing_is_shared_by_nobody() -> None:
    assert shared_places([]) == []


def test_items_of_the_library(library: Library) -> None:
    items = [library.items[name] for name in ("hpf-loan", "real-estate-query", "hpf-purchase-withdrawal")]
    ((place, shared),) = shared_places((item, item.places) for item in items)
    assert [item.id for item in shared] == ["hpf-loan", "hpf-purchase-withdrawal"]
    assert place.name == "市公积金管理中心区管理部"
