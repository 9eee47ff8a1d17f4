"""Papers in documents: their kinds, fields, and what people put right; what was seen on a page beside its text.

Revision ID: 0011_papers
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_papers"
down_revision = "0010_document_intake"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "document_papers",
        sa.Column("document_id", sa.String(22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("chance", sa.Double(), nullable=False),
        sa.Column("kind_by", sa.String(80), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_document_papers_document_id_documents", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", "number", name="pk_document_papers"),
    )
    op.create_table(
        "document_fields",
        sa.Column("document_id", sa.String(22), nullable=False),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=True),
        sa.Column("boxes", sa.JSON(), nullable=False),
        sa.Column("repair", sa.JSON(), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=True),
        sa.Column("corrected_by", sa.String(80), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id", "paper"],
            ["document_papers.document_id", "document_papers.number"],
            name="fk_document_fields_document_id_document_papers",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", "paper", "place", name="pk_document_fields"),
    )
    op.create_table(
        "document_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(22), nullable=False),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(60), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_document_corrections_document_id_documents", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_document_corrections"),
    )
    op.create_index("ix_document_corrections_document_id", "document_corrections", ["document_id"])
    op.add_column("document_pages", sa.Column("marks", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("document_pages", "marks")
    op.drop_index("ix_document_corrections_document_id", "document_corrections")
    for table_name in ("document_corrections", "document_fields", "document_papers"):
        op.drop_table(table_name)
