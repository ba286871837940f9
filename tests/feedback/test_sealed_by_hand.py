"""Who administers the database, with an account of their own, writes themselves into a sealed case: it opens nothing, and is found."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from werkzeug.exceptions import NotFound

from app import clock, files
from app.access import NotAllowed
from app.chain import queries as chain
from app.database import db
from app.files.content import JPEG
from app.files.store import BlobMissing
from app.permissions import Role
from feedback.sealed import queries, thread
from feedback.sealed.operations import identity, leading, reading
from feedback.sealed.operations import thread as talk
from feedback.sealed.operations.taking_in import attach
from tests import factories
from tests.feedback.at_desk import AtDesk
from tests.feedback.test_sealed_access import chair, confirmed, granted, handed, intake, knows  # noqa: F401


def by_hand(sql: str) -> None:
    db.session.execute(text(sql))
    db.session.commit()
    db.session.expire_all()


def found() -> set[str]:
    return {table for table, _id in chain.keys_foreign()}


@pytest.mark.parametrize(
    "sets",
    ["user_id = {other}", "until = '2099-12-31'", "extent = 'whole'", "ended_at = NULL", "declared_at = given_at, ended_at = NULL"],
)
def test_a_grant_that_was_changed_by_hand_grants_nothing(province, intake, chair, sets, tried):  # noqa: F811
    case, officer, other = handed(intake, chair), province.health_officer, factories.make_user(unit=province.front)
    given = granted(case, chair, officer, extent=queries.rules.Extent.COPY)
    assert knows(officer, case)
    reading.declare(case, conflict="", actor=officer, now=clock.now())
    if "ended_at" in sets:
        leading.end(given, actor=chair, now=clock.now())
    db.session.commit()
    assert found() == set()
    by_hand(f"UPDATE sealed_grant SET {sets}".format(other=other.id))
    assert not knows(officer, case)
    assert not knows(other, case)
    db.session.commit()
    assert found() == {"sealed_grant"}
    tried("a grant of a sealed case changed by hand", 1)


def test_a_head_who_was_named_by_hand_heads_nothing(province, intake, chair, tried):  # noqa: F811
    case, other = handed(intake, chair), factories.make_user(unit=province.front, roles=[Role.HEAD])
    assert knows(chair, case)
    db.session.commit()
    by_hand(f"UPDATE sealed_case SET head_id = {other.id}")
    assert not knows(other, case)
    db.session.commit()
    assert found() == {"sealed_case"}
    tried("the head of a sealed case named by hand", 1)


@pytest.mark.parametrize("sets", ["agreed = {true}, decided_by_id = {third}, decided_at = asked_at", "asked_by_id = {other}"])
def test_nobody_learns_who_wrote_by_a_reveal_that_was_written_by_hand(province, intake, sets, tried):  # noqa: F811
    case, now = confirmed(intake), clock.now()
    other, third = (factories.make_user(unit=unit, roles=[(Role.SEALED_INTAKE, None)]) for unit in (province.front, province.steering))
    reveal = identity.ask(case, reason="x", actor=intake, now=now)
    if "asked_by_id" in sets:
        identity.decide(reveal, agree=True, reason="x", actor=third, now=now)
    db.session.commit()
    by_hand(f"UPDATE sealed_reveal SET {sets}".format(true="TRUE", third=third.id, other=other.id))
    for actor in (intake, other):
        actor.reach = queries.reach_of(actor, on=clock.today())
        with pytest.raises(NotAllowed):
            identity.see(case, actor=actor, now=now)
    with pytest.raises(NotAllowed):
        identity.decide(reveal, agree=True, reason="x", actor=third, now=now)
    db.session.commit()
    assert found() == {"sealed_reveal"}
    tried("a reveal of who wrote agreed to by hand, or led to somebody else", 1)


@pytest.mark.parametrize("sets", ["case_id = {mine}", "user_id = {other}", "kind = 'opened'", "at = '2026-01-01 00:00:00'"])
def test_what_was_done_with_a_case_does_not_count_once_it_was_changed_by_hand(app, province, intake, chair, sets, tried):  # noqa: F811
    case, own = handed(intake, chair), confirmed(intake, token="own")
    other = factories.make_user(unit=province.front)
    db.session.commit()
    assert queries.heads_for(case, on=clock.today())
    step = next(step for step in case.steps if step.kind == queries.rules.SealedStep.CONFIRMED)
    by_hand(f"UPDATE sealed_case_step SET {sets} WHERE id = {step.id}".format(mine=own.id, other=other.id))
    assert step not in [*case.taken, *own.taken]
    assert not any(look.user_id == other.id for look in case.looks)
    moved_to = own if "case_id" in sets else case
    assert queries.heads_for(moved_to, on=clock.today()) == [], "somebody may have been taken out of who was accused"
    for each in (case, own):  # no page falls over it; it may have said that an interest of theirs is touched
        AtDesk(app, intake).get(f"/can-bo/to-cao/{each.uid}", status=404 if each is moved_to and "user_id" not in sets else 200)
    AtDesk(app, intake).get("/can-bo/to-cao")
    assert found() == {"sealed_case_step"}
    tried("what was done with a sealed case changed by hand", 1)


def test_a_file_of_a_case_comes_by_no_other_row(app, province, intake, chair, tried):  # noqa: F811
    photo, mine = (files.store_ours(data, "anh.jpg", JPEG, clock.now()) for data in (b"a sealed picture", b"one's own"))
    case, own = handed(intake, chair), confirmed(intake, token="own")
    attach(case, [photo])
    db.session.add(mine)
    db.session.commit()
    assert b"".join(files.open_stored(photo, sealed=True)) == b"a sealed picture"
    for opened in (files.open_stored, files.open_original):  # the row of anything else points at it by hand
        with pytest.raises(BlobMissing):
            opened(photo)
    with app.test_request_context(), pytest.raises(NotFound):
        files.send_small(photo, 40)
    by_hand(f"UPDATE sealed_file SET case_id = {own.id} WHERE case_id = {case.id}")
    assert [list(thread.files(each)) for each in (case, own)] == [[], []]
    assert found() == {"sealed_file"}
    by_hand(f"UPDATE stored_file SET sealed_away = NULL WHERE id = {photo.id}")
    with pytest.raises(BlobMissing):
        files.open_stored(photo)
    by_hand(f"UPDATE sealed_file SET file_id = {mine.id} WHERE case_id = {own.id}")
    assert list(thread.files(own)) == []
    assert found() == {"sealed_file", "stored_file"}
    tried("a file of a sealed case led to another case or to something else by hand", 4)


def test_what_was_written_about_a_case_is_read_with_no_other(province, intake, chair, tried):  # noqa: F811
    case, own = handed(intake, chair), confirmed(intake, token="own")
    talk.answer(case, "Xảy ra ngày 12/7.", [], token="t", now=clock.now())
    db.session.commit()
    assert [message.said.text for message in thread.messages(case)] == ["Xảy ra ngày 12/7."]
    by_hand(f"UPDATE sealed_message SET case_id = {own.id}")
    assert [list(thread.messages(each)) for each in (case, own)] == [[], []]
    assert found() == {"sealed_message"}
    tried("a message about a sealed case led to another by hand", 1)
