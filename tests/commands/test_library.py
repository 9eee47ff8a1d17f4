"""`kaopu library` on a real database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands.application import run_command


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOPU_VAR_DIR", str(tmp_path / "var"))


def test_export_change_and_import_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "all.json"
    assert run_command(["library", "export", str(file), "--kind", "item"]) == 0
    data = json.loads(file.read_text(encoding="utf-8"))
    data["entries"][0]["document"]["summary"] = "改过的概述"
    file.write_text(json.dumps(data), encoding="utf-8")
    capsys.readouterr()
    for arguments, changed in ((["--dry-run"], 1), (["--publish"], 1), (["--publish"], 0)):
        assert run_command(["library", "import", str(file), "--format", "json", *arguments]) == 0
        assert json.loads(capsys.readouterr().out)["changed"] == changed
    assert run_command(["library", "stats", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["generation"] == "2"


def test_a_wrong_file_is_told_and_nothing_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "wrong.json"
    file.write_text('{"entries": [{"kind": "faq", "document": {"id": "a"}}]}', encoding="utf-8")
    assert run_command(["library", "import", str(file)]) == 1
    assert "一条也没有导入" in capsys.readouterr().err


def test_wrong_kind_is_refused(tmp_path: Path) -> None:
    assert run_command(["library", "export", str(tmp_path / "a.json"), "--kind", "thing"]) == 1
