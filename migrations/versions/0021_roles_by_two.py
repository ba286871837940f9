"""Roles that two people give."""

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "role_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("role", app.database.NfcText(), nullable=False),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.Column("unit_id", BIG, nullable=True),
        sa.Column("place_id", BIG, nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True, comment="empty: at the terminal"),
        sa.Column("decided_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("seal", app.database.NfcText(), nullable=True, comment="peppered: only this site can have written who asked for what"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["app_user.id"], name=op.f("fk_role_request_asked_by_id_app_user")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_role_request_decided_by_id_app_user")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_role_request_place_id_place")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_request_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_role_request_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_request")),
    )
    op.create_index(op.f("ix_role_request_user_id"), "role_request", ["user_id"], unique=False)


def downgrade() -> None:
    """Take it away."""
    op.drop_index(op.f("ix_role_request_user_id"), table_name="role_request")
    op.drop_table("role_request")
