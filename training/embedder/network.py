"""The upper layers of the encoder in torch, and the states that the frozen layers below hand them.

The lower layers don't learn, so every text runs through them once; training only ever computes the upper ones. That is half of
the time at eight frozen layers of twelve, and more by not having gradients there (docs/decisions/0020-trained-embedder.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.build.e5_weights import E5Weights

BATCH_TOKENS = 4096


class Layer(nn.Module):
    """One layer of BERT with its norms after the residuals (Devlin et al. 2018)."""

    def __init__(self, weights: E5Weights, number: int) -> None:
        super().__init__()
        self.heads = weights.shape.heads
        self.epsilon = weights.shape.epsilon
        self.values = nn.ParameterDict()
        for key in ("q", "k", "v", "ao", "fi", "fo"):
            matrix = weights.matrices[f"l{number}.{key}.w"].dequantised()
            self.values[f"{key}_w"] = nn.Parameter(torch.from_numpy(matrix))
        for key in ("q.b", "k.b", "v.b", "ao.b", "fi.b", "fo.b", "aln.w", "aln.b", "oln.w", "oln.b"):
            flat = weights.floats[f"l{number}.{key}"].copy()
            self.values[key.replace(".", "_")] = nn.Parameter(torch.from_numpy(flat))

    def forward(self, states: Tensor, mask: Tensor, dropout: float) -> Tensor:
        """States (texts, tokens, hidden) and mask (texts, tokens), True at tokens -> states of the same shape."""
        texts, tokens, hidden = states.shape

        def linear(source: Tensor, key: str) -> Tensor:
            return functional.linear(source, self.values[f"{key}_w"], self.values[f"{key}_b"])

        def by_head(key: str) -> Tensor:
            return linear(states, key).view(texts, tokens, self.heads, -1).transpose(1, 2)

        def norm(source: Tensor, key: str) -> Tensor:
            return functional.layer_norm(
                source, (hidden,), self.values[f"{key}_w"], self.values[f"{key}_b"], self.epsilon
            )

        attended = functional.scaled_dot_product_attention(
            by_head("q"), by_head("k"), by_head("v"), attn_mask=mask[:, None, None, :]
        )
        mixed = linear(attended.transpose(1, 2).reshape(texts, tokens, hidden), "ao")
        middle = norm(states + functional.dropout(mixed, dropout, self.training), "aln")
        narrow = linear(functional.gelu(linear(middle, "fi")), "fo")
        return norm(middle + functional.dropout(narrow, dropout, self.training), "oln")


class Upper(nn.Module):
    """The layers from `first` on, then the mean over the mask and L2 norm."""

    def __init__(self, weights: E5Weights, first: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.first = first
        self.dropout = dropout
        self.layers = nn.ModuleList([Layer(weights, number) for number in range(first, weights.shape.layers)])

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """States (texts, tokens, hidden) -> unit vectors float32 (texts, hidden). Products run in bfloat16."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            for layer in self.layers:
                states = layer(states, mask, self.dropout)
        return _pooled(states, mask)

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """What was learnt, by the names of `E5Weights`; matrices have two dimensions."""
        return {
            f"l{self.first + number}.{name.removeprefix('values.').rpartition('_')[0]}.{name[-1]}": values.detach().numpy()
            for number, layer in enumerate(self.layers)
            for name, values in layer.named_parameters()
        }


@dataclass(frozen=True, slots=True)
class States:
    """What the frozen layers made of texts. `rows`: float16 (all tokens, hidden); `starts`: int64 (texts + 1,); `vectors`:
    float32 (texts, hidden), what the untrained encoder makes of them."""

    rows: NDArray[np.float16]
    starts: NDArray[np.int64]
    vectors: NDArray[np.float32]

    def batch(self, texts: Sequence[int]) -> tuple[Tensor, Tensor]:
        """States and mask of these texts, padded."""
        lengths = [int(self.starts[text + 1] - self.starts[text]) for text in texts]
        states = np.zeros((len(texts), max(lengths), self.rows.shape[1]), dtype=np.float32)
        mask = np.zeros(states.shape[:2], dtype=bool)
        for row, (text, length) in enumerate(zip(texts, lengths, strict=True)):
            states[row, :length] = self.rows[self.starts[text] : self.starts[text + 1]]
            mask[row, :length] = True
        return torch.from_numpy(states), torch.from_numpy(mask)


def lower_states(
    weights: E5Weights,
    words: NDArray[np.float32],
    tokens: Sequence[Sequence[int]],
    first: int,
    progress: Callable[[int, int], None],
) -> States:
    """Run every text through the layers below `first`, and once through all for its untrained vector.

    Args:
        words: float32 (pieces, hidden), the word table in the order of the tokenizer's ids.
        tokens: ids of each text, special tokens included.
        progress: called with (texts done, texts).
    """
    starts = np.concatenate([[0], np.cumsum([len(one) for one in tokens])]).astype(np.int64)
    rows = np.zeros((int(starts[-1]), weights.shape.hidden), dtype=np.float16)
    vectors = np.zeros((len(tokens), weights.shape.hidden), dtype=np.float32)
    places = torch.from_numpy(weights.floats["emb.pos"] + weights.floats["emb.type"][0])
    table = torch.from_numpy(words)
    gain, shift = (torch.from_numpy(weights.floats[f"emb.ln.{key}"]) for key in ("w", "b"))
    layers = [Layer(weights, number).eval() for number in range(weights.shape.layers)]
    order = sorted(range(len(tokens)), key=lambda text: len(tokens[text]))
    done = 0
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        while done < len(order):
            count = max(1, BATCH_TOKENS // len(tokens[order[min(done + 15, len(order) - 1)]]))
            chosen = order[done : done + count]
            longest = max(len(tokens[text]) for text in chosen)
            ids = torch.zeros((len(chosen), longest), dtype=torch.long)
            mask = torch.zeros((len(chosen), longest), dtype=torch.bool)
            for row, text in enumerate(chosen):
                ids[row, : len(tokens[text])] = torch.tensor(tokens[text])
                mask[row, : len(tokens[text])] = True
            embedded = functional.embedding(ids, table) + places[:longest]
            states = functional.layer_norm(embedded, (weights.shape.hidden,), gain, shift, weights.shape.epsilon)
            for number, layer in enumerate(layers):
                if number == first:
                    for row, text in enumerate(chosen):
                        rows[starts[text] : starts[text + 1]] = states[row, : len(tokens[text])].half().numpy()
                states = layer(states, mask, 0.0)
            vectors[chosen] = _pooled(states, mask).numpy()
            done += len(chosen)
            progress(done, len(order))
    return States(rows, starts, vectors)


def _pooled(states: Tensor, mask: Tensor) -> Tensor:
    return functional.normalize((states.float() * mask[..., None]).sum(dim=1), dim=-1)
