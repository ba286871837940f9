"""Watching a promise, noting something about it, and subscribing to a part of the register."""

from __future__ import annotations

import datetime as dt

from app.access import require
from app.accounts.models import User
from app.assignments.models import Assignment
from app.audit import record
from app.database import db, lock
from oversight import register
from oversight.models import Subscription, Watch, WatchNote
from oversight.rules import watching as rules


class TooManyWatched(Exception):
    """The list is as long as a list may be."""


class TooManySubscriptions(Exception):
    """So many parts of the register nobody reads about."""


def _alone(actor: User) -> None:
    """Let one thing after another be done with what *actor* keeps: the same button pressed twice makes one row."""
    lock(db.session.get_one(User, actor.id))


def _require_visible(promise: Assignment, actor: User, today: dt.date) -> None:
    require(register.promise(promise.id, actor.reach, today) is not None)


def watch_of(promise: Assignment, user: User) -> Watch | None:
    """Return how *user* watches *promise*, if they do."""
    return db.session.scalar(db.select(Watch).where(Watch.user_id == user.id, Watch.assignment_id == promise.id))


def watch(promise: Assignment, *, actor: User, today: dt.date, now: dt.datetime) -> Watch:
    """Watch *promise* from now on; who watches it already goes on. :raise TooManyWatched: :raise NotAllowed:"""
    _alone(actor)
    _require_visible(promise, actor, today)
    if (found := watch_of(promise, actor)) is not None:
        return found
    if _how_many(Watch, actor) >= rules.MOST_WATCHED:
        raise TooManyWatched
    made = Watch(user_id=actor.id, assignment_id=promise.id, since=now, seen_at=now)
    db.session.add(made)
    record(actor, "watch.begun", promise, at=now)
    db.session.flush()
    return made


def unwatch(promise: Assignment, *, actor: User, now: dt.datetime) -> None:
    """Watch *promise* no more; notes stay with it. Also who may see it no more may let go of it."""
    _alone(actor)
    if (found := watch_of(promise, actor)) is not None:
        db.session.delete(found)
        record(actor, "watch.ended", promise, at=now)
        db.session.flush()


def see(promise: Assignment, *, actor: User, now: dt.datetime) -> None:
    """Note that *actor* looked at a promise that they watch: what happened before is news no more."""
    seen = db.update(Watch).where(Watch.user_id == actor.id, Watch.assignment_id == promise.id, Watch.seen_at < now)
    db.session.execute(seen.values(seen_at=now).execution_options(synchronize_session="fetch"))


def note(promise: Assignment, *, body: str, shared: bool, actor: User, today: dt.date, now: dt.datetime) -> WatchNote:
    """Write something down about *promise*, and watch it; the same words sent twice are one note. :raise TooManyWatched:"""
    watch(promise, actor=actor, today=today, now=now)
    own = db.select(WatchNote).where(WatchNote.assignment_id == promise.id, WatchNote.user_id == actor.id)
    last = db.session.scalar(own.order_by(WatchNote.id.desc()).limit(1))
    if last is not None and (last.body, last.shared) == (body, shared):
        return last
    made = WatchNote(assignment_id=promise.id, user_id=actor.id, unit_id=actor.unit_id, shared=shared, body=body, at=now)
    db.session.add(made)
    record(actor, "watch.noted", promise, at=now, shared=shared)
    db.session.flush()
    return made


def drop_note(written: WatchNote, *, actor: User, now: dt.datetime) -> None:
    """Take back a note of one's own. :raise NotAllowed:"""
    require(written.user_id == actor.id)
    record(actor, "watch.note_dropped", written.assignment, at=now)
    db.session.delete(written)
    db.session.flush()


def subscribe(address: str, *, actor: User, now: dt.datetime) -> Subscription:
    """Have the news of the part of the register at *address* (in its one spelling) sent once a week. :raise TooManySubscriptions:"""
    _alone(actor)
    mine = db.select(Subscription).where(Subscription.user_id == actor.id, Subscription.address == address)
    if (found := db.session.scalar(mine)) is not None:
        return found
    if _how_many(Subscription, actor) >= rules.MOST_SUBSCRIPTIONS:
        raise TooManySubscriptions
    made = Subscription(user_id=actor.id, address=address, since=now)
    db.session.add(made)
    record(actor, "subscription.begun", made, at=now)
    db.session.flush()
    return made


def unsubscribe(subscription: Subscription, *, actor: User, now: dt.datetime) -> None:
    """Want no more news of it. :raise NotAllowed:"""
    require(subscription.user_id == actor.id)
    record(actor, "subscription.ended", subscription, at=now)
    db.session.delete(subscription)
    db.session.flush()


def _how_many(kept: type[Watch | Subscription], actor: User) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(kept).where(kept.user_id == actor.id)) or 0
