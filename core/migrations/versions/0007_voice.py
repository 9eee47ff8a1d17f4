"""Voice of the people: ratings, their follow-up, questions grouped by meaning.

Revision ID: 0007_voice
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_voice"
down_revision = "0006_desk"
branch_labels = None
depends_on = None


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _key(column: str, table: str, name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "voice_ratings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
        _key("session_id", "consult_sessions", "fk_voice_ratings_session_id_consult_sessions"),
        sa.PrimaryKeyConstraint("id", name="pk_voice_ratings"),
        sa.UniqueConstraint("session_id", "number", name="uq_voice_ratings_session_id"),
    )
    op.create_index("ix_voice_ratings_grade", "voice_ratings", ["grade", "updated_at"])
    op.create_table(
        "voice_follow_ups",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("rating_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        _moment("due_at"),
        sa.Column("clerk_id", sa.String(80), nullable=True),
        sa.Column("clerk_name", sa.String(200), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
        _key("rating_id", "voice_ratings", "fk_voice_follow_ups_rating_id_voice_ratings"),
        sa.PrimaryKeyConstraint("id", name="pk_voice_follow_ups"),
        sa.UniqueConstraint("rating_id", name="uq_voice_follow_ups_rating_id"),
    )
    op.create_index("ix_voice_follow_ups_state", "voice_follow_ups", ["state", "due_at"])
    op.create_table(
        "voice_groups",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("example", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.String(120), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(80), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor_id", sa.String(80), nullable=True),
        sa.Column("actor_name", sa.String(200), nullable=True),
        _moment("since"),
        _moment("last_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_voice_groups"),
    )
    op.create_index("ix_voice_groups_state", "voice_groups", ["state", "questions"])
    op.create_table(
        "voice_questions",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.String(120), nullable=False),
        _moment("created_at"),
        _key("message_id", "consult_messages", "fk_voice_questions_message_id_consult_messages"),
        _key("group_id", "voice_groups", "fk_voice_questions_group_id_voice_groups"),
        sa.PrimaryKeyConstraint("message_id", name="pk_voice_questions"),
    )
    op.create_index("ix_voice_questions_group_id", "voice_questions", ["group_id", "message_id"])


def downgrade() -> None:
    """Drop them."""
    for table in ("voice_questions", "voice_groups", "voice_follow_ups", "voice_ratings"):
        op.drop_table(table)
