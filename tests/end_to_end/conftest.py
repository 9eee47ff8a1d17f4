"""The running server that the end-to-end tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.language_model import KEY, NAME, ModelEndpoint
from tests.end_to_end.server import CHAT, Hub, start, stop


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One server for all end-to-end tests that do not break it."""
    running = start(tmp_path_factory.mktemp("hub"))
    yield running
    stop(running)


@pytest.fixture(scope="session")
def language_model() -> Iterator[ModelEndpoint]:
    """A language model's endpoint, really served."""
    endpoint = ModelEndpoint()
    yield endpoint
    endpoint.stop()


@pytest.fixture(scope="session")
def wording_hub(tmp_path_factory: pytest.TempPathFactory, language_model: ModelEndpoint) -> Iterator[Hub]:
    """A server that lets that model word its answers."""
    running = start(
        tmp_path_factory.mktemp("wording"),
        KAOPU_LANGUAGE_MODEL_URL=language_model.address,
        KAOPU_LANGUAGE_MODEL_NAME=NAME,
        KAOPU_LANGUAGE_MODEL_KEY=KEY,
        KAOPU_PRELOAD=CHAT,
    )
    yield running
    stop(running)
