"""The single measurements. Each runs its sides in turns within one run, so that what else the machine does falls on all."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.serving.bare import Bare
from benchmarks.serving.systems import MODEL, System, alone, run_load, start_hub

BLOCK = 50
WARM = 10
PORTION = 150
"""Texts in a turn of the one-client and of the many-clients measurement: long enough to be warm, short enough that both
sides meet the machine in the same mood. `WARM`: unmeasured questions before a turn of one client, on both sides."""
CLIENTS = 32
OVERLOAD = 3.0
COMPARED_VERSIONS = ("2-fp32", "2")


@dataclass
class Row:
    """One line of the table. `reached` is None where nothing was promised."""

    what: str
    figure: str
    reach: str
    reached: bool | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def percentile(values: Sequence[float], share: float) -> float:
    """Linear, as numpy's."""
    return float(np.percentile(np.array(values), share * 100))


def milliseconds(seconds: float) -> str:
    """For people."""
    return f"{seconds * 1000:.2f} ms"


def _statuses(results: Sequence[Sequence[Any]]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for _, status, *_ in results:
        counts[status] = counts.get(status, 0) + 1
    return counts


def overhead(hub: System, bare: Bare, texts: Sequence[str], others: Sequence[System]) -> Row:
    """One client: the API's answer against tokenise + session.run of the same text, in turns of `BLOCK`.

    The figure is the median over the texts of the difference between the two for one text.
    """
    whole: list[float] = []
    alone_seconds: list[float] = []
    own: list[float] = []
    with alone(hub, others):
        for start in range(0, len(texts), BLOCK):
            block = texts[start : start + BLOCK]
            # Either side goes first in turn.
            if start // BLOCK % 2:
                alone_seconds += bare.run([*block[-WARM:], *block], "one")["each"][WARM:]
            result = run_load(
                hub.specification(
                    [hub.body([text]) for text in block],
                    mode="closed",
                    clients=1,
                    count=len(block),
                    warm=WARM,
                    header_names=["x-prepare-time-ms", "x-inference-time-ms"],
                )
            )
            if not start // BLOCK % 2:
                alone_seconds += bare.run([*block[-WARM:], *block], "one")["each"][WARM:]
            for _, status, seconds, (prepare, infer) in result["results"]:
                assert status == 200, status
                whole.append(seconds)
                own.append(seconds - (prepare + infer) / 1000)
    differences = [one - other for one, other in zip(whole, alone_seconds, strict=True)]
    difference = percentile(differences, 0.5)
    return Row(
        "overhead of the API over tokenise + session.run, one client, p50",
        f"{milliseconds(difference)} (p50 {milliseconds(percentile(whole, 0.5))} against "
        f"{milliseconds(percentile(alone_seconds, 0.5))}; all but tokenising and inference of the same request "
        f"{milliseconds(percentile(own, 0.5))})",
        "<= 1 ms",
        difference <= 0.001,
        {
            "difference_ms": difference * 1000,
            "api_p50_ms": percentile(whole, 0.5) * 1000,
            "bare_p50_ms": percentile(alone_seconds, 0.5) * 1000,
            "within_request_p50_ms": percentile(own, 0.5) * 1000,
        },
    )


def model_statistics(hub: System) -> dict[str, float]:
    """The embedder's counters."""
    (one,) = [row for row in hub.get(f"/v2/models/{MODEL}/stats")["model_stats"] if row["version"] == "2"]
    return {
        "inputs": one["inference_count"],
        "batches": one["execution_count"],
        "real": one["real_size"],
        "padded": one["padded_size"],
    }


def throughput(hub: System, bare: Bare, texts: Sequence[str], others: Sequence[System]) -> tuple[list[Row], float]:
    """32 clients with one text each against the bare session over the same texts, in turns of `PORTION` texts.

    Also how much of the API's batches was padding. The second value is the API's texts a second.
    """
    ours: list[float] = []
    theirs: list[float] = []
    generator = 0.0
    before = model_statistics(hub)
    with alone(hub, others):
        for start in range(0, len(texts), PORTION):
            portion = texts[start : start + PORTION]
            if start // PORTION % 2:
                theirs.append(bare.run(portion, "batched")["seconds"])
            result = run_load(
                hub.specification(
                    [hub.body([text]) for text in portion],
                    mode="closed",
                    clients=CLIENTS,
                    count=len(portion),
                    warm=CLIENTS,
                )
            )
            assert _statuses(result["results"]) == {200: len(portion)}, _statuses(result["results"])
            ours.append(result["seconds"])
            generator += result["generator_seconds"]
            if not start // PORTION % 2:
                theirs.append(bare.run(portion, "batched")["seconds"])
    after = model_statistics(hub)
    ratio = sum(theirs) / sum(ours)
    padding = (after["padded"] - before["padded"]) / (after["real"] - before["real"])
    batch = (after["inputs"] - before["inputs"]) / (after["batches"] - before["batches"])
    peak = len(texts) / sum(ours)
    rows = [
        Row(
            f"throughput at {CLIENTS} clients against the bare session, same texts",
            f"{ratio:.2f}x ({peak:.0f} against {len(texts) / sum(theirs):.0f} texts/s; the load generator took "
            f"{generator / sum(ours):.1%} of a core)",
            ">= 0.9x",
            ratio >= 0.9,
            {"ratio": ratio, "ours_seconds": ours, "bare_seconds": theirs, "generator_seconds": generator},
        ),
        Row(
            "padded / real tokens in a batch at mixed lengths",
            f"{padding:.3f} ({batch:.1f} texts a batch)",
            "<= 1.15",
            padding <= 1.15,
            {"ratio": padding, "texts_per_batch": batch},
        ),
    ]
    return rows, peak


def compare(systems: Sequence[System], texts: Sequence[str], rounds: int, clients: int) -> Row:
    """The same model and texts on every system, in turns: p50, p99, throughput."""
    latencies: dict[str, list[float]] = {system.name: [] for system in systems}
    rates: dict[str, list[float]] = {system.name: [] for system in systems}
    ninety_ninth: dict[str, list[float]] = {system.name: [] for system in systems}
    for _ in range(rounds):
        for system in systems:
            with alone(system, systems):
                result = run_load(
                    system.specification(
                        [system.body([text]) for text in texts],
                        mode="closed",
                        clients=clients,
                        count=len(texts),
                        warm=clients * 2,
                    )
                )
            assert _statuses(result["results"]) == {200: len(texts)}, (system.name, _statuses(result["results"]))
            seconds = [one[2] for one in result["results"]]
            latencies[system.name] += seconds
            ninety_ninth[system.name].append(percentile(seconds, 0.99))
            rates[system.name].append(len(texts) / result["seconds"])
    facts = {
        name: {
            "p50_ms": percentile(latencies[name], 0.5) * 1000,
            "p99_ms": statistics.median(ninety_ninth[name]) * 1000,
            "texts_per_second": statistics.median(rates[name]),
        }
        for name in latencies
    }
    ours, peers = facts["kaopu"], [one for name, one in facts.items() if name != "kaopu"]
    ahead = all(
        ours["p99_ms"] < peer["p99_ms"] and ours["texts_per_second"] > peer["texts_per_second"] for peer in peers
    )
    figures = "; ".join(
        f"{name} p50 {one['p50_ms']:.1f} ms, p99 {one['p99_ms']:.1f} ms, {one['texts_per_second']:.0f} texts/s"
        + (f" ({ours['texts_per_second'] / one['texts_per_second']:.1f}x)" if name != "kaopu" else "")
        for name, one in facts.items()
    )
    return Row(
        f"the same model, texts and machine, {clients} client{'s' if clients > 1 else ''}",
        figures,
        "ahead of both at p99 and in throughput",
        ahead if peers else None,
        facts,
    )


def agreement(systems: Sequence[System], texts: Sequence[str]) -> Row:
    """Whether the systems compute the same: the lowest cosine of ours to each peer's vectors."""
    vectors = {system.name: np.array(system.vectors(texts)) for system in systems}
    unit = {name: one / np.linalg.norm(one, axis=1, keepdims=True) for name, one in vectors.items()}
    lowest = {name: float(np.sum(unit["kaopu"] * one, axis=1).min()) for name, one in unit.items() if name != "kaopu"}
    figures = ", ".join(f"{name} {value:.4f}" for name, value in lowest.items())
    return Row(
        "lowest cosine to the peers' vectors", figures, ">= 0.99", all(v >= 0.99 for v in lowest.values()), lowest
    )


def overload(
    hub: System, texts: Sequence[str], peak: float, queue: int, seconds: float, others: Sequence[System]
) -> Row:
    """Three times the peak, one text a request, whatever comes back: what is still answered, and how fast it refuses.

    Lasts until a queue of `queue` inputs is full, and `seconds` more.
    """
    duration = queue / ((OVERLOAD - 1) * peak) + seconds
    with alone(hub, others):
        result = run_load(
            hub.specification(
                [hub.body([text]) for text in texts], mode="open", rate=peak * OVERLOAD, duration=duration
            )
        )
    statuses = _statuses(result["results"])
    goodput = result["answered_within"] / result["seconds"]
    refused = [seconds for _, status, seconds, _ in result["results"] if status == 429]
    slowest = percentile(refused, 0.99) if refused else float("nan")
    strange = {status: count for status, count in statuses.items() if status not in (200, 429)}
    reached = goodput >= 0.9 * peak and bool(refused) and slowest < 0.02 and not strange and result["broken"] == 0
    return Row(
        f"{OVERLOAD:.0f} times more load than it can take",
        f"goodput {goodput / peak:.0%} of peak; refusals p50 {milliseconds(percentile(refused or [0], 0.5))}, "
        f"p99 {milliseconds(slowest)} ({statuses.get(200, 0)} answered, {len(refused)} refused, "
        f"{sum(strange.values()) + result['broken']} failed)",
        ">= 90 % of peak, refusals under 20 ms",
        reached,
        {
            "goodput_share": goodput / peak,
            "refused_p50_ms": percentile(refused or [0], 0.5) * 1000,
            "refused_p99_ms": slowest * 1000,
            "statuses": statuses,
            "broken": result["broken"],
            "generator_share": result["generator_seconds"] / result["seconds"],
        },
    )


def swap(hub: System, texts: Sequence[str], others: Sequence[System]) -> Row:
    """The champion changed to the other version and back while 32 clients ask."""
    outcome: dict[str, Any] = {}

    def ask() -> None:
        outcome.update(
            run_load(
                hub.specification(
                    [hub.body([text]) for text in texts], mode="closed", clients=CLIENTS, count=len(texts) * 2
                )
            )
        )

    with alone(hub, others):
        asking = threading.Thread(target=ask)
        asking.start()
        swaps = []
        for version in COMPARED_VERSIONS:
            time.sleep(0.5)
            started = time.perf_counter()
            body = json.dumps({"version": version, "reason": "压测中切换版本"}, ensure_ascii=False)
            status, answer = hub.post(f"/api/registry/models/{MODEL}/aliases/champion", body)
            assert status == 200, answer
            swaps.append((time.perf_counter() - started, asking.is_alive()))
        asking.join()
    statuses = _statuses(outcome["results"])
    failed = sum(count for status, count in statuses.items() if status != 200) + outcome["broken"]
    under_load = all(alive for _, alive in swaps)
    return Row(
        "swap of a version under load, and back",
        f"{failed} failed of {sum(statuses.values())} (swaps took {', '.join(f'{s:.2f} s' for s, _ in swaps)}"
        f"{'' if under_load else '; the load ended before the last swap'})",
        "0 failed requests",
        failed == 0 and under_load,
        {"failed": failed, "requests": sum(statuses.values()), "seconds": [seconds for seconds, _ in swaps]},
    )


def start_and_memory(folder: Path, artifacts: Path) -> list[Row]:
    """From the command to a ready server with every model, on a warm disk and an existing database; memory then."""
    start_hub(folder, artifacts).stop()
    system = start_hub(folder, artifacts)
    try:
        states = system.get("/v2/models/stats")["model_stats"]
        time.sleep(1)
        memory = system.memory_megabytes()
    finally:
        system.stop()
    loaded = ", ".join(sorted(one["name"] for one in states))
    return [
        Row(
            "start to ready, warm disk",
            f"{system.ready_seconds:.1f} s",
            "<= 8 s",
            system.ready_seconds <= 8,
            {"seconds": system.ready_seconds},
        ),
        Row("memory when ready", f"{memory:.0f} MB ({loaded})", "<= 1024 MB", memory <= 1024, {"megabytes": memory}),
    ]
