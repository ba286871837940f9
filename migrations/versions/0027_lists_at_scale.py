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

#: Name, table, columns, and of which rows.
INDEXES = (
    # what is kept too long, the oldest first: feedback.personal.over
    ("ix_feedback_desk_ended", "feedback", ["desk_unit_id", "status", "closed_at"], "closed_at IS NOT NULL"),
)


def upgrade() -> None:
    """Make them."""
    for name, table, columns, rows in INDEXES:
        op.create_index(name, table, columns, sqlite_where=sa.text(rows), postgresql_where=sa.text(rows))


def downgrade() -> None:
    """Drop them."""
    for name, table, _columns, _rows in INDEXES:
        op.drop_index(name, table_name=table)
