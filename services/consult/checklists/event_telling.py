"""Sentences around a life event's checklist: totals, what has changed since, who wants what. The figures come from the guides."""

from __future__ import annotations

from collections.abc import Sequence

from services.consult.checklists.checklist import for_whom
from services.consult.checklists.event_checklist import EventChecklist, Totals, Wanted
from services.consult.checklists.schemas import ChangedGuide


def shared_line(one: Wanted) -> str:
    """What one item wants of a paper: 第 2 件 居民医保参保：原件 1 份."""
    form = "免于提交" if one.exempt else f"{one.kind}{f' {one.copies} 份' if one.copies else ''}"
    return f"第 {one.number} 件 {one.item_name}：{form}{for_whom(one)}"


def limit_total(totals: Totals) -> str:
    """How long the items that surely apply take one after the other; each unit by itself, they are never converted."""
    if not totals.items:
        return ""
    days = [
        *([f"{totals.working_days} 个工作日"] if totals.working_days else []),
        *([f"{totals.calendar_days} 个自然日"] if totals.calendar_days else []),
    ]
    told = [f"{totals.items} 件确定要办的事"]
    if totals.at_once:
        told.append(f"{totals.at_once} 件当场能办结的当场办结")
    if days:
        told.append(f"{'其余' if totals.at_once else ''}依次办理的办结时限相加为 {'、'.join(days)}")
    if totals.no_limit:
        told.append(f"{totals.no_limit} 件的办事指南没有写时限")
    still = f"还有 {totals.open_items} 件看您的情况，没有计入" if totals.open_items else ""
    return "，".join(filter(None, (*told, still))) + "。"


def fee_total(totals: Totals) -> str:
    """Which of the items that surely apply cost something."""
    if not totals.items:
        return ""
    told = []
    if totals.charged:
        told.append(f"收费的有：{'、'.join(totals.charged)}（标准见各件）")
    if totals.fee_unknown:
        told.append(f"办事指南没有写收费的有：{'、'.join(totals.fee_unknown)}")
    if totals.free:
        told.append(f"{'其余 ' if told else ''}{totals.free} 件不收费")
    still = f"还有 {totals.open_items} 件看您的情况，没有计入" if totals.open_items else ""
    return "；".join(filter(None, (*told, still))) + "。"


def not_held_lines(checklist: EventChecklist) -> list[str]:
    """Items that can't be told, and where to ask."""
    return [
        f"{f'“{one.name}”' if one.name else '还有一件事'}目前没有办事指南，请向{one.department}咨询，或者拨打 12345 市民服务热线。"
        for one in checklist.not_held
    ]


def guide_warnings(changed: Sequence[ChangedGuide]) -> list[str]:
    """Which of the guides have changed since the list was made."""
    return [
        f"注意：“{one.name}”已经不在现行办事指南里，请先咨询再准备材料。"
        if one.current_version is None
        else f"注意：“{one.name}”的办事指南已经更新到第 {one.current_version} 版，请重新生成清单。"
        for one in changed
    ]
