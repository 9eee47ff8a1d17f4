"""Sends what the outbox holds: signed, one after the other for each address, again with growing pauses, given up after a number
of tries.

A delivery that was sent but not noted (the hub was killed in between) is sent once more with the same number: receivers tell it
by that (`signing.verify`). An address that fails holds up nobody else, nor any case.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import httpx
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import HubError
from services.precheck.address_guard import Resolve, resolved, target_of
from services.precheck.clock import Clock
from services.precheck.signing import Secrets, headers_of
from services.precheck.tables_beside import Webhook, WebhookDelivery

PAUSES = (10, 60, 300, 1_800, 7_200, 21_600, 86_400)
"""Seconds until the next try after each that failed; after the last one it is dead."""
AT_ONCE = 20
SECONDS = 10.0

log = structlog.get_logger("precheck")


@dataclass(frozen=True, slots=True)
class _Due:
    id: int
    webhook_id: str
    url: str
    event: str
    body: bytes


class Deliveries:
    """Args: private: whether addresses inside are allowed. transport: tests set it."""

    def __init__(
        self,
        database: Database,
        keys: Secrets,
        clock: Clock,
        *,
        private: bool,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve = resolved,
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._private = private
        self._transport = transport
        self._resolve = resolve

    async def send(self) -> int:
        """Send what is due now; how many. Raises Unavailable."""
        due = await self._database.run(lambda session: _due(session, self._clock.now()), read_only=True)
        if not due:
            return 0
        # No proxy from the environment: it would be asked for addresses inside.
        async with httpx.AsyncClient(
            transport=self._transport, timeout=SECONDS, follow_redirects=False, trust_env=False
        ) as client:
            by_address: dict[str, list[_Due]] = {}
            for one in due:
                by_address.setdefault(one.webhook_id, []).append(one)
            await asyncio.gather(*(self._send_all(client, some) for some in by_address.values()))
        return len(due)

    async def _send_all(self, client: httpx.AsyncClient, some: Sequence[_Due]) -> None:
        for one in some:
            error = await self._try(client, one)
            await self._database.run(partial(_noted, delivery_id=one.id, error=error, moment=self._clock.now()))
            if error is not None:
                return  # in order: what comes after it waits for it, until it is dead

    async def _try(self, client: httpx.AsyncClient, one: _Due) -> str | None:
        """None if it arrived, else a code of why not."""
        try:
            target = await target_of(one.url, private=self._private, resolve=self._resolve)
            timestamp = int(self._clock.now().timestamp())
            headers = headers_of(self._keys.of(one.webhook_id), one.event, one.id, timestamp, one.body)
            async with client.stream(
                "POST",
                target.url,
                content=one.body,
                headers={**headers, "Host": target.host},
                extensions={"sni_hostname": target.name},
            ) as response:
                return None if response.is_success else f"status_{response.status_code}"
        except HubError as error:
            return error.code[:60]
        except (httpx.HTTPError, OSError, ValueError) as error:
            return type(error).__name__[:60]


def _due(session: Session, moment: datetime) -> list[_Due]:
    """The oldest that wait for each address, if the first of them is due."""
    waiting = session.execute(
        select(WebhookDelivery, Webhook.url)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(WebhookDelivery.state == "pending", Webhook.active)
        .order_by(WebhookDelivery.id)
        .limit(AT_ONCE * 50)
    )
    due: list[_Due] = []
    held_up: set[str] = set()
    count: dict[str, int] = {}
    for row, url in waiting:
        if row.next_at > moment:
            held_up.add(row.webhook_id)
        if row.webhook_id in held_up or count.get(row.webhook_id, 0) >= AT_ONCE:
            continue
        count[row.webhook_id] = count.get(row.webhook_id, 0) + 1
        due.append(_Due(row.id, row.webhook_id, url, row.event, row.body.encode()))
    return due


def _noted(session: Session, delivery_id: int, error: str | None, moment: datetime) -> None:
    row = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if row is None or row.state != "pending":
        return
    row.attempts += 1
    row.error = error
    if error is None:
        row.state, row.done_at = "done", moment
    elif row.attempts > len(PAUSES):
        row.state, row.done_at = "dead", moment
        log.warning("webhook_dead", webhook=row.webhook_id, error=error)
    else:
        row.next_at = moment + timedelta(seconds=PAUSES[row.attempts - 1])
