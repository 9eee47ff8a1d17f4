"""Backend `paddle-ocr`: reads a page with paddleocr on onnxruntime, offline, from folders built by recipe `paddle-ocr`.

In: `OcrInput` (one page, RGB). Out: `OcrOutput` (lines in reading order, boxes relative to the page as sent). The recipe
(models, thresholds, page orientation on, line orientation off) and its figures: docs/decisions/0003-ocr-recipe.md.
"""

from __future__ import annotations

import importlib
import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ArtifactMissing, Invalid, RegistryInvalid
from models.backends.page_geometry import reading_order, turn_back
from models.model import Model, ModelConfig, Prepared
from models.tasks import OcrInput, OcrLine, OcrOutput

PARTS = {
    "doc_orientation_classify": ("orientation", "PP-LCNet_x1_0_doc_ori"),
    "text_detection": ("det", "PP-OCRv6_tiny_det"),
    "text_recognition": ("rec", "PP-OCRv6_small_rec"),
}
"""paddleocr's word for a part -> its folder in the artifact, and the model's name as paddleocr knows it. A name left out
would send paddleocr looking for one in the network."""

FILES = ("inference.onnx", "inference.yml")
MOST_PIXELS = 200_000_000


_cache: tempfile.TemporaryDirectory[str] | None = None
"""paddlex makes a cache folder when it is imported, once a process; ours is removed when the process ends."""


@dataclass(frozen=True, slots=True)
class OcrOptions:
    """`options` of a version in registry.yaml; the defaults are the measured recipe.

    Attributes:
        side: the page's longer side is shrunk to this many pixels to find lines; they are read at full size.
        threshold, box_threshold, unclip: detection: a pixel is text, a box is text, how far a box is widened.
        batch: lines read at a time (sorted by width first). More only adds padding and falls out of the processor's
            caches: two threads take 0.86 s for a page with 2, 0.92 with 1, 0.95 with 6.
        memory_arena: onnxruntime keeps freed memory for the next page. Faster, but the largest page seen stays in
            memory.
    """

    side: int = 1600
    threshold: float = 0.2
    box_threshold: float = 0.45
    unclip: float = 1.4
    batch: int = 2
    memory_arena: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> OcrOptions:
        """Check and take over. Raises RegistryInvalid for an option that doesn't exist or has the wrong type."""
        known = {field.name: type(field.default) for field in fields(cls)}
        for name, value in options.items():
            if name not in known:
                raise RegistryInvalid(f"ocr 模型没有选项 {name}；可用的有：{'、'.join(known)}。", param=name)
            if type(value) is not known[name] and not (known[name] is float and type(value) is int):
                raise RegistryInvalid(f"ocr 模型的选项 {name} 应为 {known[name].__name__}。", param=name)
        return cls(**options)


class PaddleOcr(Model[OcrInput, OcrOutput]):
    """One pipeline of detection, recognition and page orientation. paddleocr's pipeline must stay on one thread."""

    apart = True
    """paddleocr's own Python holds the interpreter's lock between inferences, and pictures take memory."""
    max_batch_cost = 1
    max_batch_items = 1
    """Page by page: paddleocr gains nothing from more, and a short page should not wait for a long one."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self._options = OcrOptions.of(config.options)
        self._pipeline: Any = None

    def load(self) -> None:
        """Check the folders, import paddleocr, open the sessions.

        Raises:
            ArtifactMissing: a model folder is incomplete. paddleocr itself would look through the network for 20 s.
        """
        for folder, _ in PARTS.values():
            for file in FILES:
                if not (self.config.folder / folder / file).is_file():
                    raise ArtifactMissing(
                        f"模型 {self.config.name} 缺少文件 {folder}/{file},"
                        f"请运行 kaopu models build {self.config.name}。"
                    )
        options = self._options
        # paddleocr cuts lines out with OpenCV, which would take every core for it, in every worker.
        importlib.import_module("cv2").setNumThreads(self.config.threads)
        self._pipeline = _paddleocr()(
            engine="onnxruntime",
            device="cpu",
            engine_config={
                "intra_op_num_threads": self.config.threads,
                "inter_op_num_threads": 1,
                "enable_cpu_mem_arena": options.memory_arena,
            },
            **{f"{part}_model_name": name for part, (_, name) in PARTS.items()},
            **{f"{part}_model_dir": str(self.config.folder / folder) for part, (folder, _) in PARTS.items()},
            text_det_limit_type="max",
            text_det_limit_side_len=options.side,
            text_det_thresh=options.threshold,
            text_det_box_thresh=options.box_threshold,
            text_det_unclip_ratio=options.unclip,
            text_recognition_batch_size=options.batch,
            use_doc_orientation_classify=True,
            # It broke good lines: right on 1 page in 100, wrong on more.
            use_textline_orientation=False,
            use_doc_unwarping=False,
        )

    def warmup(self) -> None:
        """Read a page with one dark stroke: detection, orientation and, if it takes it for text, recognition."""
        page = np.full((640, 480, 3), 255, np.uint8)
        page[300:330, 60:420] = 0
        self.infer(self.prepare([OcrInput(page)]))

    def prepare(self, inputs: Sequence[OcrInput]) -> list[Prepared]:
        """Check the arrays; nothing is copied."""
        prepared = []
        for item in inputs:
            image = item.image
            if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
                raise Invalid("图像应为 uint8、形状 (高, 宽, 3)。", code="image_invalid", param="image")
            height, width = image.shape[:2]
            if height == 0 or width == 0:
                raise Invalid("图像是空的。", code="image_empty", param="image")
            if height * width > MOST_PIXELS:
                raise Invalid("图像像素太多，请缩小后再传。", code="image_too_large", param="image")
            prepared.append(Prepared(image, height * width))
        return prepared

    def infer(self, batch: Sequence[Prepared]) -> list[OcrOutput]:
        """One `OcrOutput` per page."""
        return [self._read(prepared.payload) for prepared in batch]

    def _read(self, image: NDArray[np.uint8]) -> OcrOutput:
        height, width = image.shape[:2]
        # paddleocr takes BGR, as OpenCV does.
        (found,) = self._pipeline.predict(np.ascontiguousarray(image[:, :, ::-1]))
        # -1: the pipeline did not ask for the orientation.
        rotation = int(found["doc_preprocessor_res"]["angle"]) % 360
        upright = np.array([height, width] if rotation in (90, 270) else [width, height], dtype=np.float64)
        pixels = np.asarray(found["rec_polys"], dtype=np.float64).reshape(-1, 4, 2)
        corners = np.clip(turn_back(pixels / upright, rotation), 0.0, 1.0)
        lines = tuple(
            _line(found["rec_texts"][index], found["rec_scores"][index], corners[index])
            for index in reading_order(pixels)
            if found["rec_texts"][index].strip()
        )
        return OcrOutput(width=width, height=height, rotation=rotation, lines=lines)

    def close(self) -> None:
        """Drop the sessions."""
        if self._pipeline is not None:
            self._pipeline.close()
        self._pipeline = None

    def describe(self) -> dict[str, Any]:
        """The recipe, for the model's metadata."""
        return {"engine": "onnxruntime", "models": [name for _, name in PARTS.values()], "side": self._options.side}


def _paddleocr() -> Any:
    """The class `PaddleOCR`, imported with a cache folder that can be written and without a look at the network."""
    global _cache
    if "PADDLE_PDX_CACHE_HOME" not in os.environ:
        _cache = tempfile.TemporaryDirectory(prefix="kaopu-paddlex-")
        os.environ["PADDLE_PDX_CACHE_HOME"] = _cache.name
    os.environ["PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK"] = "True"
    module = importlib.import_module("paddleocr")
    # paddlex prints coloured lines of its own to the console.
    logging.getLogger("paddlex").setLevel(logging.ERROR)
    return module.PaddleOCR


def _line(text: str, confidence: float, corners: NDArray[np.float64]) -> OcrLine:
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    return OcrLine(text.strip(), float(confidence), (first, second, third, fourth))
