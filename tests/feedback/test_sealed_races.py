"""Two people at one sealed case, or at an item while it is sealed, at the same moment: one effect, and the other gets a refusal by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.access import NotAllowed
from app.database import RowGone, db
from app.permissions import Role
from feedback.models import Feedback, Paper, SpentNumber
from feedback.operations import desk, papers
from feedback.sealed import copies, queries, thread
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import copying, identity, leading, reading, sealing
from feedback.sealed.operations import thread as talk
from feedback.sealed.rules import Extent
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at
from tests.feedback.test_races import DONE, Hand, assert_one_effect, at_once
from tests.feedback.test_sealed_access import send
from tests.feedback.test_sealing import full, words_at_rest, written_about


@pytest.fixture
def hand(fresh_app):
    """A case with the head who decides, that head, an officer, and two who take in."""
    province = builders.make_province()
    intake, second = (factories.make_user(unit=unit, roles=[(Role.SEALED_INTAKE, None)]) for unit in (province.front, province.steering))
    chair = factories.make_user(unit=province.root, roles=[Role.HEAD])
    case = send()
    for reader in (intake, second):
        reading.open_case(case, declares=True, reason="Xem", actor=reader, now=MONDAY)
    return Hand(case=case, intake=intake, second=second, chair=chair, officer=province.health_officer)


def led(hand: Hand) -> None:
    """Let the head decide, who has read it, and grant it to the officer, who has too."""
    leading.confirm(hand.case, unit=None, people=(), actor=hand.intake, now=MONDAY)
    leading.hand_to(hand.case, hand.chair, actor=hand.intake, now=MONDAY)
    grant(hand)
    reading.declare(hand.case, conflict="", actor=hand.officer, now=MONDAY)
    for name in ("chair", "officer"):
        reading.open_case(hand.case, declares=True, reason="Xem", actor=getattr(hand, name), now=MONDAY)


def grant(hand: Hand):
    return builders.granted(hand.case, hand.officer, extent=Extent.WHOLE, until=at(9).date(), actor=hand.chair, now=MONDAY)


def test_of_two_grants_at_once_one_is_given(fresh_app, hand):
    leading.confirm(hand.case, unit=None, people=(), actor=hand.intake, now=MONDAY)
    leading.hand_to(hand.case, hand.chair, actor=hand.intake, now=MONDAY)
    builders.working_copy(hand.case, hand.chair, MONDAY)
    assert_one_effect(at_once(fresh_app, lambda: grant(hand), lambda: grant(hand)), refusals=(leading.GrantedAlready,))
    assert len(queries.grants_in(hand.case, on=MONDAY.date())) == 1


def test_of_two_who_confirm_a_copy_at_once_one_does(fresh_app, hand):
    third = factories.make_user(roles=[(Role.SEALED_INTAKE, None)])
    reading.open_case(hand.case, declares=True, reason="Xem", actor=third, now=MONDAY)
    copy = copying.begin(hand.case, [], actor=third, now=MONDAY)
    saw, copy_id = copying.seen(copy), copy.id

    def confirm(name: str) -> None:
        copying.confirm(db.session.get_one(copies.SealedCopy, copy_id), {}, as_seen=saw, actor=getattr(hand, name), now=MONDAY)

    assert_one_effect(at_once(fresh_app, lambda: confirm("intake"), lambda: confirm("second")), refusals=(copying.Confirmed,))


def test_of_who_covers_more_and_who_confirms_at_once_nobody_confirms_what_they_have_not_seen(fresh_app, hand):
    copy = copying.begin(hand.case, [], actor=hand.intake, now=MONDAY)
    saw, copy_id = copying.seen(copy), copy.id

    def copy_() -> copies.SealedCopy:
        return db.session.get_one(copies.SealedCopy, copy_id)

    outcomes = at_once(
        fresh_app,
        lambda: copying.confirm(copy_(), {}, as_seen=saw, actor=hand.second, now=MONDAY),
        lambda: copying.retype(copy_(), "Viết lại.", actor=hand.intake, now=MONDAY),
    )
    assert_one_effect(outcomes, refusals=(copying.Confirmed, copying.ChangedMeanwhile))


@pytest.mark.parametrize(("tokens", "kept"), [(("a", "a"), 1), (("a", "b"), 2)])
def test_two_answers_of_a_sender_at_once_are_each_kept_once(fresh_app, hand, tokens, kept):
    outcomes = at_once(fresh_app, *(lambda token=token: talk.answer(hand.case, "Thêm", (), token=token, now=MONDAY) for token in tokens))
    assert outcomes == [DONE, DONE]
    assert len(thread.messages(hand.case)) == kept


def test_who_loses_the_grant_while_somebody_agrees_learns_nothing(fresh_app, hand):
    led(hand)
    reveal = Hand(reveal=identity.ask(hand.case, reason="Hẹn gặp", actor=hand.officer, now=MONDAY))
    given = Hand(grant=queries.grants_in(hand.case, on=MONDAY.date())[0])
    outcomes = at_once(
        fresh_app,
        lambda: identity.decide(reveal.reveal, agree=True, reason="Cần", actor=hand.second, now=MONDAY),
        lambda: leading.end(given.grant, actor=hand.chair, now=MONDAY),
    )
    assert outcomes == [DONE, DONE]
    with pytest.raises(NotAllowed):
        identity.see(hand.case, actor=hand.officer, now=MONDAY)


def test_of_who_agrees_and_who_refuses_at_once_the_first_one_counts(fresh_app, hand):
    led(hand)
    reveal = Hand(reveal=identity.ask(hand.case, reason="Hẹn gặp", actor=hand.officer, now=MONDAY))

    def decide(name: str, *, agree: bool) -> None:
        identity.decide(reveal.reveal, agree=agree, reason="x", actor=getattr(hand, name), now=MONDAY)

    outcomes = at_once(fresh_app, lambda: decide("second", agree=True), lambda: decide("chair", agree=False))
    assert_one_effect(outcomes, refusals=(identity.DecidedAlready,))
    assert reveal.reveal.agreed is (outcomes[0] is DONE)


def test_who_answers_an_item_while_it_is_sealed_leaves_no_word_of_it_and_the_number_is_given(fresh_app):
    province = builders.make_province()
    item, _key = full(province)
    paper = next(each for each in item.papers if each.type == "reply")
    papers.agree(paper, actor=province.head, now=MONDAY)
    hand = Hand(item=item, paper=paper, clerk=province.clerk, records=province.records)
    day = MONDAY.date()

    def enter() -> None:
        papers.enter_number(hand.paper, number="12/SXD", numbered_on=day, actor=hand.records, now=at(2))

    answered = while_sealed(fresh_app, hand, enter)
    assert list(db.session.scalars(db.select(SpentNumber.number))) == (["12/SXD"] if answered else [])


def test_who_passes_an_item_on_while_it_is_sealed_leaves_no_word_of_it(fresh_app):
    province = builders.make_province()
    item, _key = written_about(province)
    hand = Hand(item=item, clerk=province.clerk, works=province.works)
    while_sealed(fresh_app, hand, lambda: desk.route_to(hand.item, hand.works, actor=hand.clerk, now=at(2)))


def while_sealed(app: Flask, hand: Hand, other: Callable[[], Any]) -> bool:
    """Seal the item of *hand* and let *other* happen at once; say whether *other* came first."""
    outcomes = at_once(app, lambda: sealing.seal(hand.item, reason="Tố cáo", actor=hand.clerk, now=at(2)), other)
    assert outcomes[0] is DONE, outcomes
    assert outcomes[1] is DONE or isinstance(outcomes[1], RowGone | AttributeError), outcomes  # an item that is gone is loaded as none
    assert words_at_rest() == {}
    assert [*db.session.scalars(db.select(Feedback.id)), *db.session.scalars(db.select(Paper.id))] == []
    assert len(db.session.scalars(db.select(SealedCase.id)).all()) == 1
    return outcomes[1] is DONE
