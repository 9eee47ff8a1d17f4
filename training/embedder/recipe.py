"""Train the upper layers: contrastive over pairs with mined hard negatives, with the routes and elements told apart beside it.

A step takes questions of the library or of a BEIR set. Each has a text that answers it and one that doesn't but looks it: another
section of the same guide, the same section of a near guide, or the name of something near. The rest of the batch are negatives too,
except what would be right as well (InfoNCE with a temperature, van den Oord et al. 2018; false negatives masked as in Qu et al.
2021, RocketQA). Two linear heads over the questions' vectors learn routes and elements, and are thrown away: the product trains
its own over the finished vectors.

Every `SAVE_EVERY` steps the whole state is written by rename; a training that was killed goes on from there and ends with the same
weights as one that wasn't, since a step's random choices come from the seed and the step's number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.embedder.network import States, Upper
from training.embedder.sampling import Config, Sampler

Weights = NDArray[np.float32]
SAVE_EVERY = 50
SCALE = 20.0
"""Centred vectors of this embedder are about 0.3 long: scaled, the heads learn at one pace."""


def moved(before: Mapping[str, Weights], after: Mapping[str, Weights], share: float) -> dict[str, Weights]:
    """`before` with each weight moved `share` (0..1) of the way to `after`."""
    return {name: (before[name] + share * (values - before[name])).astype(np.float32) for name, values in after.items()}


class Trainer:
    """One training: network, heads, optimiser and the step that comes next."""

    def __init__(self, upper: Upper, states: States, sampler: Sampler, config: Config, data_hash: str) -> None:
        torch.manual_seed(config.seed)
        self.upper, self.states, self.sampler, self.config = upper, states, sampler, config
        self.key = hashlib.sha256(json.dumps([asdict(config), data_hash], sort_keys=True).encode()).hexdigest()
        hidden = states.vectors.shape[1]
        self.route_head = nn.Linear(hidden, len(sampler.route_names))
        self.element_head = nn.Linear(hidden, max(1, len(sampler.element_names)))
        for head in (self.route_head, self.element_head):
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)
        self.middle = torch.from_numpy(states.vectors.mean(axis=0))
        learnt = [
            {"params": list(upper.parameters()), "lr": config.rate},
            {"params": [*self.route_head.parameters(), *self.element_head.parameters()], "lr": 3e-3},
        ]
        self.optimiser = torch.optim.AdamW(learnt, weight_decay=0.01)
        self.rates = [float(group["lr"]) for group in self.optimiser.param_groups]
        self.next_step = 0

    def run(self, folder: Path, progress: Callable[[int, int, float], None]) -> None:
        """Train to the last step, from what `folder` has of the same config and data. `progress(step, steps, loss)`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._resume(folder / "state.pt")
        self.upper.train()
        while self.next_step < self.config.steps:
            loss = self._step()
            self.next_step += 1
            if self.next_step % SAVE_EVERY == 0 or self.next_step == self.config.steps:
                self._save(folder / "state.pt")
            progress(self.next_step, self.config.steps, loss)
        self.upper.eval()

    def _step(self) -> float:
        number = self.next_step
        torch.manual_seed(self.config.seed * 1_000_003 + number)
        pace = min(1.0, (number + 1) / self.config.warm_up) * max(0.02, 1 - number / self.config.steps)
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate * pace
        step = self.sampler.step(number)
        count = len(step.questions)
        asked = self._vectors([*step.questions, *step.extra])
        told = self._vectors([*step.answers, *step.negatives])
        loss = self._contrast(asked[:count], told, step.forbidden)
        if step.routes:
            rows = (asked - self.middle) * SCALE
            loss = loss + self.config.routes_weight * functional.cross_entropy(
                self.route_head(rows), torch.tensor(step.routes)
            )
            if any(element >= 0 for element in step.elements):
                loss = loss + self.config.elements_weight * functional.cross_entropy(
                    self.element_head(rows[:count]), torch.tensor(step.elements)
                )
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.upper.parameters(), 1.0)
        self.optimiser.step()
        return float(loss.detach())

    def _contrast(self, asked: Tensor, told: Tensor, forbidden: Tensor) -> Tensor:
        count = len(asked)
        target = torch.arange(count)
        forward = (asked @ told.T / self.config.temperature).masked_fill(forbidden, -1e4)
        back = (told[:count] @ asked.T / self.config.temperature).masked_fill(forbidden[:, :count].T, -1e4)
        loss: Tensor = functional.cross_entropy(forward, target)
        return loss + self.config.backward * functional.cross_entropy(back, target)

    def _vectors(self, texts: Sequence[int]) -> Tensor:
        found: Tensor = self.upper(*self.states.batch(texts))
        return found

    def _parts(self) -> dict[str, Any]:
        return {
            "upper": self.upper,
            "routes": self.route_head,
            "elements": self.element_head,
            "optimiser": self.optimiser,
        }

    def _save(self, path: Path) -> None:
        state = {name: part.state_dict() for name, part in self._parts().items()}
        partial = path.with_suffix(".partial")
        torch.save({"key": self.key, "next_step": self.next_step, **state}, partial)
        partial.replace(path)

    def _resume(self, path: Path) -> None:
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        if state["key"] != self.key:
            return  # of another config or other data: begun anew
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.next_step = int(state["next_step"])
