"""Change which version is in production: load, gate, write the registry, switch, drain; or leave everything as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from models.gate import judge, smoke_inputs
from models.handle import Handle
from models.host import Host
from models.loaded import LoadReport
from models.registry import DEFAULT_ALIAS

Preparation = Callable[[Handle], Awaitable[None]]
"""What has to be done with a candidate before it takes over, given a handle of it."""


class RegistrationService:
    """The registry and the host, kept in step.

    Args:
        host: holds the models.
        preparations: by model name, what depends on the model in production and wants to be ready for another (an
            index of its vectors).
    """

    def __init__(self, host: Host, preparations: Mapping[str, Preparation] | None = None) -> None:
        self.host = host
        self._preparations = preparations or {}

    async def point(self, name: str, alias: str, version: str, *, who: str, why: str) -> LoadReport:
        """Let `alias` of `name` mean `version`, here and in registry.yaml.

        The gate runs on the loaded candidate inside the registry's lock; if it or the writing fails, callers never saw
        the candidate.

        Raises:
            NotFound: no such model or version.
            Conflict: the gate did not let it through (gate_failed).
            ArtifactMissing, ArtifactMismatch, Unavailable: it can't be loaded.
        """
        registry = self.host.registry
        registry.version(name, version)
        loop = asyncio.get_running_loop()

        def gate(_name: str, _alias: str, _version: str) -> None:
            asyncio.run_coroutine_threadsafe(self._gate(name, alias, version), loop).result()

        def write() -> None:
            registry.set_alias(name, alias, version, who=who, why=why, gate=gate)

        return await self.host.swap(name, version, alias=alias, before_switch=write)

    async def _gate(self, name: str, alias: str, version: str) -> None:
        candidate = self.host.find(f"{name}/{version}")
        champion = next(
            (
                one
                for one in self.host.status()
                if one.name == name and DEFAULT_ALIAS in one.aliases and one is not candidate
            ),
            None,
        )
        result = await candidate.call(smoke_inputs(candidate.task, candidate.description))
        judge(candidate.task, result.outputs, candidate.description, champion.description if champion else None)
        if alias == DEFAULT_ALIAS and name in self._preparations:
            await self._preparations[name](self.host.handle(f"{name}/{version}"))
