"""`kaopu library`: the content library in and out, checked, published and searched, straight on the database.

The hub need not run; one that does follows by its generation watcher. `--format json` prints for machines on standard output.
Exit status 1: something is wrong with the content; everything that is wrong has been printed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from knowledge_base.exchange.reports import ImportFault, ImportReading
    from knowledge_base.store import LibraryStore

application = typer.Typer(
    help="内容库：导入、导出、检查、发布、检索。", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)


class Output(StrEnum):
    """For people or for machines."""

    TABLE = "table"
    JSON = "json"


class Form(StrEnum):
    """What is exported."""

    JSON = "json"
    XLSX = "xlsx"
    YAML = "yaml"


OutputOption = Annotated[Output, typer.Option("--format", help="table 给人看，json 给程序用")]
SHOWN = 50


@contextmanager
def _store() -> Iterator[LibraryStore]:
    """The library in the hub's database, filled from the content folder if it is still empty."""
    from commands.configuration import read_settings
    from core import logs
    from core.database import Database
    from knowledge_base.life.seeding import seed
    from knowledge_base.store import LibraryStore
    from services.precheck.publishing import faults_of

    logs.configure(level="error", form="console")
    settings = read_settings()
    database = Database(settings.database)
    try:
        database.upgrade()
        store = LibraryStore(database, extra_faults=faults_of)
        seed(store, settings.content_dir)
        yield store
    finally:
        database.close()


def _print_json(data: Any) -> None:
    import orjson

    typer.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def _table(headings: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*headings, title=title)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)


def _read(path: Path, area: str | None) -> ImportReading:
    """A folder of YAML, a list of names (.jsonl), or a file."""
    from core.errors import Invalid
    from knowledge_base.exchange.directory import read_directory
    from knowledge_base.exchange.guide_blocks import GuideDraft
    from knowledge_base.exchange.intake import read_file
    from knowledge_base.exchange.reports import ImportReading
    from knowledge_base.library import read_folder

    if path.is_dir():
        return ImportReading(entries=read_folder(path))
    if path.suffix == ".jsonl":
        return read_directory(path, area=area)
    try:
        content = path.read_bytes()
    except OSError:
        raise Invalid(f"文件 {path} 打不开，请检查路径。", code="file_missing") from None
    _, found = read_file(content, source=path.name)
    if isinstance(found, GuideDraft):
        raise Invalid("DOCX 和 HTML 指南要有人看过才能入库；请在内容编辑页面里导入。", code="guide_needs_people")
    return found


def _faults(reading: ImportReading, output: Output, extra: Mapping[str, Any]) -> None:
    def plain(faults: Sequence[ImportFault]) -> list[dict[str, object]]:
        return [{"place": one.place, "message": one.message} for one in faults]

    if output is Output.JSON:
        told = {"faults": plain(reading.faults), "notices": plain(reading.notices), "fault_count": reading.fault_count}
        _print_json({**extra, **told})
        return
    for fault in reading.notices[:SHOWN]:
        typer.echo(f"提示 {fault.place}：{fault.message}", err=True)
    for fault in reading.faults[:SHOWN]:
        typer.echo(f"✗ {fault.place}：{fault.message}", err=True)
    if reading.fault_count:
        typer.echo(f"共 {reading.fault_count} 处不对，一条也没有导入。", err=True)


@application.command("import", help="导入 YAML 目录、.xlsx、.yaml、.json 或目录名单 .jsonl；全部成功或一条也不导入。")
def import_entries(
    path: Annotated[Path, typer.Argument(metavar="文件或目录")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只核对，不写入")] = False,
    publish_now: Annotated[
        bool, typer.Option("--publish", help="不经审核立即发布，由执行命令的人负责；不加则存为草稿，等人审核")
    ] = False,
    area: Annotated[str | None, typer.Option("--area", help="目录名单属于哪个区划")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Read, check, then store in one transaction."""
    from core.progress import StepBars
    from knowledge_base.life.lifecycle import Actor

    with StepBars() as bars:
        bars.step("读取", 0, 2)
        reading = _read(path, area)
        if not reading.sound:
            _faults(reading, output, {"stored": False})
            raise typer.Exit(1)
        bars.step("读取", 1, 2)
        with _store() as store:
            if dry_run:
                _, report = asyncio.run(store.plan_import(reading.entries, keeping=reading.keeping))
            else:
                by = Actor("command-line", "命令行")
                report = asyncio.run(
                    store.put(
                        reading.entries,
                        by,
                        publish=publish_now,
                        note=f"由 {path.name} 导入",
                        keeping=reading.keeping,
                    )
                )
        bars.step("读取", 2, 2)
    counts = {
        "created": len(report.created),
        "changed": len(report.changed),
        "unchanged": len(report.unchanged),
        "waiting": len(report.waiting),
    }
    _faults(reading, output, {"stored": not dry_run, **counts})
    if output is Output.TABLE:
        done = "核对通过，没有写入" if dry_run else "已导入并发布" if publish_now else "已存为草稿"
        typer.echo(
            f"{done}：新增 {counts['created']} 条，修改 {counts['changed']} 条，"
            f"未变 {counts['unchanged']} 条，待生效 {counts['waiting']} 条。"
        )


@application.command("export", help="导出在用的内容：.json、.xlsx，或 YAML 目录。")
def export_entries(
    path: Annotated[Path, typer.Argument(metavar="文件或目录")],
    form: Annotated[Form | None, typer.Option("--as", help="默认看文件名；没有后缀的是 YAML 目录")] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="哪几种，可以写多次")] = None,
    department: Annotated[str | None, typer.Option("--department", help="哪个部门")] = None,
) -> None:
    """Write what is in force."""
    from core.errors import Invalid
    from knowledge_base.entries import kind_of
    from knowledge_base.exchange.texts import write_folder, write_json
    from knowledge_base.exchange.workbook_writing import write_workbook
    from knowledge_base.terms import EntryKind

    unknown = [one for one in kind or () if one not in set(EntryKind)]
    if unknown:
        raise Invalid(f"没有名为 {unknown[0]} 的种类；可用的有 {'、'.join(EntryKind)}。", code="kind_unknown")
    suffix = path.suffix.removeprefix(".")
    chosen = form or (Form(suffix) if suffix in ("json", "xlsx") else Form.YAML)
    with _store() as store:
        library = store.read_library()
    entries = [
        entry
        for entry in library.entries.values()
        if (not kind or kind_of(entry).value in kind) and (department is None or entry.department == department)
    ]
    try:
        if chosen is Form.YAML:
            write_folder(path, entries)
        elif chosen is Form.JSON:
            path.write_bytes(write_json(entries, generation=library.generation))
        else:
            path.write_bytes(write_workbook(entries))
    except OSError:
        raise Invalid(f"{path} 写不了，请检查路径与权限。", code="file_not_written") from None
    typer.echo(f"已导出 {len(entries)} 条到 {path}。")


@application.command(help="检查在用的内容，或者一个文件里的内容；有“错误”级的发现时退出码为 1。")
def lint(
    path: Annotated[Path | None, typer.Argument(metavar="[文件或目录]")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Findings of the checker."""
    from knowledge_base.guide_lint import Severity, lint_library
    from knowledge_base.library import Library
    from services.precheck.publishing import faults_of

    if path is None:
        with _store() as store:
            library = store.read_library()
    else:
        reading = _read(path, None)
        if not reading.sound:
            _faults(reading, output, {})
            raise typer.Exit(1)
        library = Library(reading.entries)
    found = lint_library(library, extra_faults=faults_of)
    rows = [
        {
            "entry": one.entry_id,
            "place": ".".join(str(part) for part in one.place),
            "rule": one.rule,
            "severity": one.severity.value,
            "reason": one.reason,
        }
        for one in found
    ]
    if output is Output.JSON:
        _print_json(rows)
    else:
        _table(("内容", "位置", "级别", "原因"), [(r["entry"], r["place"], r["severity"], r["reason"]) for r in rows])
        typer.echo(f"检查了 {len(library.entries)} 条，发现 {len(rows)} 处。")
    if any(one.severity is Severity.ERROR for one in found):
        raise typer.Exit(1)


@application.command(help="发布一个已审核通过的版本。")
def publish(
    entry_id: Annotated[str, typer.Argument(metavar="编号")],
    number: Annotated[int | None, typer.Option("--version", min=1, help="第几版；默认是审核通过的那一版")] = None,
) -> None:
    """Put an approved version in force; a running hub follows within a second."""
    from core.errors import Conflict
    from knowledge_base.life.lifecycle import Action, Actor, is_in_use

    by = Actor("command-line", "命令行")

    async def work(store: LibraryStore) -> str:
        view = await store.entry(entry_id)
        wanted = number or (view.open.number if view.open else None)
        if wanted is None:
            raise Conflict(f"{entry_id} 没有等待发布的版本。", code="state_not_allowed")
        version = await store.version(entry_id, wanted)
        if not is_in_use(version.effective_date, None, store.today()):
            await store.advance(entry_id, Action.SCHEDULE, by, revision=version.revision)
            return f"{entry_id} 第 {wanted} 版已排期，{version.effective_date} 生效(由运行中的服务执行)。"
        change = await store.plan_publication([(entry_id, wanted)])
        generation = await store.commit(change, by, Action.PUBLISH)
        return f"已发布 {entry_id} 第 {wanted} 版，内容库第 {generation} 代。"

    with _store() as store:
        typer.echo(asyncio.run(work(store)))


@application.command(help="检索，并显示得分。")
def search(
    text: Annotated[str, typer.Argument(metavar="问题")],
    count: Annotated[int, typer.Option("-k", min=1, max=50, help="几条")] = 5,
    output: OutputOption = Output.TABLE,
) -> None:
    """Entries and sections with their scores, by the search that answers use."""
    from commands.library_search import search_library

    with _store() as store:
        items, sections = asyncio.run(search_library(store.read_library(), text, count))
    if output is Output.JSON:
        _print_json({"items": items, "sections": sections})
        return
    headings = ("得分", "编号", "名称", "匹配的名称", "名称向量")
    _table(headings, [tuple(row.values()) for row in items], "事项")
    _table(("得分", "段落", "标题", "词", "向量"), [tuple(row.values()) for row in sections], "段落")


@application.command(help="建好检索索引；`make` 在第一次启动前用它，平时不必。")
def index() -> None:
    """Make the index of the shipped content."""
    from commands.configuration import read_settings
    from commands.library_search import make_index
    from core import logs
    from core.progress import StepBars
    from knowledge_base.library import Library

    logs.configure(level="error", form="console")
    library = Library.load(read_settings().content_dir)
    with StepBars() as bars:
        count = asyncio.run(
            make_index(
                library,
                lambda done, total: bars.step("检索索引", done, total),
                lambda done, total: bars.step("办事指南细目", done, total),
            )
        )
    typer.echo(f"检索索引已建好：{len(library.entries)} 条内容，{count} 个段落。")


@application.command(help="内容库的数量。")
def stats(output: OutputOption = Output.TABLE) -> None:
    """Figures about the library."""
    with _store() as store:
        figures = asyncio.run(store.statistics())
        generation = asyncio.run(store.generation())
    data: dict[str, Any] = {
        "generation": generation,
        "published": {kind.value: count for kind, count in figures.published.items()},
        "states": {state.value: count for state, count in figures.states.items()},
        "departments": figures.departments,
        "sections": figures.sections,
    }
    if output is Output.JSON:
        _print_json(data)
        return
    rows: list[tuple[object, object]] = [("内容库", f"第 {generation} 代"), ("部门", figures.departments)]
    rows += [(f"已发布：{kind.display_name}", number) for kind, number in figures.published.items()]
    rows += [(f"版本：{state.display_name}", number) for state, number in figures.states.items()]
    _table(("项", "数"), [*rows, ("留存的段落", figures.sections)])
