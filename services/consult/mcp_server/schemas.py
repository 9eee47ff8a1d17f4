"""What the tools at /mcp take and give: exactly these fields. `ask` gives `MessageAnswer`, as /api/consult/messages does."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema

from knowledge_base.entries import LifeEvent
from knowledge_base.index.hits import ItemHit
from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem, Situation
from services.consult.checklists.event_checklist import Question
from services.consult.checklists.schemas import (
    MOST_ANSWERS,
    AnswerWanted,
    ChecklistView,
    EventChecklistView,
    QuestionId,
)
from services.consult.schemas import Option


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ItemWanted(_Arguments):
    """Arguments of `find_item`. Length and emptiness of `query` are judged as those of a question are."""

    query: Annotated[str, Field(description="要办的事，原话即可，如：居住证到期了怎么办；不要包含个人信息")]
    limit: Annotated[int, Field(ge=1, le=10, description="最多给出几个（事项和一件事合计）")] = 5


class AnswerAsked(_Arguments):
    """Arguments of `ask`."""

    text: Annotated[str, Field(description="市民的问题，或者对反问的回答，原话即可；不要包含个人信息")]
    session_id: Annotated[
        str | None, Field(max_length=64, description="同一次对话里上一个回答的 session_id；新的对话不写")
    ] = None


class ChecklistAsked(_Arguments):
    """Arguments of `checklist`: an item or a life event, alone or with answers, or a conversation."""

    item_id: Annotated[
        str | None,
        Field(max_length=80, description="事项编号，即 find_item 结果里 kind 为 item 的 id；按对话生成时可以不写"),
    ] = None
    event_id: Annotated[
        str | None,
        Field(
            max_length=80,
            description="一件事的编号，即 find_item 结果里 kind 为 event 的 id，或者 ask 结果里 event 的 id："
            "几个事项合成一张清单，此时不写 item_id",
        ),
    ] = None
    answers: Annotated[
        dict[QuestionId, AnswerWanted],
        Field(
            max_length=MOST_ANSWERS,
            description="情形问题的编号和回答，编号和可选的值见上一次结果里的 questions；单选写一个值，"
            "多选写列表，是非写 true 或 false，数字写数字；不要包含个人信息",
        ),
    ] = {}
    session_id: Annotated[
        str | None,
        Field(
            max_length=64,
            description="ask 给的 session_id：按那次对话最后说到的事项或者一件事、说过的情况生成，此时不写 answers",
        ),
    ] = None


class ItemSection(BaseModel):
    """A section of the item's guide, to be read at /api/consult/sections/{section_id}."""

    section_id: Annotated[str, Field(description="出处编号，含版本")]
    element: str
    title: str


class FoundItem(BaseModel):
    """An item or a life event, and how well it fits the words."""

    kind: Annotated[Literal["item", "event"], Field(description="item 是事项，event 是一件事（几个事项一起办）")]
    id: Annotated[str, Field(description="编号；kind 是 item 时用作 checklist 的 item_id，是 event 时用作 event_id")]
    name: str
    department: str
    summary: str
    version: int
    matched: Annotated[str, Field(description="最接近的名称或别名")]
    coverage: Annotated[float, Field(description="问题的用词有多少在名称里，0 到 1")]
    similarity: Annotated[float, Field(description="问题与最接近名称的语义相似度，-1 到 1")]
    sections: list[ItemSection]

    @classmethod
    def of(cls, hit: ItemHit, library: Library) -> FoundItem:
        """From a hit of the search in `library`; an entry that has left it meanwhile has no sections.

        Raises TypeError for an entry of another kind.
        """
        entry = hit.entry
        if not isinstance(entry, ServiceItem | LifeEvent):
            raise TypeError(f"{entry.id} is neither a service item nor a life event")
        sections = library.sections_of_entry(entry.id) if entry.id in library.entries else ()
        return cls(
            kind="event" if isinstance(entry, LifeEvent) else "item",
            id=entry.id,
            name=entry.name,
            department=entry.department,
            summary=entry.summary,
            version=entry.version,
            matched=hit.matched,
            coverage=round(hit.coverage, 4),
            similarity=round(hit.vectors, 4),
            sections=[ItemSection(section_id=one.id, element=one.element.value, title=one.title) for one in sections],
        )


class FoundItems(BaseModel):
    """Best first."""

    items: list[FoundItem]
    words_only: Annotated[bool, Field(description="模型忙，只按用词查找，similarity 不作数")] = False


class QuestionShown(BaseModel):
    """A question whose answer would still change the checklist, and how `answers` has to answer it."""

    question_id: str
    question: str
    answer_kind: Annotated[str, Field(description="choice 单选、choices 多选、yes_no 是非、number 数字")]
    options: list[Option]
    unit: str | None

    @classmethod
    def of(cls, question: Situation | Question) -> QuestionShown:
        """From an item's questionnaire, or from a life event's."""
        return cls(
            question_id=question.id,
            question=question.question,
            answer_kind=str(question.kind),
            options=[Option(value=one.value, label=one.label, note=one.note) for one in question.options],
            unit=question.unit,
        )


class ChecklistTold(BaseModel):
    """A checklist, and where the person can open it until `checklist.expires_at`: whoever knows the address can."""

    page: Annotated[str, Field(description="给市民打开的网址")]
    pdf: Annotated[str, Field(description="下载 PDF 的网址")]
    questions: Annotated[list[QuestionShown], Field(description="还可以问的情形问题；带上回答再生成一次会更准")]
    checklist: Annotated[ChecklistView | EventChecklistView, Field(discriminator="kind")]


class _Plain(GenerateJsonSchema):
    """Without titles that only repeat the names: a model reads every word of a schema."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def schema_of(model: type[BaseModel], *, given: bool = False) -> dict[str, Any]:
    """JSON Schema of the arguments in `model`, or (`given`) of a result, without the notes that are meant for programmers."""
    schema = model.model_json_schema(schema_generator=_Plain, mode="serialization" if given else "validation")
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("description", None)
        part.pop("title", None)
    return schema
