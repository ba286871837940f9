"""What is to be done again after its unit ended is for the heir, unless that one must not have it."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from app.assignments.rules import State
from app.database import db
from oversight.operations import answering, heirs, recommendations, reopening
from tests.feedback import builders
from tests.feedback.builders import at, told
from tests.oversight import looks
from tests.oversight.papers_of import front_of
from tests.oversight.test_letters import answered, issued, scene
from tests.oversight.test_succeeding import ended, heir_of
from tests.oversight.test_supervision import Stage


@pytest.fixture
def here(app):
    return scene()


@pytest.fixture
def stage(app):
    province = builders.make_province()
    return Stage(front_of(province), province)


def test_an_answer_called_insufficient_after_its_unit_ended_is_for_the_heir(here):
    duty, heir = answered(here, issued(here)), heir_of(here.province.works)
    ended(here.province.works, heir.unit, 2)
    answering.call_insufficient(duty, "Chưa nói ngày xong.", actor=here.steering, now=at(3))
    assert (duty.unit, duty.state, duty.round, duty.officer) == (heir.unit, State.OFFERED, 2, None)
    assert ("letter", "Lê Văn Kế") in told(duty)
    answering.answer(duty, "Xong ngày 6/8.", actor=heir.head, now=at(4))
    assert duty.state == State.DONE


@pytest.mark.parametrize("who", ["sender", "accused"])
def test_an_answer_is_asked_again_of_no_heir_that_sent_the_letter_or_is_accused(here, who):
    duty, heir = answered(here, issued(here)), here.steering.unit
    if who == "accused":
        here.feedback.accused_unit = heir = heir_of(here.province.works).unit
        db.session.flush()
    ended(here.province.works, heir, 2)
    with pytest.raises(heirs.NobodyAnswers):
        answering.call_insufficient(duty, "Chưa nói ngày xong.", actor=here.steering, now=at(3))


def test_a_recommendation_not_done_yet_after_its_unit_ended_is_for_the_heir(stage):
    duty, heir = stage.done(), heir_of(stage.province.works)
    ended(stage.province.works, heir.unit, 31)
    recommendations.not_yet(duty, remarks="Chưa xong.", due_on=at(60).date(), actor=stage.front.officer, now=at(32))
    assert (duty.unit, duty.state, duty.due_on) == (heir.unit, State.OFFERED, at(60).date())


@pytest.mark.parametrize("accused", [False, True])
def test_what_is_opened_again_after_its_unit_ended_is_for_an_heir_that_is_not_accused(here, accused):
    row, boss = looks.kept(here.province), looks.superior(here.province)
    question = looks.look(row, here.province.front_reader, right=False).question
    heir = heir_of(here.province.works)
    if accused:
        row.feedback.accused_unit = heir.unit
        db.session.flush()
    ended(here.province.works, heir.unit, 8)
    with pytest.raises(heirs.NobodyAnswers) if accused else nullcontext():
        reopening.decide(question, reopened=True, reason="Làm lại.", due_on=at(14).date(), actor=boss, now=at(9))
        assert (row.unit, row.state, row.due_on) == (heir.unit, State.OFFERED, at(14).date())


def test_what_a_session_concluded_is_opened_again_for_the_heir(here):
    boss, heir = looks.superior(here.province), heir_of(here.province.works)
    row = looks.concluded(here.province, boss)
    question = looks.look(row, here.province.front_reader, right=False, now=at(42), looked_on=at(42).date()).question
    ended(here.province.works, heir.unit, 43)
    reopening.decide(question, reopened=True, reason="Làm lại.", due_on=at(50).date(), actor=boss, now=at(44))
    assert (row.unit, row.state, row.due_on) == (heir.unit, State.OFFERED, at(50).date())
