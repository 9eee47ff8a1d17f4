"""Training a head: on made-up vectors, and what the shipped ones are trained on."""

import json

import numpy as np

from models.build.consult_heads import HEADS
from training.head_sentences import element_sentences, route_sentences
from training.linear_head import STEPS, by_folds, fitted
from training.written import is_dev


def clusters(count=60):
    draw = np.random.default_rng(1)
    labels = np.arange(count) % 3
    vectors = np.eye(8)[labels] + 0.2 * draw.normal(size=(count, 8))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.eye(3)[labels]


def test_it_learns_and_is_the_same_twice():
    vectors, wanted = clusters()
    first, second = fitted(vectors, wanted, 0.01, STEPS), fitted(vectors, wanted, 0.01, STEPS)
    assert (first.chances(vectors).argmax(1) == wanted.argmax(1)).mean() > 0.95
    assert (first.weights == second.weights).all()


def test_a_group_is_judged_by_a_head_that_has_not_seen_it():
    vectors, wanted = clusters()
    # Every label of one group is wrong; a head that had seen the group would agree with it.
    groups = [f"g{number % 10}" for number in range(len(vectors))]
    spoiled = wanted.copy()
    own = np.array([group == "g3" for group in groups])
    spoiled[own] = np.roll(spoiled[own], 1, axis=1)
    chances = by_folds(vectors, spoiled, groups, 0.01, STEPS)
    assert (chances[own].argmax(1) == wanted[own].argmax(1)).mean() > 0.8


def test_only_the_development_half_is_read(library):
    for sentence in element_sentences(library):
        assert is_dev(sentence.group)
        assert abs(sum(sentence.labels.values()) - 1) < 1e-9
    labels = {label for sentence in route_sentences(library) for label in sentence.labels}
    written = json.loads((HEADS / "consult-route" / "2" / "head.json").read_text(encoding="utf-8"))
    assert set(written["labels"]) == labels
