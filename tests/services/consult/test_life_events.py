"""A message that means several items at once is answered by its life event, in the library's words; one about an item isn't."""

from __future__ import annotations

import pytest

from knowledge_base.entries import DirectoryItem, LifeEvent
from knowledge_base.library import Library
from knowledge_base.personal_sections import lines_hold
from knowledge_base.terms import Element, ItemStatus
from services.consult.checklists.event_building import build_event_checklist
from services.consult.consultation import Consultation, Memory, Quoted, Said, SessionState
from services.consult.life_events import LifeEvents
from services.consult.policy import load_policy
from services.consult.situation_reading import SituationReader

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _events(library: Library, search) -> LifeEvents:
    return LifeEvents(library, search, SituationReader(load_policy().situations))


def _said(draft) -> list[str]:
    return [part.text for part in draft.parts if isinstance(part, Said)]


def _quoted(draft, section: str) -> str:
    return "\n".join(
        part.text for part in draft.parts if isinstance(part, Quoted) and f"/{section}@" in part.section_id
    )


@pytest.mark.parametrize(
    ("ask", "event"),
    [
        ("孩子出生后要办哪些证", "event-newborn"),
        ("开饭店从头到尾要办什么", "event-open-restaurant"),
        ("企业要关门了，都要办什么", "event-close-company"),
    ],
)
async def test_answered_by_the_event(conversation, library, ask, event):
    answer = await conversation.ask(ask)
    assert (answer["status"], answer["event"]["id"], answer["item"]) == ("answered", event, None)
    entry = library.entries[event]
    assert isinstance(entry, LifeEvent)
    items = next(citation for citation in answer["citations"] if citation["section_id"].startswith(f"{event}/items@"))
    places = [items["quote"].find(library.items[part.item].name) for part in entry.items]
    told = [place for place in places if place >= 0]
    assert told == sorted(told)
    assert answer["suggestions"] == [
        library.items[part.item].name for part, place in zip(entry.items, places, strict=True) if place >= 0
    ]
    for citation in answer["citations"]:
        section = library.section(citation["section_id"])
        assert lines_hold(citation["quote"], section.text, section.item_name)


@pytest.mark.parametrize(
    ("ask", "item"),
    [
        ("开饭店的食品经营许可证多久能办下来", "food-business-licence-new"),
        ("新生儿报户口要哪些材料", "birth-household-registration"),
        ("食品经营许可证注销要交什么", "food-business-licence-cancel"),
    ],
)
async def test_a_question_about_one_item_is_left_to_it(conversation, ask, item):
    answer = await conversation.ask(ask)
    assert answer["event"] is None
    offered = [option["value"] for option in (answer["asking"] or {"options": ()})["options"]]
    assert item in ((answer["item"] or {}).get("id"), *offered)
    assert not any(option.startswith("event-") for option in offered)


async def test_one_of_its_items_by_name_and_by_number(conversation):
    first = await conversation.ask("孩子出生后要办哪些证")
    item = await conversation.ask(first["suggestions"][1])
    assert item["item"]["name"] == first["suggestions"][1]
    await conversation.ask("孩子出生后要办哪些证")
    assert (await conversation.ask("第二个"))["item"]["name"] == first["suggestions"][1]


async def test_what_is_asked_next_may_be_about_any_of_its_items(conversation):
    told = await conversation.ask("孩子出生后要办哪些证")
    which = await conversation.ask("那要带什么材料")
    assert which["status"] == "clarify"
    assert [option["label"] for option in which["asking"]["options"]] == told["suggestions"]
    answer = await conversation.press("item", which["asking"]["options"][1]["value"])
    if answer["asking"] is not None:
        answer = await conversation.press(answer["asking"]["question_id"], action="skip")
    assert (answer["item"]["name"], answer["element"]) == (told["suggestions"][1], "materials")


async def test_what_the_message_tells_leaves_out_what_does_not_apply(conversation, library):
    answer = await conversation.ask("我要注销个体工商户，企业关门从头到尾都要办哪些手续")
    assert answer["event"]["id"] == "event-close-company"
    assert [one["value"] for one in answer["known"]] == ["sole_trader"]
    assert "公司注销登记" not in answer["suggestions"]
    assert library.items["company-cancel"].name not in answer["suggestions"]
    # The chip takes it back.
    again = await conversation.press("subject", action="back")
    assert again["known"] == []
    assert library.items["company-cancel"].name in again["suggestions"]


async def test_asked_back_where_both_fit(library, search, conversation):
    events = _events(library, search)
    event = library.entries["event-open-restaurant"]
    consultation = Consultation("开饭店", "pc", SessionState("5e" * 16, True), memory=Memory())
    draft = events._ask(consultation, event, [library.items["food-business-licence-new"]])
    assert draft.status == "clarify"
    assert draft.offered == ("food-business-licence-new", "event-open-restaurant")
    assert draft.suggestions[1] == "“开餐饮店”一件事（从头到尾）"
    consultation.session = SessionState("5e" * 16, False, offered=draft.offered)
    consultation.query = draft.suggestions[1]
    assert events.chosen(consultation, None).event is event
    consultation.query = "第二个"
    assert events.chosen(consultation, 1).event is event
    assert events.chosen(consultation, 0) is None


async def test_asked_back_where_the_message_says_too_little(conversation, library):
    which = await conversation.ask("我要开公司")
    values = [option["value"] for option in which["asking"]["options"]]
    assert (which["status"], values[-1]) == ("clarify", "event-start-company")
    assert values[0] in library.items
    whole = await conversation.press("item", "event-start-company")
    assert (whole["status"], whole["event"]["id"]) == ("answered", "event-start-company")


async def test_an_item_without_a_guide_is_said_to_have_none(library, search):
    event = library.entries["event-newborn"]
    closed = library.items["birth-certificate"].model_copy(update={"status": ItemStatus.SUSPENDED})
    others = [entry for entry in library.entries.values() if entry.id != closed.id]
    without = Library([*others, closed])
    draft = _events(without, search).told(event, {})
    assert closed.name not in _quoted(draft, "items")
    assert closed.name not in draft.suggestions
    (told,) = [said for said in _said(draft) if "没有办事指南" in said]
    assert "1 件" in told
    assert event.department in told
    # A name of the directory is quoted from there, and nothing else is told of it.
    listed = DirectoryItem(id=closed.id, name=closed.name, department="区卫生健康委员会")
    draft = _events(Library([*others, listed]), search).told(event, {})
    assert "没有收录办事指南" in "".join(part.text for part in draft.parts if isinstance(part, Quoted))
    assert closed.name not in draft.suggestions


async def test_every_event_tells_what_holds(library, search):
    events = _events(library, search)
    for event in (entry for entry in library.entries.values() if isinstance(entry, LifeEvent)):
        draft = events.told(event, {})
        assert draft.element is Element.ITEMS
        assert len(draft.suggestions) == len(event.items)
        for part in draft.parts:
            if isinstance(part, Quoted):
                section = library.section(part.section_id)
                assert lines_hold(part.text, section.text, section.item_name), part
        notes = [note.rstrip("。") for note in event.notes]
        assert [note for note in notes if note not in _quoted(draft, "overview")] == []


async def test_items_at_one_place_are_told_together(library, search):
    events = _events(library, search)
    for event in (entry for entry in library.entries.values() if isinstance(entry, LifeEvent)):
        draft = events.told(event, {})
        names = [tuple(said.split("”在同一个地方")[0][1:].split("”“")) for said in _said(draft) if "同一个地方" in said]
        # The checklist over the same event tells the same places, and those of one's own situation besides.
        shared = {place.items for place in build_event_checklist(library, event.id, {}).places}
        assert set(names) <= shared
        assert all(len(one) > 1 for one in names)
