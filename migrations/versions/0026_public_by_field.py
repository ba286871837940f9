"""Indexes of what is published: a page of the public list of one field or place costs the same however much is published.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

PUBLISHED = "published_at IS NOT NULL"


def upgrade() -> None:
    """Make them."""
    for what in ("field", "place"):
        columns = [f"{what}_id", "published_at", "id"]
        op.create_index(
            f"ix_feedback_public_{what}", "feedback", columns, sqlite_where=sa.text(PUBLISHED), postgresql_where=sa.text(PUBLISHED)
        )


def downgrade() -> None:
    """Drop them."""
    for what in ("field", "place"):
        op.drop_index(f"ix_feedback_public_{what}", table_name="feedback")
