"""What holds an item back from a step: the operation refuses it by name, and the page does not offer it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app import clock
from app.assignments.rules import State
from app.database import db
from feedback import steps
from feedback.models import MessageKind
from feedback.operations import clocks, desk, merging, papers, sender, unit
from feedback.operations.desk import Part, UnitTakesNothing
from feedback.operations.unit import ReasonMissing
from feedback.rules import Kind, PaperType, Status
from feedback.steps import AccusedNotPlaced, AnsweredBefore, GivenToAnother, NotTakenAnew, PaperSigned, TakenUp
from feedback.views.staff import actions
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import at


@pytest.fixture
def province(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(0))
    return builders.make_province()


def reopened(province):
    feedback = builders.answered(province)
    sender.reopen(feedback, builders.sender_key(feedback), "Vẫn chưa xong.", now=at(0))
    return feedback


# --- another handler ---------------------------------------------------------------------------------------------------


HANDLING = {
    "take": lambda item, who: unit.take(item, actor=who, now=at(1)),
    "return": lambda item, who: unit.give_back(item, reason="…", actor=who, now=at(1)),
    "ask": lambda item, who: unit.ask(item, "…", actor=who, now=at(1)),
    "ask_extension": lambda item, who: unit.ask_extension(item, ground="complex", reason="…", actor=who, now=at(1)),
    **{
        f"draft_{type_}": lambda item, who, type_=type_: papers.draft(item, type_, actor=who, now=at(1))
        for type_ in PaperType
        if type_ != PaperType.OPEN_CASE
    },
}


@pytest.mark.parametrize("step", HANDLING)
def test_whoever_gave_or_signed_the_answer_does_not_handle_it_again(province, step):
    feedback = reopened(province)
    if step != "take":
        unit.take(feedback, actor=province.colleague, now=at(0))
    for before in (province.officer, province.head):
        assert step not in actions.possible(feedback, before)
        with pytest.raises(AnsweredBefore):
            HANDLING[step](feedback, before)
    if step != "ask_extension":  # a report has no ground for more time
        assert step in actions.possible(feedback, province.colleague)
        HANDLING[step](feedback, province.colleague)


def test_the_table_names_all_that_an_earlier_answer_holds():
    held = {step for step, refusals in steps.REFUSED.items() if AnsweredBefore in refusals}
    assert held == {*HANDLING, "draft_open_case"}


@pytest.mark.parametrize("step", ["draft_refuse", "draft_file"])
def test_what_was_opened_again_ends_without_an_answer_only_by_who_took_it_up_anew(province, step):
    feedback = reopened(province)
    for other in (province.colleague, province.deputy):
        assert step not in actions.possible(feedback, other)
        with pytest.raises(NotTakenAnew):
            HANDLING[step](feedback, other)
    unit.take(feedback, actor=province.colleague, now=at(0))
    assert step not in actions.possible(feedback, province.deputy)
    unit.give_back(feedback, reason="…", actor=province.colleague, now=at(0))
    assert step not in actions.possible(feedback, province.clerk)


def test_a_draft_of_the_new_round_is_not_the_first_handlers_to_write_or_send(province):
    feedback = reopened(province)
    unit.take(feedback, actor=province.colleague, now=at(0))
    paper = papers.draft(feedback, PaperType.REPLY, actor=province.colleague, now=at(1))
    assert not {"write", "discard"} & actions.paper_steps(paper, province.officer)
    assert {"write", "discard"} <= actions.paper_steps(paper, province.deputy)
    for do in (
        lambda: papers.write(paper, body="…", actor=province.officer),
        lambda: papers.submit(paper, actor=province.officer, now=at(1)),
        lambda: papers.discard(paper, actor=province.officer, now=at(1)),
    ):
        with pytest.raises(AnsweredBefore):
            do()


def test_who_signed_the_first_answer_gets_it_only_with_a_reason(province):
    feedback = reopened(province)
    with pytest.raises(ReasonMissing):
        unit.hand_to(feedback, province.head, actor=province.head, now=at(1))
    unit.hand_to(feedback, province.head, reason="Việc thuộc thẩm quyền riêng của giám đốc.", actor=province.head, now=at(1))
    unit.take(feedback, actor=province.head, now=at(1))


def test_who_drafted_the_first_answer_without_taking_it_counts_as_its_handler(province):
    feedback = builders.offered(province)
    builders.answer(province, feedback, at(0))
    sender.reopen(feedback, builders.sender_key(feedback), "Vẫn chưa xong.", now=at(0))
    assert steps.answered_before(feedback) == {province.officer.id}


def test_the_head_gives_it_to_the_first_handler_only_where_nobody_else_is_there_and_says_why(province):
    feedback = reopened(province)
    hand = {"officer": province.officer, "actor": province.head, "now": at(1)}
    with pytest.raises(AnsweredBefore):
        unit.hand_to(feedback, reason="Chỉ còn một người.", **hand)
    for other in (province.colleague, province.deputy, province.roads_officer):
        other.active = False
    with pytest.raises(ReasonMissing):
        unit.hand_to(feedback, **hand)
    unit.hand_to(feedback, reason="Đơn vị chỉ còn một người.", **hand)
    assert (feedback.messages[-1].kind, feedback.messages[-1].body) == (MessageKind.NOTE, "Đơn vị chỉ còn một người.")
    assert "feedback.given_again" in builders.actions(feedback)
    assert "take" in actions.possible(feedback, province.officer)
    unit.take(feedback, actor=province.officer, now=at(1))


# --- given to the wrong unit ---------------------------------------------------------------------------------------------


def test_the_desk_takes_back_what_the_unit_has_not_taken(province):
    feedback = builders.offered(province)
    clocks = [(each.stage, each.due_on) for each in feedback.clocks if each.is_running]
    assert "draft_refuse" not in actions.possible(feedback, province.clerk)
    assert "take_back" in actions.possible(feedback, province.clerk)
    assert not any("take_back" in actions.possible(feedback, each) for each in (province.officer, province.head))
    desk.take_back(feedback, reason="Việc của phường.", actor=province.clerk, now=at(0))
    assert (feedback.status, feedback.open_answer, feedback.assignments[0].state) == (Status.RECEIVED, None, State.CANCELLED)
    assert {*clocks} < {(each.stage, each.due_on) for each in feedback.clocks if each.is_running}  # and the desk's own short one
    assert (feedback.messages[-1].kind, feedback.messages[-1].body) == (MessageKind.NOTE, "Việc của phường.")
    assert ("taken_back", province.officer.name) in builders.told(feedback)
    assert {"route", "draft_refuse"} <= actions.possible(feedback, province.clerk)
    desk.route_to(feedback, province.ward, actor=province.clerk, now=at(0))


def test_what_the_unit_took_the_desk_does_not_take_back(province):
    feedback = builders.taken(province)
    assert "take_back" not in actions.possible(feedback, province.clerk)
    with pytest.raises(TakenUp):
        desk.take_back(feedback, reason="…", actor=province.clerk, now=at(0))


# --- given to a colleague ----------------------------------------------------------------------------------------------


def test_what_was_given_to_a_colleague_only_that_colleague_takes(province):
    feedback = builders.offered(province)
    unit.hand_to(feedback, province.officer, actor=province.head, now=at(0))
    for other in (province.colleague, province.head):
        assert "take" not in actions.possible(feedback, other)
        with pytest.raises(GivenToAnother):
            unit.take(feedback, actor=other, now=at(0))
    assert "take" in actions.possible(feedback, province.officer)
    unit.hand_to(feedback, province.colleague, actor=province.head, now=at(0))
    unit.take(feedback, actor=province.colleague, now=at(0))
    assert feedback.open_answer.state == State.TAKEN


def test_what_was_given_to_somebody_who_left_anybody_of_the_unit_takes(province):
    feedback = builders.offered(province)
    unit.hand_to(feedback, province.officer, actor=province.head, now=at(0))
    province.officer.active = False
    unit.take(feedback, actor=province.colleague, now=at(0))


# --- a signed paper ----------------------------------------------------------------------------------------------------

SIGNED_REPLY = {
    "return": lambda p, item: unit.give_back(item, reason="…", actor=p.head, now=at(1)),
    "transfer": lambda p, item: unit.transfer(item, p.roads, reason="…", actor=p.head, now=at(1)),
    "ask": lambda p, item: unit.ask(item, "…", actor=p.head, now=at(1)),
    "ask_extension": lambda p, item: unit.ask_extension(item, ground="complex", reason="…", actor=p.head, now=at(1)),
    "merge": lambda p, item: merging.merge(item, proposed(p, item), actor=p.clerk, now=at(1)),
    "propose_merge": lambda p, item: merging.propose_merge(item, builders.taken(p), actor=p.clerk, now=at(1)),
}
SIGNED_UNTAKEN = {"take_back": lambda p, item: desk.take_back(item, reason="…", actor=p.clerk, now=at(1))}
SIGNED_LETTER = {
    "route": lambda p, item: desk.route_to(item, p.works, actor=p.clerk, now=at(1)),
    "split": lambda p, item: desk.split(item, [Part(Kind.REPORT, "a", "a"), Part(Kind.REPORT, "b", "b")], actor=p.clerk, now=at(1)),
}


def proposed(province, item):
    into = builders.taken(province)
    item.merge_proposed_into_id = into.id
    return into


def with_signed_reply(province):
    item = builders.taken(province)
    return item, builders.signed_reply(province, item, at(0))


def with_signed_untaken(province):
    item = builders.offered(province)
    return item, builders.signed_reply(province, item, at(0))


def with_signed_letter(province):
    item = builders.received()
    paper = papers.draft(item, PaperType.GUIDE, actor=province.clerk, now=at(0))
    papers.write(paper, body="Mời ông, bà gửi tòa án.", reason="Thuộc tòa án", actor=province.clerk)
    papers.submit(paper, actor=province.clerk, now=at(0))
    papers.agree(paper, actor=province.desk_head, now=at(0))
    return item, paper


@pytest.mark.parametrize(
    ("make", "step", "do"),
    [
        *((with_signed_reply, *each) for each in SIGNED_REPLY.items()),
        *((with_signed_untaken, *each) for each in SIGNED_UNTAKEN.items()),
        *((with_signed_letter, *each) for each in SIGNED_LETTER.items()),
    ],
    ids=[*SIGNED_REPLY, *SIGNED_UNTAKEN, *SIGNED_LETTER],
)
def test_nothing_else_decides_on_an_item_whose_paper_is_signed(province, make, step, do):
    item, paper = make(province)
    everybody = [person for person in vars(province).values() if hasattr(person, "reach")]
    assert not any(step in actions.possible(item, person) for person in everybody)
    with pytest.raises(PaperSigned):
        do(province, item)
    records = province.desk_records if make is with_signed_letter else province.records
    papers.send_back(paper, remarks="Khoan phát hành.", actor=records, now=at(1))
    item.merge_proposed_into_id = None
    if step == "merge":
        item.merge_proposed_into_id = builders.taken(province).id
    assert any(step in actions.possible(item, person) for person in everybody)
    do(province, item)


def test_the_table_names_all_that_a_signed_paper_holds():
    held = {step for step, refusals in steps.REFUSED.items() if PaperSigned in refusals}
    assert held == {*SIGNED_REPLY, *SIGNED_UNTAKEN, *SIGNED_LETTER}


# --- people are named ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "unit_id", "outside", "holds"),
    [
        ("", None, False, False),
        ("Khổng Văn Độ", None, False, True),
        ("Khổng Văn Độ", 7, False, False),
        ("Khổng Văn Độ", None, True, False),
        ("", None, True, False),
    ],
)
def test_who_is_named_is_placed_before_a_unit_has_the_item(names, unit_id, outside, holds):
    item = SimpleNamespace(accused_names=names, accused_unit_id=unit_id, accused_outside=outside, papers=[])
    held = {step for step, refusals in steps.REFUSED.items() if AccusedNotPlaced in refusals}
    assert held == {"route", "split", "propose_merge", "merge"}
    assert {steps.refusal(step, item, 1) for step in held} == {AccusedNotPlaced if holds else None}


# --- who takes items at all --------------------------------------------------------------------------------------------


def test_a_unit_that_takes_no_items_is_given_none(province):
    party = factories.make_unit(parent=province.works, name="Đảng ủy", handles_feedback=False)
    taken, waiting = builders.taken(province), builders.received()
    with pytest.raises(UnitTakesNothing):
        desk.route_to(waiting, party, actor=province.clerk, now=at(0))
    with pytest.raises(UnitTakesNothing):
        unit.transfer(taken, party, reason="…", actor=province.head, now=at(0))


def test_a_rule_to_a_unit_that_takes_no_items_any_more_is_passed_by(province):
    province.works.handles_feedback = False
    assert builders.received(field_id=province.lighting.id).open_answer is None


def test_a_day_is_promised_before_anything_else_was_read(province):
    item = builders.received()
    db.session.commit()  # what is read once a transaction is read anew; autoflush finds no clock hanging half made: that warns
    clocks.promise(item, at(3).date(), name="Hứa", source="Kết luận", since=at(0), actor=province.officer, now=at(0))
    assert clocks.governing(item).rule_code == clocks.PROMISED
