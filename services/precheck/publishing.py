"""What of an item's checks and form would not work: asked before a text is published (`knowledge_base.extra_faults`), and by the
checker of guides while somebody types.

Comes in: an entry that the schema has passed. Goes out: faults with their places, in Chinese; none if everything works. A rule
is held against the fields of the papers that its materials may be (`paper_types`) and worked out on sample values of every
one of them: what a reader can never give, or what can't be worked out from what it gives, would send each case to a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from knowledge_base.checks import Check, FormField, FormFieldKind
from knowledge_base.reading import Fault
from knowledge_base.schema import Entry, ServiceItem
from services.documents.extraction.kinds import ValueType
from services.precheck.expressions import references, worked_out
from services.precheck.sampling import ANSWERS, FORM, OF_EVERY, TODAY, Surroundings

PROFILE = "profile"
MOST_LISTED = 12

_ANY = frozenset(ValueType)
_NUMBERS = {ValueType.IDENTITY_NUMBER, ValueType.SUBJECT_NUMBER}
TAKES: Mapping[FormFieldKind, frozenset[ValueType]] = {
    FormFieldKind.TEXT: _ANY,
    FormFieldKind.NAME: frozenset({ValueType.NAME, ValueType.PARTY}),
    FormFieldKind.PARTY: frozenset({ValueType.NAME, ValueType.PARTY}),
    FormFieldKind.DATE: frozenset({ValueType.DATE}),
    FormFieldKind.PERIOD: frozenset({ValueType.PERIOD}),
    FormFieldKind.MONEY: frozenset({ValueType.MONEY}),
    FormFieldKind.AREA: frozenset({ValueType.AREA}),
    FormFieldKind.ADDRESS: frozenset({ValueType.ADDRESS}),
    FormFieldKind.PHONE: frozenset({ValueType.TEXT}),
    FormFieldKind.IDENTITY_NUMBER: frozenset(_NUMBERS),
    FormFieldKind.CREDIT_CODE: frozenset({ValueType.CREDIT_CODE, ValueType.SUBJECT_NUMBER}),
    FormFieldKind.CHOICE: frozenset({ValueType.TEXT}),
}
"""Which values of papers a form's field may be filled from: another kind would fail the form's own check."""


def faults_of(entry: Entry) -> Iterator[Fault]:
    """What would not work of an item's `checks` and `form`; some milliseconds, never raises. Nothing of other entries."""
    if not isinstance(entry, ServiceItem):
        return
    around = Surroundings(entry)
    for number, check in enumerate(entry.checks):
        for part, message in _check_faults(check, around):
            yield Fault(("checks", number, part), message)
    for number, field in enumerate(entry.form):
        for source in field.sources:
            if (told := _source_fault(field, source, around)) is not None:
                yield Fault(("form", number, "from"), told)


def _check_faults(check: Check, around: Surroundings) -> Iterator[tuple[str, str]]:
    """Names first: where one is wrong, working the rule out says nothing more."""
    parts = {"rule": check.rule} | ({"only_if": check.only_if} if check.only_if is not None else {})
    named = [(part, told) for part, expression in parts.items() for told in _name_faults(expression, around)]
    if not named:
        guarded = {material for material, _ in references(check.only_if or "")}
        known = {*check.of, *guarded, ANSWERS, FORM}
        loose = sorted({material for material, _ in references(check.rule)} - known)
        if loose:
            named = [("rule", f"规则用到材料 {'、'.join(loose)}，而 of 里没有写；没有交这份材料时规则算不出")]
    yield from named or _run_faults(check, around)


def _name_faults(expression: str, around: Surroundings) -> Iterator[str]:
    strange = sorted(around.variables(expression) - {*around.materials, ANSWERS, FORM, TODAY})
    if strange:
        written = [f"{owner}.{name}" for owner, name in references(expression) if owner in strange]
        yield f"规则用到 {'、'.join(written or strange)}，本指南没有编号为 {'、'.join(strange)} 的材料"
        return
    for owner, name in references(expression):
        if owner == ANSWERS:
            if name not in around.questions:
                yield f"answers.{name}：{name} 不是本指南的情形问题编号"
        elif owner == FORM:
            if name not in around.form:
                yield f"form.{name}：表单里没有这个字段，有的是{_listed(around.form)}"
        elif name not in OF_EVERY and name not in around.fields(owner):
            yield _field_fault(owner, name, around)
    for owner, name, text in around.compared(expression):
        if owner == ANSWERS and text not in around.questions.get(name, (text,)):
            yield f"{text} 不是问题 {name} 的选项"
        elif owner in around.materials and name == "kind" and text not in around.kind_ids(owner):
            yield f"材料“{around.materials[owner].name}”不会是 {text}，只会是{_listed(around.kind_ids(owner))}"
        elif owner in around.materials and text not in (options := around.options(owner, name) or (text,)):
            yield f"字段 {owner}.{name} 不会是“{text}”，只会是{_listed(options)}"


def _field_fault(material: str, name: str, around: Surroundings) -> str:
    titles = around.titles(material)
    called = around.materials[material].name
    if not titles:
        return f"材料“{called}”没有写能读取的证件种类(paper_types)，读不出 {material}.{name}"
    return f"材料“{called}”是{'或'.join(titles)}，没有 {material}.{name}，有的字段是{_listed(around.fields(material))}"


def _run_faults(check: Check, around: Surroundings) -> Iterator[tuple[str, str]]:
    """Work the rule out on samples, as `item_checks` does: asked where `only_if` holds, else not."""
    asked = worked = False
    last: str | None = None
    for sample in around.samples(check):
        if check.only_if is not None:
            wanted = worked_out(check.only_if, sample.values)
            if wanted.holds is None and wanted.reason == "rule_failed":
                yield "only_if", f"{sample.told}，条件算不出是或否"
                return
            if wanted.holds is not True:
                last, worked = sample.told, worked or worked_out(check.rule, sample.values).holds is not None
                continue
        asked = True
        outcome = worked_out(check.rule, sample.values)
        if outcome.holds is None:
            lacking = outcome.reason == "field_missing"
            told = "没有规则要的字段；请在 only_if 里写明什么时候才查" if lacking else "规则算不出是或否"
            yield "rule", f"{sample.told}，{told}"
            return
    # A rule that no sample asks for is worked out all the same: on one of them it has to come to something.
    if not asked and not worked:
        yield "rule", f"{last}，规则算不出是或否" if last else "规则没有可以查的材料"


def _source_fault(field: FormField, source: str, around: Surroundings) -> str | None:
    owner, _, name = source.partition(".")
    if not name or not name.isidentifier():
        return f"应写成 材料编号.字段、profile.字段 或 answers.问题编号，如 lease.location；写的是 {source}"
    if owner == PROFILE:
        return None
    if owner == ANSWERS:
        return None if name in around.questions else f"{name} 不是本指南的情形问题编号"
    if owner not in around.materials:
        return f"本指南没有编号为 {owner} 的材料"
    types = around.fields(owner).get(name)
    if types is None:
        return _field_fault(owner, name, around)
    if not types & TAKES[field.kind]:
        return f"字段 {source} 的值填不进“{field.name}”(kind: {field.kind.value})"
    if field.options and (known := around.options(owner, name)) and not set(known) & set(field.options):
        return f"字段 {source} 只会是{_listed(known)}，都不在“{field.name}”的 options 里"
    return None


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    return f" {'、'.join(every[:MOST_LISTED])}{' 等' if len(every) > MOST_LISTED else ''}"
