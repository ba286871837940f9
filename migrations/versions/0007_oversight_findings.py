"""Oversight: looks on the spot, the question of reopening, the monthly sample.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("check_task", "check_sample", "sampling_rule", "reopening_question", "spot_check_photo", "spot_check")


def upgrade() -> None:
    """Make the tables, and let a clock belong to a question."""
    op.create_table(
        "spot_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "round", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="of the promise when it was looked at"
        ),
        sa.Column("body_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="whose people looked"),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.Column("place", app.database.NfcText(), nullable=False, comment="where they looked"),
        sa.Column("companions", app.database.NfcText(), nullable=False, comment="who went along"),
        sa.Column("as_reported", sa.Boolean(), nullable=False, comment="right: it is as the unit says"),
        sa.Column("note", app.database.NfcText(), nullable=False, comment="for staff only"),
        sa.Column("public_note", app.database.NfcText(), nullable=False, comment="a sentence for everyone, names masked"),
        sa.Column("reported", app.database.NfcText(), nullable=False, comment="what the unit had said was done, when it was looked at"),
        sa.Column("recorded_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_spot_check_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["body_id"], ["unit.id"], name=op.f("fk_spot_check_body_id_unit")),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_spot_check_by_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
    )
    op.create_index("ix_spot_check_body", "spot_check", ["body_id", "looked_on"], unique=False)
    op.create_index("ix_spot_check_promise", "spot_check", ["assignment_id", "id"], unique=False)
    op.create_table(
        "spot_check_photo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caption", app.database.NfcText(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["spot_check.id"], name=op.f("fk_spot_check_photo_check_id_spot_check")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_spot_check_photo_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check_photo")),
    )
    op.create_index(op.f("ix_spot_check_photo_check_id"), "spot_check_photo", ["check_id"], unique=False)
    op.create_table(
        "reopening_question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="before whom it lies"),
        sa.Column(
            "by_superior", sa.Boolean(), nullable=False, comment="the unit above; else the standing body, where nobody above decides"
        ),
        sa.Column("asked_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "ended_at",
            app.database.UtcDateTime(timezone=True),
            nullable=True,
            comment="decided, or withdrawn by a later look of the same body",
        ),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reopened", sa.Boolean(), nullable=True),
        sa.Column("reason", app.database.NfcText(), nullable=False, comment="MTTQ and the citizen read it"),
        sa.Column("due_on", sa.Date(), nullable=True, comment="by when it is done again"),
        sa.Column("was_closed_on", sa.Date(), nullable=True, comment="when it had been reported done"),
        sa.Column("was_due_on", sa.Date(), nullable=True, comment="by when it had been owed: late stays late"),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_reopening_question_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["check_id"], ["spot_check.id"], name=op.f("fk_reopening_question_check_id_spot_check")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_reopening_question_decided_by_id_app_user")),
        sa.ForeignKeyConstraint(["decider_id"], ["unit.id"], name=op.f("fk_reopening_question_decider_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reopening_question")),
        sa.UniqueConstraint("check_id", name=op.f("uq_reopening_question_check_id")),
    )
    op.create_index(op.f("ix_reopening_question_assignment_id"), "reopening_question", ["assignment_id"], unique=False)
    op.create_index(op.f("ix_reopening_question_decider_id"), "reopening_question", ["decider_id"], unique=False)
    op.create_index(
        "uq_reopening_question_open",
        "reopening_question",
        ["assignment_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "sampling_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", app.database.NfcText(), nullable=False),
        sa.Column("name", app.database.NfcText(), nullable=False),
        sa.Column(
            "share", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="per cent of what was reported done"
        ),
        sa.Column("minimum", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("maximum", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", app.database.NfcText(), nullable=False),
        sa.Column("article", app.database.NfcText(), nullable=False),
        sa.Column("evidence", app.database.NfcText(), nullable=False, comment="seen, partly, memory"),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True, comment="last day; empty: in force"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampling_rule")),
        sa.UniqueConstraint("code", "effective_from", name=op.f("uq_sampling_rule_code")),
    )
    op.create_table(
        "check_sample",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Date(), nullable=False, comment="first day of the month in which they were reported done"),
        sa.Column("drawn_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("drawn_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="empty: the job"),
        sa.Column("algorithm", app.database.NfcText(), nullable=False),
        sa.Column("seed", app.database.NfcText(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False, comment="by stratum, the ids among which it was drawn"),
        sa.Column("candidates_digest", app.database.NfcText(), nullable=False, comment="SHA-256 of them; the audit has it too"),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="how many candidates there were"),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="how many of them were drawn"),
        sa.Column("share", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minimum", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("maximum", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["app_user.id"], name=op.f("fk_check_sample_drawn_by_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_sample")),
        sa.UniqueConstraint("month", name=op.f("uq_check_sample_month")),
    )
    op.create_table(
        "check_task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sample_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="empty: somebody asked for it"),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="in the draw"),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("looker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="who goes"),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="what was found"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["app_user.id"], name=op.f("fk_check_task_asked_by_id_app_user")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_check_task_assignment_id_assignment")),
        sa.ForeignKeyConstraint(["check_id"], ["spot_check.id"], name=op.f("fk_check_task_check_id_spot_check")),
        sa.ForeignKeyConstraint(["looker_id"], ["app_user.id"], name=op.f("fk_check_task_looker_id_app_user")),
        sa.ForeignKeyConstraint(["sample_id"], ["check_sample.id"], name=op.f("fk_check_task_sample_id_check_sample")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_task")),
        sa.UniqueConstraint("sample_id", "assignment_id", name=op.f("uq_check_task_sample_id")),
    )
    op.create_index(op.f("ix_check_task_check_id"), "check_task", ["check_id"], unique=False)
    op.create_index("ix_check_task_promise", "check_task", ["assignment_id", "check_id"], unique=False)
    with op.batch_alter_table("clock") as table:
        table.add_column(sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        table.create_foreign_key(op.f("fk_clock_question_id_reopening_question"), "reopening_question", ["question_id"], ["id"])
    op.create_index(op.f("ix_clock_question_id"), "clock", ["question_id"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_index(op.f("ix_clock_question_id"), table_name="clock")
    op.execute("DELETE FROM clock WHERE kind = 'reopening'")
    with op.batch_alter_table("clock") as table:
        table.drop_constraint(op.f("fk_clock_question_id_reopening_question"), type_="foreignkey")
        table.drop_column("question_id")
    for name in TABLES:
        op.drop_table(name)
