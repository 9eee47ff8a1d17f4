"""Documents: until when they are kept, whose submission they belong to, where a page's text comes from, who saw what.

Records of views can only be added: the database itself refuses to change or remove one.

Revision ID: 0010_document_intake
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_document_intake"
down_revision = "0009_consult_facts"
branch_labels = None
depends_on = None

APPEND_ONLY = "document_views can only be added to"


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("documents", sa.Column("submission_id", sa.String(64), nullable=True))
    op.add_column("documents", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("documents", sa.Column("reused", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_documents_submission_id", "documents", ["submission_id"])
    op.create_index("ix_documents_expires_at", "documents", ["expires_at"])
    op.create_index("ix_documents_sha256", "documents", ["sha256"])
    op.add_column("document_pages", sa.Column("source", sa.String(12), nullable=False, server_default="image"))
    op.add_column("document_pages", sa.Column("text_layer", sa.String(20), nullable=True))
    op.add_column("document_pages", sa.Column("read_by", sa.String(80), nullable=True))
    op.execute(
        "UPDATE document_pages SET source = 'pdf_rendered' "
        "WHERE document_id IN (SELECT id FROM documents WHERE media_type = 'application/pdf')"
    )
    op.create_table(
        "document_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(22), nullable=False),
        sa.Column("viewer", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("what", sa.String(10), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document_views"),
    )
    op.create_index("ix_document_views_document_id", "document_views", ["document_id"])
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER document_views_no_{change.lower()} BEFORE {change} ON document_views "
                f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION document_views_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER document_views_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON document_views "
            "FOR EACH STATEMENT EXECUTE FUNCTION document_views_refuse()"
        )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("document_views")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION document_views_refuse")
    for column in ("read_by", "text_layer", "source"):
        op.drop_column("document_pages", column)
    for column in ("sha256", "expires_at", "submission_id"):
        op.drop_index(f"ix_documents_{column}", "documents")
    for column in ("reused", "expires_at", "submission_id"):
        op.drop_column("documents", column)
