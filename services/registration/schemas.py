"""What /api/registry takes and gives."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class VersionOut(BaseModel):
    """One version: its backend and whether it is in memory (`absent`, `loading`, `ready`, `draining`, `failed`)."""

    version: str
    backend: str
    state: str
    description: dict[str, Any]


class ModelOut(BaseModel):
    """One model of the catalogue."""

    name: str
    task: str
    title: str
    purpose: str
    owner: str
    licence: str
    aliases: dict[str, str]
    versions: list[VersionOut]
    history: list[dict[str, Any]]


class ModelList(BaseModel):
    """Every model of the catalogue."""

    models: list[ModelOut]


class AliasIn(BaseModel):
    """Which version an alias shall mean, and why."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[str, Field(min_length=1, max_length=63)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class LoadOut(BaseModel):
    """What loading did: seconds, and bytes that the process grew (0 everywhere if the version was there already)."""

    name: str
    version: str
    verify_seconds: float
    load_seconds: float
    warmup_seconds: float
    memory_bytes: int
