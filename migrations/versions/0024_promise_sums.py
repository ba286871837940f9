"""Sums of the promises that are over, and indexes of what jobs ask for, so that neither costs more with the years.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

#: Name → table, columns, and of which rows: what still waits for something.
WAITING = {
    "ix_feedback_answered": ("feedback", ["answered_at", "id"], "status = 'answered'"),
    "ix_paper_to_keep": ("paper", ["id"], "state = 'published' AND pdf_id IS NULL"),
    "ix_receipt_key_copy": ("receipt_key", ["copy_until"], "copy_sealed IS NOT NULL"),
    "ix_clock_running": ("clock", ["stage", "due_on", "id"], "stopped_at IS NULL AND cancelled_at IS NULL"),
}


def upgrade() -> None:
    """Make the table; its lines and the triggers are made at the end of every run (oversight.models.sums)."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "promise_sum",
        sa.Column("id", number, nullable=False),
        sa.Column("kind", app.database.NfcText(), nullable=False),
        sa.Column("duty", app.database.NfcText(), nullable=False),
        sa.Column("state", app.database.NfcText(), nullable=False),
        sa.Column(
            "outcome",
            app.database.NfcText(),
            nullable=False,
            comment="of what is over: late, in_time; empty: open, or there is no day of its end",
        ),
        sa.Column("due_on", sa.Date(), nullable=True, comment="of what is open"),
        sa.Column("unit_id", number, nullable=False),
        sa.Column("place_id", number, nullable=True),
        sa.Column("field_id", number, nullable=True),
        sa.Column("session_id", number, nullable=True),
        sa.Column("number", number, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_sum")),
    )
    due = ["due_on", "duty", "kind", "state", "unit_id", "closed_on", "feedback_id"]
    op.create_index("ix_assignment_due_counted", "assignment", due)
    op.create_index(op.f("ix_paper_assignment_id"), "paper", ["assignment_id"])
    for name, (table, columns, where) in WAITING.items():
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    """Drop them, and what writes to the table."""
    for name, (table, _columns, _where) in WAITING.items():
        op.drop_index(name, table)
    op.drop_index(op.f("ix_paper_assignment_id"), "paper")
    op.drop_index("ix_assignment_due_counted", "assignment")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS sum_promise() CASCADE")
    else:
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER IF EXISTS assignment_summed_{name}")
    op.drop_table("promise_sum")
