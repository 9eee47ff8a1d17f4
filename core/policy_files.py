"""Read a YAML file of policy that stands beside its code; what is wrong in it is found at start, with the file and the field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from core.errors import HubError

M = TypeVar("M", bound=BaseModel)


def read_policy_file(file: Path, kind: type[M], over: Mapping[str, Any] | None = None) -> M:
    """`file` as `kind`; what it doesn't say is taken from `over`. Raises HubError (`policy_invalid`)."""
    try:
        data = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except (YAMLError, OSError, UnicodeDecodeError) as error:
        raise HubError(f"{file.name} 读不了：{error}", code="policy_invalid") from None
    try:
        return kind.model_validate({**over, **data} if over is not None and isinstance(data, dict) else data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise HubError(f"{file.name} 的 {where} 不对：{first['msg']}", code="policy_invalid") from None
