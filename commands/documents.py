"""`kaopu documents`: remove papers whose term is over, straight in the database and the folder; the hub may run or not."""

from __future__ import annotations

from typing import Annotated

import typer

application = typer.Typer(
    help="上传的文件：到期清理。", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)


@application.callback()
def group() -> None:
    """Keeps `purge` a command of its own as long as it is the only one."""


@application.command(help="删除保存期已满的文件及其识读结果；运行中的服务每小时也会清理一次。")
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只报数，不删除")] = False,
) -> None:
    """Prints how many were removed, or would be."""
    from commands.configuration import read_settings
    from core import logs
    from core.database import Database, now
    from services.documents.files import DocumentFiles
    from services.documents.key_ring import KeyRing
    from services.documents.removing import count_due
    from services.documents.removing import purge as remove_due

    logs.configure(level="error", form="console")
    settings = read_settings()
    database = Database(settings.database)
    try:
        database.upgrade()
        if dry_run:
            typer.echo(f"保存期已满的文件有 {count_due(database, now())} 份，没有删除。")
            return
        keys = KeyRing(settings.document_key, settings.document_key_file)
        removed = remove_due(database, DocumentFiles(settings.var_dir / "documents", keys), now())
        typer.echo(f"已删除保存期已满的文件 {removed} 份。")
    finally:
        database.close()
