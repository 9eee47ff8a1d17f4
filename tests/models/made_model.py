"""A model for tests of workers: it does what its input says. Loaded by workers by its name."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import Invalid
from models.model import Model, Prepared


class MadeModel(Model[Any, Any]):
    """Inputs: an array (its sum), or words: `pid`; `version`; `die`; `hang`; `raise`; `refuse`; `once PATH`: hangs, but not if
    PATH is there already, which then holds the process that hangs."""

    apart = True
    max_batch_cost = 1
    max_batch_items = 1

    def load(self) -> None:
        if (self.config.folder / "broken").exists():
            raise Invalid("这个模型坏了。", code="made_broken")

    def prepare(self, inputs: Sequence[Any]) -> list[Prepared]:
        return [Prepared(one, 1) for one in inputs]

    def infer(self, batch: Sequence[Prepared]) -> list[Any]:
        return [self._do(one.payload) for one in batch]

    def _do(self, what: Any) -> Any:
        if isinstance(what, np.ndarray):
            return int(what.sum())
        match what.split():
            case ["pid"]:
                return os.getpid()
            case ["version"]:
                return self.config.version
            case ["die"]:
                os._exit(9)
            case ["hang"]:
                hang()
            case ["once", path]:
                if not Path(path).exists():
                    Path(f"{path}.new").write_text(str(os.getpid()), encoding="ascii")
                    Path(f"{path}.new").rename(path)
                    hang()
                return "done"
            case ["raise"]:
                raise ValueError("张三 310107199001010002")
            case ["refuse"]:
                raise Invalid("图像太小。", code="image_too_small")
        raise AssertionError(what)

    def describe(self) -> dict[str, Any]:
        return {"made": True, "threads": self.config.threads}


def hang() -> None:
    while True:
        time.sleep(1)


async def twice(read: Callable[[Any], Awaitable[Any]], one: Any) -> tuple[int, Any, Any]:
    """A job: reads twice, and says where it ran."""
    return os.getpid(), await read(one), await read(one)
