"""Serving measured beside its alternatives, all in one run.

    python -m benchmarks.serving [--quick] [--peers infinity,sentence-transformers|none] [--threads N] [--json]

Prints a table for people (or JSON), and keeps the figures in var/benchmarks/serving.json. The peers' environments and their
copy of the model are made below var/benchmarks/peers at the first run. Nothing else should run on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.serving import measures
from benchmarks.serving.bare import Bare
from benchmarks.serving.hugging_face import write_folder
from benchmarks.serving.measures import Row
from benchmarks.serving.systems import PEERS, System, start_hub, start_peer
from benchmarks.serving.texts import mixed_texts
from core.settings import ROOT, Settings

SEED = 20_26
PARTS = ("overhead", "throughput", "peers", "overload", "swap", "start")


def say(words: str) -> None:
    """Progress, beside the results."""
    print(words, file=sys.stderr, flush=True)


def run(parts: Sequence[str], peers: Sequence[str], *, quick: bool, threads: int) -> list[Row]:
    """Every measurement asked for, in order."""
    settings = Settings()
    texts = mixed_texts(settings.content_dir, 300 if quick else 1500, SEED)
    rounds = 1 if quick else 3
    folder = Path(tempfile.mkdtemp(prefix="kaopu-serving-"))
    rows: list[Row] = []
    systems: list[System] = []
    bare = Bare(threads)
    try:
        if "start" in parts:
            say("start and memory")
            rows += measures.start_and_memory(folder / "start", settings.artifacts)
        say("starting the hub")
        hub = start_hub(folder / "hub", settings.artifacts, KAOPU_THREADS=str(threads))
        systems.append(hub)
        if "overhead" in parts:
            say("overhead")
            rows.append(measures.overhead(hub, bare, texts[: 200 if quick else 600], []))
        peak = 0.0
        if "throughput" in parts or "overload" in parts:
            say("throughput")
            measured, peak = measures.throughput(hub, bare, texts, [])
            rows += measured
        if "overload" in parts:
            say("overload")
            rows.append(measures.overload(hub, texts, peak, settings.queue_items, 6 if quick else 15, []))
        if "swap" in parts:
            say("swap")
            rows.append(measures.swap(hub, texts, []))
        if "peers" in parts and peers:
            home = settings.var_dir / "benchmarks" / "peers"
            write_folder(home / "model", settings.var_dir / "build")
            for name in peers:
                say(f"starting {name}")
                systems.append(start_peer(name, home, home / "model", folder))
            say("comparing")
            fewer = texts[: 150 if quick else 400]
            rows.append(measures.agreement(systems, texts[:30]))
            rows.append(measures.compare(systems, fewer[: len(fewer) // 2], rounds, 1))
            rows.append(measures.compare(systems, fewer, rounds, measures.CLIENTS))
    finally:
        bare.stop()
        for system in systems:
            system.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return rows


def table(rows: Sequence[Row]) -> str:
    """Markdown."""
    lines = ["| what | measured | reach | |", "|---|---|---|---|"]
    marks = {True: "yes", False: "**no**", None: ""}
    lines += [f"| {row.what} | {row.figure} | {row.reach} | {marks[row.reached]} |" for row in rows]
    return "\n".join(lines)


def circumstances(threads: int) -> dict[str, Any]:
    """What the figures depend on."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": commit.stdout.strip(),
        "cores": len(os.sched_getaffinity(0)),
        "threads": threads,
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Serving, measured beside its alternatives")
    parser.add_argument("--quick", action="store_true", help="fewer texts and one round: a look, not a result")
    parser.add_argument("--peers", default=",".join(PEERS), help="which peers, or none")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts: {','.join(PARTS)}")
    parser.add_argument("--threads", type=int, default=Settings().threads, help="inference threads")
    parser.add_argument("--json", action="store_true", help="print JSON rather than a table")
    options = parser.parse_args()
    peers = [] if options.peers == "none" else options.peers.split(",")
    if unknown := set(peers) - set(PEERS):
        parser.error(f"unknown peers: {', '.join(unknown)}")
    facts = circumstances(options.threads)
    rows = run(options.only.split(","), peers, quick=options.quick, threads=options.threads)
    result = {**facts, "quick": options.quick, "rows": [asdict(row) for row in rows]}
    kept = Settings().var_dir / "benchmarks" / "serving.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(result, ensure_ascii=False, indent=2))
    print(json.dumps(result, ensure_ascii=False) if options.json else table(rows))


if __name__ == "__main__":
    main()
