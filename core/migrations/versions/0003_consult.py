"""Conversations of the consult bot.

Revision ID: 0003_consult
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_consult"
down_revision = "0002_documents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of sessions and messages."""
    op.create_table(
        "consult_sessions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("item_id", sa.String(80), nullable=True),
        sa.Column("element", sa.String(32), nullable=True),
        sa.Column("pending", sa.JSON(), nullable=True),
        sa.Column("offered", sa.JSON(), nullable=True),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consult_sessions"),
    )
    op.create_table(
        "consult_messages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("route", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("item_id", sa.String(80), nullable=True),
        sa.Column("element", sa.String(32), nullable=True),
        sa.Column("citations", sa.JSON(), nullable=False),
        sa.Column("masked", sa.JSON(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Boolean(), nullable=False),
        sa.Column("words_only", sa.Boolean(), nullable=False),
        sa.Column("library", sa.String(32), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consult_messages"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["consult_sessions.id"],
            name="fk_consult_messages_session_id_consult_sessions",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("session_id", "number", name="uq_consult_messages_session_id"),
    )
    op.create_index("ix_consult_messages_item_id", "consult_messages", ["item_id"])
    op.create_index("ix_consult_messages_unanswered", "consult_messages", ["unanswered", "created_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("consult_messages")
    op.drop_table("consult_sessions")
