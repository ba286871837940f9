"""The escalation ladder: its rungs, the steps that promises climbed, and the beat of the job that climbs.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = app.database.NfcText
AT = app.database.UtcDateTime


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "escalation_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", TEXT(), nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("level", TEXT(), nullable=False, comment="app.escalation.rules.Level: whom it reaches"),
        sa.Column("days", BIG, nullable=False, comment="working days after the day that is owed; negative or 0: before it, or on it"),
        sa.Column("kinds", sa.JSON(), nullable=False, comment="kinds of assignment; empty: any"),
        sa.Column("duties", sa.JSON(), nullable=False, comment="answer, act; empty: any"),
        sa.Column("source", TEXT(), nullable=False, comment="number and name of the text"),
        sa.Column("article", TEXT(), nullable=False),
        sa.Column("evidence", TEXT(), nullable=False, comment="seen, partly, memory: how sure we are of the text"),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True, comment="last day; empty: in force"),
        sa.Column("local", sa.Boolean(), nullable=False, comment="the province's own, not the law's"),
        sa.CheckConstraint("effective_to IS NULL OR effective_from <= effective_to", name=op.f("ck_escalation_rule_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_rule")),
        sa.UniqueConstraint("code", "effective_from", name=op.f("uq_escalation_rule_code")),
    )
    op.create_table(
        "escalation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("assignment_id", BIG, nullable=False),
        sa.Column("matter", TEXT(), nullable=False, comment="what else is owed about it (reopening: that decision); empty: itself"),
        sa.Column("rule_id", BIG, nullable=False),
        sa.Column("code", TEXT(), nullable=False, comment="of the rung: a later version of it is the same step"),
        sa.Column("level", TEXT(), nullable=False),
        sa.Column("days", BIG, nullable=False, comment="as the rung had it"),
        sa.Column("unit_id", BIG, nullable=False, comment="had it then"),
        sa.Column("due_on", sa.Date(), nullable=False, comment="the day that was owed then"),
        sa.Column("climbed_on", sa.Date(), nullable=False),
        sa.Column("reached", TEXT(), nullable=True, comment="where somebody stood: the level itself or one above; empty: nobody anywhere"),
        sa.Column("told", sa.JSON(), nullable=False, comment="accounts that were to be told"),
        sa.Column("told_at", AT(timezone=True), nullable=True, comment="their notices are written; empty: the job was interrupted before"),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_escalation_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["rule_id"], ["escalation_rule.id"], name=op.f("fk_escalation_rule_id_escalation_rule")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_escalation_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("assignment_id", "matter", "code", "due_on", "unit_id", name=op.f("uq_escalation_assignment_id")),
    )
    untold = sa.text("told_at IS NULL")
    op.create_index("ix_escalation_to_tell", "escalation", ["id"], postgresql_where=untold, sqlite_where=untold)
    op.create_table(
        "beat",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", TEXT(), nullable=False),
        sa.Column("at", AT(timezone=True), nullable=False, comment="it finished; or, before it ever did, when it was first waited for"),
        sa.Column("faults", BIG, nullable=False, comment="what it could not do when it last finished"),
        sa.Column("alarmed_at", AT(timezone=True), nullable=True, comment="its silence was told; empty: it is not silent"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beat")),
        sa.UniqueConstraint("name", name=op.f("uq_beat_name")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("beat")
    op.drop_table("escalation")
    op.drop_table("escalation_rule")
