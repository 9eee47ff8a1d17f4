"""A fuzz run of the whole OpenAPI document: whatever it allows, and much that it doesn't, is answered as documented.

Schemathesis runs as its users run it, bounded and with a fixed seed, so that a failure comes again; its report says how to
send the request that failed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx

from tests.end_to_end.server import Hub

EXAMPLES = 8
SEED = 107
MAX_SECONDS = 900
"""It takes one or two minutes; on a busy machine several."""
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)


def test_every_route_keeps_its_word(hub: Hub, tmp_path: Path) -> None:
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            f"--config-file={CONFIGURATION}",
            "run",
            hub.url + "/openapi.json",
            f"--header=Authorization: Bearer {hub.admin_key}",
            f"--checks={','.join(CHECKS)}",
            "--phases=examples,coverage,fuzzing",
            f"--max-examples={EXAMPLES}",
            f"--seed={SEED}",
            "--generation-deterministic",
            "--no-shrink",
            "--max-response-time=30",
            "--request-timeout=60",
            "--suppress-health-check=all",
            "--warnings=off",
            "--no-color",
            # Swapping and unloading would take models from the other tests; their own tests do it. A stream of events
            # never ends; the streams have their own tests.
            "--exclude-path-regex=^/api/(registry/.*/(load|unload|aliases/.*)|consult/desk/events|consult/sessions/.*/events|submissions/.*/events)$",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
    )
    assert run.returncode == 0, run.stdout[-12_000:] + run.stderr[-2_000:]
    assert "No issues found" in run.stdout, run.stdout[-3_000:]


def test_the_server_is_still_there(hub: Hub) -> None:
    assert hub.process.poll() is None
    assert httpx.get(hub.url + "/readyz").status_code == 200
