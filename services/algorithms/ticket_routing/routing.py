"""Ticket routing (工单分派): a citizen's message -> where it belongs, in three levels, and the department that takes it.

Comes in: `Ticket`, a message with or without a title. Goes out: `Routing`: class, field and matter, the department, the calibrated
confidence of the class, and the next best. The title and the pieces of the message are read one by one by the trained head
`ticket-matter` (matters of level 3; a class's probability is the sum of its matters'), because a letter of two pages says in
one sentence what it is about. How, and which department has what, is data: routing.yaml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from core.errors import HubError
from knowledge_base.reading import load_yaml, read_file
from services.algorithms.head_reading import Read, TextHead
from services.algorithms.taking import taken

HEAD = "ticket-matter"
"""The head's name in registry.yaml."""
POLICY_FILE = Path(__file__).with_name("routing.yaml")
MOST_CHARACTERS = 20_000
MOST_TITLE = 200
_ENDS = re.compile(r"(?<=[。！？!?；;\n])")


class Ticket(BaseModel):
    """A message. `title` may be left out; `text` at most 20,000 characters, `title` 200."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    title: str = ""


class Destination(BaseModel):
    """One place where a ticket may belong. `category` (类), `field` (领域), `matter` (事项), the three levels; `confidence`: 0 to
    1, that the class is right."""

    model_config = ConfigDict(frozen=True)

    category: str
    field: str
    matter: str
    department: str
    confidence: float = Field(ge=0, le=1)


class Routing(BaseModel):
    """`first`: where the ticket goes. `certain`: sure enough to go there without a person's look. `alternatives`: the next best
    classes, each with its best matter, by falling confidence."""

    model_config = ConfigDict(frozen=True)

    first: Destination
    certain: bool
    alternatives: tuple[Destination, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """routing.yaml. `departments`: by (class, field, matter)."""

    characters: int
    most: int
    title: float
    body: float
    temperature: float
    certain: float
    alternatives: int
    departments: dict[tuple[str, str, str], str]

    @property
    def categories(self) -> tuple[str, ...]:
        """The classes, in the file's order."""
        return tuple(dict.fromkeys(category for category, _, _ in self.departments))


@lru_cache(maxsize=1)
def policy() -> Policy:
    """Raises HubError (`routing_policy_invalid`) if routing.yaml lacks something."""
    data: dict[str, Any] = load_yaml(read_file(POLICY_FILE), source=POLICY_FILE.name)
    try:
        departments = {
            (category, field, matter): str(department)
            for category, fields in data["departments"].items()
            for field, matters in fields.items()
            for matter, department in matters.items()
        }
        return Policy(
            **data["pieces"],
            temperature=float(data["temperature"]),
            certain=float(data["certain"]),
            alternatives=int(data["alternatives"]),
            departments=departments,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise HubError(f"工单分派的 routing.yaml 有误：{error}。", code="routing_policy_invalid") from None


def pieces(ticket: Ticket, policy: Policy) -> list[str]:
    """The title (or the first piece again, if there is none), then the message in pieces of whole sentences."""
    found: list[str] = []
    piece = ""
    for sentence in _ENDS.split(ticket.text):
        if piece and len(piece) + len(sentence) > policy.characters:
            found.append(piece)
            piece = ""
        piece += sentence
    found = [one for one in (*found, piece) if one.strip()]
    return [ticket.title.strip() or found[0], *found[: policy.most]]


def category_scores(read: Read, policy: Policy) -> NDArray[np.float64]:
    """(classes), not normalised: title and pieces of one message together. `read`: row 0 is the title."""
    member = np.array([[label.startswith(f"{one}/") for one in policy.categories] for label in read.labels])
    logs = np.log(read.chances.astype(np.float64) @ member + 1e-9)
    scores: NDArray[np.float64] = policy.title * logs[0] + policy.body * logs[1:].mean(axis=0)
    return scores


def confidences(scores: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Calibrated probabilities of `scores`."""
    tempered = (scores - scores.max()) / temperature
    chances: NDArray[np.float64] = np.exp(tempered) / np.exp(tempered).sum()
    return chances


def routed(read: Read, policy: Policy) -> Routing:
    """Where a message goes whose title and pieces were `read` by the head."""
    chances = confidences(category_scores(read, policy), policy.temperature)
    weights = np.array([policy.title, *[policy.body / (len(read.chances) - 1)] * (len(read.chances) - 1)])
    matters = weights @ np.log(read.chances.astype(np.float64) + 1e-9)
    found = []
    for number in np.argsort(-chances, kind="stable")[: policy.alternatives + 1]:
        category = policy.categories[number]
        own = [place for place, label in enumerate(read.labels) if label.startswith(f"{category}/")]
        if not own:
            # A district's own head may not know every class of its policy.
            continue
        field, matter = read.labels[max(own, key=lambda place: matters[place])].split("/")[1:]
        department = policy.departments[category, field, matter]
        confidence = min(1.0, float(chances[number]))
        found.append(
            Destination(category=category, field=field, matter=matter, department=department, confidence=confidence)
        )
    return Routing(first=found[0], certain=found[0].confidence >= policy.certain, alternatives=tuple(found[1:]))


async def run(ticket: Ticket, head: TextHead) -> Routing:
    """Where `ticket` goes.

    Raises:
        Invalid, TooLarge: nothing to read, or too much (codes `text_empty`, `text_too_long`).
        HubError: as `TextHead.read`.
    """
    taken(ticket.text, MOST_CHARACTERS)
    if ticket.title:
        taken(ticket.title, MOST_TITLE, "title")
    return routed(await head.read(pieces(ticket, policy())), policy())
