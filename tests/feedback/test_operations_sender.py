"""What the sender does with code and key: state, record, notice, and each refusal by name."""

from __future__ import annotations

import datetime as dt

import pytest

from app.assignments.rules import IllegalTransition, State
from app.database import db
from app.permissions import Role
from app.units.models import UnitSuccession
from feedback.models import MessageKind
from feedback.operations import desk, reopening, sender, unit
from feedback.operations.sender import AlreadyRated, ReopenedBefore, TooLate
from feedback.rules import Kind, PaperType, SenderType, Status
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import actions, at, sender_key, told


def test_an_addition_reaches_whoever_has_the_item(province):
    waiting, held = builders.received(), builders.taken(province)
    sender.add(waiting, sender_key(waiting), "Thêm.", [], now=at(0))
    sender.add(held, sender_key(held), "Thêm.", [], now=at(0))
    assert ("sender_wrote", province.clerk.name) in told(waiting)
    assert ("sender_wrote", province.officer.name) in told(held)
    assert [message.kind for message in held.messages] == [MessageKind.ADDITION]
    assert actions(held)[-1] == "feedback.added"


def test_a_question_once_answered_is_not_answered_again(province):
    feedback = builders.taken(province)
    unit.ask(feedback, "Ở đâu?", actor=province.officer, now=at(1))
    sender.add(feedback, sender_key(feedback), "Ở đây.", [], now=at(2))
    sender.add(feedback, sender_key(feedback), "Và đây.", [], now=at(2))
    assert [message.kind for message in feedback.messages] == [MessageKind.QUESTION, MessageKind.ANSWER, MessageKind.ADDITION]


def test_withdrawing_ends_what_is_owed(province):
    feedback = builders.taken(province)
    unit.ask(feedback, "Ở đâu?", actor=province.officer, now=at(1))
    sender.withdraw(feedback, sender_key(feedback), now=at(2))
    assert (feedback.status, feedback.assignments[0].state, feedback.open_question) == (Status.WITHDRAWN, State.CANCELLED, None)
    assert not [clock for clock in (*feedback.clocks, *feedback.assignments[0].clocks) if clock.is_running]
    assert ("withdrawn", province.officer.name) in told(feedback)
    with pytest.raises(TooLate):
        sender.withdraw(feedback, sender_key(feedback), now=at(2))
    with pytest.raises(TooLate):
        sender.add(feedback, sender_key(feedback), "…", [], now=at(2))


def test_what_was_late_stays_late_when_it_is_withdrawn(province):
    feedback = builders.taken(province)
    sender.withdraw(feedback, sender_key(feedback), now=at(20))
    assert feedback.clock("reply").is_late(at(400).date())


def test_an_answer_is_too_late_to_be_withdrawn(province):
    feedback = builders.answered(province)
    with pytest.raises(TooLate):
        sender.withdraw(feedback, sender_key(feedback), now=at(1))


@pytest.mark.parametrize(("score", "heard"), [(1, True), (2, True), (3, False), (5, False)])
def test_a_low_rating_is_heard_by_whoever_leads_the_unit(province, score, heard):
    feedback = builders.answered(province)
    sender.rate(feedback, sender_key(feedback), score=score, why="", now=at(1))
    assert (("rated_low", province.head.name) in told(feedback)) is heard
    with pytest.raises(AlreadyRated):
        sender.rate(feedback, sender_key(feedback), score=5, why="", now=at(1))


@pytest.mark.parametrize(("day", "fine"), [(15, True), (16, False)])
def test_the_days_for_rating_and_reopening_end(province, day, fine):
    rated, reopened = builders.answered(province), builders.answered(province)
    if fine:
        sender.rate(rated, sender_key(rated), score=3, why="", now=at(day, 23))
        sender.reopen(reopened, sender_key(reopened), "Chưa.", now=at(day, 23))
        return
    with pytest.raises(TooLate):
        sender.rate(rated, sender_key(rated), score=3, why="", now=at(day, 0))
    with pytest.raises(TooLate):
        sender.reopen(reopened, sender_key(reopened), "Chưa.", now=at(day, 0))


def test_nothing_is_rated_before_its_answer(province):
    feedback = builders.taken(province)
    for verb in (
        lambda: sender.rate(feedback, sender_key(feedback), score=3, why="", now=at(1)),
        lambda: sender.reopen(feedback, sender_key(feedback), "…", now=at(1)),
    ):
        with pytest.raises(TooLate):
            verb()


def test_reopening_starts_a_round_with_a_clock_of_its_own_and_keeps_the_old_lateness(province):
    feedback = builders.taken(province)
    builders.answer(province, feedback, at(15))
    sender.reopen(feedback, sender_key(feedback), "Đèn vẫn tắt.", now=at(16))
    first, second = (clock for clock in feedback.clocks if clock.stage == "reply")
    assert (feedback.status, feedback.round, second.round) == (Status.IN_HAND, 2, 2)
    assert (first.is_late(at(400).date()), second.is_late(at(16).date())) == (True, False)
    assert (second.started_on, second.due_on) == (at(16).date(), dt.date(2026, 9, 4))
    assert feedback.open_answer.due_on == second.due_on
    assert feedback.assignments[0].is_late(at(400).date())
    assert ("reopened", province.head.name) in told(feedback)


@pytest.mark.parametrize(("leader", "given_to"), [("head", None), ("second_head", "second_head")])
def test_what_was_reopened_goes_to_a_leader_who_did_not_sign_the_answer_else_to_nobody_yet(province, leader, given_to):
    province.second_head = factories.make_user(unit=province.works, roles=[Role.HEAD])
    feedback = builders.answered(province)
    province.second_head.active = leader == "second_head"
    sender.reopen(feedback, sender_key(feedback), "…", now=at(1))
    assert feedback.open_answer.officer == (getattr(province, given_to) if given_to else None)


def test_when_the_head_answered_and_nobody_else_leads_the_unit_offers_it_to_all(province):
    feedback = builders.offered(province)
    unit.take(feedback, actor=province.head, now=at(0))
    builders.answer(province, feedback, at(0))
    sender.reopen(feedback, sender_key(feedback), "…", now=at(1))
    assert (feedback.open_answer.officer, feedback.open_answer.state) == (None, State.OFFERED)


def test_an_item_is_reopened_once(province):
    feedback = builders.answered(province)
    sender.reopen(feedback, sender_key(feedback), "…", now=at(1))
    builders.answer(province, feedback, at(2))
    with pytest.raises(ReopenedBefore):
        sender.reopen(feedback, sender_key(feedback), "…", now=at(3))
    sender.rate(feedback, sender_key(feedback), score=3, why="", now=at(3))


def test_what_a_superior_opened_again_leaves_the_sender_their_own_reopening(province):
    feedback = builders.answered(province)
    reopening.open_again(feedback, actor=province.head, now=at(1))
    assert not sender.reopened_before(feedback)
    builders.answer(province, feedback, at(2))
    sender.reopen(feedback, sender_key(feedback), "…", now=at(3))
    assert feedback.round == 3
    assert sender.reopened_before(feedback)


def test_a_closed_item_is_reopened_within_the_days_too(province):
    feedback = builders.answered(province)
    sender.close_after_rating_days(feedback, now=at(1))
    sender.reopen(feedback, sender_key(feedback), "…", now=at(2))
    assert (feedback.status, feedback.closed_at) == (Status.IN_HAND, None)


def test_a_reopened_complaint_is_settled_anew(province):
    feedback = builders.taken(province, kind=Kind.COMPLAINT)
    builders.open_case(province, feedback, at(1))
    builders.answer(province, feedback, at(2))
    sender.reopen(feedback, sender_key(feedback), "…", now=at(3))
    assert (feedback.clock("settle").start_event, feedback.clock("settle").due_on) == ("reopened", dt.date(2026, 9, 7))


def test_what_a_unit_answered_that_is_no_more_goes_to_its_successor_or_to_the_desk(province):
    moved, left = builders.answered(province, field_id=None), builders.answered(province)
    successor = factories.make_unit(parent=province.root)
    province.works.valid_to = at(1).date()
    sender.reopen(left, sender_key(left), "…", now=at(2))
    assert (left.status, left.open_answer) == (Status.RECEIVED, None)
    assert (left.clock("reroute").is_running, left.clock("reply").due_on) == (True, dt.date(2026, 8, 19))
    db.session.add(UnitSuccession(from_id=province.works.id, to_id=successor.id, effective_on=at(1).date()))
    sender.reopen(moved, sender_key(moved), "…", now=at(2))
    assert moved.open_answer.unit == successor


def test_what_turned_out_to_complain_of_who_answered_is_reopened_at_the_desk(province):
    feedback = builders.answered(province)
    feedback.accused_unit = province.works
    sender.reopen(feedback, sender_key(feedback), "…", now=at(2))
    assert (feedback.status, feedback.open_answer) == (Status.RECEIVED, None)


def test_an_item_without_a_name_is_reopened_and_still_promised_nothing(province):
    feedback = builders.taken(province, sender_type=SenderType.ANONYMOUS, people=())
    builders.answer(province, feedback, at(1))
    sender.reopen(feedback, sender_key(feedback), "…", now=at(2))
    assert feedback.open_answer.due_on is None


@pytest.mark.parametrize("type_", [PaperType.GUIDE, PaperType.REFUSE, PaperType.FORWARD, PaperType.FILE])
def test_what_ended_without_an_answer_is_neither_rated_nor_added_to(province, type_):
    feedback = builders.received()
    builders.desk_paper(province, feedback, type_, at(0))
    for verb in (
        lambda: sender.add(feedback, sender_key(feedback), "…", [], now=at(1)),
        lambda: sender.rate(feedback, sender_key(feedback), score=3, why="", now=at(1)),
        lambda: sender.reopen(feedback, sender_key(feedback), "…", now=at(1)),
    ):
        with pytest.raises(TooLate):
            verb()


def test_only_what_is_answered_closes(province):
    feedback = builders.taken(province)
    with pytest.raises(IllegalTransition):
        sender.close_after_rating_days(feedback, now=at(1))


def test_after_reopening_it_may_be_classified_and_counts_from_the_reopening(province):
    feedback = builders.answered(province)
    sender.reopen(feedback, sender_key(feedback), "…", now=at(7))
    desk.classify(
        feedback, kind=Kind.QUESTION, title="…", field=None, place=None, complex_=False, accused_unit=None, accused_names="",
        accused_outside=False, actor=province.clerk, now=at(8),
    )  # fmt: skip
    assert (feedback.clock("reply").rule_code, feedback.clock("reply").due_on) == ("HD_REPLY", dt.date(2026, 8, 28))


def test_a_deputy_of_the_head_is_another_handler_too(province):
    second = factories.make_user(unit=province.works, roles=[Role.DIVISION_HEAD], name="An Thị Bình")
    feedback = builders.offered(province)
    unit.take(feedback, actor=province.head, now=at(0))
    builders.answer(province, feedback, at(0))
    sender.reopen(feedback, sender_key(feedback), "…", now=at(1))
    assert feedback.open_answer.officer == second
