from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.access import Role

NewKey = Callable[..., str]
Call = Callable[..., "asyncio.Future[httpx.Response]"]


async def test_a_key_lives_and_dies(call: Call, new_key: NewKey) -> None:
    admin = new_key(Role.ADMIN)
    body = {"name": "不动产登记中心", "role": "department", "expires_days": 90, "limit": "50/minute"}
    made = await call("/api/keys", admin, method="POST", json=body)
    assert made.status_code == 201
    token = made.json()["token"]
    assert made.json()["state"] == "active"

    me = (await call("/api/keys/self", token)).json()
    assert me == {"id": made.json()["id"], "name": "不动产登记中心", "role": "department", "remaining": 49}

    listed = await call("/api/keys", admin)
    assert token not in listed.text
    assert [key["name"] for key in listed.json()["keys"]] == ["测试", "不动产登记中心"]

    revoked = await call(f"/api/keys/{me['id']}", admin, method="DELETE")
    assert revoked.json()["state"] == "revoked"
    assert (await call("/api/keys/self", token)).json()["code"] == "key_revoked"


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", ""), ("DELETE", "/key_0")])
async def test_only_admins_manage_keys(call: Call, new_key: NewKey, method: str, path: str) -> None:
    body = {"json": {"name": "甲", "role": "admin"}} if method == "POST" else {}
    assert (await call(f"/api/keys{path}", method=method, **body)).json()["code"] == "key_missing"
    for role in (Role.CITIZEN, Role.CLERK, Role.DEPARTMENT, Role.SCIENTIST):
        answer = await call(f"/api/keys{path}", new_key(role), method=method, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "甲", "role": "king"},
        {"name": "", "role": "clerk"},
        {"name": "甲", "role": "clerk", "limit": "lots"},
        {"name": "甲", "role": "clerk", "expires_days": -1},
        {"name": "甲", "role": "clerk", "extra": 1},
    ],
)
async def test_a_key_that_cannot_be_made(call: Call, new_key: NewKey, body: dict[str, Any]) -> None:
    assert (await call("/api/keys", new_key(Role.ADMIN), method="POST", json=body)).status_code == 422


async def test_the_last_admin_and_the_unknown_key(call: Call, new_key: NewKey) -> None:
    admin = new_key(Role.ADMIN)
    own = (await call("/api/keys/self", admin)).json()["id"]
    refused = await call(f"/api/keys/{own}", admin, method="DELETE")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_admin_key")
    missing = await call("/api/keys/key_none", admin, method="DELETE")
    assert (missing.status_code, missing.json()["code"]) == (404, "key_not_found")
