"""Indexes of what is open: the lists of staff, and what their menus count, cost the same however much is over.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

#: Name, table, columns, and of which rows.
INDEXES = (
    ("ix_assignment_unit_open", "assignment", ["unit_id", "duty", "due_sort", "id", "state", "feedback_id"], "closed_on IS NULL"),
    ("ix_assignment_conclusion_offered", "assignment", ["unit_id"], "kind = 'conclusion' AND state = 'offered'"),
    ("ix_message_open_question", "message", ["feedback_id"], "kind = 'question' AND answered_at IS NULL"),
    ("ix_notice_unread", "notice", ["user_id"], "channel = 'site' AND done_at IS NULL"),
    ("ix_paper_under_way", "paper", ["unit_id"], "state IN ('submitted', 'approved')"),
)


def upgrade() -> None:
    """Make them."""
    for name, table, columns, rows in INDEXES:
        op.create_index(name, table, columns, sqlite_where=sa.text(rows), postgresql_where=sa.text(rows))


def downgrade() -> None:
    """Drop them."""
    for name, table, _columns, _rows in INDEXES:
        op.drop_index(name, table_name=table)
