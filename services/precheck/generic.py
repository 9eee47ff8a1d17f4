"""What is asked of every item: materials there, papers legible, complete, in date, with numbers that hold, and of the applicant.

Comes in: a case and its matching. Each function gives findings of one aspect and knows nothing of the others, so that one
that breaks hides none. What can't be told from what was read is `undetermined`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.check_digits import credit_code_holds, food_licence_holds, identity_number_holds
from knowledge_base.checks import FormField, FormFieldKind
from knowledge_base.schema import Material
from services.documents.extraction.kinds import ValueType, paper_kinds
from services.documents.page_care.quality import Fault
from services.precheck.claims import APPLICANT, HEAD, NAME, NUMBER, Claim, evidence_of
from services.precheck.comparing import folded, in_date, same_name, same_number
from services.precheck.facts import Case, FieldFact, PaperFact
from services.precheck.findings import Aspect, Evidence, Finding, MaterialState, Severity
from services.precheck.generic_policy import Policy
from services.precheck.matching import Matching

NUMBERS: dict[ValueType, tuple[Callable[[str], bool], ...]] = {
    ValueType.IDENTITY_NUMBER: (identity_number_holds,),
    ValueType.CREDIT_CODE: (credit_code_holds,),
    ValueType.FOOD_LICENCE: (food_licence_holds,),
    ValueType.SUBJECT_NUMBER: (identity_number_holds, credit_code_holds),
}
FORM_NUMBERS: dict[FormFieldKind, Callable[[str], bool]] = {
    FormFieldKind.IDENTITY_NUMBER: identity_number_holds,
    FormFieldKind.CREDIT_CODE: credit_code_holds,
}
REGISTER_MEMBER = "household-register-person"


@dataclass(frozen=True, slots=True)
class Subject:
    """What the functions look at. `claims`: of papers and form. `form_fields`: of the item's form."""

    case: Case
    matching: Matching
    claims: Sequence[Claim]
    company: bool
    form_fields: Sequence[FormField]
    policy: Policy

    def name(self, material: str | None) -> str:
        """What a material is called; the form for None."""
        found = next((one.name for one in self.case.item.materials if one.id == material), None)
        return f"《{found}》" if found else "填写的表单"

    def own(self, attribute: str) -> str | None:
        """The applicant's (or the head's) name or number as most say."""
        subject = HEAD if self.company else APPLICANT
        values = [one.value for one in self.claims if (one.subject, one.attribute) == (subject, attribute)]
        return max(values, key=values.count) if values else None


def finding(
    rule: str,
    aspect: Aspect,
    severity: Severity,
    material: str | None,
    clerk: str,
    applicant: str,
    mend: str,
    evidence: tuple[Evidence, ...] = (),
    reason: str | None = None,
) -> Finding:
    """With the confidence of its least sure evidence."""
    confidence = min((one.confidence for one in evidence), default=1.0)
    return Finding(f"generic/{rule}", aspect, severity, material, clerk, applicant, mend, evidence, confidence, reason)


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


def legible(subject: Subject) -> Iterator[Finding]:
    """Needed fields that weren't read: because of the photo, or for no reason that is known."""
    for material, paper in _taken(subject):
        needed = subject.policy.kind(paper.kind).needed
        missing = [one for one in needed if not _value(paper, one)]
        name = subject.name(material)
        if paper.faults:
            page, codes = next(iter(paper.faults.items()))
            reason = Fault(codes[0]).message(page)
            # Where everything that is needed was read all the same, a person says whether the photo will do.
            yield finding(
                "legible",
                Aspect.LEGIBLE,
                Severity.DEFECT if missing else Severity.UNDETERMINED,
                material,
                f"{name}看不清：{reason}"
                if missing
                else f"{name}的照片有问题，要读的内容都读到了，请看能不能用：{reason}",
                f"{name}看不清。{reason}",
                f"请重新拍摄或扫描{name}。",
                (Evidence(material, paper.key, None, "", None),),
                None if missing else "photo_doubtful",
            )
        elif missing:
            names = "、".join(_field_name(paper.kind, one) for one in missing)
            yield finding(
                "complete",
                Aspect.COMPLETE,
                Severity.UNDETERMINED,
                material,
                f"{name}上没有读到{names}，请看是没有填写还是没有读出。",
                f"{name}上没有看到{names}。",
                f"请把{names}填写完整，或者提交更清楚的照片。",
                tuple(Evidence(material, paper.key, one, "", None, 0.0) for one in missing),
                "field_missing",
            )


def valid(subject: Subject) -> Iterator[Finding]:
    """In date on the day of application."""
    policy, day = subject.policy, f"{subject.case.applied_on}"
    standards = {one.id: one for one in subject.case.item.materials}
    for material, paper in _taken(subject):
        field = policy.kind(paper.kind).valid
        if field is None or any(word in standards[material].name for word in policy.old_papers):
            continue
        said = any(word in standards[material].acceptance_standard for word in policy.said_in_date)
        if paper.kind in policy.in_date_if_said and not said:
            continue
        fact = paper.fields.get(field)
        if fact is None or not fact.value:
            if field not in policy.kind(paper.kind).needed and not paper.faults:
                yield _undated(material, paper, field, subject)
            continue
        holds = in_date(fact.value, day)
        name, title = subject.name(material), _field_name(paper.kind, field)
        evidence = (evidence_of(material, paper, field, fact),)
        if holds and fact.confidence >= policy.least_confidence:
            continue
        if holds:
            yield _unsure(material, paper, field, fact, subject)
            continue
        yield finding(
            "in-date",
            Aspect.IN_DATE,
            Severity.DEFECT if fact.sure else Severity.UNDETERMINED,
            material,
            f"{name}的{title}不含申请当日（{day}）。",
            f"{name}在申请当日（{day}）不在有效期内。",
            f"请提交在有效期内的{name}；已过期的先换领或者重新办理。",
            evidence,
            None if fact.sure else "field_unsure",
        )


def _undated(material: str, paper: PaperFact, field: str, subject: Subject) -> Finding:
    name, title = subject.name(material), _field_name(paper.kind, field)
    return finding(
        "in-date",
        Aspect.IN_DATE,
        Severity.UNDETERMINED,
        material,
        f"{name}上没有读到{title}，请看是否在有效期内。",
        f"{name}上没有看到{title}。",
        f"请确认{name}写明了{title}，且在有效期内。",
        (Evidence(material, paper.key, field, "", None, 0.0),),
        "field_missing",
    )


def _unsure(material: str, paper: PaperFact, field: str, fact: FieldFact, subject: Subject) -> Finding:
    name, title = subject.name(material), _field_name(paper.kind, field)
    return finding(
        "in-date",
        Aspect.IN_DATE,
        Severity.UNDETERMINED,
        material,
        f"{name}的{title}读得没有把握，请核对是否在有效期内。",
        f"{name}的{title}看不太清。",
        f"请核对{title}，或者提交更清楚的照片。",
        (evidence_of(material, paper, field, fact),),
        "field_unsure",
    )


def check_digits(subject: Subject) -> Iterator[Finding]:
    """Numbers that prove themselves: on papers, and in the typed form."""
    for material, paper in _taken(subject):
        kind = paper_kinds().get(paper.kind)
        for field in kind.fields if kind else ():
            fact = paper.fields.get(field.id)
            if field.type not in NUMBERS or fact is None or not fact.value or "*" in fact.value:
                continue
            if any(holds(folded(fact.value)) for holds in NUMBERS[field.type]):
                continue
            name = subject.name(material)
            yield finding(
                "check-digits",
                Aspect.CHECK_DIGITS,
                Severity.DEFECT if fact.sure else Severity.UNDETERMINED,
                material,
                f"{name}上的{field.name}校验不通过。",
                f"{name}上的{field.name}有错（校验位不对）。",
                f"请核对并更正{field.name}。",
                (evidence_of(material, paper, field.id, fact),),
                None if fact.sure else "field_unsure",
            )
    for form_field in subject.form_fields:
        value = subject.case.form.get(form_field.id)
        if value and form_field.kind in FORM_NUMBERS and not FORM_NUMBERS[form_field.kind](folded(value)):
            yield finding(
                "form-check-digits",
                Aspect.CHECK_DIGITS,
                Severity.DEFECT,
                None,
                f"填写的{form_field.name}校验不通过。",
                f"填写的{form_field.name}有错（校验位不对）。",
                f"请核对并更正{form_field.name}。",
                (Evidence(None, None, form_field.id, value, None),),
            )


def form_complete(subject: Subject) -> Iterator[Finding]:
    """What has to be filled in and is not."""
    missing = [one for one in subject.form_fields if one.required and not subject.case.form.get(one.id)]
    if missing:
        names = "、".join(one.name for one in missing)
        yield finding(
            "form-complete",
            Aspect.FORM,
            Severity.DEFECT,
            None,
            f"表单没有填写：{names}。",
            f"表单还有没填的：{names}。",
            f"请填写{names}。",
            tuple(Evidence(None, None, one.id, "", None) for one in missing),
        )


def one_of_them(subject: Subject) -> Iterator[Finding]:
    """Papers about several people of whom the applicant has to be one: the members of a register, a married couple."""
    name, number = subject.own(NAME), subject.own(NUMBER)
    if subject.company or not (name or number):
        return
    people: dict[str, list[tuple[PaperFact, str, str]]] = {}
    for material, paper in _taken(subject):
        pairs = [(one.name, one.number or "") for one in subject.policy.kind(paper.kind).one_of]
        if paper.kind == REGISTER_MEMBER:
            pairs = [("name", "number")]
        people.setdefault(material, []).extend((paper, *pair) for pair in pairs)
    for material, there in people.items():
        if not there or any(_is_person(paper, pair, name, number) for paper, *pair in there):
            continue
        fields = [(paper, field) for paper, *pair in there for field in pair if _value(paper, field)]
        evidence = tuple(evidence_of(material, paper, field, paper.fields[field]) for paper, field in fields)
        sure = bool(fields) and all(paper.fields[field].sure for paper, field in fields)
        yield finding(
            "one-of-them",
            Aspect.HOLDER,
            Severity.DEFECT if sure else Severity.UNDETERMINED,
            material,
            f"{subject.name(material)}上没有申请人。",
            f"{subject.name(material)}上没有找到申请人的姓名和证件号码。",
            f"请提交载有申请人的{subject.name(material)}。",
            evidence,
            None if sure else "field_unsure",
        )


def _is_person(paper: PaperFact, pair: Sequence[str], name: str | None, number: str | None) -> bool:
    there_name, there_number = _value(paper, pair[0]), _value(paper, pair[1])
    if number and there_number:
        return same_number(number, there_number)
    return bool(name and there_name) and same_name(name or "", there_name)


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


def _taken(subject: Subject) -> Iterator[tuple[str, PaperFact]]:
    """Every paper once, with the first material that it was taken for."""
    seen: set[str] = set()
    for material in subject.matching.materials:
        for paper in subject.matching.papers(material.id):
            if paper.key not in seen:
                seen.add(paper.key)
                yield material.id, paper


def _value(paper: PaperFact, field: str) -> str:
    fact = paper.fields.get(field)
    return (fact.value or "") if fact is not None else ""


def _field_name(kind: str, field: str) -> str:
    known = paper_kinds().get(kind)
    return next((one.name for one in known.fields if one.id == field), field) if known else field


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
