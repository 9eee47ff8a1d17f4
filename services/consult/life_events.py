"""Life events (一件事): a message that means several items at once (我要结婚了要办哪些手续) is answered by the event.

Comes in: the message, its search, the event that was offered or talked about. Goes out: a `Draft` that tells the event out of
the library's own lines, or one that asks whether the event or one of its items is meant, or None for a message about one item.
What decides are the scores of the one search that finds items as well, and the words of life_events.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from knowledge_base.entries import DirectoryItem, EventPart, LifeEvent
from knowledge_base.index.section_index import Scored, SectionIndex
from knowledge_base.library import Library
from knowledge_base.personal_sections import applying
from knowledge_base.questionnaire import read_answers
from knowledge_base.rules import Answer
from knowledge_base.schema import Place, ServiceItem
from knowledge_base.search import SectionSearch
from knowledge_base.sections import Section
from knowledge_base.terms import Element
from services.consult.answering import known_answers
from services.consult.asking import Asked
from services.consult.consultation import Consultation, Draft, Part, Quoted, Said
from services.consult.item_finding import Found
from services.consult.life_event_words import LifeEventWords, life_event_words
from services.consult.schemas import Asking, Option
from services.consult.shared_places import shared_places
from services.consult.situation_reading import SituationReader

ITEM = "item"
"""The question's id where the bot asks what is meant."""
BESIDE = 2
"""Items that are offered beside an event."""
_SIGNS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"^\d+\. ")


class LifeEvents:
    """The life events of `library`, which is what `search` searches."""

    def __init__(
        self, library: Library, search: SectionSearch, situations: SituationReader, words: LifeEventWords | None = None
    ) -> None:
        self._library = library
        self._search = search
        self._situations = situations
        self._words = words or life_event_words()
        self._strong = [re.compile(pattern) for pattern in self._words.strong]
        self._weak = [re.compile(pattern) for pattern in self._words.weak]
        self._events = {entry.id: entry for entry in library.entries.values() if isinstance(entry, LifeEvent)}

    def chosen(self, consultation: Consultation, place: int | None) -> Draft | None:
        """The event that was picked among what was offered, by button, name or `place` (from 0); or one of its answers taken
        back."""
        choice, offered = consultation.choice, consultation.session.offered
        if choice is not None and choice.question_id == ITEM:
            event = self._events.get(str(choice.value))
            return self._answer(consultation, event) if event is not None else None
        if choice is not None:
            return self._taken_back(consultation, choice.question_id, choice.action)
        bare = _SIGNS.sub("", consultation.query)
        for number, entry in enumerate(offered):
            event = self._events.get(entry)
            if event is not None and (number == place or bare in (_SIGNS.sub("", name) for name in self._names(event))):
                return self._answer(consultation, event)
        return None

    def _names(self, event: LifeEvent) -> tuple[str, str]:
        return event.name, self._whole(event)

    def _whole(self, event: LifeEvent) -> str:
        """What stands on the event's button."""
        return self._words.told("whole", event=event.name.removesuffix("一件事"))

    def items_told(self, consultation: Consultation) -> list[ServiceItem]:
        """The items of the event that was told just before: what 那要多少钱 can be about."""
        event = self._events.get(consultation.memory.event or "")
        own = {part.item for part in event.items} if event is not None else set()
        return [
            self._library.items[item]
            for item in consultation.session.offered
            if item in own & self._library.items.keys()
        ]

    def found(self, consultation: Consultation, asked: Asked, found: Found) -> Draft | None:
        """The event that the message means, told or asked for; None if it means an item, or nothing of ours."""
        index = self._search.index
        if index is None or found.ranked.words_only or not self._events:
            return None
        best = self._best(index, found.ranked.scored)
        if best is None:
            return None
        event, score = best
        lead = score - max((one.score for one in found.ranked.candidates), default=0.0)
        if score < self._words.least_score:
            return None
        if self._words.single & set(asked.elements) and lead < self._words.single_from:
            return None
        query = consultation.query
        strong = any(pattern.search(query) for pattern in self._strong)
        weak = any(pattern.search(query) for pattern in self._weak)
        if (strong and lead >= self._words.strong_from) or (weak and lead >= self._words.weak_from):
            return self._answer(consultation, event)
        if lead >= (self._words.weak_asks_from if weak else self._words.bare_asks_from):
            return self._ask(consultation, event, [one.item for one in found.ranked.candidates])
        return None

    def _best(self, index: SectionIndex, scored: Scored) -> tuple[LifeEvent, float] | None:
        # The search may have moved on to a newer state of the library than the one that this message is answered from.
        places = [
            index.place[entry]
            for entry, event in self._events.items()
            if index.place.get(entry) is not None and index.entries[index.place[entry]] is event
        ]
        if not places:
            return None
        first = max(places, key=lambda place: float(scored.entries[place]))
        return self._events[index.entries[first].id], float(scored.entries[first])

    def _ask(self, consultation: Consultation, event: LifeEvent, items: Sequence[ServiceItem]) -> Draft:
        """The items first: their places among the buttons are what 第一个 means elsewhere."""
        own = {part.item for part in event.items}
        beside = sorted(items, key=lambda item: item.id not in own)[:BESIDE]
        said = self._words.told("which")
        options = [Option(value=item.id, label=item.name, note=item.summary) for item in beside]
        options.append(Option(value=event.id, label=self._whole(event), note=event.summary))
        consultation.pending = ()
        return Draft(
            "clarify",
            (Said(said),),
            suggestions=tuple(option.label for option in options),
            offered=tuple(option.value for option in options),
            asking=Asking(kind="item", question_id=ITEM, text=said, answer_kind="choice", options=options),
        )

    def _taken_back(self, consultation: Consultation, question: str, action: str) -> Draft | None:
        """A chip under an event's answer: what was understood is taken back and the event told anew."""
        event = self._events.get(consultation.memory.event or "")
        if event is None or action != "back" or all(one.id != question for one in event.situations):
            return None
        known = dict(consultation.memory.answers.get(event.id, {}))
        known.pop(question, None)
        return self._told(consultation, event, read_answers(event.situations, known))

    def _answer(self, consultation: Consultation, event: LifeEvent) -> Draft:
        known = dict(consultation.memory.answers.get(event.id, {}))
        told = self._situations.told(event, consultation.query, known)
        return self._told(consultation, event, read_answers(event.situations, {**known, **told}))

    def _told(self, consultation: Consultation, event: LifeEvent, answers: Mapping[str, Answer]) -> Draft:
        memory = consultation.memory
        consultation.memory = replace(
            memory, answers={**memory.answers, event.id: dict(answers)}, event=event.id, asked=None, rounds=0
        )
        consultation.pending = ()
        return self.told(event, answers)

    def told(self, event: LifeEvent, answers: Mapping[str, Answer]) -> Draft:
        """The event for a person with these answers: its items in their order, what each is for, the steps, what is done at
        one place, what has no guide."""
        sections = {section.element: section for section in self._library.sections_of_entry(event.id)}
        parts = applying(event, event.items, answers)
        held = [part for part in parts if self._library.offered(part.item) is not None]
        items = [self._library.items[part.item] for part in held]
        told: list[Part] = []
        if overview := sections.get(Element.OVERVIEW):
            lines = overview.text.split("\n")
            told.append(_quoted(overview, "\n".join([lines[0], *self._notes(event, lines)])))
        told.extend(self._items(event, sections, held))
        if steps := sections.get(Element.STEPS):
            told.append(Quoted.whole(steps))
        told.extend(self._purposes(items))
        told.extend(self._together(items))
        told.extend(self._missing(event, [part for part in parts if part not in held]))
        if items:
            told.append(Said(self._words.told("next")))
        return Draft(
            "answered",
            tuple(told),
            element=Element.ITEMS,
            suggestions=tuple(item.name for item in items),
            offered=tuple(item.id for item in items),
            known=known_answers(event, answers),
            event=event,
        )

    def _notes(self, event: LifeEvent, lines: Sequence[str]) -> list[str]:
        """The event's own notes as they stand in its overview."""
        return [line for line in lines if any(line.startswith(note.rstrip("。；;. ")) for note in event.notes)]

    def _items(self, event: LifeEvent, sections: Mapping[Element, Section], held: Sequence[EventPart]) -> list[Part]:
        """The items that apply, in their order, each with whom it is for and what is different inside the event."""
        section = sections.get(Element.ITEMS)
        if section is None:
            return []
        if len(held) == len(event.items):
            return [Quoted.whole(section)]
        if not held:
            return [Said(self._words.told("nothing", event=event.name))]
        lines = dict(zip((part.item for part in event.items), section.text.split("\n")[1:], strict=True))
        chosen = [_NUMBER.sub("", lines[part.item]) for part in held]
        numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(chosen, 1))
        return [
            Said(self._words.told("applies", event=event.name, count=len(held))),
            _quoted(section, numbered),
        ]

    def _purposes(self, items: Sequence[ServiceItem]) -> list[Part]:
        told: list[Part] = []
        for item in items:
            for section in self._library.sections(item.id, Element.OVERVIEW):
                told.append(_quoted(section, section.text.split("\n", 1)[0]))
        return [Said(self._words.told("purposes")), *told] if told else []

    def _together(self, items: Sequence[ServiceItem]) -> list[Part]:
        """Which are taken in at the same place: one way for several."""
        told: list[Part] = []
        for place, group in shared_places((item, _places_for_everybody(item)) for item in items):
            for section in self._library.sections(group[0].id, Element.PLACES):
                line = next((line for line in section.text.split("\n") if place.name in line), None)
                if line is not None:
                    names = "”“".join(item.name for item in group)
                    told += [Said(self._words.told("together", items=names)), _quoted(section, _NUMBER.sub("", line))]
        return told

    def _missing(self, event: LifeEvent, missing: Sequence[EventPart]) -> list[Part]:
        """Items without a guide: what the directory says of them, and where to ask."""
        told: list[Part] = []
        for part in missing:
            if isinstance(self._library.entries.get(part.item), DirectoryItem):
                told.extend(Quoted.whole(section) for section in self._library.sections_of_entry(part.item))
        if missing:
            said = self._words.told("missing", event=event.name, count=len(missing), department=event.department)
            told.append(Said(said))
        return told


def _places_for_everybody(item: ServiceItem) -> list[Place]:
    return [place for place in item.places if place.when is None]


def _quoted(section: Section, text: str) -> Quoted:
    return Quoted(section.id, section.item_name, section.element.value, text)
