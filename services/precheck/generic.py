"""Generic rules about which materials are there, and all generic rules by name.

Comes in: a `Subject`. Goes out: findings of one aspect a function; none knows of the others, so that one that breaks hides none.
What can't be told from what was read is `undetermined`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from knowledge_base.schema import Material
from services.documents.extraction.kinds import paper_kinds
from services.precheck.facts import PaperFact
from services.precheck.field_rules import check_digits, form_complete, legible, one_of_them, valid
from services.precheck.findings import Aspect, Evidence, Finding, MaterialState, Severity
from services.precheck.subject import Subject, finding


def present(subject: Subject) -> Iterator[Finding]:
    """What is missing, in whole or in part; what a person has to look for."""
    unclear = _unclear(subject)
    for material in subject.matching.materials:
        state = subject.matching.states[material.id]
        name = subject.name(material.id)
        if state is MaterialState.MISSING and not any(one == material.id for one, _ in subject.matching.wrong):
            yield finding(
                "present",
                Aspect.PRESENT,
                Severity.UNDETERMINED if unclear else Severity.DEFECT,
                material.id,
                f"缺少{name}" + ("；另有看不清或认不出的材料，请看是不是它。" if unclear else "。"),
                f"没有收到{name}。",
                f"请提交{name}（{material.acceptance_standard}）。",
                tuple(Evidence(None, one.key, None, "", None) for one in unclear),
                "paper_unclear" if unclear else None,
            )
        elif state is MaterialState.PARTLY:
            sides = subject.matching.missing_sides[material.id]
            titles = "、".join(paper_kinds()[one].title for one in sides)
            yield finding(
                "both-sides",
                Aspect.COMPLETE,
                Severity.UNDETERMINED if unclear else Severity.DEFECT,
                material.id,
                f"{name}只有一面，缺少{titles}。",
                f"{name}只收到一面，缺少{titles}。",
                f"请补交{titles}。",
                tuple(Evidence(material.id, one.key, None, "", None) for one in subject.matching.papers(material.id)),
                "paper_unclear" if unclear else None,
            )
        elif state is MaterialState.BY_PERSON:
            yield _by_person(material, name)
        elif state is MaterialState.OPEN:
            yield finding(
                "answer-missing",
                Aspect.PRESENT,
                Severity.UNDETERMINED,
                material.id,
                f"情形还没有问清，不知道要不要{name}。",
                f"是否需要{name}，取决于还没有回答的情形问题。",
                "请把情形问题答完。",
                reason="answer_missing",
            )


def _unclear(subject: Subject) -> list[PaperFact]:
    """Papers that may be anything: unreadable, or of a kind that the model isn't sure of."""
    return [
        one
        for one in (*subject.matching.strangers, *(paper for paper in subject.case.papers if paper.unread))
        if one.unread or one.faults or (one.chance < subject.policy.least_kind_chance and not one.named_by_person)
    ]


def _by_person(material: Material, name: str) -> Finding:
    return finding(
        "by-person",
        Aspect.PRESENT,
        Severity.UNDETERMINED,
        material.id,
        f"{name}没有可识别的材料种类，请人工查看是否提交、是否符合：{material.acceptance_standard}。",
        f"{name}由工作人员查看。",
        f"请确认已提交{name}（{material.acceptance_standard}）。",
        reason="by_person",
    )


def unread(subject: Subject) -> Iterator[Finding]:
    """Documents that could not be read at all."""
    for paper in subject.case.papers:
        if paper.unread is not None:
            yield finding(
                "unread",
                Aspect.LEGIBLE,
                Severity.UNDETERMINED,
                paper.material,
                "这份文件没有读出来，请人工查看。",
                "有一份文件没有读出来，工作人员会查看。",
                "也可以重新上传清楚的照片或扫描件。",
                (Evidence(paper.material, paper.key, None, "", None),),
                paper.unread,
            )


def right_kind(subject: Subject) -> Iterator[Finding]:
    """Handed in as one thing and being another."""
    for material, paper in subject.matching.wrong:
        sure = paper.named_by_person or (paper.chance >= subject.policy.least_kind_chance and not paper.faults)
        known = paper_kinds().get(paper.kind)
        title = known.title if known else "其他材料"
        yield finding(
            "right-kind",
            Aspect.RIGHT_KIND,
            Severity.DEFECT if sure else Severity.UNDETERMINED,
            material,
            f"作为{subject.name(material)}提交的是{title}。",
            f"作为{subject.name(material)}提交的看起来是{title}。",
            f"请提交{subject.name(material)}。",
            (Evidence(material, paper.key, None, title, None, paper.chance),),
            None if sure else "kind_unsure",
        )


def extras(subject: Subject) -> Iterator[Finding]:
    """Notes: the same paper twice, papers that nobody asked for."""
    for paper in subject.matching.duplicates:
        yield finding(
            "duplicate",
            Aspect.PRESENT,
            Severity.NOTE,
            None,
            "同一份材料交了不止一次，只看第一份。",
            "同一份材料交了不止一次。",
            "多交的可以删去。",
            (Evidence(None, paper.key, None, "", None),),
        )
    for paper in subject.matching.strangers:
        known = paper_kinds().get(paper.kind)
        title = known.title if known else "其他材料"
        yield finding(
            "stranger",
            Aspect.PRESENT,
            Severity.NOTE,
            None,
            f"本事项这种情形不需要这份材料（{title}）。",
            f"这份材料（{title}）不在本事项的材料清单里。",
            "不需要的可以删去；如果是某份应交的材料，请指明。",
            (Evidence(None, paper.key, None, title, None),),
        )


CHECKS: dict[str, Callable[[Subject], Iterator[Finding]]] = {
    "present": present,
    "unread": unread,
    "right-kind": right_kind,
    "legible": legible,
    "in-date": valid,
    "check-digits": check_digits,
    "form-complete": form_complete,
    "one-of-them": one_of_them,
    "extras": extras,
}
