"""Files sealed with AES-256-GCM in chunks, so that a large one is never held twice and a changed one is found out.

Layout: `MAGIC`, the key's id (8 bytes), a salt (16 bytes), then chunks of at most `CHUNK` bytes, each followed by its tag
(16 bytes); only the last may be shorter, and there always is one. Each file has a key of its own, HKDF-SHA256 of the
master key and the salt, so a chunk's number is nonce enough (the STREAM construction of Hoang, Reyhanitabar, Rogaway and
Vizar, 2015): 4 bytes of number, 1 byte that says whether it is the last. The header and the file's name are authenticated
with every chunk: chunks can't be swapped, left out or appended, and no file can stand in for another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"KAOPUDOC\x01"
KEY_BYTES = 32
ID_BYTES = 8
SALT_BYTES = 16
TAG_BYTES = 16
CHUNK = 1 << 18
HEADER_BYTES = len(MAGIC) + ID_BYTES + SALT_BYTES


class Readable(Protocol):
    """Something to read from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


class Tampered(Exception):
    """A sealed file is not what was sealed under this name: changed, cut off, or another one."""


class KeyUnknown(Exception):
    """A file was sealed with a key that is not at hand."""


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A master key of 32 bytes. `id` stands in the header of what it seals; it tells nothing about the key."""

    secret: bytes

    @property
    def id(self) -> bytes:
        """8 bytes."""
        return hashlib.sha256(b"kaopu document key id" + self.secret).digest()[:ID_BYTES]

    @classmethod
    def make(cls) -> Key:
        """A new one, at random."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def read(cls, text: str) -> Key:
        """From base64 (44 characters, either alphabet). Raises ValueError; the message never holds the text."""
        try:
            secret = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("not base64") from None
        if len(secret) != KEY_BYTES:
            raise ValueError(f"{len(secret)} bytes, not {KEY_BYTES}")
        return cls(secret)

    def written(self) -> str:
        """As base64, the form that `read` takes."""
        return base64.b64encode(self.secret).decode()


def key_id(head: bytes) -> bytes | None:
    """The id of the key that sealed a file that begins with `head` (`HEADER_BYTES` of it); None if it is not sealed."""
    return head[len(MAGIC) : len(MAGIC) + ID_BYTES] if head.startswith(MAGIC) else None


def seal(source: Readable, target: BinaryIO, key: Key, name: str) -> None:
    """Read `source` to its end and write it sealed. Raises OSError as the two files do."""
    header = MAGIC + key.id + secrets.token_bytes(SALT_BYTES)
    cipher, bound = _cipher(key, header), header + name.encode()
    target.write(header)
    number, chunk = 0, _exactly(source, CHUNK)
    while True:
        following = _exactly(source, CHUNK) if len(chunk) == CHUNK else b""
        target.write(cipher.encrypt(_nonce(number, last=not following), chunk, bound))
        if not following:
            return
        number, chunk = number + 1, following


def unseal(source: Readable, find: Callable[[bytes], Key | None], name: str) -> bytes:
    """What was sealed under `name`; `find` gives the key of an id.

    Raises:
        Tampered: this is not what was sealed. Nothing is given out before all of it has proved right.
        KeyUnknown: `find` knows no such key.
    """
    header = source.read(HEADER_BYTES)
    identity = key_id(header)
    if identity is None or len(header) < HEADER_BYTES:
        raise Tampered
    key = find(identity)
    if key is None:
        raise KeyUnknown
    cipher, bound = _cipher(key, header), header + name.encode()
    plain = BytesIO()
    number, chunk = 0, _exactly(source, CHUNK + TAG_BYTES)
    while True:
        following = _exactly(source, CHUNK + TAG_BYTES)
        try:
            plain.write(cipher.decrypt(_nonce(number, last=not following), chunk, bound))
        except (InvalidTag, ValueError):
            raise Tampered from None
        if not following:
            return plain.getvalue()
        number, chunk = number + 1, following


def _cipher(key: Key, header: bytes) -> AESGCM:
    salt = header[len(MAGIC) + ID_BYTES :]
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, b"kaopu document file").derive(key.secret))


def _nonce(number: int, *, last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "big") + bytes([last])


def _exactly(source: Readable, size: int) -> bytes:
    """`size` bytes, fewer only at the end."""
    pieces = []
    while size and (piece := source.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
