"""What time does to sessions: what was promised comes due, and a result that should be public is not. Every job may run twice."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from app import clock, hooks, jobs
from app.accounts import operations as accounts
from app.calendar.rules import Stage
from app.database import db
from app.escalation.voices import VOICES, Voice
from app.units import operations as units
from dialogues import given, queries
from dialogues.models import Session
from dialogues.operations import following, news, registering, subscribing, succeeding
from dialogues.rules import RESULT_OWED
from feedback.operations import unit as item_units

MORNING = dt.time(7, 0)


def init_app(app: Flask) -> None:
    """Register the jobs with their hours, and what the core calls when a unit ends or a person leaves."""
    jobs.daily(app, "dialogues.tell_askers", tell_askers, at=MORNING)
    jobs.daily(app, "dialogues.tell_followers", tell_followers, at=MORNING)
    jobs.daily(app, "dialogues.result_late", alarm_late_results, at=MORNING)
    VOICES["conclusion"] = Voice(following.address, tell=following.say_step)
    hooks.add(units.on_succession, succeeding.succeed)
    hooks.add(item_units.on_return, following.answer_returned)
    hooks.add(accounts.on_hand_over, succeeding.reassign_all)
    hooks.add(accounts.open_work, succeeding.open_duties)


def tell_askers() -> None:
    """Tell those who asked, once, that what a conclusion gave out for them has passed its day. The units climb by app.escalation."""
    now = clock.now()
    for promise in given.late(clock.local_date(now)):
        news.to_askers(promise, "late", now=now, unit=promise.unit.name, due_on=promise.due_on, occasion=str(promise.due_on))
    db.session.commit()


def tell_followers() -> None:
    """Tell those who follow a session which promise was kept or became late, and forget who never said yes to that."""
    now = clock.now()
    subscribing.forget_unconfirmed(now=now)
    registering.forget_given_back(now=now)
    for session in subscribing.followed():
        news.to_followers(session, now=now)
    db.session.commit()


def alarm_late_results() -> None:
    """Tell the head of a unit, the day after the term (rule DT_RESULT), that a session's result is not public."""
    now = clock.now()
    today = clock.local_date(now)
    waiting = db.select(Session).where(Session.status.in_(sorted(RESULT_OWED)), Session.starts_at < now)
    for session in db.session.scalars(waiting.order_by(Session.id)).all():
        due = queries.term(Stage.PUBLISH_RESULT, session)
        if due is not None and today > due[1]:
            following.result_late(session, due[1], now=now)
    db.session.commit()
