"""What page care decides by, as settings.yaml says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from knowledge_base.reading import load_yaml, read_file

FILE = Path(__file__).with_name("settings.yaml")
Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SealSettings(_Strict):
    """See settings.yaml. Sizes are shares of the page's longer side."""

    redder: Annotated[float, Field(gt=0, le=255)]
    hue: Share
    paper_window: Annotated[int, Field(ge=3, le=255)]
    join: Share
    least_size: Share
    most_size: Share
    longest: Annotated[float, Field(ge=1)]
    least_ink: Share
    most_ink: Share
    least_ring: Share
    least_text: Share
    least_red: Share
    colourless: Annotated[float, Field(ge=0, le=255)]
    votes: Annotated[float, Field(gt=0)]
    most_copy: Share
    least_ring_copy: Share
    most_outside: Share
    least_inside: Share

    @field_validator("paper_window")
    @classmethod
    def _odd(cls, window: int) -> int:
        if window % 2 == 0:
            raise ValueError("paper_window 应为奇数")
        return window


class QualitySettings(_Strict):
    """See settings.yaml and `quality.Signs`."""

    least_light: Annotated[float, Field(ge=0, le=255)]
    most_glare: Share
    sharp_all_the_same: Annotated[float, Field(ge=0)]
    least_side: Annotated[int, Field(ge=1)]
    least_letters: Annotated[float, Field(ge=0)]
    least_sharpness: Annotated[float, Field(ge=0)]
    most_cut: Share


class SignatureSettings(_Strict):
    """See settings.yaml. In heights of the label's line."""

    reach: Annotated[float, Field(gt=0)]
    earlier: Annotated[float, Field(ge=0)]
    above: Annotated[float, Field(ge=0)]
    below: Annotated[float, Field(ge=0)]
    darkness: Share
    gap: Annotated[float, Field(gt=0)]
    least_height: Annotated[float, Field(gt=0)]
    least_width: Annotated[float, Field(gt=0)]
    least_ink: Share


class Settings(_Strict):
    """The file."""

    seals: SealSettings
    quality: QualitySettings
    signatures: SignatureSettings


@cache
def load_settings(path: Path = FILE) -> Settings:
    """Raises ContentInvalid or pydantic's ValidationError if the file is wrong: it is part of the program."""
    return Settings.model_validate(load_yaml(read_file(path), source=path.name))
