"""Which other sites' pages may talk to the consult bot: the chat embedded there (`<kaopu-chat>`) calls from their origin.

Comes in: the origins of the settings. Only /api/consult is opened, and only to what a citizen may do without a key: no
cookie and no Authorization header crosses, so that nobody's rights can be used from a foreign page.
Source: Fetch Standard, CORS protocol.
"""

from __future__ import annotations

import re

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import Invalid, shown

OPENED = "/api/consult/"
_ORIGIN = re.compile(r"https?://(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
_KEPT_SECONDS = 600


def read_origins(listed: str) -> tuple[str, ...]:
    """The origins in a list separated by commas; a slash at the end is forgiven.

    Raises:
        Invalid: one of them is no origin (code `embed_origins_invalid`); `*` is none, so that every site is named.
    """
    origins = tuple(one.strip().rstrip("/").lower() for one in listed.split(",") if one.strip())
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise Invalid(
                f"设置 embed_origins 里的 {shown(origin)} 不是网站来源，应为 https://www.example.gov.cn 这样的形式。",
                code="embed_origins_invalid",
                param="embed_origins",
            )
    return origins


class EmbedAccess:
    """ASGI middleware: answers the browsers of `origins`' pages about /api/consult; everything else passes unseen."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._opened = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Content-Type", "Last-Event-ID"],
            expose_headers=["Retry-After"],
            max_age=_KEPT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        opened = scope["type"] == "http" and scope["path"].startswith(OPENED)
        await (self._opened if opened else self._app)(scope, receive, send)
