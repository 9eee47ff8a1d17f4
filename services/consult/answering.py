"""Compose an answer out of the library's own sections. Nothing is generated: whole lines of sections are quoted, those that
apply to the person, around them stand fixed sentences of texts.yaml.

Comes in: what is asked of which item, and what is known of the person's situation. Goes out: a `Draft`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from knowledge_base.entries import LifeEvent
from knowledge_base.library import Library
from knowledge_base.personal_sections import personal_text
from knowledge_base.rules import Answer
from knowledge_base.schema import AnswerKind, ServiceItem, Situation
from knowledge_base.sections import Section
from knowledge_base.terms import ELEMENT_TITLES, Element
from services.consult.consultation import Draft, Part, Quoted, Said, Subject
from services.consult.policy import Policy
from services.consult.schemas import Asking, KnownAnswer, Option

SUGGESTIONS = 4
"""Buttons under an answer."""
ITEM = "item"
"""The question's id where the bot asks which item is meant."""
_NUMBER = re.compile(r"^\d+\. ")
YES, NO = "是", "否"
# What people forget once they have the paper: until when it holds, and what has to be done by when.
_REMINDER = re.compile(r"^有效期：|届满|期满|到期|逾期|日内|年内|[月年日]前|提前")


class AnswerComposer:
    """Answers from `library` in the words of `policy`."""

    def __init__(self, library: Library, policy: Policy) -> None:
        self._library = library
        self._policy = policy

    def answer(self, subject: Subject, answers: Mapping[str, Answer]) -> Draft:
        """All that answers the subject's elements for a person with these `answers`; the main ones (一次告知) if none is asked
        for."""
        item = subject.item
        if not self._library.sections(item.id):
            return self.withdrawn()
        whole = not subject.elements or Element.OVERVIEW in subject.elements
        parts: list[Part] = []
        if subject.faq is not None:
            section = self._library.section(subject.faq)
            parts.append(Quoted.whole(section))
        wanted = self.elements_of(subject)
        if subject.line is not None and subject.line[0] not in wanted:
            parts.extend(self._line(item, *subject.line, answers))
        if whole:
            parts.extend(self._first_line(item))
        parts.extend(self._notes(item, answers))
        told, missing = self._elements(item, wanted, answers)
        parts.extend(told)
        for element, line in subject.further:
            if element not in wanted and (element, line) != subject.line:
                parts.extend(self._line(item, element, line, answers))
        if not any(isinstance(part, Quoted) for part in parts):
            elements = subject.elements
            return Draft("not_found", tuple(parts), item, None, self._others(item, elements), unanswered=True)
        shown = [section.element for section in self._shown(parts)]
        if whole or Element.MATERIALS in subject.elements:
            parts.extend(self._reminders(item, answers, shown))
        first = Element.OVERVIEW if whole else shown[0]
        return Draft(
            "answered",
            tuple(parts),
            item,
            first,
            self._others(item, [Element.OVERVIEW, *shown]),
            unanswered=missing,
            known=known_answers(item, answers),
        )

    def elements_of(self, subject: Subject) -> tuple[Element, ...]:
        """The elements that answer the subject."""
        if not subject.elements or Element.OVERVIEW in subject.elements:
            return self._policy.words.overview
        return subject.elements

    def ask_situation(
        self, subject: Subject, question: Situation, answers: Mapping[str, Answer], *, can_go_back: bool
    ) -> Draft:
        """Ask one question of the item's questionnaire."""
        item = subject.item
        options = [Option(value=one.value, label=one.label, note=one.note) for one in question.options]
        if question.kind is AnswerKind.YES_NO:
            options = [Option(value="true", label=YES), Option(value="false", label=NO)]
        said = self._policy.say("ask_situation", item=item.name, question=question.question)
        return Draft(
            "clarify",
            (Said(said),),
            item,
            next(iter(subject.elements), Element.OVERVIEW),
            suggestions=tuple(option.label for option in options),
            asking=Asking(
                kind="situation",
                question_id=question.id,
                text=question.question,
                answer_kind=question.kind.value,
                options=options,
                note=question.note,
                unit=question.unit,
                minimum=question.minimum,
                maximum=question.maximum,
                can_be_unsure=True,
                can_go_back=can_go_back,
            ),
            known=known_answers(item, answers),
        )

    def clarify(self, items: Sequence[ServiceItem], elements: Sequence[Element]) -> Draft:
        """Ask which of `items` is meant; the buttons are their names."""
        titles = "、".join(ELEMENT_TITLES[element] for element in elements if element is not Element.OVERVIEW)
        said = self._policy.say("clarify_element", element=titles) if titles else self._policy.say("clarify_item")
        return self._asked_back(said, items, elements)

    def maybe(self, items: Sequence[ServiceItem], elements: Sequence[Element]) -> Draft:
        """Ask whether one of `items` is meant, which the question didn't name."""
        return self._asked_back(self._policy.say("clarify_maybe"), items, elements)

    def _asked_back(self, said: str, items: Sequence[ServiceItem], elements: Sequence[Element]) -> Draft:
        options = [Option(value=item.id, label=item.name, note=item.summary) for item in items]
        return Draft(
            "clarify",
            (Said(said),),
            element=elements[0] if elements else None,
            suggestions=tuple(item.name for item in items),
            offered=tuple(item.id for item in items),
            asking=Asking(kind="item", question_id=ITEM, text=said, answer_kind="choice", options=options),
        )

    def withdrawn(self) -> Draft:
        """The item is no longer (or not now) in use."""
        return Draft("not_found", (Said(self._policy.say("withdrawn")),), unanswered=True)

    def action_missing(self, item: ServiceItem) -> Draft:
        """The library holds the licence, but not what the person wants to do with it."""
        said = self._policy.say("action_missing", item=item.name)
        return Draft("not_found", (Said(said),), suggestions=(self.question(item, Element.OVERVIEW),), unanswered=True)

    def not_found(self, question: str, suggestions: Sequence[str] = (), matter: str | None = None) -> Draft:
        """Nothing in the library answers. `matter`: the known matter without a guide that it is about. Says where such a
        matter belongs if texts.yaml knows."""
        entry = next((one for one in self._policy.texts.elsewhere if any(word in question for word in one.when)), None)
        if matter is not None:
            said = self._policy.say("not_held", matter=matter, where=entry.where if entry else "")
        elif entry is not None:
            said = self._policy.say("not_found_elsewhere", matter=entry.matter, where=entry.where)
        else:
            said = self._policy.say("not_found")
        return Draft("not_found", (Said(said),), suggestions=tuple(suggestions), unanswered=True)

    def question(self, item: ServiceItem, element: Element) -> str:
        """A question as a person would put it, whole in itself: 公共场所卫生许可证注销要什么材料."""
        return item.name + self._policy.words.elements[element].ask

    def _elements(
        self, item: ServiceItem, elements: Sequence[Element], answers: Mapping[str, Answer]
    ) -> tuple[list[Part], bool]:
        """The parts that tell `elements`, and whether the guide lacks one of them."""
        parts: list[Part] = []
        told: set[str] = set()
        missing = False
        for element in elements:
            section = self._section(item, element)
            if section is None:
                if len(elements) <= 2:  # of a whole guide, what it lacks needn't be told
                    said = self._policy.say("element_missing", item=item.name, element=ELEMENT_TITLES[element])
                    parts.append(Said(said))
                    missing = True
                continue
            if section.id in told:
                continue
            told.add(section.id)
            text = personal_text(item, section.element, answers)
            if text is not None:
                parts.append(Quoted(section.id, section.item_name, section.element.value, text))
                continue
            parts.append(Said(self._policy.say("nothing_applies", element=ELEMENT_TITLES[section.element])))
            result = self._section(item, Element.RESULT)
            outcome = personal_text(item, Element.RESULT, answers)
            if result is not None and outcome is not None and result.id not in told:
                told.add(result.id)
                parts.append(Quoted(result.id, result.item_name, result.element.value, outcome))
        return parts, missing

    def _line(self, item: ServiceItem, element: Element, line: str, answers: Mapping[str, Answer]) -> list[Part]:
        """One line of a section that isn't told whole, if it applies to the person."""
        section = next(iter(self._library.sections(item.id, element)), None)
        bare = _NUMBER.sub("", line)
        applying = (personal_text(item, element, answers) or "").split("\n")
        if section is None or bare not in (_NUMBER.sub("", one) for one in applying) or bare.endswith("："):
            return []
        return [_quoted(section, bare)]

    def _first_line(self, item: ServiceItem) -> list[Part]:
        """What the item is; type, department and the like stand in the section for who opens it."""
        section = next(iter(self._library.sections(item.id, Element.OVERVIEW)), None)
        return [] if section is None else [_quoted(section, section.text.split("\n", 1)[0])]

    def _notes(self, item: ServiceItem, answers: Mapping[str, Answer]) -> list[Part]:
        """What follows from the chosen options by itself: 公园：不实行卫生许可证管理，不用办理。"""
        section = next(iter(self._library.sections(item.id, Element.OVERVIEW)), None)
        if section is None:
            return []
        lines = section.text.split("\n")
        found: list[str] = []
        for situation in item.situations:
            given = answers.get(situation.id)
            chosen = given if isinstance(given, list) else [given]
            for option in situation.options:
                if option.note and option.value in chosen:
                    found += [
                        line.split(". ", 1)[1]
                        for line in lines
                        if re.match(rf"\d+\. {re.escape(option.label)}：", line)
                    ][:1]
        return [_quoted(section, line) for line in found]

    def _reminders(self, item: ServiceItem, answers: Mapping[str, Answer], shown: Sequence[Element]) -> list[Part]:
        """What people forget next, out of the result."""
        section = next(iter(self._library.sections(item.id, Element.RESULT)), None)
        text = personal_text(item, Element.RESULT, answers)
        if section is None or text is None or Element.RESULT in shown:
            return []
        lines = reminder_lines(text)
        if not lines:
            return []
        return [Said(self._policy.say("reminders")), _quoted(section, "\n".join(lines))]

    def _shown(self, parts: Sequence[Part]) -> list[Section]:
        return [self._library.section(part.section_id) for part in parts if isinstance(part, Quoted)]

    def _section(self, item: ServiceItem, element: Element) -> Section | None:
        """The section that answers `element`: its own, or the next best of elements.yaml."""
        for candidate in self._policy.words.elements[element].sections:
            for section in self._library.sections(item.id, candidate):
                return section
        return None

    def _others(self, item: ServiceItem, told: Sequence[Element]) -> tuple[str, ...]:
        """Questions about the item's elements that have not been told, in the order of the policy."""
        held = {section.element for section in self._library.sections(item.id)}
        others = [
            entry.ask
            for element, entry in self._policy.words.elements.items()
            if element in held and element not in told and not entry.weak
        ]
        return tuple(others[:SUGGESTIONS])


def reminder_lines(text: str) -> list[str]:
    """What people forget next, out of the text of a result: until when it holds, what has to be done by when."""
    return [line for line in text.split("\n") if _REMINDER.search(line) and not line.startswith("办理结果：")]


def known_answers(item: ServiceItem | LifeEvent, answers: Mapping[str, Answer]) -> tuple[KnownAnswer, ...]:
    """What is known of the person's situation, in words."""
    known = []
    for situation in item.situations:
        given = answers.get(situation.id)
        if given is None:
            continue
        known.append(
            KnownAnswer(
                question_id=situation.id, question=situation.question, label=in_words(situation, given), value=given
            )
        )
    return tuple(known)


def in_words(situation: Situation, answer: Answer) -> str:
    """An answer as people read it: 是, 120 平方米, 名称、住所."""
    if isinstance(answer, bool):
        return YES if answer else NO
    if isinstance(answer, int | float):
        return f"{answer:g} {situation.unit}"
    labels = {option.value: option.label for option in situation.options}
    chosen = [answer] if isinstance(answer, str) else answer
    return "、".join(labels.get(value, value) for value in chosen) or "都不是"


def _quoted(section: Section, text: str) -> Quoted:
    return Quoted(section.id, section.item_name, section.element.value, text)
