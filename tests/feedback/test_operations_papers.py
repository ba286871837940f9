"""Letters and answers through their hands: state, record, notice, and each refusal by name."""

from __future__ import annotations

import datetime as dt

import pytest

from app.access import NotAllowed
from app.assignments.rules import IllegalTransition, State
from app.database import db
from app.permissions import Role
from app.units.models import SigningStep
from feedback.models import Paper
from feedback.operations import desk, papers, sender, unit
from feedback.operations.papers import (
    AnotherPaperOnItsWay,
    Gap,
    NotYourTurn,
    NumberTaken,
    PaperUnfinished,
    PointData,
)
from feedback.rules import Kind, Outcome, PaperState, PaperType, RefusalReason, Status
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import actions, at, told


def draft(province, feedback, type_=PaperType.REPLY, **words):
    paper = papers.draft(feedback, type_, actor=province.officer, now=at(1))
    papers.write(paper, **({"body": "Sở trả lời.", "points": [builders.explained()]} | words), actor=province.officer)
    return paper


# --- the chain of hands ------------------------------------------------------------------------------------------------


def test_the_item_is_answered_only_when_its_paper_is_out(province):
    feedback = builders.taken(province)
    paper = builders.submitted_reply(province, feedback, at(1))
    assert (paper.state, paper.waiting_for, feedback.status) == (PaperState.SUBMITTED, SigningStep.SIGNER, Status.IN_HAND)
    assert ("paper_waits", province.head.name) in told(feedback)
    papers.agree(paper, actor=province.head, now=at(2))
    assert (paper.state, paper.waiting_for, feedback.status) == (PaperState.APPROVED, SigningStep.RECORDS, Status.IN_HAND)
    assert (paper.signed_by, paper.signed_for, paper.signed_at) == (province.head, "", at(2))
    assert ("paper_waits", province.records.name) in told(feedback)
    papers.enter_number(paper, number="15/SXD", numbered_on=at(2).date(), actor=province.records, now=at(3))
    assert (paper.state, feedback.status, feedback.open_answer) == (PaperState.PUBLISHED, Status.ANSWERED, None)
    assert feedback.assignments[0].state == State.DONE
    assert feedback.clock("reply").stopped_on == at(3).date()
    assert ("answered", "sender") in told(feedback)
    assert [step.decision for step in paper.steps] == ["submitted", "signed", "numbered"]
    assert actions(paper) == ["paper.drafted", "paper.submitted", "paper.signed", "paper.numbered"]


def test_a_small_commune_folds_the_chain_and_signing_publishes(province):
    province.works.signing_chain = [SigningStep.SIGNER]
    feedback = builders.taken(province)
    paper = builders.submitted_reply(province, feedback, at(1))
    papers.agree(paper, actor=province.head, now=at(1))
    assert (paper.state, feedback.status) == (PaperState.PUBLISHED, Status.ANSWERED)


def test_every_hand_of_a_long_chain_has_its_turn_and_only_then(province):
    province.works.signing_chain = [SigningStep.DIVISION_HEAD, SigningStep.OFFICE, SigningStep.SIGNER, SigningStep.RECORDS]
    division_head = factories.make_user(unit=province.works, roles=[Role.DIVISION_HEAD])
    office = factories.make_user(unit=province.works, roles=[Role.OFFICE])
    paper = builders.submitted_reply(province, builders.taken(province), at(1))
    for hand, others in (
        (division_head, [office, province.records, province.officer]),
        (office, [division_head, province.records]),
        (province.head, [division_head, office, province.records]),
    ):
        for other in others:
            with pytest.raises(NotYourTurn):
                papers.agree(paper, actor=other, now=at(1))
        with pytest.raises(NotYourTurn):
            papers.enter_number(paper, number="1", numbered_on=at(1).date(), actor=province.records, now=at(1))
        papers.agree(paper, actor=hand, now=at(1))
    with pytest.raises(NotYourTurn):
        papers.agree(paper, actor=province.records, now=at(1))
    assert [step.step for step in paper.steps] == ["submitted", "division_head", "office", "signer"]


def test_the_head_acts_in_place_of_a_hand_and_the_history_says_so(province):
    province.works.signing_chain = [SigningStep.OFFICE, SigningStep.SIGNER, SigningStep.RECORDS]
    office = factories.make_user(unit=province.works, roles=[Role.OFFICE])
    paper = builders.submitted_reply(province, builders.taken(province), at(1))

    def queue(who):
        return papers.reached(who.reach, [paper], on=at(1).date())

    # Nobody is bothered with what waits for another, though the head may take that step, too.
    assert (queue(office), queue(province.head)) == ([paper], [])
    assert {who for template, who in told(paper.feedback) if template == "paper_waits"} == {office.name}
    office.active = False
    db.session.flush()
    assert queue(province.head) == [paper]
    papers.agree(paper, actor=province.head, now=at(1))
    assert queue(province.head) == [paper]  # at their own hand
    papers.agree(paper, actor=province.head, now=at(1))
    assert [step.decision for step in paper.steps] == ["submitted", "agreed_for", "signed"]
    assert "paper.agreed_for" in actions(paper)


def test_the_head_of_another_unit_signs_nothing(province):
    paper = builders.submitted_reply(province, builders.taken(province), at(1))
    for stranger in (province.health_head, province.desk_head, province.officer):
        with pytest.raises(NotYourTurn):
            papers.agree(paper, actor=stranger, now=at(1))


def test_the_chain_of_the_unit_above_holds_where_a_unit_has_none(province):
    assert papers.chain_of(province.roads) == [SigningStep.SIGNER, SigningStep.RECORDS]
    province.root.signing_chain = []
    assert papers.chain_of(province.roads) == papers.DEFAULT_CHAIN


def test_a_paper_sent_back_is_a_draft_again_with_remarks_and_starts_over(province):
    feedback = builders.taken(province)
    paper = builders.signed_reply(province, feedback, at(1))
    papers.send_back(paper, remarks="Sai ngày.", actor=province.records, now=at(2))
    assert (paper.state, paper.step, paper.signed_by, paper.steps[-1].remarks) == (PaperState.DRAFT, 0, None, "Sai ngày.")
    assert ("paper_sent_back", province.officer.name) in told(feedback)
    papers.submit(paper, actor=province.officer, now=at(2))
    assert paper.waiting_for == SigningStep.SIGNER
    with pytest.raises(NotYourTurn):
        papers.send_back(paper, remarks="…", actor=province.officer, now=at(2))


# --- delegation --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["KT.", "TL.", "TUQ."])
def test_a_deputy_signs_for_the_head_between_the_days_of_the_delegation(province, form):
    paper = builders.submitted_reply(province, builders.taken(province), at(1))
    with pytest.raises(NotYourTurn):
        papers.agree(paper, actor=province.deputy, now=at(1))
    builders.delegate(province.head, province.deputy, form=form, starts_on=at(1).date(), ends_on=at(2).date(), on=at(2).date())
    papers.agree(paper, actor=province.deputy, now=at(2))
    assert (paper.signed_by, paper.signed_for) == (province.deputy, form)


def test_after_its_last_day_a_delegation_signs_nothing(province):
    builders.delegate(province.head, province.deputy, starts_on=at(0).date(), ends_on=at(1).date(), on=at(2).date())
    paper = builders.submitted_reply(province, builders.taken(province), at(1))
    with pytest.raises(NotYourTurn):
        papers.agree(paper, actor=province.deputy, now=at(2))


def test_whoever_signs_in_their_own_right_signs_for_nobody(province):
    other = factories.make_user(unit=province.works, roles=[Role.HEAD])
    builders.delegate(province.head, other, starts_on=at(0).date(), ends_on=at(9).date(), on=at(1).date())
    paper = builders.submitted_reply(province, builders.taken(province), at(1))
    papers.agree(paper, actor=other, now=at(1))
    assert paper.signed_for == ""


def test_a_delegation_by_another_head_does_not_say_for_whom_this_one_was_signed(province):
    builders.delegate(province.health_head, province.deputy, form="TUQ.", starts_on=at(0).date(), ends_on=at(9).date(), on=at(1).date())
    builders.delegate(province.head, province.deputy, form="KT.", starts_on=at(0).date(), ends_on=at(9).date(), on=at(1).date())
    paper = builders.submitted_reply(province, builders.taken(province), at(1))
    papers.agree(paper, actor=province.deputy, now=at(1))
    assert paper.signed_for == "KT."


# --- what a paper needs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "words", "lacks"),
    [
        (PaperType.REPLY, {"points": []}, [Gap("points")]),
        (PaperType.REPLY, {"points": [PointData("", " ", Outcome.EXPLAINED)]}, [Gap("text", 1)]),
        (PaperType.REPLY, {"points": [builders.explained(), PointData("Đèn", "Đã thay.", Outcome.DONE)]}, [Gap("proof", 2)]),
        (PaperType.REPLY, {"points": [PointData("Đèn", "Sẽ thay.", Outcome.PROMISED)]}, [Gap("day", 1)]),
        (PaperType.REPLY, {"points": [builders.promised(dt.date(2026, 8, 3))]}, [Gap("day", 1)]),
        (
            PaperType.REPLY,
            {"points": [PointData("", "", Outcome.DONE), builders.explained(), PointData("", "", Outcome.PROMISED)]},
            [Gap("text", 1), Gap("proof", 1), Gap("text", 3), Gap("day", 3)],
        ),
        (PaperType.REFUSE, {"points": [], "reason": None}, [Gap("reason")]),
        (PaperType.GUIDE, {"points": [], "reason": "", "body": " "}, [Gap("reason"), Gap("body")]),
        (PaperType.GUIDE, {"points": [], "reason": "elsewhere", "body": " "}, [Gap("body")]),
        (PaperType.FORWARD, {"points": [], "recipient": ""}, [Gap("recipient")]),
        (
            PaperType.REPLY,
            {"body": "Kiểm tra ngày …, … trả lời:", "points": [builders.explained("Đèn của ... đã thay, v.v…")]},
            [Gap("blanks", near=("Kiểm tra ngày …,", "… trả lời:")), Gap("text_blanks", 1, ("Đèn của ... đã thay,",))],
        ),
        (PaperType.FILE, {"points": [], "reason": None}, [Gap("reason")]),
    ],
)
def test_an_unfinished_paper_is_kept_and_not_submitted_and_says_all_it_lacks(province, type_, words, lacks):
    paper = draft(province, builders.taken(province), type_, **words)
    with pytest.raises(PaperUnfinished) as refused:
        papers.submit(paper, actor=province.officer, now=at(1))
    assert (paper.state, refused.value.gaps) == (PaperState.DRAFT, lacks)


def test_a_promised_day_that_passed_while_the_paper_lay_is_not_signed(province):
    feedback = builders.taken(province)
    paper = builders.submitted_reply(province, feedback, at(1), [builders.promised(dt.date(2026, 8, 5))])
    with pytest.raises(PaperUnfinished):
        papers.agree(paper, actor=province.head, now=at(3))


def test_proof_moves_with_its_point_when_the_draft_is_written_again_and_goes_with_it(province):
    feedback = builders.taken(province)
    photo = builders.proof()
    done = PointData("Đèn", "Đã thay.", Outcome.DONE, proofs=(photo,))
    paper = draft(province, feedback, points=[done])
    papers.write(paper, body="Khác.", points=[builders.explained(), done], actor=province.officer)
    assert [point.proofs for point in paper.points] == [[], [photo]]
    papers.write(paper, body="Khác.", points=[builders.explained()], actor=province.officer)
    assert [point.proofs for point in paper.points] == [[]]
    db.session.refresh(feedback)
    assert feedback.attachments == []


def test_one_paper_at_a_time(province):
    feedback = builders.taken(province)
    paper = draft(province, feedback)
    with pytest.raises(AnotherPaperOnItsWay):
        papers.draft(feedback, PaperType.REPLY, actor=province.officer, now=at(1))
    papers.discard(paper, actor=province.officer, now=at(1))
    papers.draft(feedback, PaperType.REPLY, actor=province.officer, now=at(1))


def test_who_drafts_what(province):
    waiting, held = builders.received(), builders.taken(province)
    papers.draft(waiting, PaperType.GUIDE, actor=province.clerk, now=at(1))
    for feedback, type_, actor in (
        (held, PaperType.REPLY, province.clerk),
        (held, PaperType.REPLY, province.health_officer),
        (held, PaperType.REFUSE, province.records),
        (waiting, PaperType.GUIDE, province.officer),
    ):
        with pytest.raises(NotAllowed):
            papers.draft(feedback, type_, actor=actor, now=at(1))


def test_nobody_writes_in_a_paper_that_is_on_its_way(province):
    paper = builders.submitted_reply(province, builders.taken(province), at(1))
    with pytest.raises(IllegalTransition):
        papers.write(paper, body="Khác.", actor=province.officer)
    with pytest.raises(IllegalTransition):
        papers.submit(paper, actor=province.officer, now=at(1))


def test_what_is_answered_has_no_more_papers(province):
    feedback = builders.answered(province)
    for type_ in PaperType:
        with pytest.raises((NotAllowed, IllegalTransition)):
            papers.draft(feedback, type_, actor=province.officer, now=at(1))
        with pytest.raises((NotAllowed, IllegalTransition)):
            papers.draft(feedback, type_, actor=province.clerk, now=at(1))


# --- numbers -----------------------------------------------------------------------------------------------------------


def numbered(province, number, on, *, health=False):
    feedback = builders.received(at(0))
    desk.route_to(feedback, province.health if health else province.works, actor=province.clerk, now=at(0))
    officer = province.health_officer if health else province.officer
    head = province.health_head if health else province.head
    records = factories.make_user(unit=province.health, roles=[Role.RECORDS]) if health else province.records
    paper = papers.draft(feedback, PaperType.REPLY, actor=officer, now=at(0))
    papers.write(paper, body="Trả lời.", points=[builders.explained()], actor=officer)
    papers.submit(paper, actor=officer, now=at(0))
    papers.agree(paper, actor=head, now=at(0))
    papers.enter_number(paper, number=number, numbered_on=on, actor=records, now=at(0))
    return paper


def test_a_number_is_given_once_a_year_in_a_unit(province):
    assert numbered(province, "7/SXD", dt.date(2026, 1, 1)).number == "07/SXD"
    with pytest.raises(NumberTaken):
        numbered(province, "07/SXD", dt.date(2026, 12, 31))
    numbered(province, "7/SXD", dt.date(2027, 1, 1))
    numbered(province, "7/SXD", dt.date(2026, 6, 1), health=True)


def test_papers_without_a_number_do_not_stand_in_each_others_way(province):
    province.works.signing_chain = [SigningStep.SIGNER]
    for _ in range(2):
        papers.agree(builders.submitted_reply(province, builders.taken(province), at(1)), actor=province.head, now=at(1))
    assert db.session.scalar(db.select(db.func.count()).where(Paper.state == PaperState.PUBLISHED)) == 2


# --- what the item becomes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "status", "action", "notice"),
    [
        (PaperType.GUIDE, Status.GUIDED, "feedback.guided", "paper_guide"),
        (PaperType.REFUSE, Status.REFUSED, "feedback.refused", "paper_refuse"),
        (PaperType.FORWARD, Status.FORWARDED, "feedback.forwarded", "paper_forward"),
        (PaperType.FILE, Status.FILED, "feedback.filed", None),
    ],
)
def test_a_paper_of_the_desk_ends_the_item(province, type_, status, action, notice):
    feedback = builders.received()
    builders.desk_paper(province, feedback, type_, at(1))
    assert (feedback.status, feedback.closed_at) == (status, at(1))
    assert feedback.clock("notice").stopped_on == at(1).date()
    assert feedback.clock("reply") is None  # cancelled: nothing is owed any more
    assert not [clock for clock in feedback.clocks if clock.is_running]
    assert feedback.desk_holdings[-1].to_at == at(1)
    assert action in actions(feedback)
    assert {name for name, whom in told(feedback) if whom == "sender"} == {"received", notice} - {None}


def test_a_refusal_that_came_late_stays_late(province):
    feedback = builders.received()
    builders.desk_paper(province, feedback, PaperType.REFUSE, at(30))
    assert feedback.clock("notice").is_late(at(30).date())
    assert feedback.clock("reply").is_late(at(400).date())


def test_a_unit_may_refuse_what_it_has_and_its_duty_ends(province):
    feedback = builders.taken(province)
    paper = draft(province, feedback, PaperType.REFUSE, points=[], reason=RefusalReason.ANSWERED_BEFORE)
    papers.submit(paper, actor=province.officer, now=at(1))
    papers.agree(paper, actor=province.head, now=at(1))
    papers.enter_number(paper, number="9/SXD", numbered_on=at(1).date(), actor=province.records, now=at(1))
    assert (feedback.status, feedback.assignments[0].state) == (Status.REFUSED, State.CANCELLED)


def test_what_was_withdrawn_while_its_answer_waited_is_not_answered(province):
    feedback = builders.taken(province)
    paper = builders.signed_reply(province, feedback, at(1))
    sender.withdraw(feedback, builders.sender_key(feedback), now=at(2))
    assert paper.state == PaperState.DISCARDED
    with pytest.raises(NotYourTurn):
        papers.enter_number(paper, number="1", numbered_on=at(2).date(), actor=province.records, now=at(2))


def test_the_answer_of_a_unit_that_gave_the_item_back_is_not_published(province):
    feedback = builders.taken(province)
    paper = builders.submitted_reply(province, feedback, at(1))
    unit.give_back(feedback, reason="…", actor=province.officer, now=at(1))
    desk.route_to(feedback, province.health, actor=province.clerk, now=at(2))
    with pytest.raises(NotYourTurn):
        papers.agree(paper, actor=province.head, now=at(2))
    assert feedback.open_answer.unit == province.health
    papers.draft(feedback, PaperType.REPLY, actor=province.health_officer, now=at(2))


def test_a_promise_becomes_a_duty_to_act_on_the_day_the_answer_goes_out(province):
    feedback = builders.taken(province)
    paper = builders.signed_reply(province, feedback, at(1), [builders.explained(), builders.promised(dt.date(2026, 9, 30))])
    assert [each.duty for each in feedback.assignments] == ["answer"]
    papers.enter_number(paper, number="3/SXD", numbered_on=at(1).date(), actor=province.records, now=at(1))
    act = feedback.assignments[-1]
    assert (act.duty, act.state, act.due_on, act.officer) == ("act", State.TAKEN, dt.date(2026, 9, 30), province.officer)
    assert paper.points[1].act == act
    assert "feedback.promise_made" in actions(feedback)


# --- complaints --------------------------------------------------------------------------------------------------------


def test_the_case_of_a_complaint_is_opened_by_a_paper_and_then_settled(province):
    feedback = builders.taken(province, kind=Kind.COMPLAINT)
    builders.open_case(province, feedback, at(4))
    assert feedback.status == Status.IN_HAND
    assert {clock.stage: clock.is_running for clock in feedback.clocks if clock.stage in {"notice", "opening", "settle"}} == {
        "notice": False, "opening": False, "settle": True,
    }  # fmt: skip
    settle = feedback.clock("settle")
    assert (settle.start_event, settle.started_on, settle.due_on) == ("case_opened", at(4).date(), dt.date(2026, 9, 7))
    assert feedback.open_answer.due_on == dt.date(2026, 9, 7)
    assert ("paper_open_case", "sender") in told(feedback)
    builders.answer(province, feedback, at(20))
    assert (feedback.status, settle.is_late(at(400).date())) == (Status.ANSWERED, False)


def test_the_settlement_of_a_complex_complaint_is_extended_to_the_longer_term_of_the_law(province):
    feedback = builders.taken(province, kind=Kind.COMPLAINT)
    builders.open_case(province, feedback, at(0))
    request = unit.ask_extension(feedback, ground="complex", reason="Nhiều bên.", actor=province.officer, now=at(5))
    unit.decide_extension(feedback, request, granted=True, remarks="", actor=province.head, now=at(5))
    assert feedback.clock("settle").due_on == dt.date(2026, 9, 17)


def test_a_case_is_opened_once_and_only_of_an_open_complaint(province):
    complaint, report = builders.taken(province, kind=Kind.COMPLAINT), builders.taken(province)
    builders.open_case(province, complaint, at(1))
    for feedback in (complaint, report):
        with pytest.raises(IllegalTransition):
            papers.draft(feedback, PaperType.OPEN_CASE, actor=province.officer, now=at(1))
