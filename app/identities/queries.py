"""Questions about accounts at another provider."""

from __future__ import annotations

from app.accounts.models import User
from app.database import db
from app.identities.models import Identity


def identity_of(issuer: str, subject: str) -> Identity | None:
    """Return what links that account of the provider with one here."""
    row = db.session.scalar(db.select(Identity).where(Identity.issuer == issuer, Identity.subject == subject))
    return row if row is not None and row.is_ours else None


def identities_of(user: User) -> list[Identity]:
    """Return the links of *user*, the oldest first."""
    return list(db.session.scalars(db.select(Identity).where(Identity.user_id == user.id).order_by(Identity.id)))
