"""Oversight: reports of units, the rules by which they are due, the targets of a year and what units declare of them.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "report_duty",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", app.database.NfcText(), nullable=False),
        sa.Column("name", app.database.NfcText(), nullable=False),
        sa.Column("period", app.database.NfcText(), nullable=False, comment="rules.reports.Period"),
        sa.Column(
            "month",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="with day: it is handed up before this day",
        ),
        sa.Column("day", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("receiver", app.database.NfcText(), nullable=False, comment="rules.reports.Receiver"),
        sa.Column("unit_kinds", sa.JSON(), nullable=False, comment="UnitKind; empty: any"),
        sa.Column("levels", sa.JSON(), nullable=False, comment="province, commune; empty: any"),
        sa.Column("source", app.database.NfcText(), nullable=False),
        sa.Column("article", app.database.NfcText(), nullable=False),
        sa.Column("evidence", app.database.NfcText(), nullable=False, comment="seen, partly, memory"),
        sa.Column("local", sa.Boolean(), nullable=False, comment="the province's own, not the law's"),
        sa.Column("note", app.database.NfcText(), nullable=False, comment="what speaks for or against it"),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True, comment="last day; empty: in force"),
        sa.Column("watched_from", sa.Date(), nullable=False, comment="before this day the site kept nothing: nobody is late for it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_duty")),
        sa.UniqueConstraint("code", "effective_from", name=op.f("uq_report_duty_code")),
    )
    op.create_table(
        "target",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", app.database.NfcText(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", app.database.NfcText(), nullable=False),
        sa.Column("short_name", app.database.NfcText(), nullable=False, comment="as it stands above a column"),
        sa.Column(
            "counted_by", app.database.NfcText(), nullable=False, comment="rules.targets; empty: units declare it"
        ),
        sa.Column("unit_kinds", sa.JSON(), nullable=False, comment="UnitKind; empty: any"),
        sa.Column("levels", sa.JSON(), nullable=False, comment="province, commune; empty: any"),
        sa.Column("source", app.database.NfcText(), nullable=False),
        sa.Column("article", app.database.NfcText(), nullable=False),
        sa.Column("evidence", app.database.NfcText(), nullable=False, comment="seen, partly, memory"),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True, comment="last day; empty: in force"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint("code", "effective_from", name=op.f("uq_target_code")),
    )
    op.create_table(
        "target_declaration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", app.database.NfcText(), nullable=False, comment="Target.code"),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outcome", app.database.NfcText(), nullable=False, comment="rules.targets.Outcome"),
        sa.Column("paper_number", app.database.NfcText(), nullable=False, comment="of the paper that shows it"),
        sa.Column("paper_on", sa.Date(), nullable=True),
        sa.Column("note", app.database.NfcText(), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", app.database.NfcText(), nullable=False),
        sa.Column("declared_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("declared_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="who confirmed or returned it"
        ),
        sa.Column("decided_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", app.database.NfcText(), nullable=False, comment="why it was returned, or withdrawn"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_target_declaration_decided_by_id_app_user")),
        sa.ForeignKeyConstraint(["declared_by_id"], ["app_user.id"], name=op.f("fk_target_declaration_declared_by_id_app_user")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_target_declaration_file_id_stored_file")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_target_declaration_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_declaration")),
    )
    op.create_index("ix_target_declaration_unit", "target_declaration", ["unit_id", "year"], unique=False)
    op.create_index("ix_target_declaration_year", "target_declaration", ["year", "state"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "to_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="to whom it is handed up; empty: nobody is above",
        ),
        sa.Column("duty_code", app.database.NfcText(), nullable=True, comment="ReportDuty.code; empty: asked for once"),
        sa.Column("period", app.database.NfcText(), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", app.database.NfcText(), nullable=False, comment="what it is about"),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True, comment="the last day, by the rule in force when it was begun"),
        sa.Column("state", app.database.NfcText(), nullable=False),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("handed_up_at", app.database.UtcDateTime(timezone=True), nullable=True, comment="the last time"),
        sa.ForeignKeyConstraint(["paper_id"], ["oversight_paper.id"], name=op.f("fk_report_paper_id_oversight_paper")),
        sa.ForeignKeyConstraint(["to_id"], ["unit.id"], name=op.f("fk_report_to_id_unit")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_report_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("paper_id", name=op.f("uq_report_paper_id")),
        sa.UniqueConstraint("unit_id", "duty_code", "year", name=op.f("uq_report_unit_id")),
    )
    op.create_index("ix_report_to", "report", ["to_id", "state"], unique=False)
    op.create_table(
        "report_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", app.database.NfcText(), nullable=False, comment="where the report stood after it"),
        sa.Column("at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", app.database.NfcText(), nullable=False, comment="why it was returned"),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_report_step_by_id_app_user")),
        sa.ForeignKeyConstraint(["paper_id"], ["oversight_paper.id"], name=op.f("fk_report_step_paper_id_oversight_paper")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_step_report_id_report"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_step")),
    )
    op.create_index(op.f("ix_report_step_report_id"), "report_step", ["report_id"], unique=False)


def downgrade() -> None:
    """Take the tables away again; indexes go with them."""
    op.drop_table("report_step")
    op.drop_table("report")
    op.drop_table("target_declaration")
    op.drop_table("target")
    op.drop_table("report_duty")
