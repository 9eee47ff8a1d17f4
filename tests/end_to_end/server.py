"""Start and stop the real server as its users do: real models, real content, a database of its own."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from core.settings import ROOT, Settings

START_SECONDS = 300
CHAT = "e5-small-zh,consult-route,consult-element"
"""The models of a hub that reads no papers: `KAOPU_PRELOAD=CHAT` saves half of its start."""


@dataclass(frozen=True)
class Hub:
    """A running server. `registry` is its own copy of registry.yaml, `log` what it printed."""

    url: str
    admin_key: str
    process: subprocess.Popen[bytes]
    folder: Path
    registry: Path
    log: Path


def free_port() -> int:
    """A port that nobody listens at, below those that the system gives to callers: by the time the server takes it, a
    caller's connection (of another worker's test) must not have it."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def start(folder: Path, *, ready: bool = True, **settings: str) -> Hub:
    """Start a server with its data in `folder`; its artifacts and portal are the built ones.

    Waits until it is ready, or (`ready=False`) until it answers at all.
    """
    port = free_port()
    registry = Path(shutil.copy(ROOT / "registry.yaml", folder / "registry.yaml"))
    # What `make test` has embedded already; kept by content, so the copy is right whatever is in this hub's database.
    if (index := Settings().var_dir / "index").is_dir() and not (folder / "var" / "index").exists():
        shutil.copytree(index, folder / "var" / "index")
    log = folder / "server.log"
    environment = {
        **os.environ,
        "KAOPU_VAR_DIR": str(folder / "var"),
        "KAOPU_ARTIFACTS_DIR": str(Settings().artifacts),
        "KAOPU_REGISTRY_FILE": str(registry),
        "KAOPU_PORT": str(port),
        "KAOPU_ANONYMOUS_LIMIT": "100000/minute",
        "KAOPU_KEY_LIMIT": "1000000/minute",
        **settings,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "serve"], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if httpx.get(url + "/readyz", timeout=5).status_code == 200 or not ready:
                break
        except httpx.TransportError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"the server did not get ready:\n{log.read_text()[-4000:]}")
        time.sleep(0.1)
    return Hub(url, (folder / "var" / "admin.key").read_text().strip(), process, folder, registry, log)


def stop(hub: Hub) -> None:
    """End the server as an operator would; it must go by itself."""
    hub.process.terminate()
    try:
        hub.process.wait(30)
    except subprocess.TimeoutExpired:
        hub.process.kill()
        raise
