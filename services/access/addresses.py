"""Which client a request comes from, and a name for it that can't be turned back into an address."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from core.errors import Invalid, shown

Address = IPv4Address | IPv6Address


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


class ClientAddresses:
    """Finds the client behind trusted proxies and hashes it.

    Args:
        trusted_proxies: addresses or networks, separated by commas; only what they say in X-Forwarded-For and
            X-Forwarded-Proto is believed.

    Raises:
        Invalid: one of them is no address (code `trusted_proxies_invalid`).
    """

    def __init__(self, trusted_proxies: str) -> None:
        words = [word.strip() for word in trusted_proxies.split(",") if word.strip()]
        try:
            self._trusted = tuple(ip_network(word, strict=False) for word in words)
        except ValueError as error:
            raise Invalid(
                f"KAOPU_TRUSTED_PROXIES 里有不是地址的内容：{shown(error)}", code="trusted_proxies_invalid"
            ) from error
        # New at every start and kept nowhere: the hashes of two days can't be joined, nor tried out against all addresses.
        self._salt = secrets.token_bytes(32)

    def is_proxy(self, peer: str | None) -> bool:
        """Whether `peer`, who opened the connection, is a proxy that is believed."""
        address = _address(peer) if peer else None
        return address is not None and self._is_trusted(address)

    def _is_trusted(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self._trusted)

    def client(self, peer: str | None, forwarded_for: str | None) -> str:
        """The client's address in text.

        `peer` is who opened the connection (None for a unix socket). X-Forwarded-For is read from the right: every
        trusted proxy appended the address that it saw, so the first untrusted one is the client; what stands left of
        it the client may have made up.
        """
        address = _address(peer) if peer else None
        if address is None:
            return "local"
        if forwarded_for and self._is_trusted(address):
            for word in reversed(forwarded_for.split(",")[-20:]):
                hop = _address(word)
                if hop is None:
                    break
                address = hop
                if not self._is_trusted(hop):
                    break
        if isinstance(address, IPv6Address):
            # A household gets a /64: single addresses would let one client have billions of limits.
            return str(IPv6Network((address, 64), strict=False))
        return str(address)

    def hashed(self, client: str) -> str:
        """16 hexadecimal digits that stand for a client until the process ends."""
        return hashlib.blake2b(client.encode(), key=self._salt, digest_size=8).hexdigest()
