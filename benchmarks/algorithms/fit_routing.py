"""Fit the temperature of ticket routing on the development half of the messages: `python -m benchmarks.algorithms.fit_routing`."""

from __future__ import annotations

import asyncio

import numpy as np

from benchmarks.algorithms.routing import _read, read_messages
from services.algorithms.ticket_routing.routing import Ticket, category_scores, confidences, policy
from training.written import is_dev


def main() -> None:
    """Print the temperature of the least log loss, and how sure is sure enough."""
    messages = [one for one in read_messages() if is_dev(one["id"])]
    gold = np.array([policy().categories.index(one["label"]) for one in messages])
    reads, _ = asyncio.run(_read([Ticket(title=one["title"][:200], text=one["text"]) for one in messages]))
    scores = [category_scores(read, policy()) for read in reads]
    rows = np.arange(len(gold))
    losses = {}
    for temperature in np.arange(0.6, 8.0, 0.1):
        chances = np.array([confidences(one, float(temperature)) for one in scores])
        losses[float(temperature)] = -np.log(chances[rows, gold] + 1e-9).mean()
    best = min(losses, key=lambda one: losses[one])
    chances = np.array([confidences(one, best) for one in scores])
    print(
        f"temperature {best:.1f}, log loss {losses[best]:.3f} (at 1.0 {losses[min(losses, key=lambda t: abs(t - 1))]:.3f})"
    )
    for certain in (0.6, 0.7, 0.8, 0.9):
        sure = chances.max(1) >= certain
        print(
            f"from {certain}: {sure.mean():.2f} of the messages, {(chances.argmax(1) == gold)[sure].mean():.3f} right"
        )


if __name__ == "__main__":
    main()
