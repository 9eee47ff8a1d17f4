"""The originals on disk: one sealed file per document, readable by nobody but the hub's own user.

An original is in the clear only in memory, and in the request's own unnamed temporary file while it arrives.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Container
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import structlog

from core.errors import HubError, Invalid, Unavailable
from services.documents.encryption import HEADER_BYTES, KeyUnknown, Readable, Tampered, key_id, seal, unseal
from services.documents.key_ring import CODE as KEY_UNUSABLE
from services.documents.key_ring import KeyRing

ID_BYTES = 16
ID_FORM = re.compile(r"[A-Za-z0-9_-]{22}")
"""What `secrets.token_urlsafe(ID_BYTES)` makes."""
INCOMING = ".incoming"
"""Suffix of a file that is not a document yet."""
SEALING = ".sealing"
"""Suffix of the file that is about to take an original's place."""
ABANDONED_SECONDS = 3600.0

log = structlog.get_logger("documents")


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was written down under the id of the document it may become. `size`, `sha256`: of what was sent."""

    document_id: str
    path: Path
    size: int
    sha256: str


class _Digesting:
    """Reads on from `source` and takes the sum of what went by."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.digest, self.size = hashlib.sha256(), 0

    def read(self, size: int, /) -> bytes:
        piece = self._source.read(size)
        self.digest.update(piece)
        self.size += len(piece)
        return piece


class DocumentFiles:
    """The folder `var/documents/`. All methods block."""

    def __init__(self, folder: Path, keys: KeyRing) -> None:
        self.folder = folder
        self._keys = keys

    def prepare(self) -> None:
        """Make the folder, and the key if nothing was sealed yet.

        Raises:
            Unavailable: `documents_unwritable`, `document_key_unusable`.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
            # A key made anew would hide that the right one is missing.
            first = not any(_sealed_with(path) for path in self.folder.iterdir())
        except OSError as error:
            raise self._unwritable(error) from error
        self._keys.prepare(make=first)

    def path(self, document_id: str) -> Path:
        """Where the original of a document lies. The id is one of our own making or came out of the database."""
        return self.folder / document_id

    def receive(self, source: BinaryIO) -> Received:
        """Write down what was sent, sealed, under a new id, flushed to the disk.

        Raises:
            Unavailable: `documents_unwritable`, `document_key_unusable`.
        """
        document_id = secrets.token_urlsafe(ID_BYTES)
        path = self.folder / (document_id + INCOMING)
        read = _Digesting(source)
        self._write(path, read, document_id)
        return Received(document_id, path, read.size, read.digest.hexdigest())

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

    def read(self, document_id: str, sha256: str) -> bytes:
        """An original, in memory. `sha256`: of what was sent, from the document's row.

        Raises:
            Invalid: `file_gone`.
            HubError: `file_tampered`: it is not what was handed in.
            Unavailable: `document_key_unusable`.
        """
        try:
            with self.path(document_id).open("rb") as file:
                sealed = key_id(file.read(HEADER_BYTES)) is not None
                file.seek(0)
                content = unseal(file, self._keys.find, document_id) if sealed else file.read()
        except FileNotFoundError:
            raise Invalid("这份文件的原件已不在服务器上；请重新上传。", code="file_gone") from None
        except KeyUnknown:
            raise Unavailable(
                "这份文件是用另一把密钥加密的，现在打不开；请管理员恢复那把密钥。", code=KEY_UNUSABLE, retry_after=30
            ) from None
        except Tampered:
            raise _tampered() from None
        # What isn't sealed is from before files were, or was put there by somebody: only the sum can tell.
        if hashlib.sha256(content).hexdigest() != sha256:
            raise _tampered()
        return content

    def reseal(self, document_id: str, sha256: str) -> bool:
        """Seal an original that is not, or not with the current key; True if there was something to do.

        Raises:
            As `read`, and Unavailable (`documents_unwritable`).
        """
        path = self.path(document_id)
        if not path.is_file() or _sealed_with(path) == self._keys.current.id:
            return False
        content = self.read(document_id, sha256)
        # A name of its own: another process may be about the same.
        fresh = path.with_name(f"{document_id}.{secrets.token_hex(4)}{SEALING}")
        self._write(fresh, BytesIO(content), document_id)
        try:
            if not path.is_file():  # deleted meanwhile
                return False
            fresh.replace(path)
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            fresh.unlink(missing_ok=True)
        return True

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

    def _write(self, path: Path, source: Readable, name: str) -> None:
        key = self._keys.current
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                seal(source, file, key, name)
                file.flush()
                os.fsync(file.fileno())
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise self._unwritable(error) from error
            raise

    def _unwritable(self, error: OSError) -> Unavailable:
        return Unavailable(
            f"服务器暂时存不下文件({error.strerror or type(error).__name__})；请稍后再试，并告知管理员。",
            code="documents_unwritable",
            retry_after=30,
        )


def _sealed_with(path: Path) -> bytes | None:
    """The id of the key that sealed a file; None if none did."""
    with path.open("rb") as file:
        return key_id(file.read(HEADER_BYTES))


def _tampered() -> HubError:
    return HubError(
        "这份文件的原件在服务器上已损坏或被改动，不再使用；请重新上传，并告知管理员。", code="file_tampered"
    )
