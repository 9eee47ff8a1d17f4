"""Fields of papers that a person looked at and left as they were: who, and when.

Revision ID: 0012_confirmed_fields
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_confirmed_fields"
down_revision = "0011_papers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; until now such a field was kept as a correction to the same value."""
    op.add_column("document_fields", sa.Column("confirmed_by", sa.String(80), nullable=True))
    op.add_column("document_fields", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        """
        UPDATE document_fields SET confirmed_by = corrected_by, confirmed_at = corrected_at
        WHERE corrected_by IS NOT NULL AND value IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM document_corrections AS made
            WHERE made.document_id = document_fields.document_id AND made.paper = document_fields.paper
                AND made.field = document_fields.field
                AND (made.before IS NULL OR made.after IS NULL OR made.before <> made.after)
        )
        """
    )


def downgrade() -> None:
    """Drop the columns; the corrections to the same value are still there."""
    op.drop_column("document_fields", "confirmed_at")
    op.drop_column("document_fields", "confirmed_by")
