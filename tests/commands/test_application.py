from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from commands.application import run_command
from commands.keys import RoleName
from services.access import Role
from services.access.keys import TOKEN_FORM

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command works in a folder of its own."""
    monkeypatch.setenv("KAOPU_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("KAOPU_CONFIG", str(tmp_path / "kaopu.toml"))
    (tmp_path / "kaopu.toml").write_text("")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def test_a_key_is_made_listed_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run_command(["keys", "create", "--name", "不动产登记中心", "--role", "department", "--limit", "9/minute"]) == 0
    )
    made = capsys.readouterr()
    token = made.out.strip()
    assert TOKEN_FORM.fullmatch(token)  # alone on standard output
    key_id = re.search(r"key_[0-9a-f]{16}", made.err)
    assert key_id

    assert run_command(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert all(word in listed for word in (key_id[0], "不动产登记中心", "业务部门", "可用", "9/minute", "长期", "从未"))
    assert token not in listed

    assert run_command(["keys", "revoke", key_id[0]]) == 0
    assert "已吊销" in capsys.readouterr().out
    run_command(["keys", "list"])
    assert "已吊销" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["keys", "revoke", "key_none"], "没有编号为"),
        (["keys", "create", "--name", " ", "--role", "clerk"], "名称"),
        (["keys", "create", "--name", "甲", "--role", "clerk", "--limit", "lots"], "限额"),
        (["keys", "create", "--name", "甲", "--role", "clerk", "--expires-days", "0"], "有效天数"),
        (["models", "show", "nope"], "没有名为 nope 的模型"),
        (["models", "build", "nope"], "没有名为 nope 的模型"),
        (["models", "verify", "e5-small-zh/9"], "没有版本"),
    ],
)
def test_what_goes_wrong_is_one_line_and_status_1(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(arguments) == 1
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "没有命令 nonsense"),
        (["keys", "create", "--name", "甲"], "缺少 --role"),
        (["keys", "create", "--name", "甲", "--role", "king"], "--role 应为"),
        (["keys", "create", "--name", "甲", "--role", "clerk", "--expires-days", "soon"], "--expires-days 的值不对"),
        (["keys", "list", "--colour"], "没有选项 --colour"),
        (["keys", "list", "more"], "多出参数 more"),
        (["keys", "revoke"], "缺少 编号"),
        (["serve", "--port", "99999"], "--port 的值不对"),
        (["serve", "--port"], "选项 --port 后面缺少值"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("KAOPU_PORT", "many", "port"),
        ("KAOPU_LOG_LEVEL", "loud", "log_level"),
        ("KAOPU_DATABASE_URL", "mysql://x", "mysql"),
        ("KAOPU_DATABASE_URL", "postgresql://nobody@/hub?host=/nowhere", "连不上数据库"),
    ],
)
def test_a_wrong_setting_is_named(
    variable: str, value: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert run_command(["keys", "list"]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [("prot = 1", "prot"), ("port = 'x'", "port"), ("port = ", "kaopu.toml")],
)
def test_a_wrong_file_is_named(own_place: Path, content: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    (own_place / "kaopu.toml").write_text(content)
    assert run_command(["keys", "list"]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOPU_CONFIG", "/nowhere/kaopu.toml")
    assert run_command(["keys", "list"]) == 1
    assert "/nowhere/kaopu.toml" in capsys.readouterr().err


def test_a_variable_with_a_typo_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOPU_PROT", "9000")
    assert run_command(["keys", "list"]) == 0
    assert "KAOPU_PROT" in capsys.readouterr().err


def test_registry_with_a_typo_is_named(
    own_place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = own_place / "registry.yaml"
    copy.write_text((ROOT / "registry.yaml").read_text(encoding="utf-8").replace("task:", "tusk:", 1), encoding="utf-8")
    monkeypatch.setenv("KAOPU_REGISTRY_FILE", str(copy))
    assert run_command(["models", "list"]) == 1
    error = capsys.readouterr().err
    assert "tusk" in error
    assert "行" in error


def test_models_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["models", "list"]) == 0
    listed = capsys.readouterr().out
    assert all(word in listed for word in ("e5-small-zh", "rerank-zh", "ocr-zh", "champion", "缺"))
    assert run_command(["models", "show", "e5-small-zh"]) == 0
    assert "model.onnx" in capsys.readouterr().out


def test_verify_names_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["models", "verify"]) == 1
    error = capsys.readouterr().err
    assert "e5-small-zh/2" in error
    assert "kaopu models build" in error


def test_the_models_of_this_tree_are_sound_and_need_no_build(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relies on `make test`, which builds them first."""
    monkeypatch.delenv("KAOPU_VAR_DIR")
    assert run_command(["models", "verify"]) == 0
    assert "✓ ocr-zh/1" in capsys.readouterr().out
    assert run_command(["models", "build"]) == 0
    assert "无需构建" in capsys.readouterr().out


def test_what_keeps_the_hub_from_starting_is_one_line(
    own_place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAOPU_DATABASE_URL", "postgresql://nobody:hunter2@/hub?host=/nowhere")
    assert run_command(["serve"]) == 1
    error = capsys.readouterr().err
    assert "连不上数据库" in error
    assert "Traceback" not in error
    assert "hunter2" not in error
    monkeypatch.delenv("KAOPU_DATABASE_URL")
    (own_place / "var").mkdir()
    (own_place / "var" / "admin.key").write_text("not a key")
    assert run_command(["serve"]) == 1
    assert "admin.key" in capsys.readouterr().err


def test_help_is_chinese_and_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom commands.application import run_command\nrun_command(['--help'])\n"
        "print([name for name in ('numpy', 'sqlalchemy', 'fastapi', 'alembic', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
    assert "启动服务" in done.stdout


def test_the_command_lines_roles_are_the_roles() -> None:
    assert [role.value for role in RoleName] == [role.value for role in Role]
