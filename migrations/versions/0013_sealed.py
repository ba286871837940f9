"""Who may know of a sealed case, who learns who wrote it, what was decided, and the numbers of letters that sealing took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Keep who wrote apart, name the head who decides, and add grants and what two people reveal."""
    with op.batch_alter_table("sealed_case") as table:
        table.alter_column("heading_sealed", comment="code, instant, channel and who is accused, as JSON")
        table.add_column(
            sa.Column(
                "identity_sealed", sa.LargeBinary(), nullable=True, comment="who wrote, as JSON; empty: from before it was kept apart"
            )
        )
        table.add_column(sa.Column("head_id", _ID, nullable=True, comment="who decides what becomes of it"))
        table.create_foreign_key(op.f("fk_sealed_case_head_id_app_user"), "app_user", ["head_id"], ["id"])
    with op.batch_alter_table("sealed_case_step") as table:
        table.add_column(sa.Column("to_id", _ID, nullable=True, comment="whom it concerns: the head, who was granted the case, who asked"))
        table.create_foreign_key(op.f("fk_sealed_case_step_to_id_app_user"), "app_user", ["to_id"], ["id"])
    op.create_table(
        "sealed_grant",
        sa.Column("id", _ID, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("given_by_id", _ID, nullable=False),
        sa.Column("given_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", sa.Date(), nullable=False, comment="last day"),
        sa.Column("extent", app.database.NfcText(), nullable=False, comment="whole, or the working copy only"),
        sa.Column(
            "declared_at",
            app.database.UtcDateTime(timezone=True),
            nullable=True,
            comment="they declared that no interest of theirs is touched",
        ),
        sa.Column("ended_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seal", app.database.NfcText(), nullable=True, comment="peppered: only this site can have written what it grants"),
        sa.ForeignKeyConstraint(["case_id"], ["sealed_case.id"], name=op.f("fk_sealed_grant_case_id_sealed_case")),
        sa.ForeignKeyConstraint(["given_by_id"], ["app_user.id"], name=op.f("fk_sealed_grant_given_by_id_app_user")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_sealed_grant_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_grant")),
        sa.UniqueConstraint("uid", name=op.f("uq_sealed_grant_uid")),
    )
    with op.batch_alter_table("sealed_grant") as table:
        table.create_index(op.f("ix_sealed_grant_case_id"), ["case_id"], unique=False)
        table.create_index(op.f("ix_sealed_grant_user_id"), ["user_id"], unique=False)
    op.create_table(
        "sealed_reveal",
        sa.Column("id", _ID, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("asked_by_id", _ID, nullable=False),
        sa.Column("asked_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by_id", _ID, nullable=True),
        sa.Column("decided_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name=op.f("ck_sealed_reveal_two_people")),
        sa.Column(
            "seal", app.database.NfcText(), nullable=True, comment="peppered: only this site can have written who asked and who agreed"
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["app_user.id"], name=op.f("fk_sealed_reveal_asked_by_id_app_user")),
        sa.ForeignKeyConstraint(["case_id"], ["sealed_case.id"], name=op.f("fk_sealed_reveal_case_id_sealed_case")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_sealed_reveal_decided_by_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_reveal")),
        sa.UniqueConstraint("uid", name=op.f("uq_sealed_reveal_uid")),
    )
    with op.batch_alter_table("sealed_reveal") as table:
        table.create_index(op.f("ix_sealed_reveal_case_id"), ["case_id"], unique=False)
    op.create_table(
        "former_unit",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("unit_id", _ID, nullable=False),
        sa.Column("until", sa.Date(), nullable=False, comment="last day"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_former_unit_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_former_unit_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_unit")),
    )
    with op.batch_alter_table("former_unit") as table:
        table.create_index(op.f("ix_former_unit_user_id"), ["user_id"], unique=False)
    op.create_table(
        "spent_number",
        sa.Column("id", _ID, nullable=False),
        sa.Column("unit_id", _ID, nullable=False),
        sa.Column("numbered_year", _ID, nullable=False),
        sa.Column("number", app.database.NfcText(), nullable=False),
        sa.Column("type", app.database.NfcText(), nullable=False, comment="PaperType: the book that it stands in"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_spent_number_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent_number")),
        sa.UniqueConstraint("unit_id", "numbered_year", "number", name=op.f("uq_spent_number_unit_id")),
    )


def downgrade() -> None:
    """Drop them. Who wrote what came in since is lost with the column."""
    op.drop_table("spent_number")
    op.drop_table("former_unit")
    op.drop_table("sealed_reveal")
    op.drop_table("sealed_grant")
    with op.batch_alter_table("sealed_case_step") as table:
        table.drop_constraint(op.f("fk_sealed_case_step_to_id_app_user"), type_="foreignkey")
        table.drop_column("to_id")
    with op.batch_alter_table("sealed_case") as table:
        table.drop_constraint(op.f("fk_sealed_case_head_id_app_user"), type_="foreignkey")
        table.drop_column("head_id")
        table.drop_column("identity_sealed")
        table.alter_column("heading_sealed", comment="code, instant, channel and accused unit, as JSON")
