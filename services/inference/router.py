"""The shared inference API: /v1 for OpenAI's, Cohere's and Jina's clients, /v2 for Triton's and KServe's."""

from __future__ import annotations

from fastapi import APIRouter

from services.access.access import Access
from services.inference.answers import RawRoute
from services.inference.open_inference_routes import add_open_inference_routes
from services.inference.openai_routes import add_openai_routes
from services.inference.service import InferenceService


def build_router(service: InferenceService, access: Access) -> APIRouter:
    """The routes. Calling a model needs a key of a department or a scientist, reading about models any key, health none."""
    router = APIRouter(tags=["共享推理"], route_class=RawRoute)
    add_openai_routes(router, service, access)
    add_open_inference_routes(router, service, access)
    return router
