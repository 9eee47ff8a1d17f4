"""`kaopu audit`: whether the history of submissions is as it was written, straight in the database; the hub may run or not."""

from __future__ import annotations

from typing import Annotated

import typer

application = typer.Typer(
    help="办件历史：核验是否被改动。", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

KINDS = {"changed": "内容被改", "gap": "缺少前面的记录", "cut": "末尾被删", "words": "文字被改"}


@application.command(help="逐条核验办件历史的哈希链；有问题逐条列出，退出码 1。")
def verify(
    submission: Annotated[str | None, typer.Option("--submission", help="只核验这一个办件")] = None,
) -> None:
    """Prints the faults, or how many events hold."""
    from sqlalchemy import func, select

    from commands.configuration import read_settings
    from core import logs
    from core.database import Database
    from services.precheck.history import faults
    from services.precheck.tables import SubmissionHistory

    logs.configure(level="error", form="console")
    database = Database(read_settings().database)
    try:
        database.upgrade()
        with database.session(read_only=True) as session:
            found = list(faults(session, submission))
            wanted = select(func.count()).select_from(SubmissionHistory)
            if submission is not None:
                wanted = wanted.where(SubmissionHistory.submission_id == submission)
            count = session.scalar(wanted) or 0
    finally:
        database.close()
    for one in found:
        typer.echo(f"办件 {one.submission_id} 第 {one.number} 条：{KINDS[one.kind]}")
    if found:
        raise typer.Exit(1)
    typer.echo(f"办件历史 {count} 条，全部吻合。")


@application.command(help="打印每个办件历史末尾的哈希，供另处留存：整段末尾连同办件一起被删时，只有对照它才看得出。")
def heads() -> None:
    """One line a submission: id, number of events, digest."""
    from sqlalchemy import select

    from commands.configuration import read_settings
    from core import logs
    from core.database import Database
    from services.precheck.tables import Submission

    logs.configure(level="error", form="console")
    database = Database(read_settings().database)
    try:
        database.upgrade()
        with database.session(read_only=True) as session:
            for one in session.execute(
                select(Submission.id, Submission.history_number, Submission.history_digest).order_by(Submission.id)
            ):
                typer.echo(f"{one.id} {one.history_number} {one.history_digest}")
    finally:
        database.close()
