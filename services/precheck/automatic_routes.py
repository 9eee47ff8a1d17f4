"""/api/submissions/automatic: admins say which items may be decided without a person, and stop it all with one switch."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Invalid
from services.access import Access, Caller, Role
from services.precheck.automatic import ItemPolicy, load_bounds
from services.precheck.cases import Office
from services.precheck.clock import Clock
from services.precheck.tables_beside import AutomaticPolicy, AutomaticSwitch


class SwitchWanted(BaseModel):
    """The kill switch."""

    model_config = ConfigDict(extra="forbid")

    running: bool


class SwitchView(BaseModel):
    """Whether anything at all is decided without a person; who said so last."""

    running: bool
    changed_by: str | None = None
    changed_at: datetime | None = None


class PolicyView(BaseModel):
    """The policy of one item; `policy` None: what is kept can't be read, and lets nothing pass."""

    item_id: str
    policy: ItemPolicy | None
    changed_by: str
    changed_at: datetime


def add_automatic_routes(router: APIRouter, database: Database, office: Office, clock: Clock, access: Access) -> None:
    """Add /automatic to the router of /api/submissions, before the routes that take an id."""
    admin = Depends(access.guard(Role.ADMIN))

    @router.get("/automatic", summary="自动办理总开关")
    async def switch(caller: Caller = admin) -> SwitchView:
        return await database.run(_switch, read_only=True)

    @router.put("/automatic", summary="打开或关掉全部自动办理")
    async def turn(wanted: SwitchWanted, caller: Caller = admin) -> SwitchView:
        def write(session: Session) -> SwitchView:
            session.merge(AutomaticSwitch(id=1, running=wanted.running, changed_by=caller.id, changed_at=clock.now()))
            session.flush()
            return _switch(session)

        return await database.run(write)

    @router.get("/automatic/items", summary="各事项的自动办理规则")
    async def policies(caller: Caller = admin) -> list[PolicyView]:
        return await database.run(
            lambda session: [
                _view(one) for one in session.scalars(select(AutomaticPolicy).order_by(AutomaticPolicy.item_id))
            ],
            read_only=True,
        )

    @router.put("/automatic/items/{item_id}", summary="设定一个事项的自动办理规则")
    async def set_policy(item_id: str, wanted: ItemPolicy, caller: Caller = admin) -> PolicyView:
        """Raises 404 (`item_not_found`), 422 (`automatic_policy_too_wide`)."""
        office.items.offered(item_id)
        check_bounds(wanted)

        def write(session: Session) -> PolicyView:
            values = wanted.model_dump()
            values["allowed"] = sorted(wanted.allowed)
            row = session.merge(
                AutomaticPolicy(item_id=item_id, **values, changed_by=caller.id, changed_at=clock.now())
            )
            session.flush()
            return _view(row)

        return await database.run(write)


def check_bounds(wanted: ItemPolicy) -> None:
    """Raises Invalid (`automatic_policy_too_wide`): it goes beyond automatic.yaml."""
    bounds = load_bounds()
    for name, wrong in (
        ("least_confidence", wanted.least_confidence < bounds.least_confidence),
        ("most_per_day", wanted.most_per_day > bounds.most_per_day),
        ("sample_share", wanted.sample_share < bounds.least_sample_share),
    ):
        if wrong:
            raise Invalid(
                f"{name} 超出了总规定(automatic.yaml)允许的范围。", code="automatic_policy_too_wide", param=name
            )


def _switch(session: Session) -> SwitchView:
    row = session.get(AutomaticSwitch, 1)
    if row is None:
        return SwitchView(running=False)
    return SwitchView(running=row.running, changed_by=row.changed_by, changed_at=row.changed_at)


def _view(row: AutomaticPolicy) -> PolicyView:
    try:
        policy = ItemPolicy.model_validate({name: getattr(row, name) for name in ItemPolicy.model_fields})
    except ValueError:
        policy = None
    return PolicyView(item_id=row.item_id, policy=policy, changed_by=row.changed_by, changed_at=row.changed_at)
