"""Which duties wait for an answer of the sender: a column that triggers fill, and the index of a unit's list of these.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INDEX, SAYS = "ix_assignment_unit_asking", "its sender is asked something; written by triggers (feedback.asking)"
OWN = ("officer_id", "unit_id", "duty", "due_sort", "id", "state", "feedback_id")
TRIGGERS = ("assignment_asking", "assignment_feedback_id_asking", "message_asking", "message_answered_at_asking")


def upgrade() -> None:
    """Make both; the triggers are made at the end of every run (app.assignments.beside)."""
    op.add_column("assignment", sa.Column("asking", sa.Boolean(), nullable=False, server_default=sa.false(), comment=SAYS))
    where = {"sqlite_where": sa.text("closed_on IS NULL AND asking = 1"), "postgresql_where": sa.text("closed_on IS NULL AND asking")}
    op.create_index(INDEX, "assignment", ["unit_id", "duty", "due_sort", "id", "feedback_id"], **where)
    _own_list(*OWN, "asking")


def downgrade() -> None:
    """Drop them, and what writes to the column."""
    _own_list(*OWN)
    op.drop_index(INDEX, table_name="assignment")
    for name in TRIGGERS:
        op.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE" if op.get_bind().dialect.name == "postgresql" else f"DROP TRIGGER IF EXISTS {name}")
    op.drop_column("assignment", "asking")


def _own_list(*columns: str) -> None:
    """Make the index of what somebody has in units that are not theirs anew: what they have is counted by it alone."""
    where = sa.text("closed_on IS NULL")
    op.drop_index("ix_assignment_officer_open", table_name="assignment")
    op.create_index("ix_assignment_officer_open", "assignment", [*columns], sqlite_where=where, postgresql_where=where)
