"""The keys of the originals: the first seals, all of them open.

They stand in the setting `document_key` (base64, separated by commas) and in a file of one key a line (mode 0600), which the
first start makes if the setting is empty; the setting's come first. A new key is put in front of the old one; what the old
one sealed is sealed anew in the background after the next start, and then the old key may go.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import SecretStr

from core.errors import Invalid, Unavailable
from services.documents.encryption import Key

CODE = "document_key_unusable"


class KeyRing:
    """The keys of this process.

    Args:
        setting: `document_key`; its first key seals.
        file: where the key stands otherwise; opens what was sealed before there was a setting.

    Raises:
        Invalid: the setting is no key (`document_key_invalid`).
    """

    def __init__(self, setting: SecretStr, file: Path) -> None:
        self._file = file
        try:
            self._set = tuple(Key.read(one) for one in setting.get_secret_value().split(",") if one.strip())
        except ValueError:
            raise Invalid(
                "文件密钥(KAOPU_DOCUMENT_KEY)写法不对；应为 32 字节的 base64(44 个字符)，多个以逗号分隔，"
                "可用 openssl rand -base64 32 生成。",
                code="document_key_invalid",
            ) from None
        self._keys: tuple[Key, ...] = ()

    @property
    def current(self) -> Key:
        """The key that seals. Raises Unavailable (`document_key_unusable`)."""
        return self._loaded()[0]

    def find(self, identity: bytes) -> Key | None:
        """The key of an id, None if it is not here. Raises Unavailable (`document_key_unusable`)."""
        return next((key for key in self._loaded() if key.id == identity), None)

    def prepare(self, *, make: bool) -> None:
        """Read the key, and make one if there is none and `make` says that nothing was sealed before.

        Raises:
            Unavailable: `document_key_unusable`.
        """
        if make and not self._set and not self._file.exists():
            try:
                self._make()
            except OSError as error:
                raise self._unusable(f"建不了({error.strerror or type(error).__name__})") from None
        self._loaded()

    def _loaded(self) -> tuple[Key, ...]:
        if not self._keys:
            # Not remembered when it fails: a file that is put back is found without a restart.
            self._keys = self._set + self._from_file()
        return self._keys

    def _from_file(self) -> tuple[Key, ...]:
        if self._set and not self._file.exists():
            return ()
        try:
            keys = tuple(Key.read(line) for line in self._file.read_text(encoding="ascii").split())
        except OSError:
            raise self._unusable("不见了或读不了") from None
        except ValueError:
            raise self._unusable("内容不是密钥") from None
        if not keys:
            raise self._unusable("是空的")
        return keys

    def _make(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all, and the first process wins: two that start together must not seal with different keys.
        fresh = self._file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(Key.make().written() + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(fresh, self._file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()

    def _unusable(self, why: str) -> Unavailable:
        return Unavailable(
            f"文件密钥 {self._file.name} {why}，存不了也打不开上传的文件；请管理员从备份恢复。",
            code=CODE,
            retry_after=30,
        )
