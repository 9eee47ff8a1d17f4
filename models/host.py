"""Name or alias -> loaded version.

The host loads versions (explicitly, warm, with a report), gives out handles, and swaps a version under load without a failed
request: the new one is loaded and warmed beside the old, the name is switched between two requests, and the old one is
closed once the requests it already has are answered.

A model whose backend says `apart` is loaded by so many workers, processes of their own (decision 37), if the host has any.

Everything but loading and inference happens on the event loop's thread, so the tables need no locks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from core.errors import HubError, NotFound, Unavailable
from models.artifacts import ArtifactStore
from models.backends import backend_class
from models.batching import Batcher, BatchLimits
from models.handle import CallResult
from models.lanes import Lane, WorkerLane, WorkerLimits
from models.loaded import LoadedModel, LoadReport, load_failed, load_here, start_workers
from models.model import ModelConfig
from models.registry import DEFAULT_ALIAS, Registry
from models.worker_main import Start

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RoutedHandle:
    """A handle for a reference; finds the loaded version anew at each call."""

    host: Host
    reference: str
    task: str

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        """See `Handle.call`."""
        return await self.host.find(self.reference).call(inputs)

    async def run(self, job: str, inputs: Sequence[Any]) -> CallResult:
        """See `JobHandle.run`."""
        return await self.host.find(self.reference).run(job, inputs)


class Host:
    """The models of this process.

    Args:
        registry: what exists.
        store: where the artifacts are.
        threads: inference threads of each model.
        queue_items: inputs that may wait for each model.
        workers: processes of each model that is loaded apart; 0: such models are loaded here like the others.
        limits: of each such process.
    """

    def __init__(
        self,
        registry: Registry,
        store: ArtifactStore,
        *,
        threads: int,
        queue_items: int,
        workers: int = 0,
        limits: WorkerLimits | None = None,
    ) -> None:
        self.registry = registry
        self.store = store
        self.threads = threads
        self.queue_items = queue_items
        self.workers = workers
        self._limits = limits or WorkerLimits()
        self._loaded: dict[tuple[str, str], LoadedModel] = {}
        self._aliases: dict[tuple[str, str], str] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._required: list[tuple[str, str]] = []

    @property
    def ready(self) -> bool:
        """Every model that was asked for at start is loaded and answers."""
        return all(
            (one := self._loaded.get((name, self._aliases.get((name, DEFAULT_ALIAS), version)))) is not None
            and one.state == "ready"
            for name, version in self._required
        )

    async def start(self, references: Sequence[str] = ()) -> list[LoadReport]:
        """Load and warm `references` (none: every model with `preload: true`), one after the other.

        A model that can't be loaded is reported and kept as failed; the others work. One after the other, because imports
        and warm-ups use every core anyway, and the memory figures then mean something.
        """
        wanted = list(references) or [name for name, entry in self.registry.models.items() if entry.preload]
        reports = []
        for reference in wanted:
            resolved = self.registry.resolve(reference)
            self._required.append((resolved.name, resolved.version))
            self._take_aliases(resolved.name)
            async with self._lock(resolved.name):
                reports.append(await self._load(resolved.name, resolved.version, keep_failed=True))
        return reports

    def handle(self, reference: str) -> RoutedHandle:
        """A handle for `name`, `name@alias` or `name/version`. Raises NotFound for what the registry doesn't know."""
        resolved = self.registry.resolve(reference)
        return RoutedHandle(self, reference, self.registry.model(resolved.name).task)

    def find(self, reference: str) -> LoadedModel:
        """The loaded version behind a reference, now.

        Raises:
            NotFound: the registry doesn't know it.
            HubError: it failed to load (the reason), or is not loaded.
        """
        resolved = self.registry.resolve(reference)
        version = resolved.version
        if resolved.alias is not None:
            version = self._aliases.get((resolved.name, resolved.alias), version)
        loaded = self._loaded.get((resolved.name, version))
        if loaded is not None and loaded.state == "ready":
            return loaded
        if loaded is not None and loaded.error is not None:
            raise loaded.error
        raise Unavailable(
            f"模型 {resolved.name}/{version} 没有装载；请管理员先装载，或改用 {resolved.name}。",
            code="model_not_loaded",
            param="model",
        )

    def status(self) -> list[LoadedModel]:
        """Every version in memory, in the registry's order."""
        order = list(self.registry.models)
        for loaded in self._loaded.values():
            loaded.aliases = tuple(
                alias
                for (name, alias), version in self._aliases.items()
                if (name, version) == (loaded.name, loaded.version)
            )
        return sorted(self._loaded.values(), key=lambda one: (order.index(one.name), one.version))

    async def load(self, name: str, version: str) -> LoadReport:
        """Load and warm a version beside the others; a no-op if it is there. Raises what made it fail."""
        async with self._lock(name):
            return await self._load(name, version)

    async def unload(self, name: str, version: str) -> None:
        """Answer what the version still has, then close it.

        Raises:
            NotFound: it is not loaded.
            Unavailable: an alias points at it (model_in_use).
        """
        async with self._lock(name):
            loaded = self._loaded.get((name, version))
            if loaded is None:
                raise NotFound(f"模型 {name}/{version} 没有装载。", code="model_not_loaded")
            if self._in_use(name, version):
                raise Unavailable(f"模型 {name}/{version} 正被别名使用，不能卸载。", code="model_in_use")
            await self._close(loaded)

    async def swap(
        self, name: str, version: str, *, alias: str = DEFAULT_ALIAS, before_switch: Callable[[], None] = lambda: None
    ) -> LoadReport:
        """Let `alias` of `name` mean `version`: load, warm, switch, drain the old.

        `before_switch` runs on a thread once the new version is ready and before any caller reaches it; if it raises, the
        old version stays. (The registry is written there.) Raises what made loading fail; the old version then goes on.
        """
        async with self._lock(name):
            known = (name, version) in self._loaded
            report = await self._load(name, version)
            try:
                await asyncio.to_thread(before_switch)
            except BaseException:
                if not known and not self._in_use(name, version):
                    await self._close(self._loaded[name, version])
                raise
            old = self._aliases.get((name, alias))
            self._aliases[name, alias] = version
            log.info("model_switched", model=name, alias=alias, before=old, after=version)
            if old is not None and old != version and (name, old) in self._loaded and not self._in_use(name, old):
                await self._close(self._loaded[name, old])
            return report

    async def close(self) -> None:
        """Close every model; whoever still waits gets an error."""
        for loaded in list(self._loaded.values()):
            await loaded.batcher.close()
            for lane in loaded.lanes:
                if isinstance(lane, WorkerLane):
                    lane.stop()  # nobody waits for the page at hand any more
            await self._close(loaded)

    def _lock(self, name: str) -> asyncio.Lock:
        return self._locks.setdefault(name, asyncio.Lock())

    def _take_aliases(self, name: str) -> None:
        for alias, version in self.registry.model(name).aliases.items():
            self._aliases.setdefault((name, alias), version)

    def _in_use(self, name: str, version: str) -> bool:
        return any(one == name and target == version for (one, _), target in self._aliases.items())

    async def _load(self, name: str, version: str, *, keep_failed: bool = False) -> LoadReport:
        present = self._loaded.get((name, version))
        if present is not None and present.state == "ready":
            return LoadReport(name, version, 0.0, 0.0, 0.0, 0)
        self._take_aliases(name)
        entry = self.registry.version(name, version)
        backend = backend_class(entry.backend)
        workers = self.workers if backend.apart else 0
        config = ModelConfig(
            name=name,
            version=version,
            task=self.registry.model(name).task,
            folder=self.store.folder_of(entry),
            options=entry.options,
            threads=max(1, self.threads // workers) if workers else self.threads,
        )
        model = backend(config)
        start = Start(f"{backend.__module__}:{backend.__qualname__}", config)
        apart = [WorkerLane(f"model-{name}-{number}", start, self._limits) for number in range(workers)]
        lanes: Sequence[Lane] = apart or [Lane(f"model-{name}", model.infer)]
        limits = BatchLimits(model.max_batch_cost, model.max_batch_items, model.free_padding)
        loaded = LoadedModel(
            name=name,
            version=version,
            task=config.task,
            state="loading",
            model=model,
            lanes=lanes,
            batcher=Batcher(name, lanes, limits, self.queue_items),
        )
        self._loaded[name, version] = loaded
        started = time.perf_counter()
        try:
            await lanes[0].thread.run(self.store.verify, name, version, entry)
            verified = time.perf_counter() - started
            load, warmup, memory = await (start_workers(loaded, apart) if apart else load_here(loaded))
        except Exception as error:
            failure = error if isinstance(error, HubError) else load_failed(name, version, error)
            log.error("model_load_failed", model=name, version=version, code=failure.code, error=type(error).__name__)
            for lane in lanes:
                lane.thread.shutdown(wait=False)
            if not keep_failed:
                del self._loaded[name, version]
                raise failure from error
            loaded.state, loaded.error = "failed", failure
            return LoadReport(name, version, 0.0, 0.0, 0.0, 0, failure)
        loaded.state = "ready"
        report = LoadReport(name, version, verified, load, warmup, memory)
        log.info(
            "model_loaded",
            model=name,
            version=version,
            verify_seconds=round(report.verify_seconds, 3),
            load_seconds=round(report.load_seconds, 3),
            warmup_seconds=round(report.warmup_seconds, 3),
            workers=workers,
            memory_megabytes=report.memory_bytes >> 20,
        )
        return report

    async def _close(self, loaded: LoadedModel) -> None:
        if loaded.state == "ready":
            # From here on `find` no longer gives it out; who already has it is answered first.
            loaded.state = "draining"
            await loaded.drain()
            await loaded.batcher.close()
            for lane in loaded.lanes:
                await lane.thread.run(lane.close if isinstance(lane, WorkerLane) else loaded.model.close)
                lane.thread.shutdown(wait=False)
            log.info("model_closed", model=loaded.name, version=loaded.version)
        self._loaded.pop((loaded.name, loaded.version), None)
