"""A duty to meet the people ends by its last day; nobody ever switched one off.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop what was always true."""
    op.drop_column("meeting_duty", "active")


def downgrade() -> None:
    """Say of every duty that it is switched on."""
    op.add_column("meeting_duty", sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
