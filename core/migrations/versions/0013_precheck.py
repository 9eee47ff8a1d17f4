"""Submissions: cases with their papers, reports, rulings, notices and history; webhooks, automatic handling, repeated requests.

The history can only be added to: the database itself refuses to change or remove a line.

Revision ID: 0013_precheck
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_precheck"
down_revision = "0012_confirmed_fields"
branch_labels = None
depends_on = None

APPEND_ONLY = "submission_history can only be added to"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "automatic_outcomes",
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("report_number", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", "report_number", name="pk_automatic_outcomes"),
    )
    op.create_index("ix_automatic_outcomes_day", "automatic_outcomes", ["item_id", "day"])
    op.create_table(
        "automatic_policies",
        sa.Column("item_id", sa.String(80), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("until", sa.String(10), nullable=False),
        sa.Column("allowed", sa.JSON(), nullable=False),
        sa.Column("least_confidence", sa.Double(), nullable=False),
        sa.Column("most_per_day", sa.Integer(), nullable=False),
        sa.Column("sample_share", sa.Double(), nullable=False),
        sa.Column("changed_by", sa.String(80), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name="pk_automatic_policies"),
    )
    op.create_table(
        "automatic_switch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(80), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_automatic_switch"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.create_index("ix_idempotency_keys_submission_id", "idempotency_keys", ["submission_id"])
    op.create_table(
        "precheck_marks",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_precheck_marks"),
    )
    op.create_table(
        "submission_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(30), nullable=False),
        sa.Column("by", sa.String(8), nullable=False),
        sa.Column("who_id", sa.String(80), nullable=False),
        sa.Column("who_name", sa.String(200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_submission_history"),
        sa.UniqueConstraint("submission_id", "number", name="uq_submission_history_submission_id"),
    )
    op.create_index("ix_submission_history_at", "submission_history", ["at"])
    op.create_table(
        "submissions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("owned", sa.Boolean(), nullable=False),
        sa.Column("external_id", sa.String(64), nullable=True),
        sa.Column("item_id", sa.String(80), nullable=False),
        sa.Column("item_version", sa.Integer(), nullable=False),
        sa.Column("item_name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_due", sa.Date(), nullable=True),
        sa.Column("statutory_due", sa.Date(), nullable=True),
        sa.Column("promised_due", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("claimed_by", sa.String(80), nullable=True),
        sa.Column("claimed_name", sa.String(200), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(8), nullable=True),
        sa.Column("report_number", sa.Integer(), nullable=False),
        sa.Column("defects", sa.Integer(), nullable=False),
        sa.Column("undetermined", sa.Integer(), nullable=False),
        sa.Column("risk", sa.Double(), nullable=False),
        sa.Column("check_wanted", sa.String(8), nullable=True),
        sa.Column("check_failures", sa.Integer(), nullable=False),
        sa.Column("corrections_seen", sa.Integer(), nullable=False),
        sa.Column("automatic_due", sa.Boolean(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("history_number", sa.Integer(), nullable=False),
        sa.Column("history_digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
    )
    op.create_index("ix_submissions_check_wanted", "submissions", ["check_wanted"])
    op.create_index("ix_submissions_owner", "submissions", ["owner"])
    op.create_index("ix_submissions_state", "submissions", ["state", "due_on"])
    op.create_index("ix_submissions_updated_at", "submissions", ["updated_at"])
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_table(
        "submission_notices",
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name="fk_submission_notices_submission_id_submissions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", "number", name="pk_submission_notices"),
    )
    op.create_table(
        "submission_own_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("material", sa.String(60), nullable=True),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("mend", sa.Text(), nullable=False),
        sa.Column("ruling", sa.String(10), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_id", sa.String(80), nullable=False),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name="fk_submission_own_findings_submission_id_submissions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_submission_own_findings"),
    )
    op.create_index("ix_submission_own_findings_submission_id", "submission_own_findings", ["submission_id"])
    op.create_table(
        "submission_papers",
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("document_id", sa.String(22), nullable=False),
        sa.Column("material", sa.String(60), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_submission_papers_document_id_documents", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name="fk_submission_papers_submission_id_submissions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", "document_id", name="pk_submission_papers"),
    )
    op.create_index("ix_submission_papers_document_id", "submission_papers", ["document_id"])
    op.create_table(
        "submission_reports",
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("surety", sa.Double(), nullable=False),
        sa.Column("milliseconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name="fk_submission_reports_submission_id_submissions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", "number", name="pk_submission_reports"),
    )
    op.create_index("ix_submission_reports_run_at", "submission_reports", ["run_at"])
    op.create_table(
        "submission_rulings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("imprint", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(160), nullable=False),
        sa.Column("severity", sa.String(14), nullable=False),
        sa.Column("ruling", sa.String(10), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_id", sa.String(80), nullable=False),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name="fk_submission_rulings_submission_id_submissions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_submission_rulings"),
    )
    op.create_index("ix_submission_rulings_at", "submission_rulings", ["at"])
    op.create_index("ix_submission_rulings_submission_id", "submission_rulings", ["submission_id"])
    op.create_table(
        "submission_words",
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name="fk_submission_words_submission_id_submissions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", "number", name="pk_submission_words"),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.String(32), nullable=False),
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("event", sa.String(30), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(60), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_deliveries_webhook_id_webhooks", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
    )
    op.create_index("ix_webhook_deliveries_state", "webhook_deliveries", ["state", "next_at"])
    op.create_index("ix_webhook_deliveries_webhook_id", "webhook_deliveries", ["webhook_id"])

    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER submission_history_no_{change.lower()} BEFORE {change} ON submission_history "
                f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION submission_history_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER submission_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON submission_history "
            "FOR EACH STATEMENT EXECUTE FUNCTION submission_history_refuse()"
        )


def downgrade() -> None:
    """Drop them."""
    for table in (
        "submission_words",
        "submission_notices",
        "submission_own_findings",
        "submission_rulings",
        "submission_reports",
        "submission_papers",
        "submissions",
        "submission_history",
        "webhook_deliveries",
        "webhooks",
        "idempotency_keys",
        "automatic_outcomes",
        "automatic_switch",
        "automatic_policies",
        "precheck_marks",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION submission_history_refuse")
