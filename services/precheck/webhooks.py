"""Webhooks as admins see them: made, listed, switched, removed, and what became of their deliveries."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Conflict, Invalid, NotFound, shown
from services.access import Access, Caller, Role
from services.precheck.address_guard import check_url
from services.precheck.clock import Clock
from services.precheck.outbox import TOLD
from services.precheck.signing import Secrets
from services.precheck.tables_beside import Webhook, WebhookDelivery

MOST = 50


class WebhookWanted(BaseModel):
    """An address and the events that it is told of."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(min_length=1, max_length=500)]
    events: Annotated[list[str], Field(max_length=20, description="空为全部")] = Field(default_factory=list)


class WebhookSwitch(BaseModel):
    """Whether it is told of anything."""

    model_config = ConfigDict(extra="forbid")

    active: bool


class WebhookView(BaseModel):
    """One webhook, and what became of its deliveries."""

    id: str
    url: str
    events: list[str]
    active: bool
    created_at: datetime
    pending: int
    done: int
    dead: int
    last_error: str | None


class MadeWebhook(WebhookView):
    """A new one, with its secret, which is shown here only."""

    secret: str


class Webhooks:
    """Args: private: whether addresses inside are allowed."""

    def __init__(self, database: Database, keys: Secrets, clock: Clock, *, private: bool) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._private = private

    async def make(self, wanted: WebhookWanted, caller: Caller) -> MadeWebhook:
        """Raises Invalid (`webhook_url_invalid`, `webhook_address_refused`, `webhook_event_unknown`), Conflict
        (`webhooks_too_many`)."""
        check_url(wanted.url, private=self._private)
        if unknown := [one for one in wanted.events if one not in TOLD]:
            raise Invalid(
                f"没有事件 {shown(unknown[0])}；可选：{'、'.join(sorted(TOLD))}。",
                code="webhook_event_unknown",
                param="events",
            )
        webhook_id = secrets.token_hex(16)
        secret = self._keys.of(webhook_id)

        def write(session: Session) -> WebhookView:
            if (session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST:
                raise Conflict(f"最多 {MOST} 个 webhook。", code="webhooks_too_many")
            row = Webhook(
                id=webhook_id,
                url=wanted.url,
                events=sorted(set(wanted.events)),
                active=True,
                created_by=caller.id,
                created_at=self._clock.now(),
            )
            session.add(row)
            session.flush()
            return _view(session, row)

        return MadeWebhook(**(await self._database.run(write)).model_dump(), secret=secret)

    async def all(self) -> list[WebhookView]:
        """Oldest first."""
        return await self._database.run(
            lambda session: [
                _view(session, one) for one in session.scalars(select(Webhook).order_by(Webhook.created_at, Webhook.id))
            ],
            read_only=True,
        )

    async def switch(self, webhook_id: str, *, active: bool) -> WebhookView:
        """Raises NotFound (`webhook_not_found`)."""

        def write(session: Session) -> WebhookView:
            row = _find(session, webhook_id)
            row.active = active
            session.flush()
            return _view(session, row)

        return await self._database.run(write)

    async def remove(self, webhook_id: str) -> None:
        """With what it was still to be told. Raises NotFound (`webhook_not_found`)."""
        await self._database.run(lambda session: session.delete(_find(session, webhook_id)))


def _find(session: Session, webhook_id: str) -> Webhook:
    row = session.get(Webhook, webhook_id) if webhook_id.isalnum() and webhook_id.isascii() else None
    if row is None:
        raise NotFound("没有这个 webhook。", code="webhook_not_found")
    return row


def _view(session: Session, row: Webhook) -> WebhookView:
    wanted = select(WebhookDelivery.state, func.count()).where(WebhookDelivery.webhook_id == row.id)
    counted = {one[0]: int(one[1]) for one in session.execute(wanted.group_by(WebhookDelivery.state))}
    error = session.scalars(
        select(WebhookDelivery.error)
        .where(WebhookDelivery.webhook_id == row.id, WebhookDelivery.error.is_not(None))
        .order_by(WebhookDelivery.id.desc())
        .limit(1)
    ).one_or_none()
    return WebhookView(
        id=row.id,
        url=row.url,
        events=row.events,
        active=row.active,
        created_at=row.created_at,
        pending=counted.get("pending", 0),
        done=counted.get("done", 0),
        dead=counted.get("dead", 0),
        last_error=error,
    )


def add_webhook_routes(router: APIRouter, webhooks: Webhooks, access: Access) -> None:
    """Add /webhooks to the router of /api/submissions, before the routes that take an id."""
    admin = Depends(access.guard(Role.ADMIN))

    @router.get("/webhooks", summary="全部 webhook")
    async def all_of_them(caller: Caller = admin) -> list[WebhookView]:
        return await webhooks.all()

    @router.post("/webhooks", summary="新建 webhook；签名密钥只显示这一次", status_code=201)
    async def make(wanted: WebhookWanted, caller: Caller = admin) -> MadeWebhook:
        return await webhooks.make(wanted, caller)

    @router.patch("/webhooks/{webhook_id}", summary="启用或停用")
    async def switch(webhook_id: str, wanted: WebhookSwitch, caller: Caller = admin) -> WebhookView:
        return await webhooks.switch(webhook_id, active=wanted.active)

    @router.delete("/webhooks/{webhook_id}", summary="删除", status_code=204)
    async def remove(webhook_id: str, caller: Caller = admin) -> Response:
        await webhooks.remove(webhook_id)
        return Response(status_code=204)
