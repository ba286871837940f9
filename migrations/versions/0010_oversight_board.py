"""Oversight: board.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_watching()
    _make_board()


def downgrade() -> None:
    _drop_board()
    _drop_watching()


def _make_watching() -> None:
    op.create_table(
        "watch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", app.database.UtcDateTime(), nullable=False),
        sa.Column("seen_at", app.database.UtcDateTime(), nullable=False, comment="when they last looked: what happened after it is news"),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_watch_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_watch_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch")),
        sa.UniqueConstraint("user_id", "assignment_id", name=op.f("uq_watch_user_id")),
    )
    op.create_index(op.f("ix_watch_assignment_id"), "watch", ["assignment_id"])
    op.create_table(
        "watch_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "unit_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="of the writer when they wrote it; whose people read a shared one",
        ),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("body", app.database.NfcText(), nullable=False),
        sa.Column("at", app.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_watch_note_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_watch_note_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_watch_note_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_note")),
    )
    op.create_index("ix_watch_note_promise", "watch_note", ["assignment_id", "id"])
    op.create_table(
        "subscription",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "address", app.database.NfcText(), nullable=False, comment="what stands behind ? in the register's address, in its one spelling"
        ),
        sa.Column("since", app.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_subscription_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("user_id", "address", name=op.f("uq_subscription_user_id")),
    )
    op.create_table(
        "weekly_news",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("week", app.database.NfcText(), nullable=False, comment="ISO: 2026-W48; sent once"),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("made_at", app.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_weekly_news_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_news")),
        sa.UniqueConstraint("user_id", "week", name=op.f("uq_weekly_news_user_id")),
    )


def _drop_watching() -> None:
    for name in ("weekly_news", "subscription", "watch_note", "watch"):
        op.drop_table(name)


def _make_board() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", app.database.NfcText(), nullable=False),
        sa.Column("page", app.database.NfcText(), nullable=False, comment="register or picture"),
        sa.Column("address", app.database.NfcText(), nullable=False, comment="what stands behind ? in the address, in its one spelling"),
        sa.Column("shared", sa.Boolean(), nullable=False, comment="with the people of the owner's unit"),
        sa.Column("made_at", app.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_saved_view_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_view_user_id")),
    )
    still_open = sa.text("closed_on IS NULL")
    op.create_index("ix_assignment_open_list", "assignment", ["due_sort", "id"], sqlite_where=still_open, postgresql_where=still_open)
    op.create_index("ix_feedback_accused_unit_id", "feedback", ["accused_unit_id"])
    op.create_index("ix_assignment_closed_list", "assignment", ["closed_on", "due_sort", "id"])
    op.create_index("ix_assignment_due_list", "assignment", ["due_sort", "id"])
    op.create_index("ix_assignment_field_list", "assignment", ["field_id", "state", "due_sort", "id"])
    counted = ["kind", "duty", "state", "unit_id", "place_id", "field_id", "session_id", "opened_on", "due_on", "closed_on", "feedback_id"]
    op.create_index("ix_assignment_counted", "assignment", counted)
    op.create_index("ix_assignment_place_list", "assignment", ["place_id", "state", "due_sort", "id"])


def _drop_board() -> None:
    op.drop_index("ix_feedback_accused_unit_id", "feedback")
    op.drop_index("ix_assignment_counted", "assignment")
    for name in ("place", "field", "due", "open", "closed"):
        op.drop_index(f"ix_assignment_{name}_list", "assignment")
    op.drop_table("saved_view")
