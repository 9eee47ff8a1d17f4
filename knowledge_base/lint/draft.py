"""A tolerant view of an entry, finished or not: what is there can be looked at, whatever is missing or of a wrong type.

Comes in: a mapping as it stands in YAML or in the editor, or an `Entry`. Goes out: its texts with their places, its parts,
its questionnaire. Nothing here raises because of what a draft lacks; the schema's own faults are `parse_entry`'s to tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from pydantic import ValidationError

from knowledge_base.entries import kind_of
from knowledge_base.lint.finding import Place, field_name
from knowledge_base.schema import Entry, Situation
from knowledge_base.terms import EntryKind

NOT_PROSE = frozenset(
    {"id", "rule", "only_if", "value", "kind", "unit", "item", "element", "version", "number", "link"}
    | {"said", "said_yes", "said_no"}
)
"""Keys whose values are codes or numbers, or what people say: nobody is shown them."""
DEEPEST = 20
LONGEST_TEXT = 4_000
MOST_TEXTS = 2_000
MOST_CHARACTERS = 200_000
"""A draft comes from outside: what lies deeper, is longer or is more than any guide could hold is not looked at."""


@dataclass(frozen=True, slots=True)
class TextAt:
    """One text and where it stands. `field`: its place without indices."""

    place: Place
    text: str

    @property
    def field(self) -> str:
        """materials.name."""
        return field_name(self.place)


@dataclass(frozen=True)
class Draft:
    """An entry to look at. `data` holds plain values only (mappings, lists, strings, numbers, dates)."""

    kind: EntryKind
    data: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, entry: Entry) -> Draft:
        """A finished entry."""
        return cls(kind_of(entry), entry.model_dump(mode="python", exclude_none=True))

    @property
    def id(self) -> str:
        """The entry's id; empty if it has none."""
        return self.text("id")

    @property
    def name(self) -> str:
        """The entry's name; empty if it has none."""
        return self.text("name")

    def text(self, key: str) -> str:
        """A text at the root; empty if there is none."""
        value = self.data.get(key)
        return str(value) if isinstance(value, str) else ""

    def parts(self, key: str) -> list[tuple[Place, Mapping[str, Any]]]:
        """The mappings of a list at the root, with their places."""
        value = self.data.get(key)
        if not isinstance(value, list | tuple):
            return []
        return [((key, number), part) for number, part in enumerate(value) if isinstance(part, Mapping)]

    def part(self, key: str) -> Mapping[str, Any]:
        """A mapping at the root; empty if there is none."""
        value = self.data.get(key)
        return value if isinstance(value, Mapping) else {}

    @cached_property
    def texts(self) -> tuple[TextAt, ...]:
        """Every Chinese text of the entry, in the order of its fields."""
        found: list[TextAt] = []
        characters = 0
        for text in islice(_texts(self.data, ()), MOST_TEXTS):
            characters += len(text.text)
            if characters > MOST_CHARACTERS:
                break
            found.append(text)
        return tuple(found)

    @cached_property
    def situations(self) -> tuple[Situation, ...]:
        """The questionnaire; empty while any question of it is unfinished, because paths through it mean nothing then."""
        given = self.data.get("situations")
        if not isinstance(given, list | tuple):
            return ()
        try:
            return tuple(Situation.model_validate(_plain(one)) for one in given)
        except ValidationError:
            return ()

    @cached_property
    def rules(self) -> dict[Place, str]:
        """Every rule (CEL) over answers, by the place of the part that carries it. Checks are rules over papers."""
        return dict(_rules({key: value for key, value in self.data.items() if key != "checks"}, ()))


def words_at(part: Mapping[str, Any], key: str) -> str:
    """A text of a part; empty if it has none."""
    value = part.get(key)
    return str(value) if isinstance(value, str) else ""


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _texts(value: Any, place: Place) -> Iterator[TextAt]:
    if len(place) > DEEPEST:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(key, str) and (key not in NOT_PROSE or isinstance(inner, Mapping)):
                yield from _texts(inner, (*place, key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*place, number))
    elif isinstance(value, str) and value.strip():
        yield TextAt(place, str(value)[:LONGEST_TEXT])


def _rules(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if len(place) > DEEPEST:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "rule" and isinstance(inner, str):
                yield place, inner
            elif isinstance(key, str):
                yield from _rules(inner, (*place, key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _rules(inner, (*place, number))
