"""Requests that come again (header Idempotency-Key): the same body gets the same answer, and nothing is done twice.

The answer is kept in the transaction of what was done: either both are there or neither, wherever the process is killed.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core.errors import BadRequest, Conflict
from services.access import Caller
from services.precheck.tables_beside import IdempotencyKey

FORM = re.compile(r"[\x21-\x7e]{1,64}")
LEAST_ANONYMOUS = 16


@dataclass(frozen=True, slots=True)
class Repeat:
    """A request that may come again. `scope`: the caller's id; `digest`: of what it asks."""

    scope: str
    key: str
    digest: str

    def part(self, name: str, digest: str) -> Repeat:
        """One of several things that the request does, each in a transaction of its own. `name`: a few characters."""
        return Repeat(self.scope, f"{self.key}#{name}", digest)


def repeat_of(caller: Caller, key: str | None, what: str, body: Any) -> Repeat | None:
    """None if there is no key. `what`: method and path; `body`: plain data. Raises BadRequest (`idempotency_key_invalid`).

    Anonymous callers behind one address look the same here: their keys have to be long enough to be nobody else's.
    """
    if key is None:
        return None
    if FORM.fullmatch(key) is None:
        raise BadRequest(
            "Idempotency-Key 应为 1 到 64 个可见的英文字符，不含空格。",
            code="idempotency_key_invalid",
            param="Idempotency-Key",
        )
    if caller.anonymous and len(key) < LEAST_ANONYMOUS:
        raise BadRequest(
            f"没有密钥时，Idempotency-Key 至少 {LEAST_ANONYMOUS} 个字符，请用随机值(如 UUID)。",
            code="idempotency_key_invalid",
            param="Idempotency-Key",
        )
    # Not orjson: what callers send may hold numbers of any length and halves of characters, which are refused later, in words.
    plain = json.dumps([what, body], sort_keys=True)
    return Repeat(caller.id, key, hashlib.sha256(plain.encode()).hexdigest())


def answered(session: Session, repeat: Repeat | None) -> Any | None:
    """The answer that was given before, None if it is new. Raises Conflict (`idempotency_key_reused`): it was for another body."""
    row = session.get(IdempotencyKey, (repeat.scope, repeat.key)) if repeat is not None else None
    if row is None or repeat is None:
        return None
    if row.digest != repeat.digest:
        raise Conflict("这个 Idempotency-Key 已经用于另一个请求；请换一个。", code="idempotency_key_reused")
    return row.answer


def remember(session: Session, repeat: Repeat | None, answer: Any, submission_id: str, moment: datetime) -> None:
    """Keep the answer; a second request at the same moment fails with IntegrityError and is asked again."""
    if repeat is not None:
        session.add(
            IdempotencyKey(
                scope=repeat.scope,
                key=repeat.key,
                digest=repeat.digest,
                answer=answer,
                submission_id=submission_id,
                created_at=moment,
            )
        )
        session.flush()


def forget_old(session: Session, moment: datetime, hours: int) -> None:
    """Let go of answers that are older."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < moment - timedelta(hours=hours)))
