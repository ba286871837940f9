"""Oversight: papers.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = app.database.NfcText
AT = app.database.UtcDateTime


def upgrade() -> None:
    """Make the table of papers; what they are about adds its own key."""
    op.create_table(
        "oversight_paper",
        sa.Column("id", BIG, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("unit_id", BIG, nullable=False, comment="who issues it"),
        sa.Column("type", TEXT(), nullable=False, comment="rules.papers.PaperType"),
        sa.Column("format", TEXT(), nullable=False, comment="dialogues.rules.PaperFormat"),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False, comment="parts that an officer wrote or changed, by name"),
        sa.Column("facts", sa.JSON(), nullable=True, comment="sealed: what it says since it went to be signed"),
        sa.Column("series", TEXT(), nullable=False, comment="CV, KH, TB, BC: numbers run in each"),
        sa.Column("signed_by_id", BIG, nullable=True),
        sa.Column("signed_at", AT(timezone=True), nullable=True),
        sa.Column("signer", TEXT(), nullable=False, comment="as it stands below the signature"),
        sa.Column("signer_title", TEXT(), nullable=False),
        sa.Column("signed_for", TEXT(), nullable=False, comment="KT., TL. or TUQ.: signed by delegation"),
        sa.Column("giver_title", TEXT(), nullable=False, comment="of whom they stood in for"),
        sa.Column("number", TEXT(), nullable=True, comment="entered by văn thư after signing"),
        sa.Column("numbered_on", sa.Date(), nullable=True),
        sa.Column("numbered_year", BIG, nullable=True),
        sa.Column("numbered_at", AT(timezone=True), nullable=True, comment="it was out from then on"),
        sa.Column("gap_why", TEXT(), nullable=False, comment="why the number before it was left out"),
        sa.Column("pdf_id", BIG, nullable=True),
        sa.Column("signed_file_id", BIG, nullable=True, comment="scanned, in place of the made one"),
        sa.Column("drafted_by_id", BIG, nullable=True),
        sa.Column("created_at", AT(timezone=True), nullable=False),
        sa.Column("sent_at", AT(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["app_user.id"], name=op.f("fk_oversight_paper_drafted_by_id_app_user")),
        sa.ForeignKeyConstraint(["pdf_id"], ["stored_file.id"], name=op.f("fk_oversight_paper_pdf_id_stored_file")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["app_user.id"], name=op.f("fk_oversight_paper_signed_by_id_app_user")),
        sa.ForeignKeyConstraint(["signed_file_id"], ["stored_file.id"], name=op.f("fk_oversight_paper_signed_file_id_stored_file")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_oversight_paper_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oversight_paper")),
        sa.UniqueConstraint("uid", name=op.f("uq_oversight_paper_uid")),
        sa.UniqueConstraint("unit_id", "series", "numbered_year", "number", name=op.f("uq_oversight_paper_unit_id")),
    )
    op.create_index("ix_oversight_paper_state", "oversight_paper", ["state", "unit_id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("oversight_paper")
