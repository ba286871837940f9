"""Rows that lead to what is kept from others, bound to the keyring: who has only the database cannot lead them elsewhere.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database
from app.crypto import key_digest
from app.crypto.columns import plain

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

#: Table → what its seal is over, and what it says to who reads the schema.
BOUND = {
    "app_user": (("id", "email", "unit_id", "active"), "peppered: only this site can have written where letters go, and where they belong"),
    "delegation": (
        ("from_id", "to_id", "form", "starts_on", "ends_on", "ended_at"),
        "peppered, over the others: only this site can have let one stand in for the other",
    ),
    "former_unit": (("user_id", "unit_id", "until"), "peppered, over the others: only this site can have written it down"),
    "stored_file": (("id", "uid", "sealed_away"), "peppered: only this site can have said which bytes these are, and whose"),
    "feedback": (
        ("uid", "parent_id", "merged_into_id", "identity_scope", "sender_type", "field_id", "desk_unit_id", "accused_unit_id"),
        "peppered: only this site can have led it to another item, or said who knows the name",
    ),
    "feedback_person": (
        ("uid", "feedback_id", "role", "phone_index", "email_index"),
        "peppered: only this site can have said whose item it is",
    ),
    "attachment": (
        ("id", "feedback_id", "message_id", "point_id", "file_id", "by_sender"),
        "peppered, over the others: only this site can have put the file in its place",
    ),
    "sealed_case_step": (
        ("uid", "case_id", "user_id", "to_id", "at", "kind"),
        "peppered, over the others: only this site can have written who did what, where",
    ),
    "sealed_message": (("uid", "case_id", "user_id"), "peppered: only this site can have said who wrote it, and about which case"),
    "sealed_file": (
        ("case_id", "message_id", "file_id"),
        "peppered, over the others: only this site can have put the file with its case",
    ),
    "citizen_account": (("id", "email_index"), "peppered: only this site can have said whose address it is"),
    "citizen_sign_in": (
        ("account_id", "digest", "browser", "made_at"),
        "peppered, over the others: only this site can have let the browser in",
    ),
    "sealed_copy": (
        ("uid", "case_id", "changed_by_id", "confirmed_by_id", "confirmed_at"),
        "peppered: only this site can have said who changed it last, and who confirmed it",
    ),
    "sealed_copy_page": (
        ("uid", "copy_id", "source_id", "page", "file_id"),
        "peppered: only this site can have put the picture in its place",
    ),
}
DAY, INSTANT = sa.Date(), app.database.UtcDateTime(timezone=True)
TYPES = {
    "uid": sa.Uuid(),
    "active": sa.Boolean(),
    "sealed_away": sa.Boolean(),
    "by_sender": sa.Boolean(),
    "starts_on": DAY,
    "ends_on": DAY,
    "until": DAY,
    "ended_at": INSTANT,
    "at": INSTANT,
    "made_at": INSTANT,
    "confirmed_at": INSTANT,
}


def upgrade() -> None:
    """Add the seals, and seal what is there. A column that may be empty SQLite adds in place: no table is copied."""
    away = "of the sealed register: nothing else hands it out, whatever points at it"
    op.add_column("stored_file", sa.Column("sealed_away", sa.Boolean(), nullable=True, comment=away))
    op.execute("UPDATE stored_file SET sealed_away = TRUE WHERE id IN (SELECT file_id FROM sealed_file)")
    for name, (over, said) in BOUND.items():
        op.add_column(name, sa.Column("seal", app.database.NfcText(), nullable=True, comment=said))
        _bind(name, over)


def _bind(name: str, over: tuple[str, ...]) -> None:
    """Seal the rows of before, as app.crypto.columns.Bound does; some thousand at a time."""
    columns = {each: sa.column(each, TYPES.get(each)) for each in ("id", "seal", *over)}
    table = sa.table(name, *columns.values())
    connection, last = op.get_bind(), 0
    query = sa.select(table).order_by(table.c.id).limit(5000)
    while rows := connection.execute(query.where(table.c.id > last)).all():
        said = {row.id: ":".join((name, "seal", *(plain(getattr(row, each)) for each in over))) for row in rows}
        new = [{"row": id_, "new": key_digest(text)} for id_, text in said.items()]
        connection.execute(table.update().where(table.c.id == sa.bindparam("row")).values(seal=sa.bindparam("new")), new)
        last = rows[-1].id


def downgrade() -> None:
    """Take the columns away again."""
    for name in reversed(BOUND):
        op.drop_column(name, "seal")
    op.drop_column("stored_file", "sealed_away")
