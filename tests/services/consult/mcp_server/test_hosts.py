"""Which names are served at /mcp, and what is said to the others."""

from __future__ import annotations

import pytest

from core.errors import Forbidden, Invalid
from services.consult.mcp_server.hosts import read_hosts

NAMED = "hub.example.gov.cn, Window.Example.gov.cn:8443,"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000",
        "localhost",
        "LOCALHOST:9",
        "[::1]:8000",
        "10.1.2.3:8000",
        "hub.example.gov.cn",
        "HUB.example.gov.cn:443",
        "window.example.gov.cn:8443",
    ],
)
def test_served(host: str) -> None:
    hosts = read_hosts(NAMED, "10.1.2.3")
    hosts.check(host, None)
    hosts.check("localhost", f"http://{host}")
    hosts.check("localhost", f"https://{host}")


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "localhost.evil.example",
        "evil.example:8000",
        "hub.example.gov.cn.evil.example",
        "hub.example.gov.cn:",
        "hub.example.gov.cn:80:80",
        "hub.example.gov.cn@evil.example",
        "window.example.gov.cn",
        "window.example.gov.cn:8000",
        "0.0.0.0:8000",
        "localhost:http",
        "localhost/evil",
        "ｌｏｃａｌｈｏｓｔ",
    ],
)
def test_refused(host: str | None) -> None:
    hosts = read_hosts(NAMED, "0.0.0.0")
    with pytest.raises(Forbidden) as refused:
        hosts.check(host, None)
    assert refused.value.code == "host_not_allowed"
    with pytest.raises(Forbidden) as refused:
        hosts.check("localhost", f"http://{host}" if host else "")
    assert refused.value.code == "origin_not_allowed"


@pytest.mark.parametrize("origin", ["null", "localhost", "file://", "ftp://localhost", "http://localhost/", "http:// "])
def test_no_origin_of_a_page(origin: str) -> None:
    with pytest.raises(Forbidden) as refused:
        read_hosts("", "127.0.0.1").check("localhost", origin)
    assert refused.value.code == "origin_not_allowed"


def test_an_address_of_version_6_is_written_in_brackets() -> None:
    read_hosts("", "FD00::7").check("[fd00::7]:8000", "http://[fd00::7]:8000")
    assert "[::]" not in read_hosts("", "::").names


@pytest.mark.parametrize(
    ("public_url", "served", "refused"),
    [
        ("https://Hub.example.gov.cn/kaopu", "hub.example.gov.cn:8443", "www.example.gov.cn"),
        ("http://hub.example.gov.cn:8080", "hub.example.gov.cn:8080", "hub.example.gov.cn:8081"),
        ("https://[fd00::7]:8443", "[fd00::7]:8443", "[fd00::7]"),
        ("https://user@evil.example", "localhost", "evil.example"),
        ("https://枢纽.cn", "localhost", "枢纽.cn"),
        ("", "localhost", "hub.example.gov.cn"),
    ],
)
def test_the_name_outside_needs_no_listing(public_url: str, served: str, refused: str) -> None:
    hosts = read_hosts("", "127.0.0.1", public_url)
    hosts.check(served, f"https://{served}")
    with pytest.raises(Forbidden):
        hosts.check(refused, None)


@pytest.mark.parametrize("listed", ["*", "https://hub.example.gov.cn", "hub.example.gov.cn/mcp", "hub..cn", "枢纽.cn"])
def test_a_setting_that_is_no_name(listed: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_hosts(f"hub.example.gov.cn,{listed}", "127.0.0.1")
    assert (refused.value.code, refused.value.param) == ("mcp_hosts_invalid", "mcp_hosts")
