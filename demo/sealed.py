"""Fills the demo's sealed register: what was sent as a denunciation, who opened it, and what was done."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Any

from app.access import SENDER
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.calendar.days import WorkCalendar
from app.calendar.queries import work_calendar
from app.clock import LOCAL, local_date
from app.database import db
from app.files import store_ours
from app.files.content import JPEG
from app.units.models import Unit
from demo import content, pictures
from demo.province import Province
from demo.timetable import MORNING, working_day
from feedback import rules
from feedback.operations import intake
from feedback.sealed import rendering, thread
from feedback.sealed.covering import WHOLE, Area
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import copying, identity, leading, reading
from feedback.sealed.operations import thread as talk
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
            reading.open_case(row, declares=True, reason=look["reason"], actor=_reader(province, look["reader"], at), now=at)
        for step in case["done"]:
            at = dt.datetime.combine(working_day(calendar, sent_on, step["day"]), MORNING, LOCAL)
            actor = _reader(province, step["reader"], at)
            reading.deal_with(row, SealedStep(step["step"]), words=step["note"], actor=actor, now=at)
        when = partial(_morning, calendar, sent_on)
        for said in case.get("thread", ()):
            _write(province, row, said, when(said["day"]))
        if "handed" in case:
            _hand(province, row, case, when(case["handed"]["day"]))
            _give(province, row, case, when(case["copy"]["day"]))
        if "asked_who" in case:
            at = when(case["asked_who"]["day"])
            identity.ask(row, reason=case["asked_who"]["why"], actor=_reader(province, case["asked_who"]["by"], at), now=at)


def _morning(calendar: WorkCalendar, sent_on: dt.date, days: int) -> dt.datetime:
    return dt.datetime.combine(working_day(calendar, sent_on, days), MORNING, LOCAL)


def _write(province: Province, row: SealedCase, said: dict[str, Any], at: dt.datetime) -> None:
    if "by" in said:
        talk.write(row, said["text"], actor=_reader(province, said["by"], at), now=at)
    else:
        talk.answer(row, said["text"], (), token=said["text"], now=at)


def _hand(province: Province, row: SealedCase, case: dict[str, Any], at: dt.datetime) -> None:
    """Let intake confirm the unit that was named, make the working copy, with the picture's lower half covered, and choose the head."""
    handed, unit_id = case["handed"], row.heading.accused_unit_id
    actor = _reader(province, handed["reader"], at)
    leading.confirm(row, unit=db.session.get(Unit, unit_id) if unit_id else None, people=[], actor=actor, now=at)
    copy = copying.begin(row, [(each, 0) for each in thread.files(row)], actor=actor, now=at)
    copying.retype(copy, case["copy"]["text"].strip(), actor=actor, now=at)
    for page in copy.pages:
        copying.cover(page, lambda covers: replace(covers, areas=(Area(0, WHOLE // 2, WHOLE, WHOLE),)), actor=actor, now=at)
    leading.hand_to(row, _reader(province, handed["head"], at), actor=actor, now=at)


def _give(province: Province, row: SealedCase, case: dict[str, Any], at: dt.datetime) -> None:
    """Let the head look again at the copy and give it to one person, and the whole to another, who both have no conflict of interest."""
    handed, given = case["handed"], case["copy"]
    head, until = _reader(province, handed["head"], at), local_date(at) + GRANTED_FOR
    reading.open_case(row, declares=True, reason=given["why"], actor=head, now=at)
    copy = copying.in_work(row)
    assert copy is not None  # intake made it
    burned = {}
    for page in copy.pages:
        picture = rendering.covered(rendering.draw(page.source.file, page.page), page.covers.areas)
        burned[page.id] = store_ours(rendering.jpeg(picture), "trang-1.jpg", JPEG, at)
    db.session.add_all(burned.values())
    copying.confirm(copy, burned, as_seen=copying.seen(copy), actor=head, now=at)
    whole: dict[str, Any] = {"extent": Extent.WHOLE, "why": handed["why"], "why_whole": handed["why_whole"]}
    for login, grant in ((handed["to"], whole), (given["to"], {"extent": Extent.COPY, "why": given["why"]})):
        to = _reader(province, login, at)
        leading.grant(row, to, until=until, actor=head, now=at, **grant)
        reading.declare(row, conflict="", actor=to, now=at)


def _send(province: Province, number: int, case: dict[str, Any], at: dt.datetime) -> SealedCase:
    about = province.units[case["about"]].id if "about" in case else None
    people = (intake.PersonData(**case["person"]),) if "person" in case else ()
    files = (pictures.stored(case["picture"], now=at),) if "picture" in case else ()
    submission = intake.Submission(
        kind=rules.DENUNCIATION, body=case["body"].strip(), token=f"demo-sealed-{number}", people=people, accused_unit_id=about, files=files
    )
    intake.submit(submission, actor=SENDER, now=at)
    return db.session.scalars(db.select(SealedCase).order_by(SealedCase.id.desc()).limit(1)).one()


def _reader(province: Province, login: str, at: dt.datetime) -> User:
    user = province.users[login]
    user.reach = reach_of(user, on=local_date(at))
    return user
