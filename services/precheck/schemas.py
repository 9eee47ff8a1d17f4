"""What /api/submissions takes and gives. Chinese descriptions stand in the OpenAPI document."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.precheck.findings import Aspect, MaterialState, Severity, Verdict
from services.precheck.states import State, Step

Corner = Annotated[tuple[float, float], Field(description="(x, y)，相对页宽、页高 0..1")]
Ruling = Literal["confirmed", "overruled"]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SubmissionWanted(_Wanted):
    """POST /api/submissions. A clerk's is `received` at once (`draft: false`); anyone's own is a draft (先自查)."""

    item_id: Annotated[str, Field(max_length=80)]
    answers: dict[str, Any] = Field(default_factory=dict, description="情形问题编号 -> 回答")
    form: dict[str, str | None] = Field(default_factory=dict, description="表单字段 -> 值")
    draft: bool = Field(True, description="true：只自查，不提交")
    external_id: Annotated[str, Field(max_length=64)] | None = Field(None, description="外部系统的办件编号")


class ChangeWanted(_Wanted):
    """PATCH /api/submissions/{id}: what is given replaces what was there. `revision`: the one that was read."""

    revision: int
    answers: dict[str, Any] | None = None
    form: dict[str, str | None] | None = None


class StepWanted(_Wanted):
    """POST /api/submissions/{id}/steps: submit, supplement (applicant); accept, correct, refuse, complete, return (clerk)."""

    step: Step
    revision: int
    reason: Annotated[str, Field(max_length=500)] | None = Field(
        None, description="不予受理、退件、与发现相反的决定必须写"
    )


class RulingWanted(_Wanted):
    """PUT /api/submissions/{id}/findings/{key}: what the clerk says of a finding; None takes it back."""

    ruling: Ruling | None
    reason: Annotated[str, Field(max_length=500)] | None = Field(None, description="推翻时必须写")
    revision: int


class OwnFindingWanted(_Wanted):
    """POST /api/submissions/{id}/findings: what the clerk has found."""

    material: Annotated[str, Field(max_length=60)] | None = None
    applicant: Annotated[str, Field(min_length=1, max_length=300)]
    mend: Annotated[str, Field(min_length=1, max_length=300)]
    revision: int


class PaperTaken(_Wanted):
    """PUT /api/submissions/{id}/papers/{document_id}: as which material a document was handed in; None: nothing said."""

    material: Annotated[str, Field(max_length=60)] | None


class EvidenceView(BaseModel):
    """What a finding rests on."""

    material: str | None
    document_id: str | None
    paper: int | None
    page: int | None
    box: list[Corner] | None
    field: str | None
    field_name: str | None
    text: str
    confidence: float


class FindingView(BaseModel):
    """One finding, and what the clerk said of it. `by`: machine or person."""

    key: str
    rule: str
    aspect: Aspect
    severity: Severity
    material: str | None
    material_name: str | None
    clerk: str
    applicant: str
    mend: str
    evidence: list[EvidenceView]
    confidence: float
    reason: str | None
    by: Literal["machine", "person"] = "machine"
    ruling: Ruling | None = None
    ruled_by: str | None = None
    ruled_at: datetime | None = None
    ruling_reason: str | None = None


class MaterialView(BaseModel):
    """A required material and what was taken for it."""

    id: str
    name: str
    necessity: str
    acceptance_standard: str
    when: str | None
    state: MaterialState
    papers: list[str] = Field(description="文件编号/份号")


class PaperLine(BaseModel):
    """One paper in a document."""

    number: int
    kind: str
    title: str
    pages: list[int]
    material: str | None = Field(description="算作哪份材料")


class DocumentView(BaseModel):
    """A document of the submission; its pages and fields are at /api/documents/{id}."""

    id: str
    file_name: str
    status: Literal["queued", "reading", "done", "failed"]
    page_count: int
    material: str | None = Field(None, description="交件时说是哪份材料")
    papers: list[PaperLine] = Field(default_factory=list)


class TimerView(BaseModel):
    """A term that runs: notice (一次告知), statutory, promised. Working days by the State Council's calendar."""

    name: Literal["notice", "statutory", "promised"]
    title: str
    due_on: date
    working_days_left: int | None
    stopped: bool = False
    overdue: bool = False


class ReportView(BaseModel):
    """The newest run of the check. `stale`: papers, form or answers have changed since, or documents are still being read."""

    number: int
    run_at: datetime
    verdict: Verdict
    findings: list[FindingView]
    materials: list[MaterialView]
    strangers: list[str]
    rules_run: int
    stale: bool
    versions: dict[str, str]


class SubmissionView(BaseModel):
    """A submission. `revision` counts up with every change; give it back with the next one. `allowed`: the steps that the caller
    may take now. `claimed_by`: name of the clerk who has it."""

    id: str
    item_id: str
    item_name: str
    item_version: int
    item_withdrawn: bool = Field(description="事项现已取消；本办件按收件时的版本办理")
    state: State
    state_title: str
    answers: dict[str, Any]
    form: dict[str, str | None]
    applied_on: date | None
    created_at: datetime
    revision: int
    documents: list[DocumentView]
    report: ReportView | None
    timers: list[TimerView]
    claimed_by: str | None
    claimed_by_me: bool
    claimed_until: datetime | None
    allowed: list[Step]
    decided_by: Literal["machine", "person"] | None
    situations: list[dict[str, Any]] = Field(description="本事项的情形问题（递进式问卷）")
    form_fields: list[dict[str, Any]] = Field(description="本事项的表单")
    external_id: str | None = None


class PapersView(BaseModel):
    """What became of files that were handed in: the submission as it is now, and those that were refused."""

    submission: SubmissionView
    refused: list[dict[str, Any]] = Field(description="没有收下的文件及原因：file_name, error")


class QueueEntry(BaseModel):
    """One line of the clerk's queue. `risk` 0..1: how likely it needs care."""

    id: str
    item_name: str
    state: State
    state_title: str
    applied_on: date | None
    due_on: date | None
    working_days_left: int | None
    overdue: bool
    defects: int
    undetermined: int
    risk: float
    documents: int
    claimed_by: str | None
    claimed_by_me: bool
    blind_sample: bool = Field(False, description="自动办理抽查：不显示机器的决定")


class HistoryLine(BaseModel):
    """One event. `by`: machine or person; `digest`: chained with the one before."""

    number: int
    at: datetime
    what: str
    title: str
    by: Literal["machine", "person", "law"]
    who: str
    detail: dict[str, Any]
    digest: str


class PrefilledView(BaseModel):
    """A value for a field of the form. `disputed`: papers say different things: asked, not chosen (`value` None)."""

    field: str
    name: str
    value: str | None
    source: str | None
    evidence: EvidenceView | None
    confidence: float
    sure: bool
    disputed: list[EvidenceView] = Field(default_factory=list)


class NoticeView(BaseModel):
    """一次性补正告知书: everything that has to be put right."""

    submission_id: str
    item_name: str
    number: str
    made_at: datetime
    points: list[dict[str, str]] = Field(description="材料、问题、怎样改")
    within: str
    department: str
    phone: str | None
