"""Workers: killed, hung, grown, not to be started, left behind. The processes are real; only their model is made."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from core.errors import ArtifactMissing, HubError, Invalid, ModelFailed, Unavailable
from core.settings import ROOT
from models import worker_process
from models.artifacts import ArtifactStore
from models.backends import BACKENDS
from models.host import Host
from models.lanes import WorkerLane, WorkerLimits
from models.model import ModelConfig
from models.registry import Registry
from models.worker_main import Start

TWICE = "tests.models.made_model:twice"
MODEL = """
format: 1
models:
  made:
    task: ocr
    title: 测试
    purpose: 测试
    owner: 测试
    licence: Apache-2.0
    preload: true
    versions:
      "1": {{backend: paddle-ocr, recipe: paddle-ocr, folder: made/1, files: {{model.json: {sha}}}, options: {{}}}}
      "2": {{backend: paddle-ocr, recipe: paddle-ocr, folder: made/2, files: {{model.json: {sha}}}, options: {{}}}}
    aliases: {{champion: "1"}}
    history: []
"""

MakeHost = Callable[..., Host]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeHost:
    monkeypatch.setitem(BACKENDS, "paddle-ocr", "tests.models.made_model:MadeModel")
    for version in "12":
        folder = tmp_path / "artifacts" / "made" / version
        folder.mkdir(parents=True)
        (folder / "model.json").write_text("made", encoding="ascii")
    registry = tmp_path / "registry.yaml"
    registry.write_text(MODEL.format(sha=hashlib.sha256(b"made").hexdigest()), encoding="utf-8")

    def host(workers: int = 2, **limits: Any) -> Host:
        store = ArtifactStore(tmp_path / "artifacts")
        return Host(
            Registry(registry), store, threads=2, queue_items=64, workers=workers, limits=WorkerLimits(**limits)
        )

    return host


def pids(host: Host, version: str = "1") -> list[int | None]:
    (loaded,) = (one for one in host.status() if one.version == version)
    return [worker.pid for worker in loaded.workers]


def replaced(host: Host) -> dict[str, int]:
    (loaded,) = host.status()
    return {reason: sum(one.replaced[reason] for one in loaded.workers) for reason in ("lost", "late", "memory")}


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to pass")


async def test_each_worker_is_a_process_of_its_own_and_none_is_left(make: MakeHost) -> None:
    host = make()
    (report,) = await host.start(["made"])
    assert report.memory_bytes > 0
    (loaded,) = host.status()
    assert loaded.description == {"made": True, "threads": 1}, "two threads, shared out"
    processes = pids(host)
    assert len({*processes, os.getpid()}) == 3
    picture = np.full((3000, 2000, 3), 7, np.uint8)
    answers = await asyncio.gather(*(host.handle("made").call([picture]) for _ in range(4)))
    assert [one.outputs for one in answers] == [[7 * picture.size]] * 4
    assert loaded.stats.inputs == 4
    # What a worker leaves on the disk stands in a folder of its own.
    scratch = [lane._process._scratch for lane in loaded.lanes]  # type: ignore[attr-defined]
    assert all(one.is_dir() for one in scratch)
    await host.close()
    assert not any(psutil.pid_exists(one or 0) for one in processes)
    assert not any(one.exists() for one in scratch)


async def test_a_job_runs_where_the_model_is(make: MakeHost) -> None:
    host = make(1)
    await host.start(["made"])
    result = await host.handle("made").run(TWICE, ["version"])
    assert result.outputs == [(pids(host)[0], "1", "1")]
    await host.close()
    here = make(0)
    await here.start(["made"])
    assert (await here.handle("made").run(TWICE, ["version"])).outputs == [(os.getpid(), "1", "1")]
    assert here.status()[0].workers == []
    await here.close()


async def test_a_page_whose_worker_is_killed_is_read_by_another_and_counted_once(
    make: MakeHost, tmp_path: Path
) -> None:
    host = make()
    await host.start(["made"])
    marker = tmp_path / "hangs"
    asked = asyncio.create_task(host.handle("made").call([f"once {marker}"]))
    await until(marker.exists)
    os.kill(int(marker.read_text()), signal.SIGKILL)
    assert (await asked).outputs == ["done"]
    assert replaced(host) == {"lost": 1, "late": 0, "memory": 0}
    stats = host.status()[0].stats
    assert (stats.requests, stats.inputs, stats.failed_requests) == (1, 1, 0)
    await host.close()


async def test_a_worker_that_dies_between_two_pages_is_not_missed(make: MakeHost) -> None:
    host = make(1)
    await host.start(["made"])
    (before,) = pids(host)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    await until(lambda: pids(host) == [None])
    assert (await host.handle("made").call(["pid"])).outputs != [before]
    await host.close()


async def test_a_page_that_takes_workers_with_it_fails_alone(make: MakeHost) -> None:
    host = make()
    await host.start(["made"])
    handle = host.handle("made")
    bad, *good = await asyncio.gather(
        handle.call(["die"]), *(handle.call(["version"]) for _ in range(5)), return_exceptions=True
    )
    assert isinstance(bad, ModelFailed)
    assert bad.code == "model_worker_lost"
    assert [getattr(one, "outputs", one) for one in good] == [["1"]] * 5
    assert replaced(host)["lost"] == 2
    await host.close()


async def test_a_page_that_hangs_is_ended(make: MakeHost) -> None:
    host = make(1, batch_seconds=2.0)
    await host.start(["made"])
    with pytest.raises(ModelFailed) as error:
        await host.handle("made").call(["hang"])
    assert error.value.code == "model_too_slow"
    assert replaced(host) == {"lost": 0, "late": 1, "memory": 0}
    await host.close()


async def test_a_stopped_worker_is_ended_too(make: MakeHost) -> None:
    """It doesn't even take the picture out of the pipe."""
    host = make(1, batch_seconds=2.0)
    await host.start(["made"])
    (stopped,) = pids(host)
    assert stopped is not None
    os.kill(stopped, signal.SIGSTOP)
    with pytest.raises(ModelFailed):
        await host.handle("made").call([np.zeros((3000, 2000, 3), np.uint8)])
    await host.close()


async def test_a_worker_that_has_grown_is_replaced_after_its_page(make: MakeHost) -> None:
    host = make(1, memory_bytes=1)
    await host.start(["made"])
    first, second = [(await host.handle("made").call(["pid"])).outputs[0] for _ in range(2)]
    assert first != second
    assert replaced(host) == {"lost": 0, "late": 0, "memory": 2}
    await host.close()


async def test_errors_come_through_and_exceptions_tell_nothing(make: MakeHost) -> None:
    host = make(1)
    await host.start(["made"])
    with pytest.raises(Invalid) as refused:
        await host.handle("made").call(["refuse"])
    assert (refused.value.code, refused.value.message) == ("image_too_small", "图像太小。")
    with pytest.raises(ModelFailed) as raised:
        await host.handle("made").call(["raise"])
    assert "张三" not in str(raised.value)
    assert replaced(host)["lost"] == 0
    await host.close()


async def test_a_worker_that_can_not_start_again_is_told_and_tried_again(
    make: MakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = make(1)
    await host.start(["made"])
    (before,) = pids(host)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    await until(lambda: pids(host) == [None])
    with monkeypatch.context() as no_memory:

        def refuse(*_: Any, **__: Any) -> None:
            raise OSError(12, "Cannot allocate memory")

        no_memory.setattr(worker_process.subprocess, "Popen", refuse)
        with pytest.raises(Unavailable) as error:
            await host.handle("made").call(["version"])
    assert (error.value.status, error.value.code) == (503, "model_worker_not_started")
    assert "工作进程启动不了" in error.value.message
    (worker,) = host.status()[0].workers
    assert (worker.running, worker.error) == (False, error.value.message)
    assert (await host.handle("made").call(["version"])).outputs == ["1"]
    assert host.status()[0].workers[0].error is None
    await host.close()


async def test_what_keeps_a_model_from_loading_is_said_as_by_the_model(make: MakeHost, tmp_path: Path) -> None:
    (tmp_path / "artifacts" / "made" / "1" / "broken").touch()
    host = make()
    (report,) = await host.start(["made"])
    assert report.error is not None
    assert report.error.code == "made_broken"
    with pytest.raises(HubError) as error:
        await host.handle("made").call(["version"])
    assert error.value.message == "这个模型坏了。"
    assert pids(host) == [None, None]
    await host.close()


def test_files_that_are_missing_are_named(tmp_path: Path) -> None:
    config = ModelConfig("ocr-zh", "1", "ocr", tmp_path)
    lane = WorkerLane("test", Start("models.backends.paddle_ocr:PaddleOcr", config), WorkerLimits())
    with pytest.raises(ArtifactMissing) as error:
        lane.start()
    assert "kaopu models build ocr-zh" in error.value.message
    lane.thread.shutdown()


async def test_a_swap_under_load_fails_nothing_and_ends_the_old_workers(make: MakeHost) -> None:
    host = make()
    await host.start(["made"])
    old = pids(host)
    stop = asyncio.Event()
    heard: list[list[str]] = [[] for _ in range(4)]

    async def reader(versions: list[str]) -> None:
        while not stop.is_set():
            versions.extend((await host.handle("made").call(["version"])).outputs)

    readers = [asyncio.create_task(reader(versions)) for versions in heard]
    await until(lambda: all(heard))
    await host.swap("made", "2")
    await until(lambda: all(versions[-1] == "2" for versions in heard))
    stop.set()
    await asyncio.gather(*readers)
    # Of each reader: what the old workers still had is answered while others have the new ones already.
    assert all(versions == sorted(versions) and versions[0] == "1" for versions in heard)
    assert not any(psutil.pid_exists(one or 0) for one in old)
    await host.close()


async def test_closing_does_not_wait_for_a_page(make: MakeHost, tmp_path: Path) -> None:
    host = make(1)
    await host.start(["made"])
    marker = tmp_path / "hangs"
    asked = asyncio.create_task(host.handle("made").call([f"once {marker}"]))
    await until(marker.exists)
    await asyncio.wait_for(host.close(), 60)
    with pytest.raises(Unavailable):
        await asked
    assert not psutil.pid_exists(int(marker.read_text()))


def test_workers_end_with_a_hub_that_is_killed(make: MakeHost, tmp_path: Path) -> None:
    make()
    written = tmp_path / "pids"
    hub = subprocess.Popen(
        [sys.executable, "-m", "tests.models.hub_with_workers", "registry.yaml", "artifacts", str(written)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    wait_for(written.exists)
    workers = [psutil.Process(int(one)) for one in written.read_text().split()]
    hub.kill()
    hub.wait()
    wait_for(lambda: not any(alive(one) for one in workers))


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")
