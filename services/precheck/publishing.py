"""What is wrong with an item's checks and form that the library alone can't see: fields that no kind of paper has, rules that can't
be worked out. Asked whenever a text is to be published (`knowledge_base.publication.Publisher`) and by `kaopu library lint`.

Comes in: an entry. Goes out: faults by their place, in Chinese; none for what is in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from knowledge_base.checks import FormField, FormFieldKind
from knowledge_base.reading import Fault
from knowledge_base.schema import AnswerKind, Entry, Material, ServiceItem, Situation
from services.documents.extraction.kinds import FieldKind, PaperKind, ValueType, paper_kinds
from services.precheck.expressions import references, worked_out

MARKS: Mapping[str, Any] = {"kind": "lease", "seals": ["某某有限公司"], "seal_count": 1, "signature_count": 1}
"""What every material has beside its papers' fields."""
NOT_MATERIALS = ("form", "answers", "profile")
SAMPLES: Mapping[ValueType, str] = {
    ValueType.TEXT: "壹佰万元整",
    ValueType.NAME: "安晓宁",
    ValueType.PARTY: "上海明远餐饮有限公司",
    ValueType.DATE: "2026-01-31",
    ValueType.PERIOD: "2024-01-31/2029-01-31",
    ValueType.MONEY: "12000.00",
    ValueType.AREA: "86.5",
    ValueType.ADDRESS: "上海市普陀区武宁路1235弄7号",
    ValueType.IDENTITY_NUMBER: "11010519491231002X",
    ValueType.CREDIT_CODE: "91310107MA1T000052",
    ValueType.FOOD_LICENCE: "JY23101070000000",
    ValueType.SUBJECT_NUMBER: "91310107MA1T000052",
}
"""A value of each type in normal form: a rule has to be able to work with it, whatever it then says."""
FORM_SAMPLES: Mapping[FormFieldKind, ValueType] = {
    FormFieldKind.NAME: ValueType.NAME,
    FormFieldKind.PARTY: ValueType.PARTY,
    FormFieldKind.DATE: ValueType.DATE,
    FormFieldKind.PERIOD: ValueType.PERIOD,
    FormFieldKind.MONEY: ValueType.MONEY,
    FormFieldKind.AREA: ValueType.AREA,
    FormFieldKind.ADDRESS: ValueType.ADDRESS,
    FormFieldKind.IDENTITY_NUMBER: ValueType.IDENTITY_NUMBER,
    FormFieldKind.CREDIT_CODE: ValueType.CREDIT_CODE,
}


def faults_of(entry: Entry) -> Iterator[Fault]:
    """Every fault of an item's `checks` and `form`; nothing for entries without them."""
    if not isinstance(entry, ServiceItem):
        return
    fields = {material.id: _fields(material) for material in entry.materials}
    answers = {situation.id: _answer(situation) for situation in entry.situations}
    for number, check in enumerate(entry.checks):
        for name, expression in (("rule", check.rule), ("only_if", check.only_if)):
            if expression is None:
                continue
            place = ("checks", number, name)
            unknown = list(_unknown(expression, fields, answers, entry.form))
            if unknown:
                yield Fault(place, f"用到了没有的内容：{'、'.join(unknown)}")
            elif worked_out(expression, _samples(entry, fields, answers)).holds is None:
                yield Fault(place, "规则用示例值算不出结果，请检查函数和比较的类型")
    for number, field in enumerate(entry.form):
        for source in field.sources:
            material, _, name = source.partition(".")
            if material not in NOT_MATERIALS and name not in fields.get(material, {}):
                yield Fault(("form", number, "from"), f"没有 {source} 这个来源")


def _fields(material: Material) -> dict[str, FieldKind]:
    """The fields of all kinds of paper that a material takes."""
    kinds: Iterable[PaperKind] = (kind for kind in paper_kinds().values() if kind.paper_type in material.paper_types)
    return {field.id: field for kind in kinds for field in kind.fields}


def _unknown(
    expression: str,
    fields: Mapping[str, Mapping[str, FieldKind]],
    answers: Mapping[str, Any],
    form: Iterable[FormField],
) -> Iterator[str]:
    typed = {field.id for field in form}
    for owner, name in references(expression):
        if owner == "answers":
            known = name in answers
        elif owner == "form":
            # Without a form of its own an item has the fields of the general one, which depend on who applies.
            known = not typed or name in typed
        else:
            known = owner in fields and (name in fields[owner] or name in MARKS)
        if not known:
            yield f"{owner}.{name}"


def _samples(
    entry: ServiceItem, fields: Mapping[str, Mapping[str, FieldKind]], answers: Mapping[str, Any]
) -> dict[str, Any]:
    values: dict[str, Any] = {
        material: {**MARKS, **{name: _sample(field) for name, field in known.items()}}
        for material, known in fields.items()
    }
    values["answers"] = dict(answers)
    values["form"] = {
        field.id: field.options[0] if field.options else SAMPLES[FORM_SAMPLES.get(field.kind, ValueType.TEXT)]
        for field in entry.form
    } or {"name": "上海明远餐饮有限公司", "number": "11010519491231002X", "credit_code": "91310107MA1T000052"}
    values["today"] = "2026-11-20"
    return values


def _sample(field: FieldKind) -> str:
    return field.options[0] if field.options else SAMPLES[field.type]


def _answer(situation: Situation) -> Any:
    return {
        AnswerKind.YES_NO: True,
        AnswerKind.NUMBER: 1.0,
        AnswerKind.CHOICES: [option.value for option in situation.options],
        AnswerKind.CHOICE: situation.options[0].value if situation.options else "",
    }[situation.kind]
