"""A case is taken from who had it by name, once their account may be in other hands."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_

from app import clock
from app.access import SYSTEM
from app.accounts.models import User
from app.audit import record
from app.database import db, lock
from feedback.sealed import queries
from feedback.sealed.models import SealedCase, SealedGrant
from feedback.sealed.operations.reading import NOTHING, enter
from feedback.sealed.rules import SealedStep


def take_back(user: User, *, now: dt.datetime) -> None:
    """End what *user* was granted, and give the cases on which they decide back to intake, which hands them on anew.

    Somebody else made a link to their password: who opens it would read alone what a head and intake gave to one person. Who made it is
    told nothing; who reads the cases learns of it by the notice of the day.
    """
    on = clock.local_date(now)
    granted = db.select(SealedGrant.case_id).where(SealedGrant.user_id == user.id, SealedGrant.ended_at.is_(None), SealedGrant.until >= on)
    theirs = db.select(SealedCase).where(or_(SealedCase.head_id == user.id, SealedCase.id.in_(granted))).order_by(SealedCase.id)
    for case in db.session.scalars(theirs).all():
        lock(case)
        grants = [grant for grant in queries.grants_in(case, on=on) if grant.user_id == user.id]
        if case.head_id != user.id and not grants:
            continue
        for grant in grants:
            grant.ended_at = now
        if case.head_id == user.id:
            case.head_id = None
        step = enter(case, SealedStep.TAKEN_BACK, NOTHING, user_id=user.id, now=now)
        record(SYSTEM, "sealed.taken_back", case, at=now, step_id=step.id)
