"""`kaopu`: serve the hub, build and check its models, manage its keys, its content, its papers and the history of its cases.

Heavy imports happen inside the commands, so that `kaopu --help` comes at once. Whatever goes wrong in a way that we
foresaw ends in one line of Chinese on standard error and exit status 1; wrong usage in status 2.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Annotated

import typer

from commands import audit, documents, keys, library, models
from core.errors import HubError

USAGE = (
    (r"Missing (?:option|argument|parameter) '?([^']*)'?\..*", r"缺少 \1"),
    (r"No such option: (\S+).*", r"没有选项 \1"),
    (r"No such command '(.*)'\..*", r"没有命令 \1"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", r"多出参数 \1"),
    (r"Option '(.*)' requires an argument.*", r"选项 \1 后面缺少值"),
    (r"Invalid value for '?([^':]*)'?: .* is not one of (.*?)\.?", r"\1 应为 \2 之一"),
    (r"Invalid value for '?([^':]*)'?: .*", r"\1 的值不对"),
)
"""What Typer says of wrong usage, and what we say."""

application = typer.Typer(
    name="kaopu",
    help="靠普智枢：区政务服务 AI 助手与算法中枢。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
application.add_typer(models.application, name="models")
application.add_typer(keys.application, name="keys")
application.add_typer(library.application, name="library")
application.add_typer(documents.application, name="documents")
application.add_typer(audit.application, name="audit")


@application.command(help="启动服务。")
def serve(
    host: Annotated[str | None, typer.Option(help="监听地址；默认取 KAOPU_HOST 或配置文件")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="监听端口；默认取 KAOPU_PORT 或配置文件")] = None,
) -> None:
    """Run the hub until it is stopped."""
    from commands.configuration import read_settings

    settings = read_settings(host=host, port=port)
    from serve import run

    run(settings)


def main() -> None:
    """Entry point of the `kaopu` command."""
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command line; its exit status. Never a traceback for what we foresaw."""
    try:
        status = application(args=arguments, prog_name="kaopu", standalone_mode=False)
    except HubError as error:
        return _fail(error.message)
    except KeyboardInterrupt:
        return _fail("已中断。", 130)
    except typer.Abort:
        return _fail("已取消。")
    except BrokenPipeError:
        # Whoever read our output has had enough (`kaopu keys list | head`); keep the interpreter's own flush quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        # Typer keeps its errors of usage to itself; all of them can format their message.
        describe = getattr(error, "format_message", None)
        if describe is None:
            raise
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "kaopu"
        return _fail(f"命令写法不对：{_in_chinese(str(describe()))}。用 {path} --help 查看用法。", 2)
    return status if isinstance(status, int) else 0


def _in_chinese(message: str) -> str:
    message = " ".join(message.split())
    for pattern, ours in USAGE:
        if match := re.fullmatch(pattern, message):
            return match.expand(ours)
    return message.rstrip(".")


def _fail(message: str, status: int = 1) -> int:
    typer.echo(message, err=True)
    return status
