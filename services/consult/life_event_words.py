"""life_events.yaml: the words that mean a whole life event (一件事), the figures that decide, the bot's own sentences."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from core.errors import HubError
from knowledge_base.terms import Element
from services.consult.policy import Pattern

FILE = Path(__file__).resolve().parent / "life_events.yaml"
Sentence = Literal["which", "whole", "applies", "purposes", "together", "missing", "nothing", "next"]


class LifeEventWords(BaseModel):
    """The file as it is; its own comments say what the fields mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    strong: tuple[Pattern, ...]
    weak: tuple[Pattern, ...]
    least_score: float
    strong_from: float
    weak_from: float
    weak_asks_from: float
    bare_asks_from: float
    single: frozenset[Element]
    single_from: float
    say: dict[Sentence, str]

    def told(self, sentence: Sentence, **words: object) -> str:
        """A sentence with its words filled in."""
        return self.say[sentence].format(**words)


@cache
def life_event_words() -> LifeEventWords:
    """The file, checked. Raises HubError (`policy_invalid`) that names the file and what is wrong."""
    try:
        return LifeEventWords.model_validate(YAML(typ="safe").load(FILE.read_text(encoding="utf-8")))
    except (YAMLError, ValidationError) as error:
        raise HubError(f"{FILE.name} 有错误：{error}", code="policy_invalid") from None
