"""A service item (政务服务事项) and its guide (办事指南) as typed data.

Comes in: a mapping, from a YAML file, a workbook or the editor (`knowledge_base.reading`). Goes out: frozen models; an
unknown or missing field is refused. Terms are those of the guides themselves; texts are Chinese and stand without a
closing full stop, which the rendering in `knowledge_base.sections` adds. An element that is not known for sure is left
out, never guessed.

What applies only to some people carries `when` (for people) and `rule` (for the machine: CEL over the answers to the
item's `situations`, see `knowledge_base.rules`). Without a rule a part applies to everybody, or the person has to judge
by `when` alone.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from knowledge_base.checks import Check, FormField
from knowledge_base.rules import compiled
from knowledge_base.terms import (
    ApplicantKind,
    HandlingKind,
    ItemStatus,
    ItemType,
    Level,
    LimitUnit,
    MaterialKind,
    MaterialSource,
    Necessity,
    PaperType,
    ResultKind,
)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""What a rule can name: a question, an option's value."""


def _compiles(expression: str) -> str:
    compiled(expression)  # RuleInvalid is a ValueError: pydantic reports it with the field's place
    return expression


Rule = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_compiles)]
"""A CEL expression over the answers."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Conditional(_Part):
    """A part that may apply to some people only. `when` says to whom, `rule` decides it."""

    when: Text | None = None
    rule: Rule | None = None

    @model_validator(mode="after")
    def _rule_is_told(self) -> Self:
        if self.rule is not None and self.when is None:
            raise ValueError("有 rule(规则)时必须写 when(用文字说明哪些人适用)")
        return self


class Condition(Conditional):
    """One condition. `any_of`: one of these is enough. `thresholds`: the numbers that decide. `exceptions`: when it
    does not hold, or another way is to be taken."""

    text: Text
    any_of: tuple[Text, ...] = ()
    thresholds: tuple[Text, ...] = ()
    exceptions: tuple[Text, ...] = ()


class Material(Conditional):
    """One application material. `id` is what checks and records name it by. `paper_types`: any of these satisfies it.
    `exempt_by_sharing`: what shared data already hold is not asked for again (免于提交)."""

    id: Identifier
    name: Text
    necessity: Necessity
    kind: MaterialKind
    copies: Annotated[int, Field(ge=0, le=20)]
    source: MaterialSource
    page_format: Text | None = None
    filling_notes: Text | None = None
    acceptance_standard: Text
    exempt_by_sharing: bool = False
    electronic_licence: Text | None = None
    paper_types: tuple[PaperType, ...] = ()
    blank_form: Text | None = None
    sample_form: Text | None = None
    legal_basis: Text | None = None

    @model_validator(mode="after")
    def _electronic_has_no_copies(self) -> Self:
        if (self.copies == 0) != (self.kind is MaterialKind.ELECTRONIC):
            raise ValueError("copies 只有电子材料(kind: 电子)填 0，其余至少 1")
        return self


class TimeLimit(_Part):
    """A time limit. `number` is left out with 即办 only. `notes`: what does not count, how it can be extended."""

    number: Annotated[int, Field(ge=1, le=3_650)] | None = None
    unit: LimitUnit
    notes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _number_with_unit(self) -> Self:
        if (self.number is None) != (self.unit is LimitUnit.IMMEDIATE):
            raise ValueError("number 与 unit 不配：工作日、自然日必须有天数，即办不写天数")
        return self


class FeeCase(Conditional):
    """What some people pay, or don't."""

    text: Text


class Fee(_Part):
    """收费. `standard`: how much, or why nothing; needed when something is charged. `cases`: who pays differently."""

    charged: bool
    standard: Text | None = None
    cases: tuple[FeeCase, ...] = ()
    legal_basis: Text | None = None

    @model_validator(mode="after")
    def _charge_has_standard(self) -> Self:
        if self.charged and self.standard is None:
            raise ValueError("charged 为 true 时必须写明 standard(收费标准)")
        return self


class Step(Conditional):
    """One step of 办理流程: 申请, 受理, 审查, 决定, 送达 and what comes between."""

    name: Text
    text: Text


class Result(Conditional):
    """办理结果. `validity`: how long it holds. `delivery`: how it reaches the applicant. `notes`: what follows."""

    name: Text
    kind: ResultKind
    validity: Text | None = None
    delivery: Text | None = None
    notes: tuple[Text, ...] = ()


class Visits(_Part):
    """到现场次数: 0 means fully online."""

    count: Annotated[int, Field(ge=0, le=9)]
    note: Text | None = None


class Place(Conditional):
    """办理地点. `sample` marks an address that is made up for demonstration."""

    name: Text
    address: Text | None = None
    window: Text | None = None
    sample: bool = False


class Hours(_Part):
    """办理时间, as it is written on the door."""

    text: Text
    sample: bool = False


class Phone(_Part):
    """A telephone number and whose it is."""

    name: Text
    number: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9\-]{2,19}$")]
    sample: bool = False


class LegalBasis(_Part):
    """设定依据. `article` is left out where it is not known for sure; `text` says what follows from it."""

    law: Text
    document_number: Text | None = None
    article: Text | None = None
    text: Text | None = None


class AnswerKind(StrEnum):
    """How a situation's question is answered, and what its rule variable holds."""

    CHOICE = "choice"
    """One option: its value, a string."""
    CHOICES = "choices"
    """Any number of options: a list of values (`'x' in question`)."""
    YES_NO = "yes_no"
    """true or false."""
    NUMBER = "number"
    """A number in `unit`."""


Saying = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
"""How somebody puts an answer, in the words of the street: 送外卖."""
Sayings = Annotated[tuple[Saying, ...], Field(max_length=30)]


class SituationOption(_Part):
    """One answer, and what follows from it. `said`: how people put it; never shown, it helps to understand them."""

    value: Identifier
    label: Text
    note: Text | None = None
    said: Sayings = ()


class Situation(_Part):
    """情形: one question of the progressive questionnaire (递进式问卷). `rule`: asked only if it holds for the answers so far;
    it may name earlier questions only. `said_yes`, `said_no`: how people put the answers of a yes-or-no question."""

    id: Identifier
    question: Text
    kind: AnswerKind = AnswerKind.CHOICE
    options: tuple[SituationOption, ...] = ()
    said_yes: Sayings = ()
    said_no: Sayings = ()
    unit: Text | None = None
    minimum: float | None = None
    maximum: float | None = None
    note: Text | None = None
    rule: Rule | None = None

    @model_validator(mode="after")
    def _options_with_kind(self) -> Self:
        chosen = self.kind in (AnswerKind.CHOICE, AnswerKind.CHOICES)
        if chosen and len(self.options) < 2:
            raise ValueError("单选、多选题(kind: choice、choices)至少要有 2 个 options")
        if not chosen and self.options:
            raise ValueError("是非题、数字题(kind: yes_no、number)不写 options")
        if self.kind is not AnswerKind.YES_NO and (self.said_yes or self.said_no):
            raise ValueError("said_yes、said_no(群众怎么说)只用于是非题(kind: yes_no)，其余写在选项的 said 里")
        if (self.kind is AnswerKind.NUMBER) != (self.unit is not None):
            raise ValueError("数字题(kind: number)必须写 unit(单位)，其余不写")
        if len({option.value for option in self.options}) < len(self.options):
            raise ValueError("options 的 value 不能重复")
        return self


class Entry(_Part):
    """What every entry of the library has. `sample`: made for demonstration from public law, and says so wherever it is
    shown. `version` counts the texts that were published under this id."""

    id: Slug
    version: Annotated[int, Field(ge=1)] = 1
    effective_date: date | None = None
    cancel_date: date | None = None
    sample: bool = False

    name: Text
    aliases: tuple[Text, ...] = ()
    department: Text

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.effective_date and self.cancel_date and self.cancel_date <= self.effective_date:
            raise ValueError("cancel_date(取消日期)应晚于 effective_date(生效日期)")
        return self


class ServiceItem(Entry):
    """业务办理项: the smallest thing that a person applies for, with its whole guide. `department` is who answers for it in the
    district; `authority` (实施主体) is who decides by law."""

    status: ItemStatus = ItemStatus.IN_USE
    item_type: ItemType
    catalogue_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{12}$")] | None = None
    implementation_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{31}$")] | None = None
    level: Level
    authority: Text
    applicant_kinds: Annotated[tuple[ApplicantKind, ...], Field(min_length=1)]
    handling_kind: HandlingKind
    online_depth: Text | None = None
    online_channels: tuple[Text, ...] = ()
    summary: Text

    situations: tuple[Situation, ...] = ()
    conditions: tuple[Condition, ...] = ()
    materials: tuple[Material, ...] = ()
    steps: tuple[Step, ...] = ()
    statutory_limit: TimeLimit | None = None
    promised_limit: TimeLimit | None = None
    fee: Fee | None = None
    results: tuple[Result, ...] = ()
    visits: Visits | None = None
    places: tuple[Place, ...] = ()
    hours: tuple[Hours, ...] = ()
    consult_phone: Phone | None = None
    supervise_phone: Phone | None = None
    legal_basis: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]
    form: tuple[FormField, ...] = ()
    checks: tuple[Check, ...] = ()

    @model_validator(mode="after")
    def _checks_of_its_own(self) -> Self:
        materials = {material.id for material in self.materials}
        for check in self.checks:
            if strange := [one for one in check.of if one not in materials]:
                raise ValueError(f"checks 里 {check.id} 的 of 写了没有的材料：{'、'.join(strange)}")
        for ids in ([check.id for check in self.checks], [field.id for field in self.form]):
            if len(set(ids)) < len(ids):
                raise ValueError("checks、form 里的 id 不能重复")
        return self
