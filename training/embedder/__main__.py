"""Train the embedder's upper layers and write them where the build finds them.

    python -m training.embedder ../shared/data/retrieval-dev/stard_law ../shared/data/retrieval-dev/lecoqa_qa

Needs the extra `train`. Killed and started again with the same arguments it goes on from its last saved step. Afterwards: build
(`kaopu models build e5-small-zh/2`, which names the sums for registry.yaml), train the heads anew (`python -m
training.linear_head`), and measure (docs/benchmarks.md).
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from core.errors import HubError
from core.progress import StepBars
from core.settings import Settings
from knowledge_base.library import Library
from models.build.e5_small import PREFIXES, load_weights
from models.build.e5_tokenizer import kept_pieces, tokenizer_json
from models.build.e5_tuned import TUNED, tuned_layers
from training.beir import NotBeir
from training.embedder.network import Upper, lower_states
from training.embedder.pairs import collected
from training.embedder.recipe import Trainer, moved
from training.embedder.sampling import Config, Sampler, Texts

LONGEST = {"query": 96, "passage": 128}
"""Tokens of a text in training; what tells sections apart stands at their beginning."""


def tokens_of(texts: Texts, tokenizer: Tokenizer) -> list[list[int]]:
    """The ids of each text with its role's prefix, cut to the length of training, in the order of their numbers."""
    found = []
    for role, text in texts.known:
        ids = tokenizer.encode(PREFIXES[role] + text).ids
        longest = LONGEST[role]
        found.append(ids if len(ids) <= longest else ids[: longest - 1] + ids[-1:])
    return found


def trained(arguments: argparse.Namespace, bars: StepBars) -> tuple[bytes, dict[str, Any]]:
    """The file of layers, and its card.

    Raises:
        Invalid: test questions have got into the data (`test_in_training`).
        NotBeir: a folder isn't in BEIR form.
        Unavailable: the base weights can't be had.
    """
    settings = Settings()
    torch.set_num_threads(settings.threads)
    config = Config(first=arguments.first, steps=arguments.steps, seed=arguments.seed)
    data = collected(Library.load(settings.content_dir), arguments.sets)
    card = data.card()
    weights = load_weights(settings.var_dir / "build", bars)
    kept = kept_pieces(weights.pieces)
    texts = Texts.of(data)
    states = lower_states(
        weights,
        weights.matrices["emb.word"].rows(kept).dequantised(),
        tokens_of(texts, Tokenizer.from_str(tokenizer_json(weights.pieces, kept).decode())),
        config.first,
        lambda done, total: bars.step("固定层的输出", done, total),
    )
    upper = Upper(weights, config.first, config.dropout)
    before = {name: values.copy() for name, values in upper.weights().items()}
    trainer = Trainer(upper, states, Sampler(data, texts, states, config), config, card["sha256"])
    trainer.run(
        arguments.work or settings.var_dir / "training" / "embedder",
        lambda step, steps, loss: bars.step("训练", step, steps),
    )
    layers = tuned_layers(moved(before, upper.weights(), config.share))
    return layers, {"base": "e5-small-zh/1-q4", "config": asdict(config), "data": card}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m training.embedder", description="Train the text embedder.")
    parser.add_argument(
        "sets", nargs="*", type=Path, help="folders in BEIR form; their development half is learnt from"
    )
    usual = Config()
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--first", type=int, default=usual.first, help="the lowest layer that learns (0 to 11)")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--out", type=Path, default=TUNED)
    parser.add_argument("--work", type=Path, help="where the state is kept (default: var/training/embedder)")
    arguments = parser.parse_args()
    with StepBars() as bars:
        try:
            layers, card = trained(arguments, bars)
        except (HubError, NotBeir) as error:
            bars.console.print(str(error), highlight=False, soft_wrap=True)
            raise SystemExit(1) from None
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_bytes(layers)
    arguments.out.with_suffix(".json").write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", "utf-8")
    bars.console.print(f"已写出 {arguments.out}（{len(layers) / 1e6:.1f} MB）", highlight=False)


if __name__ == "__main__":
    main()
