"""What callers hold instead of a model: `await handle.call(inputs)`.

A local handle runs the model in this process, another could run the same class elsewhere; callers can't tell which. A
handle that the host gives out for a name or an alias finds the loaded version anew at each call, so a swap needs no word
to its holders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that one call spent in each stage. `infer` is the time of the batch that finished it last."""

    prepare: float
    queue: float
    infer: float


@dataclass(frozen=True, slots=True)
class CallResult:
    """Outputs in the order of the inputs, the version that made them, and where the time went."""

    outputs: list[Any]
    model: str
    version: str
    timing: Timing


class Handle(Protocol):
    """The one way to use a model."""

    @property
    def task(self) -> str:
        """Name of the task in `models.tasks.TASKS`."""
        ...

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        """Run the model on `inputs` (the task's input type).

        Raises:
            Invalid: an input can't be used.
            TooManyRequests: the queue is full; carries retry_after.
            ModelFailed: the model raised on this request.
            Unavailable: no version of the model is loaded.
        """
        ...


class JobHandle(Handle, Protocol):
    """A handle that also has work done around the model, where the model is."""

    async def run(self, job: str, inputs: Sequence[Any]) -> CallResult:
        """What the job (`module:function`, see `models.jobs`) makes of each input. Raises as `call`, and what the job raises.

        Raises:
            ModelFailed: also `model_too_slow` and `model_worker_lost`: the input is at fault, another may do.
        """
        ...
