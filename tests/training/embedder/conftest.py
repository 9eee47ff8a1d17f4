"""A made-up encoder of two layers, and data small enough to train it in a moment."""

from collections.abc import Callable

import numpy as np
import pytest

from models.build.e5_weights import E5Weights, Pieces, Shape, quantised
from training.embedder.network import States, lower_states
from training.embedder.pairs import Pair, TrainingData
from training.embedder.sampling import Config, Sampler, Texts

HIDDEN, WIDE, WORDS = 32, 64, 40


@pytest.fixture(scope="session")
def encoder() -> E5Weights:
    draw = np.random.default_rng(3)
    shape = Shape(HIDDEN, 2, 2, WIDE, WORDS, 16, 1, 1e-12)
    matrices, floats = {}, {}
    for layer in range(2):
        for key in ("q", "k", "v", "ao", "fi", "fo"):
            rows, columns = {"fi": (WIDE, HIDDEN), "fo": (HIDDEN, WIDE)}.get(key, (HIDDEN, HIDDEN))
            matrices[f"l{layer}.{key}.w"] = quantised(draw.normal(0, 0.2, (rows, columns)).astype(np.float32))
            floats[f"l{layer}.{key}.b"] = draw.normal(0, 0.02, rows).astype(np.float32)
        for key in ("aln", "oln"):
            floats[f"l{layer}.{key}.w"] = np.ones(HIDDEN, np.float32)
            floats[f"l{layer}.{key}.b"] = np.zeros(HIDDEN, np.float32)
    floats |= {"emb.ln.w": np.ones(HIDDEN, np.float32), "emb.ln.b": np.zeros(HIDDEN, np.float32)}
    floats["emb.pos"] = draw.normal(0, 0.1, (16, HIDDEN)).astype(np.float32)
    floats["emb.type"] = np.zeros((1, HIDDEN), np.float32)
    pieces = Pieces([], np.zeros(0, np.float32), 0, 2, 1, 3, {})
    return E5Weights(shape, pieces, matrices, floats)


@pytest.fixture(scope="session")
def config() -> Config:
    return Config(first=1, steps=12, rate=1e-3, warm_up=2, batch=6, beir_batch=4, routes=3)


@pytest.fixture(scope="session")
def small() -> TrainingData:
    """Eight items of two sections each, asked for twice each; a set of ten documents."""
    sections = {f"item{one}": {"overview": f"概{one}", "fee": f"费{one}"} for one in range(8)}
    pairs = [
        Pair(f"问{one}{element}{again}", (text,), item, (element,) if element == "fee" else (), "asked")
        for one, (item, own) in enumerate(sections.items())
        for element, text in own.items()
        for again in range(2)
    ]
    names = {item: (f"名{item}", f"别名{item}") for item in sections}
    beir = tuple(Pair(f"法{one}", (f"条{one}",), "", (), "laws") for one in range(6))
    routes = tuple((f"话{one}", ("complaint", "greeting")[one % 2]) for one in range(6))
    documents = {"laws": tuple(f"条{one}" for one in range(10))}
    return TrainingData(tuple(pairs), sections, names, ("别的名",), routes, beir, documents)


@pytest.fixture(scope="session")
def texts(small: TrainingData) -> Texts:
    return Texts.of(small)


@pytest.fixture(scope="session")
def states(texts: Texts, encoder: E5Weights, config: Config) -> States:
    draw = np.random.default_rng(5)
    words = draw.normal(0, 1, (WORDS, HIDDEN)).astype(np.float32)
    tokens = [[0, *draw.integers(4, WORDS, size=draw.integers(2, 9)).tolist(), 2] for _ in texts.known]
    seen: list[tuple[int, int]] = []
    found = lower_states(encoder, words, tokens, config.first, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(tokens), len(tokens))
    return found


@pytest.fixture
def sampler(small: TrainingData, texts: Texts, states: States, config: Config) -> Callable[[], Sampler]:
    return lambda: Sampler(small, texts, states, config)
