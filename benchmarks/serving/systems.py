"""The systems under measurement: how each is installed, started, asked, stopped, and kept still while another is measured."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from core.settings import ROOT

MODEL = "e5-small-zh"
TORCH = "torch==2.13.0"
PEERS: dict[str, tuple[str, ...]] = {
    # infinity 0.0.78 wants numpy < 2 and sentence-transformers < 4, so transformers 4.
    "infinity": ("infinity-emb[server,torch]==0.0.78", "transformers>=4.47,<5", TORCH),
    "sentence-transformers": ("sentence-transformers>=5", "fastapi", "uvicorn[standard]", TORCH),
}
READY_SECONDS = 300
LOAD = Path(__file__).with_name("load.py")
PLAIN_SERVER = Path(__file__).with_name("plain_server.py")


@dataclass
class System:
    """A running server. `prefix` stands before each text where the server does not put the model's own."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    path: str
    model: str
    ready_seconds: float
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, object] = field(default_factory=dict)
    prefix: str = ""

    def body(self, texts: Sequence[str]) -> str:
        """A request for the vectors of `texts`."""
        wanted = {"model": self.model, "input": [self.prefix + text for text in texts], **self.extra}
        return json.dumps(wanted, ensure_ascii=False)

    def post(self, path: str, body: str) -> tuple[int, bytes]:
        """One request outside of any measurement."""
        headers = {"Content-Type": "application/json", **self.headers}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body.encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def get(self, path: str) -> Any:
        """A JSON document."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=self.headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def vectors(self, texts: Sequence[str]) -> list[list[float]]:
        """The vectors of `texts`."""
        status, answer = self.post(self.path, self.body(texts))
        assert status == 200, answer[:500]
        return [one["embedding"] for one in json.loads(answer)["data"]]

    def specification(self, bodies: Sequence[str], **how: object) -> dict[str, object]:
        """What the load generator is to do."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "path": self.path,
            "headers": self.headers,
            "bodies": list(bodies),
            **how,
        }

    def memory_megabytes(self) -> float:
        """Resident memory of the process and its children."""
        main = psutil.Process(self.process.pid)
        return float(sum(one.memory_info().rss for one in (main, *main.children(recursive=True))) / 2**20)

    def stop(self) -> None:
        """End it."""
        self._signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            main = psutil.Process(self.process.pid)
            for one in (*main.children(recursive=True), main):
                one.send_signal(number)


@contextlib.contextmanager
def alone(system: System, others: Sequence[System]) -> Iterator[None]:
    """Keep the other systems stopped meanwhile, so that none of them takes time from this one."""
    for other in others:
        if other is not system:
            other._signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for other in others:
            other._signal(signal.SIGCONT)


def run_load(specification: Mapping[str, object]) -> dict[str, Any]:
    """Run the load generator in a process of its own and give its result."""
    run = subprocess.run(
        [sys.executable, "-I", str(LOAD)], input=json.dumps(specification), capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        raise RuntimeError(f"the load generator failed: {run.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(run.stdout)
    return result


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(
    name: str, command: Sequence[str], port: int, ready: str, log: Path, environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], float]:
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=5):
            return process, time.perf_counter() - started
        if process.poll() is not None or time.perf_counter() - started > READY_SECONDS:
            process.kill()
            raise RuntimeError(f"{name} did not get ready:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.02)


def start_hub(folder: Path, artifacts: Path, **settings: str) -> System:
    """Our own server, whole: every model, the search, logging and metrics as in production; data in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    registry = Path(shutil.copy(ROOT / "registry.yaml", folder / "registry.yaml"))
    port = free_port()
    environment = {
        "KAOPU_VAR_DIR": str(folder),
        "KAOPU_ARTIFACTS_DIR": str(artifacts),
        "KAOPU_REGISTRY_FILE": str(registry),
        "KAOPU_PORT": str(port),
        # Limits of callers are not what is measured; each request still passes them.
        "KAOPU_KEY_LIMIT": "1000000/minute",
        **settings,
    }
    process, seconds = _start(
        "kaopu", [sys.executable, "-m", "serve"], port, "/readyz", folder / "server.log", environment
    )
    key = (folder / "admin.key").read_text().strip()
    return System("kaopu", process, port, "/v1/embeddings", MODEL, seconds, headers={"Authorization": f"Bearer {key}"})


def peer_python(name: str, folder: Path) -> Path:
    """The interpreter of a peer's own environment below `folder`, made and filled at the first call."""
    home = folder / name
    python = home / "bin" / "python"
    done = home / "installed"
    wanted = "\n".join(PEERS[name])
    if not done.exists() or done.read_text() != wanted:
        print(f"installing {name} into {home} (once)", file=sys.stderr)
        venv.create(home, with_pip=True)
        command = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PEERS[name]]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        done.write_text(wanted)
    return python


def start_peer(name: str, peers: Path, model: Path, logs: Path) -> System:
    """infinity, or sentence-transformers behind plain FastAPI, with the same model in float32."""
    python = peer_python(name, peers)
    port = free_port()
    if name == "infinity":
        command = [str(python.with_name("infinity_emb")), "v2", "--model-id", str(model), "--port", str(port)]
        command += ["--host", "127.0.0.1", "--served-model-name", "e5", "--engine", "torch", "--device", "cpu"]
        command += ["--dtype", "float32", "--no-bettertransformer", "--no-model-warmup", "--log-level", "warning"]
        path = "/embeddings"
    else:
        command = [str(python), str(PLAIN_SERVER), str(model), str(port)]
        path = "/v1/embeddings"
    environment = {"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1", "INFINITY_ANONYMOUS_USAGE_STATS": "0"}
    process, seconds = _start(name, command, port, "/health", logs / f"{name}.log", environment)
    return System(name, process, port, path, "e5", seconds, prefix="query: ")
