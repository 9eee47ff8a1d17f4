"""The consult pipeline: a list of steps over one context, and one way to stop early.

A step takes the `Consultation`, adds what it finds out, and returns None to go on or a `Draft` to stop: that is the
answer. What stands in `closing` (verify, record) runs on every answer, however early it was made. An exception
(core.errors) ends the message without an answer and without a record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from services.consult.consultation import Consultation, Draft

Step = Callable[[Consultation], Awaitable[Draft | None]]
Closing = Callable[[Consultation], Awaitable[None]]


class Pipeline:
    """Runs `steps` until one answers, then all of `closing`."""

    def __init__(self, steps: Sequence[Step], closing: Sequence[Closing]) -> None:
        self._steps = tuple(steps)
        self._closing = tuple(closing)

    async def run(self, consultation: Consultation) -> Draft:
        """The verified draft. Raises RuntimeError if no step answers: the last one has to."""
        for step in self._steps:
            draft = await step(consultation)
            if draft is not None:
                consultation.draft = draft
                break
        if consultation.draft is None:
            raise RuntimeError("no step of the consult pipeline answered")
        for closing in self._closing:
            await closing(consultation)
        return consultation.draft
