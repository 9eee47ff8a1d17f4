"""What a conversation remembers beside its subject: the person's situation, what was asked back, earlier subjects.

Revision ID: 0005_consult_memory
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_consult_memory"
down_revision = "0004_library"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("consult_sessions", sa.Column("memory", sa.JSON(), nullable=True))
    op.add_column("consult_messages", sa.Column("answers", sa.JSON(), nullable=True))
    op.create_index("ix_consult_messages_created_at", "consult_messages", ["created_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_consult_messages_created_at", "consult_messages")
    op.drop_column("consult_messages", "answers")
    op.drop_column("consult_sessions", "memory")
