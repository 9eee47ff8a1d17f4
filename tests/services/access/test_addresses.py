from __future__ import annotations

import pytest

from services.access.addresses import ClientAddresses


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, 10.3.3.3, 10.4.4.4", "198.51.100.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, unknown", "127.0.0.1"),
        ("127.0.0.1", "10.9.9.9", "10.9.9.9"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:203.0.113.7", None, "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", None, "2001:db8:1:2::/64"),
        (None, "198.51.100.1", "local"),
        ("testclient", "198.51.100.1", "local"),
    ],
)
def test_the_client_behind_the_proxies(peer: str | None, forwarded: str | None, client: str) -> None:
    assert ClientAddresses("127.0.0.1, 10.0.0.0/8").client(peer, forwarded) == client


def test_hashes_differ_between_clients_and_between_starts() -> None:
    first, second = ClientAddresses(""), ClientAddresses("")
    assert first.hashed("203.0.113.7") == first.hashed("203.0.113.7")
    assert first.hashed("203.0.113.7") != first.hashed("203.0.113.8")
    assert first.hashed("203.0.113.7") != second.hashed("203.0.113.7")
