"""What is truly on a page, as it is kept beside the image."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Quad = list[list[float]]
"""Four corners (x, y) clockwise from the text's own top left. On a sheet in pixels, on a finished page 0..1 of the image."""


@dataclass
class TrueLine:
    """A printed line. `under`: "seal", "watermark" or "" – what lies over it."""

    text: str
    quad: Quad
    under: str = ""


@dataclass
class TrueField:
    """A field: its normalised value, what is printed, and where. `printed`: False if it stands in the seal only."""

    value: str
    raw: str
    quads: list[Quad] = field(default_factory=list)
    printed: bool = True


@dataclass
class TrueMark:
    """A seal (`text`: along its rim) or a signature (`text`: the name)."""

    text: str
    quad: Quad
    shape: str = ""


@dataclass
class TruePaper:
    """One paper on a page; `quad` is its outline."""

    kind: str
    layout: str
    quad: Quad
    fields: dict[str, TrueField]


@dataclass
class TruePage:
    """A finished page. `rotation`: degrees counter-clockwise that it has to be turned to stand upright. `faults`: why it can't
    be read, empty for a good photo. `level`: clean, degraded or bad; `marred`: what was done to it."""

    file: str
    half: str
    level: str
    marred: list[str]
    width: int
    height: int
    rotation: int
    faults: list[str]
    papers: list[TruePaper]
    lines: list[TrueLine]
    seals: list[TrueMark]
    signatures: list[TrueMark]

    @property
    def kind(self) -> str:
        """The kind of its only (or first) paper."""
        return self.papers[0].kind if self.papers else "none"

    def write(self, path: Path) -> None:
        """As JSON."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> TruePage:
        """From JSON."""
        row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        row["papers"] = [
            TruePaper(
                paper["kind"],
                paper["layout"],
                paper["quad"],
                {name: TrueField(**one) for name, one in paper["fields"].items()},
            )
            for paper in row["papers"]
        ]
        row["lines"] = [TrueLine(**one) for one in row["lines"]]
        row["seals"] = [TrueMark(**one) for one in row["seals"]]
        row["signatures"] = [TrueMark(**one) for one in row["signatures"]]
        return cls(**row)


def pages(folder: Path) -> list[TruePage]:
    """All pages of a folder, by name."""
    return [TruePage.read(path) for path in sorted(folder.glob("*.json"))]
