"""Make, list and revoke API keys. Plain functions over a database session; the command line and the router use them.

A token is `kp_` and 32 random bytes, url-safe. It is shown once, when it is made; stored is its sha256. A slow hash would
buy nothing: nobody guesses 256 random bits. Looking a key up by its hash also leaks nothing by its timing, since a
caller can't choose a hash near another.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.database import now
from core.errors import Conflict, Invalid, NotFound, shown
from services.access.callers import Role
from services.access.tables import ApiKey
from services.access.windows import parse_limits

TOKEN_PREFIX = "kp_"  # noqa: S105 - what every token begins with, not a token
TOKEN_FORM = re.compile(r"kp_[A-Za-z0-9_-]{43}")
SHOWN_CHARACTERS = 9
MAX_EXPIRES_DAYS = 3650


def new_token() -> str:
    """A fresh random token."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is stored of a token: 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def create_key(
    session: Session,
    *,
    name: str,
    role: Role,
    expires_days: int | None = None,
    limit: str | None = None,
    token: str | None = None,
) -> tuple[ApiKey, str]:
    """Store a new key and return it with its token, which can't be had again.

    Raises:
        Invalid: an empty or overlong name, days out of 1..3650, or a limit that can't be read.
    """
    name = name.strip()
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise Invalid("密钥名称须为 1 到 100 个可显示的字。", code="name_invalid", param="name")
    if expires_days is not None and not 1 <= expires_days <= MAX_EXPIRES_DAYS:
        raise Invalid(
            f"有效天数须在 1 到 {MAX_EXPIRES_DAYS} 之间；不填则长期有效。",
            code="expires_days_invalid",
            param="expires_days",
        )
    if limit is not None:
        if len(limit) > 60:
            raise Invalid("限额写法过长(最多 60 个字符)。", code="limit_invalid", param="limit")
        parse_limits(limit)
    token = token or new_token()
    created = now()
    key = ApiKey(
        id=f"key_{secrets.token_hex(8)}",
        name=name,
        role=role.value,
        prefix=token[:SHOWN_CHARACTERS],
        sha256=hash_of(token),
        limit_override=limit,
        created_at=created,
        expires_at=created + timedelta(days=expires_days) if expires_days is not None else None,
    )
    session.add(key)
    session.flush()
    return key, token


def list_keys(session: Session) -> list[ApiKey]:
    """All keys, revoked and expired ones too, oldest first."""
    return list(session.scalars(select(ApiKey).order_by(ApiKey.created_at, ApiKey.id)))


def active_admins(session: Session) -> list[ApiKey]:
    """Keys that may manage keys right now."""
    return list(
        session.scalars(
            select(ApiKey)
            .where(ApiKey.role == Role.ADMIN.value, ApiKey.revoked_at.is_(None))
            .where(or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now()))
            # Two admins who revoke each other's key at once must not both succeed.
            .with_for_update()
        )
    )


def revoke_key(session: Session, key_id: str) -> ApiKey:
    """Make a key useless from now on; revoking it again changes nothing.

    Raises:
        NotFound: no such key (code `key_not_found`).
        Conflict: it is the last key of an admin (code `last_admin_key`).
    """
    key = session.get(ApiKey, key_id[:64])
    if key is None:
        raise NotFound(f"没有编号为“{shown(key_id)}”的密钥。用 kaopu keys list 查看全部。", code="key_not_found")
    if key.revoked_at is None:
        if [admin.id for admin in active_admins(session)] == [key.id]:
            raise Conflict("这是最后一个可用的管理员密钥；请先新建一个，再吊销它。", code="last_admin_key")
        key.revoked_at = now()
        session.flush()
    return key


def state_of(key: ApiKey, at: datetime) -> str:
    """`active`, `expired` or `revoked`."""
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and key.expires_at <= at:
        return "expired"
    return "active"
