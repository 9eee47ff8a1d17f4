"""The real model on the papers in tests/data/papers. Boxes, order and turns; what is missing is said at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.ocr.scoring import score
from core.errors import ArtifactMissing, Invalid, RegistryInvalid
from core.settings import ROOT, Settings
from models.backends.paddle_ocr import PaddleOcr
from models.model import ModelConfig
from models.tasks import OcrInput, OcrOutput

PAPERS = Path(__file__).parents[2] / "data" / "papers"
FOLDER = Settings().artifacts / "ocr-zh" / "1"


def config(folder: Path = FOLDER, **options: object) -> ModelConfig:
    return ModelConfig("ocr-zh", "1", "ocr", folder, options, threads=Settings().threads)


@pytest.fixture(scope="module")
def model() -> Iterator[PaddleOcr]:
    one = PaddleOcr(config())
    one.load()
    one.warmup()
    yield one
    one.close()


def read(model: PaddleOcr, image: NDArray[np.uint8]) -> OcrOutput:
    (page,) = model.infer(model.prepare([OcrInput(image)]))
    return page


def paper(name: str) -> tuple[NDArray[np.uint8], list[str]]:
    truth = (PAPERS / name).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    return np.asarray(Image.open(PAPERS / name).convert("RGB")), truth


def centre(page: OcrOutput, text: str) -> tuple[float, float]:
    (line,) = [line for line in page.lines if line.text == text]
    x, y = np.mean(line.box, axis=0)
    return float(x), float(y)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_page_is_read_however_it_lies(model: PaddleOcr, turn: int) -> None:
    upright, truth = paper("hygiene-licence.jpg")
    x, y = 0.5, 0.135  # of the title on the upright page
    # np.rot90 turns counter-clockwise, as `rotation` counts, so the rest of the circle makes it upright again.
    page = read(model, np.ascontiguousarray(np.rot90(upright, turn // 90)))
    assert page.rotation == (360 - turn) % 360
    assert (page.width, page.height) == ((868, 1228) if turn in (0, 180) else (1228, 868))
    assert score(truth, [line.text for line in page.lines]).character_error_rate < 0.02
    expected = {0: (x, y), 90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[turn]
    assert centre(page, "公共场所卫生许可证") == pytest.approx(expected, abs=0.02)
    assert all(0 <= value <= 1 for line in page.lines for corner in line.box for value in corner)


def test_a_blank_page_has_no_lines(model: PaddleOcr) -> None:
    assert read(model, np.full((600, 400, 3), 255, np.uint8)).lines == ()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 2000, 3), (2000, 1, 3), (7, 9, 3), (40, 3000, 3)])
def test_odd_shapes_do_no_harm(model: PaddleOcr, shape: tuple[int, int, int]) -> None:
    page = read(model, np.full(shape, 255, np.uint8))
    assert (page.height, page.width) == shape[:2]


def test_a_huge_page_is_read_in_the_memory_of_a_large_one(model: PaddleOcr) -> None:
    small, truth = paper("hygiene-licence.jpg")
    huge = np.asarray(Image.fromarray(small).resize((5208, 7368)))
    assert score(truth, [line.text for line in read(model, huge).lines]).character_error_rate < 0.02


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (np.zeros((4, 4), np.uint8), "image_invalid"),
        (np.zeros((4, 4, 4), np.uint8), "image_invalid"),
        (np.zeros((4, 4, 3), np.float32), "image_invalid"),
        (np.zeros((0, 4, 3), np.uint8), "image_empty"),
        (np.broadcast_to(np.uint8(0), (20_000, 20_000, 3)), "image_too_large"),
    ],
)
def test_arrays_that_are_no_pages(model: PaddleOcr, image: NDArray[np.uint8], code: str) -> None:
    with pytest.raises(Invalid) as error:
        model.prepare([OcrInput(image)])
    assert error.value.code == code


def test_a_missing_folder_is_said_at_once(tmp_path: Path) -> None:
    started = time.process_time()
    with pytest.raises(ArtifactMissing, match="kaopu models build ocr-zh"):
        PaddleOcr(config(tmp_path)).load()
    assert time.process_time() - started < 1


@pytest.mark.parametrize("options", [{"sides": 1}, {"side": "1600"}, {"memory_arena": 1}])
def test_options_that_do_not_exist(options: dict[str, object]) -> None:
    with pytest.raises(RegistryInvalid):
        PaddleOcr(config(**options))


def test_it_loads_without_a_network_and_without_a_home(tmp_path: Path) -> None:
    """In a process of its own that may open no internet socket and whose home can't be written."""
    script = f"""
import socket, sys
class Refused(socket.socket):
    def connect(self, *_): raise SystemExit("a socket was opened")
    connect_ex = connect
socket.socket = Refused
socket.getaddrinfo = lambda *_, **__: sys.exit("a name was looked up")
from pathlib import Path
import numpy as np
from models.backends.paddle_ocr import PaddleOcr
from models.model import ModelConfig
model = PaddleOcr(ModelConfig("ocr-zh", "1", "ocr", Path({str(FOLDER)!r}), {{}}, 1))
model.load()
model.warmup()
print("ready")
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PADDLE")}
    environment |= {"HOME": "/nonexistent", "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == "ready\n"
    # Its cache folder is gone with it.
    assert list(tmp_path.iterdir()) == []
