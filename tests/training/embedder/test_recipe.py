"""Training on a made-up encoder of two layers: it learns, and goes on after being killed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.build.e5_weights import E5Weights
from training.embedder.network import States, Upper
from training.embedder.pairs import TrainingData
from training.embedder.recipe import Trainer, moved
from training.embedder.sampling import Config, Sampler, Texts

Making = Callable[..., Trainer]


@pytest.fixture
def trainer(small: TrainingData, texts: Texts, states: States, encoder: E5Weights, config: Config) -> Making:
    def make(**changes: float) -> Trainer:
        torch.manual_seed(0)
        wanted = replace(config, **changes)
        return Trainer(Upper(encoder, wanted.first), states, Sampler(small, texts, states, wanted), wanted, "hash")

    return make


def test_it_learns(trainer: Making, tmp_path: Path) -> None:
    learning = trainer(steps=60, dropout=0.0)
    before = learning.upper.weights()["l1.q.w"].copy()
    losses: list[float] = []
    learning.run(tmp_path, lambda step, steps, loss: losses.append(loss))
    assert len(losses) == 60
    assert np.isfinite(losses).all()
    assert np.mean(losses[-15:]) < 0.8 * np.mean(losses[:15])
    assert not np.array_equal(before, learning.upper.weights()["l1.q.w"])


def test_a_training_that_was_killed_ends_as_one_that_was_not(
    trainer: Making, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.embedder.recipe.SAVE_EVERY", 5)

    class Killed(Exception):
        pass

    def killer(step: int, steps: int, loss: float) -> None:
        if step == 8:
            raise Killed

    whole = trainer()
    whole.run(tmp_path / "whole", lambda *_: None)
    with pytest.raises(Killed):
        trainer().run(tmp_path / "killed", killer)
    again = trainer()
    steps: list[int] = []
    again.run(tmp_path / "killed", lambda step, *_: steps.append(step))
    assert steps == [6, 7, 8, 9, 10, 11, 12]
    for name, values in whole.upper.weights().items():
        assert np.array_equal(values, again.upper.weights()[name]), name


def test_the_state_of_another_training_is_not_gone_on_from(trainer: Making, tmp_path: Path) -> None:
    trainer().run(tmp_path, lambda *_: None)
    steps: list[int] = []
    trainer(seed=2).run(tmp_path, lambda step, *_: steps.append(step))
    assert steps[0] == 1


def test_weights_are_moved_a_share_of_the_way() -> None:
    before, after = {"a": np.float32([1, 2])}, {"a": np.float32([2, 0])}
    assert moved(before, after, 0.5)["a"].tolist() == [1.5, 1]
    assert moved(before, after, 1)["a"].tolist() == [2, 0]
