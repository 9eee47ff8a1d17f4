"""What the texts of several kinds of entry share: sentences, lists, conditions, steps, laws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from knowledge_base.schema import AnswerKind, Condition, Conditional, LegalBasis, Phone, Situation, Step

SAMPLE_MARK = "（示例）"
SAMPLE_NOTE = "本内容为示例，据公开的法律法规编写。"


def bare(text: str) -> str:
    """`text` without its closing marks."""
    return text.rstrip("。；;. \n")


def sentence(text: str) -> str:
    """`text` with one full stop."""
    return bare(text) + "。"


def numbered(lines: Iterable[str]) -> list[str]:
    """Lines that a page can show as a list."""
    return [f"{number}. {line}" for number, line in enumerate(lines, 1)]


def parenthesised(parts: Sequence[str]) -> str:
    """Alternatives in one line."""
    return "；".join(f"（{number}）{bare(part)}" for number, part in enumerate(parts, 1)) + "。"


def situation_lines(situations: Sequence[Situation]) -> list[str]:
    """The questionnaire as text, an option a line."""
    lines: list[str] = []
    for situation in situations:
        asked = situation.question
        if situation.kind is AnswerKind.NUMBER:
            asked = f"{asked.rstrip('？?')}（{situation.unit}）？"
        lines.append(asked + (sentence(situation.note) if situation.note else ""))
        lines.extend(
            numbered(
                f"{option.label}：{sentence(option.note)}" if option.note else sentence(option.label)
                for option in situation.options
            )
        )
    return lines


def for_whom(part: Conditional) -> str:
    """Whom a part applies to, "" if everybody."""
    return f"（适用于：{bare(part.when)}）" if part.when else ""


def condition_text(condition: Condition) -> str:
    """One condition with its alternatives, thresholds and exceptions."""
    parts = [for_whom(condition) + sentence(condition.text)]
    if condition.any_of:
        parts[0] = for_whom(condition) + bare(condition.text) + "，符合下列之一即可："
        parts.append(parenthesised(condition.any_of))
    if condition.thresholds:
        parts.append("标准：" + "；".join(bare(threshold) for threshold in condition.thresholds) + "。")
    if condition.exceptions:
        parts.append("例外：" + "；".join(bare(exception) for exception in condition.exceptions) + "。")
    return "".join(parts)


def step_text(step: Step) -> str:
    """One step."""
    return f"{step.name}{for_whom(step)}：{sentence(step.text)}"


def phone_text(title: str, phone: Phone) -> str:
    """A telephone line."""
    return f"{title}：{phone.number}（{phone.name}{'，示例号码' if phone.sample else ''}）。"


def basis_text(basis: LegalBasis) -> str:
    """One law with what it says."""
    number = f"（{basis.document_number}）" if basis.document_number else ""
    head = f"《{basis.law.strip('《》')}》{number}{basis.article or ''}"
    return f"{head}：{sentence(basis.text)}" if basis.text else sentence(head)


def bases_text(heading: str, bases: Sequence[LegalBasis]) -> str | None:
    """Laws under a heading; None if there are none."""
    return "\n".join([heading, *numbered(basis_text(basis) for basis in bases)]) if bases else None
