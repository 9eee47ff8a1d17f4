"""/api/keys: admins make, list and revoke keys; everyone with a key may ask who they are."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from core.database import now
from services.access.access import Access
from services.access.callers import Caller, Role
from services.access.keys import create_key, list_keys, revoke_key, state_of
from services.access.schemas import KeyList, KeyView, MadeKey, NewKey, Self
from services.access.tables import ApiKey


def view(key: ApiKey) -> KeyView:
    """A key without anything secret."""
    return KeyView.model_validate(
        {
            "id": key.id,
            "name": key.name,
            "role": key.role,
            "prefix": key.prefix,
            "state": state_of(key, now()),
            "limit": key.limit_override,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
            "last_used_at": key.last_used_at,
        }
    )


def build_router(access: Access) -> APIRouter:
    """The routes; `access` guards them and is told of revocations."""
    router = APIRouter(prefix="/api/keys", tags=["密钥"])
    # Defaults rather than Annotated: a local name can't be found again from an annotation that is kept as text.
    anyone = Depends(access.guard())
    admin = Depends(access.guard(Role.ADMIN))

    @router.get("/self", summary="我是谁")
    async def who_am_i(caller: Caller = anyone) -> Self:
        return Self(id=caller.id, name=caller.name, role=caller.role, remaining=access.remaining(caller))

    @router.get("", summary="全部密钥", dependencies=[admin])
    async def all_keys() -> KeyList:
        keys = await access.database.run(list_keys, read_only=True)
        return KeyList(keys=[view(key) for key in keys])

    @router.post("", summary="新建密钥", status_code=201, dependencies=[admin])
    async def make_key(new: NewKey) -> MadeKey:
        key, token = await access.database.run(
            lambda session: create_key(
                session, name=new.name, role=new.role, expires_days=new.expires_days, limit=new.limit
            )
        )
        return MadeKey(**view(key).model_dump(), token=token)

    @router.delete("/{key_id}", summary="吊销密钥", dependencies=[admin])
    async def revoke(key_id: str) -> KeyView:
        key = await access.database.run(lambda session: revoke_key(session, key_id))
        access.forget(key.sha256)
        return view(key)

    return router
