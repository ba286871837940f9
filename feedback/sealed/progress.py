"""How far sealed cases have come, and what of them waits for a reader."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_

from app.accounts.models import User
from app.accounts.rules import may_be_one
from app.database import db
from feedback.sealed import queries, thread
from feedback.sealed.coming import Due, Progress, coming
from feedback.sealed.copies import SealedCopy
from feedback.sealed.models import SealedCase, SealedCaseStep, SealedGrant, SealedReveal
from feedback.sealed.rules import DECISIONS, Extent, SealedStep
from feedback.sealed.thread import SealedMessage


def waiting(reader: User, *, on: dt.date) -> int:
    """Count the cases in which something waits for *reader*."""
    cases = list(queries.open_to(reader, on=on, among=_may_wait(on)))
    return sum(any(due.mine for due in each) for each in of(cases, reader, on=on).values())


def _may_wait(on: dt.date) -> ColumnElement[bool]:
    """Say of a case, in the database, that something may wait in it: most of a long register is done and need not be opened for a count."""
    is_over = SealedCase.steps.any(SealedCaseStep.kind.in_((*DECISIONS, SealedStep.HANDED_UP)))
    asked = db.exists().where(SealedReveal.case_id == SealedCase.id, SealedReveal.decided_at.is_(None))
    granted = db.exists().where(SealedGrant.case_id == SealedCase.id, SealedGrant.ended_at.is_(None), SealedGrant.until >= on)
    in_work = db.exists().where(SealedCopy.case_id == SealedCase.id, SealedCopy.confirmed_at.is_(None))
    return or_(~is_over, thread.is_unread(), asked, granted, in_work)


def of(cases: Sequence[SealedCase], reader: User, *, on: dt.date) -> dict[int, list[Due]]:
    """Return what comes next in each of *cases*, by its id."""
    standings = queries.standings_of(cases, reader, on=on)
    messages, reveals, grants, copies = (_by_case(cases, each) for each in (SealedMessage, SealedReveal, SealedGrant, SealedCopy))
    out = {}
    for case in cases:
        over = [grant for grant in grants[case.id] if grant.ended_at is not None or grant.until < on or not grant.is_ours]
        done = Progress(
            copy_wanted=any(each.extent == Extent.COPY for each in grants[case.id] if each not in over),
            asked_by=frozenset(_asker(each, reader) for each in reveals[case.id] if each.decided_at is None and each.is_ours),
            **_read(case, reader, messages[case.id]),
            **_copied(case, reader, [copy for copy in copies[case.id] if copy.is_ours]),
        )
        out[case.id] = list(coming(reader.reach, standings[case.id], done))
    return out


def _asker(reveal: SealedReveal, reader: User) -> int:
    """Return who asked; the reader, where that may be another account of theirs: they do not answer themselves."""
    return reader.id if may_be_one(reader, reveal.asked_by) else reveal.asked_by_id


def _by_case(cases: Iterable[SealedCase], model: Any) -> dict[int, list[Any]]:
    rows = defaultdict(list)
    for row in db.session.scalars(db.select(model).where(model.case_id.in_([case.id for case in cases])).order_by(model.id)):
        rows[row.case_id].append(row)
    return rows


def _read(case: SealedCase, reader: User, messages: Iterable[SealedMessage]) -> dict[str, bool]:
    kinds = {step.kind for step in case.taken}
    latest = max((step.id for step in case.looks), default=0)
    return {
        "opened": bool(case.looks),
        "opened_by_reader": any(look.user_id == reader.id for look in case.looks),
        "unread": any(each.user_id is None and each.after_step_id >= latest for each in messages),
        "decided": not kinds.isdisjoint(DECISIONS),
        "handed_up": SealedStep.HANDED_UP in kinds,
    }


def _copied(case: SealedCase, reader: User, copies: Iterable[SealedCopy]) -> dict[str, Any]:
    given = max((copy.confirmed_at for copy in copies if copy.confirmed_at is not None), default=None)
    read = (step.at for step in case.taken if step.kind == SealedStep.READ_COPY and step.user_id == reader.id)
    return {
        "copy_given": given is not None,
        "copy_read": given is not None and any(at >= given for at in read),
        "copy_in_work_by": next((copy.changed_by_id for copy in copies if copy.confirmed_at is None), None),
    }
