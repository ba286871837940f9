"""Sending the news of the week before to who subscribed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, or_, select

from app.accounts.models import User
from app.accounts.queries import reach_of
from app.clock import local_date
from app.database import db, lock
from app.outbox import notify_users
from dialogues.duties import Span
from oversight.board import weekly
from oversight.models import Subscription, Watch, WeeklyNews
from oversight.rules import watching as rules

TEMPLATE = "oversight/notices/weekly"


def readers() -> list[int]:
    """Return the ids of everybody in service who subscribed to something or watches something."""
    subscribed, watching = select(Subscription.user_id), select(Watch.user_id)
    wanted = select(User.id).where(User.active, or_(User.id.in_(subscribed), User.id.in_(watching)))
    return list(db.session.scalars(wanted.order_by(User.id)))


def send(user: User, *, today: dt.date, now: dt.datetime) -> bool:
    """Tell *user* once in this week what happened in the days since they were told last; say whether they were told anything.

    Whoever began to subscribe in this week is told the next: only then is a whole week behind them.
    """
    lock(user)
    week, kept = rules.week_of(today), WeeklyNews.user_id == user.id
    if not user.active or db.session.scalar(select(WeeklyNews.id).where(kept, WeeklyNews.week == week)):
        return False
    if not _subscribed_before(user, rules.monday_of(today)):
        return False
    first_on, last_on = rules.news_days(today, db.session.scalar(select(func.max(WeeklyNews.last_on)).where(kept)))
    made = WeeklyNews(user_id=user.id, week=week, first_on=first_on, last_on=last_on, made_at=now)
    db.session.add(made)
    db.session.flush()
    if not weekly.news(user, reach_of(user, on=today), Span(first_on, last_on), today):
        return False
    notify_users([user], TEMPLATE, made, week, now, news_id=made.id, first_on=first_on, last_on=last_on)
    return True


def _subscribed_before(user: User, monday: dt.date) -> bool:
    begun = [db.session.scalar(select(func.min(kept.since)).where(kept.user_id == user.id)) for kept in (Subscription, Watch)]
    return any(at is not None and local_date(at) < monday for at in begun)
