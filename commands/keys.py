"""`kaopu keys`: make, list and revoke API keys, straight in the database; the hub need not run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from core.database import Database

application = typer.Typer(
    help="密钥：新建、查看、吊销。", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)


class RoleName(StrEnum):
    """The roles, as the command line knows them without importing the database; a test holds them to `Role`."""

    CITIZEN = "citizen"
    CLERK = "clerk"
    DEPARTMENT = "department"
    SCIENTIST = "scientist"
    EDITOR = "editor"
    ADMIN = "admin"


STATES = {"active": "可用", "expired": "已过期", "revoked": "已吊销"}


@contextmanager
def _database() -> Iterator[Database]:
    """The hub's database at its newest revision."""
    from commands.configuration import read_settings
    from core import logs
    from core.database import Database

    logs.configure(level="error", form="console")
    database = Database(read_settings().database)
    try:
        database.upgrade()
        yield database
    finally:
        database.close()


@application.command(help="新建密钥；全文只显示这一次。")
def create(
    name: Annotated[str, typer.Option("--name", help="谁用、用来做什么")],
    role: Annotated[
        RoleName,
        typer.Option("--role", help="角色：市民端、窗口人员、业务部门、数据科学家、管理员"),
    ],
    expires_days: Annotated[int | None, typer.Option("--expires-days", help="有效天数；不填则长期有效")] = None,
    limit: Annotated[str | None, typer.Option("--limit", help="限额，如 100/minute；不填则按系统默认")] = None,
) -> None:
    """Print the new key alone on standard output, so that a script can take it."""
    from services.access.callers import Role
    from services.access.keys import create_key

    with _database() as database, database.session() as session:
        key, token = create_key(session, name=name, role=Role(role.value), expires_days=expires_days, limit=limit)
    typer.echo(f"已新建密钥 {key.id}({key.name})。请立即保存，之后无法再次查看：", err=True)
    typer.echo(token)


@application.command("list", help="列出全部密钥。")
def list_keys() -> None:
    """One row per key, without anything secret."""
    from rich.console import Console
    from rich.table import Table

    from core.database import now
    from services.access.callers import ROLE_TITLES, Role
    from services.access.keys import list_keys as all_keys
    from services.access.keys import state_of

    with _database() as database, database.session(read_only=True) as session:
        keys = all_keys(session)
    table = Table("编号", "名称", "角色", "开头", "状态", "限额", "到期", "最近使用")
    for key in keys:
        table.add_row(
            key.id,
            key.name,
            ROLE_TITLES[Role(key.role)],
            key.prefix,
            STATES[state_of(key, now())],
            key.limit_override or "默认",
            f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "长期",
            f"{key.last_used_at.astimezone():%Y-%m-%d %H:%M}" if key.last_used_at else "从未",
        )
    Console().print(table)


@application.command(help="吊销密钥；运行中的服务一秒内生效。")
def revoke(key_id: Annotated[str, typer.Argument(metavar="编号", help="kaopu keys list 里的编号")]) -> None:
    """Make a key useless."""
    from services.access.keys import revoke_key

    with _database() as database, database.session() as session:
        key = revoke_key(session, key_id)
    typer.echo(f"已吊销密钥 {key.id}({key.name})。")
