from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import Request
from sqlalchemy import select, update

from core.database import Database, now
from core.errors import Invalid, Unauthenticated, Unavailable
from core.settings import Settings
from services.access import Access, Role
from services.access.keys import hash_of, new_token, revoke_key
from services.access.tables import ApiKey

NewKey = Callable[..., str]
Call = Callable[..., "asyncio.Future[httpx.Response]"]


def request(token: str | None = None) -> Request:
    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers, "client": ("203.0.113.7", 1)})


async def refused(access: Access, token: str) -> str | None:
    """The code of the refusal, None if there is none."""
    try:
        await access.check(request(token))
    except Unauthenticated as error:
        return error.code
    return None


def key_id_of(database: Database, token: str) -> str:
    with database.session() as session:
        return session.scalars(select(ApiKey.id).where(ApiKey.sha256 == hash_of(token))).one()


async def test_a_key_opens_what_its_role_may(call: Call, new_key: NewKey) -> None:
    answer = await call("/department", new_key(Role.DEPARTMENT))
    assert answer.status_code == 200
    assert answer.json()["role"] == "department"
    assert answer.json()["id"].startswith("key_")


async def test_an_admin_may_everything(call: Call, new_key: NewKey) -> None:
    assert (await call("/department", new_key(Role.ADMIN))).status_code == 200


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.CLERK, Role.SCIENTIST])
async def test_another_role_may_not(call: Call, new_key: NewKey, role: Role) -> None:
    answer = await call("/department", new_key(role))
    assert answer.status_code == 403
    assert answer.json()["code"] == "role_not_allowed"


async def test_what_is_open_is_open_to_everyone(call: Call, new_key: NewKey) -> None:
    nobody = (await call("/open")).json()
    assert nobody["anonymous"] is True
    assert nobody["role"] == "citizen"
    assert "203.0.113.7" not in nobody["id"]
    assert (await call("/open", new_key(Role.SCIENTIST))).json()["role"] == "scientist"


async def test_x_api_key_wins_over_a_gateways_own_authorization(call: Call, new_key: NewKey) -> None:
    headers = {"X-API-Key": new_key(Role.DEPARTMENT), "Authorization": "Basic Z2F0ZTp3YXk="}
    assert (await call("/department", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "key_missing"),
        ({"Authorization": ""}, "key_malformed"),
        ({"Authorization": "Bearer"}, "key_malformed"),
        ({"Authorization": "Bearer "}, "key_malformed"),
        ({"Authorization": "Basic a3A6eA=="}, "key_malformed"),
        ({"Authorization": "Bearer kp_short"}, "key_malformed"),
        ({"Authorization": "Bearer " + "kp_" + "x" * 44}, "key_malformed"),
        ({"Authorization": "kp_" + "x" * 43}, "key_malformed"),
        ({"Authorization": "Bearer " + "A" * 60_000}, "key_malformed"),
        ({"X-API-Key": "密钥".encode()}, "key_malformed"),
        ({"X-API-Key": ""}, "key_malformed"),
        ({"Authorization": "Bearer kp_" + "x" * 43}, "key_unknown"),
    ],
)
async def test_what_is_no_key_is_told_apart(call: Call, headers: dict[str, str], code: str) -> None:
    answer = await call("/department", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == code
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await call("/open", headers=headers)).status_code == (200 if code == "key_missing" else 401)


async def test_an_expired_key_is_refused_also_while_it_is_cached(
    database: Database, access: Access, new_key: NewKey
) -> None:
    token = new_key()
    with database.session() as session:
        session.execute(update(ApiKey).values(expires_at=now() + timedelta(seconds=1)))
    await access.check(request(token))
    await asyncio.sleep(1.05)
    with pytest.raises(Unauthenticated) as caught:
        await access.check(request(token))
    assert caught.value.code == "key_expired"


async def test_a_key_revoked_elsewhere_is_refused_within_a_second(
    database: Database, settings: Settings, new_key: NewKey
) -> None:
    here, there = Access(database, settings), Access(Database(database.url.render_as_string(False)), settings)
    token = new_key()
    await here.check(request(token))
    await there.check(request(token))
    await there.database.run(lambda session: revoke_key(session, key_id_of(database, token)))
    there.forget(hash_of(token))
    revoked_at = time.monotonic()
    with pytest.raises(Unauthenticated) as caught:  # at once where it was revoked
        await there.check(request(token))
    assert caught.value.code == "key_revoked"
    refusal = None
    while refusal is None:  # and everywhere else, under steady traffic
        asked_at = time.monotonic()
        refusal = await refused(here, token)
        # By when the gate was asked: this process may be made to wait afterwards.
        assert refusal or asked_at - revoked_at < 1.0
        await asyncio.sleep(0.01)
    assert refusal == "key_revoked"
    there.database.close()


async def test_steady_traffic_asks_the_database_twice_a_second(
    access: Access, new_key: NewKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = new_key(limit="100000/minute")
    await access.check(request(token))
    reads = 0
    read = access._read

    async def counted(sha256: str) -> object:
        nonlocal reads
        reads += 1
        return await read(sha256)

    monkeypatch.setattr(access, "_read", counted)
    until = time.monotonic() + 1.3
    while time.monotonic() < until:
        await access.check(request(token))
        await asyncio.sleep(0.005)
    assert 1 <= reads <= 3


async def test_of_100_parallel_requests_the_limit_lets_exactly_10_pass(call: Call, new_key: NewKey) -> None:
    token = new_key(limit="10/minute")
    answers = await asyncio.gather(*(call("/department", token) for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 90
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "rate_limited"
    assert 55 <= int(refused.headers["Retry-After"]) <= 60


async def test_anonymous_callers_are_counted_by_address(call: Call) -> None:
    for _ in range(5):
        assert (await call("/open")).status_code == 200
    assert (await call("/open")).status_code == 429
    assert (await call("/open", peer="203.0.113.8")).status_code == 200


async def test_a_forwarded_address_counts_only_from_a_trusted_proxy(call: Call) -> None:
    def forwarded(address: str) -> dict[str, str]:
        return {"X-Forwarded-For": address}

    for number in range(5):  # made up by the client itself: all one caller
        await call("/open", headers=forwarded(f"198.51.100.{number}"))
    assert (await call("/open", headers=forwarded("198.51.100.99"))).status_code == 429
    for number in range(7):  # told by our proxy: each its own
        answer = await call("/open", peer="10.1.2.3", headers=forwarded(f"198.51.100.{number}"))
        assert answer.status_code == 200
    for number in range(5):  # what stands before our proxy's own entry is the client's invention
        await call("/open", peer="10.1.2.3", headers=forwarded(f"192.0.2.{number}, 198.51.100.200"))
    answer = await call("/open", peer="10.1.2.3", headers=forwarded("192.0.2.77, 198.51.100.200"))
    assert answer.status_code == 429


@pytest.mark.parametrize(
    ("peer", "said", "base"),
    [
        ("10.1.2.3", "https", "https://hub/"),
        ("10.1.2.3", "HTTPS, http", "https://hub/"),
        ("10.1.2.3", "http", "http://hub/"),
        ("10.1.2.3", "javascript", "http://hub/"),
        ("10.1.2.3", None, "http://hub/"),
        ("203.0.113.7", "https", "http://hub/"),
        ("testclient", "https", "http://hub/"),
    ],
)
async def test_links_begin_with_https_if_a_trusted_proxy_says_so(
    call: Call, peer: str, said: str | None, base: str
) -> None:
    headers = {"X-Forwarded-Proto": said} if said is not None else {}
    assert (await call("/base", peer=peer, headers=headers)).json() == base


@pytest.mark.parametrize("address", ["https://hub.example.gov.cn/kaopu", "https://hub.example.gov.cn/kaopu/"])
async def test_links_begin_with_the_address_in_the_settings(
    settings: Settings, database: Database, address: str
) -> None:
    access = Access(database, settings.model_copy(update={"public_url": address}))
    headers = [(b"host", b"made.up.example"), (b"x-forwarded-proto", b"http")]
    request = Request({"type": "http", "path": "/", "headers": headers, "client": ("10.1.2.3", 1)})
    assert access.base_url(request) == "https://hub.example.gov.cn/kaopu/"


async def test_guessing_keys_costs_the_guessers_own_limit(call: Call, new_key: NewKey) -> None:
    codes = [(await call("/department", new_token())).status_code for _ in range(8)]
    assert codes == [401] * 5 + [429] * 3
    assert (await call("/department", new_key(Role.DEPARTMENT))).status_code == 200


async def test_a_refused_role_does_not_use_up_the_limit(access: Access, new_key: NewKey, call: Call) -> None:
    token = new_key(Role.CLERK, limit="2/minute")
    for _ in range(5):
        assert (await call("/department", token)).status_code == 403
    assert (await call("/open", token)).status_code == 200


async def test_first_use_is_noted_and_then_left_alone(database: Database, access: Access, new_key: NewKey) -> None:
    token = new_key()
    await access.check(request(token))
    for _ in range(100):
        with database.session(read_only=True) as session:
            noted = session.scalars(select(ApiKey.last_used_at)).one()
        if noted is not None:
            break
        await asyncio.sleep(0.02)
    assert noted is not None
    access.forget(hash_of(token))
    await access.check(request(token))
    await asyncio.sleep(0.1)
    with database.session(read_only=True) as session:
        assert session.scalars(select(ApiKey.last_used_at)).one() == noted


async def test_the_gate_stays_shut_when_the_database_fails(
    database: Database, access: Access, new_key: NewKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = new_key()
    await access.check(request(token))

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("away", code="database_unavailable")

    monkeypatch.setattr(database, "run", away)
    await access.check(request(token))  # still believed
    await asyncio.sleep(1.05)
    with pytest.raises(Unavailable):
        await access.check(request(token))
    with pytest.raises(Unavailable):
        await access.check(request(new_token()))


async def test_a_caller_who_leaves_does_not_fail_the_others(access: Access, new_key: NewKey) -> None:
    token = new_key()
    first, second = (asyncio.create_task(access.check(request(token))) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).key_id is not None


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("anonymous_limit", "many", "limit_invalid"),
        ("key_limit", "0/minute", "limit_invalid"),
        ("key_limit", "", "limit_invalid"),
        ("trusted_proxies", "10.0.0.0/8,proxy.example", "trusted_proxies_invalid"),
    ],
)
def test_settings_that_cannot_be_read_are_refused_at_start(
    database: Database, name: str, value: str, code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        Access(database, Settings(**{name: value}))
    assert caught.value.code == code


async def test_a_check_costs_little(access: Access, new_key: NewKey) -> None:
    token = new_key(limit="1000000/minute")
    await access.check(request(token))
    times = []
    for _ in range(2000):
        one = request(token)
        started = time.thread_time()  # what it costs, not what else the machine does
        await access.check(one)
        times.append(time.thread_time() - started)
    assert sorted(times)[1000] < 0.0001
