"""Pages per second of one reader, of two in threads, and of two in processes: `python -m benchmarks.documents.workers`.

Every reader is a pipeline of its own with one thread of inference. The three take turns, several rounds, so that whatever else the
machine does hits all of them; the median of the ratios within a round is what counts.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import threading
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.settings import ROOT, Settings
from models.backends.paddle_ocr import PaddleOcr
from models.model import ModelConfig
from models.tasks import OcrInput
from services.documents.images import read_page

PAPERS = ROOT / "tests" / "data" / "papers"
NAMES = ("form.png", "hygiene-licence.jpg", "business-licence-turned.jpg")


def pages(count: int) -> list[NDArray[np.uint8]]:
    """So many pages, three papers over and over."""
    read = [read_page(PAPERS / name, 1, max_pixels=50_000_000) for name in NAMES]
    return list(islice(cycle(read), count))


def reader() -> PaddleOcr:
    """A loaded pipeline of one thread."""
    folder: Path = Settings().artifacts / "ocr-zh" / "1"
    model = PaddleOcr(ModelConfig("ocr-zh", "1", "ocr", folder, threads=1))
    model.load()
    model.warmup()
    return model


def read(model: PaddleOcr, share: list[NDArray[np.uint8]]) -> None:
    """Read pages one after the other."""
    for page in share:
        model.infer(model.prepare([OcrInput(page)]))


def in_threads(models: list[PaddleOcr], every: list[NDArray[np.uint8]]) -> float:
    """Seconds for all pages, dealt out to the models."""
    threads = [
        threading.Thread(target=read, args=(model, every[number :: len(models)])) for number, model in enumerate(models)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started


def process_main(count: int, number: int, of: int, connection: Any) -> None:
    """A process with a reader: reads its share whenever it is told to."""
    model, share = reader(), pages(count)[number::of]
    connection.send("ready")
    while connection.recv():
        read(model, share)
        connection.send("done")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    sys.setswitchinterval(0.0005)  # as the hub does
    every = pages(arguments.pages)
    models = [reader(), reader()]
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for number in range(2):
        ours, theirs = context.Pipe()
        process = context.Process(target=process_main, args=(arguments.pages, number, 2, theirs), daemon=True)
        process.start()
        pipes.append(ours)
        processes.append(process)
    for pipe in pipes:
        pipe.recv()
    ratios: dict[str, list[float]] = {"threads": [], "processes": []}
    for _ in range(arguments.rounds):
        one = in_threads(models[:1], every)
        two = in_threads(models, every)
        started = time.perf_counter()
        for pipe in pipes:
            pipe.send(True)
        for pipe in pipes:
            pipe.recv()
        apart = time.perf_counter() - started
        ratios["threads"].append(one / two)
        ratios["processes"].append(one / apart)
        print(f"one {one:.1f} s, two threads {two:.1f} s, two processes {apart:.1f} s for {len(every)} pages")
    for pipe in pipes:
        pipe.send(False)
    for name, values in ratios.items():
        print(f"two in {name}: {statistics.median(values):.2f}x one ({os.cpu_count()} cores)")


if __name__ == "__main__":
    main()
