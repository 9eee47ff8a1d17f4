"""Generic rules about what stands on a paper and in the form: legible, complete, in date, numbers that hold, the applicant on it.

Comes in: a `Subject`. Goes out: findings of one aspect a function; none knows of the others, so that one that breaks hides none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from core.check_digits import credit_code_holds, food_licence_holds, identity_number_holds
from knowledge_base.checks import FormFieldKind
from services.documents.extraction.kinds import ValueType, paper_kinds
from services.documents.page_care.quality import Fault
from services.precheck.claims import NAME, NUMBER, evidence_of
from services.precheck.comparing import folded, in_date, same_name, same_number
from services.precheck.facts import FieldFact, PaperFact
from services.precheck.findings import Aspect, Evidence, Finding, Severity
from services.precheck.subject import Subject, field_name, finding, taken, value_of

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


def legible(subject: Subject) -> Iterator[Finding]:
    """Needed fields that weren't read: because of the photo, or for no reason that is known."""
    for material, paper in taken(subject):
        needed = subject.policy.kind(paper.kind).needed
        missing = [one for one in needed if not value_of(paper, one)]
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
            names = "、".join(field_name(paper.kind, one) for one in missing)
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
    for material, paper in taken(subject):
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
        name, title = subject.name(material), field_name(paper.kind, field)
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
    name, title = subject.name(material), field_name(paper.kind, field)
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
    name, title = subject.name(material), field_name(paper.kind, field)
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
    for material, paper in taken(subject):
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
    for material, paper in taken(subject):
        pairs = [(one.name, one.number or "") for one in subject.policy.kind(paper.kind).one_of]
        if paper.kind == REGISTER_MEMBER:
            pairs = [("name", "number")]
        people.setdefault(material, []).extend((paper, *pair) for pair in pairs)
    for material, there in people.items():
        if not there or any(_is_person(paper, pair, name, number) for paper, *pair in there):
            continue
        fields = [(paper, field) for paper, *pair in there for field in pair if value_of(paper, field)]
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
    there_name, there_number = value_of(paper, pair[0]), value_of(paper, pair[1])
    if number and there_number:
        return same_number(number, there_number)
    return bool(name and there_name) and same_name(name or "", there_name)
