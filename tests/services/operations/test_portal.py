"""The portal's pages come with their security headers; programs never get a page instead of an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from services.operations.errors import install_error_handlers
from services.operations.portal import install_portal

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


def client(folder: Path) -> TestClient:
    app = FastAPI()
    install_portal(app, folder)
    install_error_handlers(app, folder)
    return TestClient(app)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-abc.js").write_text("export const long = 1;\n" * 100)
    (tmp_path / "index.html").write_text("<!doctype html><title>靠普智枢</title>")
    return tmp_path


@pytest.mark.parametrize(
    "path", ["/", "/papers", "/desk", "/library", "/library/reviews", "/library/entries/dog-registration"]
)
def test_pages(built: Path, path: str) -> None:
    answer = client(built).get(path)
    assert answer.status_code == 200
    assert "靠普智枢" in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-cache"


def test_assets_are_compressed_and_kept(built: Path) -> None:
    answer = client(built).get("/assets/index-abc.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert client(built).get("/assets/none.js").status_code == 404
    assert client(built).get("/assets/../index.html").status_code == 404


def test_an_unknown_page_is_the_portals_own_404_for_browsers_only(built: Path) -> None:
    answer = client(built).get("/nowhere", headers=BROWSER)
    assert answer.status_code == 404
    assert "靠普智枢" in answer.text
    assert client(built).get("/nowhere").json()["code"] == "route_not_found"
    assert client(built).get("/api/nowhere", headers=BROWSER).json()["code"] == "route_not_found"


def test_without_a_build_the_page_says_what_to_do(tmp_path: Path) -> None:
    answer = client(tmp_path).get("/")
    assert answer.status_code == 503
    assert "make portal" in answer.text
