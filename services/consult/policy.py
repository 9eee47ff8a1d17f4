"""The bot's policy: routes, places, words and texts, read from the YAML files beside this module and checked.

A typo in a file is found at start, with the file and the field, not by a citizen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from core.errors import HubError
from knowledge_base.terms import ITEM_ELEMENTS, Element
from services.consult.schemas import Status

FOLDER = Path(__file__).resolve().parent


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"正则表达式写错了：{error}") from None
    return pattern


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_compiles)]
Word = Annotated[str, Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RouteEntry(_Entry):
    """One entry of routes.yaml; the file's head says what the fields mean."""

    name: str
    status: Status
    text: str
    when: tuple[Pattern, ...] = ()
    unless: tuple[Pattern, ...] = ()
    whole: bool = False
    place: bool = False
    unanswered: bool = False
    buttons: str | None = None
    person: bool = False
    least: float = 0.0


class PlacesEntry(_Entry):
    """places.yaml."""

    ours: tuple[Word, ...]
    origin_after: tuple[Word, ...]
    origin_before: tuple[Word, ...]
    others: dict[str, tuple[Word, ...]]


class ElementEntry(_Entry):
    """One element of elements.yaml."""

    ask: str
    sections: tuple[Element, ...]
    cues: tuple[Pattern, ...]
    weak: bool = False


class ActionEntry(_Entry):
    """One action of elements.yaml: what is done with a licence. `words` and `hints` tell it in a message, `names` in
    an item."""

    names: tuple[Word, ...]
    words: tuple[Pattern, ...]
    hints: tuple[Pattern, ...] = ()


class ElementsEntry(_Entry):
    """elements.yaml."""

    elements: dict[Element, ElementEntry]
    overview: tuple[Element, ...]
    actions: dict[str, ActionEntry]
    fillers: tuple[Pattern, ...]
    documents: tuple[Word, ...]
    common: tuple[Word, ...]


class ElsewhereEntry(_Entry):
    """Where to go with a matter that the library doesn't hold."""

    matter: str
    where: str
    when: tuple[Word, ...]


class HotEntry(_Entry):
    """A question to start with."""

    item: str
    element: Element


class TextsEntry(_Entry):
    """texts.yaml."""

    say: dict[str, str]
    hot: tuple[HotEntry, ...]
    elsewhere: tuple[ElsewhereEntry, ...]


class MeansEntry(_Entry):
    """What people say, and the words of the guides that it means."""

    says: Pattern
    means: Word


class MeaningEntry(_Entry):
    """How answers told in other words are read; situations.yaml says what the fields mean."""

    told_from: float
    weights: dict[str, float]
    reply_from: float
    reply_lead: float
    reply_longest: Annotated[int, Field(ge=1)]
    reply_weights: dict[str, float]
    asks: Pattern


class SituationsEntry(_Entry):
    """situations.yaml: the file's head says what the fields mean."""

    most: Annotated[int, Field(ge=0, le=9)]
    quiet: tuple[Word, ...]
    option_from: float
    supposed_from: float
    option: dict[str, float]
    meaning: MeaningEntry
    means: tuple[MeansEntry, ...]
    common: tuple[Word, ...]
    agent: Pattern
    person: Pattern
    yes: Pattern
    no: Pattern
    unsure: Pattern
    back: Pattern
    skip: Pattern


class DecidingEntry(_Entry):
    """deciding.yaml: the figures that decide; the file's head says what they mean."""

    fitted_over: Annotated[tuple[str, ...], Field(min_length=1)]
    action: float
    other_action: float
    unasked_action: float
    close: float
    right_from: float
    held_from: float
    near_from: float
    directory_named: float
    route_from: float
    route_rather: float
    element_share: float
    element_least: float
    line_from: float
    faq_from: float
    faq_near: float
    elements_most: Annotated[int, Field(ge=1, le=5)]
    right: dict[str, float]
    held: dict[str, float]
    element: dict[str, float]
    further: dict[str, float]
    further_from: float
    further_most: Annotated[int, Field(ge=0, le=5)]
    stay_from: float
    goes_on_from: float
    goes_on_least: float
    stay: dict[str, float]
    goes_on: dict[str, float]


class _Routes(RootModel[tuple[RouteEntry, ...]]):
    pass


@dataclass(frozen=True, slots=True)
class Policy:
    """All of it."""

    routes: tuple[RouteEntry, ...]
    places: PlacesEntry
    words: ElementsEntry
    texts: TextsEntry
    deciding: DecidingEntry
    situations: SituationsEntry

    def say(self, key: str, **values: str) -> str:
        """The text of texts.yaml under `key`, filled in. Values are never read as templates."""
        return self.texts.say[key].format_map(values)


M = TypeVar("M", bound=BaseModel)


def _read(folder: Path, name: str, kind: type[M]) -> M:
    try:
        data = YAML(typ="safe").load((folder / name).read_text(encoding="utf-8"))
    except YAMLError as error:
        raise HubError(f"{name} 不是合法的 YAML:{error}", code="policy_invalid") from None
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise HubError(f"{name} 的 {where} 不对：{first['msg']}", code="policy_invalid") from None


def load_policy(folder: Path = FOLDER) -> Policy:
    """Read and check the policy files in `folder`.

    Raises:
        HubError: code `policy_invalid`; names the file and the field.
    """
    policy = Policy(
        routes=_read(folder, "routes.yaml", _Routes).root,
        places=_read(folder, "places.yaml", PlacesEntry),
        words=_read(folder, "elements.yaml", ElementsEntry),
        texts=_read(folder, "texts.yaml", TextsEntry),
        deciding=_read(folder, "deciding.yaml", DecidingEntry),
        situations=_read(folder, "situations.yaml", SituationsEntry),
    )
    for route in policy.routes:
        if route.text not in policy.texts.say:
            raise HubError(
                f"routes.yaml 的 {route.name}:texts.yaml 里没有 {route.text} 这段话。", code="policy_invalid"
            )
    missing = set(ITEM_ELEMENTS) - set(policy.words.elements)
    if missing:
        raise HubError(f"elements.yaml 缺少要素 {', '.join(sorted(missing))}。", code="policy_invalid")
    return policy
