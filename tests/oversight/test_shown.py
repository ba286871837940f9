"""Which duties everyone may read, as it is kept beside them: always what the conditions say, and it opens nothing without these."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select, update

from app.assignments import beside, published
from app.assignments.models import Assignment
from app.assignments.rules import Duty, State
from app.database import db
from dialogues.models import Question, Session
from dialogues.rules import AnswerKind, QuestionState, Status
from feedback.models import Feedback
from feedback.rules import Status as ItemStatus
from oversight import jobs
from tests.dialogues import builders as dialogues
from tests.feedback import builders
from tests.feedback.pages import statements
from tests.oversight.cases import FIRST, at_random, make_scene, write

DUTY = Assignment.__table__


@pytest.fixture
def scene(app):
    made = make_scene()
    write(made, at_random(random.Random(5), 80))
    session = dialogues.draft(builders.make_province())
    asked = [Question(session=session, origin="floor", text="Bao giờ sửa đường?", asked_at=session.created_at) for _ in range(3)]
    db.session.add_all(asked)
    db.session.flush()
    held = db.session.scalars(select(DUTY.c.id).where(DUTY.c.kind == "conclusion").order_by(DUTY.c.id)).all()
    for number, id_ in enumerate(held):
        question = dict(enumerate(asked)).get(number % 4)
        said = {"session_id": session.id, "question_id": question and question.id, "beyond": "Bộ Xây dựng" if number % 2 else None}
        db.session.execute(update(DUTY).where(DUTY.c.id == id_).values(said))
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
    one = dice.choice(questions)
    question = update(Question.__table__).where(Question.__table__.c.id == one)
    changes += [
        update(DUTY).where(DUTY.c.id == dice.choice(held)).values(question_id=one, beyond=dice.choice([None, "Bộ Xây dựng"])),
        question.values(answer_kind=dice.choice([AnswerKind.FORWARDED, None]), state=QuestionState.ACCEPTED),
        question.values(promised_on=dice.choice([None, FIRST]), feedback_id=dice.choice(items)),
    ]
    db.session.execute(dice.choice(changes))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_changes_it_is_what_the_conditions_say(scene, seed):
    dice, seen = random.Random(seed), set()
    for _ in range(60):
        _change(dice)
        assert beside.settle(db.session.connection()) == 0
        seen.add(frozenset(_kept()))
    assert len(seen) > 5


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


def test_a_petition_that_goes_with_an_answer_is_not_shown_beside_it(scene):
    db.session.execute(update(Session.__table__).values(status=Status.PUBLISHED))
    going_along = DUTY.c.beyond.is_not(None) & DUTY.c.question_id.is_not(None)
    before = _kept()
    left_open = {"answer_kind": AnswerKind.FORWARDED, "state": QuestionState.ACCEPTED, "promised_on": FIRST}
    items = db.session.scalars(select(Feedback.id).order_by(Feedback.id)).all()
    for number, id_ in enumerate(db.session.scalars(select(Question.id)).all()):
        db.session.execute(update(Question.__table__).where(Question.__table__.c.id == id_).values(**left_open, feedback_id=items[number]))
    gone = {id_ for id_, _shown in before - _kept()}
    assert gone == {id_ for id_, _shown in before} & set(db.session.scalars(select(DUTY.c.id).where(going_along)))
    assert gone
