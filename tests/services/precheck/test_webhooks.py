"""Webhooks: signed, kept off addresses inside, sent from the outbox until they arrive or are given up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from core.database import Database
from core.errors import Invalid
from services.access import Caller, Role
from services.precheck.address_guard import check_url, is_public, target_of
from services.precheck.history import MACHINE, append
from services.precheck.signing import Secrets, headers_of, verify
from services.precheck.states import State
from services.precheck.tables_beside import WebhookDelivery
from services.precheck.webhook_delivery import PAUSES, Deliveries
from services.precheck.webhooks import Webhooks, WebhookWanted
from tests.services.precheck.conftest import Hub, Run, Time
from tests.services.precheck.test_history import submission

ADMIN = Caller("key_admin", Role.ADMIN, "管理员", "key_admin")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2400:3200::1", True),
        ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False),
        ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("::1", False), ("fc00::1", False), ("fe80::1%eth0", False), ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False), ("::", False), ("not an address", False),
    ],
)  # fmt: skip
def test_which_addresses_are_outside(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/", "webhook_url_invalid"),
        ("ftp://example.com/", "webhook_url_invalid"),
        ("https://user:word@example.com/", "webhook_url_invalid"),
        ("https:///path", "webhook_url_invalid"),
        ("https://example.com:99999/", "webhook_url_invalid"),
        ("https://[::1", "webhook_url_invalid"),
        ("https://例子.cn/", "webhook_url_invalid"),
        ("https://example.com/" + "a" * 500, "webhook_url_invalid"),
        ("https://127.0.0.1/", "webhook_address_refused"),
        ("https://[::ffff:10.0.0.1]/", "webhook_address_refused"),
    ],
)
def test_urls_that_are_refused(url: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_url(url, private=False)
    assert caught.value.code == code


async def test_a_name_that_leads_inside_is_refused_and_the_address_looked_at_is_the_one_used() -> None:
    async def inside(name: str, port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.1"]

    async def outside(name: str, port: int) -> list[str]:
        return ["93.184.216.34"]

    with pytest.raises(Invalid, match="内部地址"):
        await target_of("https://hooks.example.com/x?y=1", private=False, resolve=inside)
    target = await target_of("https://hooks.example.com/x?y=1", private=False, resolve=outside)
    assert (target.url, target.host, target.name) == (
        "https://93.184.216.34:443/x?y=1", "hooks.example.com", "hooks.example.com",
    )  # fmt: skip


def test_a_receiver_tells_the_genuine_from_the_rest() -> None:
    body = b'{"event": "accept"}'
    headers = {name.lower(): value for name, value in headers_of("secret", "accept", 7, 1000, body).items()}
    verify("secret", headers, body, at=1100)
    for wrong, code in (
        ({"body": b"{}"}, "webhook_signature_invalid"),
        ({"secret": "other"}, "webhook_signature_invalid"),
        ({"headers": {**headers, "x-kaopu-timestamp": "1050"}}, "webhook_signature_invalid"),
        ({"headers": {**headers, "x-kaopu-timestamp": "²"}}, "webhook_signature_invalid"),
        ({"headers": {}}, "webhook_signature_invalid"),
        ({"at": 1301}, "webhook_too_old"),
        ({"at": 699}, "webhook_too_old"),
        ({"seen": lambda one: one == "7"}, "webhook_replayed"),
    ):
        given = {"secret": "secret", "headers": headers, "body": body, "at": 1100, **wrong}
        with pytest.raises(Invalid) as caught:
            verify(given.pop("secret"), given.pop("headers"), given.pop("body"), **given)
        assert caught.value.code == code


class Receiver:
    """What stands at the other end."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.heard: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(request)
        if self.status == 0:
            raise httpx.ConnectError("no")
        return httpx.Response(self.status, headers={"Location": "http://127.0.0.1/"})


async def anywhere(name: str, port: int) -> list[str]:
    return ["93.184.216.34"]


class Post:
    def __init__(self, database: Database, folder: Path, receiver: Receiver) -> None:
        self.database, self.time, self.receiver = database, Time(), receiver
        self.keys = Secrets(folder / "webhook.key")
        clock = self.time.clock()
        self.webhooks = Webhooks(database, self.keys, clock, private=False)
        self.deliveries = Deliveries(
            database, self.keys, clock, private=False, transport=httpx.MockTransport(receiver), resolve=anywhere
        )

    def happen(self, what: str = "submit", number: int = 1, *, fail: bool = False) -> None:
        with self.database.session() as session:
            one = submission(number)
            one.state = State.RECEIVED.value
            session.add(one)
            session.flush()
            append(session, one, what, MACHINE, at=self.time.wall)
            if fail:
                raise RuntimeError

    def states(self) -> list[str]:
        with self.database.session(read_only=True) as session:
            return [one.state for one in session.query(WebhookDelivery).order_by(WebhookDelivery.id)]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def post(database: Database, tmp_path: Path, receiver: Receiver) -> Post:
    return Post(database, tmp_path, receiver)


async def test_what_is_committed_is_told_and_nothing_else(post: Post, receiver: Receiver) -> None:
    made = await post.webhooks.make(WebhookWanted(url="https://hooks.example.com/x", events=["submit"]), ADMIN)
    post.happen("submit", 1)
    post.happen("checked", 2)  # not asked for
    with pytest.raises(RuntimeError):
        post.happen("submit", 3, fail=True)
    await post.deliveries.send()
    (request,) = receiver.heard
    assert request.url.host == "93.184.216.34"
    assert request.headers["host"] == "hooks.example.com"
    assert request.extensions["sni_hostname"] == "hooks.example.com"
    verify(made.secret, dict(request.headers), request.content, at=post.time.wall.timestamp())
    assert b"submission_id" in request.content
    assert await post.deliveries.send() == 0
    assert post.states() == ["done"]


@pytest.mark.parametrize("status", [500, 404, 302, 0])
async def test_it_is_tried_again_with_growing_pauses_and_given_up_in_the_end(
    post: Post, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    await post.webhooks.make(WebhookWanted(url="https://hooks.example.com/x"), ADMIN)
    post.happen()
    for pause in PAUSES:
        await post.deliveries.send()
        assert post.states() == ["pending"]
        heard = len(receiver.heard)
        post.time.wall += timedelta(seconds=pause - 1)
        await post.deliveries.send()
        assert len(receiver.heard) == heard  # not yet
        post.time.wall += timedelta(seconds=1)
    await post.deliveries.send()
    assert post.states() == ["dead"]
    assert len(receiver.heard) == len(PAUSES) + 1
    (seen,) = await post.webhooks.all()
    assert (seen.dead, seen.pending) == (1, 0)
    assert seen.last_error == (f"status_{status}" if status else "ConnectError")


async def test_events_arrive_in_order_and_one_address_holds_up_no_other(post: Post, receiver: Receiver) -> None:
    await post.webhooks.make(WebhookWanted(url="https://hooks.example.com/x"), ADMIN)
    for number in range(1, 4):
        post.happen("submit", number)
    receiver.status = 500
    await post.deliveries.send()
    assert len(receiver.heard) == 1  # the second waits for the first
    receiver.status = 200
    post.time.wall += timedelta(seconds=PAUSES[0])
    await post.deliveries.send()
    assert [request.headers["x-kaopu-delivery"] for request in receiver.heard] == ["1", "1", "2", "3"]


async def test_the_secret_outlasts_the_process_and_is_not_in_the_database(post: Post, tmp_path: Path) -> None:
    made = await post.webhooks.make(WebhookWanted(url="https://hooks.example.com/x"), ADMIN)
    assert Secrets(tmp_path / "webhook.key").of(made.id) == made.secret
    assert (tmp_path / "webhook.key").stat().st_mode & 0o777 == 0o600
    for file in tmp_path.glob("hub.sqlite3*"):  # noqa: ASYNC240 - a test may block
        assert made.secret.encode() not in file.read_bytes()


async def test_only_admins_see_to_them(run: Run) -> None:
    async with run() as hub:
        await check_routes(hub)


async def check_routes(hub: Hub) -> None:
    clerk, admin = hub.person("安娜", Role.CLERK), hub.person("管理员", Role.ADMIN)
    assert (await clerk("GET", "/webhooks"))["code"] == "role_not_allowed"
    made = await admin("POST", "/webhooks", {"url": "https://hooks.example.com/x", "events": ["accept"]})
    assert admin.status == 201
    assert (await admin("POST", "/webhooks", {"url": "https://10.0.0.1/"}))["code"] == "webhook_address_refused"
    assert (await admin("POST", "/webhooks", {"url": "https://x.cn/", "events": ["x"]}))["code"] == (
        "webhook_event_unknown"
    )
    (seen,) = await admin("GET", "/webhooks")
    assert "secret" not in seen
    assert (await admin("PATCH", f"/webhooks/{made['id']}", {"active": False}))["active"] is False
    await admin("DELETE", f"/webhooks/{made['id']}")
    assert admin.status == 204
    assert (await admin("DELETE", f"/webhooks/{made['id']}"))["code"] == "webhook_not_found"
