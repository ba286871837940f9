"""Somebody asks to be told what becomes of a session: by e-mail, once whoever reads that address has said yes, until they end it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from app import consents, crypto
from app.access import SENDER, Actor
from app.clock import local_date
from app.database import db
from app.outbox import Channel, forget, notify
from dialogues import links, rules
from dialogues.models import Follower, Session
from dialogues.operations import agreeing

#: Who never opened the letter is forgotten after so long.
WAITS = dt.timedelta(days=7)


def ask(session: Session, email: str, *, locale: str, now: dt.datetime) -> None:
    """Write to *email* how to say yes; asked again the same day, nothing more is written, and whoever said yes before is left alone."""
    index = crypto.blind_index(f"follower:{email.casefold()}")
    found = db.session.scalar(db.select(Follower).where(Follower.session_id == session.id, Follower.email_index == index))
    if found is None:
        found = Follower(uid=uuid.uuid4(), session=session, email_index=index, locale=locale, at=now)
        found.email = email
        found.link_digest = links.digest_of(found)
        try:
            with db.session.begin_nested():
                db.session.add(found)
        except IntegrityError:  # the same press twice
            return
    if found.confirmed_at is None:
        notify(
            channel=Channel.EMAIL, template="dialogues/notices/follow", about=found, now=now, occasion=local_date(now).isoformat(),
            address=email, locale=locale, code=session.code, unit=session.unit.name, day_on=session.day, follower_id=found.id,
        )  # fmt: skip


def confirm(follower: Follower, *, now: dt.datetime) -> None:
    """Whoever reads the address wants to be told."""
    follower.confirmed_at = follower.confirmed_at or now
    agreeing.agree(follower, "notices-follow-1", form="web", now=now)


def end(follower: Follower, *, now: dt.datetime, actor: Actor = SENDER) -> None:
    """They want to hear no more, or nobody may know them any longer (*actor*): nothing of them is kept."""
    consents.end([follower], actor=actor, now=now)
    consents.forget(follower)
    forget(follower)
    db.session.delete(follower)


def followed() -> Sequence[Session]:
    """Return the sessions whose result is out and that somebody follows."""
    ids = db.select(Follower.session_id).where(Follower.confirmed_at.is_not(None))
    return db.session.scalars(db.select(Session).where(Session.id.in_(ids), Session.status.in_(rules.OUT)).order_by(Session.id)).all()


def forget_unconfirmed(*, now: dt.datetime) -> None:
    """Delete who was asked a week ago and never said yes."""
    for each in db.session.scalars(db.select(Follower).where(Follower.confirmed_at.is_(None), Follower.at < now - WAITS)):
        end(each, now=now)
