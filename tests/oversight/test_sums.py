"""Sums of promises: whatever happens to the promises, the lines come to what they say; what was changed past them is found at night."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from sqlalchemy import delete, func, select, update

from app import clock, heartbeat
from app.assignments.models import NO_DATE, Assignment
from app.assignments.rules import Duty, State
from app.database import db
from app.outbox import Notice
from app.permissions import Role
from feedback.models import FeedbackAssignment
from oversight import jobs, register
from oversight.models import PromiseSum, sums
from oversight.register import Cut, summed
from tests.factories import make_user
from tests.feedback.pages import statements
from tests.oversight.cases import FIRST, at_random, make_scene, write

TODAY = dt.date(2026, 9, 15)


def _held() -> dict[tuple, int]:
    keys = [PromiseSum.__table__.c[key] for key in sums.KEYS]
    found = db.session.execute(select(*keys, func.sum(PromiseSum.number)).group_by(*keys))
    return {tuple(key): int(number) for *key, number in found if number}


def _happen(dice: random.Random) -> None:
    """Let something happen to the promises, through the session or past it."""
    ids = db.session.scalars(select(Assignment.id).order_by(Assignment.id)).all()
    some = dice.sample(ids, min(5, len(ids)))
    day = FIRST + dt.timedelta(days=dice.randrange(300))
    what = dice.randrange(5)
    if what == 0:
        row = db.session.get_one(Assignment, some[0])
        row.state, row.closed_at = dice.choice([(State.DONE, clock.now()), (State.TAKEN, None), (State.VERIFIED, clock.now())])
    elif what == 1:
        db.session.execute(update(FeedbackAssignment).where(FeedbackAssignment.id.in_(some)).values(due_on=day, due_sort=day))
    elif what == 2:
        db.session.execute(delete(Assignment.__table__).where(Assignment.__table__.c.id == some[0]))
    elif what == 3:
        with db.session.begin_nested() as taken_back:
            db.session.execute(update(Assignment.__table__).where(Assignment.__table__.c.id.in_(some)).values(state=State.RETURNED))
            taken_back.rollback()
    else:
        values = {"due_on": None, "due_sort": NO_DATE, "duty": dice.choice(list(Duty)), "place_id": None}
        db.session.execute(update(Assignment.__table__).where(Assignment.__table__.c.id.in_(some)).values(**values))
    db.session.flush()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lines_that_were_kept_equal_those_that_are_made_anew_whatever_happened(app, seed):
    dice = random.Random(seed)
    write(make_scene(), at_random(dice, 60))
    for _ in range(25):
        _happen(dice)

    kept = _held()
    sums.fold(db.session.connection())
    folded = _held()
    lines = db.session.scalar(select(func.count()).select_from(PromiseSum))
    db.session.execute(delete(PromiseSum))
    sums.settle(db.session.connection())

    assert len(kept) > 20
    assert kept == folded == _held()
    assert lines == len(kept)


def test_what_was_changed_past_the_sums_is_mended_at_night_and_told_once(app):
    admin = make_user(roles=[Role.ADMINISTRATOR])
    write(make_scene(), at_random(random.Random(7), 40))
    true = _held()
    db.session.execute(delete(PromiseSum).where(PromiseSum.id == db.session.scalar(select(func.min(PromiseSum.id)))))
    assert _held() != true

    jobs.settle_sums()
    beat = heartbeat.last(jobs.SUMS)
    assert beat is not None
    assert (_held(), beat.faults) == (true, 1)
    jobs.settle_sums()

    told = db.session.scalars(select(Notice.template).where(Notice.user_id == admin.id, Notice.channel == "site")).all()
    assert told == ["oversight/notices/sums_mended"]
    assert beat.faults == 0


def test_a_number_of_the_register_reads_no_promise(app):
    scene = make_scene()
    write(scene, at_random(random.Random(3), 40))
    db.session.commit()
    reach, cut = scene.reader.reach, Cut(unit=scene.units[1])
    register.counts(cut, reach, TODAY)

    with statements() as asked:
        db.session.refresh(scene.units[1])
        del asked[:]
        numbers = register.counts(cut, reach, TODAY)

    assert sum(each["all"] for each in numbers.values()) > 0
    assert len(asked) == 1
    assert "promise_sum" in asked[0]
    assert not summed.knows(Cut(age="0-5"), None)
