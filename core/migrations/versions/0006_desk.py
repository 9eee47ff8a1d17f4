"""The people behind the bot: handovers, live messages, callbacks, clerks on duty, who did what.

Revision ID: 0006_desk
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_desk"
down_revision = "0005_consult_memory"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('waiting', 'attended', 'callback')")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _clerk() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("clerk_id", sa.String(80), nullable=True),
        sa.Column("clerk_name", sa.String(200), nullable=True),
    )


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "desk_handovers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("item_id", sa.String(80), nullable=True),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        *_clerk(),
        _moment("promised_at", nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        _moment("requested_at"),
        _moment("attended_at", nullable=True),
        _moment("ended_at", nullable=True),
        _moment("seen_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_desk_handovers"),
    )
    op.create_index(
        "uq_desk_handovers_open",
        "desk_handovers",
        ["session_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_desk_handovers_session_id", "desk_handovers", ["session_id"])
    op.create_index("ix_desk_handovers_state", "desk_handovers", ["state", "requested_at"])
    op.create_index("ix_desk_handovers_updated_at", "desk_handovers", ["updated_at"])
    op.create_table(
        "desk_messages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(16), nullable=False),
        sa.Column("clerk_name", sa.String(200), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_desk_messages"),
    )
    op.create_index("ix_desk_messages_session_id", "desk_messages", ["session_id", "id"])
    op.create_table(
        "desk_callbacks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_shown", sa.String(32), nullable=False),
        _moment("promised_at"),
        *_clerk(),
        sa.Column("note", sa.Text(), nullable=True),
        _moment("created_at"),
        _moment("done_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_desk_callbacks"),
    )
    op.create_index("ix_desk_callbacks_state", "desk_callbacks", ["state", "promised_at"])
    op.create_index("ix_desk_callbacks_handover_id", "desk_callbacks", ["handover_id"])
    op.create_table(
        "desk_clerks",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        _moment("since"),
        _moment("seen_at"),
        sa.PrimaryKeyConstraint("id", name="pk_desk_clerks"),
    )
    op.create_table(
        "desk_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=True),
        sa.Column("callback_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.String(80), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("note", sa.String(200), nullable=True),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_desk_events"),
    )
    op.create_index("ix_desk_events_handover_id", "desk_events", ["handover_id"])


def downgrade() -> None:
    """Drop them."""
    for table in ("desk_events", "desk_clerks", "desk_callbacks", "desk_messages", "desk_handovers"):
        op.drop_table(table)
