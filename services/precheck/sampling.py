"""Sample values of everything that a rule of an item may look at: papers of every kind of its materials, answers, the form.

Comes in: a service item. Goes out: the fields there are, and `Sample`s of what a rule would be worked out on. The values are
made up: those of the sample pages in `services/documents/extraction/kinds`, and a few of each type of value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from typing import Any

from knowledge_base.checks import Check, FormField, FormFieldKind, compiled_check
from knowledge_base.schema import AnswerKind, Material, ServiceItem, Situation
from knowledge_base.terms import PaperType
from services.documents.extraction.kinds import FieldKind, PaperKind, ValueType, paper_kinds
from services.precheck.expressions import references
from services.precheck.generic_policy import load_form

ANSWERS, FORM, TODAY = "answers", "form", "today"
DAY = "2026-06-30"
COMPANY = "上海明远餐饮有限公司"
MARKS: Mapping[str, Any] = {"seals": [COMPANY], "seal_count": 1, "signature_count": 1}
OF_EVERY = frozenset({*MARKS, "kind"})
"""What every material has beside the fields of its papers."""
MOST_SAMPLES = 400
TYPICAL: Mapping[str, tuple[str, ...]] = {
    ValueType.TEXT: ("示例文字",),
    ValueType.NAME: ("安晓宁",),
    ValueType.PARTY: (COMPANY, "安晓宁"),
    ValueType.DATE: ("2024-02-29",),
    ValueType.PERIOD: ("2024-01-01/2028-12-31", "2024-01-01/长期"),
    ValueType.MONEY: ("12000.00",),
    ValueType.AREA: ("86.5",),
    ValueType.ADDRESS: ("上海市普陀区武宁路1235弄7号302室",),
    ValueType.IDENTITY_NUMBER: ("310107199203151022",),
    ValueType.CREDIT_CODE: ("91310107MA1T000052",),
    ValueType.FOOD_LICENCE: ("JY13101070000019",),
    ValueType.SUBJECT_NUMBER: ("91310107MA1T000052", "310107199203151022"),
    FormFieldKind.PHONE: ("13800000000",),
}
"""By type of value (of a paper's field, and of a form's, which have the same names)."""
JOINED = (
    frozenset({PaperType.ID_CARD_FACE, PaperType.ID_CARD_BACK}),
    frozenset({PaperType.HOUSEHOLD_REGISTER}),
)
"""Kinds of paper whose pages are one paper: their fields stand together (`matching`)."""
_NUMBER = re.compile(r"(?<![\w.'])\d+(?:\.\d+)?")
_LITERAL = r"""['"]([^'"]*)['"]"""
_OWNED = r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)"
_COMPARED = re.compile(rf"\b{_OWNED}\s*[!=]=\s*{_LITERAL}")
_COMPARED_BEFORE = re.compile(rf"{_LITERAL}\s*[!=]=\s*{_OWNED}\b")
_AMONG = re.compile(rf"{_LITERAL}\s+in\s+{_OWNED}\b")
_LISTED = re.compile(rf"\b{_OWNED}\s+in\s+\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Sample:
    """What a rule is worked out on: `values` by variable; `told`: in words, which papers and values that are."""

    values: Mapping[str, Any]
    told: str


@dataclass(frozen=True, slots=True)
class _Paper:
    """One way in which a material is handed in: of which kinds its papers are."""

    kinds: tuple[PaperKind, ...]

    def field(self, name: str) -> tuple[PaperKind, FieldKind] | None:
        return next(((kind, one) for kind in self.kinds for one in kind.fields if one.id == name), None)

    @property
    def title(self) -> str:
        return self.kinds[0].paper_type.value


class Surroundings:
    """What the rules of one item may name.

    Attributes:
        materials: by id. questions: id -> the options there are (for 是非题 and 数字题 none to compare with).
        form: fields of the item's form by id; of the generic one, for whoever applies, if it has none.
    """

    def __init__(self, item: ServiceItem) -> None:
        self.materials: Mapping[str, Material] = {one.id: one for one in item.materials}
        self._situations: Mapping[str, Situation] = {one.id: one for one in item.situations}
        generic = load_form()
        fields = item.form or (*generic.person, *generic.company, *generic.agent)
        self.form: Mapping[str, FormField] = {one.id: one for one in fields}
        self.questions: Mapping[str, Collection[str]] = {
            one.id: [option.value for option in one.options] for one in item.situations
        }

    @staticmethod
    def variables(expression: str) -> frozenset[str]:
        """Everything at the root that the expression names."""
        return frozenset(compiled_check(expression).variables())

    def fields(self, material: str) -> dict[str, frozenset[ValueType]]:
        """The fields that papers of a material can have, and of which types they are."""
        found: dict[str, frozenset[ValueType]] = {}
        for kind in self._kinds(material):
            for field in kind.fields:
                found[field.id] = found.get(field.id, frozenset()) | {field.type}
        return found

    def titles(self, material: str) -> list[str]:
        """What the papers of a material are called."""
        return list(dict.fromkeys(kind.paper_type.value for kind in self._kinds(material)))

    def kind_ids(self, material: str) -> list[str]:
        """What `kind` of a material can be."""
        return [kind.id for kind in self._kinds(material)]

    def options(self, material: str, field: str) -> tuple[str, ...]:
        """The only values that a field can have; none if it can have any."""
        fields = [one for kind in self._kinds(material) for one in kind.fields if one.id == field]
        if not fields or not all(one.options for one in fields):
            return ()
        return tuple(dict.fromkeys(option for one in fields for option in one.options))

    @staticmethod
    def compared(expression: str) -> Iterator[tuple[str, str, str]]:
        """What the expression compares with words: (owner, field, word)."""
        for owner, name, text in _COMPARED.findall(expression):
            yield owner, name, text
        for text, owner, name in (*_COMPARED_BEFORE.findall(expression), *_AMONG.findall(expression)):
            yield owner, name, text
        for owner, name, listed in _LISTED.findall(expression):
            for text in re.findall(_LITERAL, listed):
                yield owner, name, text

    def samples(self, check: Check) -> Iterator[Sample]:
        """At most MOST_SAMPLES: every kind of paper of the materials that are named, with each value of the fields that are."""
        expressions = [one for one in (check.rule, check.only_if) if one is not None]
        named = list(dict.fromkeys(found for one in expressions for found in references(one)))
        involved = list(dict.fromkeys([*check.of, *(owner for owner, _ in named if owner in self.materials)]))
        numbers = sorted({float(one) for text in expressions for one in _NUMBER.findall(text)})
        ways = product(*(self._papers(material) or (_Paper(()),) for material in involved))
        yield from islice(
            (one for way in ways for one in self._of(dict(zip(involved, way, strict=True)), named, numbers)),
            MOST_SAMPLES,
        )

    def _of(
        self, papers: Mapping[str, _Paper], named: Sequence[tuple[str, str]], numbers: Sequence[float]
    ) -> Iterator[Sample]:
        varied: list[tuple[str, str, Sequence[Any]]] = []
        for owner, name in named:
            if owner in papers and name == "kind":
                varied.append((owner, name, [kind.id for kind in papers[owner].kinds] or ["other"]))
            elif owner in papers and (found := papers[owner].field(name)) is not None:
                varied.append((owner, name, _paper_values(*found)))
            elif owner == ANSWERS:
                varied.append((owner, name, _answers(self._situations[name], numbers)))
            elif owner == FORM:
                varied.append((owner, name, _form_values(self.form[name])))
        kinds = "、".join(
            f"“{self.materials[material].name}”交{paper.title}" for material, paper in papers.items() if paper.kinds
        )
        for values in product(*(one[2] for one in varied)):
            variables: dict[str, Any] = {ANSWERS: {}, FORM: {}, TODAY: DAY}
            for material, paper in papers.items():
                variables[material] = {**MARKS, "kind": paper.kinds[0].id if paper.kinds else "other"}
            shown = []
            for (owner, name, _), value in zip(varied, values, strict=True):
                if value is not None:
                    variables[owner][name] = value
                shown.append(f"{owner}.{name} {'没有填' if value is None else f'是 {value}'}")
            yield Sample(variables, "，".join(one for one in (kinds, "、".join(shown)) if one) or "不论交什么")

    def _kinds(self, material: str) -> Sequence[PaperKind]:
        return _kinds_of(self.materials[material].paper_types)

    def _papers(self, material: str) -> list[_Paper]:
        types = self.materials[material].paper_types
        found: list[_Paper] = []
        for group in (*JOINED, *(frozenset({one}) for one in types if not any(one in joined for joined in JOINED))):
            kinds = _kinds_of(tuple(one for one in types if one in group))
            if kinds:
                found.append(_Paper(tuple(kinds)))
        return found


@cache
def _kinds_of(types: tuple[PaperType, ...]) -> tuple[PaperKind, ...]:
    return tuple(kind for kind in paper_kinds().values() if kind.paper_type in types)


def _paper_values(kind: PaperKind, field: FieldKind) -> list[Any]:
    given = kind.sample.fields.get(field.id) if kind.sample is not None else None
    # What stands on the sample page is of the very form that this field has; words of any other field would not be.
    typical = () if given and field.type is ValueType.TEXT else TYPICAL[field.type]
    return list(dict.fromkeys([*([given] if given else []), *(field.options or typical)]))


def _form_values(field: FormField) -> list[Any]:
    """With None for a field that may be left empty."""
    return [*(field.options or TYPICAL[field.kind]), *([] if field.required else [None])]


def _answers(situation: Situation, numbers: Sequence[float]) -> list[Any]:
    if situation.kind is AnswerKind.YES_NO:
        return [True, False]
    if situation.kind is AnswerKind.NUMBER:
        low = situation.minimum if situation.minimum is not None else 0.0
        high = situation.maximum if situation.maximum is not None else float("inf")
        around = {near for number in numbers for near in (number - 1.0, number, number + 1.0)}
        return [one for one in sorted(around) if low <= one <= high] or [float(low)]
    values = [option.value for option in situation.options]
    return values if situation.kind is AnswerKind.CHOICE else [[], *([one] for one in values), values]
