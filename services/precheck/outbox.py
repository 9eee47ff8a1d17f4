"""Events for webhooks, written in the transaction that makes them true: what is not committed is told to nobody, and what is
committed is told sooner or later (`webhook_delivery.py`). A body names the submission and where it stands, nothing personal.
"""

from __future__ import annotations

from datetime import datetime

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.precheck.states import State
from services.precheck.tables import Submission
from services.precheck.tables_beside import Webhook, WebhookDelivery

TOLD = frozenset(
    {"submit", "accept", "accept_by_law", "correct", "supplement", "refuse", "complete", "return", "checked"}
)
"""Events that webhooks may ask for."""


def put_out(session: Session, submission: Submission, event: str, moment: datetime) -> None:
    """One delivery for every address that wants the event."""
    if event not in TOLD or submission.state == State.DRAFT:
        return
    body = orjson.dumps(
        {
            "event": event,
            "submission_id": submission.id,
            "external_id": submission.external_id,
            "item_id": submission.item_id,
            "state": submission.state,
            "revision": submission.revision,
            "number": submission.history_number,
            "at": moment.isoformat(),
        }
    ).decode()
    for webhook in session.scalars(select(Webhook).where(Webhook.active)):
        if not webhook.events or event in webhook.events:
            session.add(
                WebhookDelivery(
                    webhook_id=webhook.id,
                    submission_id=submission.id,
                    event=event,
                    body=body,
                    state="pending",
                    attempts=0,
                    next_at=moment,
                    created_at=moment,
                )
            )
