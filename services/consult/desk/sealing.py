"""Seal what only a clerk who calls back may read: a phone number and a name.

Fernet (AES-128-CBC with HMAC-SHA256). The key stands in a file beside the database, not in it: a copy of the database
alone tells no number. Hubs that share a database share the file. The key file is made when it is first needed.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import orjson
from cryptography.fernet import Fernet, InvalidToken

from core.errors import Invalid, Unavailable

_PHONE_SIGNS = re.compile(r"[\s\-—()（）]")
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"(0[0-9]{2,3}[2-9][0-9]{6,7})")


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call. `phone`: digits only."""

    phone: str
    name: str

    @property
    def phone_shown(self) -> str:
        """The number with its middle hidden: 138****5678."""
        return f"{self.phone[:3]}{'*' * (len(self.phone) - 7)}{self.phone[-4:]}"


def phone_digits(typed: str) -> str:
    """A Chinese mobile or landline number as digits. Raises Invalid (`phone_invalid`); the message never holds it."""
    bare = _PHONE_SIGNS.sub("", typed.translate({0xFF10 + digit: str(digit) for digit in range(10)}))
    match = _MOBILE.fullmatch(bare) or _LANDLINE.fullmatch(bare)
    if match is None:
        raise Invalid(
            "电话号码不对；请填 11 位手机号码，或者带区号的固定电话，例如 021-87654321。",
            code="phone_invalid",
            param="phone",
        )
    return match[1]


class Sealing:
    """Seals and opens with the key in `file` (made with mode 0600 at the first seal)."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._fernet: Fernet | None = None

    def seal(self, contact: Contact) -> bytes:
        """Sealed. Raises Unavailable (`desk_key_unusable`)."""
        return self._key(make=True).encrypt(orjson.dumps({"phone": contact.phone, "name": contact.name}))

    def open(self, sealed: bytes) -> Contact:
        """What was sealed. Raises Unavailable (`desk_key_unusable`): another key sealed it, or the file is gone."""
        try:
            written = orjson.loads(self._key(make=False).decrypt(sealed))
        except InvalidToken:
            raise self._unusable("它不是封存这些电话时用的密钥") from None
        return Contact(written["phone"], written["name"])

    def _key(self, *, make: bool) -> Fernet:
        if self._fernet is None:
            try:
                if make and not self._file.exists():
                    self._make()
                self._fernet = Fernet(self._file.read_bytes().strip())
            except (OSError, ValueError) as error:
                raise self._unusable("读不了" if isinstance(error, OSError) else "内容不是密钥") from None
        return self._fernet

    def _make(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all, and the first process wins: two that start together must not seal with different keys.
        fresh = self._file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
        try:
            os.link(fresh, self._file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()

    def _unusable(self, why: str) -> Unavailable:
        return Unavailable(f"回电密钥文件 {self._file.name} {why}；请管理员从备份恢复。", code="desk_key_unusable")
