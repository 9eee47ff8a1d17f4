"""What the models look like from outside: OpenAI's list, and the protocol's metadata, configuration, index and statistics.

Plain data out of the host and the registry; nothing here runs a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from core.errors import NotFound
from models.host import Host
from models.loaded import LoadedModel
from models.registry import DEFAULT_ALIAS, ModelEntry, Resolved
from models.tasks import TASKS, TensorSpec

_CONFIG_TYPES = {"BYTES": "TYPE_STRING"}
_INDEX_STATES = {"ready": "READY", "loading": "LOADING", "draining": "UNLOADING", "failed": "UNAVAILABLE"}

NANOSECONDS = 1_000_000_000


class Catalogue:
    """The host's models in the words of each API family.

    Args:
        host: the models of this process.
        since: seconds since 1970; stands as `created` where OpenAI's clients want a time, since a version has none.
        assistants: name and title of services that are called like a model of the task chat.
    """

    def __init__(self, host: Host, since: int, assistants: Mapping[str, str] = MappingProxyType({})) -> None:
        self.assistants = assistants
        self.host = host
        self.since = since

    # OpenAI

    def models(self) -> list[dict[str, Any]]:
        """Every reference that can be called now: the name, its other aliases, its loaded versions."""
        return [
            self._openai_model(reference, resolved)
            for reference, resolved in self._references()
            if self._loaded(resolved.name, resolved.version) is not None
        ] + [self._assistant(name) for name in self.assistants]

    def model(self, reference: str) -> dict[str, Any]:
        """One model by any form of reference, loaded or not (`state` says). Raises NotFound."""
        if reference in self.assistants:
            return self._assistant(reference)
        return self._openai_model(reference, self.host.registry.resolve(reference))

    def _assistant(self, name: str) -> dict[str, Any]:
        return {
            "id": name,
            "object": "model",
            "created": self.since,
            "owned_by": "kaopu",
            "task": "chat",
            "title": self.assistants[name],
            "version": "1",
            "state": "ready",
        }

    def _references(self) -> Iterator[tuple[str, Resolved]]:
        for name, entry in self.host.registry.models.items():
            yield name, Resolved(name, entry.aliases[DEFAULT_ALIAS], DEFAULT_ALIAS)
            for alias, version in entry.aliases.items():
                yield f"{name}@{alias}", Resolved(name, version, alias)
            for version in entry.versions:
                yield f"{name}/{version}", Resolved(name, version, None)

    def _openai_model(self, reference: str, resolved: Resolved) -> dict[str, Any]:
        entry = self.host.registry.model(resolved.name)
        return {
            "id": reference,
            "object": "model",
            "created": self.since,
            "owned_by": entry.owner,
            "task": entry.task,
            "title": entry.title,
            "version": resolved.version,
            "state": self._state(resolved.name, resolved.version),
        }

    # Open Inference Protocol

    def metadata(self, reference: str) -> dict[str, Any]:
        """Name, versions that are loaded, tensors in and out. Raises NotFound."""
        resolved, entry = self._entry(reference)
        task = TASKS[entry.task]
        loaded = self._loaded(resolved.name, resolved.version)
        return {
            "name": resolved.name,
            "versions": [one.version for one in self._of(resolved.name)],
            "platform": entry.versions[resolved.version].backend,
            "inputs": [_tensor(spec) for spec in task.inputs],
            "outputs": [_tensor(spec) for spec in task.outputs],
            "parameters": {
                "task": entry.task,
                "title": entry.title,
                "purpose": entry.purpose,
                "version": resolved.version,
                **(loaded.description if loaded else {}),
            },
        }

    def config(self, reference: str) -> dict[str, Any]:
        """Triton's model configuration, as far as it means anything here. Raises NotFound."""
        resolved, entry = self._entry(reference)
        task = TASKS[entry.task]
        backend = entry.versions[resolved.version].backend
        return {
            "name": resolved.name,
            "platform": backend,
            "backend": backend,
            # 0: a request brings its own batch, and the server batches across requests on its own.
            "max_batch_size": 0,
            "input": [_config_tensor(spec) | {"optional": spec.optional} for spec in task.inputs],
            "output": [_config_tensor(spec) for spec in task.outputs],
        }

    def is_ready(self, reference: str) -> bool:
        """Whether a call would find the model loaded. Raises NotFound."""
        resolved, _ = self._entry(reference)
        return self._loaded(resolved.name, resolved.version) is not None

    def index(self, *, only_ready: bool) -> list[dict[str, str]]:
        """Every registered version and its state, as Triton's repository index has it."""
        rows = []
        for name, entry in self.host.registry.models.items():
            for version in entry.versions:
                state = self._state(name, version)
                row = {"name": name, "version": version, "state": _INDEX_STATES.get(state, "UNAVAILABLE")}
                if state not in _INDEX_STATES:
                    row["reason"] = "未装载"
                elif state == "failed":
                    row["reason"] = "装载失败"
                if not only_ready or state == "ready":
                    rows.append(row)
        return rows

    def statistics(self, reference: str | None = None, *, every_version: bool = True) -> list[dict[str, Any]]:
        """Counters since loading, in the shape of Triton's statistics extension. Raises NotFound.

        Args:
            reference: a model, or None for all.
            every_version: all loaded versions of the model, or only the one that the reference means.
        """
        if reference is None:
            return [_statistics(one) for one in self._of(None)]
        resolved, _ = self._entry(reference)
        return [_statistics(one) for one in self._of(resolved.name) if every_version or one.version == resolved.version]

    def _entry(self, reference: str) -> tuple[Resolved, ModelEntry]:
        resolved = self.host.registry.resolve(reference)
        return resolved, self.host.registry.model(resolved.name)

    def _of(self, name: str | None) -> Iterable[LoadedModel]:
        return [one for one in self.host.status() if one.state == "ready" and name in (None, one.name)]

    def _loaded(self, name: str, version: str) -> LoadedModel | None:
        for one in self._of(name):
            if one.version == version:
                return one
        return None

    def _state(self, name: str, version: str) -> str:
        for one in self.host.status():
            if (one.name, one.version) == (name, version):
                return one.state
        return "not_loaded"


def models_for(host: Host, task: str) -> str:
    """Names of the models of a task, for a message."""
    return "、".join(name for name, entry in host.registry.models.items() if entry.task == task) or "(无)"


def version_reference(model: str, version: str) -> str:
    """The reference that a path `/models/{model}/versions/{version}` means. Raises NotFound for `name@alias` with a version."""
    if "@" in model:
        raise NotFound("路径里写了版本，就不要再写 @别名。", code="model_not_found", param="model")
    return f"{model}/{version}"


def _tensor(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "datatype": spec.datatype, "shape": list(spec.shape)}


def _config_tensor(spec: TensorSpec) -> dict[str, Any]:
    kind = _CONFIG_TYPES.get(spec.datatype, f"TYPE_{spec.datatype}")
    return {"name": spec.name, "data_type": kind, "dims": list(spec.shape)}


def _duration(count: int, seconds: float) -> dict[str, int]:
    return {"count": count, "ns": int(seconds * NANOSECONDS)}


def _statistics(loaded: LoadedModel) -> dict[str, Any]:
    stats = loaded.stats
    whole = stats.prepare_seconds + stats.queue_seconds + stats.infer_seconds
    return {
        "name": loaded.name,
        "version": loaded.version,
        "inference_count": stats.inputs,
        "execution_count": stats.batches,
        "inference_stats": {
            "success": _duration(stats.requests, whole),
            "fail": _duration(stats.failed_requests, stats.failed_seconds),
            "queue": _duration(stats.requests, stats.queue_seconds),
            "compute_input": _duration(stats.requests, stats.prepare_seconds),
            "compute_infer": _duration(stats.batches, stats.infer_seconds),
            "compute_output": _duration(0, 0.0),
            "cache_hit": _duration(0, 0.0),
            "cache_miss": _duration(0, 0.0),
        },
        "batch_stats": [],
        # Beyond Triton's: what the batcher refused or dropped, and how much of its work was padding.
        "refused_count": stats.refused_requests,
        "cancelled_count": stats.cancelled_requests,
        "waiting_count": loaded.batcher.waiting,
        "real_size": stats.real_size,
        "padded_size": stats.padded_size,
    }
