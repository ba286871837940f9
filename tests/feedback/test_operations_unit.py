"""What the unit that has an item does: state, record, notice, and each refusal by name."""

from __future__ import annotations

import datetime as dt

import pytest

from app.access import SYSTEM, NotAllowed
from app.assignments.operations import UnitClosed
from app.assignments.operations.clocks import ExtensionDecided, ExtensionNotAllowed
from app.assignments.rules import IllegalTransition, State
from app.database import db
from app.permissions import Role
from app.units.models import UnitSuccession
from feedback import queries, rules
from feedback.models import MessageKind
from feedback.operations import desk, sender, succeeding, unit
from feedback.operations.desk import UnitAccused
from feedback.operations.unit import NothingOpen, NotInUnit, ProofMissing, QuestionOpen
from feedback.rules import Channel, Kind, SenderType, Status
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import actions, at, told

DUE = dt.date(2026, 8, 17)


# --- take, hand, return, transfer --------------------------------------------------------------------------------------


def test_taking_gives_the_notice_of_handling_and_starts_no_legal_clock(province):
    feedback = builders.offered(province)
    clocks = [clock.id for clock in feedback.clocks]
    unit.take(feedback, actor=province.officer, now=at(1))
    assert (feedback.open_answer.state, feedback.open_answer.officer) == (State.TAKEN, province.officer)
    assert [clock.id for clock in feedback.clocks] == clocks
    assert feedback.clock("notice").stopped_on == at(1).date()
    assert feedback.clock("reply").is_running
    assert {"feedback.handling_notified", "feedback.taken"} <= set(actions(feedback))
    assert ("taken", "sender") in told(feedback)


def test_a_complaint_is_not_taken_up_by_a_click(province):
    feedback = builders.taken(province, kind=Kind.COMPLAINT)
    assert feedback.clock("notice").is_running
    assert feedback.clock("opening").is_running


@pytest.mark.parametrize("who", ["clerk", "health_officer", "roads_officer", "records", "front_reader"])
def test_nobody_outside_the_unit_takes(province, who):
    feedback = builders.offered(province)
    with pytest.raises(NotAllowed):
        unit.take(feedback, actor=getattr(province, who), now=at(0))


def test_what_was_taken_is_not_taken_again(province):
    feedback = builders.taken(province)
    with pytest.raises(IllegalTransition):
        unit.take(feedback, actor=province.colleague, now=at(0))


def test_the_head_hands_it_to_another_officer_of_the_unit(province):
    feedback = builders.taken(province)
    unit.hand_to(feedback, province.colleague, actor=province.head, now=at(1))
    assert feedback.open_answer.officer == province.colleague
    assert ("handed", province.colleague.name) in told(feedback)
    assert [(line.officer_id, line.to_at is None) for line in feedback.open_answer.holdings] == [
        (None, False), (province.officer.id, False), (province.colleague.id, True),
    ]  # fmt: skip
    with pytest.raises(NotInUnit):
        unit.hand_to(feedback, province.health_officer, actor=province.head, now=at(1))
    province.colleague.active = False
    with pytest.raises(NotInUnit):
        unit.hand_to(feedback, province.colleague, actor=province.head, now=at(1))
    with pytest.raises(NotAllowed):
        unit.hand_to(feedback, province.officer, actor=province.officer, now=at(1))


def test_returning_brings_it_back_to_the_desk_under_a_short_clock_and_resets_nothing(province):
    feedback = builders.taken(province)
    paper = builders.submitted_reply(province, feedback, at(1))
    unit.give_back(feedback, reason="Thuộc phường.", actor=province.officer, now=at(2))
    assert (feedback.status, feedback.open_answer, paper.state) == (Status.RECEIVED, None, "discarded")
    assert feedback.clock("reply").due_on == DUE
    assert (feedback.clock("reroute").is_running, feedback.clock("reroute").due_on) == (True, dt.date(2026, 8, 6))
    assert [line.to_at for line in feedback.desk_holdings] == [at(0), None]
    assert feedback.messages[-1].body == "Thuộc phường."
    assert ("returned", province.clerk.name) in told(feedback)
    assert "Thuộc phường." not in str([entry.facts for entry in builders.entries_about(feedback)])


@pytest.mark.parametrize("hops", [1, 2, 5])
def test_moving_between_units_never_moves_the_day_owed_to_the_sender(province, hops):
    feedback = builders.offered(province)
    for hop in range(hops):
        unit.give_back(feedback, reason="Không phải.", actor=province.officer, now=at(hop))
        desk.route_to(feedback, province.works, actor=province.clerk, now=at(hop + 1))
        assert feedback.open_answer.due_on == DUE
    reply = feedback.clock("reply")
    assert (reply.due_on, reply.started_on, len([c for c in feedback.clocks if c.stage == "reply"])) == (DUE, at(0).date(), 1)


def test_a_transfer_is_one_more_hop_of_the_same_duty(province):
    feedback = builders.taken(province)
    assignment = feedback.open_answer
    unit.transfer(feedback, province.roads, reason="Việc của phòng.", actor=province.head, now=at(2))
    assert (feedback.open_answer, assignment.unit, assignment.state, assignment.hops) == (assignment, province.roads, State.OFFERED, 1)
    assert (assignment.officer, assignment.due_on) == (None, DUE)
    assert [clock.is_running for clock in assignment.clocks] == [False, True]
    assert ("offered", province.roads_officer.name) in told(feedback)
    unit.take(feedback, actor=province.roads_officer, now=at(3))
    assert feedback.clock("notice").stopped_on == at(0).date()


def test_the_third_transfer_raises_the_alarm(province):
    feedback = builders.taken(province)
    for hop, target in enumerate([province.roads, province.works, province.roads]):
        assert ("going_round", province.clerk.name) not in told(feedback)
        unit.transfer(feedback, target, reason="…", actor=province.head, now=at(hop))
    assert ("going_round", province.clerk.name) in told(feedback)


def test_a_transfer_never_goes_to_the_accused_or_a_closed_unit_nor_is_it_an_officers(province):
    feedback = builders.taken(province, accused_unit_id=province.health.id)
    with pytest.raises(UnitAccused):
        unit.transfer(feedback, province.health, reason="…", actor=province.head, now=at(0))
    province.roads.valid_to = at(-1).date()
    with pytest.raises(UnitClosed):
        unit.transfer(feedback, province.roads, reason="…", actor=province.head, now=at(0))
    with pytest.raises(NotAllowed):
        unit.transfer(feedback, province.health, reason="…", actor=province.officer, now=at(0))


# --- ask, tell, note ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "pauses"),
    [
        ({"kind": Kind.REPORT}, True),  # the province's own rules say so
        ({"kind": Kind.QUESTION}, True),
        ({"channel": Channel.VOTER_MEETING}, False),  # no text of law lets a clock stand while the sender is asked
        ({"kind": Kind.COMPLAINT}, False),
    ],
)
def test_asking_the_sender_lets_the_clock_stand_only_where_its_rule_says_so(province, over, pauses):
    feedback = builders.taken(province, **over)
    due = feedback.open_answer.due_on
    unit.ask(feedback, "Ở số nhà nào?", actor=province.officer, now=at(1))
    assert any(clock.is_paused for clock in feedback.clocks) is pauses
    assert feedback.open_answer.due_on == (None if pauses else due)
    entry = builders.entries_about(feedback)[-1]
    assert (entry.action, entry.facts["pauses"]) == ("feedback.asked", pauses)
    assert ("asked", "sender") in told(feedback)


def test_the_days_that_the_clock_stood_are_added(province):
    feedback = builders.taken(province)
    unit.ask(feedback, "Ở số nhà nào?", actor=province.officer, now=at(1))
    sender.add(feedback, builders.sender_key(feedback), "Số 12.", [], now=at(4))
    assert feedback.open_answer.due_on == dt.date(2026, 8, 20)
    assert ("sender_wrote", province.officer.name) in told(feedback)


def test_what_is_late_already_does_not_stand(province):
    feedback = builders.taken(province)
    unit.ask(feedback, "Ở số nhà nào?", actor=province.officer, now=at(15))
    assert (feedback.open_answer.due_on, feedback.open_answer.is_late(at(15).date())) == (DUE, True)


def test_one_question_at_a_time_and_none_once_it_is_answered(province):
    feedback = builders.taken(province)
    unit.ask(feedback, "Ở đâu?", actor=province.officer, now=at(1))
    with pytest.raises(QuestionOpen):
        unit.ask(feedback, "Khi nào?", actor=province.officer, now=at(1))
    builders.answer(province, feedback, at(2))
    assert feedback.open_question is None
    with pytest.raises(NotAllowed):
        unit.ask(feedback, "Ở đâu?", actor=province.officer, now=at(3))


def test_the_sender_reads_what_is_told_and_not_what_is_noted(province):
    feedback = builders.taken(province)
    unit.tell(feedback, "Đang khảo sát.", actor=province.officer, now=at(1))
    unit.note(feedback, "Chờ kinh phí.", actor=province.officer, now=at(1))
    assert [message.kind for message in feedback.messages] == [MessageKind.TOLD, MessageKind.NOTE]
    assert ("told", "sender") in told(feedback)
    with pytest.raises(NotAllowed):
        unit.tell(feedback, "…", actor=province.clerk, now=at(1))


# --- more time ---------------------------------------------------------------------------------------------------------


def asked_for_time(province, feedback, now):
    return unit.ask_extension(feedback, ground="complex", reason="Phải khảo sát thêm.", actor=province.officer, now=now)


def test_more_time_is_granted_once_by_the_head_and_the_sender_hears_the_new_day(province):
    feedback = builders.taken(province)
    request = asked_for_time(province, feedback, at(3))
    assert ("extension_asked", province.head.name) in told(feedback)
    unit.decide_extension(feedback, request, granted=True, remarks="", actor=province.head, now=at(4))
    reply = feedback.clock("reply")
    assert (reply.due_on, reply.first_due_on, feedback.open_answer.due_on) == (dt.date(2026, 8, 28), DUE, dt.date(2026, 8, 28))
    assert feedback.open_answer.first_due_on == DUE
    assert {("extended", "sender"), ("extension_decided", province.officer.name)} <= told(feedback)
    with pytest.raises(ExtensionNotAllowed):
        asked_for_time(province, feedback, at(5))


def test_what_was_decided_is_not_decided_again(province):
    feedback = builders.taken(province)
    request = asked_for_time(province, feedback, at(3))
    unit.decide_extension(feedback, request, granted=False, remarks="Không đủ lý do.", actor=province.head, now=at(4))
    assert feedback.open_answer.due_on == DUE
    assert ("extended", "sender") not in told(feedback)
    with pytest.raises(ExtensionDecided):
        unit.decide_extension(feedback, request, granted=True, remarks="", actor=province.head, now=at(4))


def test_two_requests_do_not_make_two_extensions(province):
    feedback = builders.taken(province)
    first, second = (asked_for_time(province, feedback, at(3)) for _ in range(2))
    unit.decide_extension(feedback, first, granted=True, remarks="", actor=province.head, now=at(4))
    with pytest.raises(ExtensionNotAllowed):
        unit.decide_extension(feedback, second, granted=True, remarks="", actor=province.head, now=at(4))


def test_only_whoever_leads_the_unit_decides_and_only_on_its_own_item(province):
    feedback, other = builders.taken(province), builders.taken(province)
    request = asked_for_time(province, feedback, at(3))
    for actor, item in ((province.officer, feedback), (province.health_head, feedback), (province.head, other)):
        with pytest.raises(NotAllowed):
            unit.decide_extension(item, request, granted=True, remarks="", actor=actor, now=at(4))


@pytest.mark.parametrize(
    ("ground", "day", "over"),
    [("remote", 3, {}), ("complex", 3, {"channel": Channel.VOTER_MEETING}), ("complex", 15, {}), ("complex", 3, {"kind": Kind.COMPLAINT})],
    ids=["ground the rule lacks", "a rule without extensions", "late already", "opening a case"],
)
def test_more_time_is_not_given_where_the_rule_has_none(province, ground, day, over):
    feedback = builders.taken(province, **over)
    with pytest.raises(ExtensionNotAllowed):
        unit.ask_extension(feedback, ground=ground, reason="…", actor=province.officer, now=at(day))


def test_a_day_that_passed_while_the_head_thought_is_not_moved_any_more(province):
    feedback = builders.taken(province)
    request = asked_for_time(province, feedback, at(14))
    with pytest.raises(ExtensionNotAllowed):
        unit.decide_extension(feedback, request, granted=True, remarks="", actor=province.head, now=at(15))


def test_without_a_day_there_is_none_to_move(province):
    feedback = builders.taken(province, sender_type=SenderType.ANONYMOUS, people=())
    assert feedback.open_answer.due_on is None
    with pytest.raises(ExtensionNotAllowed):
        asked_for_time(province, feedback, at(1))


# --- promises ----------------------------------------------------------------------------------------------------------


def with_promise(province, **over):
    feedback = builders.taken(province)
    builders.answer(province, feedback, at(1), [builders.promised(dt.date(2026, 9, 30), **over)])
    promise = next(each for each in feedback.assignments if each.duty == "act")
    return feedback, promise


def test_a_promise_is_a_duty_of_its_own_and_the_item_closes_while_it_runs(province):
    feedback, promise = with_promise(province)
    sender.close_after_rating_days(feedback, now=at(17))
    assert (feedback.status, promise.state, promise.due_on) == (Status.CLOSED, State.TAKEN, dt.date(2026, 9, 30))
    assert promise.is_late(dt.date(2026, 10, 1))
    assert not promise.is_late(dt.date(2026, 9, 30))


def test_a_promise_is_kept_with_proof_and_the_sender_hears_of_it(province):
    feedback, promise = with_promise(province)
    with pytest.raises(ProofMissing):
        unit.keep_promise(promise, report="Xong.", proofs=[], actor=province.officer, now=at(9))
    with pytest.raises(NotAllowed):
        unit.keep_promise(promise, report="Xong.", proofs=[builders.proof()], actor=province.health_officer, now=at(9))
    unit.keep_promise(promise, report="Đã thay đèn.", proofs=[builders.proof()], actor=province.officer, now=at(9))
    assert (promise.state, feedback.attachments[-1].point_id) == (State.DONE, promise.point.id)
    assert ("promise_kept", "sender") in told(feedback)
    with pytest.raises(IllegalTransition):
        unit.keep_promise(promise, report="Lại.", proofs=[builders.proof()], actor=province.officer, now=at(9))


def test_what_is_promised_in_another_units_name_that_unit_takes_and_keeps(province):
    feedback, promise = with_promise(province, unit_id=province.health.id)
    assert (promise.unit, promise.state) == (province.health, State.OFFERED)
    unit.take_promise(promise, actor=province.health_officer, now=at(2))
    assert promise.officer == province.health_officer
    unit.tell(feedback, "Đã đặt thiết bị.", actor=province.health_officer, now=at(3))
    unit.keep_promise(promise, report="Xong.", proofs=[builders.proof()], actor=province.health_officer, now=at(4))
    assert promise.state == State.DONE


def test_whoever_keeps_a_promise_does_not_answer_for_the_unit_that_has_it(province):
    feedback, _promise = with_promise(province, unit_id=province.health.id)
    sender.reopen(feedback, builders.sender_key(feedback), "Chưa xong.", now=at(2))
    for verb in (
        lambda: unit.take(feedback, actor=province.health_officer, now=at(3)),
        lambda: unit.give_back(feedback, reason="…", actor=province.health_officer, now=at(3)),
        lambda: unit.transfer(feedback, province.health, reason="…", actor=province.health_head, now=at(3)),
        lambda: unit.ask(feedback, "…", actor=province.health_officer, now=at(3)),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert feedback.open_answer.unit == province.works


def test_an_answer_is_not_a_promise_to_be_kept(province):
    feedback = builders.taken(province)
    with pytest.raises(IllegalTransition):
        unit.keep_promise(feedback.open_answer, report="…", proofs=[builders.proof()], actor=province.officer, now=at(1))


# --- people and units that go ------------------------------------------------------------------------------------------


def test_everything_open_of_someone_who_leaves_goes_to_another(province):
    items = [builders.taken(province) for _ in range(3)]
    done, reopened = builders.answered(province), builders.answered(province, now=at(0))
    sender.reopen(reopened, builders.sender_key(reopened), "Chưa xong.", now=at(0))
    admin = factories.make_user(unit=province.root, roles=[Role.ADMINISTRATOR])
    unit.hand_to(reopened, province.colleague, actor=province.head, now=at(0))
    for leaver, to, moves in ((province.colleague, province.officer, 0), (province.officer, province.colleague, 3)):
        with pytest.raises(NotAllowed):
            succeeding.reassign_all(leaver, to, actor=province.head, now=at(1))
        assert succeeding.reassign_all(leaver, to, actor=admin, now=at(1)) == moves
    assert {item.open_answer.officer_id for item in items} == {province.colleague.id}
    assert done.assignments[0].officer_id == province.officer.id
    assert reopened.open_answer.officer_id is None  # it would have been whose answer was opened again


def test_open_duties_move_to_the_successor_and_results_stay(province):
    lighting = builders.received(field_id=province.lighting.id)
    other, done = builders.offered(province), builders.answered(province)
    successor = factories.make_unit(parent=province.root, name="Sở mới")
    part, all_ = (
        UnitSuccession(from_id=province.works.id, to_id=successor.id, field_id=field_id, effective_on=at(1).date())
        for field_id in (province.lighting.id, None)
    )
    db.session.add_all([part, all_])
    db.session.flush()
    with pytest.raises(NotAllowed):
        succeeding.succeed(part, actor=province.head, now=at(0))
    assert succeeding.succeed(part, actor=SYSTEM, now=at(1)) == 1
    assert (lighting.open_answer.unit, other.open_answer.unit) == (successor, province.works)
    assert lighting.open_answer.due_on == DUE
    assert succeeding.succeed(all_, actor=SYSTEM, now=at(1)) == 1
    assert done.assignments[0].unit == province.works


def test_with_nothing_open_there_is_nothing_to_take(province):
    feedback = builders.taken(province)
    feedback.open_answer.state = State.CANCELLED
    db.session.flush()
    with pytest.raises(NothingOpen):
        unit.answer_of(feedback)


def test_late_stays_late_after_answering(province):
    feedback = builders.taken(province)
    builders.answer(province, feedback, at(15))
    assignment = feedback.assignments[0]
    for day in (at(15), at(400)):
        assert feedback.clock("reply").is_late(day.date())
        assert assignment.is_late(day.date())
    in_time = builders.answered(province, at(20))
    assert not in_time.clock("reply").is_late(at(400).date())


def test_someone_of_the_accused_unit_may_do_nothing_even_with_a_role_elsewhere(province):
    feedback = builders.taken(province, accused_unit_id=province.health.id)
    double = factories.make_user(unit=province.health, roles=[(Role.OFFICER, province.works)])
    assert not rules.may_read(double.reach, queries.standing_of(feedback))
    with pytest.raises(NotAllowed):
        unit.note(feedback, "…", actor=double, now=at(1))
