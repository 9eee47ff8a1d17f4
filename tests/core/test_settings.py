from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.settings import ROOT, Settings

ROW = re.compile(r"^\| `(KAOPU_[A-Z_]+)` \| (.+?) \| (.+) \|$", re.MULTILINE)
COMPUTED = {
    "artifacts_dir": "`<var_dir>/artifacts`",
    "database_url": "`<var_dir>/hub.sqlite3`",
    "threads": "number of cores",
    "document_workers": "number of cores, at most 4, one for every 2 GB",
    "preload": "empty",
    "embed_origins": "empty",
    "mcp_hosts": "empty",
    "public_url": "empty",
    "language_model_url": "empty",
    "language_model_name": "empty",
    "language_model_key": "empty",
    "document_key": "empty",
}
"""Defaults that depend on something, and how the document says so."""


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KAOPU_CONFIG", str(tmp_path / "kaopu.toml"))


def documented() -> dict[str, str]:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    return {name.removeprefix("KAOPU_").lower(): default for name, default, _ in ROW.findall(text)}


def test_every_setting_is_documented_and_nothing_else() -> None:
    assert list(documented()) == list(Settings.model_fields)


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_the_documented_default_is_the_default(name: str) -> None:
    default = Settings.model_fields[name].default
    if isinstance(default, Path):
        default = default.relative_to(ROOT)
    assert documented()[name] == COMPUTED.get(name, f"`{default}`")


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_what_depends_on_the_folder_follows_it(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path)
    assert settings.artifacts == tmp_path / "artifacts"
    assert settings.database == f"sqlite:///{tmp_path}/hub.sqlite3"
    assert settings.admin_key_file == tmp_path / "admin.key"
    assert settings.threads >= 1


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kaopu.toml").write_text("port = 9001\nlog_level = 'error'\n")
    monkeypatch.setenv("KAOPU_PORT", "9002")
    settings = Settings()
    assert (settings.port, settings.log_level, settings.host) == (9002, "error", "127.0.0.1")


@pytest.mark.parametrize("line", ["prot = 1", "port = 0", "port = 'x'", "log_level = 'loud'", "max_body_bytes = 1"])
def test_a_wrong_line_in_the_file_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "kaopu.toml").write_text(line)
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize("address", ["hub.example.gov.cn", "ftp://hub", "https://", "https://hub/?a=1", "https://hu b"])
def test_a_public_address_is_one(address: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="public_url"):
        Settings(var_dir=tmp_path, public_url=address)
