"""What submissions are handled by: policy.yaml, checked as it is read."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.policy_files import read_policy_file

FILE = Path(__file__).resolve().parent / "policy.yaml"

Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=1, le=36_500)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Risk(_Part):
    """How much each open finding adds."""

    defect: Share
    undetermined: Share
    unknown: Share

    def of(self, defects: int, undetermined: int) -> float:
        """0..1 of a case with a report."""
        left = float((1 - self.defect) ** defects * (1 - self.undetermined) ** undetermined)
        return round(1 - left, 4)


class Policy(_Part):
    """See the file."""

    notice_working_days: Days
    claim_minutes: Annotated[int, Field(ge=1, le=1_440)]
    most_papers: Annotated[int, Field(ge=1, le=1_000)]
    draft_days: Days
    kept_days: Days
    running_days: Days
    repeat_hours: Annotated[int, Field(ge=1, le=720)]
    check_attempts: Annotated[int, Field(ge=1, le=20)]
    within: Annotated[str, Field(min_length=1, max_length=300)]
    risk: Risk

    @property
    def claim(self) -> timedelta:
        """How long a claim holds."""
        return timedelta(minutes=self.claim_minutes)


@cache
def load_policy(file: Path = FILE) -> Policy:
    """Raises HubError (`policy_invalid`)."""
    return read_policy_file(file, Policy)
