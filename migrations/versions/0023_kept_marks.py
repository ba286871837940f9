"""The marks by which a process knows that what it keeps in memory is what the database holds.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; its rows and the triggers are made at the end of every run (app.kept)."""
    op.create_table(
        "kept_mark",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", app.database.NfcText(), nullable=False),
        sa.Column("mark", app.database.NfcText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_mark")),
        sa.UniqueConstraint("name", name=op.f("uq_kept_mark_name")),
    )


def downgrade() -> None:
    """Drop the table and what writes to it."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS mark_changed() CASCADE")
    else:
        names = connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%UPDATE kept_mark%'")).all()
        for name in names:
            op.execute(f"DROP TRIGGER {name}")
    op.drop_table("kept_mark")
