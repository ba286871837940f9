"""What time does in oversight. Every job may run twice: what it has done, it finds done."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import structlog
from flask import Flask, current_app
from flask_babel import lazy_gettext as _l

from app import clock, heartbeat, hooks, jobs, reference
from app.accounts.models import User
from app.accounts.queries import granted
from app.assignments import beside
from app.database import db
from app.outbox import notify_users
from app.permissions import Permission
from app.units import operations as units
from app.units.queries import root_units
from feedback.sealed.operations import sealing
from oversight.checks import checked
from oversight.models import ReopeningQuestion, sums
from oversight.operations import reopening, report_reminders, sampling, succeeding, weekly
from oversight.public import transparency

log = structlog.get_logger()

MORNING = dt.time(7, 0)
SUMS, NIGHT, TERM = "oversight.sums", dt.time(3, 30), dt.timedelta(hours=26)


def init_app(app: Flask) -> None:
    """Register the jobs with their hours, and what the core calls when a unit ends."""
    jobs.daily(app, "oversight.weekly_news", send_weekly_news, at=MORNING)
    jobs.daily(app, "oversight.remind_of_reports", remind_of_reports, at=MORNING)
    jobs.daily(app, "oversight.public_figures", make_public_figures, at=dt.time(0, 5))
    jobs.daily(app, "oversight.put_again", put_again, at=dt.time(6, 30))  # before what is late climbs
    jobs.daily(app, "oversight.draw_sample", draw_sample, at=dt.time(6, 0))
    jobs.daily(app, SUMS, settle_sums, at=NIGHT)
    heartbeat.watch(app, heartbeat.Watched(SUMS, _l("đối chiếu số tổng hợp với từng việc mỗi đêm"), TERM, _who_hears))
    hooks.add(reference.further, _start)
    hooks.add(units.on_succession, succeeding.succeed)
    hooks.add(sealing.afterwards, "oversight.jobs:tell_promises_again")


def tell_promises_again() -> None:
    """Leave nothing that was sealed in the public picture of the day, which is kept beside the database."""
    transparency.read_promises_again(clock.now())


def send_weekly_news() -> None:
    """Send those who subscribed the news of the week before: on Monday, a day off or not, else on the first day that the site runs."""
    now = clock.now()
    # A story has links in it, and no request is there to take them from.
    with current_app.test_request_context(base_url=current_app.config["SITE_URL"]):
        for user_id in weekly.readers():
            weekly.send(db.session.get_one(User, user_id), today=clock.local_date(now), now=now)
            db.session.commit()


def draw_sample() -> None:
    """Draw what is looked at of the month before: on the 1st, else on the first day that the site runs. Drawn once, it stays."""
    now = clock.now()
    with suppress(sampling.NoSamplingRule):  # the page of the samples says so
        sampling.draw(sampling.month_before(clock.local_date(now)), now=now)
    db.session.commit()


def put_again() -> None:
    """Put each question of reopening before whoever decides it today: one that lies before nobody is never decided."""
    now = clock.now()
    for question_id in checked.open_questions():
        reopening.put_again(db.session.get_one(ReopeningQuestion, question_id), now=now)
        db.session.commit()


def remind_of_reports() -> None:
    """Remind units whose report is due soon, and those that let the day pass; each is told once of each."""
    report_reminders.remind(now=clock.now())
    db.session.commit()


def make_public_figures() -> None:
    """Make what everyone is told today before somebody asks for it; made already, it stays."""
    transparency.snapshot(clock.now(), fresh=True)


def settle_sums() -> None:
    """Hold what is summed of promises, and which are shown to everyone, against these; what differs is mended, and administrators told."""
    now, connection = clock.now(), db.session.connection()
    differed = sums.settle(connection) + beside.settle(connection)
    sums.fold(connection)
    heartbeat.beat(SUMS, now=now, faults=differed)
    if differed:
        log.error("sums_mended", sorts=differed)
        people = _who_hears(clock.local_date(now))
        notify_users(people, "oversight/notices/sums_mended", heartbeat.last(SUMS), now.isoformat(), now=now, found=differed)
    db.session.commit()


def _start(*, now: dt.datetime) -> None:
    heartbeat.begin(SUMS, now=now)


def _who_hears(on: dt.date) -> list[User]:
    roots = root_units()
    return granted(Permission.SETTINGS_MANAGE, on=on, over=roots[0] if roots else None)
