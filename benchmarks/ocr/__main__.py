"""Score our OCR on a folder of images beside a peer, in one run.

    python -m benchmarks.ocr DIR [--peer rapidocr|none] [--threads 2] [--json]

DIR holds images (jpg, png, webp, tif) and for each a .txt of the same stem with its true lines, one a line. Every page is
read by both engines one after the other, so that what else the machine does falls on both alike. The peer lives in an
environment of its own below var/benchmarks/, made at the first run: its opencv and ours can't share one.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.ocr.scoring import Score, score
from core.settings import Settings

IMAGES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"}
PEERS = {"rapidocr": ("rapidocr==3.10.0", "onnxruntime")}
READERS = Path(__file__).with_name("readers.py")


@dataclass
class Result:
    """One engine over all pages. `pages` holds (name, score, seconds); `processor_seconds` is a mean, all threads together."""

    engine: str
    pages: list[tuple[str, Score, float]] = field(default_factory=list)
    processor_seconds: float = 0.0
    memory_megabytes: float = 0.0

    @property
    def total(self) -> Score:
        """All pages together."""
        return sum((score for _, score, _ in self.pages), Score())

    @property
    def seconds(self) -> float:
        """Mean seconds a page."""
        return statistics.fmean(seconds for _, _, seconds in self.pages)

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
        """Let the child end by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


def peer_python(peer: str) -> Path:
    """The interpreter of the peer's environment, which is made if it isn't there."""
    folder = Settings().var_dir / "benchmarks" / f"{peer}-venv"
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.exists():
        print(f"making an environment for {peer} in {folder} ...", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS[peer]], check=True)
        done.touch()
    return python


def papers(folder: Path) -> list[tuple[Path, list[str]]]:
    """Images with their truth, sorted by name."""
    found = []
    for path in sorted(folder.iterdir()):
        truth = path.with_suffix(".txt")
        if path.suffix.lower() in IMAGES and truth.exists():
            found.append((path, truth.read_text(encoding="utf-8-sig").splitlines()))
    if not found:
        sys.exit(f"{folder}: no image with a .txt of the same name")
    return found


def run(folder: Path, engines: Sequence[tuple[str, Path]], threads: int) -> list[Result]:
    """Every page by every engine in turn; who comes first alternates."""
    readers = [Reader(engine, python, threads) for engine, python in engines]
    results = [Result(engine) for engine, _ in engines]
    pages = papers(folder.resolve())
    for number, (path, truth) in enumerate(pages):
        order = range(len(readers)) if number % 2 == 0 else reversed(range(len(readers)))
        for index in order:
            answer = readers[index].read(path)
            results[index].pages.append((path.name, score(truth, answer["lines"]), answer["seconds"]))
            results[index].processor_seconds += answer["processor_seconds"] / len(pages)
            results[index].memory_megabytes = answer["memory_megabytes"]
        print(f"\r{number + 1}/{len(pages)}", end="", file=sys.stderr)
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
    lines = [
        f"{len(results[0].pages)} pages, {total.lines} lines, {total.characters} characters",
        "",
        "| | " + " | ".join(result.engine for result in results) + (" | ratio |" if len(results) > 1 else " |"),
        "|---" * (len(results) + 1 + (len(results) > 1)) + "|",
    ]
    for name, values, digits in rows:
        cells = [f"{value:.{digits}f}" for value in values]
        if len(values) > 1:
            cells.append(f"{values[0] / values[1]:.2f}" if values[1] else "-")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", choices=[*PEERS, "none"], default="rapidocr")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pages", action="store_true", help="one line a page too")
    arguments = parser.parse_args()
    engines = [("hub", Path(sys.executable))]
    if arguments.peer != "none":
        engines.append((arguments.peer, peer_python(arguments.peer)))
    results = run(arguments.folder, engines, arguments.threads)
    if arguments.json:
        print(json.dumps([result.summary() for result in results], ensure_ascii=False, indent=2))
        return
    if arguments.pages:
        for rows in zip(*(result.pages for result in results), strict=True):
            cells = (f"{score.errors:3d}/{score.characters} {seconds:.2f}s" for _, score, seconds in rows)
            print(f"{rows[0][0]:32} " + "  ".join(cells))
    print(table(results))


if __name__ == "__main__":
    main()
