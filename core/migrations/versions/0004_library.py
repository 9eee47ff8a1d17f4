"""The content library: versions, history, sections ever published, samples.

Revision ID: 0004_library
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_library"
down_revision = "0003_consult"
branch_labels = None
depends_on = None

PUBLISHED = sa.text("state = 'published'")
OPEN = sa.text("state IN ('draft', 'review', 'approved')")


def _person(name: str, *, nullable: bool) -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column(f"{name}_id", sa.String(80), nullable=nullable),
        sa.Column(f"{name}_name", sa.String(200), nullable=nullable),
    )


def upgrade() -> None:
    """Make the tables, and the one row that counts generations."""
    generation = op.create_table(
        "library_generation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("folder", sa.String(64), nullable=True),
        sa.Column("rendering", sa.String(64), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_library_generation"),
    )
    op.bulk_insert(generation, [{"id": 1, "counter": 0}])
    op.create_table(
        "library_entries",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library_entries"),
    )
    op.create_index("ix_library_entries_kind", "library_entries", ["kind"])
    op.create_table(
        "library_versions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("entry_id", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("department", sa.String(200), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("effective_date", sa.Date(), nullable=True),
        sa.Column("cancel_date", sa.Date(), nullable=True),
        sa.Column("publish_on", sa.Date(), nullable=True),
        sa.Column("editors", sa.JSON(), nullable=False),
        *_person("author", nullable=False),
        *_person("updated_by", nullable=False),
        *_person("submitted_by", nullable=True),
        *_person("approved_by", nullable=True),
        *_person("published_by", nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_library_versions"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["library_entries.id"], name="fk_library_versions_entry_id_library_entries"
        ),
        sa.UniqueConstraint("entry_id", "number", name="uq_library_versions_entry_id"),
    )
    for name, where in (("uq_library_versions_published", PUBLISHED), ("uq_library_versions_open", OPEN)):
        op.create_index(name, "library_versions", ["entry_id"], unique=True, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_library_versions_state", "library_versions", ["state", "publish_on"])
    op.create_table(
        "library_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("entry_id", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("from_state", sa.String(16), nullable=True),
        sa.Column("to_state", sa.String(16), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        *_person("actor", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_library_events"),
    )
    op.create_index("ix_library_events_entry_id", "library_events", ["entry_id"])
    op.create_table(
        "library_sections",
        sa.Column("id", sa.String(120), nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("item_id", sa.String(80), nullable=False),
        sa.Column("item_name", sa.Text(), nullable=False),
        sa.Column("element", sa.String(32), nullable=False),
        sa.Column("title", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", "since", name="pk_library_sections"),
    )
    op.create_index("ix_library_sections_entry_id", "library_sections", ["entry_id"])
    op.create_table(
        "library_samples",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("redaction", sa.JSON(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library_samples"),
        sa.UniqueConstraint("digest", name="uq_library_samples_digest"),
    )
    op.create_index("ix_library_samples_kind", "library_samples", ["kind"])
    op.create_table(
        "library_sample_origins",
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(120), nullable=False),
        sa.Column("consent", sa.String(16), nullable=False),
        sa.Column("actor_id", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sample_id", "origin", name="pk_library_sample_origins"),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["library_samples.id"],
            name="fk_library_sample_origins_sample_id_library_samples",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_library_sample_origins_origin", "library_sample_origins", ["origin"])


def downgrade() -> None:
    """Drop them."""
    for table in (
        "library_sample_origins",
        "library_samples",
        "library_sections",
        "library_events",
        "library_versions",
        "library_entries",
        "library_generation",
    ):
        op.drop_table(table)
