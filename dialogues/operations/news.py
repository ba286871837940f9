"""Who outside hears what becomes of a promise: whoever asked, at once; whoever asked to be told, when everyone may read it."""

from __future__ import annotations

import datetime as dt

from app.clock import local_date
from app.database import db
from app.outbox import Channel, notify
from dialogues import public, rules
from dialogues.models import ConclusionAssignment, Follower, Question, Session
from dialogues.rules import Status
from feedback.models import PersonRole
from feedback.operations import consenting

TEMPLATE = "dialogues/notices/news"
#: Since then it stands.
CONCLUDED = rules.OUT | {Status.CONCLUDED}
#: A follower is not told again of what was old when they began to follow, nor after so long without a worker.
FRESH = dt.timedelta(days=7)


def given(session: Session, *, now: dt.datetime) -> None:
    """Tell whoever asked what the conclusion gave out because of it; before the conclusion it may still be corrected."""
    for promise in session.promises:
        if promise.is_open:
            to_askers(promise, "given", now=now, unit=promise.unit.name, due_on=promise.due_on)


def to_askers(
    promise: ConclusionAssignment, what: str, *, now: dt.datetime, unit: str, due_on: dt.date | None = None, occasion: str = ""
) -> None:
    """Tell whoever asked the question that *promise* came from *what* happened: a name of the template `news`."""
    session = promise.session
    if promise.question is None or session.status not in CONCLUDED:
        return
    for question in _same(promise.question):
        for channel, address, locale, code in _reached(question):
            if code is None and session.status not in rules.OUT:
                continue  # without a code there is only the public page, on which it does not stand yet
            facts = {"what": what, "unit": unit, "due_on": due_on, "code": session.code, "item": code, "follower_id": None}
            once = f"{what}:{occasion or promise.hops}:{question.id}"
            once += f":{promise.round}" if promise.round > 1 else ""  # what is done again is told again
            notify(channel=channel, template=TEMPLATE, about=promise, now=now, occasion=once, address=address, locale=locale, **facts)


def _same(question: Question) -> list[Question]:
    return [each for each in question.session.questions if question in (each, each.like)]


def _reached(question: Question) -> list[tuple[Channel, str, str, str | None]]:
    """Return how the askers of *question* are reached: channel, address, language, and the code they follow it with."""
    item = question.feedback
    if item is None:
        return [(Channel.SMS, question.phone, "vi", None)] if question.phone else []
    people = consenting.told(person for person in item.people if person.role != PersonRole.PRINCIPAL)
    found = [(Channel.EMAIL, person.email) if person.email else (Channel.SMS, person.phone) for person in people]
    return [(channel, address, item.locale, item.code) for channel, address in found if address]


def to_followers(session: Session, *, now: dt.datetime) -> None:
    """Tell those who follow *session* which of its promises was kept, or has become late: of each once."""
    today = local_date(now)
    followers = db.session.scalars(db.select(Follower).where(Follower.session_id == session.id, Follower.confirmed_at.is_not(None))).all()
    for each in public.conclusions(session, today) if followers else ():
        day = each.done_on if each.done else each.due_on
        if day is None or today - day > FRESH or not (each.done or each.late):
            continue
        what = "kept" if each.done else "late"
        facts = {"what": what, "unit": each.unit, "due_on": each.due_on, "code": session.code, "item": None}
        for follower in followers:
            assert follower.confirmed_at is not None  # asked for above
            if day >= local_date(follower.confirmed_at):
                notify(
                    channel=Channel.EMAIL, template=TEMPLATE, about=follower, now=now, occasion=f"{each.key}:{what}",
                    address=follower.email, locale=follower.locale, follower_id=follower.id, **facts,
                )  # fmt: skip
