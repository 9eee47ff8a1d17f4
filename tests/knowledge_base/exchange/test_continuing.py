"""A guide that comes in again goes on from what the library has of its item."""

from __future__ import annotations

from typing import Any

from knowledge_base.exchange.continuing import continue_item
from knowledge_base.exchange.guide_files import read_html
from knowledge_base.reading import parse_entry
from knowledge_base.schema import ServiceItem
from knowledge_base.terms import EntryKind
from tests.knowledge_base.small_library import item_document


def material(material_id: str, name: str) -> dict[str, Any]:
    return {**item_document()["materials"][0], "id": material_id, "name": name}


def check(check_id: str, material_id: str, **more: Any) -> dict[str, Any]:
    told = dict.fromkeys(("clerk", "applicant", "mend"), f"{check_id}不对。")
    return {
        "id": check_id,
        "aspect": "complete",
        "of": [material_id],
        "rule": f"size({material_id}.kind) > 0",
        **told,
        **more,
    }


KEPT = parse_entry(
    EntryKind.ITEM,
    item_document(
        materials=[material("vaccination", "免疫证明"), material("photo", "犬只照片")],
        situations=[{"id": "old", "question": "养过吗？", "kind": "yes_no"}],
        form=[
            {"id": "breed", "name": "犬种", "from": ["vaccination.breed", "photo.breed"]},
            {"id": "chip", "name": "芯片", "from": ["photo.chip"]},
        ],
        checks=[
            check("stays", "vaccination"),
            check("of_photo", "photo"),
            check("names_photo", "vaccination", only_if="size(photo.kind) > 0"),
            check("asks", "vaccination", only_if="answers.old"),
        ],
    ),
)
PAGE = """<html><body><h1>事项dog-licence</h1><h2>申请材料</h2>
<table><tr><td>材料名称</td><td>份数</td></tr><tr><td>1. 免疫证明</td><td>1</td></tr>
<tr><td>身份证</td><td>1</td></tr></table></body></html>"""


def test_what_a_document_can_not_say_is_carried_over() -> None:
    assert isinstance(KEPT, ServiceItem)
    draft = read_html(PAGE.encode())
    continue_item(draft, KEPT)
    ids = [(part["id"], part["name"]) for part in draft.document["materials"]]
    assert ids[0][0] == "vaccination"
    assert ids[1] == ("material_2", "身份证")
    assert [one["id"] for one in draft.document["checks"]] == ["stays"]
    assert draft.document["form"] == [
        {"id": "breed", "name": "犬种", "from": ["vaccination.breed"]},
        {"id": "chip", "name": "芯片"},
    ]
    assert "申请表单 2 项、审查规则 1 条已带入" in draft.notices[-2]
    for lost in ("of_photo", "names_photo", "asks"):
        assert lost in draft.notices[-1]
    whole = {**item_document(), **{key: draft.document[key] for key in ("form", "checks")}}
    parse_entry(EntryKind.ITEM, whole)


def test_an_item_without_them_changes_nothing() -> None:
    plain = parse_entry(EntryKind.ITEM, item_document())
    assert isinstance(plain, ServiceItem)
    draft = read_html(PAGE.encode())
    before = (dict(draft.document), list(draft.notices))
    continue_item(draft, plain)
    assert (draft.document, draft.notices) == before
