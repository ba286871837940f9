"""Fills the demo's sealed register: what was sent as a denunciation, who opened it, and what was done."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.access import SENDER
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.calendar.queries import work_calendar
from app.clock import LOCAL, local_date
from app.database import db
from app.units.models import Unit
from demo import content
from demo.province import Province
from demo.timetable import MORNING, working_day
from feedback import rules
from feedback.operations import intake
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import leading, reading
from feedback.sealed.rules import Extent, SealedStep

GRANTED_FOR = dt.timedelta(days=60)


def play(province: Province, *, now: dt.datetime) -> None:
    """Let every case be sent, opened and dealt with before *now*; the caller commits."""
    calendar = work_calendar()
    for number, case in enumerate(content.read("sealed")["case"]):
        sent_on = working_day(calendar, local_date(now), -case["sent"]["days_ago"])
        row = _send(province, number, case, dt.datetime.combine(sent_on, dt.time.fromisoformat(case["sent"]["at"]), LOCAL))
        for look in case["looks"]:
            at = dt.datetime.combine(working_day(calendar, sent_on, look["day"]), MORNING, LOCAL)
            reading.open_case(row, reason=look["reason"], actor=_reader(province, look["reader"], at), now=at)
        for step in case["done"]:
            at = dt.datetime.combine(working_day(calendar, sent_on, step["day"]), MORNING, LOCAL)
            actor = _reader(province, step["reader"], at)
            reading.deal_with(row, SealedStep(step["step"]), words=step["note"], actor=actor, now=at)
        if "handed" in case:
            _hand(province, row, case["handed"], dt.datetime.combine(working_day(calendar, sent_on, case["handed"]["day"]), MORNING, LOCAL))


def _hand(province: Province, row: SealedCase, handed: dict[str, Any], at: dt.datetime) -> None:
    """Let intake confirm the unit that was named, and the head grant the case to one person, who has no conflict of interest."""
    actor, head, to = (_reader(province, handed[who], at) for who in ("reader", "head", "to"))
    unit_id = row.heading.accused_unit_id
    leading.confirm(row, unit=db.session.get(Unit, unit_id) if unit_id else None, people=[], actor=actor, now=at)
    leading.hand_to(row, head, actor=actor, now=at)
    leading.grant(row, to, extent=Extent.WHOLE, until=local_date(at) + GRANTED_FOR, why=handed["why"], actor=head, now=at)
    leading.declare(row, conflict="", actor=to, now=at)


def _send(province: Province, number: int, case: dict[str, Any], at: dt.datetime) -> SealedCase:
    about = province.units[case["about"]].id if "about" in case else None
    people = (intake.PersonData(**case["person"]),) if "person" in case else ()
    submission = intake.Submission(
        kind=rules.DENUNCIATION, body=case["body"].strip(), token=f"demo-sealed-{number}", people=people, accused_unit_id=about
    )
    intake.submit(submission, actor=SENDER, now=at)
    return db.session.scalars(db.select(SealedCase).order_by(SealedCase.id.desc()).limit(1)).one()


def _reader(province: Province, login: str, at: dt.datetime) -> User:
    user = province.users[login]
    user.reach = reach_of(user, on=local_date(at))
    return user
