"""Originals kept sealed, and what a scanner said.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; of files from before neither an original was kept nor did a scanner see them."""
    op.add_column(
        "stored_file",
        sa.Column(
            "original_size",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="bytes of the file as it came, kept sealed as evidence; empty: not kept",
        ),
    )
    op.add_column(
        "stored_file",
        sa.Column("scan", app.database.NfcText(), nullable=True, comment="Scan; empty: there was no scanner"),
    )
    _say("of the file as it came")


def downgrade() -> None:
    """Drop both. The sealed originals are swept as bytes that nothing names."""
    _say("of the file as it came, which is not kept: its sender has it")
    op.drop_column("stored_file", "scan")
    op.drop_column("stored_file", "original_size")


def _say(comment: str) -> None:
    """Say what the digest is of; SQLite keeps no comments."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("stored_file", "original_sha256", comment=comment, existing_type=app.database.NfcText(), existing_nullable=False)
