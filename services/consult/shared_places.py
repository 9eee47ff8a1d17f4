"""Which of several items are taken in at one and the same place: what lets a person do them in one visit. A pure function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Located(Protocol):
    """A place, as a guide or a checklist tells it."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def address(self) -> str | None:
        """Where it is; the same name at two addresses is two places."""
        ...


P = TypeVar("P", bound=Located)
Subject = TypeVar("Subject")


def shared_places(told: Iterable[tuple[Subject, Iterable[P]]]) -> list[tuple[P, list[Subject]]]:
    """The places (by name and address) of at least two subjects, in the order of their first, each with its subjects in theirs.
    A place that one subject names twice, for two windows say, counts once."""
    found: dict[tuple[str, str | None], tuple[P, list[Subject]]] = {}
    for subject, places in told:
        own: set[tuple[str, str | None]] = set()
        for place in places:
            key = (place.name, place.address)
            if key not in own:
                own.add(key)
                found.setdefault(key, (place, []))[1].append(subject)
    return [(place, subjects) for place, subjects in found.values() if len(subjects) > 1]
