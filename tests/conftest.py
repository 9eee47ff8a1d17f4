"""What every test shares."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from core.database import Database
from core.settings import Settings
from knowledge_base.library import Library
from tests.postgres import new_database
from tests.workers import take_own_place

_place: Path | None = None


def pytest_configure(config: pytest.Config) -> None:
    """Before any test module is read: settings are made from the environment."""
    global _place
    if hasattr(config, "workerinput"):
        _place = take_own_place()


def pytest_unconfigure() -> None:
    if _place is not None:
        shutil.rmtree(_place, ignore_errors=True)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A test that sets up logging writes to a captured stream; the next test must not find it closed."""
    yield
    structlog.reset_defaults()
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(handler)


@pytest.fixture(scope="session")
def library() -> Library:
    """As it is shipped; reading it takes seconds, so every test of a worker has the same."""
    return Library.load(Settings().content_dir)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hub.sqlite3"
    return new_database()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database at the newest revision."""
    database = Database(database_url)
    database.upgrade()
    yield database
    database.close()
