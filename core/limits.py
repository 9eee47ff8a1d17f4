"""How large a request may be: counted while it arrives, so that nothing larger is ever held in memory."""

from __future__ import annotations

from core.errors import TooLarge, render
from core.telemetry import Application, Message, Receive, Scope, Send


class BodyLimit:
    """ASGI middleware that answers 413 (code `body_too_large`) to a body of more than `max_bytes`.

    A stated Content-Length is refused before a byte is read; a chunked body as soon as it grows too large. Whatever the
    application makes of the broken-off body, the client gets this answer, unless another had already begun.
    """

    def __init__(self, app: Application, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    def _error(self) -> TooLarge:
        return TooLarge(f"请求体超过上限 {_readable(self.max_bytes)}；请分批提交或压缩文件。", code="body_too_large")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of scope pass through untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _content_length(scope) > self.max_bytes:
            await self._refuse(scope, send)
            return

        received = 0
        exceeded = False
        started = False

        async def counted() -> Message:
            nonlocal received, exceeded
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self.max_bytes:
                    exceeded = True
                    raise self._error()
            return message

        async def guarded(message: Message) -> None:
            nonlocal started
            if exceeded and not started:
                return  # the application's own idea of what went wrong
            started = True
            await send(message)

        try:
            await self.app(scope, counted, guarded)
        except TooLarge:
            if not exceeded:
                raise
        if exceeded and not started:
            await self._refuse(scope, send)

    async def _refuse(self, scope: Scope, send: Send) -> None:
        status, headers, body = render(scope["path"], self._error())
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        raw.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})


def _content_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            # The server has refused anything but digits; 0 leaves it to the count.
            return int(value) if value.isdigit() else 0
    return 0


def _readable(size: int) -> str:
    return f"{size / 1048576:.4g} MB" if size >= 1048576 else f"{size / 1024:.4g} KB"
