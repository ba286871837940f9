"""Two people press at once, on a database where commits are commits: one effect, and the other gets a refusal with a name."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.access import SENDER, NotAllowed
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.assignments.models import ExtensionRequest
from app.assignments.operations.clocks import ExtensionDecided
from app.assignments.rules import IllegalTransition
from app.database import db
from app.outbox import Notice
from feedback import rules, steps
from feedback.models import Feedback, Paper, Rating, ReceiptKey
from feedback.operations import desk, intake, merging, papers, sender, unit
from feedback.operations.papers import AnotherPaperOnItsWay, NotYourTurn, NumberTaken
from feedback.operations.sender import AlreadyRated, ReopenedBefore, TooLate
from feedback.operations.unit import NothingOpen, QuestionOpen
from feedback.rules import PaperType, Status
from feedback.sealed.models import SealedCase
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at

#: What a person may be told when somebody else was faster; anything else would be an error page.
REFUSALS = (
    IllegalTransition, NotAllowed, NothingOpen, QuestionOpen, ExtensionDecided, AlreadyRated, TooLate, ReopenedBefore, NotYourTurn,
    NumberTaken, AnotherPaperOnItsWay, merging.MergeWithItself, *steps.HOLDS,
)  # fmt: skip
DONE = "done"


@pytest.fixture
def province(fresh_app):
    return builders.make_province()


def at_once(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """Run each of *acts* in a thread and transaction of its own, all let go together; return what came of each.

    Each first reads what it will act on, as a page that was open does, and commits when it is through.
    """
    gate = threading.Barrier(len(acts), timeout=20)
    outcomes: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        with app.app_context():
            try:
                gate.wait()
                act()
                db.session.commit()
                outcomes[number] = DONE
            except BaseException as error:  # noqa: BLE001  the test looks at it
                db.session.rollback()
                outcomes[number] = error
            finally:
                db.session.remove()

    db.session.commit()
    db.session.remove()
    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


def assert_one_effect(outcomes: list[Any], *, refusals: tuple[type[Exception], ...] = REFUSALS) -> None:
    assert outcomes.count(DONE) == 1, outcomes
    assert all(outcome is DONE or isinstance(outcome, refusals) for outcome in outcomes), outcomes


class Hand:
    """Rows by their ids, loaded in the thread that uses them."""

    def __init__(self, **rows: Any) -> None:
        db.session.flush()
        self.ids = {name: (type(row), row.id) for name, row in rows.items()}

    def __getattr__(self, name: str) -> Any:
        kind, id_ = self.ids[name]
        row = db.session.get(kind, id_)
        if isinstance(row, User):
            row.reach = reach_of(row, on=MONDAY.date())
        if isinstance(row, Feedback):
            _ = [assignment.state for assignment in row.assignments], row.status, [clock.due_on for clock in row.clocks]
        return row


def reload(hand: Hand, name: str) -> Any:
    db.session.expire_all()
    return getattr(hand, name)


def test_two_officers_take_an_item_and_one_has_it(fresh_app, province):
    hand = Hand(item=builders.offered(province), a=province.officer, b=province.colleague)
    outcomes = at_once(
        fresh_app,
        lambda: unit.take(hand.item, actor=hand.a, now=at(0)),
        lambda: unit.take(hand.item, actor=hand.b, now=at(0)),
    )
    assert_one_effect(outcomes)
    winner = hand.a if outcomes[0] is DONE else hand.b
    assert reload(hand, "item").open_answer.officer == winner
    assert builders.actions(hand.item).count("feedback.taken") == 1


def test_the_same_form_sent_eight_times_is_one_item_and_one_receipt(fresh_app, province):
    receipts = []

    def send() -> None:
        receipt = intake.submit(builders.submission(token="same"), actor=SENDER, now=MONDAY)
        receipts.append((receipt.code, receipt.key))

    assert at_once(fresh_app, *[send] * 8) == [DONE] * 8
    assert len(set(receipts)) == 1
    assert db.session.scalar(db.select(db.func.count()).select_from(Feedback)) == 1
    assert db.session.scalar(db.select(db.func.count()).select_from(ReceiptKey)) == 1
    assert set(Counter(db.session.scalars(db.select(Notice.dedup))).values()) == {1}


def test_the_same_denunciation_sent_at_once_is_one_sealed_case(fresh_app, province):
    codes = []

    def send() -> None:
        codes.append(intake.submit(builders.submission(kind=rules.DENUNCIATION, token="same"), actor=SENDER, now=MONDAY).code)

    assert at_once(fresh_app, *[send] * 4) == [DONE] * 4
    assert len(set(codes)) == 1
    assert db.session.scalar(db.select(db.func.count()).select_from(SealedCase)) == 1


def test_eight_people_send_at_once_and_each_has_a_receipt_of_their_own(fresh_app, province):
    codes = []

    def send(number: int) -> None:
        codes.append(intake.submit(builders.submission(token=f"own-{number}"), actor=SENDER, now=MONDAY).code)

    assert at_once(fresh_app, *[lambda number=number: send(number) for number in range(8)]) == [DONE] * 8
    assert len(set(codes)) == 8


def test_two_signers_sign_once(fresh_app, province):
    builders.delegate(province.head, province.deputy, starts_on=at(0).date(), ends_on=at(9).date(), on=at(0).date())
    feedback = builders.taken(province)
    hand = Hand(paper=builders.submitted_reply(province, feedback, at(0)), a=province.head, b=province.deputy)
    outcomes = at_once(
        fresh_app,
        lambda: papers.agree(hand.paper, actor=hand.a, now=at(0)),
        lambda: papers.agree(hand.paper, actor=hand.b, now=at(0)),
    )
    assert_one_effect(outcomes)
    assert [step.decision for step in reload(hand, "paper").steps] == ["submitted", "signed"]


def test_taking_and_returning_at_once_leave_one_owner(fresh_app, province):
    hand = Hand(item=builders.offered(province), a=province.officer, b=province.colleague)
    outcomes = at_once(
        fresh_app,
        lambda: unit.take(hand.item, actor=hand.a, now=at(0)),
        lambda: unit.give_back(hand.item, reason="…", actor=hand.b, now=at(0)),
    )
    # Taken first, it may still be returned; returned first, there is nothing left to take.
    assert outcomes[1] is DONE
    assert outcomes[0] is DONE or isinstance(outcomes[0], REFUSALS)
    feedback = reload(hand, "item")
    assert (feedback.status, feedback.open_answer) == (Status.RECEIVED, None)
    assert [line.to_at for line in feedback.desk_holdings].count(None) == 1


def test_an_extension_is_decided_once(fresh_app, province):
    feedback = builders.taken(province)
    request = unit.ask_extension(feedback, ground="complex", reason="…", actor=province.officer, now=at(0))
    hand = Hand(item=feedback, request=request, head=province.head)
    outcomes = at_once(
        fresh_app,
        lambda: unit.decide_extension(hand.item, hand.request, granted=True, remarks="", actor=hand.head, now=at(0)),
        lambda: unit.decide_extension(hand.item, hand.request, granted=False, remarks="", actor=hand.head, now=at(0)),
    )
    assert_one_effect(outcomes)
    assert reload(hand, "request").granted is (outcomes[0] is DONE)
    assert len(hand.item.clock("reply").extensions) == (1 if outcomes[0] is DONE else 0)
    assert db.session.scalar(db.select(db.func.count()).select_from(ExtensionRequest)) == 1


def test_an_answer_is_rated_once(fresh_app, province):
    feedback = builders.answered(province)
    hand = Hand(item=feedback, key=builders.sender_key(feedback))
    acts = [lambda score=score: sender.rate(hand.item, hand.key, score=score, why="", now=at(1)) for score in (1, 5, 3)]
    assert_one_effect(at_once(fresh_app, *acts))
    assert db.session.scalar(db.select(db.func.count()).select_from(Rating)) == 1


def test_a_number_is_given_to_one_of_two_papers(fresh_app, province):
    one, two = (builders.signed_reply(province, builders.taken(province), at(0)) for _ in range(2))
    hand = Hand(one=one, two=two, records=province.records)
    outcomes = at_once(
        fresh_app,
        lambda: papers.enter_number(hand.one, number="1/SXD", numbered_on=at(0).date(), actor=hand.records, now=at(0)),
        lambda: papers.enter_number(hand.two, number="1/SXD", numbered_on=at(0).date(), actor=hand.records, now=at(0)),
    )
    assert_one_effect(outcomes, refusals=(NumberTaken,))
    assert db.session.scalar(db.select(db.func.count()).where(Paper.number == "01/SXD")) == 1


def test_the_same_paper_gets_one_number(fresh_app, province):
    hand = Hand(paper=builders.signed_reply(province, builders.taken(province), at(0)), records=province.records)
    acts = [
        lambda number=number: papers.enter_number(hand.paper, number=number, numbered_on=at(0).date(), actor=hand.records, now=at(0))
        for number in ("1/SXD", "2/SXD")
    ]
    assert_one_effect(at_once(fresh_app, *acts), refusals=(NotYourTurn,))


def test_a_sender_withdraws_while_the_answer_goes_out(fresh_app, province):
    feedback = builders.taken(province)
    paper = builders.signed_reply(province, feedback, at(0))
    hand = Hand(item=feedback, key=builders.sender_key(feedback), paper=paper, records=province.records)
    outcomes = at_once(
        fresh_app,
        lambda: sender.withdraw(hand.item, hand.key, now=at(0)),
        lambda: papers.enter_number(hand.paper, number="1/SXD", numbered_on=at(0).date(), actor=hand.records, now=at(0)),
    )
    assert_one_effect(outcomes)
    assert reload(hand, "item").status == (Status.WITHDRAWN if outcomes[0] is DONE else Status.ANSWERED)
    assert not [clock for clock in hand.item.clocks if clock.is_running]


@pytest.mark.parametrize("verb", ["reopen", "ask", "draft", "route"])
def test_what_is_done_twice_at_once_is_done_once(fresh_app, province, verb):
    make = {"reopen": builders.answered, "ask": builders.taken, "draft": builders.taken, "route": lambda _province: builders.received()}
    feedback = make[verb](province)
    hand = Hand(item=feedback, key=builders.sender_key(feedback), officer=province.officer, clerk=province.clerk, works=province.works)
    act = {
        "reopen": lambda: sender.reopen(hand.item, hand.key, "…", now=at(1)),
        "ask": lambda: unit.ask(hand.item, "Ở đâu?", actor=hand.officer, now=at(1)),
        "draft": lambda: papers.draft(hand.item, PaperType.REPLY, actor=hand.officer, now=at(1)),
        "route": lambda: desk.route_to(hand.item, hand.works, actor=hand.clerk, now=at(1)),
    }[verb]
    assert_one_effect(at_once(fresh_app, act, act))


def test_two_items_merged_into_each_other_at_once_do_not_wait_for_each_other_forever(fresh_app, province):
    one, two = builders.received(), builders.received()
    merging.propose_merge(one, two, actor=province.clerk, now=at(0))
    merging.propose_merge(two, one, actor=province.clerk, now=at(0))
    hand = Hand(one=one, two=two, clerk=province.clerk)
    outcomes = at_once(
        fresh_app,
        lambda: merging.merge(hand.one, hand.two, actor=hand.clerk, now=at(0)),
        lambda: merging.merge(hand.two, hand.one, actor=hand.clerk, now=at(0)),
    )
    assert_one_effect(outcomes)
    assert sorted([reload(hand, "one").status, hand.two.status]) == [Status.MERGED, Status.RECEIVED]


def test_an_answer_goes_out_while_a_merge_is_taken_back(fresh_app, province):
    other, into = builders.received(), builders.taken(province)
    merging.propose_merge(other, into, actor=province.clerk, now=at(0))
    merging.merge(other, into, actor=province.clerk, now=at(0))
    paper = builders.signed_reply(province, into, at(0))
    hand = Hand(other=other, into=into, paper=paper, clerk=province.clerk, records=province.records)
    outcomes = at_once(
        fresh_app,
        lambda: merging.unmerge(hand.other, actor=hand.clerk, now=at(0)),
        lambda: papers.enter_number(hand.paper, number="1/SXD", numbered_on=at(0).date(), actor=hand.records, now=at(0)),
    )
    assert outcomes[1] is DONE
    assert outcomes[0] is DONE or isinstance(outcomes[0], REFUSALS)
    other = reload(hand, "other")
    assert (other.status, other.answered_at is None) in {(Status.RECEIVED, True), (Status.MERGED, False)}
