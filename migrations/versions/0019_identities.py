"""Sign-in by another provider, and citizens' accounts."""

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "identity",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("issuer", app.database.NfcText(), nullable=False),
        sa.Column("subject", app.database.NfcText(), nullable=False, comment="the provider's own name for the account"),
        sa.Column("name", app.database.NfcText(), nullable=False, comment="as the provider shows it: so that its person knows which one it is"),
        sa.Column("linked_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", app.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seal", app.database.NfcText(), nullable=True, comment="peppered: only this site can have linked the two"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_identity_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer")),
    )
    op.create_index(op.f("ix_identity_user_id"), "identity", ["user_id"], unique=False)
    op.create_table(
        "citizen_account",
        sa.Column("id", BIG, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("email_index", app.database.NfcText(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_account")),
        sa.UniqueConstraint("email_index", name=op.f("uq_citizen_account_email_index")),
    )
    op.create_table(
        "citizen_code",
        sa.Column("id", BIG, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", BIG, nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_citizen_code_uid")),
    )
    op.create_table(
        "citizen_sign_in",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("digest", app.database.NfcText(), nullable=False, comment="of the key in the cookie"),
        sa.Column("browser", app.database.NfcText(), nullable=False, comment="its kind; the cookie is no use in another"),
        sa.Column("made_at", app.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["citizen_account.id"], name=op.f("fk_citizen_sign_in_account_id_citizen_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_sign_in")),
        sa.UniqueConstraint("digest", name=op.f("uq_citizen_sign_in_digest")),
    )
    op.create_index(op.f("ix_citizen_sign_in_account_id"), "citizen_sign_in", ["account_id"], unique=False)


def downgrade() -> None:
    """Take the tables away again; indexes go with them."""
    op.drop_table("citizen_sign_in")
    op.drop_table("citizen_code")
    op.drop_table("citizen_account")
    op.drop_table("identity")
