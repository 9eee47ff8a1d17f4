"""Recipe `consult-heads`: the trained heads of the consult bot, which stand in the source tree beside this module.

They are small (some 50 kB each) and trained by `python -m training.linear_head`, which writes them here; building them is copying
them, so that a fresh clone needs no training.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from models.build import Progress

HEADS = Path(__file__).resolve().parent / "heads"


def build(work: Path, out: Path, progress: Progress) -> None:
    """Copy every head below `heads/` into `out`. See `models.build`."""
    files = sorted(HEADS.rglob("head.json"))
    for number, path in enumerate(files, 1):
        target = out / path.relative_to(HEADS)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        progress.step("归类头", number, len(files))
