"""Checklists (一次告知单), kept as they were made.

Revision ID: 0008_checklists
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_checklists"
down_revision = "0007_voice"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "consult_checklists",
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("item_id", sa.String(80), nullable=False),
        sa.Column("item_version", sa.Integer(), nullable=False),
        sa.Column("library", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_consult_checklists"),
    )
    op.create_index("ix_consult_checklists_created_at", "consult_checklists", ["created_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("consult_checklists")
