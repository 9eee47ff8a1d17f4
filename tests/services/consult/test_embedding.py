"""Which foreign pages may talk to the bot."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.errors import Invalid
from services.consult.embedding import EmbedAccess, read_origins

SITE = "https://www.example.gov.cn"


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()

    @app.post("/api/consult/messages")
    @app.get("/api/library/entries")
    def anything() -> dict[str, str]:
        return {}

    app.add_middleware(EmbedAccess, origins=(SITE,))
    return TestClient(app)


def preflight(client: TestClient, path: str, origin: str, headers: str = "content-type") -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": headers}
    return dict(client.options(path, headers=asked).headers)


def test_a_listed_site_may_ask(client: TestClient) -> None:
    assert preflight(client, "/api/consult/messages", SITE)["access-control-allow-origin"] == SITE
    answer = client.post("/api/consult/messages", headers={"Origin": SITE})
    assert answer.headers["access-control-allow-origin"] == SITE
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://www.example.gov.cn", "null", SITE + ".evil.example"]
)
def test_others_may_not(client: TestClient, origin: str) -> None:
    assert "access-control-allow-origin" not in preflight(client, "/api/consult/messages", origin)
    answer = client.post("/api/consult/messages", headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers


def test_nothing_but_the_bot_is_opened(client: TestClient) -> None:
    assert "access-control-allow-origin" not in preflight(client, "/api/library/entries", SITE)
    answer = client.get("/api/library/entries", headers={"Origin": SITE})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_no_key_crosses(client: TestClient) -> None:
    asked = {"Origin": SITE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    assert client.options("/api/consult/messages", headers=asked).status_code == 400


def test_origins_as_they_are_written() -> None:
    assert read_origins("") == ()
    assert read_origins(" https://A.example/ ,http://127.0.0.1:8080,") == ("https://a.example", "http://127.0.0.1:8080")


@pytest.mark.parametrize("listed", ["*", "www.example.gov.cn", "https://a.example/page", "https://*.example", "null"])
def test_what_is_no_origin_is_refused(listed: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_origins(f"https://fine.example,{listed}")
    assert refused.value.code == "embed_origins_invalid"
