"""When a conversation goes to a person, how the queue is kept, and what is said: rules.yaml, read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.policy_files import read_policy_file
from services.consult.desk.contract import Reason

FILE = Path(__file__).resolve().parent / "rules.yaml"

Spoken = Literal[
    "waiting",
    "waiting_first",
    "callback",
    "attended",
    "given_back",
    "closed",
    "left",
    "requeued",
    "no_one_left",
    "expired",
    "phone_kept",
    "called",
]
"""Every text of `say`; one that is missing in the file is found at start."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"正则表达式写错了：{error}") from None
    return pattern


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HandOver(_Entry):
    """When a person takes over."""

    failures: Annotated[int, Field(ge=1, le=20)]
    words: tuple[Annotated[str, Field(min_length=1), AfterValidator(_compiles)], ...]
    items: tuple[str, ...]


class Queue(_Entry):
    """How the queue is kept; seconds and counts."""

    clerk_gone_seconds: Annotated[int, Field(ge=30)]
    citizen_gone_seconds: Annotated[int, Field(ge=60)]
    most_at_once: Annotated[int, Field(ge=1)]
    longest_message: Annotated[int, Field(ge=1, le=20_000)]


class Live(_Entry):
    """Streams of events."""

    per_session: Annotated[int, Field(ge=1)]
    in_all: Annotated[int, Field(ge=1)]
    heartbeat_seconds: Annotated[float, Field(gt=0, le=60)]


class RulesFile(_Entry):
    """rules.yaml; the file's head says what the fields mean."""

    hand_over: HandOver
    queue: Queue
    live: Live
    say: dict[Spoken, str]

    def model_post_init(self, _: object) -> None:
        """Every text is there."""
        if missing := set(Spoken.__args__) - set(self.say):  # type: ignore[attr-defined]
            raise ValueError(f"say 缺少 {'、'.join(sorted(missing))}")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules, ready to be asked. See `contract.PersonRules`."""

    file: RulesFile
    _words: re.Pattern[str]

    @classmethod
    def of(cls, file: RulesFile) -> Rules:
        """The rules of a file that has been read."""
        # A pattern that never fits stands for no patterns.
        return cls(file, re.compile("|".join(f"(?:{word})" for word in file.hand_over.words) or r"(?!)"))

    @property
    def failures(self) -> int:
        """So many messages in a row without an answer call for a person."""
        return self.file.hand_over.failures

    def reason(self, text: str, *, item_id: str | None = None) -> Reason | None:
        """What was asked for outright comes first, then what a rule wants."""
        if self._words.search(text.lower()):
            return "asked"
        if item_id is not None and item_id in self.file.hand_over.items:
            return "rule"
        return None

    def say(self, key: Spoken, **values: str) -> str:
        """A text of the file, filled in. Values are never read as templates."""
        return self.file.say[key].format_map(values)


def load_rules(file: Path = FILE) -> Rules:
    """Read and check rules.yaml. Raises HubError (`policy_invalid`), naming the file and the field."""
    return Rules.of(read_policy_file(file, RulesFile))
