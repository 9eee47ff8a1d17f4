"""Child processes that read pages: ours in this environment, the peer in one of its own.

Both speak the same over pipes: a line with a path comes in, a line of JSON goes out: {"lines": [...], "seconds": s,
"processor_seconds": p, "memory_megabytes": m}. Seconds are from the decoded image to the lines; decoding is left out for
both. Processor seconds add up over threads and do not grow while other processes have the cores. This file imports
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
    """Our backend."""
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


ENGINES: dict[str, Callable[[int, str], Read]] = {"hub": hub, "rapidocr": rapidocr}


def memory_megabytes() -> float:
    """Largest resident memory of this process so far (Linux); 0 where it can't be told."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


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
        started, worked = time.perf_counter(), time.process_time()
        lines = read(image)
        seconds, processor = time.perf_counter() - started, time.process_time() - worked
        answer = {
            "lines": lines,
            "seconds": seconds,
            "processor_seconds": processor,
            "memory_megabytes": memory_megabytes(),
        }
        print(json.dumps(answer, ensure_ascii=False), file=answers, flush=True)


if __name__ == "__main__":
    main()
