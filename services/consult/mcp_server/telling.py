"""The tools' results as text, for agents that hand their model the text alone: with every id that the next call needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.consult.chat_completions import with_footnotes
from services.consult.checklists.checklist import Checklist, Line, MaterialLine, PlaceLine, for_whom
from services.consult.checklists.event_telling import fee_total, limit_total, shared_line
from services.consult.checklists.schemas import ChecklistView, EventChecklistView
from services.consult.mcp_server.schemas import ChecklistTold, FoundItem, QuestionShown
from services.consult.schemas import MessageAnswer

NUMBERED = {"item": "编号", "event": "一件事，event_id"}
"""What an id is, by the kind of what was found."""
SAMPLE = "（示例）"
"""Behind what is made up for demonstration."""


def tell_items(items: Sequence[FoundItem]) -> str:
    """One item or life event a line, best first."""
    if not items:
        return "没有找到可办的事项。请换个说法再找，或用 ask 提问。"
    lines = [
        f"{place}. {item.name}（{NUMBERED[item.kind]} {item.id}；{item.department}）：{item.summary}"
        for place, item in enumerate(items, 1)
    ]
    return "\n".join(["最接近的事项，按接近程度排列；都对不上时，请换个说法再找，或用 ask 提问：", *lines])


def tell_answer(answer: MessageAnswer, base: str) -> str:
    """The answer with footnotes, then how to go on. `base`: the hub's address, with its last slash."""
    content, _ = with_footnotes(answer, base)
    if answer.status == "with_person":
        content = "工作人员正在接待这次对话，消息已转给工作人员。"
    if answer.event is not None:
        content += (
            f"\n\n一件事：{answer.event.name}（event_id {answer.event.id}；checklist 可以把几个事项合成一张清单）"
        )
    how = "这是反问，请把问题转给市民，再带上同一个 session_id 回答" if answer.asking else "追问时带上同一个 session_id"
    return f"{content}\n\nsession_id：{answer.session_id}（{how}）"


def tell_checklist(told: ChecklistTold) -> str:
    """The list in short: what to bring and do, where it can be opened, and what could still be asked."""
    checklist = told.checklist
    lines = [f"{checklist.item.name} 一次告知单（第 {checklist.item.version} 版）"]
    lines += [f"网址：{told.page}", f"PDF：{told.pdf}"]
    lines += _block("已知情况", (f"{one.question} {one.label}" for one in checklist.known))
    lines += _block("说明", checklist.notes)
    if isinstance(checklist, EventChecklistView):
        lines += _event(checklist)
    else:
        lines += _item(checklist)
        lines += _block("别忘了", checklist.remember)
    lines += _block("还可以问（带上回答再生成一次会更准）", map(_question, told.questions))
    if checklist.sample_note:
        lines.append(checklist.sample_note)
    return "\n".join(lines)


def _event(checklist: EventChecklistView) -> list[str]:
    """Shared papers once, then the items in their order."""
    lines = [text for text in (limit_total(checklist.totals), fee_total(checklist.totals)) if text]
    lines += _block("怎么一起办", map(_line, checklist.steps))
    shared = (
        f"{one.name}{'（免于提交）' if one.exempt else ''}：{'；'.join(map(shared_line, one.wanted))}"
        for one in checklist.shared
    )
    lines += _block("共用材料（准备一次）", shared)
    for part in checklist.parts:
        item = part.checklist.item
        lines.append(f"第 {part.number} 件 {item.name}（编号 {item.id}；{item.department}）{for_whom(part)}")
        lines += [part.note] if part.note else []
        lines += _item(part.checklist)
    for one in checklist.not_held:
        lines.append(f"{one.name or '还有一件事'}：目前没有办事指南，请向{one.department}咨询。")
    return lines


def _item(checklist: Checklist | ChecklistView) -> list[str]:
    """What one item asks for."""
    lines = _block("条件", map(_line, checklist.conditions))
    lines += _block("材料", map(_material, checklist.materials))
    lines += _block("步骤", map(_line, checklist.steps))
    lines += _block("时限", map(_line, checklist.limits))
    lines += _block("费用", map(_line, checklist.fees))
    lines += _block("结果", map(_line, checklist.results))
    if checklist.online:
        lines.append(checklist.online)
    lines += _block("地点", map(_place, checklist.places))
    lines += _block("时间", checklist.hours)
    phones = (f"{one.name} {one.number}{SAMPLE if one.sample else ''}" for one in checklist.phones)
    return lines + _block("电话", phones)


def _material(material: MaterialLine) -> str:
    copies = f"{material.copies} 份" if material.copies else ""
    exempt = "免于提交" if material.exempt else ""
    whom = f"适用：{material.when}" if material.when else ""
    about = "，".join(filter(None, (material.necessity, copies, exempt, whom)))
    return f"{material.name}（{about}）"


def _block(title: str, texts: Iterable[str]) -> list[str]:
    found = [f"- {text}" for text in texts]
    return [f"{title}：", *found] if found else []


def _line(line: Line) -> str:
    text = f"{line.name}：{line.text}" if line.name and line.name != line.text else line.text
    details = "".join(f"\n  - {detail}" for detail in line.details)
    return text + (f"（适用：{line.when}）" if line.when else "") + details


def _place(place: PlaceLine) -> str:
    text = "，".join(part for part in (place.name, place.address, place.window) if part)
    return text + (SAMPLE if place.sample else "") + (f"（适用：{place.when}）" if place.when else "")


def _question(question: QuestionShown) -> str:
    if question.options:
        how = "；".join(f"{one.value}={one.label}" for one in question.options)
    elif question.answer_kind == "yes_no":
        how = "true=是；false=否"
    else:
        how = f"数字，单位 {question.unit}"
    many = "，可多选" if question.answer_kind == "choices" else ""
    return f"{question.question_id}：{question.question}（{how}{many}）"
