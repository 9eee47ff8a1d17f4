"""How long papers are kept: days per kind, from `retention.yaml`."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge_base.reading import ContentInvalid, load_yaml, read_file, validation_faults

FILE = Path(__file__).parent / "retention.yaml"

Days = Annotated[float, Field(gt=0, le=36_500)]


class Retention(BaseModel):
    """Days that a paper is kept, by whose it is.

    Attributes:
        anonymous: handed in without a key.
        key: handed in with a key, for no submission.
        submission: for a submission, unless that sets a term of its own (`DocumentService.keep_submission`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    anonymous: Days
    key: Days
    submission: Days

    def until(self, since: datetime, *, owned: bool, submission_id: str | None) -> datetime:
        """When a paper that was handed in at `since` is removed."""
        days = self.key if owned else self.anonymous
        if submission_id is not None:
            days = self.submission
        return since + timedelta(days=days)


def read_retention(file: Path = FILE) -> Retention:
    """The terms. Raises ContentInvalid with every fault's place."""
    try:
        return Retention.model_validate(load_yaml(read_file(file), source=file.name))
    except ValidationError as error:
        raise ContentInvalid(file.name, validation_faults(error)) from None
