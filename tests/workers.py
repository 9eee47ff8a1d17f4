"""What each of several pytest workers has for itself, so that they meet nowhere.

With `-n 2` two processes run tests side by side. Both read what `make test` has built (models, pages); what the tests write
(vectors that are remembered, the kept index) stands in a copy of each worker's own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from core.settings import Settings


def take_own_place() -> Path:
    """Point this process, and what it starts, at a var/ of its own and one thread a model; the folder.

    Several workers with a team of threads each would have them wait for each other.
    """
    built = Settings().var_dir.resolve()
    place = Path(tempfile.mkdtemp(prefix="kaopu-worker-"))
    for name in ("artifacts", "build"):
        (place / name).symlink_to(built / name)
    if (built / "index").is_dir():
        shutil.copytree(built / "index", place / "index")
    os.environ["KAOPU_VAR_DIR"] = str(place)
    for count in ("KAOPU_THREADS", "KAOPU_DOCUMENT_WORKERS", "OMP_NUM_THREADS"):
        os.environ.setdefault(count, "1")
    return place
