"""Entries of the record chained by hash, and anchors; passwords sealed against who has only the database.

What was written before is sealed by the first runs of the job; migrations/env.py makes the triggers that keep both tables append-only.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database
from app.crypto import key_digest

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "audit_link",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="from 1 without a gap, in the order of sealing",
        ),
        sa.Column(
            "entry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="audit_entry.id; no foreign key: the link tells that an entry is gone",
        ),
        sa.Column("sealed_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("hash", app.database.NfcText(), nullable=False, comment="SHA-256 in hex"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_link_entry_id")),
    )
    op.create_table(
        "audit_anchor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="the last link, and so how many there were",
        ),
        sa.Column("hash", app.database.NfcText(), nullable=False, comment="of that link"),
        sa.Column("seal", app.database.NfcText(), nullable=False, comment="peppered: only this site can have written the row"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_anchor")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_anchor_seq")),
    )
    with op.batch_alter_table("app_user", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "password_seal",
                app.database.NfcText(),
                nullable=True,
                comment="peppered, over id and hash: only this site can have set the password",
            )
        )
    users = sa.table("app_user", sa.column("id"), sa.column("password_hash"), sa.column("password_seal"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(users.c.id, users.c.password_hash).where(users.c.password_hash.is_not(None))).all():
        seal = key_digest(f"password:{row.id}:{row.password_hash}")
        connection.execute(users.update().where(users.c.id == row.id).values(password_seal=seal))


def downgrade() -> None:
    """Take the tables away again, with their triggers, and the column."""
    with op.batch_alter_table("app_user", schema=None) as batch_op:
        batch_op.drop_column("password_seal")
    op.drop_table("audit_anchor")
    op.drop_table("audit_link")
