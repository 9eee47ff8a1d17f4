"""What a question asks for: the elements of a guide, the action (新办, 变更, ...), and the matter that is left over.

The words are data (elements.yaml). Where finds overlap the longest counts, so that 提前多久 is a condition although 多久
alone is a time limit. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge_base.schema import ServiceItem
from knowledge_base.terms import Element
from services.consult.policy import ElementsEntry

_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found in one question.

    `elements` in the order in which they were asked, each once; `actions` likewise; `matter` is the text without element
    words, fillers and signs: what the question is about; "" if it names nothing. `bare_matter` lacks the action's words
    too; `pieces` are the runs of characters that it is made of. `cues`: every element whose words stand there, longer finds or not.
    """

    elements: tuple[Element, ...]
    actions: tuple[str, ...]
    matter: str
    bare_matter: str
    pieces: tuple[str, ...] = ()
    cues: frozenset[Element] = frozenset()


@dataclass(frozen=True, slots=True)
class _Find:
    """A find of an element's words; of an action's, if `element` is None."""

    start: int
    end: int
    element: Element | None


class QuestionReader:
    """elements.yaml, compiled.

    `vocabulary`: bigrams of items' names. A filler of one character that is part of one is no filler: 会 in 社会保障卡.
    `names`: what items are called. Words for an element that are part of one ask for nothing: 费用 in 医疗费用报销.
    """

    def __init__(
        self, words: ElementsEntry, vocabulary: frozenset[str] = frozenset(), names: Iterable[str] = ()
    ) -> None:
        self._vocabulary = vocabulary
        self._cues = [(element, re.compile(cue)) for element, entry in words.elements.items() for cue in entry.cues]
        self._weak = {element for element, entry in words.elements.items() if entry.weak}
        self._actions = [
            (action, re.compile("|".join(f"(?:{word})" for word in entry.words)))
            for action, entry in words.actions.items()
        ]
        self._hints = [(action, re.compile(hint)) for action, entry in words.actions.items() for hint in entry.hints]
        self._action_names = {action: entry.names for action, entry in words.actions.items()}
        endings = "|".join(sorted(words.documents, key=len, reverse=True))
        self._documents = re.compile(rf"[\u4e00-\u9fff]{{1,12}}(?:{endings})")
        self._fillers = re.compile("|".join(f"(?:{filler})" for filler in words.fillers))
        telling = {
            name.lower() for name in names if any(cue.search(name.lower()) for _, cue in self._cues) and name.strip()
        }
        longest_first = sorted(telling, key=lambda name: (-len(name), name))
        self._names = re.compile("|".join(map(re.escape, longest_first))) if telling else None

    def read(self, text: str) -> Asked:
        """What `text` (cleaned) asks for."""
        lower = text.lower()
        finds = self._finds(lower)
        elements = list(dict.fromkeys(find.element for find in finds if find.element is not None))
        if any(element not in self._weak for element in elements):
            elements = [element for element in elements if element not in self._weak]
        actions = [action for action, pattern in self._actions if pattern.search(lower)]
        if not actions:
            actions = list(dict.fromkeys(action for action, hint in self._hints if hint.search(lower)))
        without_cues = _blanked(lower, [(find.start, find.end) for find in finds if find.element is not None])
        matter = "".join(self._pieces(without_cues))
        for _, pattern in self._actions:
            without_cues = pattern.sub(" ", without_cues)
        pieces = self._pieces(without_cues)
        cues = frozenset(element for element, cue in self._cues if cue.search(lower))
        return Asked(tuple(elements), tuple(actions), matter, "".join(pieces), pieces, cues)

    def actions_of(self, item: ServiceItem) -> frozenset[str]:
        """The actions in an item's name and aliases; the first application (new) if they name none."""
        forms = " ".join((item.name, *item.aliases))
        found = frozenset(
            action for action, names in self._action_names.items() if any(name in forms for name in names)
        )
        return found or frozenset({"new"})

    def speaks_of(self, action: str, text: str) -> bool:
        """Whether a guide's `text` speaks of an action, as guides call it or as people do: 年审 is a renewal too."""
        words = next(pattern for name, pattern in self._actions if name == action)
        return any(name in text for name in self._action_names[action]) or bool(words.search(text))

    def family_of(self, item: ServiceItem) -> str:
        """The item's name without its action: items of one family differ only in what is done."""
        name = item.name
        for names in self._action_names.values():
            for word in names:
                name = name.replace(word, "")
        return _SIGNS.sub("", name)

    def forms_of(self, item: ServiceItem) -> list[str]:
        """What the item is called: its name, with and without its action, and its aliases. An alias that is a whole
        question (开小吃店要办什么证) counts without the words that ask."""
        names = [item.name, self.family_of(item)]
        for alias in item.aliases:
            asked = self.read(alias)
            names.append(asked.matter if asked.elements else alias)
        return names

    def order_of(self, item: ServiceItem) -> int:
        """Where the item stands among its family's buttons."""
        actions = self.actions_of(item)
        return next((place for place, action in enumerate(self._action_names) if action in actions), 0)

    def documents(self, matter: str) -> list[str]:
        """Names of documents and registrations in `matter`: runs of characters that end like one."""
        return [match.group() for match in self._documents.finditer(matter)]

    def _finds(self, text: str) -> list[_Find]:
        # Actions compete with elements for the same words: 改地址 is a change, not the question where.
        named = [match.span() for match in self._names.finditer(text)] if self._names is not None else []
        finds = [
            _Find(match.start(), match.end(), element)
            for element, cue in [*self._cues, *((None, action) for _, action in self._actions)]
            for match in cue.finditer(text)
            if match.end() > match.start()
            and (element is None or not any(start <= match.start() and match.end() <= end for start, end in named))
        ]
        finds.sort(key=lambda find: (find.start - find.end, find.start))
        chosen: list[_Find] = []
        for find in finds:
            if all(find.end <= other.start or find.start >= other.end for other in chosen):
                chosen.append(find)
        return sorted(chosen, key=lambda find: find.start)

    def _pieces(self, text: str) -> tuple[str, ...]:
        def unless_named(match: re.Match[str]) -> str:
            start, end = match.span()
            around = (text[max(0, start - 1) : end], text[start : end + 1])
            return match.group() if end - start == 1 and self._vocabulary.intersection(around) else " "

        return tuple(_SIGNS.sub(" ", self._fillers.sub(unless_named, text)).split())


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
