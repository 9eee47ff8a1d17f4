"""What goes over the wire about keys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.access.callers import Role
from services.access.keys import MAX_EXPIRES_DAYS


class NewKey(BaseModel):
    """A key to make."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100, description="谁用、用来做什么")]
    role: Annotated[Role, Field(description="角色")]
    expires_days: Annotated[int | None, Field(ge=1, le=MAX_EXPIRES_DAYS, description="有效天数；不填则长期有效")] = None
    limit: Annotated[str | None, Field(max_length=60, description="限额，如 100/minute；不填则按系统默认")] = None


class KeyView(BaseModel):
    """A key as it is shown: never the token."""

    id: str
    name: str
    role: Role
    prefix: Annotated[str, Field(description="密钥的前几个字符，供辨认")]
    state: Literal["active", "expired", "revoked"]
    limit: Annotated[str | None, Field(description="单独设置的限额；空则按系统默认")]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: Annotated[datetime | None, Field(description="最近使用时间(精确到十分钟)")]


class MadeKey(KeyView):
    """A key that was just made, with its token: the only time that it is shown."""

    token: Annotated[str, Field(description="密钥全文，只显示这一次")]


class KeyList(BaseModel):
    """All keys, oldest first."""

    keys: list[KeyView]


class Self(BaseModel):
    """Who the caller is, as the hub sees it."""

    id: str
    name: str
    role: Role
    remaining: Annotated[int, Field(description="此刻还可发出的请求数")]
