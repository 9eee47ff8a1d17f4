"""One index that holds all that the dashboard counts of a message: sums need not read questions and answers.

Revision ID: 0009_consult_facts
"""

from __future__ import annotations

from alembic import op

revision = "0009_consult_facts"
down_revision = "0008_checklists"
branch_labels = None
depends_on = None

FACTS = [
    "created_at",
    "session_id",
    "number",
    "item_id",
    "channel",
    "status",
    "unanswered",
    "words_only",
    "dropped",
    "seconds",
]


def upgrade() -> None:
    """The wide index takes the place of the narrow one: it begins with the same column."""
    op.create_index("ix_consult_messages_facts", "consult_messages", FACTS)
    op.drop_index("ix_consult_messages_created_at", "consult_messages")


def downgrade() -> None:
    """Back to the narrow one."""
    op.create_index("ix_consult_messages_created_at", "consult_messages", ["created_at"])
    op.drop_index("ix_consult_messages_facts", "consult_messages")
