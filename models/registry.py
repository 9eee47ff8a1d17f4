"""registry.yaml: the one place that says what exists.

Validated whenever it is read; changed only here, under a file lock, by atomic replace, with a history entry (when, who, why,
from what, to what). Comments and order are kept, so that a diff shows just the change. An error names the line and what
was expected there.
"""

from __future__ import annotations

import difflib
import io
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from filelock import FileLock
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from core.errors import Invalid, NotFound, RegistryInvalid, shown
from models.backends import BACKENDS
from models.build import RECIPES
from models.tasks import TASKS

DEFAULT_ALIAS = "champion"
ALIASES = ("champion", "canary", "shadow")
FORMATS = (".onnx", ".safetensors", ".json", ".yaml", ".yml")
"""Kinds of file an artifact may hold: none of them can carry code."""
MAX_BYTES = 4 * 1024 * 1024

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
VersionName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _artifact_file(name: str) -> str:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ValueError("文件不在目录之内")
    if not name.endswith(FORMATS):
        raise ValueError(f"文件的格式不被接受，只收 {'、'.join(FORMATS)}")
    return name


ArtifactFile = Annotated[str, AfterValidator(_artifact_file)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VersionEntry(_Entry):
    """One version of a model: what runs it, what builds it, and its files with their sums."""

    backend: str
    recipe: str
    folder: str
    files: dict[ArtifactFile, Sha256]
    options: dict[str, Any] = {}

    @field_validator("backend")
    @classmethod
    def _known_backend(cls, value: str) -> str:
        if value not in BACKENDS:
            raise ValueError(f"应为 {'、'.join(BACKENDS)} 之一")
        return value

    @field_validator("recipe")
    @classmethod
    def _known_recipe(cls, value: str) -> str:
        if value not in RECIPES:
            raise ValueError(f"应为 {'、'.join(RECIPES)} 之一")
        return value

    @field_validator("folder")
    @classmethod
    def _inside(cls, value: str) -> str:
        if PurePosixPath(value).is_absolute() or ".." in PurePosixPath(value).parts or not value:
            raise ValueError("应为模型文件目录之内的相对路径")
        return value


class HistoryEntry(_Entry):
    """One change of an alias."""

    at: str
    who: str
    why: str
    alias: str
    before: str | None
    after: str


class ModelEntry(_Entry):
    """One model of the catalogue."""

    task: str
    title: str
    purpose: str
    owner: str
    licence: str
    preload: bool = False
    versions: dict[VersionName, VersionEntry] = Field(min_length=1)
    aliases: dict[str, str]
    history: list[HistoryEntry] = []

    @field_validator("task")
    @classmethod
    def _known_task(cls, value: str) -> str:
        if value not in TASKS:
            raise ValueError(f"应为 {'、'.join(TASKS)} 之一")
        return value

    @model_validator(mode="after")
    def _aliases_point_somewhere(self) -> ModelEntry:
        for alias, version in self.aliases.items():
            if alias not in ALIASES:
                raise ValueError(f"别名 {shown(alias)} 应为 {'、'.join(ALIASES)} 之一")
            if version not in self.versions:
                raise ValueError(f"别名 {alias} 指向的版本 {shown(version)} 不在 versions 里")
        if DEFAULT_ALIAS not in self.aliases:
            raise ValueError(f"缺少别名 {DEFAULT_ALIAS}")
        return self


class RegistryDocument(_Entry):
    """The whole of registry.yaml."""

    format: Annotated[int, Field(ge=1, le=1)]
    models: dict[Name, ModelEntry]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A reference read against the registry. `alias` is None where a version was named outright."""

    name: str
    version: str
    alias: str | None


Gate = Callable[[str, str, str], None]
"""Called with model, alias and version before an alias moves; raises to keep it where it is."""

_EXPECTED = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，可能是拼写错误",
    "string_type": "应为文字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "dict_type": "应为「键: 值」的映射",
    "model_type": "应为「键: 值」的映射",
    "list_type": "应为列表",
    "too_short": "不能为空",
    "greater_than_equal": "数值太小",
    "less_than_equal": "数值太大(本程序只认识 format: 1)",
}


def _round_trip() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _line_of(node: Any, location: tuple[int | str, ...]) -> int:
    """1-based line of the deepest part of `location` that exists in the parsed file."""
    line = 1
    for part in location:
        if isinstance(node, CommentedMap) and part in node:
            line = node.lc.key(part)[0] + 1
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line = node.lc.item(part)[0] + 1
        else:
            break
        node = node[part]
    return line


def _explain(path: Path, node: Any, error: ValidationError) -> RegistryInvalid:
    problems = []
    for item in error.errors(include_url=False, include_input=False):
        location = tuple(part for part in item["loc"] if part != "[key]")
        kind = item["type"]
        if kind == "value_error":
            expected = str(item["ctx"]["error"])
        elif kind == "string_pattern_mismatch":
            pattern = item["ctx"]["pattern"]
            expected = (
                "应为 64 位十六进制的 sha256" if "{64}" in pattern else "只能用小写字母、数字、连字符(版本可含点)"
            )
        else:
            expected = _EXPECTED.get(kind, item["msg"])
        if kind == "extra_forbidden":
            known = {name for model in (RegistryDocument, ModelEntry, VersionEntry) for name in model.model_fields}
            meant = difflib.get_close_matches(str(location[-1]), sorted(known), n=1)
            expected += f"，是否应为 {meant[0]}" if meant else ""
        problems.append(f"第 {_line_of(node, location)} 行 {shown('.'.join(map(str, location)) or '全文')}：{expected}")
    return RegistryInvalid(f"{path.name} 有 {len(problems)} 处错误。" + "；".join(problems[:10]))


def parse(path: Path, text: str) -> tuple[Any, RegistryDocument]:
    """The file as a commented tree and as a checked document. Raises `RegistryInvalid` with line and expectation."""
    try:
        tree = _round_trip().load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = re.sub(r"\s+", " ", error.problem or "")
        raise RegistryInvalid(f"{path.name} 第 {line} 行不是正确的 YAML：{problem}。请检查缩进与冒号。") from None
    except YAMLError as error:
        raise RegistryInvalid(f"{path.name} 不是正确的 YAML({type(error).__name__})。") from None
    try:
        return tree, RegistryDocument.model_validate(tree)
    except ValidationError as error:
        raise _explain(path, tree, error) from None


class Registry:
    """registry.yaml, read and checked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.document = self._read()[1]

    @property
    def models(self) -> Mapping[str, ModelEntry]:
        """Every model by name."""
        return self.document.models

    def model(self, name: str) -> ModelEntry:
        """The entry of a model. Raises NotFound (model_not_found)."""
        entry = self.models.get(name)
        if entry is None:
            raise NotFound(
                f"没有名为 {shown(name)} 的模型；可用的有：{'、'.join(self.models)}。",
                code="model_not_found",
                param="model",
            )
        return entry

    def version(self, name: str, version: str) -> VersionEntry:
        """The entry of a version. Raises NotFound (model_not_found, version_not_found)."""
        found = self.model(name).versions.get(version)
        if found is None:
            raise NotFound(
                f"模型 {name} 没有版本 {shown(version)}；已登记的有：{'、'.join(self.model(name).versions)}。",
                code="version_not_found",
                param="version",
            )
        return found

    def resolve(self, reference: str) -> Resolved:
        """Read `name`, `name@alias` or `name/version`. Raises NotFound."""
        name, slash, version = reference.partition("/")
        if slash:
            self.version(name, version)
            return Resolved(name, version, None)
        name, at, alias = reference.partition("@")
        alias = alias if at else DEFAULT_ALIAS
        target = self.model(name).aliases.get(alias)
        if target is None:
            raise NotFound(f"模型 {name} 没有别名 {shown(alias)}。", code="version_not_found", param="model")
        return Resolved(name, target, alias)

    def set_alias(self, name: str, alias: str, version: str, *, who: str, why: str, gate: Gate) -> None:
        """Let `alias` of `name` point at `version`, after `gate` let it through; writes the history.

        The old file or the new one is on disk at any moment, never a part: the new text is written beside it, flushed and
        moved over it, all under a lock that other processes honour.

        Raises:
            NotFound: no such model or version.
            Invalid: an alias that is not known, or no reason given.
            HubError: whatever the gate raises.
        """
        if alias not in ALIASES:
            raise Invalid(f"别名应为 {'、'.join(ALIASES)} 之一。", code="alias_invalid", param="alias")
        if not why.strip():
            raise Invalid("请写明变更理由。", code="reason_missing", param="reason")
        with FileLock(str(self.path) + ".lock"):
            tree, document = self._read()
            self.document = document
            self.version(name, version)
            before = document.models[name].aliases.get(alias)
            gate(name, alias, version)
            entry = tree["models"][name]
            entry["aliases"][alias] = version
            history = entry.setdefault("history", CommentedSeq())
            if not history:
                # An empty flow list (`[]`) would keep its style and grow into one long line.
                history = entry["history"] = CommentedSeq()
            history.append(
                CommentedMap(
                    at=datetime.now(UTC).isoformat(timespec="seconds"),
                    who=who,
                    why=why.strip(),
                    alias=alias,
                    before=before,
                    after=version,
                )
            )
            self._write(tree)
            self.document = self._read()[1]

    def _read(self) -> tuple[Any, RegistryDocument]:
        try:
            size = self.path.stat().st_size
            if size > MAX_BYTES:
                raise RegistryInvalid(f"{self.path.name} 有 {size} 字节，超出 {MAX_BYTES} 的上限。")
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise RegistryInvalid(f"找不到 {self.path}；请在项目目录运行，或设置 KAOPU_REGISTRY_FILE。") from None
        except UnicodeDecodeError:
            raise RegistryInvalid(f"{self.path.name} 不是 UTF-8 文本。") from None
        return parse(self.path, text)

    def _write(self, tree: Any) -> None:
        text = io.StringIO()
        _round_trip().dump(tree, text)
        parse(self.path, text.getvalue())
        descriptor, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".registry-", suffix=".yaml")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text.getvalue())
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(self.path.stat().st_mode & 0o777)
            Path(temporary).replace(self.path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
