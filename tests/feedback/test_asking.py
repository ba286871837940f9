"""Whether a duty waits for its sender, as it is kept beside it: always what the messages say, however they change."""

from __future__ import annotations

import random

from sqlalchemy import delete, exists, func, insert, select, update

from app import clock
from app.assignments import beside
from app.assignments.models import Assignment
from app.database import db
from feedback.models import Feedback, Message, MessageKind
from oversight import jobs
from tests.oversight.cases import at_random, make_scene, write

DUTY, MESSAGE = Assignment.__table__, Message.__table__
OPEN = MESSAGE.c.feedback_id == DUTY.c.feedback_id, MESSAGE.c.kind == MessageKind.QUESTION, MESSAGE.c.answered_at.is_(None)


def _kept() -> set[int]:
    return set(db.session.scalars(select(DUTY.c.id).where(DUTY.c.asking)))


def _true() -> set[int]:
    return set(db.session.scalars(select(DUTY.c.id).where(exists(MESSAGE.c.id).where(*OPEN))))


def _ask(item_id: int, kind: str = MessageKind.QUESTION) -> None:
    said = {"feedback_id": item_id, "kind": kind, "body": "Đèn hỏng ở cột số mấy?", "at": clock.now()}
    db.session.execute(insert(MESSAGE).values(**said))


def _change(dice: random.Random) -> None:
    """Ask, answer, ask again, write a note, give the item another duty: past the session as well as any program could."""
    items = db.session.scalars(select(Feedback.id).order_by(Feedback.id)).all()[:8]
    item = dice.choice(items)
    of_item = update(MESSAGE).where(MESSAGE.c.feedback_id == item, MESSAGE.c.kind == MessageKind.QUESTION)
    which = dice.randrange(5)
    if which < 2:
        _ask(item, dice.choice([MessageKind.QUESTION, MessageKind.NOTE]))
    elif which == 2:
        db.session.execute(of_item.values(answered_at=clock.now()))
    elif which == 3:
        db.session.execute(of_item.values(answered_at=None))
    else:
        columns = [column for column in DUTY.c if column.name not in {"id", "asking"}]
        one = select(*columns).where(DUTY.c.feedback_id == item).limit(1)
        db.session.execute(insert(DUTY).from_select([column.name for column in columns], one))


def test_whatever_is_asked_and_answered_it_is_what_the_messages_say(app):
    write(make_scene(), at_random(random.Random(3), 30))
    dice, seen = random.Random(4), set()
    for _ in range(80):
        _change(dice)
        assert _kept() == _true()
        seen.add(frozenset(_kept()))
    assert len(seen) > 10
    assert beside.settle(db.session.connection()) == 0


def test_what_was_written_past_it_is_mended_at_night(app):
    write(make_scene(), at_random(random.Random(3), 30))
    item = db.session.scalars(select(DUTY.c.feedback_id).where(DUTY.c.feedback_id.is_not(None))).first()
    _ask(item)
    db.session.execute(delete(MESSAGE).where(MESSAGE.c.feedback_id == item))
    assert _kept() != _true()
    jobs.settle_sums()
    assert _kept() == _true()
    assert not db.session.scalar(select(func.count()).select_from(DUTY).where(DUTY.c.asking))
