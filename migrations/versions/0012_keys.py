"""Keys of cases and their versions.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the key of each sealed case, and which master keys this database was sealed by."""
    op.create_table(
        "key_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", app.database.NfcText(), nullable=False, comment="id of the master key, in hex; the key is in the keyring only"),
        sa.Column("since", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", app.database.UtcDateTime(timezone=True), nullable=True, comment="nothing here names it any more"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_version")),
        sa.UniqueConstraint("name", name=op.f("uq_key_version_name")),
    )
    with op.batch_alter_table("sealed_case") as table:
        table.add_column(
            sa.Column(
                "key_wrapped",
                sa.LargeBinary(),
                nullable=True,
                comment="its own key, wrapped by the master key; empty: from before there were any",
            )
        )


def downgrade() -> None:
    """Drop them. What the keys sealed stays closed."""
    with op.batch_alter_table("sealed_case") as table:
        table.drop_column("key_wrapped")
    op.drop_table("key_version")
