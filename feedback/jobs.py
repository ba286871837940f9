"""What time does to items, and what the core calls when a unit ends, a person leaves or the calendar changes.

Every job may run twice: what it has done, it finds done.
"""

from __future__ import annotations

import datetime as dt

from flask import Flask
from sqlalchemy import literal
from sqlalchemy.orm import selectinload

from app import clock, heartbeat, hooks, jobs, reference, settings
from app.access import SYSTEM
from app.accounts import operations as accounts
from app.accounts.models import User
from app.administration.views import calendar as calendar_pages
from app.audit import AuditEntry
from app.calendar.days import ONE_DAY, SATURDAY, CalendarNotLoaded
from app.calendar.models import CalendarYear
from app.calendar.queries import work_calendar
from app.database import db, lock, reading
from app.escalation.voices import VOICES, Voice
from app.units import operations as units
from feedback.models import Feedback, FeedbackAssignment, Paper, ReceiptKey
from feedback.operations import letters, recounting, reminding, sender, succeeding
from feedback.papers.keeping import keep_pdf
from feedback.rules import PaperState, Status
from feedback.sealed.operations import telling

BATCH = 50  # items between two commits: nobody waits long for the database

HOUR = 3600
MORNING = dt.time(7, 0)
RECOUNT = "feedback.recount"


def init_app(app: Flask) -> None:
    """Register the jobs with their hours, and what the core calls."""
    jobs.daily(app, RECOUNT, recount, at=dt.time(0, 10))
    jobs.daily(app, "feedback.close", close_after_rating_days, at=dt.time(0, 20))
    jobs.every(app, "feedback.purge_keys", purge_key_copies, seconds=HOUR)
    jobs.every(app, "feedback.keep_papers", keep_papers, seconds=HOUR)
    jobs.daily(app, "feedback.remind", remind, at=MORNING)
    jobs.daily(app, "feedback.digest", send_digests, at=MORNING)
    jobs.daily(app, "feedback.sealed_news", tell_of_sealed, at=MORNING)
    VOICES["feedback"] = Voice(reminding.address, reminding.may_hear, reminding.say_step, along=[selectinload(FeedbackAssignment.feedback)])
    hooks.add(units.on_succession, succeeding.succeed)
    hooks.add(accounts.on_hand_over, succeeding.reassign_all)
    hooks.add(accounts.open_work, succeeding.open_duties)
    hooks.add(calendar_pages.on_change, count_again)
    hooks.add(reference.further, letters.load_shipped)


def count_again() -> int:
    """Count open clocks again in the transaction that changed the calendar."""
    return recounting.recount(actor=SYSTEM, now=clock.now())


def recount() -> None:
    """Give the clocks a day that had none: the calendar of their year may have come with a new version of the site.

    Where a year came since the last night, in place of an estimate, all that are open are counted again.
    """
    now, last = clock.now(), heartbeat.last(RECOUNT)
    of_years = AuditEntry.subject_type == CalendarYear.__tablename__
    loaded = db.select(AuditEntry.id).where(of_years, AuditEntry.action == "calendar.year_loaded")
    since = now - ONE_DAY if last is None else last.at
    came = db.session.scalar(loaded.where(AuditEntry.at >= since).limit(1)) is not None
    recounting.recount(actor=SYSTEM, now=now, without_day=not came)
    heartbeat.beat(RECOUNT, now=now)
    db.session.commit()


def close_after_rating_days() -> None:
    """Close what was answered and can be rated no more."""
    now = clock.now()
    today = clock.local_date(now)
    old = now - dt.timedelta(days=settings.get("rating_days"))
    is_answered = Feedback.status == literal(Status.ANSWERED, literal_execute=True)  # in plain words, as the index has it
    answered = db.select(Feedback.id).where(is_answered, Feedback.answered_at < old).order_by(Feedback.answered_at)
    for feedback_id in db.session.scalars(answered).all():
        feedback = db.session.get_one(Feedback, feedback_id)
        lock(feedback)
        if feedback.status == Status.ANSWERED and not sender.within_rating_days(feedback, today):
            sender.close_after_rating_days(feedback, now=now)
        db.session.commit()


def purge_key_copies() -> None:
    """Forget the copies of secret keys whose day is over: from then on only the sender knows the key."""
    over = db.update(ReceiptKey).where(ReceiptKey.copy_until < clock.now(), ReceiptKey.copy_sealed.is_not(None))
    db.session.execute(over.values(copy_sealed=None))
    db.session.commit()


def keep_papers() -> None:
    """Keep what went out as the papers they are."""
    is_out = Paper.state == literal(PaperState.PUBLISHED, literal_execute=True)  # in plain words, as the index has it
    waiting = db.select(Paper.id).where(is_out, Paper.pdf_id.is_(None))
    with reading():
        for paper_id in db.session.scalars(waiting.order_by(Paper.id)).all():
            keep_pdf(db.session.get_one(Paper, paper_id), now=clock.now())


def remind() -> None:
    """Remind whoever let a short term pass; not on days off. Promises climb by app.escalation."""
    now = clock.now()
    today = clock.local_date(now)
    if not _is_working(today):
        return
    for number, _item in enumerate(reminding.remind(today, work_calendar(), now=now), start=1):
        if number % BATCH == 0:
            db.session.commit()
    db.session.commit()


def send_digests() -> None:
    """Write to everybody what awaits them this working day."""
    now = clock.now()
    today = clock.local_date(now)
    if not _is_working(today):
        return
    calendar = work_calendar()
    for user_id in reminding.readers():
        reminding.digest(db.session.get_one(User, user_id), today, calendar, now=now)
        db.session.commit()


def tell_of_sealed() -> None:
    """Tell those who read the sealed register that something new waits, on working days."""
    now = clock.now()
    today = clock.local_date(now)
    if _is_working(today):
        telling.tell_readers(today, now=now)
        db.session.commit()


def _is_working(today: dt.date) -> bool:
    try:
        return work_calendar().is_working(today)
    except CalendarNotLoaded:
        return today.weekday() < SATURDAY
