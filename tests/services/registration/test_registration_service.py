"""Switching versions: the registry and the host move together, or neither does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import services.registration.service as module
from core.errors import Conflict, NotFound
from core.settings import ROOT, Settings
from models.artifacts import ArtifactStore
from models.handle import Handle
from models.host import Host
from models.registry import Registry
from models.tasks import EmbeddingInput
from services.registration.service import RegistrationService

NAME = "e5-small-zh"


@pytest.fixture
def service(tmp_path: Path) -> RegistrationService:
    registry = Registry(Path(shutil.copy(ROOT / "registry.yaml", tmp_path / "registry.yaml")))
    return RegistrationService(Host(registry, ArtifactStore(Settings().artifacts), threads=1, queue_items=64))


async def test_a_switch_is_written_and_served(service: RegistrationService) -> None:
    host = service.host
    await host.start([NAME])
    await service.point(NAME, "champion", "2-fp32", who="管理员", why="比对精度")
    assert (await host.handle(NAME).call([EmbeddingInput("在")])).version == "2-fp32"
    stored = Registry(host.registry.path).model(NAME)
    assert stored.aliases["champion"] == "2-fp32"
    assert stored.history[-1].why == "比对精度"
    await host.close()


async def test_a_failed_gate_changes_nothing(service: RegistrationService, monkeypatch: pytest.MonkeyPatch) -> None:
    """The candidate is real; the inputs are turned round, so that it fails the gate's own order check."""
    host = service.host
    await host.start([NAME])
    inputs = module.smoke_inputs("text-embedding")
    monkeypatch.setattr(module, "smoke_inputs", lambda task, description: [inputs[0], inputs[2], inputs[1]])
    before = host.registry.path.read_text()
    with pytest.raises(Conflict) as error:
        await service.point(NAME, "champion", "2-fp32", who="管理员", why="试")
    assert error.value.code == "gate_failed"
    assert host.registry.path.read_text() == before
    assert [one.version for one in host.status()] == ["2"]
    assert (await host.handle(NAME).call([EmbeddingInput("在")])).version == "2"
    await host.close()


async def test_what_depends_on_a_model_is_made_ready_before_the_switch(service: RegistrationService) -> None:
    host = service.host
    await host.start([NAME])
    seen: list[tuple[str, str]] = []

    async def prepare(candidate: Handle) -> None:
        made_by = (await candidate.call([EmbeddingInput("在")])).version
        in_production = (await host.handle(NAME).call([EmbeddingInput("在")])).version
        seen.append((made_by, in_production))

    service = RegistrationService(host, {NAME: prepare})
    await service.point(NAME, "champion", "2-fp32", who="管理员", why="比对精度")
    assert seen == [("2-fp32", "2")]
    await host.close()


async def test_an_unknown_version_is_refused(service: RegistrationService) -> None:
    with pytest.raises(NotFound):
        await service.point(NAME, "champion", "9", who="管理员", why="试")
