"""A case is opened with a reason and dealt with; each is recorded."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from app import clock
from app.access import require
from app.accounts.models import User
from app.audit import record
from app.database import db
from feedback.sealed import queries, rules
from feedback.sealed.models import SealedCase, SealedCaseStep

#: What is said of a step that says all by itself.
NOTHING = "—"


class NotOpened(Exception):
    """Nobody deals with what they have not read."""


def open_case(case: SealedCase, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Record that *actor* looks at *case*, and why. The edge commits before it reads `case.body`. :raise NotAllowed:."""
    require(queries.may_open(actor, case, on=clock.local_date(now)))
    note(case, rules.SealedStep.OPENED, reason, "sealed.opened", actor=actor, now=now)


def deal_with(case: SealedCase, step: rules.SealedStep, *, words: str, actor: User, now: dt.datetime) -> None:
    """Record what *actor*, who read it, did with *case*, or decided as its head. :raise NotAllowed: :raise NotOpened:."""
    # law.md §2.4 (Luật Tố cáo 2018 Điều 25): the head decides: lưu; thanh tra, kiểm tra; chuyển cơ quan có thẩm quyền. No term is given.
    require(step in rules.steps_for(actor.reach, queries.standing_of(case, actor, on=clock.local_date(now))))
    require_look(case, actor)
    note(case, step, words, "sealed.dealt_with", actor=actor, now=now)


def write_down_classified(case: SealedCase, *, number: str, day: dt.date, holder: str, actor: User, now: dt.datetime) -> None:
    """Write down that there is a classified file, and nothing of what is in it. :raise NotAllowed: :raise NotOpened:."""
    require(queries.may_open(actor, case, on=clock.local_date(now)))
    require_look(case, actor)
    kept = json.dumps({"number": number, "day": day.isoformat(), "holder": holder}, ensure_ascii=False)
    note(case, rules.SealedStep.CLASSIFIED, kept, "sealed.dealt_with", actor=actor, now=now)


def require_look(case: SealedCase, actor: User) -> None:
    """:raise NotOpened: when *actor* has never opened *case*."""
    if not any(look.user_id == actor.id for look in case.looks):
        raise NotOpened


def note(
    case: SealedCase, kind: rules.SealedStep, said: str, action: str, *, actor: User, now: dt.datetime, to: User | None = None, **facts: Any
) -> None:
    """Write the step into the register and the audit; whether *actor* may is asked before."""
    step = enter(case, kind, said, user_id=actor.id, now=now, to_id=to.id if to is not None else None)
    # The words may repeat the secret, so they stay sealed; the record that cannot be rewritten names the row that holds them.
    record(actor, action, case, at=now, step_id=step.id, **facts)


def enter(
    case: SealedCase, kind: rules.SealedStep, said: str, *, user_id: int, now: dt.datetime, to_id: int | None = None
) -> SealedCaseStep:
    """Write a line into the register, and nothing into the audit."""
    with db.session.no_autoflush:  # the words are sealed by the key of the case, which may have to be read again
        step = SealedCaseStep(uid=uuid.uuid4(), case=case, user_id=user_id, to_id=to_id, at=now, kind=kind)
        step.said = said
    db.session.add(step)
    db.session.flush()
    return step
