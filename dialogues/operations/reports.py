"""The two reports that are read out at the beginning: what people care about, and what became of earlier promises."""

from __future__ import annotations

import datetime as dt

from app.accounts.models import User
from app.audit import record
from app.database import db
from dialogues import earlier
from dialogues.models import EarlierPromise, Session
from dialogues.operations.editing import fingerprint, require_seen, to_prepare
from dialogues.rules import Status


class ReportEmpty(Exception):
    """A report without words is not done."""


class PromisesFrozen(Exception):
    """The report on earlier promises stands as it was when the session became ready."""


class NothingToExplain(Exception):
    """That promise is done, or none of this report."""


def write_concerns(session: Session, text: str, *, done: bool, seen: str | None = None, actor: User, now: dt.datetime) -> None:
    """Keep the report of public concerns as the officer has it; *done* says that it may be read out.

    Once the session is ready it stays done, whatever is mended in it. *seen* is the fingerprint of the text that the officer had before.
    :raise NotAllowed: :raise Begun: :raise ReportEmpty: :raise ChangedMeanwhile:
    """
    to_prepare(session, actor)
    require_seen(seen, fingerprint(session.concerns), fingerprint(text))
    done = done or session.status == Status.READY
    if done and not text.strip():
        raise ReportEmpty
    session.concerns = text
    session.concerns_done_at = (session.concerns_done_at or now) if done else None
    record(actor, "session.changed", session, at=now, changed=["concerns"])


def remake_promises(session: Session) -> None:
    """Write the promises of earlier sessions down as they stand now; the reasons that were given stay. Nothing once they are frozen."""
    if session.promises_frozen_at is not None:
        return
    rows = {row.assignment_id: row for row in session.earlier}
    for promise in earlier.promises(session):
        row = rows.pop(promise.assignment_id, None)
        if row is None:
            row = EarlierPromise(assignment_id=promise.assignment_id)
            session.earlier.append(row)
        row.title, row.unit_name, row.due_on = promise.title, promise.unit_name, promise.due_on
        row.done, row.done_on, row.why_not = promise.done, promise.done_on, promise.why_not
    for gone in rows.values():
        session.earlier.remove(gone)
        db.session.delete(gone)


def freeze_promises(session: Session, now: dt.datetime) -> None:
    """Let the report on earlier promises stand as it is now: what is done or not done, and why."""
    remake_promises(session)
    session.promises_frozen_at = now


def say_why(session: Session, assignment_id: int, why: str, *, actor: User, now: dt.datetime) -> None:
    """Say why a promise is not done. :raise NotAllowed: :raise Begun: :raise PromisesFrozen: :raise NothingToExplain:"""
    to_prepare(session, actor)
    if session.promises_frozen_at is not None:
        raise PromisesFrozen
    remake_promises(session)
    row = next((row for row in session.earlier if row.assignment_id == assignment_id and not row.done), None)
    if row is None:
        raise NothingToExplain
    row.why_not = why
    record(actor, "session.changed", session, at=now, changed=["earlier"])
