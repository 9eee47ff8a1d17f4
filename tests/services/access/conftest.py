from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database import Database
from tests.postgres import new_database


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
