"""A guide of an item that the library has: what no document says of it is carried over to the draft.

Comes in: the draft of a DOCX or HTML guide and the item in force that has its name. Goes out: the draft, changed: materials of
the same name keep their ids, the form and the checks stay as far as what they look at is still there, and notices say what
was carried over and what was not. The person who mends the draft sees both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from knowledge_base.checks import Check, compiled_check
from knowledge_base.exchange.guide_blocks import GuideDraft
from knowledge_base.exchange.guides import plain
from knowledge_base.schema import ServiceItem

OTHERS = frozenset({"answers", "profile"})


def continue_item(draft: GuideDraft, item: ServiceItem) -> None:
    """Carry over what `item` has and a document can't say."""
    if not item.form and not item.checks:
        return
    _keep_ids(draft.document, item)
    there = {part.get("id") for part in draft.document.get("materials", ())}
    questions = bool(draft.document.get("situations"))
    kept = [check for check in item.checks if _can_stay(check, item, there, questions)]
    form = []
    for field in item.form:
        whole = field.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        sources = [one for one in field.sources if one.split(".")[0] in there | OTHERS]
        form.append({**whole, "from": sources} if sources else {k: v for k, v in whole.items() if k != "from"})
    if form:
        draft.document["form"] = form
    if kept:
        draft.document["checks"] = [
            check.model_dump(mode="json", exclude_none=True, exclude_defaults=True) for check in kept
        ]
    draft.notices.append(
        f"库里已有“{item.name}”({item.id})，它的申请表单 {len(form)} 项、审查规则 {len(kept)} 条已带入草稿；"
        "名称相同的材料沿用了原来的编号。"
    )
    if lost := [check for check in item.checks if check not in kept]:
        listed = "；".join(check.clerk.rstrip("。") for check in lost[:5])
        more = f"等 {len(lost)} 条" if len(lost) > 5 else ""
        draft.notices.append(f"文档里没有它们要看的材料或者情形，下列审查规则没有带入：{listed}{more}。")


def _keep_ids(document: Mapping[str, Any], item: ServiceItem) -> None:
    ids = {plain(material.name): material.id for material in item.materials}
    materials: list[dict[str, Any]] = document.get("materials", [])
    for part in materials:
        known = ids.pop(plain(str(part.get("name", ""))), None)
        if known is not None:
            part["id"] = known


def _can_stay(check: Check, item: ServiceItem, there: set[str | None], questions: bool) -> bool:
    named = {name for text in (check.rule, check.only_if or "true") for name in compiled_check(text).variables()}
    materials = {material.id for material in item.materials}
    gone = (named & materials | set(check.of)) - there
    return not gone and (questions or "answers" not in named)
