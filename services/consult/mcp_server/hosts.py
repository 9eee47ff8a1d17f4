"""Which names the hub answers to at /mcp: against DNS rebinding, where a foreign page's name is made to point at the hub.

Comes in: the settings `mcp_hosts` and `public_url`, then the `Host` and `Origin` headers of each request. Pure functions.
Source: Model Context Protocol, transports, security warning (validate `Origin`); RFC 9110, 7.2 (`Host`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.errors import Forbidden, Invalid, shown

LOCAL = ("127.0.0.1", "localhost", "[::1]")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
_HOST = re.compile(r"([a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_ORIGIN = re.compile(r"https?://(.+)")


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """`names`: served at any port; `addresses`: a name with the one port that it is served at."""

    names: frozenset[str]
    addresses: frozenset[str]

    def check(self, host: str | None, origin: str | None) -> None:
        """Refuse a request by its headers. A program sends no `origin`, a browser does.

        Raises:
            Forbidden: codes `host_not_allowed`, `origin_not_allowed`.
        """
        if not self._holds(host or ""):
            raise Forbidden(
                "不能用这个主机名访问 /mcp。请换用中枢的正式地址，或请管理员在设置 mcp_hosts 里加上它。",
                code="host_not_allowed",
            )
        if origin is not None:
            named = _ORIGIN.fullmatch(origin.lower())
            if named is None or not self._holds(named[1]):
                raise Forbidden(
                    "不接受来自这个网站的请求。请管理员核对后，在设置 mcp_hosts 里加上网站的主机名。",
                    code="origin_not_allowed",
                )

    def _holds(self, host: str) -> bool:
        host = host.lower()
        read = _HOST.fullmatch(host)
        return read is not None and (read[1] in self.names or host in self.addresses)


def read_hosts(listed: str, listening: str, public_url: str = "") -> AllowedHosts:
    """This machine's own names, the address that the hub listens on (`listening`), the name in the address that it has outside
    (`public_url`), and those in a list separated by commas; with a port, a name is served at that port only.

    Raises:
        Invalid: one of them is no host name (code `mcp_hosts_invalid`); `*` is none, so that every name is known.
    """
    names = set(LOCAL)
    if listening and listening not in _EVERYWHERE:
        names.add((f"[{listening}]" if ":" in listening else listening).lower())
    addresses: set[str] = set()
    # Its form was checked with the other settings; a name that no header can hold is just not served.
    public = _HOST.fullmatch(urlsplit(public_url).netloc.lower())
    if public is not None:
        (names if public[2] is None else addresses).add(public[0])
    for host in (one.strip().lower() for one in listed.split(",") if one.strip()):
        read = _HOST.fullmatch(host)
        if read is None:
            raise Invalid(
                f"设置 mcp_hosts 里的 {shown(host)} 不是主机名，应为 hub.example.gov.cn 或 hub.example.gov.cn:8443 这样的形式。",
                code="mcp_hosts_invalid",
                param="mcp_hosts",
            )
        if read[2] is None:
            names.add(host)
        else:
            addresses.add(host)
    return AllowedHosts(frozenset(names), frozenset(addresses))
