"""Recipe `paper-kinds`: the trained model of paper kinds, which stands in the source tree beside this module.

Trained by `python -m training.paper_kinds`, which writes it here; building it is copying it, so that a fresh clone needs no
training.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from models.build import Progress

FOLDER = Path(__file__).resolve().parent / "pages" / "paper-kind" / "1"
TARGET = "paper-kind/1"


def build(work: Path, out: Path, progress: Progress) -> None:
    """Copy the trained files into `out`. See `models.build`."""
    files = sorted(path for path in FOLDER.iterdir() if path.is_file())
    target = out / TARGET
    target.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(files, 1):
        shutil.copyfile(path, target / path.name)
        progress.step("材料种类模型", number, len(files))
