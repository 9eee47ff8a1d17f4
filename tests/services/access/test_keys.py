from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from core.database import Database, now
from core.errors import Conflict, Invalid, NotFound
from services.access import Role
from services.access.keys import TOKEN_FORM, create_key, hash_of, list_keys, new_token, revoke_key, state_of


def test_tokens_are_long_and_differ() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(TOKEN_FORM.fullmatch(token) for token in tokens)


def test_the_token_is_nowhere_in_the_database(database: Database) -> None:
    with database.session() as session:
        _, token = create_key(session, name="甲", role=Role.CLERK, expires_days=30, limit="10/minute")
    with database.session() as session:
        row = session.execute(text("SELECT * FROM api_keys")).one()
    assert token not in str(row)
    assert token[12:] not in str(row)
    assert hash_of(token) in row


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"name": ""}, "name_invalid"),
        ({"name": "   "}, "name_invalid"),
        ({"name": "字" * 101}, "name_invalid"),
        ({"name": "一\n二"}, "name_invalid"),
        ({"expires_days": 0}, "expires_days_invalid"),
        ({"expires_days": 10**9}, "expires_days_invalid"),
        ({"limit": "lots"}, "limit_invalid"),
        ({"limit": "1/second;" * 20}, "limit_invalid"),
    ],
)
def test_what_cannot_be_a_key_is_refused(database: Database, arguments: dict[str, Any], code: str) -> None:
    with database.session() as session:
        with pytest.raises(Invalid) as caught:
            create_key(session, **{"name": "甲", "role": Role.CLERK, **arguments})
        assert caught.value.code == code
        assert list_keys(session) == []


def test_revoking(database: Database) -> None:
    with database.session() as session:
        key, _ = create_key(session, name="甲", role=Role.CLERK)
        assert re.fullmatch(r"key_[0-9a-f]{16}", key.id)
    with database.session() as session:
        revoked = revoke_key(session, key.id)
        assert state_of(revoked, now()) == "revoked"
    with database.session() as session:
        assert revoke_key(session, key.id).revoked_at == revoked.revoked_at


def test_revoking_what_is_not_there(database: Database) -> None:
    with database.session() as session, pytest.raises(NotFound) as caught:
        revoke_key(session, "key_nowhere" * 1000)
    assert caught.value.code == "key_not_found"
    assert len(caught.value.message) < 200


def test_the_last_admin_cannot_lock_everyone_out(database: Database) -> None:
    with database.session() as session:
        first, _ = create_key(session, name="甲", role=Role.ADMIN)
        create_key(session, name="乙", role=Role.CLERK)
    with database.session() as session, pytest.raises(Conflict) as caught:
        revoke_key(session, first.id)
    assert caught.value.code == "last_admin_key"
    with database.session() as session:
        create_key(session, name="丙", role=Role.ADMIN)
        revoke_key(session, first.id)
