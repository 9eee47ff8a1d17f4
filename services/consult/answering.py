"""Compose an answer out of the library's own sections. Nothing is generated: sections are quoted whole, around them
stand fixed sentences of texts.yaml.

Comes in: the item and the elements that were asked for. Goes out: a `Draft`.
"""

from __future__ import annotations

from collections.abc import Sequence

from knowledge_base.library import Library
from knowledge_base.schema import ServiceItem
from knowledge_base.sections import Section
from knowledge_base.terms import ELEMENT_TITLES, Element
from services.consult.consultation import Draft, Part, Quoted, Said
from services.consult.policy import Policy

SUGGESTIONS = 4
"""Buttons under an answer."""


class AnswerComposer:
    """Answers from `library` in the words of `policy`."""

    def __init__(self, library: Library, policy: Policy) -> None:
        self._library = library
        self._policy = policy

    def answer(self, item: ServiceItem, elements: Sequence[Element]) -> Draft:
        """All of the sections that answer `elements`; the main ones (一次告知) if none or the overview is asked for."""
        if not self._library.sections(item.id):
            return self.withdrawn()
        if not elements or Element.OVERVIEW in elements:
            return self._overview(item)
        chosen: dict[str, Section] = {}
        parts: list[Part] = []
        for element in elements:
            section = self._section(item, element)
            if section is None:
                said = self._policy.say("element_missing", item=item.name, element=ELEMENT_TITLES[element])
                parts.append(Said(said))
            elif section.id not in chosen:
                chosen[section.id] = section
                parts.append(Quoted.whole(section))
        if not chosen:
            return Draft("not_found", tuple(parts), item, None, self._others(item, elements), unanswered=True)
        first = next(iter(chosen.values())).element
        return Draft(
            "answered",
            tuple(parts),
            item,
            first,
            self._others(item, [section.element for section in chosen.values()]),
            unanswered=len(chosen) < len(parts),
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
        return Draft(
            "clarify",
            (Said(said),),
            element=elements[0] if elements else None,
            suggestions=tuple(item.name for item in items),
            offered=tuple(item.id for item in items),
        )

    def withdrawn(self) -> Draft:
        """The item is no longer (or not now) in use."""
        return Draft("not_found", (Said(self._policy.say("withdrawn")),), unanswered=True)

    def action_missing(self, item: ServiceItem) -> Draft:
        """The library holds the licence, but not what the person wants to do with it."""
        said = self._policy.say("action_missing", item=item.name)
        return Draft("not_found", (Said(said),), suggestions=(self.question(item, Element.OVERVIEW),), unanswered=True)

    def not_found(self, question: str, suggestions: Sequence[str] = ()) -> Draft:
        """Nothing in the library answers; says where such a matter belongs if texts.yaml knows."""
        for entry in self._policy.texts.elsewhere:
            if any(word in question for word in entry.when):
                said = self._policy.say("not_found_elsewhere", matter=entry.matter, where=entry.where)
                break
        else:
            said = self._policy.say("not_found")
        return Draft("not_found", (Said(said),), suggestions=tuple(suggestions), unanswered=True)

    def question(self, item: ServiceItem, element: Element) -> str:
        """A question as a person would put it, whole in itself: 公共场所卫生许可证注销要什么材料."""
        return item.name + self._policy.words.elements[element].ask

    def _overview(self, item: ServiceItem) -> Draft:
        parts: list[Part] = []
        overview = self._section(item, Element.OVERVIEW)
        if overview is not None:
            # What the item is; type, department and the like stand in the section for who opens it.
            first_line = overview.text.split("\n", 1)[0]
            parts.append(Quoted(overview.id, overview.item_name, overview.element.value, first_line))
        for element in self._policy.words.overview:
            section = next(iter(self._library.sections(item.id, element)), None)
            if section is not None:
                parts.append(Quoted.whole(section))
        rest = self._others(item, [Element.OVERVIEW, *self._policy.words.overview])
        return Draft("answered", tuple(parts), item, Element.OVERVIEW, rest)

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
