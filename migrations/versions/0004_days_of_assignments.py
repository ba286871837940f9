"""Assignments keep the days on which they were opened and closed: figures count by them, the same on both databases.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LOCAL = dt.timezone(dt.timedelta(hours=7))  # Asia/Ho_Chi_Minh has had no other offset since 1975
BATCH = 1000


def upgrade() -> None:
    """Add the days and write them for what is there."""
    with op.batch_alter_table("assignment") as table:
        table.add_column(sa.Column("opened_on", sa.Date(), nullable=True, comment="the day of opened_at in Vietnam, by which figures count"))
        kept = "the day of closed_at in Vietnam: a promise closed on its due day is kept"
        table.add_column(sa.Column("closed_on", sa.Date(), nullable=True, comment=kept))
    _fill()
    with op.batch_alter_table("assignment") as table:
        table.alter_column("opened_on", existing_type=sa.Date(), nullable=False)
    op.create_index("ix_assignment_closed_on", "assignment", ["closed_on", "unit_id"])
    op.create_index("ix_assignment_opened_on", "assignment", ["opened_on", "unit_id"])


def _fill() -> None:
    row = sa.table(
        "assignment",
        sa.column("id", sa.Integer),
        sa.column("opened_at", sa.DateTime(timezone=True)),
        sa.column("closed_at", sa.DateTime(timezone=True)),
        sa.column("opened_on", sa.Date),
        sa.column("closed_on", sa.Date),
    )
    connection, last = op.get_bind(), 0
    while found := connection.execute(
        sa.select(row.c.id, row.c.opened_at, row.c.closed_at).where(row.c.id > last).order_by(row.c.id).limit(BATCH)
    ).all():
        last = found[-1].id
        for id_, opened_at, closed_at in found:
            connection.execute(sa.update(row).where(row.c.id == id_).values(opened_on=_day(opened_at), closed_on=_day(closed_at)))


def _day(at: dt.datetime | None) -> dt.date | None:
    """SQLite gives back an instant without its offset, which is UTC."""
    return None if at is None else (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).astimezone(LOCAL).date()


def downgrade() -> None:
    """Leave the days out."""
    op.drop_index("ix_assignment_opened_on", table_name="assignment")
    op.drop_index("ix_assignment_closed_on", table_name="assignment")
    with op.batch_alter_table("assignment") as table:
        table.drop_column("closed_on")
        table.drop_column("opened_on")
