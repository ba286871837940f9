"""What was bound to the keyring later: working copies of sealed cases and their pages.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database
from app.crypto import key_digest
from app.crypto.columns import plain

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

#: Table → what its seal is over, and what it says to who reads the schema.
BOUND = {
    "sealed_copy": (
        ("uid", "case_id", "changed_by_id", "confirmed_by_id", "confirmed_at"),
        "peppered: only this site can have said who changed it last, and who confirmed it",
    ),
    "sealed_copy_page": (
        ("uid", "copy_id", "source_id", "page", "file_id"),
        "peppered: only this site can have put the picture in its place",
    ),
}
TYPES = {"uid": sa.Uuid(), "confirmed_at": app.database.UtcDateTime(timezone=True)}


def upgrade() -> None:
    """Add the seals, and seal what is there."""
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
