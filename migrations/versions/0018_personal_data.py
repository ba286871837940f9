"""Consents, requests, retention, breaches."""

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "data_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("feedback_id", BIG, nullable=False),
        sa.Column("key_id", BIG, nullable=False, comment="whose request it is"),
        sa.Column("kind", app.database.NfcText(), nullable=False, comment="rules.RequestKind"),
        sa.Column("state", app.database.NfcText(), nullable=False, comment="rules.RequestState"),
        sa.Column("asked_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True, comment="the last day, by the rule in force then; empty: no rule"),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ground", app.database.NfcText(), nullable=True, comment="rules.Ground of a refusal"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_data_request_decided_by_id_app_user")),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_data_request_feedback_id_feedback"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["key_id"], ["receipt_key.id"], name=op.f("fk_data_request_key_id_receipt_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
    )
    op.create_index(op.f("ix_data_request_feedback_id"), "data_request", ["feedback_id"], unique=False)
    op.create_index(op.f("ix_data_request_state"), "data_request", ["state"], unique=False)
    op.create_table(
        "retention_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", app.database.NfcText(), nullable=False),
        sa.Column("name", app.database.NfcText(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False, comment="feedback.rules.Kind; empty: any"),
        sa.Column("statuses", sa.JSON(), nullable=False, comment="feedback.rules.Status; empty: any"),
        sa.Column("years", BIG, nullable=False),
        sa.Column("source", app.database.NfcText(), nullable=False, comment="number and name of the text"),
        sa.Column("article", app.database.NfcText(), nullable=False),
        sa.Column("evidence", app.database.NfcText(), nullable=False, comment="seen, partly, memory: how sure we are of the text"),
        sa.Column("local", sa.Boolean(), nullable=False, comment="the province's own, not the law's"),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True, comment="last day; empty: in force"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_rule")),
        sa.UniqueConstraint("code", "effective_from", name=op.f("uq_retention_rule_code")),
    )
    op.create_table(
        "retention_end",
        sa.Column("id", BIG, nullable=False),
        sa.Column("feedback_id", BIG, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=False),
        sa.Column("decided_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_retention_end_decided_by_id_app_user")),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_retention_end_feedback_id_feedback"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_end")),
        sa.UniqueConstraint("feedback_id", name=op.f("uq_retention_end_feedback_id")),
    )
    op.create_table(
        "consent",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject_type", app.database.NfcText(), nullable=False, comment="name of the subject's table"),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("purpose", app.database.NfcText(), nullable=False, comment="consents.Purpose"),
        sa.Column("wording", app.database.NfcText(), nullable=False, comment="version of the words: a key of consents.WORDINGS"),
        sa.Column("form", app.database.NfcText(), nullable=False, comment="by which form: web, api, phone, paper…"),
        sa.Column("given_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_subject", "consent", ["subject_type", "subject_id"], unique=False)
    # Who agreed before this was written down agreed still.
    op.execute(
        "INSERT INTO consent (subject_type, subject_id, purpose, wording, form, given_at)"
        " SELECT 'feedback', id, 'publish', 'before', channel, received_at FROM feedback"
        " WHERE publish_consent AND parent_id IS NULL AND channel <> 'floor'"
    )
    op.execute(
        "INSERT INTO consent (subject_type, subject_id, purpose, wording, form, given_at)"
        " SELECT 'feedback_person', p.id, 'notices', 'before', f.channel, f.received_at"
        " FROM feedback_person p JOIN feedback f ON f.id = p.feedback_id"
        " WHERE p.role <> 'principal' AND p.erased_at IS NULL AND (p.phone_index IS NOT NULL OR p.email_index IS NOT NULL)"
    )
    op.create_table(
        "breach",
        sa.Column("id", BIG, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("found_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("report_by", app.database.UtcDateTime(timezone=True), nullable=True, comment="by the rule in force then; empty: no rule"),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("whose_sealed", sa.LargeBinary(), nullable=False, comment="whose data, how many people"),
        sa.Column("done_sealed", sa.LargeBinary(), nullable=True, comment="what was done against it"),
        sa.Column("noted_by_id", BIG, nullable=False),
        sa.Column("noted_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reported_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reported_to", app.database.NfcText(), nullable=False, comment="the authority, number and date of the paper"),
        sa.Column("closed_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["noted_by_id"], ["app_user.id"], name=op.f("fk_breach_noted_by_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach")),
    )


def downgrade() -> None:
    """Take the tables away again; indexes go with them."""
    op.drop_table("breach")
    op.drop_table("consent")
    op.drop_table("retention_end")
    op.drop_table("retention_rule")
    op.drop_table("data_request")
