"""A hub that is killed: `python -m tests.services.documents.killed_hub VAR_DIR LOG [FILE]`. Hands `FILE` in if it is given, reads
until nothing is left, and notes every page that the model was asked for."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from core.database import Database
from core.settings import Settings
from models.handle import CallResult
from services.access import Caller, Role
from services.documents.service import DocumentService
from tests.services.documents.conftest import Here, KindsHandle, QuickHandle


class Noting(QuickHandle):
    def __init__(self, log: Path) -> None:
        super().__init__(seconds=0.3)
        self.log = log

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        with self.log.open("a") as file:
            file.write("asked\n")
        result = await super().call(inputs)
        with self.log.open("a") as file:
            file.write("answered\n")
        return result


async def main(folder: str, log: str, file: str | None = None) -> None:
    settings = Settings(var_dir=Path(folder))
    database = Database(settings.database)
    database.upgrade()
    service = DocumentService(database, Here(Noting(Path(log))), KindsHandle(), settings)
    await service.start()
    if file is not None:
        source = BytesIO(await asyncio.to_thread(Path(file).read_bytes))
        await service.accept(Caller("key_1", Role.CLERK, "某", "key_1"), "a.pdf", source)
    while service.pending:  # noqa: ASYNC110 - nothing to wait on: who doesn't hand in knows no id
        await asyncio.sleep(0.05)
    await service.close()
    database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
