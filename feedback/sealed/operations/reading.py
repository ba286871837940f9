"""A case is opened with a reason and dealt with; each is recorded."""

from __future__ import annotations

import datetime as dt
import uuid

from app.access import require
from app.accounts.models import User
from app.audit import record
from app.database import db
from feedback.sealed import queries, rules
from feedback.sealed.models import SealedCase, SealedCaseStep


class NotOpened(Exception):
    """Nobody deals with what they have not read."""


def open_case(case: SealedCase, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Record that *actor* looks at *case*, and why. The edge commits before it reads `case.body`. :raise NotAllowed:."""
    _step(case, rules.SealedStep.OPENED, reason, "sealed.opened", actor=actor, now=now)


def deal_with(case: SealedCase, step: rules.SealedStep, *, note: str, actor: User, now: dt.datetime) -> None:
    """Record what *actor*, who read it, did with *case*. :raise NotAllowed: :raise NotOpened:."""
    if not any(look.user_id == actor.id for look in case.looks):
        raise NotOpened
    _step(case, step, note, "sealed.dealt_with", actor=actor, now=now)


def _step(case: SealedCase, kind: rules.SealedStep, said: str, action: str, *, actor: User, now: dt.datetime) -> None:
    require(queries.may_open(actor, case))
    step = SealedCaseStep(uid=uuid.uuid4(), case=case, user_id=actor.id, at=now, kind=kind)
    step.said = said  # by the key of the case, so that must be known first
    db.session.add(step)
    db.session.flush()
    # The words may repeat the secret, so they stay sealed; the record that cannot be rewritten names the row that holds them.
    record(actor, action, case, at=now, step_id=step.id)
