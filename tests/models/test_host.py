"""Loading is explicit, warm and reported; a swap under load fails no request. The real embedder runs throughout."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactMismatch, ArtifactMissing, Conflict, NotFound, Unavailable
from core.settings import Settings
from models.artifacts import ArtifactStore
from models.host import Host
from models.registry import Registry
from models.tasks import EmbeddingInput

NAME = "e5-small-zh"


async def test_start_loads_warms_and_reports(host: Host) -> None:
    (report,) = await host.start([NAME])
    assert (report.name, report.version, report.error) == (NAME, "2", None)
    assert report.load_seconds > 0
    assert report.warmup_seconds > 0
    assert host.ready
    (loaded,) = host.status()
    assert (loaded.state, loaded.aliases, loaded.description["dimension"]) == ("ready", ("champion",), 384)
    await host.close()


async def test_a_name_an_alias_and_a_version_reach_the_same_model(host: Host) -> None:
    await host.start([NAME])
    for reference in (NAME, f"{NAME}@champion", f"{NAME}/2"):
        result = await host.handle(reference).call([EmbeddingInput("敬老卡怎么办")])
        assert (result.model, result.version) == (NAME, "2")
        assert result.outputs[0].vector.shape == (384,)
    await host.close()


async def test_what_is_not_there_is_said(host: Host) -> None:
    await host.start([NAME])
    for reference in ("nobody", f"{NAME}/9", f"{NAME}@shadow"):
        with pytest.raises(NotFound):
            host.handle(reference)
    with pytest.raises(Unavailable) as error:
        await host.handle(f"{NAME}/2-fp32").call([EmbeddingInput("在")])
    assert error.value.code == "model_not_loaded"
    await host.close()


async def test_many_inputs_come_back_in_order(host: Host) -> None:
    await host.start([NAME])
    texts = [f"第{number}条" + "材料" * (number % 40) for number in range(100)]
    many = await host.handle(NAME).call([EmbeddingInput(text) for text in texts])
    for position in (0, 7, 39, 99):
        one = await host.handle(NAME).call([EmbeddingInput(texts[position])])
        assert float(one.outputs[0].vector @ many.outputs[position].vector) > 0.999
    await host.close()


async def test_a_swap_under_load_fails_nothing(host: Host) -> None:
    await host.start([NAME])
    stop = asyncio.Event()
    versions: list[str] = []
    vectors: list[np.ndarray] = []

    async def citizen() -> None:
        handle = host.handle(NAME)
        while not stop.is_set():
            result = await handle.call([EmbeddingInput("公共场所卫生许可证注销要什么材料")])
            versions.append(result.version)
            vectors.append(result.outputs[0].vector)

    citizens = [asyncio.create_task(citizen()) for _ in range(8)]
    await asyncio.sleep(0.3)
    report = await host.swap(NAME, "2-fp32")
    assert report.load_seconds > 0
    await asyncio.sleep(0.3)
    await host.swap(NAME, "2")
    await asyncio.sleep(0.2)
    stop.set()
    await asyncio.gather(*citizens)
    order = [version for index, version in enumerate(versions) if index == 0 or versions[index - 1] != version]
    assert order[0] == "2"
    assert "2-fp32" in order
    assert versions[-1] == "2"
    assert min(float(vector @ vectors[0]) for vector in vectors) > 0.999
    assert [one.version for one in host.status()] == ["2"]
    await host.close()


async def test_a_swap_that_is_stopped_leaves_the_old(host: Host) -> None:
    await host.start([NAME])

    def refuse() -> None:
        raise Conflict("未通过", code="gate_failed")

    with pytest.raises(Conflict):
        await host.swap(NAME, "2-fp32", before_switch=refuse)
    with pytest.raises(NotFound):
        await host.swap(NAME, "9")
    assert [one.version for one in host.status()] == ["2"]
    assert (await host.handle(NAME).call([EmbeddingInput("在")])).version == "2"
    await host.close()


async def test_unload_keeps_what_is_in_use(host: Host) -> None:
    await host.start([NAME])
    await host.load(NAME, "2-fp32")
    assert [one.version for one in host.status()] == ["2", "2-fp32"]
    with pytest.raises(Unavailable):
        await host.unload(NAME, "2")
    await host.unload(NAME, "2-fp32")
    with pytest.raises(NotFound):
        await host.unload(NAME, "2-fp32")
    assert [one.version for one in host.status()] == ["2"]
    await host.close()


async def test_a_tampered_artifact_is_refused_and_the_hub_goes_on(registry: Registry, tmp_path: Path) -> None:
    folder = registry.version(NAME, "2").folder
    shutil.copytree(Settings().artifacts / folder, tmp_path / "artifacts" / folder)
    tokenizer = tmp_path / "artifacts" / folder / "tokenizer.json"
    tokenizer.write_bytes(tokenizer.read_bytes() + b" ")
    host = Host(registry, ArtifactStore(tmp_path / "artifacts"), threads=1, queue_items=8)
    (report,) = await host.start([NAME])
    assert isinstance(report.error, ArtifactMismatch)
    assert "tokenizer.json" in report.error.message
    assert not host.ready
    with pytest.raises(ArtifactMismatch):
        await host.handle(NAME).call([EmbeddingInput("在")])
    with pytest.raises(ArtifactMissing):
        await host.swap(NAME, "2-fp32")
    await host.close()
