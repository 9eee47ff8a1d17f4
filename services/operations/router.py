"""/healthz (the process lives), /readyz (it can serve), /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel

from core.database import Database
from core.errors import HubError
from core.telemetry import Telemetry
from models.host import Host
from models.loaded import LoadedModel


class WorkersReadiness(BaseModel):
    """The processes of a model that has its own. One that ended is started again for the next page; `error` says why that fails."""

    count: int
    running: int
    error: str | None = None


class ModelReadiness(BaseModel):
    """One model of the process; `error` says what to do where it failed to load."""

    name: str
    version: str
    state: str
    error: str | None = None
    workers: WorkersReadiness | None = None


class Readiness(BaseModel):
    """Ready means: every model asked for at start answers, and the database takes writes. Workers that are down don't count: the
    rest of the hub serves, and papers wait."""

    ready: bool
    models: list[ModelReadiness]
    database: str


class ModelMetrics(Collector):
    """The models' counters, read when the metrics are asked for."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def collect(self) -> Iterable[Metric]:
        """One sample per loaded version and counter; no caller, no content."""
        labels = ["model", "version"]
        counters: list[tuple[str, str, Callable[..., float]]] = [
            ("requests", "answered calls", lambda stats: stats.requests),
            ("failed_requests", "calls that failed in the model", lambda stats: stats.failed_requests),
            ("refused_requests", "calls refused by a full queue", lambda stats: stats.refused_requests),
            ("cancelled_requests", "calls whose caller left", lambda stats: stats.cancelled_requests),
            ("inputs", "inputs inferred", lambda stats: stats.inputs),
            ("batches", "batches inferred", lambda stats: stats.batches),
            ("prepare_seconds", "time spent preparing", lambda stats: stats.prepare_seconds),
            ("queue_seconds", "time spent in the queue", lambda stats: stats.queue_seconds),
            ("infer_seconds", "time spent inferring", lambda stats: stats.infer_seconds),
            ("real_size", "tokens or pixels inferred", lambda stats: stats.real_size),
            ("padded_size", "tokens or pixels inferred, padding included", lambda stats: stats.padded_size),
        ]
        status = self._host.status()
        for name, documentation, read in counters:
            family = CounterMetricFamily(f"kaopu_model_{name}", f"Model: {documentation}", labels=labels)
            for loaded in status:
                family.add_metric([loaded.name, loaded.version], read(loaded.stats))
            yield family
        waiting = GaugeMetricFamily("kaopu_model_waiting_inputs", "Model: inputs in the queue now", labels=labels)
        for loaded in status:
            waiting.add_metric([loaded.name, loaded.version], loaded.batcher.waiting)
        yield waiting
        running = GaugeMetricFamily("kaopu_model_workers_running", "Model: processes that live now", labels=labels)
        memory = GaugeMetricFamily(
            "kaopu_model_worker_memory_bytes",
            "Model: resident in a process after its last page",
            labels=[*labels, "worker"],
        )
        replaced = CounterMetricFamily(
            "kaopu_model_workers_replaced",
            "Model: processes started again, by why: lost (crashed, killed), late (a page hung), memory (grown)",
            labels=[*labels, "reason"],
        )
        for loaded in status:
            if workers := loaded.workers:
                running.add_metric([loaded.name, loaded.version], sum(one.running for one in workers))
                for number, one in enumerate(workers):
                    memory.add_metric([loaded.name, loaded.version, str(number)], one.memory_bytes)
                for reason in workers[0].replaced:
                    count = sum(one.replaced[reason] for one in workers)
                    replaced.add_metric([loaded.name, loaded.version, reason], count)
        yield from (running, memory, replaced)


def _workers(loaded: LoadedModel) -> WorkersReadiness | None:
    workers = loaded.workers
    if not workers:
        return None
    running = sum(one.running for one in workers)
    return WorkersReadiness(
        count=len(workers), running=running, error=next((one.error for one in workers if one.error), None)
    )


def build_router(host: Host, database: Database, telemetry: Telemetry) -> APIRouter:
    """The operators' routes; open to whoever reaches the port (docs/operations.md says how to close them)."""
    telemetry.registry.register(ModelMetrics(host))
    router = APIRouter(tags=["运维"])

    @router.get("/healthz", summary="进程存活")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz", summary="可以服务", response_model=Readiness, responses={503: {"model": Readiness}})
    async def readyz() -> JSONResponse:
        models = [
            ModelReadiness(
                name=one.name,
                version=one.version,
                state=one.state,
                error=one.error.message if one.error else None,
                workers=_workers(one),
            )
            for one in host.status()
        ]
        try:
            await asyncio.to_thread(database.check_writable)
            state = "ok"
        except HubError as error:
            state = error.message
        ready = host.ready and state == "ok"
        body = Readiness(ready=ready, models=models, database=state)
        return JSONResponse(body.model_dump(), status_code=200 if ready else 503)

    @router.get("/metrics", summary="Prometheus 指标", response_class=Response)
    async def metrics() -> Response:
        return Response(telemetry.metrics_text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router
