"""What the pipeline's steps pass along: one message with all that is known about it so far, and the answer's draft."""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge_base.schema import ServiceItem
from knowledge_base.sections import Section
from knowledge_base.terms import Element
from services.consult.schemas import Channel, Status


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the bot's own, made from texts.yaml."""

    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """The guide's own words: `text` stands word for word in the section `section_id`."""

    section_id: str
    item_name: str
    element: str
    text: str

    @classmethod
    def whole(cls, section: Section) -> Quoted:
        """All of a section."""
        return cls(section.id, section.item_name, section.element.value, section.text)


Part = Said | Quoted


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before verification. `offered`: ids of the items among which the person is asked to choose."""

    status: Status
    parts: tuple[Part, ...]
    item: ServiceItem | None = None
    element: Element | None = None
    suggestions: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class SessionState:
    """What earlier messages left behind; of a new conversation: nothing."""

    id: str
    new: bool
    messages: int = 0
    item_id: str | None = None
    element: Element | None = None
    pending: tuple[Element, ...] = ()
    offered: tuple[str, ...] = ()


@dataclass(slots=True)
class Consultation:
    """One message on its way through the steps; each step fills in what it finds out.

    `text` is what was sent and is never stored; `question` is cleaned and masked; `query` is `question` without the
    masks' marks and in simplified characters, the text that rules and search read.
    """

    text: str
    channel: Channel
    session: SessionState
    question: str = ""
    query: str = ""
    masked: dict[str, int] = field(default_factory=dict)
    route: str = "guide"
    elements: tuple[Element, ...] = ()
    item: ServiceItem | None = None
    words_only: bool = False
    draft: Draft | None = None
    dropped: int = 0
