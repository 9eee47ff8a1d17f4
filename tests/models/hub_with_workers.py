"""A hub's process to be killed: `python -m tests.models.hub_with_workers REGISTRY ARTIFACTS PIDS`. Starts two workers, lets one
hang, writes down their ids, and waits."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from models.artifacts import ArtifactStore
from models.backends import BACKENDS
from models.host import Host
from models.registry import Registry


async def main(registry: str, artifacts: str, pids: str) -> None:
    BACKENDS["paddle-ocr"] = "tests.models.made_model:MadeModel"
    host = Host(Registry(Path(registry)), ArtifactStore(Path(artifacts)), threads=2, queue_items=8, workers=2)
    await host.start(["made"])
    ids = [str(one.pid) for one in host.status()[0].workers]
    hanging = Path(pids).with_suffix(".hangs")
    task = asyncio.create_task(host.handle("made").call([f"once {hanging}"]))
    await asyncio.to_thread(write_down, hanging, Path(pids), " ".join(ids))
    await task


def write_down(hanging: Path, pids: Path, ids: str) -> None:
    while not hanging.exists():
        time.sleep(0.05)
    new = pids.with_suffix(".new")
    new.write_text(ids, encoding="ascii")
    new.rename(pids)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
