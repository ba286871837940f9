"""Who is signed in where: a row for each browser, its key in the cookie, the key's digest in the row.

A sign-in ends when its person says so, from any of their browsers; when they change their password, lose a role or leave; by itself
after SESSION_HOURS, or SESSION_IDLE_MINUTES after it was last used. Its key is exchanged whenever the person has proved anew who they are.
"""

from __future__ import annotations

import datetime as dt
import secrets

from app import audit
from app.accounts.models import SignIn, User
from app.crypto import key_digest
from app.database import db

KEY_BYTES = 32
SEEN_EVERY = dt.timedelta(minutes=1)  # that somebody is there is written no more often

_BY_DIGEST = db.select(User, SignIn).join(SignIn, SignIn.user_id == User.id).where(SignIn.digest == db.bindparam("digest"))


def begin(user: User, *, browser: str, factor: str = "", now: dt.datetime) -> SignIn:
    """Sign *user* in to a browser; `user.token` is what its cookie is to hold. Flushes."""
    user.token = secrets.token_urlsafe(KEY_BYTES)
    row = SignIn(user_id=user.id, digest=key_digest(user.token), browser=browser, factor=factor, made_at=now, seen_at=now, confirmed_at=now)
    db.session.add(row)
    db.session.flush()
    user.sign_in = row
    return row


def found(token: str) -> tuple[User, SignIn] | None:
    """Return who is signed in by the key *token*, and where; whether that is over, or in another browser, is not asked here."""
    row = db.session.execute(_BY_DIGEST, {"digest": key_digest(token)}).first()
    return None if row is None else (row[0], row[1])


def proved(user: User, *, factor: str, now: dt.datetime) -> None:
    """Note that *user* has just proved who they are, by *factor* or the password alone: the key of this browser is another from now on."""
    row = user.sign_in
    user.token = secrets.token_urlsafe(KEY_BYTES)
    row.digest, row.confirmed_at, row.seen_at = key_digest(user.token), now, now
    row.factor = factor or row.factor
    db.session.flush()


def seen(row: SignIn, *, now: dt.datetime) -> None:
    """Note that the browser was used."""
    db.session.execute(db.update(SignIn).where(SignIn.id == row.id).values(seen_at=now))


def of(user: User) -> list[SignIn]:
    """Return where *user* is signed in, used last first."""
    return list(db.session.scalars(db.select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.seen_at.desc(), SignIn.id.desc())))


def end(user: User, *which: SignIn, now: dt.datetime) -> None:
    """Sign *user* out there, because they say so."""
    close(*which)
    audit.record(user, "user.sessions_ended", user, at=now, count=len(which))


def close(*which: SignIn) -> None:
    """Sign out there; where it is done already, nothing happens."""
    db.session.execute(
        db.delete(SignIn).where(SignIn.id.in_([row.id for row in which])), execution_options={"synchronize_session": "fetch"}
    )


def end_all(user: User, *, but: SignIn | None = None) -> None:
    """Sign *user* out everywhere *but* there: what is done meanwhile says why."""
    ended = db.delete(SignIn).where(SignIn.user_id == user.id, *([] if but is None else [SignIn.id != but.id]))
    db.session.execute(ended, execution_options={"synchronize_session": "fetch"})


def forget(*, made_before: dt.datetime) -> None:
    """Delete what has ended by itself."""
    db.session.execute(db.delete(SignIn).where(SignIn.made_at < made_before))


audit.register({"user.sessions_ended": {"count"}})
