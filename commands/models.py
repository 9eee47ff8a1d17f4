"""`kaopu models`: what the catalogue holds, whether its files are sound, and building them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models.artifacts import ArtifactStore
    from models.registry import Registry

application = typer.Typer(
    help="模型：查看、构建、核对。", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

Names = Annotated[list[str] | None, typer.Argument(metavar="[模型...]", help="模型名或 模型名/版本；默认全部")]


def _open() -> tuple[Registry, ArtifactStore, Path]:
    """The registry, the store and the folder for downloads, as the settings say."""
    from commands.configuration import read_settings
    from models.artifacts import ArtifactStore
    from models.registry import Registry

    settings = read_settings()
    return Registry(settings.registry_file), ArtifactStore(settings.artifacts), settings.var_dir / "build"


@application.command("list", help="列出目录里的模型。")
def list_models() -> None:
    """One row per version."""
    from rich.console import Console
    from rich.table import Table

    registry, store, _ = _open()
    table = Table("模型", "名称", "任务", "版本", "别名", "文件")
    for name, model in registry.models.items():
        for version, entry in model.versions.items():
            aliases = "、".join(alias for alias, target in model.aliases.items() if target == version)
            present = bool(entry.files) and all((store.folder_of(entry) / file).is_file() for file in entry.files)
            table.add_row(name, model.title, model.task, version, aliases, "在" if present else "缺")
    Console().print(table)


@application.command(help="显示一个模型的全部信息。")
def show(name: Annotated[str, typer.Argument(metavar="模型", help="模型名")]) -> None:
    """Everything that the registry says of a model."""
    from rich.console import Console
    from rich.table import Table

    registry, store, _ = _open()
    model = registry.model(name)
    facts = Table(show_header=False)
    for label, value in (
        ("模型", name),
        ("名称", model.title),
        ("任务", model.task),
        ("用途", model.purpose),
        ("责任单位", model.owner),
        ("许可", model.licence),
        ("启动时装载", "是" if model.preload else "否"),
    ):
        facts.add_row(label, value)
    console = Console()
    console.print(facts)
    files = Table(title="版本")
    for heading in ("版本", "别名", "后端", "文件", "字节", "sha256"):
        files.add_column(heading, overflow="fold")
    for version, entry in model.versions.items():
        aliases = "、".join(alias for alias, target in model.aliases.items() if target == version)
        for file, expected in entry.files.items():
            path = store.folder_of(entry) / file
            size = f"{path.stat().st_size:,}" if path.is_file() else "缺"
            files.add_row(version, aliases, entry.backend, file, size, expected[:16] + "…")
    console.print(files)
    if model.history:
        history = Table("时间", "谁", "别名", "从", "到", "理由", title="变更")
        for change in model.history:
            history.add_row(change.at, change.who, change.alias, change.before or "", change.after, change.why)
        console.print(history)


@application.command(help="构建缺少或校验和不符的模型文件；都齐了就什么也不做。")
def build(
    names: Names = None,
    force: Annotated[bool, typer.Option("--force", help="即使文件完好也重新构建")] = False,
) -> None:
    """Run the recipes that are needed."""
    from models.build.builder import build as build_artifacts
    from models.build.builder import targets, unfit

    registry, store, work = _open()
    if not force and not unfit(store, targets(registry, names or ())):
        # Every `make serve` comes by here: nothing more is imported or locked.
        typer.echo("模型文件齐全且校验和相符，无需构建。")
        return
    from core.progress import StepBars

    with StepBars() as bars:
        report = build_artifacts(registry, store, work, bars, names or (), force=force)
    typer.echo(f"已构建：{'、'.join(report.built)}" if report.built else "另一个构建已经完成，无需再构建。")


@application.command(help="逐个文件核对 sha256。")
def verify(names: Names = None) -> None:
    """Read every file; status 1 if one is missing or differs."""
    from core.errors import ArtifactMismatch, ArtifactMissing
    from models.build.builder import targets

    registry, store, _ = _open()
    failed = 0
    for target in targets(registry, names or ()):
        try:
            store.verify(target.name, target.version, target.entry)
        except (ArtifactMissing, ArtifactMismatch) as error:
            failed += 1
            typer.echo(f"✗ {target.reference}  {error.message}", err=True)
        else:
            typer.echo(f"✓ {target.reference}")
    if failed:
        raise typer.Exit(1)
