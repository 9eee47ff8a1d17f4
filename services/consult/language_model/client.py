"""Asks an OpenAI-compatible endpoint for one chat completion, within one deadline for everything.

Comes in: base address, model, key, limits and the messages. Goes out: the text of the first choice, or `Unusable` with a stable
reason. Redirects are not followed, proxies of the environment are not used, a body beyond `LARGEST` is not read to its end.

Source: the OpenAI API reference, POST /chat/completions.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import httpx
import orjson
from pydantic import BaseModel, ValidationError

LARGEST = 256 * 1024
"""Bytes of a reply; an answer in words takes a few thousand."""
FAILURES = 3
"""So many failures in a row open the circuit."""
PAUSE = 60.0
"""Seconds that the endpoint is then left alone."""
AT_ONCE = 4
"""Requests under way at a time; more are not queued, they get the composed answer."""


class Unusable(Exception):
    """No text to use. `reason`: a stable code for the metrics, never a word of the reply."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice]


class ChatClient:
    """One endpoint. Safe for many tasks of one event loop. `clock`: seconds, for the circuit breaker."""

    def __init__(
        self,
        address: str,
        model: str,
        key: str,
        *,
        timeout: float,
        tokens: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = f"{address.rstrip('/')}/chat/completions"
        self._model = model
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._timeout = timeout
        # Read once: a client of its own for each request would read the certificates each time, some 20 ms.
        self._trust = httpx.create_ssl_context(trust_env=False)
        self._tokens = tokens
        self._clock = clock
        self._under_way = 0
        self._failures = 0
        self._closed_until = 0.0

    async def complete(self, system: str, user: str) -> str:
        """The text that the model wrote.

        Raises Unusable: `paused`, `busy`, `timeout`, `unreachable`, `status_429`, `status_4xx`, `status_5xx`, `status_other`,
        `too_large`, `broken`, `cut_off`.
        """
        if self._clock() < self._closed_until:
            raise Unusable("paused")
        if self._under_way >= AT_ONCE:
            raise Unusable("busy")
        self._under_way += 1
        try:
            text = await self._asked(system, user)
        except Unusable:
            self._failures += 1
            if self._failures >= FAILURES:
                self._failures = 0
                self._closed_until = self._clock() + PAUSE
            raise
        finally:
            self._under_way -= 1
        self._failures = 0
        return text

    async def _asked(self, system: str, user: str) -> str:
        body = {
            "model": self._model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            "temperature": 0,
            "max_tokens": self._tokens,
            "stream": False,
        }
        try:
            # One deadline over connecting, waiting and reading: a slow drip renews httpx's own timeouts with each byte.
            async with asyncio.timeout(self._timeout):
                return _text(await self._sent(body))
        except TimeoutError:
            raise Unusable("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise Unusable("unreachable") from None

    async def _sent(self, body: object) -> bytes:
        async with (
            httpx.AsyncClient(
                timeout=self._timeout, verify=self._trust, follow_redirects=False, trust_env=False
            ) as client,
            client.stream(
                "POST",
                self._address,
                content=orjson.dumps(body),
                headers={"content-type": "application/json", "accept-encoding": "identity", **self._headers},
            ) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise Unusable(_refusal(response.status_code))
            read = bytearray()
            async for piece in response.aiter_raw():
                read += piece
                if len(read) > LARGEST:
                    raise Unusable("too_large")
            return bytes(read)


def _refusal(status: int) -> str:
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return "status_429"
    return {4: "status_4xx", 5: "status_5xx"}.get(status // 100, "status_other")


def _text(body: bytes) -> str:
    try:
        choice = _Completion.model_validate(orjson.loads(body)).choices[0]
    except (orjson.JSONDecodeError, ValidationError, IndexError):
        raise Unusable("broken") from None
    if choice.finish_reason not in ("stop", None):
        raise Unusable("cut_off")
    return choice.message.content
