"""The running server that the end-to-end tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.server import Hub, start, stop


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One server for all end-to-end tests that do not break it."""
    running = start(tmp_path_factory.mktemp("hub"))
    yield running
    stop(running)
