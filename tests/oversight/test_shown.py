"""Which duties everyone may read, as it is kept beside them: always what the conditions say, and it opens nothing without these."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select, update

from app.assignments import published, shown
from app.assignments.models import Assignment
from app.assignments.rules import Duty, State
from app.database import db
from dialogues.models import ConclusionAssignment, Question, Session
from dialogues.rules import AnswerKind, QuestionState, Status
from feedback.models import Feedback
from feedback.rules import Status as ItemStatus
from oversight import jobs
from tests.feedback.pages import statements
from tests.oversight.cases import FIRST, at_random, make_scene, write

DUTY = Assignment.__table__


@pytest.fixture
def scene(app):
    made = make_scene()
    write(made, at_random(random.Random(5), 80))
    db.session.commit()
    return made


def _kept() -> set[tuple[int, int]]:
    return {(row.id, row.shown) for row in db.session.execute(select(DUTY.c.id, DUTY.c.shown).where(DUTY.c.shown.is_not(None)))}


def _change(dice: random.Random) -> None:
    """Change something that decides, past the session as well as any program could."""
    duties, items, sessions, questions = (
        db.session.scalars(select(table.c.id).order_by(table.c.id)).all()
        for table in (DUTY, Feedback.__table__, Session.__table__, Question.__table__)
    )
    held = db.session.scalars(select(DUTY.c.id).where(DUTY.c.kind == "conclusion").order_by(DUTY.c.id)).all()
    duty, state = update(DUTY).where(DUTY.c.id.in_(dice.sample(duties, 6))), dice.choice(list(State))
    item = update(Feedback.__table__).where(Feedback.__table__.c.id.in_(dice.sample(items, 6)))
    held_session = update(Session.__table__).where(Session.__table__.c.id.in_(sessions))
    changes = [
        duty.values(state=state),
        duty.values(duty=dice.choice(list(Duty))),
        item.values(published_at=dice.choice([None, *db.session.scalars(select(func.max(Feedback.received_at)))])),
        item.values(status=dice.choice([ItemStatus.WITHDRAWN, ItemStatus.IN_HAND])),
        held_session.values(status=dice.choice([Status.PUBLISHED, Status.CONCLUDED])),
    ]
    if questions and held:
        one = dice.choice(questions)
        question = update(Question.__table__).where(Question.__table__.c.id == one)
        changes += [
            update(DUTY).where(DUTY.c.id == dice.choice(held)).values(question_id=one, beyond=dice.choice([None, "Bộ"])),
            question.values(answer_kind=dice.choice([AnswerKind.FORWARDED, None]), state=QuestionState.ACCEPTED),
            question.values(promised_on=dice.choice([None, FIRST]), feedback_id=dice.choice(items)),
        ]
    db.session.execute(dice.choice(changes))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_changes_it_is_what_the_conditions_say(scene, seed):
    dice, seen = random.Random(seed), set()
    if not db.session.scalar(select(func.count()).select_from(Question)):
        session = db.session.scalars(select(Session)).first()
        assert session is not None
        db.session.add(Question(session=session, origin="floor", text="x", asked_at=session.created_at))
        db.session.flush()
    for _ in range(60):
        _change(dice)
        assert shown.settle(db.session.connection()) == 0
        seen.add(frozenset(_kept()))
    assert len(seen) > 15


def test_what_was_written_past_it_is_mended_at_night_and_opens_nothing_before(scene):
    hidden = db.session.scalars(select(DUTY.c.id).where(DUTY.c.duty == Duty.ANSWER)).first()
    db.session.execute(update(DUTY).where(DUTY.c.id == hidden).values(shown=1))
    assert hidden not in [duty.id for duty in published.page(FIRST, limit=1000)]
    jobs.settle_sums()
    assert db.session.scalar(select(DUTY.c.shown).where(DUTY.c.id == hidden)) is None


def test_the_count_reads_duties_alone(scene):
    with statements() as asked:
        published.sums(FIRST)
    assert [("feedback" in each, "dialogue_session" in each) for each in asked if "FILTER" in each] == [(False, False)]


def test_a_petition_that_goes_with_an_answer_is_not_counted_beside_it(scene):
    given = db.session.scalars(select(ConclusionAssignment).where(ConclusionAssignment.shown.is_not(None))).first()
    if given is None:
        pytest.skip("no conclusion in this scene")
    assert given.id in [duty.id for duty in published.page(FIRST, limit=1000)]
