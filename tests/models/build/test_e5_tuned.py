"""Trained layers out of their file into the encoder: written, read, put in place, refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import Unavailable
from core.settings import ROOT, Settings
from models.build.e5_tuned import TUNED, VERSIONS, build, part_way, read_layers, tuned_layers, with_layers
from models.build.e5_weights import E5Weights, Pieces, Quantised, Shape, quantised
from models.build.wheels import file_sha256
from models.registry import Registry

RNG = np.random.default_rng(5)


class Quiet:
    def step(self, description: str, done: float, total: float) -> None:
        pass


def small() -> E5Weights:
    """Two linear layers of a made-up encoder."""
    codes = RNG.integers(0, 16, (4, 2, 32), dtype=np.uint8)
    matrix = Quantised(codes, RNG.random((4, 2)).astype(np.float16))
    shape = Shape(64, 1, 2, 64, 10, 16, 1, 1e-12)
    return E5Weights(
        shape,
        Pieces([], np.zeros(0, np.float32), 0, 2, 1, 3, {}),
        {"l0.q.w": matrix, "l0.k.w": matrix},
        {"l0.q.b": np.zeros(4, np.float32)},
    )


def test_eight_bits_are_near_and_keep_zero_and_the_largest() -> None:
    weights = (RNG.standard_normal((6, 96)) * np.array([[1.0], [1e-3], [20.0], [0.0], [1.0], [5.0]])).astype(np.float32)
    found = quantised(weights)
    assert found.codes.dtype == np.uint8
    assert found.codes.shape == (6, 3, 32)
    blocks = weights.reshape(6, 3, 32)
    bound = np.abs(blocks).max(axis=2) / 127 * 0.51 + np.abs(blocks).max(axis=2) * 1e-3
    assert (np.abs(found.dequantised().reshape(6, 3, 32) - blocks).max(axis=2) <= bound).all()
    assert not found.dequantised()[3].any()
    assert np.array_equal(found.packed(), found.codes)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e9])
def test_weights_that_no_scale_can_hold_are_refused(bad: float) -> None:
    weights = np.zeros((2, 32), np.float32)
    weights[1, 3] = bad
    with pytest.raises(ValueError, match="finite"):
        quantised(weights)


def test_layers_written_are_read_and_take_their_place(tmp_path: Path) -> None:
    new = {"l0.q.w": RNG.standard_normal((4, 64)).astype(np.float32), "l0.q.b": np.ones(4, np.float32)}
    path = tmp_path / "layers.safetensors"
    path.write_bytes(tuned_layers(new))
    assert path.read_bytes() == tuned_layers(dict(reversed(new.items())))
    before = small()
    after = with_layers(before, read_layers(path))
    assert np.abs(after.matrices["l0.q.w"].dequantised() - new["l0.q.w"]).max() < 0.02
    assert after.floats["l0.q.b"].tolist() == [1.0] * 4
    assert after.matrices["l0.k.w"] is before.matrices["l0.k.w"]


@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_part_of_the_way_lies_between(tmp_path: Path, part: float) -> None:
    new = {"l0.q.w": RNG.standard_normal((4, 64)).astype(np.float32), "l0.q.b": np.ones(4, np.float32)}
    path = tmp_path / "layers.safetensors"
    path.write_bytes(tuned_layers(new))
    before = small()
    found = part_way(before, read_layers(path), part)
    old = before.matrices["l0.q.w"].dequantised()
    assert np.abs(found.matrices["l0.q.w"].dequantised() - (old + part * (new["l0.q.w"] - old))).max() < 0.05
    assert found.floats["l0.q.b"].tolist() == [part] * 4


@pytest.mark.parametrize(
    "new",
    [
        {"l9.q.w": np.zeros((4, 64), np.float32)},
        {"l0.q.w": np.zeros((4, 32), np.float32)},
        {"l0.q.b": np.zeros(5, np.float32)},
        {"l0.other.b": np.zeros(4, np.float32)},
    ],
)
def test_layers_of_another_model_are_refused(tmp_path: Path, new: dict[str, np.ndarray]) -> None:
    path = tmp_path / "layers.safetensors"
    path.write_bytes(tuned_layers(new))
    with pytest.raises(Unavailable) as caught:
        with_layers(small(), read_layers(path))
    assert caught.value.code == "weights_invalid"


def test_a_damaged_or_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "layers.safetensors"
    for content in (None, b"", b"PK\x03\x04", tuned_layers({"l0.q.b": np.zeros(4, np.float32)})[:-3]):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(Unavailable) as caught:
            read_layers(path)
        assert caught.value.code == "weights_invalid"


def test_the_recipe_gives_the_bytes_that_the_registry_names(tmp_path: Path) -> None:
    """The wheel is taken from the build folder if it's there, as it is after `make serve` or `make test`."""
    build(Settings().var_dir / "build", tmp_path, Quiet())
    for version in VERSIONS:
        entry = Registry(ROOT / "registry.yaml").version("e5-small-zh", version)
        folder = tmp_path / entry.folder
        assert {name: file_sha256(folder / name) for name in entry.files} == entry.files
        assert {path.name for path in folder.iterdir()} == set(entry.files)


def test_the_file_of_layers_is_small_enough_to_stand_in_the_repository() -> None:
    assert TUNED.stat().st_size < 30_000_000
    layers = read_layers(TUNED)
    assert all(matrix.bits == 8 for matrix in layers.matrices.values())
    assert replace(layers, floats={}).matrices
