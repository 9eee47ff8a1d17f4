"""Roles and callers: what the rest of the hub knows about who is calling."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a key may be used for. An admin may do everything; no other role contains another."""

    CITIZEN = "citizen"
    CLERK = "clerk"
    DEPARTMENT = "department"
    SCIENTIST = "scientist"
    EDITOR = "editor"
    ADMIN = "admin"


ROLE_TITLES: dict[Role, str] = {
    Role.CITIZEN: "市民端",
    Role.CLERK: "窗口人员",
    Role.DEPARTMENT: "业务部门",
    Role.SCIENTIST: "数据科学家",
    Role.EDITOR: "内容人员",
    Role.ADMIN: "管理员",
}
"""How each role is called on screen."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request.

    `id` is what records and logs name: the key's id, or `anonymous:<hash>`, where the hash of the address changes with
    every start of the process, so that it can't be traced back. `name` is the key's name, for people.
    """

    id: str
    role: Role
    name: str
    key_id: str | None

    @property
    def anonymous(self) -> bool:
        """True if no key was shown."""
        return self.key_id is None
