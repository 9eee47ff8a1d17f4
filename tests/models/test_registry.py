"""registry.yaml: errors name the line and what was expected; changes are atomic, gated and remembered."""

from __future__ import annotations

import re
import shutil
from multiprocessing import get_context
from pathlib import Path

import pytest

from core.errors import Conflict, Invalid, NotFound, RegistryInvalid
from core.settings import ROOT
from models.registry import Registry, parse


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Path(shutil.copy(ROOT / "registry.yaml", tmp_path / "registry.yaml"))


def let_through(name: str, alias: str, version: str) -> None:
    """A gate that lets everything through."""


def line_of(path: Path, pattern: str) -> int:
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if re.search(pattern, line))


@pytest.mark.parametrize(
    ("pattern", "replacement", "expected"),
    [
        (r"    licence: MIT", "    license: MIT", "是否应为 licence"),
        (r"task: text-embedding", "task: text-embeding", "text-embedding"),
        (r"backend: onnx-embedding", "backend: onx", "onnx-embedding"),
        (r"preload: true", "preload: 也许", "应为 true 或 false"),
        (r"folder: e5-small-zh/1-q4", "folder: ../../etc", "相对路径"),
        (r"model.onnx: [0-9a-f]{64}", "model.onnx: 12ab", "sha256"),
        (r"model.onnx: ", "model.pkl: ", "格式不被接受"),
    ],
)
def test_a_mistake_is_shown_with_its_line(path: Path, pattern: str, replacement: str, expected: str) -> None:
    line = line_of(path, pattern)
    path.write_text(re.sub(pattern, replacement, path.read_text(), count=1))
    with pytest.raises(RegistryInvalid) as error:
        Registry(path)
    assert expected in error.value.message
    assert f"第 {line} 行" in error.value.message


def test_broken_yaml_is_shown_with_its_line(path: Path) -> None:
    line = line_of(path, r"^    aliases:")
    path.write_text(path.read_text().replace("    aliases:\n", "    aliases\n", 1))
    with pytest.raises(RegistryInvalid) as error:
        Registry(path)
    found = int(re.search(r"第 (\d+) 行", error.value.message).group(1))
    assert abs(found - line) <= 1


def test_a_missing_file_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(RegistryInvalid, match="找不到"):
        Registry(tmp_path / "registry.yaml")


def test_an_alias_to_nowhere_is_refused(path: Path) -> None:
    with pytest.raises(RegistryInvalid, match="不在 versions 里"):
        parse(path, path.read_text().replace('champion: "2"', 'champion: "9"', 1))


def test_an_entity_bomb_is_refused_quickly(path: Path) -> None:
    rows = ["format: 1", 'a0: &a0 ["x", "x"]']
    rows += [f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]" for number in range(1, 20)]
    with pytest.raises(RegistryInvalid):
        parse(path, "\n".join(rows))


def test_references(path: Path) -> None:
    registry = Registry(path)
    assert registry.resolve("e5-small-zh").version == "2"
    assert registry.resolve("e5-small-zh@champion").version == "2"
    assert registry.resolve("e5-small-zh/2-fp32").version == "2-fp32"
    for reference, code in [
        ("nobody", "model_not_found"),
        ("e5-small-zh/9", "version_not_found"),
        ("e5-small-zh@shadow", "version_not_found"),
    ]:
        with pytest.raises(NotFound) as error:
            registry.resolve(reference)
        assert error.value.code == code


def test_a_change_keeps_comments_and_is_remembered(path: Path) -> None:
    before = path.read_text()
    registry = Registry(path)
    registry.set_alias("e5-small-zh", "champion", "2-fp32", who="张三", why="比对精度", gate=let_through)
    assert registry.resolve("e5-small-zh").version == "2-fp32"
    again = Registry(path)
    (change,) = again.model("e5-small-zh").history
    assert (change.who, change.why, change.before, change.after) == ("张三", "比对精度", "2", "2-fp32")
    after = path.read_text()
    assert after.startswith(before[: before.index("format:")])
    changed = set(after.splitlines()) - set(before.splitlines())
    assert len(changed) <= 8, changed
    registry.set_alias("e5-small-zh", "champion", "2", who="张三", why="换回", gate=let_through)
    assert [change.after for change in Registry(path).model("e5-small-zh").history] == ["2-fp32", "2"]


def test_no_change_without_gate_reason_or_version(path: Path) -> None:
    before = path.read_text()
    registry = Registry(path)

    def refuse(name: str, alias: str, version: str) -> None:
        raise Conflict("未通过", code="gate_failed")

    with pytest.raises(Conflict):
        registry.set_alias("e5-small-zh", "champion", "2-fp32", who="张三", why="试", gate=refuse)
    with pytest.raises(Invalid):
        registry.set_alias("e5-small-zh", "champion", "2-fp32", who="张三", why=" ", gate=let_through)
    with pytest.raises(Invalid):
        registry.set_alias("e5-small-zh", "best", "2-fp32", who="张三", why="试", gate=let_through)
    with pytest.raises(NotFound):
        registry.set_alias("e5-small-zh", "champion", "7", who="张三", why="试", gate=let_through)
    assert path.read_text() == before
    assert [entry.name for entry in path.parent.iterdir() if entry.name.startswith(".registry-")] == []


def change_many(path: str, alias: str, times: int) -> None:
    registry = Registry(Path(path))
    for number in range(times):
        version = ("2-fp32", "2")[number % 2]
        registry.set_alias("e5-small-zh", alias, version, who=alias, why=str(number), gate=let_through)


def test_processes_do_not_lose_each_others_changes(path: Path) -> None:
    context = get_context("spawn")
    workers = [context.Process(target=change_many, args=(str(path), alias, 6)) for alias in ("canary", "shadow")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert len(Registry(path).model("e5-small-zh").history) == 12
