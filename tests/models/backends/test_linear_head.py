"""A linear head from its file."""

import json

import numpy as np
import pytest

from core.errors import ArtifactMismatch, Invalid
from models.backends.linear_head import FILE, LinearHead
from models.model import ModelConfig
from models.tasks import TASKS, VectorInput

WRITTEN = {
    "labels": ["甲", "乙"],
    "embedder": "e/1",
    "scale": 2.0,
    "mean": [0.1, 0.0, 0.0],
    "weights": [[1.0, -1.0], [0.0, 0.0], [0.0, 2.0]],
    "bias": [0.5, 0.0],
}


def head(folder, written=WRITTEN):
    (folder / FILE).write_text(json.dumps(written), encoding="utf-8")
    found = LinearHead(ModelConfig("h", "1", "vector-classification", folder))
    found.load()
    return found


def test_softmax_of_the_centred_vector(tmp_path):
    vector = np.array([0.6, 0.8, 0.0], dtype=np.float32)
    found = head(tmp_path)
    found.warmup()
    (output,) = found.infer(found.prepare([VectorInput(vector)]))
    logits = np.array([2 * 0.5 + 0.5, -2 * 0.5])
    wanted = np.exp(logits) / np.exp(logits).sum()
    assert output.labels == ("甲", "乙")
    assert output.probabilities == pytest.approx(wanted, abs=1e-5)
    assert output.embedder == "e/1"
    assert found.describe() == {"dimension": 3, "labels": ["甲", "乙"], "embedder": "e/1"}


@pytest.mark.parametrize("vector", [[1.0, 0.0], [float("nan"), 0.0, 0.0], [[1.0, 0.0, 0.0]]])
def test_a_vector_of_another_form(tmp_path, vector):
    with pytest.raises(Invalid):
        head(tmp_path).prepare([VectorInput(np.array(vector, dtype=np.float32))])


def test_a_file_whose_parts_do_not_fit(tmp_path):
    with pytest.raises(ArtifactMismatch):
        head(tmp_path, {**WRITTEN, "bias": [0.0]})


def test_tensors_and_back(tmp_path):
    task = TASKS["vector-classification"]
    found = head(tmp_path)
    inputs = task.from_tensors({"vector": np.eye(3, dtype=np.float32)[:2]})
    tensors = task.to_tensors(found.infer(found.prepare(inputs)))
    assert tensors["probability"].shape == (2, 2)
    assert [label.decode() for label in tensors["label"]] == ["甲", "乙"]
