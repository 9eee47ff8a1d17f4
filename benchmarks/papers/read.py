"""Read a folder of drawn papers with the hub's own reader.

    python -m benchmarks.papers.read FOLDER PAGES.jsonl [--threads 2] [--plain]

One JSON object a page: `kind`, `layout`, `half`, `level`, `file`, `width`, `height`, `rotation`, `lines` (each [text, confidence,
box]), `marks` (`services.documents.page_care.caring.marks_of`; with --plain a page is read as it is, seals and all). It is what
`training.paper_kinds` learns from and what the extraction of fields is measured on. Pages that are in the file already are kept,
so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track

from benchmarks.ocr.readers import champion
from benchmarks.papers.truth import pages
from core.settings import Settings
from models.tasks import OcrInput, OcrOutput
from services.documents.page_care.caring import marks_of, prepared, read_with_care


def row(page: OcrOutput) -> dict[str, object]:
    """A page that was read, as a line of the file holds it."""
    lines = [
        [line.text, round(line.confidence, 4), [[round(x, 5), round(y, 5)] for x, y in line.box]] for line in page.lines
    ]
    return {"width": page.width, "height": page.height, "rotation": page.rotation, "lines": lines}


def main() -> None:
    """Read what isn't read yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--plain", action="store_true")
    arguments = parser.parse_args()
    done = set()
    if arguments.out.is_file():
        done = {json.loads(one)["file"] for one in arguments.out.read_text(encoding="utf-8").splitlines()}
    waiting = [page for page in pages(arguments.folder) if page.file not in done]
    model = champion(arguments.threads, Settings().artifacts / "ocr-zh" / "1")

    async def read(image: NDArray[np.uint8]) -> OcrOutput:
        (output,) = model.infer(model.prepare([OcrInput(image)]))
        return output

    with arguments.out.open("a", encoding="utf-8") as out:
        for page in track(waiting, description="reading"):
            image = np.asarray(Image.open(arguments.folder / page.file).convert("RGB"))
            if arguments.plain:
                output, marks = asyncio.run(read(image)), {}
            else:
                cared = asyncio.run(read_with_care(prepared(image), read))
                output, marks = cared.output, {"marks": marks_of(cared)}
            known = {
                "file": page.file,
                "kind": page.kind,
                "layout": page.papers[0].layout,
                "half": page.half,
                "level": page.level,
            }
            out.write(json.dumps({**known, **row(output), **marks}, ensure_ascii=False) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
