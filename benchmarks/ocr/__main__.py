"""Score our OCR on folders of images beside its peers, in one run.

    python -m benchmarks.ocr DIR [DIR ...] [--peers rapidocr,tesseract] [--threads 2] [--every 1] [--json] [--pages] [--plain]

A DIR holds images (jpg, png, webp, tif) and for each its truth: a .txt of the same stem with its lines, one a line, or
the .json that `benchmarks.papers` writes; then the pages are also scored by what they went through (`conditions`).
Every page is read by all engines one after the other, so that what else the machine does falls on all alike. `hub`
reads as documents are read, page care and all; --plain adds `hub-plain`, the model alone. rapidocr lives in an
environment of its own below var/benchmarks/, made at the first run: its opencv and ours can't share one. tesseract is
the system's.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.ocr.scoring import Score, score
from benchmarks.papers.truth import TruePage
from core.settings import Settings

IMAGES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"}
PEERS = {"rapidocr": ("rapidocr==3.10.0", "onnxruntime"), "tesseract": ()}
"""What is installed for a peer; nothing for a program of the system."""
READERS = Path(__file__).with_name("readers.py")


@dataclass(frozen=True, slots=True)
class Paper:
    """An image, its true lines, and what it went through."""

    path: Path
    lines: tuple[str, ...]
    conditions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read by an engine; `processor_seconds`: all threads together."""

    paper: Paper
    score: Score
    seconds: float
    processor_seconds: float


@dataclass
class Result:
    """One engine over all pages."""

    engine: str
    pages: list[Page] = field(default_factory=list)
    memory_megabytes: float = 0.0

    @property
    def total(self) -> Score:
        """All pages together."""
        return sum((page.score for page in self.pages), Score())

    @property
    def seconds(self) -> float:
        """Mean seconds a page."""
        return statistics.fmean(page.seconds for page in self.pages)

    @property
    def processor_seconds(self) -> float:
        """Mean processor seconds a page."""
        return statistics.fmean(page.processor_seconds for page in self.pages)

    def under(self, condition: str) -> Result:
        """The same engine over the pages that went through one condition."""
        return Result(self.engine, [page for page in self.pages if condition in page.paper.conditions])

    def summary(self) -> dict[str, Any]:
        """Plain data for --json."""
        return {
            "engine": self.engine,
            "pages": len(self.pages),
            "lines": self.total.lines,
            "characters": self.total.characters,
            "character_error_rate": round(self.total.character_error_rate, 5),
            "lines_exact": round(self.total.exact_share, 4),
            "seconds_per_page": round(self.seconds, 4),
            "processor_seconds_per_page": round(self.processor_seconds, 4),
            "peak_memory_megabytes": round(self.memory_megabytes),
        }


class Reader:
    """A child process of `readers.py`."""

    def __init__(self, engine: str, python: Path, threads: int) -> None:
        folder = Settings().artifacts / "ocr-zh" / "1"
        command = [str(python), str(READERS), engine, "--threads", str(threads), "--folder", str(folder)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # onnxruntime's wheels report usage over the network unless told not to.
            env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"},
            text=True,
            encoding="utf-8",
        )
        self._answer(engine)

    def _answer(self, what: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the reader died at {what} (exit code {self.process.wait()})")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def read(self, path: Path) -> dict[str, Any]:
        """Lines, seconds and memory for one page."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        return self._answer(path.name)

    def close(self) -> None:
        """Let the child end by itself, if it does so soon: it may be in the middle of a page."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()


def peer_python(peer: str) -> Path:
    """The interpreter of the peer's environment, which is made if it isn't there; ours for a program of the system."""
    if not PEERS[peer]:
        if shutil.which(peer) is None:
            sys.exit(f"{peer} is not installed")
        return Path(sys.executable)
    folder = Settings().var_dir / "benchmarks" / f"{peer}-venv"
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.exists():
        print(f"making an environment for {peer} in {folder} ...", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS[peer]], check=True)
        done.touch()
    return python


def papers(folder: Path) -> list[Paper]:
    """Images with their truth, sorted by name."""
    found = []
    for path in sorted(folder.iterdir()):
        text, page = path.with_suffix(".txt"), path.with_suffix(".json")
        if path.suffix.lower() not in IMAGES:
            continue
        if text.exists():
            found.append(Paper(path, tuple(text.read_text(encoding="utf-8-sig").splitlines())))
        elif page.exists():
            truth = TruePage.read(page)
            found.append(Paper(path, tuple(line.text for line in truth.lines), conditions(truth)))
    if not found:
        sys.exit(f"{folder}: no image with its truth beside it")
    return found


def conditions(page: TruePage) -> frozenset[str]:
    """What makes a page hard, and whether it looks real at all: a photo of a paper, not a scan."""
    named = {
        "photo": page.level == "degraded",
        "turned": page.rotation != 0,
        "sealed": bool(page.seals),
        "dark": "shadow" in page.marred or "page_dark" in page.faults,
    }
    return frozenset(name for name, holds in named.items() if holds)


def run(pages: Sequence[Paper], engines: Sequence[tuple[str, Path]], threads: int) -> list[Result]:
    """Every page by every engine in turn; who comes first alternates. Stopped by a signal, it gives what all have read by then."""
    readers = [Reader(engine, python, threads) for engine, python in engines]
    results = [Result(engine) for engine, _ in engines]
    try:
        for number, paper in enumerate(pages):
            order = range(len(readers)) if number % 2 == 0 else range(len(readers) - 1, -1, -1)
            answers = {index: readers[index].read(paper.path) for index in order}
            for index, answer in answers.items():
                scored = score(paper.lines, answer["lines"])
                results[index].pages.append(Page(paper, scored, answer["seconds"], answer["processor_seconds"]))
                results[index].memory_megabytes = answer["memory_megabytes"]
            print(f"\r{number + 1}/{len(pages)}", end="", file=sys.stderr)
    except KeyboardInterrupt:
        if not results[0].pages:
            raise
    print(file=sys.stderr)
    for reader in readers:
        reader.close()
    return results


def table(results: Sequence[Result]) -> str:
    """Markdown, one column an engine, and the ratio of ours to the peer's."""
    rows = [
        ("character error %", [100 * result.total.character_error_rate for result in results], 2),
        ("lines exact %", [100 * result.total.exact_share for result in results], 1),
        ("seconds a page", [result.seconds for result in results], 2),
        ("processor seconds a page", [result.processor_seconds for result in results], 2),
        ("peak memory MB", [result.memory_megabytes for result in results], 0),
    ]
    total = results[0].total
    peers = results[1:]
    lines = [
        f"{len(results[0].pages)} pages, {total.lines} lines, {total.characters} characters",
        "",
        "| | " + " | ".join([*(one.engine for one in results), *(f"times {one.engine}" for one in peers)]) + " |",
        "|---" * (len(results) + len(peers) + 1) + "|",
    ]
    for name, values, digits in rows:
        cells = [f"{value:.{digits}f}" for value in values]
        cells += [f"{values[0] / value:.2f}" if value else "-" for value in values[1:]]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    for condition in ("photo", "turned", "sealed", "dark"):
        some = [one.under(condition) for one in results]
        if not some[0].pages:
            continue
        rates = [100 * one.total.character_error_rate for one in some]
        cells = [f"{rate:.2f}" for rate in rates] + [f"{rates[0] / rate:.2f}" if rate else "-" for rate in rates[1:]]
        lines.append(f"| character error %, {condition} ({len(some[0].pages)} pages) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--peers", default="rapidocr", help="some of " + ",".join(PEERS) + ", or nothing")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, help="read every so manieth page of a folder only")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pages", action="store_true", help="one line a page too")
    arguments = parser.parse_args()
    peers = [one for one in arguments.peers.split(",") if one]
    if unknown := set(peers) - set(PEERS):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    ours = ["hub", "hub-plain"] if arguments.plain else ["hub"]
    engines = [(one, Path(sys.executable)) for one in ours] + [(one, peer_python(one)) for one in peers]
    pages = [page for folder in arguments.folders for page in papers(folder.resolve())[:: arguments.every]]
    # In a fixed order without order, so that a run that is stopped has seen some of everything.
    random.Random(0).shuffle(pages)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    results = run(pages, engines, arguments.threads)
    if arguments.json:
        print(json.dumps([result.summary() for result in results], ensure_ascii=False, indent=2))
        return
    if arguments.pages:
        for rows in zip(*(result.pages for result in results), strict=True):
            cells = (f"{page.score.errors:3d}/{page.score.characters} {page.seconds:.2f}s" for page in rows)
            print(f"{rows[0].paper.path.name:32} " + "  ".join(cells))
    print(table(results))


if __name__ == "__main__":
    main()
