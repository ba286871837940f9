"""One item from the form to its second answer, through every hand."""

from __future__ import annotations

import datetime as dt

import pytest

from app.assignments.rules import Duty, State
from app.database import db
from feedback.operations import desk, papers, sender, unit
from feedback.operations.papers import PointData
from feedback.rules import Outcome, PaperType, Status
from tests.feedback import builders
from tests.feedback.builders import MONDAY, actions, at, told


@pytest.mark.usefixtures("app")
def test_an_item_is_answered_rated_and_reopened_through_every_hand():
    province = builders.make_province()
    receipt = builders.submit(place_id=province.place.id)
    feedback = receipt.feedback
    assert feedback.status == Status.RECEIVED
    assert feedback.desk_unit == province.desk
    assert {clock.stage: clock.due_on for clock in feedback.clocks} == {
        "notice": dt.date(2026, 8, 17), "reply": dt.date(2026, 8, 17), "triage": dt.date(2026, 8, 4),
    }  # fmt: skip
    assert told(feedback) == {("received", "sender"), ("at_desk", province.clerk.name)}

    desk.route_to(feedback, province.works, actor=province.clerk, now=at(0, 10))
    assert (feedback.status, feedback.open_answer.due_on) == (Status.IN_HAND, dt.date(2026, 8, 17))

    unit.take(feedback, actor=province.officer, now=at(0, 11))
    assert feedback.open_answer.officer == province.officer
    assert feedback.clock("notice").stopped_on == MONDAY.date()

    unit.ask(feedback, "Trước nhà số 12 hay 21?", actor=province.officer, now=at(1))
    assert feedback.clock("reply").is_paused
    assert feedback.open_answer.due_on is None

    sender.add(feedback, builders.key_of(receipt), "Số 12.", [], now=at(3))
    assert feedback.open_question is None
    assert feedback.open_answer.due_on == dt.date(2026, 8, 19)

    paper = papers.draft(feedback, PaperType.REPLY, actor=province.officer, now=at(4))
    done = PointData("Đèn đường", "Đã thay bóng.", Outcome.DONE, proofs=(builders.proof(),))
    papers.write(paper, body="Sở trả lời.", points=[done, builders.promised(dt.date(2026, 9, 30))], actor=province.officer)
    papers.submit(paper, actor=province.officer, now=at(4))
    papers.agree(paper, actor=province.head, now=at(4, 14))
    assert feedback.status == Status.IN_HAND
    papers.enter_number(paper, number="12/SXD", numbered_on=at(4).date(), actor=province.records, now=at(4, 15))
    assert (feedback.status, feedback.answered_at) == (Status.ANSWERED, at(4, 15))
    duties = {each.duty: (each.state, each.due_on) for each in feedback.assignments}
    assert duties == {Duty.ANSWER: (State.DONE, dt.date(2026, 8, 19)), Duty.ACT: (State.TAKEN, dt.date(2026, 9, 30))}

    sender.rate(feedback, builders.key_of(receipt), score=2, why="Chưa sáng.", now=at(5))
    assert ("rated_low", province.head.name) in told(feedback)

    sender.reopen(feedback, builders.key_of(receipt), "Đèn lại tắt.", now=at(6))
    assert (feedback.status, feedback.round) == (Status.IN_HAND, 2)
    assert feedback.open_answer.officer is None  # the head signed: somebody who had no part in the answer takes it

    unit.take(feedback, actor=province.colleague, now=at(7))
    builders.answer(province, feedback, at(8))
    assert feedback.status == Status.ANSWERED
    sender.rate(feedback, builders.key_of(receipt), score=5, why="", now=at(9))
    assert [rating.score for rating in feedback.ratings] == [2, 5]
    db.session.flush()
    assert [action for action in actions(feedback) if action.startswith("feedback.")] == [
        "feedback.received", "feedback.routed", "feedback.handling_notified", "feedback.taken", "feedback.asked",
        "feedback.question_answered", "feedback.promise_made", "feedback.answered", "feedback.rated", "feedback.reopened",
        "feedback.taken", "feedback.answered", "feedback.rated",
    ]  # fmt: skip


@pytest.mark.usefixtures("app")
def test_a_rule_that_is_direct_offers_the_item_to_its_unit_at_once():
    province = builders.make_province()
    feedback = builders.received(field_id=province.lighting.id)
    assert feedback.status == Status.IN_HAND
    assert feedback.open_answer.unit == province.works
    assert ("offered", province.officer.name) in told(feedback)
