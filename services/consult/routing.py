"""Which way a message goes before any item is looked for: emergency, a person, another place's business, thanks, ...

The rules are data (routes.yaml, places.yaml); this module only applies them. Pure functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.consult.policy import PlacesEntry, RouteEntry

_SIGNS = re.compile(r"[^\w]+|_")


@dataclass(frozen=True, slots=True)
class Routed:
    """The route that fits, and the place it was recognised by, if it was one."""

    route: RouteEntry
    place: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    entry: RouteEntry
    when: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]


class Router:
    """routes.yaml and places.yaml, compiled."""

    def __init__(self, routes: tuple[RouteEntry, ...], places: PlacesEntry) -> None:
        self._rules = tuple(
            _Rule(
                entry,
                tuple(re.compile(pattern) for pattern in entry.when),
                tuple(re.compile(pattern) for pattern in entry.unless),
            )
            for entry in routes
        )
        self._places = PlaceFinder(places)

    def route(self, text: str) -> Routed | None:
        """The first route that fits the cleaned text, or None: then it is a question for the guide."""
        lower = text.lower()
        bare = _SIGNS.sub("", lower)
        for rule in self._rules:
            if any(pattern.search(lower) for pattern in rule.unless):
                continue
            if rule.entry.place:
                place = self._places.elsewhere(text)
                if place is not None:
                    return Routed(rule.entry, place)
            elif rule.entry.whole:
                if bare and any(pattern.fullmatch(bare) for pattern in rule.when):
                    return Routed(rule.entry)
            elif any(pattern.search(lower) for pattern in rule.when):
                return Routed(rule.entry)
        return None


class PlaceFinder:
    """Tells another place's business from a person who comes from there."""

    def __init__(self, places: PlacesEntry) -> None:
        self._ours = re.compile(_either(places.ours))
        names = tuple(name for group in places.others.values() for name in group)
        # The region's suffix is eaten only where it stands; 北京的, 北京市的 and 北京 are all the place itself.
        self._others = re.compile(rf"(?P<place>{_either(names)})(?:[省市县区]|自治区|特别行政区)?(?P<after>.{{0,5}})")
        self._after = re.compile(rf"(?:那边|那里)?的?(?:{_either(places.origin_after)})")
        self._before = re.compile(rf"(?:{_either(places.origin_before)})$")

    def elsewhere(self, text: str) -> str | None:
        """The other place whose business is asked about, or None."""
        if self._ours.search(text):
            return None
        for match in self._others.finditer(text):
            if self._after.match(match["after"]) or self._before.search(text[: match.start()]):
                continue
            return match["place"]
        return None


def _either(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
