"""Backends: one file per way of running a model. Names as they stand in registry.yaml."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from models.model import Model

BACKENDS: dict[str, str] = {
    "onnx-embedding": "models.backends.onnx_embedding:OnnxEmbedding",
    "embedding-rerank": "models.backends.embedding_rerank:EmbeddingRerank",
    "linear-head": "models.backends.linear_head:LinearHead",
    "page-text": "models.backends.page_text:PageTextClassifier",
    "paddle-ocr": "models.backends.paddle_ocr:PaddleOcr",
}


def backend_class(name: str) -> type[Model[Any, Any]]:
    """The class behind a backend's name; imports its module. Raises KeyError for an unknown name."""
    module, _, attribute = BACKENDS[name].partition(":")
    found = getattr(import_module(module), attribute)
    assert isinstance(found, type)
    assert issubclass(found, Model)
    return found
