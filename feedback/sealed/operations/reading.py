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
from app.database import db, lock
from feedback.sealed import copies, queries, rules
from feedback.sealed.models import SealedCase, SealedCaseStep
from feedback.sealed.operations.telling import tell

#: What is said of a step that says all by itself.
NOTHING = "—"


class NotOpened(Exception):
    """Nobody deals with what they have not read."""


class NotDeclared(Exception):
    """They have yet to say whether an interest of theirs is touched."""


class CopyMissing(Exception):
    """Nothing goes to be checked before a working copy, without what names who wrote, is confirmed."""


def open_case(case: SealedCase, *, reason: str, actor: User, now: dt.datetime, declares: bool = False) -> None:
    """Record that *actor* looks at *case*, and why. The edge commits before it reads `case.body`.

    *declares*: they say so that no interest of theirs is touched, which everybody does before the first look.

    :raise NotAllowed: :raise NotDeclared:
    """
    standing = queries.standing_of(case, actor, on=clock.local_date(now))
    require(rules.may_open(actor.reach, standing))
    if rules.must_declare(actor.reach, standing):
        if not declares:
            raise NotDeclared
        declare(case, conflict="", actor=actor, now=now)
    note(case, rules.SealedStep.OPENED, reason, "sealed.opened", actor=actor, now=now)


def declare(case: SealedCase, *, conflict: str, actor: User, now: dt.datetime) -> None:
    """Say which interest of *actor*'s is touched, or none: empty. Who has one is out of this case from now on.

    The head is told; where it is the head, intake, which then chooses another; where it is intake, the others. :raise NotAllowed:
    """
    lock(case)
    on = clock.local_date(now)
    require(rules.may_declare(actor.reach, queries.standing_of(case, actor, on=on)))
    given = queries.grant_of(case, actor, on=on)
    kind = rules.SealedStep.CONFLICT if conflict else rules.SealedStep.DECLARED
    note(case, kind, conflict or NOTHING, "sealed.declared", actor=actor, now=now, grant_id=given.id if given is not None else None)
    if given is not None and conflict:
        given.ended_at = now
    elif given is not None:
        given.declared_at = now
    if conflict:
        for reader in list(queries.openers(case, on=on, may=rules.may_confirm)):
            tell(reader, now)


def deal_with(case: SealedCase, step: rules.SealedStep, *, words: str, actor: User, now: dt.datetime) -> None:
    """Record what *actor*, who read it, did with *case*, or decided as its head.

    :raise NotAllowed: :raise NotOpened: :raise CopyMissing:
    """
    # law.md §2.4 (Luật Tố cáo 2018 Điều 25): the head decides: lưu; thanh tra, kiểm tra; chuyển cơ quan có thẩm quyền. No term is given.
    require(step in rules.steps_for(actor.reach, queries.standing_of(case, actor, on=clock.local_date(now))))
    require_look(case, actor)
    # Luật Tố cáo 2018 Điều 56 (law.md §2.5): what names who wrote is left out of the papers before they are given to be verified.
    if step is rules.SealedStep.INSPECTED and not copies.is_confirmed(case):
        raise CopyMissing
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
