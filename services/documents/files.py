"""The originals on disk: one file per document, readable by nobody but the hub's own user."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import Unavailable

ID_BYTES = 16
ID_FORM = re.compile(r"[A-Za-z0-9_-]{22}")
"""What `secrets.token_urlsafe(ID_BYTES)` makes."""
INCOMING = ".incoming"
"""Suffix of a file that is not a document yet."""
ABANDONED_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was written down under the id of the document it may become."""

    document_id: str
    path: Path
    size: int
    sha256: str


class DocumentFiles:
    """The folder `var/documents/`. All methods block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self) -> None:
        """Make the folder. Raises Unavailable (`documents_unwritable`)."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
        except OSError as error:
            raise self._unwritable(error) from error

    def path(self, document_id: str) -> Path:
        """Where the original of a document lies. The id is one of our own making or came out of the database."""
        return self.folder / document_id

    def receive(self, source: BinaryIO) -> Received:
        """Write down what was sent, under a new id, flushed to the disk. Raises Unavailable (`documents_unwritable`)."""
        document_id = secrets.token_urlsafe(ID_BYTES)
        path = self.folder / (document_id + INCOMING)
        digest, size = hashlib.sha256(), 0
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                while piece := source.read(1 << 20):
                    digest.update(piece)
                    size += len(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise self._unwritable(error) from error
            raise
        return Received(document_id, path, size, digest.hexdigest())

    def keep(self, received: Received) -> None:
        """Give the file its name for good; to be done before the row is written, so that no row lacks its file."""
        try:
            received.path.rename(self.path(received.document_id))
        except OSError as error:
            raise self._unwritable(error) from error

    def drop(self, received: Received) -> None:
        """Remove what did not become a document."""
        received.path.unlink(missing_ok=True)
        self.path(received.document_id).unlink(missing_ok=True)

    def delete(self, document_id: str) -> None:
        """Remove a document's original; it may be gone already."""
        self.path(document_id).unlink(missing_ok=True)

    def clear(self, known: Container[str]) -> None:
        """Remove what a crash left behind: half-received files, and files whose row was never written.

        Young files are left alone: another process may be receiving them right now.
        """
        oldest = time.time() - ABANDONED_SECONDS
        for path in self.folder.iterdir():
            if path.name not in known and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> Unavailable:
        return Unavailable(
            f"服务器暂时存不下文件({error.strerror or type(error).__name__})；请稍后再试，并告知管理员。",
            code="documents_unwritable",
            retry_after=30,
        )
