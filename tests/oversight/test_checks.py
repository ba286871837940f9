"""MTTQ looks on the spot: who may never, what a look changes, whom it is put before, and what is decided."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace

import pytest

from app import clock, settings
from app.access import SYSTEM, NotAllowed
from app.accounts.queries import reach_of
from app.assignments import published
from app.assignments.rules import Duty, IllegalTransition, State
from app.database import db
from app.permissions import Reach, Role, Scope
from app.units import operations as units
from app.units.operations import UnitFacts
from dialogues.rules import Status as SessionStatus
from feedback.operations import sender, unit
from feedback.rules import Status
from feedback.views.citizen import thread
from oversight import jobs, ladder
from oversight.checks import checked
from oversight.models import ReopeningQuestion, SpotCheck
from oversight.operations import looking, reopening
from oversight.rules import checks as rules
from oversight.rules.checks import Asked, Done
from tests.factories import make_unit, make_user, sign_in
from tests.feedback import builders
from tests.feedback.builders import actions, at, told
from tests.feedback.test_races import Hand, assert_one_effect, at_once
from tests.oversight import looks
from tests.oversight.looks import LOOKED_AT

DONE = Done(unit_path="/1/5/", place_id=7, helper_paths=("/1/8/",), officer_ids=frozenset({42}))
EVERYWHERE = Scope(everywhere=True)


def reach(role, home, scope=EVERYWHERE, user_id=1):
    return Reach(user_id, 0, ((role, scope),), homes=(home,))


# --- the rules, without a database ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (reach(Role.FRONT, "/2/"), True),
        (reach(Role.OVERSEER, "/1/9/"), True),
        (reach(Role.FRONT, "/3/", Scope(place_id=7)), True),
        (reach(Role.FRONT, "/3/", Scope(place_id=8)), False),
        (reach(Role.OVERSEER, "/1/9/", Scope(unit_path="/1/6/")), False),
        (reach(Role.OVERSEER, "/1/5/"), False),  # the unit itself
        (reach(Role.OVERSEER, "/1/5/6/"), False),  # a division of it
        (reach(Role.OVERSEER, "/1/"), False),  # above it: decides, and is no witness
        (reach(Role.OVERSEER, "/1/8/"), False),  # helped
        (reach(Role.FRONT, "/2/", user_id=42), False),  # had it, and serves with MTTQ now
        (reach(Role.STEERING, "/4/"), False),
        (reach(Role.HEAD, "/1/", Scope(unit_path="/1/")), False),
        (reach(Role.ADMINISTRATOR, "/2/"), False),
    ],
)
def test_nobody_looks_at_what_is_their_own(who, may):
    assert rules.may_verify(who, DONE) is may


@pytest.mark.parametrize(
    ("path", "verifies", "decides"),
    [
        ("/1/5/", False, False),  # the unit
        ("/1/5/6/", False, False),  # a part of it
        ("/1/8/", False, True),  # it helped
        ("/1/", False, True),  # the superior
        ("/1/6/", True, True),
    ],
)
def test_whoever_holds_another_office_where_it_was_done_neither_looks_nor_decides(path, verifies, decides):
    def with_office(role, home, scope=EVERYWHERE):
        return Reach(1, 0, ((role, scope), (Role.HEAD, Scope(unit_path=path))), homes=(home,))

    assert rules.may_verify(with_office(Role.FRONT, "/2/"), DONE) is verifies
    assert rules.may_decide(with_office(Role.STEERING, "/4/"), BODY) is decides
    assert rules.may_decide(with_office(Role.HEAD, "/1/", Scope(unit_path="/1/")), ABOVE) is decides
    asks = path not in {"/1/5/", "/1/5/6/"}
    assert rules.may_ask(with_office(Role.OVERSEER, "/2/"), DONE) is asks


def test_what_complains_of_the_readers_unit_is_not_theirs_to_look_at():
    assert not rules.may_verify(reach(Role.FRONT, "/2/"), replace(DONE, hidden=True))


ABOVE = Asked(DONE, decider_path="/1/", by_superior=True, looker_id=50)
BODY = Asked(DONE, decider_path="/4/", by_superior=False, looker_id=50)


@pytest.mark.parametrize(
    ("who", "asked", "may"),
    [
        (reach(Role.HEAD, "/1/", Scope(unit_path="/1/")), ABOVE, True),
        (reach(Role.HEAD, "/1/5/", Scope(unit_path="/1/5/")), ABOVE, False),  # the unit itself
        (reach(Role.HEAD, "/1/5/", Scope(unit_path="/1/")), ABOVE, False),  # the unit's head, acting for the superior
        (reach(Role.HEAD, "/1/5/6/", Scope(unit_path="/1/")), ABOVE, False),
        (reach(Role.HEAD, "/1/6/", Scope(unit_path="/1/6/")), ABOVE, False),  # another department's
        (reach(Role.STEERING, "/4/"), ABOVE, False),  # everywhere, and yet nobody's superior
        (reach(Role.STEERING, "/4/", Scope(unit_path="/4/")), BODY, True),
        (reach(Role.STEERING, "/4/"), BODY, True),
        (reach(Role.HEAD, "/1/", Scope(unit_path="/1/")), BODY, False),
        (reach(Role.HEAD, "/1/", Scope(unit_path="/1/"), user_id=50), ABOVE, False),  # looked themselves
        (reach(Role.HEAD, "/1/", Scope(unit_path="/1/"), user_id=42), ABOVE, False),  # had it themselves
        (reach(Role.FRONT, "/2/"), ABOVE, False),  # MTTQ decides nothing
        (reach(Role.HEAD, "/1/", Scope(unit_path="/1/5/")), Asked(DONE, "/1/5/", by_superior=True, looker_id=50), False),
    ],
)
def test_only_the_superior_decides_and_never_the_unit_itself(who, asked, may):
    assert rules.may_decide(who, asked) is may


def test_nobody_decides_about_what_complains_of_their_own_unit():
    accused = replace(ABOVE, done=replace(DONE, hidden=True))
    assert not rules.may_decide(reach(Role.HEAD, "/1/", Scope(unit_path="/1/")), accused)


@pytest.mark.parametrize(("day", "fits"), [(3, False), (4, True), (9, True), (10, False)])
def test_the_new_day_comes_after_today_and_not_after_the_latest(day, fits):
    month = [dt.date(2026, 8, number) for number in range(1, 31)]
    assert rules.day_fits(month[day - 1], month[2], month[8]) is fits


# --- what a look changes ----------------------------------------------------------------------------------------------------


@pytest.fixture
def chief(province):
    return looks.superior(province)


def test_right_verifies_it_and_leaves_when_it_was_done(province, chief):
    row = looks.kept(province)
    check = looks.look(row, province.front_reader, place="Đường Thiên Đức", companions="Ông Bí thư chi bộ")
    assert (row.state, row.closed_at) == (State.VERIFIED, looks.DONE_AT)
    assert checked.open_question(row) is None
    assert actions(check) == ["spot_check.recorded"]
    assert {name for _what, name in told(check)} >= {province.front_reader.name, province.officer.name, province.head.name}


def test_not_right_is_put_before_the_unit_above_with_a_day(province, chief):
    row = looks.kept(province)
    check = looks.look(row, province.front_reader, right=False)
    question = check.question
    assert row.state == State.DONE
    assert (question.decider, question.by_superior, question.due) == (province.root, True, at(14).date())
    assert told(question) == {("reopening_asked", chief.name)}
    assert checked.to_decide(chief.reach) == [question]


def test_where_nobody_above_decides_the_standing_body_does(province):
    body = looks.standing_body(province)
    question = looks.look(looks.kept(province), province.front_reader, right=False).question
    assert (question.decider, question.by_superior) == (province.steering, False)
    assert checked.to_decide(body.reach) == [question]
    assert checked.to_decide(province.head.reach) == []


def accusing(province):
    """Return what was done on an item that complains of the very unit above."""
    row = looks.kept(province)
    row.feedback.accused_unit = province.root
    db.session.flush()
    return row


def test_what_complains_of_the_unit_above_is_put_before_the_standing_body(client, province, chief):
    body = looks.standing_body(province)
    row = accusing(province)
    question = looks.look(row, province.front_reader, right=False).question
    assert (question.decider, question.by_superior) == (province.steering, False)
    assert told(question) == {("reopening_asked", body.name)}
    with pytest.raises(NotAllowed):
        decide(question, chief, reopened=False)
    pages = [f"/can-bo/mo-lai/{question.id}", f"/can-bo/kiem-tra-thuc-te/ket-qua/{question.check_id}"]
    db.session.commit()
    sign_in(client, chief)
    assert [client.get(page).status_code for page in pages] == [404, 404]
    assert row.reference not in client.get("/can-bo/mo-lai").text


# --- who decides today --------------------------------------------------------------------------------------------------------


@pytest.fixture
def morning(monkeypatch):
    def run(day: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: at(day, 6))
        jobs.put_again()

    return run


def decides(user, question):
    today = clock.today()
    reach = reach_of(user, on=today)
    return rules.may_decide(reach, checked.asked_of(question, reach))


def asked_about(row, province):
    return looks.look(row, province.front_reader, right=False).question


def test_a_question_before_nobody_comes_before_the_body_that_is_named_later(province, morning):
    grant = province.steering_reader.grants[0]
    grant.everywhere, grant.unit = False, province.steering
    question = asked_about(looks.kept(province), province)
    assert (question.decider, told(question)) == (None, set())
    body = looks.standing_body(province)
    morning(8)
    morning(9)
    assert (question.decider, decides(body, question)) == (province.steering, True)
    assert told(question) == {("reopening_asked", body.name)}
    assert actions(question) == ["reopening.asked", "reopening.asked"]  # once more, not every morning


def test_when_the_only_superior_leaves_the_standing_body_decides(province, chief, morning):
    body = looks.standing_body(province)
    question = asked_about(looks.kept(province), province)
    morning(8)
    assert (question.decider, decides(body, question)) == (province.root, False)
    chief.active = False
    morning(9)
    assert (question.decider, question.by_superior, decides(body, question)) == (province.steering, False, True)
    assert checked.to_decide(body.reach) == [question]


def test_when_the_standing_body_ends_the_one_that_follows_decides(province, morning):
    looks.standing_body(province)
    question = asked_about(looks.kept(province), province)
    heir = make_unit(name="Ban Chỉ đạo mới", kind=province.steering.kind)
    chair = make_user(unit=heir, roles=[(Role.STEERING, heir)])
    province.steering.valid_to = at(8).date()
    settings.change("standing_body_id", heir.id, actor=SYSTEM, now=at(9))
    morning(9)
    assert (question.decider, decides(chair, question), decides(province.head, question)) == (heir, True, False)


def test_when_the_unit_moves_who_leads_above_it_now_decides(province, chief, morning):
    question = asked_about(looks.kept(province), province)
    other = make_unit(name="UBND tỉnh mới", kind=province.root.kind)
    leader = make_user(unit=other, roles=[Role.HEAD])
    admin = make_user(roles=[(Role.ADMINISTRATOR, None)])
    works = province.works
    facts = UnitFacts(**{field.name: getattr(works, field.name) for field in fields(UnitFacts)})
    units.change_unit(works, facts, parent=other, actor=admin, now=at(8))
    morning(9)
    assert (question.decider, decides(leader, question), decides(chief, question)) == (other, True, False)


def test_what_was_decided_is_put_before_nobody_again(province, chief, morning):
    question = asked_about(looks.kept(province), province)
    decide(question, chief, reopened=False)
    chief.active = False
    morning(15)
    assert (question.decider, actions(question)) == (province.root, ["reopening.asked", "reopening.decided"])


def test_an_undecided_question_climbs_to_nobody_whom_the_item_complains_of(province, chief):
    row = accusing(province)
    may_hear = ladder.voices.VOICES[ladder.REOPENING].may_hear
    assert [may_hear(row, user, clock.today()) for user in (chief, province.front_reader)] == [False, True]


# --- looking ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["head", "officer", "roads_officer", "steering_reader", "clerk"])
def test_who_may_not_look_changes_nothing(province, name):
    row = looks.kept(province)
    with pytest.raises(NotAllowed):
        looks.look(row, getattr(province, name))
    assert row.state == State.DONE


@pytest.mark.parametrize(
    ("day", "fault"), [(at(2), looking.LookedTooEarly), (at(8), looking.LookedLater), (looks.DONE_AT, None), (LOOKED_AT, None)]
)
def test_a_look_lies_between_the_report_and_today(province, day, fault):
    row = looks.kept(province)
    if fault is None:
        assert looks.look(row, province.front_reader, looked_on=day.date()).looked_on == day.date()
    else:
        with pytest.raises(fault):
            looks.look(row, province.front_reader, looked_on=day.date())


def test_what_is_open_cannot_be_looked_at(province):
    item = builders.taken(province)
    with pytest.raises(IllegalTransition):
        looks.look(item.open_answer, province.front_reader)


def test_only_pictures_go_with_a_look(province):
    row, paper = looks.kept(province), builders.proof().file
    paper.media_type = "application/pdf"
    with pytest.raises(looking.NotAPicture):
        looks.look(row, province.front_reader, photos=[paper])


def test_a_second_press_writes_nothing_twice(province):
    row = looks.kept(province)
    first = looks.look(row, province.front_reader)
    assert looks.look(row, province.front_reader) is first
    assert db.session.query(SpotCheck).count() == 1


def test_names_in_the_public_sentence_are_masked(province):
    check = looks.look(looks.kept(province), province.front_reader, public_note="Ông Nguyễn Văn Bình, số 0912345678, nói đèn đã sáng.")
    assert "0912345678" not in check.public_note
    assert "đèn đã sáng" in check.public_note


def test_everyone_reads_the_sentence_of_the_last_look(province):
    one, other = looks.kept(province), looks.kept(province)
    looks.look(one, province.front_reader, public_note="Đèn đã sáng.")
    looks.look(other, province.front_reader, public_note="Đã thay.")
    looks.look(other, province.front_reader, right=False, public_note="Đèn lại tắt.", note="Tắt.")
    assert published.remarked([one, other]) == {one.id: "Đèn đã sáng."}


def test_the_sentence_stands_wherever_everyone_reads_of_the_promise(app, client, province):
    act = looks.kept(province)
    item = act.feedback
    item.published_at, item.public_title, item.public_text = LOOKED_AT, "Đèn đường tắt", "Đèn trước chợ tắt."
    looks.look(act, province.front_reader, public_note="Hai bóng đã sáng.")
    db.session.commit()
    code = item.code

    with app.test_request_context():
        (told,) = thread.seen_by_sender(item, builders.sender_key(item), now=LOOKED_AT).promises
    assert (told["verified"], told["remark"]) == (True, "Hai bóng đã sáng.")
    for page in (f"/da-tra-loi/{code}", "/viec-da-hua"):
        assert "đã được kiểm tra thực tế: Hai bóng đã sáng." in client.get(page).text, page


def test_what_is_found_otherwise_is_said_to_be_looked_into_until_it_is_decided(app, client, province):
    act = looks.kept(province)
    item = act.feedback
    item.published_at, item.public_title, item.public_text = LOOKED_AT, "Đèn đường tắt", "Đèn trước chợ tắt."
    looks.look(act, province.front_reader, right=False, public_note="Đèn vẫn tắt.", note="Tắt.")
    db.session.commit()
    pages = (f"/da-tra-loi/{item.code}", "/viec-da-hua")
    with app.test_request_context():
        (told,) = thread.seen_by_sender(item, builders.sender_key(item), now=LOOKED_AT).promises
    assert (told["verified"], told["reviewed"], told["remark"]) == (False, True, "")
    for page in pages:
        text = client.get(page).text
        assert "kết quả đang được xem lại" in text, page
        assert "Đèn vẫn tắt" not in text, page

    looks.look(act, province.front_reader, public_note="Hai bóng đã sáng.")
    db.session.commit()
    for page in pages:
        assert "đang được xem lại" not in client.get(page).text, page


def test_a_session_says_of_its_conclusion_that_somebody_looked(client, province):
    row = looks.concluded(province, make_user(unit=province.ward, roles=[Role.HEAD]))
    row.public_title, row.session.status = "Nạo vét rãnh", SessionStatus.PUBLISHED
    looks.look(row, province.front_reader, public_note="Rãnh đã thông.", looked_on=at(44).date(), now=at(45))
    row.session.announced_at = row.session.published_at = at(30)
    db.session.commit()

    assert "đã được kiểm tra thực tế: Rãnh đã thông." in client.get(f"/doi-thoai/{row.session.code}").text

    looks.look(row, province.front_reader, right=False, note="Lại tắc.", looked_on=at(46).date(), now=at(47))
    db.session.commit()
    assert "kết quả đang được xem lại" in client.get(f"/doi-thoai/{row.session.code}").text


def test_the_last_look_counts_and_every_look_stays(province, chief):
    row = looks.kept(province)
    looks.look(row, province.front_reader)
    question = looks.look(row, province.front_reader, right=False, note="Đèn lại tắt.").question
    assert (row.state, question.is_open) == (State.DONE, True)
    looks.look(row, province.front_reader, note="Đèn sáng rồi.")
    assert (row.state, question.is_open, question.clock.is_running) == (State.VERIFIED, False, False)
    assert [each.as_reported for each in checked.checks_of(row)] == [True, False, True]


def test_what_one_body_found_not_right_another_cannot_take_from_the_superior(province, chief):
    row = looks.kept(province)
    question = looks.look(row, province.front_reader, right=False).question
    looks.look(row, looks.overseer(province))
    assert (row.state, question.is_open) == (State.DONE, True)
    second = looks.look(row, looks.overseer(province), right=False, note="Vẫn tắt.")
    assert second.question is None
    assert checked.open_question(row) is question


# --- what is decided --------------------------------------------------------------------------------------------------------


DECIDED_AT, REDONE_BY = at(9), at(20)


def decide(question, actor, *, reopened=True, due_on=REDONE_BY, now=DECIDED_AT, reason="Làm lại cho đúng."):
    reopening.decide(question, reopened=reopened, reason=reason, due_on=due_on and due_on.date(), actor=actor, now=now)


def test_opened_again_it_is_done_anew_and_its_history_stays(province, chief):
    row = looks.kept(province, now=at(12))  # two days late
    first_due = row.first_due_on
    question = looks.look(row, province.front_reader, right=False, now=at(13), looked_on=at(13).date()).question
    decide(question, chief, due_on=at(30), now=at(14))
    assert (row.state, row.round, row.closed_at, row.closed_on, row.due_on) == (State.TAKEN, 2, None, None, at(30).date())
    assert row.first_due_on == first_due
    assert (question.was_closed_on, question.was_due_on) == (at(12).date(), at(10).date())
    assert row.holdings[-1].to_at is None
    assert row.feedback.status in {Status.ANSWERED, Status.CLOSED}
    assert not question.clock.is_running
    assert row.feedback.messages[-1].body == "Làm lại cho đúng."
    assert {name for _what, name in told(question)} >= {province.front_reader.name, province.officer.name, province.head.name}


def test_done_again_it_is_told_again_and_looked_at_again(province, chief):
    row = looks.kept(province)
    decide(looks.look(row, province.front_reader, right=False).question, chief)
    before = db.session.scalar(db.text("select max(id) from notice"))
    unit.keep_promise(row, report="Đã thay lại.", proofs=[builders.proof()], actor=province.officer, now=at(15))
    assert ("promise_kept", "sender") in told(row.feedback, before)
    looks.look(row, province.front_reader, now=at(16), looked_on=at(16).date())
    assert (row.state, row.round) == (State.VERIFIED, 2)


def test_not_opened_it_stays_what_the_unit_says_and_the_reason_is_read(province, chief):
    row = looks.kept(province)
    question = looks.look(row, province.front_reader, right=False).question
    decide(question, chief, reopened=False, reason="Đèn tắt do mất điện.")
    assert (row.state, question.reopened, row.round) == (State.DONE, False, 1)
    assert row.feedback.messages[-1].body == "Đèn tắt do mất điện."
    again = looks.look(row, province.front_reader, right=False, now=at(15), looked_on=at(15).date()).question
    assert again is not question
    assert again.is_open


@pytest.mark.parametrize("who", ["head", "front_reader", "officer"])
def test_neither_the_unit_nor_mttq_decides(province, chief, who):
    question = looks.look(looks.kept(province), province.front_reader, right=False).question
    with pytest.raises(NotAllowed):
        decide(question, getattr(province, who))


OUTSIDE = reopening.DayOutside


@pytest.mark.parametrize(("due_on", "fault"), [(None, reopening.DayMissing), (at(9), OUTSIDE), (at(120), OUTSIDE)])
def test_what_is_opened_again_has_a_day_within_the_rule(province, chief, due_on, fault):
    question = looks.look(looks.kept(province), province.front_reader, right=False).question
    with pytest.raises(fault):
        decide(question, chief, due_on=due_on)


def test_undecided_past_its_day_is_late_by_itself(province, chief):
    question = looks.look(looks.kept(province), province.front_reader, right=False).question
    assert [question.clock.is_late(at(day).date()) for day in (14, 15)] == [False, True]


def test_an_answer_opened_again_goes_the_way_of_its_senders(province, chief):
    row = looks.answered(province)
    item = row.feedback
    question = looks.look(row, province.front_reader, right=False, note="Đèn chưa có.").question
    decide(question, chief, due_on=None)
    assert (item.status, item.round, row.state) == (Status.IN_HAND, 2, State.DONE)
    assert item.open_answer.round == 2
    assert item.open_answer.officer_id == province.head.id or item.open_answer.officer_id is None
    assert question.due_on == item.open_answer.due_on is not None
    assert "feedback.reopened_above" in actions(item)


def test_an_answer_that_its_sender_opened_meanwhile_is_not_opened_twice(province, chief):
    receipt = builders.submit(field_id=province.lighting.id)
    item = receipt.feedback
    unit.take(item, actor=province.officer, now=at(0))
    builders.answer(province, item, at(0))
    row = next(each for each in item.assignments if each.duty == Duty.ANSWER)
    question = looks.look(row, province.front_reader, right=False).question
    sender.reopen(item, builders.key_of(receipt), "Đèn lại tắt.", now=at(8))
    with pytest.raises(reopening.OpenAnyway):
        decide(question, chief)


def test_what_a_conclusion_gave_out_is_opened_again(province, chief):
    row = looks.concluded(province, chief)
    question = looks.look(row, province.front_reader, right=False, now=at(41), looked_on=at(41).date()).question
    assert question.check.reported == "Đã nạo vét."
    decide(question, chief, due_on=at(60), now=at(42))
    assert (row.state, row.round, row.due_on) == (State.TAKEN, 2, at(60).date())


# --- asked for, planned --------------------------------------------------------------------------------------------------------


def watcher(user):
    return checked.Watcher(user.reach, LOOKED_AT.date())


def test_who_decides_above_asks_for_a_look_and_a_look_answers_it(province, chief):
    row = looks.kept(province)
    task = looking.ask(row, actor=chief, now=LOOKED_AT)
    with pytest.raises(looking.AskedAlready):
        looking.ask(row, actor=province.front_reader, now=LOOKED_AT)
    assert checked.to_look(watcher(province.front_reader)) == [task]
    check = looks.look(row, province.front_reader)
    assert task.check_id == check.id
    assert checked.to_look(watcher(province.front_reader)) == []
    assert checked.looked(watcher(province.front_reader)) == [check]


def test_what_was_done_longest_ago_is_looked_at_first_and_what_was_seen_last_stands_first(province):
    later, sooner = looks.kept(province, now=at(4)), looks.kept(province)
    tasks = [looking.ask(row, actor=province.front_reader, now=at(5)) for row in (later, sooner)]
    who = watcher(province.front_reader)
    assert checked.to_look(who) == tasks[::-1]
    assert checked.to_look(who, after=tasks[1].id) == tasks[:1]
    first = looks.look(later, province.front_reader, looked_on=at(7).date())
    second = looks.look(sooner, province.front_reader, looked_on=at(6).date())  # written down later
    assert checked.looked(who) == [first, second]
    assert checked.looked(who, after=first.id) == [second]


def test_the_unit_itself_asks_for_no_look(province):
    with pytest.raises(NotAllowed):
        looking.ask(looks.kept(province), actor=province.head, now=LOOKED_AT)


def test_only_who_may_look_is_sent(province):
    task = looking.ask(looks.kept(province), actor=province.front_reader, now=LOOKED_AT)
    with pytest.raises(looking.MayNotLook):
        looking.plan(task, province.officer, None, actor=province.front_reader, now=LOOKED_AT)
    colleague = make_user(unit=province.front, roles=[(Role.FRONT, None)])
    looking.plan(task, colleague, at(9).date(), actor=province.front_reader, now=LOOKED_AT)
    assert (task.looker, told(task)) == (colleague, {("look_asked", province.front_reader.name), ("look_planned", colleague.name)})


def test_a_list_shows_nobody_what_their_own_unit_did(province):
    row = looks.kept(province)
    below = make_unit(parent=province.works, name="Thanh tra Sở")
    insider = make_user(unit=below, roles=[(Role.OVERSEER, None)])
    both = make_user(unit=province.front, roles=[(Role.FRONT, None), (Role.HEAD, province.works)])
    task = looking.ask(row, actor=province.front_reader, now=LOOKED_AT)
    assert told(task) == {("look_asked", province.front_reader.name)}
    assert [checked.to_look_count(watcher(each)) for each in (insider, both)] == [0, 0]
    assert checked.counts(watcher(province.front_reader)) == {"to_look": 1, "looked": 0, "waiting": 0}


# --- two at once ------------------------------------------------------------------------------------------------------------


def test_two_deciders_at_once_and_one_decides(fresh_app):
    province = builders.make_province()
    chief, other = looks.superior(province), looks.superior(province)
    row = looks.kept(province)
    hand = Hand(question=looks.look(row, province.front_reader, right=False).question, row=row, a=chief, b=other)
    outcomes = at_once(
        fresh_app,
        lambda: decide(hand.question, hand.a, reopened=True),
        lambda: decide(hand.question, hand.b, reopened=False),
    )
    assert_one_effect(outcomes, refusals=(reopening.DecidedAlready,))
    question = hand.question
    assert (question.assignment.state == State.TAKEN) is question.reopened


def test_two_lookers_at_once_put_one_question(fresh_app):
    province = builders.make_province()
    looks.superior(province)
    hand = Hand(row=looks.kept(province), a=province.front_reader, b=looks.overseer(province))
    outcomes = at_once(
        fresh_app,
        lambda: looks.look(hand.row, hand.a, right=False),
        lambda: looks.look(hand.row, hand.b, right=False),
    )
    assert outcomes == ["done", "done"]
    assert db.session.query(SpotCheck).count() == 2
    assert db.session.query(ReopeningQuestion).count() == 1
