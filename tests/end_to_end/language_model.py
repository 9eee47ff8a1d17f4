"""A language model's endpoint that is really served: the OpenAI protocol over HTTP, with a reply that a test decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

KEY = "a-key-of-this-test"
NAME = "a-model-of-this-test"


def told(user: str) -> str:
    """The lines that the model is given to word anew."""
    return user.split("【指南原文】\n")[1].split("\n\n【可参考的全文】")[0]


def faithful(user: str) -> str:
    """In other words, with every fact."""
    return "您好。" + told(user).replace("法定办结时限：", "法定办结时限是")


def unfaithful(user: str) -> str:
    """With a fact that the guide doesn't hold."""
    return faithful(user) + "您放心，当天就能办好。"


class ModelEndpoint:
    """One served endpoint. `reply` makes the text out of the user's message; `asked`: the bodies it was sent, `keys` their keys."""

    def __init__(self) -> None:
        self.reply: Callable[[str], str] = faithful
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.start()

    @property
    def address(self) -> str:
        """What the setting `language_model_url` takes."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Serve, on the same port again after a stop."""
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append(body)
                endpoint.keys.append(self.headers.get("Authorization"))
                text = endpoint.reply(body["messages"][1]["content"])
                message = {"role": "assistant", "content": text}
                answer = json.dumps(
                    {
                        "id": "1",
                        "object": "chat.completion",
                        "model": body["model"],
                        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    }
                ).encode()
                self.send_response(200 if self.path == "/v1/chat/completions" else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Nobody listens on the port any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
