"""Work around a model that is done where the model is: a coroutine function that is named, not sent.

A job gets a way to ask the model and one input, and gives back plain data: `async def job(read, one)`, where `await read(input)`
is the model's output for one input. Its name is `module:function`, and comes from the hub's own code, never from a caller. So what
belongs to one page (lifting its seals, reading it, looking for signatures) runs in the process that reads the page, and `models/`
need not know what it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Read = Callable[[Any], Awaitable[Any]]
Job = Callable[[Read, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Payload of a `Prepared` input that a job is to be done for."""

    job: str
    input: Any


def job_named(name: str) -> Job:
    """The function behind `module:function`. Raises ImportError, AttributeError."""
    module, _, function = name.partition(":")
    found: Job = getattr(import_module(module), function)
    return found
