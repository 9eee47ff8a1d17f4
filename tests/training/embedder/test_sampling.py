"""What a step takes: what is right is never a negative, and the same number gives the same step."""

from collections.abc import Callable

import torch

from training.embedder.pairs import TrainingData
from training.embedder.sampling import Sampler, Texts


def test_what_is_right_is_never_a_negative(small: TrainingData, texts: Texts, sampler: Callable[[], Sampler]) -> None:
    drawing = sampler()
    by_number = {number: text for (_, text), number in texts.known.items()}
    pairs = {pair.question: pair for pair in (*small.pairs, *small.beir)}
    beir = library = 0
    for number in range(80):
        step = drawing.step(number)
        beir, library = beir + (not step.routes), library + bool(step.routes)
        against = [*step.answers, *step.negatives]
        for row, question in enumerate(step.questions):
            pair = pairs[by_number[question]]
            right = {*pair.answers, *small.names.get(pair.item, ())}
            for column, text in enumerate(against):
                if column != row and by_number[text] in right:
                    assert step.forbidden[row, column], (pair.question, by_number[text])
            assert not step.forbidden[row, row]
    assert beir
    assert library


def test_the_same_number_gives_the_same_step(sampler: Callable[[], Sampler]) -> None:
    first, second = (sampler().step(7) for _ in range(2))
    assert first.questions == second.questions
    assert first.negatives == second.negatives
    assert torch.equal(first.forbidden, second.forbidden)
