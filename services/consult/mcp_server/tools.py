"""The consult bot as tools of the Model Context Protocol: `find_item`, `ask`, `checklist`.

Comes in: a tool's name and its arguments, as any agent writes them. Goes out: the tool's result as text and as data. What a
tool refuses is its own error, for the agent's model to read and to mend: `[code] message`, with the hub's stable code.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CallToolResult, TextContent, Tool, ToolAnnotations
from pydantic import BaseModel, ValidationError

from core.errors import HubError, Invalid, TooLarge, shown
from core.telemetry import log_failure
from core.validation import in_words
from knowledge_base.library import in_use
from knowledge_base.search import Filters, SectionSearch
from knowledge_base.terms import EntryKind
from services.consult.checklists.kept import view
from services.consult.checklists.schemas import ChecklistView, ChecklistWanted, EventChecklistView
from services.consult.checklists.service import Checklists
from services.consult.cleaning import clean, has_words
from services.consult.item_finding import NO_MODEL, unembedded
from services.consult.mcp_server.schemas import (
    AnswerAsked,
    ChecklistAsked,
    ChecklistTold,
    FoundItem,
    FoundItems,
    ItemWanted,
    QuestionShown,
    schema_of,
)
from services.consult.mcp_server.telling import tell_answer, tell_checklist, tell_items
from services.consult.personal_data import mask, without_marks
from services.consult.schemas import MessageAnswer
from services.consult.service import ConsultService
from services.consult.simplifying import simplify

ROUTE = "/mcp"
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
MAKES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
OFFERED = Filters(kinds=frozenset({EntryKind.ITEM, EntryKind.LIFE_EVENT}))
"""What `find_item` looks through."""
ERROR_KEY = "kaopu/error"
"""Where a refused call's `_meta` has its code and message apart."""
MOST_PROBLEMS = 10

Result = tuple[str, BaseModel]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One tool: how it is shown, what it takes and gives, and what runs it (with the hub's address)."""

    shown: Tool
    takes: type[BaseModel]
    run: Callable[[Any, str], Awaitable[Result]]


class ConsultTools:
    """The tools. `search`, `consult` and `checklists` are those of the other channels; `longest`: characters of a query."""

    def __init__(self, search: SectionSearch, consult: ConsultService, checklists: Checklists, *, longest: int) -> None:
        self._search = search
        self._consult = consult
        self._checklists = checklists
        self._longest = longest
        kinds = (
            _Kind(
                Tool(
                    name="find_item",
                    title="查找办事事项",
                    description="按要办的事查找本区的政务服务事项和一件事（如生孩子、开店，几个事项一起办），"
                    "返回编号、名称、部门和概述，kind 说明是哪一种。总会给出最接近的几个，"
                    "是否对得上请看名称、概述和 coverage、similarity。",
                    input_schema=schema_of(ItemWanted),
                    output_schema=schema_of(FoundItems, given=True),
                    annotations=READS,
                ),
                ItemWanted,
                self._find_item,
            ),
            _Kind(
                Tool(
                    name="ask",
                    title="咨询办事问题",
                    description="向咨询机器人提问，如要什么材料、在哪里办、多久办好。回答逐字引自现行办事指南，citations 是出处；"
                    "asking 不为空时是在反问，请把问题转给市民，再带上 session_id 回答。会记下这次对话（个人信息先隐去）。",
                    input_schema=schema_of(AnswerAsked),
                    output_schema=schema_of(MessageAnswer, given=True),
                    annotations=MAKES,
                ),
                AnswerAsked,
                self._ask,
            ),
            _Kind(
                Tool(
                    name="checklist",
                    title="生成一次告知单",
                    description="按事项和本人情形生成一次告知单：材料、步骤、时限、费用、地点和出处，并给出可以打开和下载的网址。"
                    "一件事（如生孩子、开店）写 event_id，几个事项合成一张清单。可以先只写编号，"
                    "看 questions 里还要问什么，再带上 answers 重新生成；"
                    "或者只写 session_id，按那次对话最后说到的事项或者一件事生成。",
                    input_schema=schema_of(ChecklistAsked),
                    output_schema=schema_of(ChecklistTold, given=True),
                    annotations=MAKES,
                ),
                ChecklistAsked,
                self._checklist,
            ),
        )
        self._kinds = {kind.shown.name: kind for kind in kinds}

    @property
    def shown(self) -> list[Tool]:
        """The tools as they are listed."""
        return [kind.shown for kind in self._kinds.values()]

    async def call(self, name: str, arguments: dict[str, Any], base: str) -> CallToolResult:
        """Call a tool. `base`: the hub's address as the caller knows it, with its last slash.

        What the hub refuses is a result with `is_error`. Never raises but for a tool that doesn't exist: what the package
        would make of another exception shows its text to the caller.

        Raises:
            MCPError: no such tool (-32602, `tool_not_found`).
        """
        kind = self._kinds.get(name)
        if kind is None:
            raise MCPError(
                INVALID_PARAMS,
                f"没有名为 {shown(name)} 的工具；可用：{'、'.join(self._kinds)}。",
                {"code": "tool_not_found"},
            )
        try:
            text, given = await kind.run(_read(kind.takes, arguments), base)
        except HubError as error:
            if error.status >= 500:
                log_failure(error, route=ROUTE, code=error.code)
            return _refused(error)
        except Exception as error:
            log_failure(error, route=ROUTE)
            return _refused(HubError("服务内部出错，已记录；请稍后再试。"))
        return CallToolResult(
            content=[TextContent(type="text", text=text)], structured_content=given.model_dump(mode="json")
        )

    async def _find_item(self, wanted: ItemWanted, _: str) -> Result:
        """Without the model the items are found by their words. Raises TooLarge (`text_too_long`), Invalid (`text_empty`),
        Unavailable (`index_unavailable`)."""
        if len(wanted.query) > self._longest:
            raise TooLarge(f"要办的事写得太长，最多 {self._longest} 个字。", code="text_too_long", param="query")
        # As a question is: nothing personal is searched for.
        query = simplify(without_marks(mask(clean(wanted.query)).text))
        if not has_words(query):
            raise Invalid("没有读到文字。请写出要办的事。", code="text_empty", param="query")
        try:
            embedded, words_only = await self._search.embed(query), False
        except NO_MODEL:
            embedded, words_only = unembedded(self._search, query), True
        hits = await self._search.items(embedded, k=wanted.limit, filters=OFFERED)
        library = self._search.library
        items = [FoundItem.of(hit, library) for hit in hits if in_use(hit.entry)]
        return tell_items(items), FoundItems(items=items, words_only=words_only)

    async def _ask(self, asked: AnswerAsked, base: str) -> Result:
        """Raises what `ConsultService.reply` raises."""
        answer = await self._consult.reply(asked.text, session_id=asked.session_id, channel="mcp")
        return tell_answer(answer, base), answer

    async def _checklist(self, asked: ChecklistAsked, base: str) -> Result:
        """Raises what `Checklists.make` raises."""
        made = await self._checklists.make(
            ChecklistWanted(
                item_id=asked.item_id,
                event_id=asked.event_id,
                answers=asked.answers,
                session_id=asked.session_id,
                channel="mcp",
            )
        )
        checklist = view(await self._checklists.open(made.token))
        told = ChecklistTold(
            page=base.rstrip("/") + made.url,
            pdf=base.rstrip("/") + made.pdf_url,
            questions=self._questions(checklist),
            checklist=checklist,
        )
        return tell_checklist(told), told

    def _questions(self, checklist: ChecklistView | EventChecklistView) -> list[QuestionShown]:
        """What could still be asked, with the answers that it takes."""
        if isinstance(checklist, EventChecklistView):
            return [QuestionShown.of(one) for one in checklist.questions]
        # Withdrawn since: its questions are gone with it.
        item = self._search.library.items.get(checklist.item.id)
        situations = {one.id: one for one in item.situations} if item is not None else {}
        known = [situations.get(one.question_id) for one in checklist.open_questions]
        return [QuestionShown.of(situation) for situation in known if situation is not None]


def _read(takes: type[BaseModel], arguments: dict[str, Any]) -> BaseModel:
    """The arguments, or Invalid (`request_invalid`) that names the faulty ones; what was sent is not repeated."""
    try:
        return takes.model_validate(arguments)
    except ValidationError as error:
        said = {
            f"{shown('.'.join(str(part) for part in problem['loc'][:2]))} {in_words(problem['type'])}": None
            for problem in error.errors(include_url=False, include_input=False)
        }
        first = shown(error.errors(include_input=False)[0]["loc"][0])
        raise Invalid(
            f"参数有误：{'；'.join(list(said)[:MOST_PROBLEMS])}。", code="request_invalid", param=first
        ) from None


def _refused(error: HubError) -> CallToolResult:
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.param is not None:
        told["param"] = error.param
    if error.retry_after is not None:
        told["retry_after"] = error.retry_after
    return CallToolResult(
        content=[TextContent(type="text", text=f"[{error.code}] {error.message}")],
        is_error=True,
        _meta={ERROR_KEY: told},
    )
