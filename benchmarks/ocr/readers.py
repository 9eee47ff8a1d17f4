"""Child processes that read pages: ours in this environment, a peer in one of its own or as a program.

Both speak the same over pipes: a line with a path comes in, a line of JSON goes out: {"lines": [...], "seconds": s,
"processor_seconds": p, "memory_megabytes": m}. Seconds are from the decoded image to the lines; decoding is left out for
both. Processor seconds add up over threads (and programs that are called) and do not grow while other processes have the cores.
This file imports
nothing of the project at its top, because the peer's environment doesn't have it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.backends.paddle_ocr import PaddleOcr

Read = Callable[[Any], list[str]]
"""RGB array, uint8 (height, width, 3) -> lines in the engine's order."""


def champion(threads: int, folder: Path) -> PaddleOcr:
    """Our backend as the host loads it: the registry's champion, from `folder`."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from models.backends.paddle_ocr import PaddleOcr
    from models.model import ModelConfig
    from models.registry import Registry

    registry = Registry(Path(__file__).resolve().parents[2] / "registry.yaml")
    version = registry.model("ocr-zh").aliases["champion"]
    options = registry.version("ocr-zh", version).options
    model = PaddleOcr(ModelConfig("ocr-zh", version, "ocr", folder, options, threads))
    model.load()
    model.warmup()
    return model


def hub(threads: int, folder: str) -> Read:
    """Our backend as documents are read: seals lifted first, then read, and their rims too."""
    model = champion(threads, Path(folder))
    import asyncio

    from models.tasks import OcrInput, OcrOutput
    from services.documents.page_care.caring import prepared, read_with_care

    async def one(image: Any) -> OcrOutput:
        (page,) = model.infer(model.prepare([OcrInput(image)]))
        return page

    def read(image: Any) -> list[str]:
        page = asyncio.run(read_with_care(prepared(image), one))
        return [line.text for line in page.output.lines]

    return read


def hub_plain(threads: int, folder: str) -> Read:
    """Our backend alone."""
    model = champion(threads, Path(folder))
    from models.tasks import OcrInput

    def read(image: Any) -> list[str]:
        (page,) = model.infer(model.prepare([OcrInput(image)]))
        return [line.text for line in page.lines]

    return read


def rapidocr(threads: int, _folder: str) -> Read:
    """rapidocr with its own models and thresholds, with as many threads."""
    import logging

    import numpy as np
    from rapidocr import RapidOCR  # type: ignore[import-not-found]

    logging.disable(logging.WARNING)
    engine = RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    engine(np.full((200, 200, 3), 255, np.uint8))

    def read(image: Any) -> list[str]:
        # It takes BGR arrays, as OpenCV does.
        return list(engine(np.ascontiguousarray(image[:, :, ::-1])).txts or ())

    return read


def tesseract(threads: int, _folder: str) -> Read:
    """The program with its simplified Chinese, told to find out how a page is turned (Debian: tesseract-ocr-chi-sim)."""
    import os
    import subprocess

    def read(image: Any) -> list[str]:
        height, width = image.shape[:2]
        found = subprocess.run(
            ["tesseract", "-", "-", "-l", "chi_sim", "--psm", "1", "--dpi", "150"],
            input=b"P6 %d %d 255\n" % (width, height) + image.tobytes(),
            capture_output=True,
            env={**os.environ, "OMP_THREAD_LIMIT": str(threads)},
            check=False,
        )
        return [line for line in found.stdout.decode("utf-8", "replace").splitlines() if line.strip()]

    return read


ENGINES: dict[str, Callable[[int, str], Read]] = {
    "hub": hub,
    "hub-plain": hub_plain,
    "rapidocr": rapidocr,
    "tesseract": tesseract,
}


def processor_seconds() -> float:
    """Of this process and of programs that it called, so far."""
    import resource

    called = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + called.ru_utime + called.ru_stime


def memory_megabytes() -> float:
    """Largest resident memory of this process or of a program that it called so far (Linux); 0 where it can't be told."""
    import resource

    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM:"))
    return max(int(line.split()[1]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def main() -> None:
    """Serve one engine on standard input and output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=list(ENGINES))
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--folder", default="")
    arguments = parser.parse_args()
    # What libraries print must not get between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    import numpy as np
    from PIL import Image, ImageOps

    read = ENGINES[arguments.engine](arguments.threads, arguments.folder)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for path in sys.stdin:
        image = np.asarray(ImageOps.exif_transpose(Image.open(path.strip())).convert("RGB"))
        started, worked = time.perf_counter(), processor_seconds()
        lines = read(image)
        seconds, processor = time.perf_counter() - started, processor_seconds() - worked
        answer = {
            "lines": lines,
            "seconds": seconds,
            "processor_seconds": processor,
            "memory_megabytes": memory_megabytes(),
        }
        print(json.dumps(answer, ensure_ascii=False), file=answers, flush=True)


if __name__ == "__main__":
    main()
