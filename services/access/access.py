"""The gate before every route: who is calling, may they, and not too often.

A key is looked up by its hash in a small cache in front of the database. An entry is believed for one second, so a key
revoked by any process is refused everywhere within a second; one revoked through this object is refused at once. Under
steady traffic an entry is fetched anew in the background after half of that time, so nobody waits for the database. When
the database is away, entries grow old and callers are refused (503): the gate never opens because something failed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, timedelta

import structlog
from fastapi import Request
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.database import Database, now
from core.errors import Forbidden, HubError, TooManyRequests, Unauthenticated
from core.settings import Settings
from core.telemetry import set_caller
from services.access.addresses import ClientAddresses
from services.access.callers import ROLE_TITLES, Caller, Role
from services.access.keys import TOKEN_FORM, hash_of
from services.access.tables import ApiKey
from services.access.windows import Limit, MovingWindows, parse_limits

BELIEVED_SECONDS = 1.0
REFRESHED_SECONDS = 0.5
MAX_CACHED_KEYS = 10_000
LAST_USED_STEP = timedelta(minutes=10)
"""`last_used_at` is written at most this often: it serves to find forgotten keys, not to follow anyone."""

_logger = structlog.get_logger("access")


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a hash since `read_at` (monotonic seconds). `caller` is None if there is no such key."""

    read_at: float
    caller: Caller | None
    limits: tuple[Limit, ...] = ()
    expires_at: float | None = None  # seconds since 1970
    revoked: bool = False


class Access:
    """One gate per process.

    Args:
        database: where the keys are.
        settings: `anonymous_limit`, `key_limit`, `trusted_proxies`, `public_url`.

    Raises:
        Invalid: a limit or a proxy in the settings can't be read.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self._windows = MovingWindows()
        self._anonymous_limits = parse_limits(settings.anonymous_limit)
        self._key_limits = parse_limits(settings.key_limit)
        self._addresses = ClientAddresses(settings.trusted_proxies)
        self._public_url = f"{settings.public_url.rstrip('/')}/" if settings.public_url else ""
        self._known: dict[str, _Known] = {}
        self._reading: dict[str, asyncio.Task[_Known]] = {}
        self._noting: set[asyncio.Task[None]] = set()

    def guard(self, *roles: Role, anonymous: bool = False) -> Callable[[Request], Awaitable[Caller]]:
        """A FastAPI dependency that runs `check` and gives the route its `Caller`."""

        async def caller(request: Request) -> Caller:
            return await self.check(request, *roles, anonymous=anonymous)

        return caller

    async def check(self, request: Request, *roles: Role, anonymous: bool = False) -> Caller:
        """Authenticate, check the role, take one request from the caller's limit.

        Args:
            request: the key stands in `X-API-Key` or `Authorization: Bearer`.
            roles: who may; an admin always may. None: any key.
            anonymous: everyone may, with a key (of any role) or without.

        Raises:
            Unauthenticated: codes `key_missing`, `key_malformed`, `key_unknown`, `key_expired`, `key_revoked`.
            Forbidden: code `role_not_allowed`.
            TooManyRequests: code `rate_limited`, with the seconds to wait.
            Unavailable: the database can't be asked.
        """
        token = _token(request)
        if token is None:
            if not anonymous:
                raise Unauthenticated(
                    "缺少密钥。请在请求头写 Authorization: Bearer kp_...(向管理员申请密钥)。", code="key_missing"
                )
            caller = self._anonymous(request)
            limits = self._anonymous_limits
        else:
            known = await self._lookup(token)
            caller, limits = self._admit(request, known)
            if not anonymous and roles and caller.role is not Role.ADMIN and caller.role not in roles:
                raise Forbidden(
                    f"该密钥的角色是“{ROLE_TITLES[caller.role]}”，不能使用此接口；请向管理员申请相应角色的密钥。",
                    code="role_not_allowed",
                )
        set_caller(request.scope, caller.id)
        self._take(caller.id, limits)
        return caller

    def remaining(self, caller: Caller) -> int:
        """How many requests the caller may send right now."""
        return self._windows.remaining(caller.id, self._limits_of(caller))

    def base_url(self, request: Request) -> str:
        """The hub's address for links in an answer, with its last slash: the setting `public_url`, or else as this caller
        called the hub, with https where a trusted proxy says that it ended TLS. Whoever makes `Host` up changes the links of
        nobody else's answer."""
        if self._public_url:
            return self._public_url
        peer = request.client.host if request.client else None
        outside = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
        encrypted = outside == "https" and self._addresses.is_proxy(peer)
        return str(request.base_url.replace(scheme="https") if encrypted else request.base_url)

    def forget(self, sha256: str) -> None:
        """Drop what is known of a key, so that its next use asks the database."""
        self._known.pop(sha256, None)
        self._reading.pop(sha256, None)

    def _limits_of(self, caller: Caller) -> tuple[Limit, ...]:
        if caller.anonymous:
            return self._anonymous_limits
        for known in self._known.values():
            if known.caller is not None and known.caller.id == caller.id:
                return known.limits
        return self._key_limits

    def _anonymous(self, request: Request) -> Caller:
        return Caller(f"anonymous:{self._client_hash(request)}", Role.CITIZEN, "匿名来访者", None)

    def _client_hash(self, request: Request) -> str:
        client = request.client
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        return self._addresses.hashed(self._addresses.client(client.host if client else None, forwarded))

    def _take(self, caller_id: str, limits: tuple[Limit, ...]) -> None:
        wait = self._windows.take(caller_id, limits)
        if wait > 0.0:
            seconds = max(1, int(-(-wait // 1)))
            raise TooManyRequests(f"请求太频繁，请 {seconds} 秒后再试。", code="rate_limited", retry_after=wait)

    def _admit(self, request: Request, known: _Known) -> tuple[Caller, tuple[Limit, ...]]:
        """The caller behind a known key, or the refusal."""
        if known.caller is None:
            # Guessing costs the guesser's own anonymous limit.
            self._take(f"anonymous:{self._client_hash(request)}", self._anonymous_limits)
            raise Unauthenticated("密钥无效。请核对是否完整复制，或向管理员申请新的密钥。", code="key_unknown")
        if known.revoked:
            raise Unauthenticated("该密钥已被吊销，请向管理员申请新的密钥。", code="key_revoked")
        if known.expires_at is not None and known.expires_at <= time.time():
            raise Unauthenticated("该密钥已过期，请向管理员申请新的密钥。", code="key_expired")
        return known.caller, known.limits

    async def _lookup(self, token: str) -> _Known:
        sha256 = hash_of(token)
        known = self._known.get(sha256)
        age = time.monotonic() - known.read_at if known is not None else BELIEVED_SECONDS
        if known is not None and age < REFRESHED_SECONDS:
            return known
        reading = self._reading.get(sha256)
        if reading is None:
            reading = self._reading[sha256] = asyncio.create_task(self._read(sha256))
            reading.add_done_callback(lambda task: self._read_done(sha256, task))
        if known is not None and age < BELIEVED_SECONDS:
            return known
        # Shielded: a caller who goes away must not fail the others who wait for the same key.
        return await asyncio.shield(reading)

    def _read_done(self, sha256: str, task: asyncio.Task[_Known]) -> None:
        if self._reading.get(sha256) is task:
            del self._reading[sha256]
            if not task.cancelled() and task.exception() is None:
                if len(self._known) >= MAX_CACHED_KEYS:
                    self._known.clear()
                self._known[sha256] = task.result()
        if not task.cancelled():
            error = task.exception()  # also marks it as seen when nobody waits
            if error is not None:
                _logger.warning("key_not_read", error=type(error).__name__)

    async def _read(self, sha256: str) -> _Known:
        # The moment before the question counts: an answer on its way may already be out of date.
        read_at = time.monotonic()
        key = await self.database.run(
            lambda session: session.scalars(select(ApiKey).where(ApiKey.sha256 == sha256)).one_or_none(),
            read_only=True,
        )
        if key is None:
            return _Known(read_at, None)
        if key.revoked_at is None and (key.last_used_at is None or now() - key.last_used_at > LAST_USED_STEP):
            # Beside the request: it must not wait for another's write.
            noting = asyncio.create_task(self._note_use(key.id))
            self._noting.add(noting)
            noting.add_done_callback(self._noting.discard)
        return _Known(
            read_at,
            Caller(key.id, Role(key.role), key.name, key.id),
            parse_limits(key.limit_override) if key.limit_override else self._key_limits,
            key.expires_at.astimezone(UTC).timestamp() if key.expires_at else None,
            key.revoked_at is not None,
        )

    async def _note_use(self, key_id: str) -> None:
        def write(session: Session) -> None:
            session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now()))

        try:
            await self.database.run(write)
        except HubError as error:
            # Knowing when a key was used last is not worth a caller's request.
            _logger.warning("key_use_not_noted", error=error.code)


def _token(request: Request) -> str | None:
    """The token of a request, None if it has none.

    X-API-Key comes first: a gateway in between may have an Authorization of its own.
    """
    headers = request.headers
    token = headers.get("x-api-key")
    if token is None:
        authorization = headers.get("authorization")
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("Authorization 头写法不对；应为 Authorization: Bearer kp_...。", code="key_malformed")
    token = token.strip()
    if TOKEN_FORM.fullmatch(token) is None:
        raise Unauthenticated("密钥写法不对；应以 kp_ 开头、共 46 个字符，请核对是否完整复制。", code="key_malformed")
    return token
