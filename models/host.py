"""Name or alias -> loaded version.

The host loads versions (explicitly, warm, with a report), gives out handles, and swaps a version under load without a failed
request: the new one is loaded and warmed beside the old, the name is switched between two requests, and the old one is
closed once the requests it already has are answered.

Everything but loading and inference happens on the event loop's thread, so the tables need no locks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import psutil
import structlog

from core.errors import HubError, NotFound, Unavailable
from models.artifacts import ArtifactStore
from models.backends import backend_class
from models.batching import Batcher, BatchLimits, ModelStats
from models.handle import CallResult, Handle, Timing
from models.model import Model, ModelConfig
from models.model_thread import ModelThread
from models.registry import DEFAULT_ALIAS, Registry

INLINE_INPUTS = 8
"""Up to so many inputs are prepared on the spot: a hop to a thread costs more than tokenising a few texts."""

State = Literal["loading", "ready", "draining", "failed"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What loading one version did. Seconds; `memory_bytes` is how much the process grew (other loads at the same time
    count in, so it is a hint)."""

    name: str
    version: str
    verify_seconds: float
    load_seconds: float
    warmup_seconds: float
    memory_bytes: int
    error: HubError | None = None


@dataclass(slots=True, eq=False)
class LoadedModel:
    """One version in memory, with its thread, its queue and its counters."""

    name: str
    version: str
    task: str
    state: State
    model: Model[Any, Any]
    thread: ModelThread
    batcher: Batcher
    description: dict[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    error: HubError | None = None
    in_flight: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def stats(self) -> ModelStats:
        """Counters since loading."""
        return self.batcher.stats

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        """Prepare here or on a thread, then wait for the batcher. Raises as `Handle.call` does."""
        self.in_flight += 1
        try:
            started = time.perf_counter()
            if len(inputs) <= INLINE_INPUTS:
                prepared = self.model.prepare(inputs)
            else:
                prepared = await asyncio.to_thread(self.model.prepare, inputs)
            spent = time.perf_counter() - started
            self.stats.prepare_seconds += spent
            result = await self.batcher.submit(prepared)
            return CallResult(
                outputs=result.outputs,
                model=self.name,
                version=self.version,
                timing=Timing(prepare=spent, queue=result.queue_seconds, infer=result.infer_seconds),
            )
        finally:
            self.in_flight -= 1
            if self.in_flight == 0:
                self.idle.set()

    async def drain(self) -> None:
        """Wait until the last request that has this version is answered."""
        while self.in_flight:
            self.idle.clear()
            await self.idle.wait()


@dataclass(frozen=True, slots=True)
class RoutedHandle:
    """A handle for a reference; finds the loaded version anew at each call."""

    host: Host
    reference: str
    task: str

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        """See `Handle.call`."""
        return await self.host.find(self.reference).call(inputs)


class Host:
    """The models of this process.

    Args:
        registry: what exists.
        store: where the artifacts are.
        threads: inference threads of each model.
        queue_items: inputs that may wait for each model.
    """

    def __init__(self, registry: Registry, store: ArtifactStore, *, threads: int, queue_items: int) -> None:
        self.registry = registry
        self.store = store
        self.threads = threads
        self.queue_items = queue_items
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

    def handle(self, reference: str) -> Handle:
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
        config = ModelConfig(
            name=name,
            version=version,
            task=self.registry.model(name).task,
            folder=self.store.folder_of(entry),
            options=entry.options,
            threads=self.threads,
        )
        model = backend_class(entry.backend)(config)
        thread = ModelThread(f"model-{name}")
        limits = BatchLimits(model.max_batch_cost, model.max_batch_items, model.free_padding)
        loaded = LoadedModel(
            name=name,
            version=version,
            task=config.task,
            state="loading",
            model=model,
            thread=thread,
            batcher=Batcher(name, model.infer, thread, limits, self.queue_items),
        )
        self._loaded[name, version] = loaded
        memory = psutil.Process().memory_info().rss
        times: list[float] = []

        def work() -> None:
            for step in (lambda: self.store.verify(name, version, entry), model.load, model.warmup):
                started = time.perf_counter()
                step()
                times.append(time.perf_counter() - started)

        try:
            await thread.run(work)
        except Exception as error:
            failure = error if isinstance(error, HubError) else _load_failed(name, version, error)
            log.error("model_load_failed", model=name, version=version, code=failure.code, error=type(error).__name__)
            thread.shutdown(wait=False)
            if not keep_failed:
                del self._loaded[name, version]
                raise failure from error
            loaded.state, loaded.error = "failed", failure
            return LoadReport(name, version, 0.0, 0.0, 0.0, 0, failure)
        loaded.description = model.describe()
        loaded.state = "ready"
        verify, load, warmup = times
        report = LoadReport(name, version, verify, load, warmup, psutil.Process().memory_info().rss - memory)
        log.info(
            "model_loaded",
            model=name,
            version=version,
            verify_seconds=round(report.verify_seconds, 3),
            load_seconds=round(report.load_seconds, 3),
            warmup_seconds=round(report.warmup_seconds, 3),
            memory_megabytes=report.memory_bytes >> 20,
        )
        return report

    async def _close(self, loaded: LoadedModel) -> None:
        if loaded.state == "ready":
            # From here on `find` no longer gives it out; who already has it is answered first.
            loaded.state = "draining"
            await loaded.drain()
            await loaded.batcher.close()
            await loaded.thread.run(loaded.model.close)
            loaded.thread.shutdown(wait=False)
            log.info("model_closed", model=loaded.name, version=loaded.version)
        self._loaded.pop((loaded.name, loaded.version), None)


def _load_failed(name: str, version: str, error: Exception) -> HubError:
    failure = Unavailable(
        f"模型 {name}/{version} 装载失败({type(error).__name__})；请查看服务日志。", code="model_load_failed"
    )
    failure.__cause__ = error
    return failure
