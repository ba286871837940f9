"""The talk with who sent sealed information, the files that came with it, and the copy that is left for who checks it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "sealed_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "user_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="none: who sent the information wrote it",
        ),
        sa.Column(
            "after_step_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="the newest step of the case when it was written: no later look, nobody read it",
        ),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False, comment="text and instant, as JSON"),
        sa.Column("submission_digest", app.database.NfcText(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sealed_case.id"], name=op.f("fk_sealed_message_case_id_sealed_case")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_sealed_message_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_message")),
        sa.UniqueConstraint("submission_digest", name=op.f("uq_sealed_message_submission_digest")),
        sa.UniqueConstraint("uid", name=op.f("uq_sealed_message_uid")),
    )
    with op.batch_alter_table("sealed_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_message_case_id"), ["case_id"], unique=False)

    op.create_table(
        "sealed_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sealed_case.id"], name=op.f("fk_sealed_file_case_id_sealed_case")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_sealed_file_file_id_stored_file")),
        sa.ForeignKeyConstraint(["message_id"], ["sealed_message.id"], name=op.f("fk_sealed_file_message_id_sealed_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_file")),
        sa.UniqueConstraint("file_id", name=op.f("uq_sealed_file_file_id")),
    )
    with op.batch_alter_table("sealed_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_file_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sealed_file_message_id"), ["message_id"], unique=False)

    op.create_table(
        "sealed_copy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "changed_by_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="who typed or covered last: not who looks again",
        ),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False, comment="what was written, masked and then typed over"),
        sa.ForeignKeyConstraint(["case_id"], ["sealed_case.id"], name=op.f("fk_sealed_copy_case_id_sealed_case")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["app_user.id"], name=op.f("fk_sealed_copy_changed_by_id_app_user")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["app_user.id"], name=op.f("fk_sealed_copy_confirmed_by_id_app_user")),
        sa.ForeignKeyConstraint(["made_by_id"], ["app_user.id"], name=op.f("fk_sealed_copy_made_by_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_copy")),
        sa.UniqueConstraint("uid", name=op.f("uq_sealed_copy_uid")),
    )
    with op.batch_alter_table("sealed_copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_copy_case_id"), ["case_id"], unique=False)

    op.create_table(
        "sealed_copy_page",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("copy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("page", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="of the source, from 0"),
        sa.Column("covers_sealed", sa.LargeBinary(), nullable=False, comment="areas, a first corner, whether it is left out, as JSON"),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["copy_id"], ["sealed_copy.id"], name=op.f("fk_sealed_copy_page_copy_id_sealed_copy")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_sealed_copy_page_file_id_stored_file")),
        sa.ForeignKeyConstraint(["source_id"], ["sealed_file.id"], name=op.f("fk_sealed_copy_page_source_id_sealed_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_copy_page")),
        sa.UniqueConstraint("uid", name=op.f("uq_sealed_copy_page_uid")),
    )
    with op.batch_alter_table("sealed_copy_page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_copy_page_copy_id"), ["copy_id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    for name in ("sealed_copy_page", "sealed_copy", "sealed_file", "sealed_message"):
        op.drop_table(name)
