"""How a webhook proves where it comes from: HMAC-SHA256 over "timestamp.body" (RFC 2104), and the receiver's side of it.

Headers of a delivery:

    X-Kaopu-Event       what happened
    X-Kaopu-Delivery    its number: the same one again is a repetition
    X-Kaopu-Timestamp   seconds since 1970 when it was sent
    X-Kaopu-Signature   v1=<64 hexadecimal digits>

A webhook's secret is worked out of the hub's key and the webhook's id: the database alone tells no secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from core.errors import Invalid, Unavailable

TOLERANCE_SECONDS = 300
KEY_BYTES = 32


class Secrets:
    """The secrets of webhooks. `file`: the hub's key (mode 0600), made when it is first needed; hubs that share a database share
    it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._key: bytes | None = None

    def of(self, webhook_id: str) -> str:
        """The secret of one webhook. Raises Unavailable (`webhook_key_unusable`)."""
        if self._key is None:
            self._key = self._read()
        return "whsec_" + base64.urlsafe_b64encode(_mac(self._key, webhook_id.encode())).decode().rstrip("=")

    def _read(self) -> bytes:
        try:
            if not self._file.exists():
                self._make()
            key = base64.b64decode(self._file.read_bytes().strip(), validate=True)
        except (OSError, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise Unavailable(
                f"webhook 密钥文件 {self._file.name} 用不了；请管理员从备份恢复。", code="webhook_key_unusable"
            )
        return key

    def _make(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all, and the first process wins.
        fresh = self._file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        try:
            os.link(fresh, self._file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()


def _mac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """What stands in X-Kaopu-Signature."""
    return "v1=" + _mac(secret.encode(), f"{timestamp}.".encode() + body).hex()


def headers_of(secret: str, event: str, delivery: int, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of one delivery."""
    return {
        "Content-Type": "application/json",
        "X-Kaopu-Event": event,
        "X-Kaopu-Delivery": str(delivery),
        "X-Kaopu-Timestamp": str(timestamp),
        "X-Kaopu-Signature": signature(secret, timestamp, body),
    }


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, *, at: float, seen: Callable[[str], bool] = lambda one: False
) -> None:
    """The receiver's side: whether a delivery is from the hub, is fresh, and has not been here before.

    Args:
        headers: with names in lower case.
        at: seconds since 1970, now.
        seen: whether a delivery's number has been here before; it is asked for genuine ones only.

    Raises:
        Invalid: `webhook_signature_invalid`, `webhook_too_old`, `webhook_replayed`.
    """
    stamp = headers.get("x-kaopu-timestamp", "")
    given = headers.get("x-kaopu-signature", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 13) or not hmac.compare_digest(
        signature(secret, int(stamp), body).encode(), given.encode("utf-8", "surrogatepass")
    ):
        raise Invalid("webhook 签名不对。", code="webhook_signature_invalid")
    if abs(at - int(stamp)) > TOLERANCE_SECONDS:
        raise Invalid("webhook 时间不在允许范围内。", code="webhook_too_old")
    if seen(headers.get("x-kaopu-delivery", "")):
        raise Invalid("这次 webhook 已经收过。", code="webhook_replayed")
