"""A kept checklist over a life event as a PDF: what several items need once, then a part for each item, in order.

Comes in: a `KeptEvent`. Goes out: the bytes of a PDF like that of one item's list (`services.consult.checklists.pdf`).
"""

from __future__ import annotations

from core.pdf_sheet import BLUE, INDENT, NAME, SOFT, TEXT, TITLE, WARM, Sheet, day
from services.consult.checklists.checklist import Source, for_whom
from services.consult.checklists.event_checklist import EventChecklist, EventItem, SharedMaterial, Wanted
from services.consult.checklists.event_telling import (
    fee_total,
    limit_total,
    not_held_lines,
    shared_line,
)
from services.consult.checklists.kept import KeptEvent
from services.consult.checklists.pdf import write_bullets, write_lines, write_materials, write_parts, write_sources

PART = 14.0
"""Points, of an item's name."""


def render_event_pdf(kept: KeptEvent) -> bytes:
    """The whole list, as many pages as it takes. Up to some seconds of processor time: call it in a thread."""
    checklist = kept.checklist
    item = checklist.item
    sheet = Sheet(
        f"一次告知单：{item.name}", f"{item.name}　一件事第 {item.version} 版　{day(kept.made_at)}生成", kept.made_at
    )
    _head(sheet, kept)
    _overview(sheet, checklist)
    _shared(sheet, checklist)
    for part in checklist.parts:
        _part(sheet, part)
    write_bullets(sheet, "没有办事指南的事项", tuple(not_held_lines(checklist)))
    write_bullets(sheet, "依据", checklist.legal_basis)
    sources: list[Source] = [*checklist.sources]
    for part in checklist.parts:
        sources += part.checklist.sources
    write_sources(sheet, sources, sample=checklist.sample_note is not None)
    return bytes(sheet.output())


def _head(sheet: Sheet, kept: KeptEvent) -> None:
    checklist = kept.checklist
    item = checklist.item
    sheet.say("一次告知单（一件事）", size=NAME, colour=WARM, gap=0.5)
    sheet.say(item.name, size=TITLE, colour=BLUE, gap=1.0)
    sheet.say(f"{item.department}　第 {item.version} 版　{day(kept.made_at)}生成", size=TEXT, colour=SOFT, gap=1.5)
    for warning in kept.warnings:
        sheet.say(warning, colour=WARM, gap=1.0)
    sheet.say(checklist.summary)
    if checklist.known:
        sheet.say("按您的情况：", size=NAME)
        for given in checklist.known:
            sheet.say(f"{given.question}　{given.label}", indent=INDENT)
    if checklist.questions:
        sheet.say("下面的情况还没有说明，与之有关的内容标着“如果”，请对照自己的情况：", colour=WARM)
        for question in checklist.questions:
            of = f"（{'、'.join(question.asked_by)}）" if question.asked_by else ""
            sheet.say(f"· {question.question}{of}", indent=INDENT, colour=WARM)


def _overview(sheet: Sheet, checklist: EventChecklist) -> None:
    """Which items, in which order; what it takes altogether."""
    if checklist.parts:
        sheet.heading(f"要办的事（{len(checklist.parts)} 件，依次办理）")
    for part in checklist.parts:
        told = f"{part.number}. {part.checklist.item.name}{for_whom(part)}"
        sheet.say(told, size=NAME, indent=3.5, gap=0.2)
        if part.note:
            sheet.say(part.note, indent=3.5 + INDENT, colour=SOFT)
    write_lines(sheet, "办理流程", checklist.steps, numbered=True)
    write_bullets(sheet, "请注意", checklist.notes)
    totals = tuple(filter(None, (limit_total(checklist.totals), fee_total(checklist.totals))))
    write_bullets(sheet, "合计", totals)
    write_bullets(
        sheet,
        "可以去同一个地方的",
        tuple(
            f"{'、'.join(filter(None, (place.name, place.address)))}{'（示例地址）' if place.sample else ''}："
            f"{'、'.join(place.items)}"
            for place in checklist.places
        ),
    )


def _shared(sheet: Sheet, checklist: EventChecklist) -> None:
    """What several items need: one box each."""
    wanted = [one for one in checklist.shared if not one.exempt]
    exempt = [one for one in checklist.shared if one.exempt]
    if wanted:
        sheet.heading(f"几件事都要的材料（{len(wanted)} 种）")
        sheet.say("列在一起，各件事要几份分别写明：", indent=3.5)
    for material in wanted:
        sheet.room()
        sheet.tick_box(NAME)
        _paper(sheet, material)
    if exempt:
        sheet.heading("几件事都免于提交的")
        sheet.say("这些由系统核验，不用带：")
        for material in exempt:
            sheet.say(f"· {material.name}：{'、'.join(one.item_name for one in material.wanted)}", indent=3.5)


def _paper(sheet: Sheet, material: SharedMaterial) -> None:
    sheet.say(material.name, size=NAME, indent=INDENT, gap=0.2)
    for one in material.wanted:
        sheet.say(f"· {shared_line(one)}", indent=INDENT, gap=0.2)
    for standard, of in _standards(material).items():
        whose = f"（{'、'.join(one.item_name for one in of)}）" if len(of) < len(material.wanted) else ""
        sheet.say(f"合格标准{whose}：{standard}", indent=INDENT, gap=0.2)
    sheet.ln(1.6)


def _standards(material: SharedMaterial) -> dict[str, list[Wanted]]:
    """Standards with the items that ask for them: the same is told once."""
    found: dict[str, list[Wanted]] = {}
    for one in material.wanted:
        found.setdefault(one.acceptance_standard, []).append(one)
    return found


def _part(sheet: Sheet, part: EventItem) -> None:
    checklist = part.checklist
    sheet.room(40.0)
    sheet.ln(4)
    sheet.say(f"第 {part.number} 件　{checklist.item.name}{for_whom(part)}", size=PART, colour=BLUE, gap=0.8)
    sheet.say(f"{checklist.item.department}　办事指南第 {checklist.item.version} 版", colour=SOFT)
    sheet.say(checklist.summary)
    if part.note:
        sheet.say(part.note, colour=WARM)
    for note in checklist.notes:
        sheet.say(note, colour=WARM)
    write_materials(sheet, checklist, "另外要准备的材料")
    write_parts(sheet, checklist)
    write_bullets(sheet, "办好以后别忘了", checklist.remember)
