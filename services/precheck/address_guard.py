"""Where a webhook may go: never to an address inside (SSRF), unless a setting allows it.

The name is resolved here, every address that it has must be a public one, and the connection is made to the very address that
was looked at: a name that changes in between leads nowhere else.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from core.errors import Invalid

Resolve = Callable[[str, int], Awaitable[list[str]]]
LONGEST = 500
PORTS = range(1, 65_536)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: `url` with the address in place of the name; `host` for the header, `name` for the certificate."""

    url: str
    host: str
    name: str


async def resolved(name: str, port: int) -> list[str]:
    """All addresses of a name. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: str) -> bool:
    """Whether an address is one of the open net: not private, loopback, link-local, shared, reserved, multicast, nor one of those
    written as IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if found in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def check_url(url: str, *, private: bool) -> None:
    """What can be said of an address without asking the net. `private`: addresses inside are allowed, and plain http.

    Raises:
        Invalid: `webhook_url_invalid`, `webhook_address_refused`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    schemes = ("https", "http") if private else ("https",)
    if (
        len(url) > LONGEST
        or not url.isascii()
        or not url.isprintable()
        or parts.scheme not in schemes
        or not parts.hostname
        or parts.username is not None
        or parts.password is not None
        or parts.fragment
        or (port is not None and port not in PORTS)
    ):
        raise Invalid(
            f"webhook 网址不对；应为不含口令的 {'、'.join(schemes)} 网址，最多 {LONGEST} 字。",
            code="webhook_url_invalid",
            param="url",
        )
    if not private and _is_address(parts.hostname) and not is_public(parts.hostname):
        raise _refused()


async def target_of(url: str, *, private: bool, resolve: Resolve = resolved) -> Target:
    """Where to connect for `url`. Raises Invalid as `check_url`; OSError: the name isn't known."""
    check_url(url, private=private)
    parts = urlsplit(url)
    name = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = [name] if _is_address(name) else await resolve(name, port)
    if not addresses:
        raise OSError("no address")
    if not private and not all(is_public(one) for one in addresses):
        raise _refused()
    address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    location = urlunsplit((parts.scheme, f"{address}:{port}", parts.path or "/", parts.query, ""))
    return Target(location, parts.netloc, name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _refused() -> Invalid:
    return Invalid(
        "webhook 不能指向内部地址；确需如此，请管理员设置 KAOPU_WEBHOOK_PRIVATE。",
        code="webhook_address_refused",
        param="url",
    )
