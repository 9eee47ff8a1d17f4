"""Settings for a command: options given on the command line win over the environment and the file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pydantic import ValidationError

from core.errors import Invalid
from core.settings import Settings


def read_settings(**options: object) -> Settings:
    """The settings with those `options` that are not None.

    Raises:
        Invalid: a setting can't be used; the message names it (code `settings_invalid`).
    """
    config = os.environ.get("KAOPU_CONFIG")
    if config is not None and not Path(config).is_file():
        raise Invalid(f"KAOPU_CONFIG 所指的配置文件 {config} 不存在。", code="settings_invalid")
    known = {f"KAOPU_{name.upper()}" for name in Settings.model_fields} | {"KAOPU_CONFIG"}
    for name in sorted(os.environ):
        if name.upper().startswith("KAOPU_") and name.upper() not in known:
            # Perhaps another program's: said, not refused.
            print(f"提示：没有名为 {name} 的设置，已忽略；全部设置见 docs/operations.md。", file=sys.stderr)  # noqa: T201
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        problems = "；".join(
            f"{'.'.join(str(part) for part in problem['loc'])}({problem['msg']})" for problem in error.errors()
        )
        raise Invalid(
            f"配置不对：{problems}。请检查 KAOPU_ 环境变量与 kaopu.toml，说明见 docs/operations.md。",
            code="settings_invalid",
        ) from None
    except ValueError as error:
        raise Invalid(
            f"配置文件 kaopu.toml(或 KAOPU_CONFIG 所指文件)读不懂：{error}", code="settings_invalid"
        ) from None
