"""Indexes by which pages that walk over all there is find their first lines.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SHOWN = "shown IS NOT NULL"
SHOWN_SAYS = "rules.Shown: everyone may read it; written by triggers (app.assignments.beside)"
TRIGGERS = (
    "assignment_shown", "assignment_kind_shown", "feedback_published_at_shown", "feedback_status_shown",
    "dialogue_session_status_shown", "question_answer_kind_shown",
)  # fmt: skip
#: Name, table, columns, and of which rows.
INDEXES = (
    # the duties that everyone may read, those of a unit, and how many there are of each outcome: app.assignments.published
    ("ix_assignment_shown", "assignment", ["shown", "due_sort", "id"], SHOWN),
    ("ix_assignment_shown_unit", "assignment", ["unit_id", "shown", "due_sort", "id", "due_on", "closed_on"], SHOWN),
    # what waits to be taken in a unit: feedback.duties
    ("ix_assignment_unit_offered", "assignment", ["unit_id", "duty", "due_sort", "id", "feedback_id"], "closed_on IS NULL AND state = 'offered'"),
    # what somebody has in units that are not theirs: feedback.duties
    ("ix_assignment_officer_open", "assignment", ["officer_id", "unit_id", "duty", "due_sort", "id", "state", "feedback_id"], "closed_on IS NULL"),
    # what somebody did, the latest first: app.administration.views.audit
    ("ix_audit_entry_actor", "audit_entry", ["actor_id", "id"], "actor_id IS NOT NULL"),
    # the sessions that were held, the newest first: dialogues.seen
    ("ix_dialogue_session_day", "dialogue_session", ["starts_at", "id"], None),
    # what is kept too long, the oldest first: feedback.personal.over
    ("ix_feedback_desk_ended", "feedback", ["desk_unit_id", "status", "closed_at"], "closed_at IS NOT NULL"),
)


def upgrade() -> None:
    """Make them, and a column that triggers fill, which are made at the end of every run (app.assignments.beside)."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("assignment", sa.Column("shown", number, nullable=True, comment=SHOWN_SAYS))
    for name, table, columns, rows in INDEXES:
        where = None if rows is None else sa.text(rows)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Drop them, and what writes to the column."""
    for name, table, _columns, _rows in INDEXES:
        op.drop_index(name, table_name=table)
    if op.get_bind().dialect.name == "postgresql":
        for name in TRIGGERS:
            op.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE")
    else:
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
    op.drop_column("assignment", "shown")
