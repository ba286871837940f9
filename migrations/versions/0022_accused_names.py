"""Whom ordinary feedback is about, by name.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; of what came before nobody was asked."""
    op.add_column(
        "feedback",
        sa.Column(
            "accused_names",
            app.database.NfcText(),
            nullable=False,
            server_default="",
            comment="whom it is about, a line each; it keeps nobody out: only the unit does",
        ),
    )
    op.add_column(
        "feedback",
        sa.Column(
            "accused_outside",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="the desk says of those names: of no unit of the province, or not known",
        ),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_column("feedback", "accused_outside")
    op.drop_column("feedback", "accused_names")
