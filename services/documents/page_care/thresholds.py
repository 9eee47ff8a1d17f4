"""What page care decides by: `thresholds.yaml`, checked as it is read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from knowledge_base.reading import load_yaml, read_file


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SealThresholds(_Part):
    """Shares are of angles or of pixels, radii of the seal's own; sizes are of the page's longer side."""

    least_radius: float
    most_radius: float
    least_roundness: float
    round_from: float
    ink: float
    red: float
    red_share: float
    ring: float
    grey_ring: float
    least_fill: float
    most_fill: float
    most_gap: float
    most_middle: float
    grey_middle: float
    least_changes: int
    square_outline: float


class QualityThresholds(_Part):
    """See the file."""

    least_side: int
    dark_paper: float
    burnt: float
    burnt_share: float
    shaded_share: float
    enough_lines: int
    sharpness: float
    cut_share: float
    paper_beside: float
    desk_step: float
    least_ink: float
    sure_line: float
    sure_lines: int


class SignatureThresholds(_Part):
    """In heights of the label's line."""

    reach: float
    earlier: float
    above: float
    below: float
    darkness: float
    gap: float
    least_height: float
    least_width: float
    least_ink: float


class Thresholds(_Part):
    """All of them."""

    seals: SealThresholds
    quality: QualityThresholds
    signatures: SignatureThresholds


@cache
def thresholds() -> Thresholds:
    """The file beside this one. Raises pydantic's ValidationError where it isn't what is expected."""
    path = Path(__file__).parent / "thresholds.yaml"
    return Thresholds.model_validate(load_yaml(read_file(path), source=path.name))
