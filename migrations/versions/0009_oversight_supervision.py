"""Oversight: supervision, its plans, campaigns and findings; what a conclusion recommends is an assignment.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: What hangs on an assignment.
_HANGING = {
    "assignment": ("id", "kind"),
    "clock": ("id", "assignment_id"),
    "clock_pause": ("clock_id",),
    "extension_request": ("assignment_id",),
    "holding": ("assignment_id",),
}


def upgrade() -> None:
    """Add the tables, and what an assignment of a finding points to."""
    op.create_table(
        "supervision_checklist",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", app.database.NfcText(), nullable=False, comment="rules.supervision.Base"),
        sa.Column("name", app.database.NfcText(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("source", app.database.NfcText(), nullable=False),
        sa.Column("article", app.database.NfcText(), nullable=False),
        sa.Column("evidence", app.database.NfcText(), nullable=False, comment="seen, partly, memory"),
        sa.Column("local", sa.Boolean(), nullable=False, comment="the province's own, not the law's"),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True, comment="last day; empty: in force"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_checklist")),
        sa.UniqueConstraint("code", "effective_from", name=op.f("uq_supervision_checklist_code")),
    )
    op.create_table(
        "supervision_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", app.database.NfcText(), nullable=False),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="its number puts it into force"),
        sa.Column("created_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["oversight_paper.id"], name=op.f("fk_supervision_plan_paper_id_oversight_paper")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_supervision_plan_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_plan")),
        sa.UniqueConstraint("paper_id", name=op.f("uq_supervision_plan_paper_id")),
        sa.UniqueConstraint("unit_id", "year", "version", name=op.f("uq_supervision_plan_unit_id")),
    )
    op.create_table(
        "supervision_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quarter", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("theme", app.database.NfcText(), nullable=False),
        sa.Column("form", app.database.NfcText(), nullable=False, comment="rules.supervision.Form"),
        sa.Column("whom", app.database.NfcText(), nullable=False, comment="the units, or the kind of units"),
        sa.Column("lead", app.database.NfcText(), nullable=False, comment="who leads, by name or title"),
        sa.Column(
            "copied_from_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="in the version before: its campaign follows when this one is approved",
        ),
        sa.ForeignKeyConstraint(
            ["copied_from_id"], ["supervision_line.id"], name=op.f("fk_supervision_line_copied_from_id_supervision_line")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["supervision_plan.id"], name=op.f("fk_supervision_line_plan_id_supervision_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_line")),
    )
    op.create_index(op.f("ix_supervision_line_plan_id"), "supervision_line", ["plan_id"], unique=False)
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="the body that supervises"),
        sa.Column("theme", app.database.NfcText(), nullable=False),
        sa.Column("form", app.database.NfcText(), nullable=False, comment="rules.supervision.Form"),
        sa.Column("base", app.database.NfcText(), nullable=False, comment="rules.supervision.Base: whose checklist it began with"),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("trigger", app.database.NfcText(), nullable=True, comment="rules.supervision.Trigger, where no plan names it"),
        sa.Column("trigger_why", app.database.NfcText(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False, comment="first day of what is looked at"),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", app.database.NfcText(), nullable=False),
        sa.Column("prepare", app.database.NfcText(), nullable=False, comment="what the units are asked to prepare"),
        sa.Column("report_due_on", sa.Date(), nullable=True, comment="of the unit's own answers and report"),
        sa.Column("comments_due_on", sa.Date(), nullable=True),
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="its number announces it"),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True, comment="the conclusion"),
        sa.Column("cancelled_why", app.database.NfcText(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("announced_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("concluded_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_campaign_created_by_id_app_user")),
        sa.ForeignKeyConstraint(["line_id"], ["supervision_line.id"], name=op.f("fk_campaign_line_id_supervision_line")),
        sa.ForeignKeyConstraint(["notice_id"], ["oversight_paper.id"], name=op.f("fk_campaign_notice_id_oversight_paper")),
        sa.ForeignKeyConstraint(["paper_id"], ["oversight_paper.id"], name=op.f("fk_campaign_paper_id_oversight_paper")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_campaign_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_campaign_notice_id")),
        sa.UniqueConstraint("paper_id", name=op.f("uq_campaign_paper_id")),
    )
    op.create_index(op.f("ix_campaign_line_id"), "campaign", ["line_id"], unique=False)
    op.create_index(op.f("ix_campaign_unit_id"), "campaign", ["unit_id"], unique=False)
    op.create_table(
        "campaign_target",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "answering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="itself; its heir, once it ended"
        ),
        sa.Column("report", app.database.NfcText(), nullable=False),
        sa.Column("reported_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reported_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("comments", app.database.NfcText(), nullable=False, comment="what the unit says of what was found; empty: it agrees"),
        sa.Column("commented_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("commented_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["answering_id"], ["unit.id"], name=op.f("fk_campaign_target_answering_id_unit")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_target_campaign_id_campaign"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["commented_by_id"], ["app_user.id"], name=op.f("fk_campaign_target_commented_by_id_app_user")),
        sa.ForeignKeyConstraint(["reported_by_id"], ["app_user.id"], name=op.f("fk_campaign_target_reported_by_id_app_user")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_campaign_target_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_target")),
        sa.UniqueConstraint("campaign_id", "unit_id", name=op.f("uq_campaign_target_campaign_id")),
    )
    op.create_index(op.f("ix_campaign_target_answering_id"), "campaign_target", ["answering_id"], unique=False)
    op.create_index(op.f("ix_campaign_target_unit_id"), "campaign_target", ["unit_id"], unique=False)
    op.create_table(
        "campaign_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", app.database.NfcText(), nullable=False),
        sa.Column("title", app.database.NfcText(), nullable=False),
        sa.Column("part", app.database.NfcText(), nullable=False, comment="rules.supervision.Part"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_member_campaign_id_campaign"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_campaign_member_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_member")),
    )
    op.create_index(op.f("ix_campaign_member_campaign_id"), "campaign_member", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_campaign_member_user_id"), "campaign_member", ["user_id"], unique=False)
    op.create_table(
        "campaign_question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", app.database.NfcText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_question_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_question")),
    )
    op.create_index(op.f("ix_campaign_question_campaign_id"), "campaign_question", ["campaign_id"], unique=False)
    op.create_table(
        "campaign_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", app.database.NfcText(), nullable=False, comment="rules.supervision.Side"),
        sa.Column("result", app.database.NfcText(), nullable=False, comment="rules.supervision.Result"),
        sa.Column("note", app.database.NfcText(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["app_user.id"], name=op.f("fk_campaign_answer_by_id_app_user")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["campaign_question.id"], name=op.f("fk_campaign_answer_question_id_campaign_question"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["campaign_target.id"], name=op.f("fk_campaign_answer_target_id_campaign_target"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_answer")),
        sa.UniqueConstraint("target_id", "question_id", "side", name=op.f("uq_campaign_answer_target_id")),
    )
    op.create_index(op.f("ix_campaign_answer_question_id"), "campaign_answer", ["question_id"], unique=False)
    op.create_table(
        "supervision_finding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", app.database.NfcText(), nullable=False, comment="rules.supervision.FindingKind"),
        sa.Column("text", app.database.NfcText(), nullable=False),
        sa.Column("undemocratic", sa.Boolean(), nullable=False, comment="the fault stems from not observing democracy"),
        sa.Column("cause", app.database.NfcText(), nullable=False, comment="what was not observed: named, where it is so"),
        sa.Column("recommendation", app.database.NfcText(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("outcome", app.database.NfcText(), nullable=False, comment="what the unit says was done, or why it returned it"),
        sa.Column(
            "remarks", app.database.NfcText(), nullable=False, comment="what the body said of that: not yet, and why; or why it is dropped"
        ),
        sa.Column("dropped_at", app.database.UtcDateTime(timezone=True), nullable=True, comment="returned, and the body leaves it at that"),
        sa.ForeignKeyConstraint(
            ["target_id"], ["campaign_target.id"], name=op.f("fk_supervision_finding_target_id_campaign_target"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_finding")),
    )
    op.create_index(op.f("ix_supervision_finding_target_id"), "supervision_finding", ["target_id"], unique=False)
    op.create_table(
        "campaign_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", app.database.NfcText(), nullable=False, comment="rules.supervision.Purpose"),
        sa.Column("added_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("added_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["app_user.id"], name=op.f("fk_campaign_file_added_by_id_app_user")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_campaign_file_file_id_stored_file")),
        sa.ForeignKeyConstraint(["finding_id"], ["supervision_finding.id"], name=op.f("fk_campaign_file_finding_id_supervision_finding")),
        sa.ForeignKeyConstraint(["target_id"], ["campaign_target.id"], name=op.f("fk_campaign_file_target_id_campaign_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_file")),
    )
    op.create_index(op.f("ix_campaign_file_finding_id"), "campaign_file", ["finding_id"], unique=False)
    op.create_index(op.f("ix_campaign_file_target_id"), "campaign_file", ["target_id"], unique=False)

    with op.batch_alter_table("assignment") as table:
        table.add_column(sa.Column("finding_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        table.create_foreign_key(op.f("fk_assignment_finding_id_supervision_finding"), "supervision_finding", ["finding_id"], ["id"])
        table.create_index(op.f("ix_assignment_finding_id"), ["finding_id"], unique=False)


def downgrade() -> None:
    """Leave them out, and the assignments of findings with them."""
    tables = {name: sa.table(name, *map(sa.column, columns)) for name, columns in _HANGING.items()}
    row, clock = tables["assignment"], tables["clock"]
    mine = sa.select(row.c.id).where(row.c.kind == "finding")
    op.execute(sa.delete(tables["extension_request"]).where(tables["extension_request"].c.assignment_id.in_(mine)))
    clocks = sa.select(clock.c.id).where(clock.c.assignment_id.in_(mine))
    op.execute(sa.delete(tables["clock_pause"]).where(tables["clock_pause"].c.clock_id.in_(clocks)))
    op.execute(sa.delete(clock).where(clock.c.assignment_id.in_(mine)))
    op.execute(sa.delete(tables["holding"]).where(tables["holding"].c.assignment_id.in_(mine)))
    op.execute(sa.delete(row).where(row.c.kind == "finding"))
    with op.batch_alter_table("assignment") as table:
        table.drop_index(op.f("ix_assignment_finding_id"))
        table.drop_constraint(op.f("fk_assignment_finding_id_supervision_finding"), type_="foreignkey")
        table.drop_column("finding_id")
    op.drop_table("campaign_file")
    op.drop_table("supervision_finding")
    op.drop_table("campaign_answer")
    op.drop_table("campaign_question")
    op.drop_table("campaign_member")
    op.drop_table("campaign_target")
    op.drop_table("campaign")
    op.drop_table("supervision_line")
    op.drop_table("supervision_plan")
    op.drop_table("supervision_checklist")
