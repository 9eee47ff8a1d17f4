"""The plain way to serve the model: sentence-transformers behind a FastAPI route. Runs in the peer's own environment.

python plain_server.py MODEL_FOLDER PORT
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer

app = FastAPI()
model = SentenceTransformer(sys.argv[1], device="cpu")


class EmbeddingIn(BaseModel):
    """OpenAI's request, as far as the benchmark sends it."""

    model: str
    input: list[str]


@app.post("/v1/embeddings")
def embeddings(wanted: EmbeddingIn) -> dict[str, object]:
    """Vectors in OpenAI's shape."""
    vectors = model.encode(wanted.input, normalize_embeddings=True, show_progress_bar=False)
    data = [{"object": "embedding", "index": i, "embedding": one.tolist()} for i, one in enumerate(vectors)]
    return {"object": "list", "model": wanted.model, "data": data, "usage": {"prompt_tokens": 0, "total_tokens": 0}}


@app.get("/health")
def health() -> dict[str, bool]:
    """Up."""
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
