"""What the pipeline's steps pass along: one message with all that is known about it so far, and the answer's draft."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from knowledge_base.entries import LifeEvent
from knowledge_base.index.hits import Query
from knowledge_base.rules import Answer
from knowledge_base.schema import ServiceItem
from knowledge_base.sections import Section
from knowledge_base.terms import Element
from services.consult.deciding import SURELY_HELD, UNTOLD
from services.consult.schemas import Asking, Channel, Choice, KnownAnswer, Status


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
class Subject:
    """What a message asks: `elements` of `item`, () for the item as a whole. `faq`: id of the FAQ's section that answers.
    `line`: the one line of the guide that holds most of the question's wording, with its element; `further`: lines of elements that
    weren't asked for that may be what is meant."""

    item: ServiceItem
    elements: tuple[Element, ...] = ()
    faq: str | None = None
    line: tuple[Element, str] | None = None
    further: tuple[tuple[Element, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before verification. `offered`: ids of the items among which the person is asked to choose. `asking`: what
    is asked back, `known`: what is understood of the person's situation; both as they are shown. `person`: why somebody
    should take over (asked, failed, rule), "" if nobody needs to. `event`: the life event that is told."""

    status: Status
    parts: tuple[Part, ...]
    item: ServiceItem | None = None
    element: Element | None = None
    suggestions: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    unanswered: bool = False
    asking: Asking | None = None
    known: tuple[KnownAnswer, ...] = ()
    person: str = ""
    event: LifeEvent | None = None

    @property
    def about(self) -> str | None:
        """Id of what it is about: of the item, or of the life event that is told; None if of neither."""
        subject = self.item or self.event
        return subject.id if subject is not None else None


@dataclass(frozen=True, slots=True)
class Memory:
    """What a conversation remembers beside its subject.

    `answers`: of the person's situation, by the ids of the item and of its question; what the person is not sure of is not
    among them but in `unsure`. `asked`: id of the situation's question that the bot asked last, while it waits for the
    answer. `elements`: what was asked for last. `subjects`: ids of the items talked about, the latest last. `failures`: how
    many messages in a row found no answer. `rounds`: how many questions were asked since the item was taken up.
    `waiting`: the message, masked, whose item the bot asked for last, so that what it told isn't asked again; "" if none waits.
    `asked_before`: ids of the situation's questions that were asked, in their order. `event`: id of the life event told last;
    what is known of the person in it stands in `answers` under this id.
    """

    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    unsure: dict[str, list[str]] = field(default_factory=dict)
    asked: str | None = None
    elements: tuple[Element, ...] = ()
    subjects: tuple[str, ...] = ()
    failures: int = 0
    rounds: int = 0
    asked_before: tuple[str, ...] = ()
    event: str | None = None
    waiting: str = ""

    def written(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "answers": self.answers,
            "unsure": self.unsure,
            "asked": self.asked,
            "elements": [element.value for element in self.elements],
            "subjects": list(self.subjects),
            "failures": self.failures,
            "rounds": self.rounds,
            "asked_before": list(self.asked_before),
            "event": self.event,
            "waiting": self.waiting,
        }

    @classmethod
    def read(cls, written: dict[str, Any] | None) -> Memory:
        """As it was stored; nothing remembered if there is nothing."""
        if not written:
            return cls()
        return cls(
            answers=written.get("answers", {}),
            unsure=written.get("unsure", {}),
            asked=written.get("asked"),
            elements=tuple(Element(element) for element in written.get("elements", ())),
            subjects=tuple(written.get("subjects", ())),
            failures=written.get("failures", 0),
            rounds=written.get("rounds", 0),
            asked_before=tuple(written.get("asked_before", ())),
            event=written.get("event"),
            waiting=written.get("waiting", ""),
        )


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
    memory: Memory = field(default_factory=Memory)


@dataclass(slots=True)
class Consultation:
    """One message on its way through the steps; each step fills in what it finds out.

    `text` is what was sent and is never stored; `question` is cleaned and masked; `query` is `question` without the
    masks' marks and in simplified characters, the text that rules and search read. `choice`: the button, if one was pressed.
    `embedded`: `query` with its vector, None without the model. `guide`: how likely it is a question to a guide, 0..1;
    `beyond`: how likely such a question is to a guide that the library hasn't got;
    `route_chances`: likewise of everything else that a message can be.
    `pending`: what is asked of the item that the bot has to ask for first. `again`: id of the situation's question whose
    answer the person takes back. `memory`: what the next message may refer back to. `worded`: the answer in a language
    model's words, checked line by line; None without one.
    """

    text: str
    channel: Channel
    session: SessionState
    choice: Choice | None = None
    question: str = ""
    query: str = ""
    embedded: Query | None = None
    guide: float = UNTOLD
    beyond: float = SURELY_HELD
    route_chances: dict[str, float] = field(default_factory=dict)
    masked: dict[str, int] = field(default_factory=dict)
    route: str = "guide"
    subjects: tuple[Subject, ...] = ()
    pending: tuple[Element, ...] = ()
    again: str | None = None
    words_only: bool = False
    draft: Draft | None = None
    dropped: int = 0
    worded: str | None = None
    memory: Memory = field(default_factory=Memory)
