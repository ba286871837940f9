"""Entries of the record chained by hash, and anchors; passwords and keys of receipts sealed against who has only the database.

What was written before is sealed by the first runs of the job; migrations/env.py makes the triggers that keep both tables append-only.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database
from app.audit import seal_of
from app.crypto import key_digest
from app.crypto.columns import plain

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
    op.create_table(
        "audit_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("began_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "upto",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="the links up to this number were looked at",
        ),
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="the last of them that was there"
        ),
        sa.Column("hash", app.database.NfcText(), nullable=False, comment="of that link"),
        sa.Column("sealed_at", app.database.NfcText(), nullable=False, comment="as it is hashed"),
        sa.Column("found", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="faults so far"),
        sa.Column("seal", app.database.NfcText(), nullable=False, comment="peppered: only this site can have written the row"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_check")),
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
    with op.batch_alter_table("receipt_key", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "seal",
                app.database.NfcText(),
                nullable=True,
                comment="peppered, over the others: only this site can have given the item this key",
            )
        )
    with op.batch_alter_table("sealed_case", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "key_seal",
                app.database.NfcText(),
                nullable=True,
                comment="peppered, over uid, code and digest: only this site can have given it this key",
            )
        )
        batch_op.add_column(
            sa.Column("head_seal", app.database.NfcText(), nullable=True, comment="peppered: only this site can have named the head")
        )
    _seal_entries()
    _bind("receipt_key", "seal", "uid", "feedback_id", "person_id", "digest", "may_act")
    _bind("sealed_case", "key_seal", "uid", "code_index", "key_digest")
    _bind("sealed_case", "head_seal", "uid", "head_id")
    for name, what in (("role_grant", "given the role"), ("setting", "set it")):
        with op.batch_alter_table(name, schema=None) as batch_op:
            said = f"peppered, over the others: only this site can have {what}"
            batch_op.add_column(sa.Column("seal", app.database.NfcText(), nullable=True, comment=said))
    _bind("role_grant", "seal", "user_id", "role", "everywhere", "unit_id", "place_id", "starts_on", "ends_on")
    _bind("setting", "seal", "name", "value")


def _seal_entries() -> None:
    """Seal what was recorded before; the trigger that refuses it is made again at the end of the run."""
    connection, last = op.get_bind(), 0
    on = " ON audit_entry" if connection.dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER IF EXISTS audit_entry_no_update{on}")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "seal",
                app.database.NfcText(),
                nullable=True,
                comment="peppered, over the others but the id: only this site can have recorded it",
            )
        )
    kinds = {"at": app.database.UtcDateTime(timezone=True), "facts": sa.JSON()}
    said = ("at", "action", "actor_kind", "actor_id", "actor_unit_id", "subject_type", "subject_id", "facts")
    table = sa.table("audit_entry", sa.column("id"), sa.column("seal"), *(sa.column(each, kinds.get(each)) for each in said))
    query = sa.select(table.c.id, *(table.c[each] for each in said)).order_by(table.c.id).limit(5000)
    while rows := connection.execute(query.where(table.c.id > last)).all():
        new = [{"row": row.id, "new": seal_of(row[1:])} for row in rows]
        connection.execute(table.update().where(table.c.id == sa.bindparam("row")).values(seal=sa.bindparam("new")), new)
        last = rows[-1].id


def _bind(name: str, column: str, *over: str) -> None:
    """Seal the keys that were given out before, as app.crypto.columns.Bound does; some thousand rows at a time."""
    days = {"starts_on": sa.Date(), "ends_on": sa.Date()}
    types = {"uid": sa.Uuid(), "may_act": sa.Boolean(), "everywhere": sa.Boolean(), "value": sa.JSON(), **days}
    table = sa.table(name, sa.column("id"), sa.column(column), *(sa.column(each, types.get(each)) for each in over))
    connection, last = op.get_bind(), 0
    query = sa.select(table).order_by(table.c.id).limit(5000)
    while rows := connection.execute(query.where(table.c.id > last)).all():
        said = {row.id: ":".join((name, column, *(plain(getattr(row, each)) for each in over))) for row in rows}
        new = [{"row": id_, "new": key_digest(text)} for id_, text in said.items()]
        connection.execute(table.update().where(table.c.id == sa.bindparam("row")).values({column: sa.bindparam("new")}), new)
        last = rows[-1].id


def downgrade() -> None:
    """Take the tables away again, with their triggers, and the columns."""
    for name in ("role_grant", "setting"):
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.drop_column("seal")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_column("seal")
    with op.batch_alter_table("sealed_case", schema=None) as batch_op:
        batch_op.drop_column("head_seal")
        batch_op.drop_column("key_seal")
    with op.batch_alter_table("receipt_key", schema=None) as batch_op:
        batch_op.drop_column("seal")
    with op.batch_alter_table("app_user", schema=None) as batch_op:
        batch_op.drop_column("password_seal")
    op.drop_table("audit_check")
    op.drop_table("audit_anchor")
    op.drop_table("audit_link")
