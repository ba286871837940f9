"""Oversight: letters.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = app.database.NfcText
AT = app.database.UtcDateTime


def upgrade() -> None:
    """Make the tables of letters, and let papers and assignments point to one."""
    op.create_table(
        "letter",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", TEXT(), nullable=False, comment="rules.letters.LetterKind"),
        sa.Column("unit_id", BIG, nullable=False, comment="who writes"),
        sa.Column("reason", TEXT(), nullable=False, comment="what is asked for and why, as it was first typed"),
        sa.Column("answer_by", sa.Date(), nullable=True, comment="typed; empty: as the rule says when it is numbered"),
        sa.Column("drafted_by_id", BIG, nullable=True),
        sa.Column("created_at", AT(timezone=True), nullable=False),
        sa.Column("token", TEXT(), nullable=False, comment="of the form it was begun with: pressed twice, begun once"),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["app_user.id"], name=op.f("fk_letter_drafted_by_id_app_user")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_letter_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("token", name=op.f("uq_letter_token")),
    )
    op.create_index("ix_letter_unit", "letter", ["unit_id", "id"])
    op.create_table(
        "letter_to",
        sa.Column("id", BIG, nullable=False),
        sa.Column("letter_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_to_letter_id_letter"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_letter_to_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_to")),
        sa.UniqueConstraint("letter_id", "unit_id", name=op.f("uq_letter_to_letter_id")),
    )
    op.create_table(
        "letter_about",
        sa.Column("id", BIG, nullable=False),
        sa.Column("letter_id", BIG, nullable=False),
        sa.Column("assignment_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_letter_about_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_about_letter_id_letter"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_about")),
        sa.UniqueConstraint("letter_id", "assignment_id", name=op.f("uq_letter_about_letter_id")),
    )
    op.create_index(op.f("ix_letter_about_assignment_id"), "letter_about", ["assignment_id"])
    op.create_table(
        "letter_answer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("assignment_id", BIG, nullable=False),
        sa.Column("state", TEXT(), nullable=False, comment="rules.letters.AnswerState"),
        sa.Column("text", TEXT(), nullable=False),
        sa.Column("written_by_id", BIG, nullable=False),
        sa.Column("written_at", AT(timezone=True), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True, comment="the head of the unit"),
        sa.Column("decided_at", AT(timezone=True), nullable=True),
        sa.Column("remarks", TEXT(), nullable=False, comment="why it was sent back, or is insufficient"),
        sa.Column("judged_at", AT(timezone=True), nullable=True, comment="the sender called it insufficient"),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_letter_answer_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_letter_answer_decided_by_id_app_user")),
        sa.ForeignKeyConstraint(["written_by_id"], ["app_user.id"], name=op.f("fk_letter_answer_written_by_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_answer")),
    )
    op.create_index(op.f("ix_letter_answer_assignment_id"), "letter_answer", ["assignment_id"])
    op.create_table(
        "letter_answer_file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("answer_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["letter_answer.id"], name=op.f("fk_letter_answer_file_answer_id_letter_answer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_letter_answer_file_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_answer_file")),
    )
    op.create_index(op.f("ix_letter_answer_file_answer_id"), "letter_answer_file", ["answer_id"])
    with op.batch_alter_table("assignment") as table:
        table.add_column(sa.Column("letter_id", BIG, nullable=True))
        table.create_foreign_key(op.f("fk_assignment_letter_id_letter"), "letter", ["letter_id"], ["id"])
        table.create_index(op.f("ix_assignment_letter_id"), ["letter_id"])
    with op.batch_alter_table("oversight_paper") as table:
        table.add_column(sa.Column("letter_id", BIG, nullable=True))
        table.create_foreign_key(op.f("fk_oversight_paper_letter_id_letter"), "letter", ["letter_id"], ["id"])
        table.create_unique_constraint(op.f("uq_oversight_paper_letter_id"), ["letter_id"])


#: What hangs on an assignment.
_HANGING = {
    "assignment": ("id", "kind"),
    "clock": ("id", "assignment_id"),
    "clock_pause": ("clock_id",),
    "extension_request": ("assignment_id",),
    "holding": ("assignment_id",),
}


def downgrade() -> None:
    """Drop the tables, what points to them, and the duties to answer letters."""
    for name in ("letter_answer_file", "letter_answer", "letter_about", "letter_to"):
        op.drop_table(name)
    tables = {name: sa.table(name, *map(sa.column, columns)) for name, columns in _HANGING.items()}
    row, clock = tables["assignment"], tables["clock"]
    mine = sa.select(row.c.id).where(row.c.kind == "letter")
    op.execute(sa.delete(tables["extension_request"]).where(tables["extension_request"].c.assignment_id.in_(mine)))
    clocks = sa.select(clock.c.id).where(clock.c.assignment_id.in_(mine))
    op.execute(sa.delete(tables["clock_pause"]).where(tables["clock_pause"].c.clock_id.in_(clocks)))
    op.execute(sa.delete(clock).where(clock.c.assignment_id.in_(mine)))
    op.execute(sa.delete(tables["holding"]).where(tables["holding"].c.assignment_id.in_(mine)))
    op.execute(sa.delete(row).where(row.c.kind == "letter"))
    with op.batch_alter_table("oversight_paper") as table:
        table.drop_constraint(op.f("uq_oversight_paper_letter_id"), type_="unique")
        table.drop_constraint(op.f("fk_oversight_paper_letter_id_letter"), type_="foreignkey")
        table.drop_column("letter_id")
    with op.batch_alter_table("assignment") as table:
        table.drop_index(op.f("ix_assignment_letter_id"))
        table.drop_constraint(op.f("fk_assignment_letter_id_letter"), type_="foreignkey")
        table.drop_column("letter_id")
    op.drop_table("letter")
