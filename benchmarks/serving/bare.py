"""The bare session in a process of its own: tokenise and session.run, nothing else. Speaks over pipes.

A line of JSON comes in, a line goes out: `{"texts": [...], "mode": "one"}` measures each text by itself, `"batched"` all of
them sorted by length in batches of the model's own budget. -> `{"seconds": whole, "each": [seconds of each text]}`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.settings import ROOT, Settings
from models.backends.onnx_embedding import OnnxEmbedding
from models.model import ModelConfig
from models.registry import Registry
from models.tasks import EmbeddingInput

NAME = "e5-small-zh"


def load(threads: int) -> OnnxEmbedding:
    """The champion as the hub would load it."""
    settings = Settings()
    registry = Registry(settings.registry_file)
    resolved = registry.resolve(NAME)
    entry = registry.version(resolved.name, resolved.version)
    folder = settings.artifacts / entry.folder
    model = OnnxEmbedding(
        ModelConfig(resolved.name, resolved.version, "text-embedding", folder, entry.options, threads)
    )
    model.load()
    model.warmup()
    return model


def one_by_one(model: OnnxEmbedding, texts: Sequence[str]) -> list[float]:
    """Seconds of each text alone."""
    each = []
    for text in texts:
        started = time.perf_counter()
        model.infer(model.prepare([EmbeddingInput(text)]))
        each.append(time.perf_counter() - started)
    return each


def batched(model: OnnxEmbedding, texts: Sequence[str]) -> None:
    """All texts in batches of like length: the best that a caller who has them all at hand can do."""
    prepared = sorted(model.prepare([EmbeddingInput(text) for text in texts]), key=lambda one: one.size)
    batch: list[Any] = []
    for one in prepared:
        if batch and (len(batch) == model.max_batch_items or (len(batch) + 1) * one.size > model.max_batch_cost):
            model.infer(batch)
            batch = []
        batch.append(one)
    model.infer(batch)


class Bare:
    """A child process of this file."""

    def __init__(self, threads: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.serving.bare", str(threads)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, texts: Sequence[str], mode: str) -> dict[str, Any]:
        """Measure once."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({"texts": list(texts), "mode": mode}), file=self.process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def stop(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)


def main() -> None:
    """Answer until the pipe is closed."""
    model = load(int(sys.argv[1]))
    for line in sys.stdin:
        wanted = json.loads(line)
        started = time.perf_counter()
        each = one_by_one(model, wanted["texts"]) if wanted["mode"] == "one" else []
        if wanted["mode"] == "batched":
            batched(model, wanted["texts"])
        print(json.dumps({"seconds": time.perf_counter() - started, "each": each}), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    main()
