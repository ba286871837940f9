"""What the reception desk does: state, record, notice, and each refusal by name."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from app.access import NotAllowed
from app.assignments.operations import UnitClosed
from app.assignments.rules import IllegalTransition, State
from app.audit import AuditEntry
from app.database import db
from app.permissions import Role
from feedback import codes, queries, rules
from feedback.models import MessageKind
from feedback.operations import desk, merging, papers, sender, unit
from feedback.operations.desk import NotSplittable, Part, UnitAccused
from feedback.operations.merging import MergeNotProposed, MergeWithItself
from feedback.rules import Kind, PaperType, Status
from feedback.steps import AccusedNotPlaced
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import at, told

DUE = dt.date(2026, 8, 17)


def classify(feedback, province, now=None, **over):
    values = {
        "kind": Kind(feedback.kind), "title": feedback.title, "field": feedback.field, "place": feedback.place,
        "complex_": feedback.complex, "accused_unit": feedback.accused_unit,
        "accused_names": feedback.accused_names, "accused_outside": feedback.accused_outside,
    } | over  # fmt: skip
    return desk.classify(feedback, **values, actor=province.clerk, now=now or at(1))


def running(feedback) -> dict[str, tuple[str, dt.date | None]]:
    return {clock.stage: (clock.rule_code, clock.due_on) for clock in feedback.clocks if clock.is_running}


def holders(feedback) -> list[str]:
    """Return the ledger: each line's unit, open ones with a star."""
    lines = [*feedback.desk_holdings, *(each for one in feedback.assignments for each in one.holdings)]
    return [
        f"{db.session.get(type(line.unit), line.unit_id).name}{'' if line.to_at else '*'}" for line in sorted(lines, key=lambda h: h.id)
    ]


# --- route -------------------------------------------------------------------------------------------------------------


def test_routing_offers_it_to_the_unit_and_the_days_owed_stay(province):
    feedback = builders.received()
    before = {clock.id: clock.due_on for clock in feedback.clocks}
    assignment = desk.route_to(feedback, province.works, actor=province.clerk, now=at(2))
    assert (feedback.status, assignment.state, assignment.due_on, assignment.hops) == (Status.IN_HAND, State.OFFERED, DUE, 0)
    assert {clock.id: clock.due_on for clock in feedback.clocks} == before
    assert feedback.clock("triage").is_late(at(9).date())  # one day too late, and it stays so
    assert [clock.stage for clock in assignment.clocks] == ["take"]
    assert holders(feedback) == ["Ban Tiếp công dân tỉnh", "Sở Xây dựng*"]
    assert builders.actions(feedback)[-1] == "feedback.routed"
    assert {("offered", each.name) for each in (province.officer, province.head)} <= told(feedback)


def test_only_the_desk_it_belongs_to_routes(province):
    feedback = builders.received()
    for person in (province.officer, province.head, province.front_reader):
        with pytest.raises(NotAllowed):
            desk.route_to(feedback, province.works, actor=person, now=at(0))


@pytest.mark.parametrize(
    ("over", "settles"),
    [
        ({}, True),
        ({"kind": Kind.REPORT}, False),
        ({"field_id": "grassroots"}, False),  # about their own agency: protected as promised
        ({"again": True}, False),  # a second complaint goes to the superior
    ],
    ids=["first complaint", "report", "insider", "second complaint"],
)
def test_the_accused_settles_a_first_complaint_and_nothing_else(province, over, settles):
    values = {"kind": Kind.COMPLAINT} | over
    again = values.pop("again", False)
    if "field_id" in values:
        values["field_id"] = province.grassroots.id
    feedback = builders.received(accused_unit_id=province.works.id, **values)
    if again:
        feedback.repeat_of = builders.answered(province)
        db.session.flush()
    assert (feedback.status, feedback.desk_unit) == (Status.RECEIVED, province.desk)  # never by a rule: a clerk reads it first
    if settles:
        desk.route_to(feedback, province.works, actor=province.clerk, now=at(0))
        unit.take(feedback, actor=province.officer, now=at(0))
    else:
        with pytest.raises(UnitAccused):
            desk.route_to(feedback, province.works, actor=province.clerk, now=at(0))


def test_never_to_the_accused_or_a_unit_that_is_no_more(province):
    feedback = builders.received(accused_unit_id=province.works.id)
    for accused in (province.works, province.roads):
        with pytest.raises(UnitAccused):
            desk.route_to(feedback, accused, actor=province.clerk, now=at(0))
    province.health.valid_to = at(-1).date()
    with pytest.raises(UnitClosed):
        desk.route_to(feedback, province.health, actor=province.clerk, now=at(0))


@pytest.mark.parametrize("make", [builders.offered, builders.taken, builders.answered])
def test_what_a_unit_has_or_has_answered_is_not_routed_again(province, make):
    feedback = make(province)
    with pytest.raises(IllegalTransition):
        desk.route_to(feedback, province.health, actor=province.clerk, now=at(1))


def test_routing_throws_away_the_letter_the_desk_had_begun(province):
    feedback = builders.received()
    paper = papers.draft(feedback, PaperType.GUIDE, actor=province.clerk, now=at(0))
    desk.route_to(feedback, province.works, actor=province.clerk, now=at(0))
    assert paper.state == "discarded"


def test_the_third_hop_raises_the_alarm_at_the_desk(province):
    feedback = builders.received()
    for hop in range(4):
        assert (("going_round", province.clerk.name) in told(feedback)) is False
        desk.route_to(feedback, province.works, actor=province.clerk, now=at(hop))
        unit.give_back(feedback, reason="Không phải việc của Sở.", actor=province.officer, now=at(hop))
    assert ("going_round", province.clerk.name) in told(feedback)


# --- classify ----------------------------------------------------------------------------------------------------------


def test_a_new_kind_counts_from_the_same_receipt(province):
    feedback = builders.received()
    assert classify(feedback, province, kind=Kind.RECOMMENDATION) == ["kind"]
    assert running(feedback)["reply"] == ("PAKN_REPLY", dt.date(2026, 8, 22))
    assert running(feedback)["notice"] == ("TD_NOTICE", DUE)
    assert len(feedback.clocks) == 4  # notice and triage were left alone


def test_what_turns_out_a_complaint_has_a_case_to_be_opened(province):
    feedback = builders.received()
    classify(feedback, province, kind=Kind.COMPLAINT)
    assert set(running(feedback)) == {"notice", "opening", "triage"}
    classify(feedback, province, kind=Kind.QUESTION)
    assert set(running(feedback)) == {"reply", "triage"}


def test_what_was_late_stays_late_when_its_kind_changes(province):
    feedback = builders.received()
    classify(feedback, province, now=at(15), kind=Kind.QUESTION)
    old, new = (clock for clock in feedback.clocks if clock.stage == "reply")
    assert (old.stopped_on, old.is_late(at(99).date())) == (at(15).date(), True)
    assert new.due_on == dt.date(2026, 8, 22)


def test_days_of_waiting_for_the_sender_are_not_lost_when_the_kind_changes(province):
    feedback = builders.taken(province)
    unit.ask(feedback, "Ở đâu?", actor=province.officer, now=at(1))
    classify(feedback, province, now=at(2), kind=Kind.QUESTION)
    assert feedback.clock("reply").is_paused
    sender.add(feedback, builders.sender_key(feedback), "Ở đây.", [], now=at(3))
    assert feedback.clock("reply").due_on == dt.date(2026, 8, 25)


def test_a_notice_given_is_not_owed_again_after_reclassifying(province):
    feedback = builders.taken(province)
    classify(feedback, province, field=province.lighting)
    assert [clock.stage for clock in feedback.clocks if clock.stage == "notice" and clock.is_running] == []


def test_a_complex_case_gets_the_longer_term_from_the_day_it_was_opened(province):
    feedback = builders.offered(province, kind=Kind.COMPLAINT)
    paper = builders.open_case(province, feedback, at(2))
    assert paper.state == "published"
    assert running(feedback)["settle"][1] == dt.date(2026, 9, 4)
    classify(feedback, province, now=at(5), complex_=True)
    assert running(feedback)["settle"] == ("KN_SETTLE_1", dt.date(2026, 9, 21))  # 45 days end on a Saturday


def test_an_item_found_to_complain_of_the_unit_that_has_it_comes_back_to_the_desk(province):
    feedback = builders.taken(province)
    paper = builders.submitted_reply(province, feedback, at(1))
    classify(feedback, province, accused_unit=province.works)
    assert (feedback.status, feedback.open_answer, paper.state) == (Status.RECEIVED, None, "discarded")
    assert feedback.clock("reroute").is_running
    assert feedback.clock("reply").due_on == DUE
    assert not rules.may_read(province.head.reach, queries.standing_of(feedback))


def test_an_item_found_to_complain_of_its_desk_moves_to_another(province):
    other = factories.make_unit(parent=province.ward, is_reception=True)
    other_clerk = factories.make_user(unit=other, roles=[Role.RECEPTION])
    feedback = builders.received()
    classify(feedback, province, accused_unit=province.desk)
    assert feedback.desk_unit == other
    assert ("at_desk", other_clerk.name) in told(feedback)
    with pytest.raises(NotAllowed):
        classify(feedback, province, kind=Kind.QUESTION)


def test_no_unit_is_given_what_names_people_before_the_desk_said_whose_they_are(province):
    feedback = builders.received(accused_names="Khổng Văn Độ")
    for do in (
        lambda: desk.route_to(feedback, province.health, actor=province.clerk, now=at(1)),
        lambda: desk.split(feedback, two_parts(province), actor=province.clerk, now=at(1)),
        lambda: merging.propose_merge(feedback, builders.offered(province), actor=province.clerk, now=at(1)),
        lambda: classify(feedback, province, kind=Kind.QUESTION),
    ):
        with pytest.raises(AccusedNotPlaced):
            do()
    assert feedback.kind == Kind.REPORT, "a refusal leaves nothing behind"
    named = "Khổng Văn Độ, đội trưởng\nBà Cù Thị Mận"
    assert classify(feedback, province, accused_names=named, accused_outside=True) == ["accused_names", "accused_outside"]
    assert classify(feedback, province, accused_unit=province.works) == ["accused_unit_id", "accused_outside"]
    told_of = [entry.facts for entry in db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "feedback.classified"))]
    assert "Độ" not in str(told_of), "the record holds no free text"
    with pytest.raises(UnitAccused):
        desk.route_to(feedback, province.works, actor=province.clerk, now=at(1))
    parts = [replace(part, unit_id=province.health.id) for part in two_parts(province)]
    for part in desk.split(feedback, parts, actor=province.clerk, now=at(1)):
        assert (part.accused_names, part.accused_unit, part.open_answer.unit) == (named, province.works, province.health)


def test_what_is_over_is_not_classified_any_more(province):
    feedback = builders.answered(province)
    with pytest.raises(IllegalTransition):
        classify(feedback, province, kind=Kind.QUESTION)


def test_nothing_changed_says_nothing(province):
    feedback = builders.received()
    assert classify(feedback, province) == []
    assert builders.actions(feedback) == ["feedback.received"]


# --- split -------------------------------------------------------------------------------------------------------------


def two_parts(province):
    return [
        Part(Kind.REPORT, "Đèn tắt", "Đèn trước số 12 tắt.", unit_id=province.works.id),
        Part(Kind.QUESTION, "Khám bệnh", "Trạm y tế mở giờ nào?", field_id=province.lighting.id),
    ]


def test_a_letter_with_several_matters_becomes_several_under_one_receipt(province):
    receipt = builders.submit()
    feedback = receipt.feedback
    first, second = desk.split(feedback, two_parts(province), actor=province.clerk, now=at(1))
    assert (feedback.status, running(feedback)) == (Status.SPLIT, {})
    assert [part.code for part in (first, second)] == [f"{feedback.code}.1", f"{feedback.code}.2"]
    assert codes.read_code(first.code.lower()) == first.code
    assert queries.key_of(second, receipt.key) is not None
    assert (first.status, first.open_answer.unit, first.open_answer.due_on) == (Status.IN_HAND, province.works, DUE)
    assert (second.status, running(second)["reply"]) == (Status.RECEIVED, ("HD_REPLY", dt.date(2026, 8, 22)))
    assert "triage" in running(second)
    assert holders(second) == ["Ban Tiếp công dân tỉnh*"]
    assert ("split", "sender") in told(feedback)


def test_a_proof_of_an_answer_that_was_never_signed_does_not_go_to_the_sender_with_a_part(province):
    feedback = builders.taken(province)
    paper = papers.draft(feedback, PaperType.REPLY, actor=province.officer, now=at(0))
    point = papers.PointData("Đèn", "Đã thay.", rules.Outcome.DONE, proofs=(builders.proof(),))
    papers.write(paper, body="", points=[point], actor=province.officer)
    unit.give_back(feedback, reason="Hai việc.", actor=province.officer, now=at(0))
    feedback.attachments.append(builders.proof())
    for part in desk.split(feedback, two_parts(province), actor=province.clerk, now=at(0)):
        assert [each.file for each in part.attachments] == [feedback.attachments[-1].file]


def test_the_answer_of_a_part_reaches_who_sent_the_whole(province):
    feedback = builders.received()
    part, _ = desk.split(feedback, two_parts(province), actor=province.clerk, now=at(0))
    builders.answer(province, part, at(1))
    assert ("answered", "sender") in told(part)


def test_only_a_whole_letter_at_the_desk_with_two_matters_is_split(province):
    feedback = builders.received()
    with pytest.raises(NotSplittable):
        desk.split(feedback, two_parts(province)[:1], actor=province.clerk, now=at(0))
    _, part = desk.split(feedback, two_parts(province), actor=province.clerk, now=at(0))
    for item in (feedback, part, builders.offered(province)):
        with pytest.raises(NotSplittable):
            desk.split(item, two_parts(province), actor=province.clerk, now=at(0))


def test_no_part_goes_to_the_accused(province):
    feedback = builders.received(accused_unit_id=province.works.id)
    with pytest.raises(UnitAccused):
        desk.split(feedback, two_parts(province), actor=province.clerk, now=at(0))


# --- repeat, reference -------------------------------------------------------------------------------------------------


def test_a_repeat_has_the_earlier_answer_at_hand(province):
    earlier, again = builders.answered(province), builders.received(at(3))
    merging.link_repeat(again, earlier, actor=province.clerk, now=at(3))
    assert again.repeat_of == earlier
    with pytest.raises(MergeWithItself):
        merging.link_repeat(again, again, actor=province.clerk, now=at(3))


def test_the_number_of_another_system_is_kept(province):
    feedback = builders.received()
    desk.add_reference(feedback, source="national", number="KNTC-2026-0099", actor=province.clerk, now=at(0))
    assert [(ref.source, ref.number) for ref in feedback.external_refs] == [("national", "KNTC-2026-0099")]
    assert builders.actions(feedback)[-1] == "feedback.referenced"


# --- merge -------------------------------------------------------------------------------------------------------------


def merged(province, now, into, **over):
    feedback = builders.received(now, **over)
    merging.propose_merge(feedback, into, actor=province.clerk, now=at(2))
    merging.merge(feedback, into, actor=province.clerk, now=at(3))
    return feedback


def test_nothing_is_merged_before_its_senders_were_told(province):
    feedback, into = builders.received(), builders.offered(province)
    with pytest.raises(MergeNotProposed):
        merging.merge(feedback, into, actor=province.clerk, now=at(0))
    merging.propose_merge(feedback, into, actor=province.clerk, now=at(0))
    assert ("merge_proposed", "sender") in told(feedback)


def test_merging_keeps_the_earliest_day_owed_to_anybody(province):
    into = builders.offered(province, at(2))
    assert into.open_answer.due_on == dt.date(2026, 8, 19)
    earlier = merged(province, at(0), into)
    assert (earlier.status, into.open_answer.due_on) == (Status.MERGED, DUE)
    assert earlier.clock("reply").is_running
    merging.unmerge(earlier, actor=province.clerk, now=at(4))
    assert (earlier.status, into.open_answer.due_on) == (Status.RECEIVED, dt.date(2026, 8, 19))
    assert (running(earlier)["reply"][1], holders(earlier)[-1]) == (DUE, "Ban Tiếp công dân tỉnh*")


def test_one_answer_goes_to_everyone_and_each_rates_it_with_their_own_code(province):
    into = builders.offered(province)
    other = merged(province, at(1), into)
    builders.answer(province, into, at(4))
    assert (other.status, other.answered_at) == (Status.MERGED, at(4))
    assert ("answered", "sender") in told(other)
    assert not [clock for clock in other.clocks if clock.is_running]
    sender.rate(into, builders.sender_key(into), score=4, why="", now=at(5))
    sender.rate(other, builders.sender_key(other), score=1, why="", now=at(5))
    assert ([each.score for each in into.ratings], [each.score for each in other.ratings]) == ([4], [1])


def test_a_merged_item_leaves_the_unit_that_had_it(province):
    feedback, into = builders.offered(province), builders.received()
    merging.propose_merge(feedback, into, actor=province.clerk, now=at(1))
    merging.merge(feedback, into, actor=province.clerk, now=at(1))
    assert [each.state for each in feedback.assignments] == [State.CANCELLED]


def test_when_the_one_it_went_with_is_withdrawn_a_merged_item_goes_on_alone(province):
    into = builders.offered(province)
    other = merged(province, at(1), into)
    sender.withdraw(into, builders.sender_key(into), now=at(4))
    assert (into.status, other.status, running(other)["reply"][1]) == (Status.WITHDRAWN, Status.RECEIVED, dt.date(2026, 8, 18))
    assert "reroute" in running(other)


def test_what_cannot_be_merged_is_refused_by_name(province):
    feedback, into = builders.received(), builders.offered(province)
    answered = builders.answered(province)
    with pytest.raises(MergeWithItself):
        merging.propose_merge(feedback, feedback, actor=province.clerk, now=at(0))
    with pytest.raises(MergeWithItself):
        merging.propose_merge(feedback, answered, actor=province.clerk, now=at(0))
    with pytest.raises(IllegalTransition):
        merging.propose_merge(answered, into, actor=province.clerk, now=at(0))
    merged(province, at(0), into)
    with pytest.raises(MergeWithItself):  # others went on with it already
        merging.propose_merge(into, feedback, actor=province.clerk, now=at(0))


def test_what_complains_of_a_unit_is_not_merged_into_what_that_unit_has(province):
    into = builders.offered(province)
    feedback = builders.received(accused_unit_id=province.works.id)
    with pytest.raises(UnitAccused):
        merging.propose_merge(feedback, into, actor=province.clerk, now=at(0))


def test_what_others_went_on_with_is_not_routed_to_the_unit_they_complain_of(province):
    into = builders.received()
    merged(province, at(0), into, accused_unit_id=province.works.id)
    with pytest.raises(UnitAccused):
        desk.route_to(into, province.works, actor=province.clerk, now=at(3))


def test_only_what_is_merged_is_unmerged_and_only_before_the_answer(province):
    plain, into = builders.offered(province), builders.offered(province)
    with pytest.raises(IllegalTransition):
        merging.unmerge(plain, actor=province.clerk, now=at(0))
    other = merged(province, at(0), into)
    builders.answer(province, into, at(4))
    with pytest.raises(IllegalTransition):
        merging.unmerge(other, actor=province.clerk, now=at(5))


def test_an_internal_note_is_the_desks_and_the_units_own(province):
    feedback = builders.offered(province)
    unit.note(feedback, "Đã gọi điện cho phường.", actor=province.clerk, now=at(0))
    with pytest.raises(NotAllowed):
        unit.note(feedback, "Xem hộ.", actor=province.health_officer, now=at(0))
    assert [message.kind for message in feedback.messages] == [MessageKind.NOTE]
    assert "feedback.noted" not in {action for action, _ in told(feedback)}


def test_a_late_item_that_was_a_complaint_for_a_while_has_a_day_for_its_answer_again(province):
    feedback = builders.received()
    classify(feedback, province, now=at(20), kind=Kind.COMPLAINT)
    classify(feedback, province, now=at(21), kind=Kind.REPORT)
    assert running(feedback)["reply"] == ("PAKN_REPLY_REPORT", DUE)
