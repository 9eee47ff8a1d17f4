"""A kept checklist (一次告知单) as a PDF to take along: A4, with boxes to tick, the guide's words and their sources.

Comes in: a `Kept` checklist. Goes out: the bytes of a PDF whose text can be searched and copied; the font's used characters
are embedded (Noto Sans SC, SIL Open Font License 1.1), so that it prints anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.pdf_sheet import BLUE, INDENT, NAME, SMALL, SOFT, TEXT, TITLE, WARM, Sheet, day
from services.consult.checklists.checklist import SAMPLE_NOTE, Checklist, Line, MaterialLine, Source, for_whom
from services.consult.checklists.kept import Kept


def render_pdf(kept: Kept) -> bytes:
    """The whole list, as many pages as it takes. About half a second of processor time: call it in a thread."""
    checklist = kept.checklist
    item = checklist.item
    sheet = Sheet(
        f"一次告知单：{item.name}", f"{item.name}　办事指南第 {item.version} 版　{day(kept.made_at)}生成", kept.made_at
    )
    _head(sheet, kept)
    write_materials(sheet, checklist)
    write_parts(sheet, checklist)
    write_bullets(sheet, "办好以后别忘了", checklist.remember)
    write_bullets(sheet, "依据", checklist.legal_basis)
    write_sources(sheet, checklist.sources, sample=item.sample)
    return bytes(sheet.output())


def _head(sheet: Sheet, kept: Kept) -> None:
    checklist = kept.checklist
    item = checklist.item
    sheet.say("一次告知单", size=NAME, colour=WARM, gap=0.5)
    sheet.say(item.name, size=TITLE, colour=BLUE, gap=1.0)
    sheet.say(
        f"{item.department}　办事指南第 {item.version} 版　{day(kept.made_at)}生成", size=TEXT, colour=SOFT, gap=1.5
    )
    if kept.withdrawn:
        sheet.say("注意：这件事已经不在现行办事指南里，请先咨询再准备材料。", colour=WARM, gap=1.5)
    elif kept.newer_version:
        sheet.say(
            f"注意：办事指南已经更新到第 {kept.current_version} 版，请重新咨询，生成新的告知单。", colour=WARM, gap=1.5
        )
    if checklist.known:
        sheet.say("按您的情况：", size=NAME)
        for given in checklist.known:
            sheet.say(f"{given.question}　{given.label}", indent=INDENT)
    for note in checklist.notes:
        sheet.say(note, colour=WARM)
    if checklist.open_questions:
        sheet.say("下面的情况还没有说明，与之有关的内容标着“如果”，请对照自己的情况：", colour=WARM)
        for question in checklist.open_questions:
            sheet.say(f"· {question.question}", indent=INDENT, colour=WARM)


def write_materials(sheet: Sheet, checklist: Checklist, heading: str = "要准备的材料") -> None:
    """What has to be brought, to tick, then what needn't be."""
    wanted = [material for material in checklist.materials if not material.exempt]
    exempt = [material for material in checklist.materials if material.exempt]
    if wanted:
        sheet.heading(f"{heading}（{len(wanted)} 份）")
    for number, material in enumerate(wanted, 1):
        sheet.room()
        sheet.tick_box(NAME)
        necessity = "看情况" if material.open else material.necessity
        sheet.say(f"{number}. {material.name}（{necessity}）", size=NAME, indent=INDENT, gap=0.2)
        for text in _about(material):
            sheet.say(text, indent=INDENT, gap=0.2)
        sheet.ln(1.6)
    if exempt:
        sheet.heading("免于提交")
        sheet.say("这些由系统核验，不用带：")
        for material in exempt:
            licence = f"（电子证照：{material.electronic_licence}）" if material.electronic_licence else ""
            sheet.say(f"· {material.name}{licence}", indent=3.5)


def write_parts(sheet: Sheet, checklist: Checklist) -> None:
    """All of an item but its materials."""
    for heading, lines, numbered in (
        ("要符合的条件", checklist.conditions, True),
        ("怎么办理", checklist.steps, True),
        ("多久办好", checklist.limits, False),
        ("收费", checklist.fees, False),
        ("拿到什么", checklist.results, False),
    ):
        write_lines(sheet, heading, lines, numbered=numbered)
    write_where(sheet, checklist)


def _about(material: MaterialLine) -> Iterable[str]:
    form = [material.kind, f"{material.copies} 份" if material.copies else "", material.page_format or ""]
    yield "，".join(filter(None, (*form, f"来源：{material.source}" if material.source else "")))
    if material.when:
        yield f"{'什么情况要交' if material.open else '适用'}：{material.when}"
    yield f"合格标准：{material.acceptance_standard}"
    for label, text in (
        ("怎么填", material.filling_notes),
        ("可用电子证照", material.electronic_licence),
        ("空白表", material.blank_form),
        ("样表", material.sample_form),
    ):
        if text:
            yield f"{label}：{text}"


def write_lines(sheet: Sheet, heading: str, lines: tuple[Line, ...], *, numbered: bool) -> None:
    """Conditions, steps, limits, fees or results."""
    if not lines:
        return
    sheet.heading(heading)
    for number, line in enumerate(lines, 1):
        mark = f"{number}. " if numbered and len(lines) > 1 else "· "
        name = f"{line.name}：" if line.name else ""
        sheet.say(f"{mark}{name}{line.text}{for_whom(line)}", indent=3.5)
        for detail in line.details:
            sheet.say(f"· {detail}", indent=3.5 + INDENT, colour=SOFT)


def write_where(sheet: Sheet, checklist: Checklist) -> None:
    """Places, ways and numbers."""
    told = [text for text in (checklist.visits, checklist.online) if text]
    for place in checklist.places:
        parts = "，".join(filter(None, (place.name, place.address, place.window)))
        told.append(f"· {parts}{'（示例地址）' if place.sample else ''}{for_whom(place)}")
    told.extend(f"· 办理时间：{text}" for text in checklist.hours)
    told.extend(f"· {phone.name}：{phone.number}{'（示例）' if phone.sample else ''}" for phone in checklist.phones)
    if told:
        sheet.heading("去哪里办")
        for text in told:
            sheet.say(text, indent=3.5)


def write_bullets(sheet: Sheet, heading: str, lines: tuple[str, ...]) -> None:
    """A list of sentences under a heading."""
    if lines:
        sheet.heading(heading)
        for line in lines:
            sheet.say(f"· {line}", indent=3.5)


def write_sources(sheet: Sheet, sources: Iterable[Source], *, sample: bool) -> None:
    """The sections that it was made from."""
    sheet.room()
    sheet.ln(4)
    if sample:
        sheet.say(SAMPLE_NOTE, size=SMALL, colour=SOFT)
    sheet.say("依据办事指南条目：", size=SMALL, colour=SOFT, gap=0.2)
    for source in sources:
        # A line each: an identifier that is broken at its hyphen can't be searched for.
        sheet.say(f"{source.title}　{source.section_id}", size=SMALL, colour=SOFT, indent=INDENT, gap=0)
