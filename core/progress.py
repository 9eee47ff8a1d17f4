"""Show how far a long job is: bars on a terminal, one line per step elsewhere (logs of CI)."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class StepBars:
    """A bar for each step, to be used with `with`. It is what `models.build` and the trainings tell how far they are."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(file=sys.stderr)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def step(self, description: str, done: float, total: float) -> None:
        """`done` of `total` of the step called `description`."""
        task = self._tasks.get(description)
        if task is None:
            task = self._tasks[description] = self._bars.add_task(description, total=total)
            if not self.console.is_terminal:
                self.console.print(f"· {description}", highlight=False)
        self._bars.update(task, completed=done, total=total)
