"""Reminders go down and petitions where MTTQ looks; each unit answers by a clock of its own, and its head agrees first."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app import clock
from app.access import SYSTEM, NotAllowed
from app.accounts.models import Grant, User
from app.accounts.queries import reach_of
from app.administration import sentences
from app.assignments.rules import IllegalTransition, State
from app.audit import entries_about
from app.calendar.days import DayKind
from app.calendar.operations import add_day
from app.calendar.rules import Stage
from app.database import db
from app.permissions import Reach, Role, Scope
from feedback.operations import recounting
from oversight import letters
from oversight import papers as made
from oversight.models import Letter, LetterAnswer, LetterAssignment, OversightPaper
from oversight.operations import answering, papers
from oversight.operations import letters as operations
from oversight.rules import letters as rules
from oversight.rules.letters import AnswerState, Body, LetterKind, Refusal
from oversight.story import Reader
from oversight.story import letters as story_letters
from tests import factories
from tests.dialogues.test_papers import in_docx, in_pdf
from tests.feedback import builders
from tests.feedback.builders import MONDAY, actions, at, told
from tests.feedback.pages import post
from tests.feedback.test_races import at_once
from tests.oversight.papers_of import front_of

TODAY = MONDAY.date()
EVERYWHERE, BODY, BELOW = Scope(everywhere=True), Scope(unit_path="/1/"), Scope(unit_path="/1/5/")


@pytest.mark.parametrize(
    ("role", "scope", "kind", "issuer", "to", "why"),
    [
        (Role.HEAD, BODY, LetterKind.REMINDER, (1, "/1/"), (5, "/1/5/"), None),
        (Role.HEAD, BODY, LetterKind.REMINDER, (1, "/1/"), (1, "/1/"), Refusal.ITSELF),
        (Role.HEAD, BELOW, LetterKind.REMINDER, (5, "/1/5/"), (1, "/1/"), Refusal.OUT_OF_REACH),
        (Role.HEAD, BELOW, LetterKind.REMINDER, (5, "/1/5/"), (6, "/1/6/"), Refusal.OUT_OF_REACH),
        (Role.OVERSEER, EVERYWHERE, LetterKind.REMINDER, (5, "/1/5/"), (6, "/1/6/"), None),  # the department that the province names
        (Role.OVERSEER, EVERYWHERE, LetterKind.REMINDER, (5, "/1/5/"), (1, "/1/"), Refusal.ABOVE),
        (Role.STEERING, EVERYWHERE, LetterKind.REMINDER, (9, "/9/"), (1, "/1/"), None),
        (Role.FRONT, EVERYWHERE, LetterKind.REMINDER, (8, "/8/"), (6, "/1/6/"), Refusal.OUT_OF_REACH),  # MTTQ reminds nobody of their duty
        (Role.FRONT, EVERYWHERE, LetterKind.PETITION, (8, "/8/"), (1, "/1/"), None),
        (Role.FRONT, BELOW, LetterKind.PETITION, (8, "/1/5/8/"), (6, "/1/6/"), Refusal.OUT_OF_REACH),
        (Role.STEERING, EVERYWHERE, LetterKind.PETITION, (9, "/9/"), (1, "/1/"), Refusal.OUT_OF_REACH),
        (Role.OFFICER, BODY, LetterKind.REMINDER, (1, "/1/"), (5, "/1/5/"), Refusal.OUT_OF_REACH),
    ],
)
def test_who_writes_what_to_whom(role, scope, kind, issuer, to, why):
    assert rules.refusal(Reach(1, issuer[0], ((role, scope),)), kind, Body(*issuer), Body(*to)) is why


@pytest.mark.parametrize(("days", "fits"), [(1, False), (2, True), (60, True), (61, False), (-3, False)])
def test_a_typed_day_leaves_time_and_is_not_forgotten(days, fits):
    assert rules.day_fits(at(days).date(), TODAY) is fits


def scene():
    """Return MTTQ, the steering body's people, two units, and a promise of one of them."""
    province = builders.make_province()
    front = front_of(province)
    steering = factories.make_user(unit=province.steering, roles=[(Role.STEERING, None), Role.HEAD, Role.RECORDS], title="Trưởng ban")
    feedback = builders.taken(province)
    return SimpleNamespace(province=province, front=front, steering=steering, feedback=feedback, promise=feedback.assignments[0])


@pytest.fixture
def here(app):
    return scene()


@pytest.fixture
def in_request(app):
    """Addresses are made while a page is asked for."""
    with app.test_request_context():
        yield


def drafted(here, kind=LetterKind.REMINDER, *, about=None, to=(), now=MONDAY, **over):
    """Return a letter of the body that writes letters of that kind."""
    actor = here.steering if kind == LetterKind.REMINDER else here.front.officer
    said = {"reason": "Sửa đèn trước mùa mưa.", "token": f"{kind}{now}{to}{over}"} | over
    about = [here.promise] if about is None else about
    return operations.draft(kind, actor.unit, about=about, to=to, actor=actor, now=now, **said)


def issued(here, kind=LetterKind.REMINDER, *, now=MONDAY, **over):
    """Return one that is out."""
    letter = drafted(here, kind, now=now, **over)
    head, records = (here.steering, here.steering) if kind == LetterKind.REMINDER else (here.front.head, here.front.records)
    papers.send(letter.paper, actor=letter.drafted_by, now=now)
    papers.sign(letter.paper, actor=head, now=now)
    numbers = db.session.query(OversightPaper).where(OversightPaper.number.is_not(None)).count()
    papers.number(letter.paper, str(numbers + 1), on=now.date(), actor=records, now=now)
    db.session.refresh(letter)
    return letter


def answered(here, letter):
    """Return what the department owed, answered."""
    duty = letter.duties[0]
    answering.answer(duty, "Đã sửa ngày 5/8.", actor=here.province.head, now=at(1))
    return duty


def test_a_letter_goes_to_whose_promises_it_is_about_and_to_the_others_named(here):
    letter = issued(here, to=[here.province.health])
    assert [(duty.unit.name, duty.state, duty.due_on.isoformat(), duty.kind) for duty in letter.duties] == [
        ("Sở Xây dựng", State.OFFERED, "2026-08-10", "letter"),  # five working days
        ("Sở Y tế", State.OFFERED, "2026-08-10", "letter"),
    ]
    assert ("letter", here.province.head.name) in told(letter.duties[0])
    assert ("letter", here.province.health_head.name) in told(letter.duties[1])


def test_no_clock_runs_before_the_letter_is_numbered(here):
    letter = drafted(here)
    papers.send(letter.paper, actor=here.steering, now=MONDAY)
    papers.sign(letter.paper, actor=here.steering, now=at(1))
    assert letter.duties == []
    papers.number(letter.paper, "1", on=at(2).date(), actor=here.steering, now=at(2))
    db.session.refresh(letter)
    duty = letter.duties[0]
    assert [(clock.stage, clock.started_on) for clock in duty.clocks if clock.stage == Stage.REMINDER_ANSWER] == [
        (Stage.REMINDER_ANSWER, at(2).date())
    ]
    assert actions(letter) == ["letter.drafted", "letter.issued"]


@pytest.mark.parametrize(("kind", "due_on"), [(LetterKind.REMINDER, "2026-08-10"), (LetterKind.PETITION, "2026-08-22")])
def test_each_kind_has_its_own_term_and_a_typed_day_comes_first(here, kind, due_on):
    assert issued(here, kind).duties[0].due_on.isoformat() == due_on
    assert issued(here, kind, answer_by=at(10).date()).duties[0].due_on == at(10).date()


def test_a_new_holiday_moves_what_a_rule_counts_and_no_day_that_a_signed_paper_names(here):
    counted = issued(here).duties[0]
    typed = issued(here, answer_by=at(10).date()).duties[0]
    was = counted.due_on
    assert not [clock for clock in typed.clocks if clock.stage != Stage.TAKE]

    add_day(at(3).date(), kind=DayKind.HOLIDAY, name="Nghỉ", source="Quyết định thử", actor=here.steering, now=at(2))
    recounting.recount(actor=SYSTEM, now=at(2))

    assert counted.due_on == counted.due_sort == next(clock.due_on for clock in counted.clocks if clock.stage != Stage.TAKE) > was
    assert typed.due_on == at(10).date()


def test_the_paper_says_whom_what_and_by_when_and_names_nobody(here):
    here.feedback.title = "Ông Nguyễn Văn Mạnh, 0912345678 phản ánh đèn hỏng"
    said = made.facts_of(drafted(here, answer_by=at(10).date()).paper)
    text = str(said)
    for words in ("Sở Xây dựng", "Sửa đèn trước mùa mưa.", "chậm nhất ngày 13/8/2026", here.feedback.code, "đôn đốc"):
        assert words in text
    assert "0912345678" not in text


def test_a_day_that_passed_while_the_paper_lay_is_set_anew(here):
    letter = drafted(here, answer_by=at(3).date())
    papers.send(letter.paper, actor=here.steering, now=MONDAY)
    papers.sign(letter.paper, actor=here.steering, now=MONDAY)
    with pytest.raises(operations.DayPassed):
        papers.number(letter.paper, "1", on=at(4).date(), actor=here.steering, now=at(4))


@pytest.mark.parametrize(
    ("to", "refused"),
    [(lambda p: [p.steering], operations.NotToItself), (lambda _p: [], operations.NobodyAddressed)],
)
def test_refusals_have_names(here, to, refused):
    with pytest.raises(refused):
        drafted(here, about=[], to=to(here.province))


def test_no_unit_learns_from_a_paper_what_was_said_of_it(here):
    here.feedback.accused_unit = here.province.health
    with pytest.raises(operations.NotToAccused):
        drafted(here, to=[here.province.health])
    assert drafted(here, token="without it").to


def accuse(feedback, unit):
    """Let *feedback* say something of *unit*."""
    feedback.accused_unit = unit
    db.session.flush()


def test_an_item_that_comes_to_accuse_a_unit_keeps_the_letter_from_it(here):
    said = {"kind": LetterKind.PETITION, "to": [here.province.health]}
    begun, waits, signed = (drafted(here, token=name, **said).paper for name in ("begun", "waits", "signed"))
    for paper in (waits, signed):
        papers.send(paper, actor=here.front.officer, now=MONDAY)
    papers.sign(signed, actor=here.front.head, now=MONDAY)
    accuse(here.feedback, here.province.health)
    with pytest.raises(operations.NotToAccused):
        papers.send(begun, actor=here.front.officer, now=MONDAY)
    with pytest.raises(operations.NotToAccused):
        papers.sign(waits, actor=here.front.head, now=MONDAY)
    with pytest.raises(operations.NotToAccused):
        papers.number(signed, "1", on=TODAY, actor=here.front.records, now=MONDAY)


def test_nobody_reads_a_letter_about_an_item_that_accuses_their_unit(here, client):
    letter = issued(here, LetterKind.PETITION)
    after = issued(here, LetterKind.FOLLOW_UP, about=letter.duties)
    pages = [f"/can-bo/don-doc/{letter.id}", f"/can-bo/van-ban-giam-sat/{letter.paper.uid}"]
    pages += [f"{pages[1]}/van-ban.pdf", f"/can-bo/van-ban-giam-sat/{after.paper.uid}"]
    factories.sign_in(client, here.steering)
    assert [client.get(page).status_code for page in pages[:2]] == [200, 200]
    accuse(here.feedback, here.province.health)
    db.session.add(Grant(user_id=here.steering.id, role=Role.OFFICER, unit_id=here.province.health.id, starts_on=factories.LONG_AGO))
    db.session.commit()  # a refused page takes back what is not stored
    assert client.get(pages[0]).status_code == 404  # by a seat there
    accuse(here.feedback, here.province.steering)
    db.session.commit()
    assert [client.get(page).status_code for page in pages] == [404] * 4
    own = issued(here, about=[builders.taken(here.province).assignments[0]])
    assert letters.sent(here.steering.reach, here.steering.unit) == [own]
    factories.sign_in(client, here.province.officer)  # of the unit that has it and is not accused
    assert client.get(pages[1]).status_code == 200


def test_no_unit_learns_from_what_follows_a_petition_what_was_said_of_it(here):
    petition = issued(here, LetterKind.PETITION, to=[here.province.health])
    accuse(here.feedback, here.province.health)
    with pytest.raises(operations.NotToAccused):
        drafted(here, LetterKind.FOLLOW_UP, about=petition.duties)


def test_the_head_above_reads_no_draft_of_a_body_below(here, client):
    root = here.province.root
    chair = factories.make_user(unit=root, roles=[Role.HEAD, Role.RECORDS], title="Chủ tịch")
    said = {"reason": "Làm ngay.", "token": "below", "actor": here.province.head, "now": MONDAY}
    letter = operations.draft(LetterKind.REMINDER, here.province.works, about=[], to=[here.province.roads], **said)
    factories.sign_in(client, chair)
    for page in (f"/can-bo/don-doc/{letter.id}", f"/can-bo/van-ban-giam-sat/{letter.paper.uid}"):
        assert client.get(page).status_code == 404


def test_a_department_reminds_its_divisions_and_nobody_beside_it(here):
    head = here.province.head
    said = {"reason": "Làm ngay.", "actor": head, "now": MONDAY}
    letter = operations.draft(LetterKind.REMINDER, head.unit, about=[], to=[here.province.roads], token="a", **said)
    assert [each.unit.name for each in letter.to] == ["Phòng Hạ tầng"]
    with pytest.raises(operations.OutOfReach):
        operations.draft(LetterKind.REMINDER, head.unit, about=[], to=[here.province.health], token="b", **said)
    with pytest.raises(NotAllowed):
        operations.draft(LetterKind.PETITION, here.front.unit, about=[], to=[here.province.roads], token="c", **said)


def test_mttq_follows_up_only_what_it_petitioned_or_forwarded(here):
    with pytest.raises(operations.NotOwnMatter):
        drafted(here, LetterKind.FOLLOW_UP)
    petition = issued(here, LetterKind.PETITION)
    assert drafted(here, LetterKind.FOLLOW_UP, about=[petition.duties[0]], token="of the petition").to
    assert drafted(here, LetterKind.FOLLOW_UP, token="about the promise").to
    other = builders.taken(here.province)
    with pytest.raises(operations.NotOwnMatter):
        drafted(here, LetterKind.FOLLOW_UP, about=other.assignments, token="other")
    other.entered_by = here.front.officer
    assert drafted(here, LetterKind.FOLLOW_UP, about=other.assignments, token="forwarded").to


def test_pressed_twice_it_is_begun_once(here):
    assert drafted(here, token="same") is drafted(here, token="same")


def test_a_draft_that_is_thrown_away_leaves_no_letter(here):
    papers.discard(drafted(here).paper, actor=here.steering, now=MONDAY)
    assert db.session.query(Letter).count() == 0


def test_an_officer_writes_and_the_head_lets_it_go(here):
    duty, province = issued(here).duties[0], here.province
    answering.take(duty, actor=province.officer, now=MONDAY)
    said = answering.answer(duty, "Đang làm.", actor=province.officer, now=at(1))
    assert (said.state, duty.state) == (AnswerState.PROPOSED, State.TAKEN)
    with pytest.raises(NotAllowed):
        answering.approve(said, actor=province.officer, now=at(1))
    answering.send_back(said, "Ghi ngày xong.", actor=province.head, now=at(1))
    again = answering.answer(duty, "Xong ngày 5/8.", actor=province.officer, now=at(2))
    answering.approve(again, actor=province.head, now=at(2))
    assert (said.state, again.state, duty.state) == (AnswerState.SENT_BACK, AnswerState.GIVEN, State.DONE)
    assert ("letter", here.steering.name) in told(duty)
    assert all(clock.stopped_at is not None for clock in duty.clocks)


def test_who_sent_it_does_not_answer_for_the_unit(here, client):
    chair = factories.make_user(unit=here.province.root, roles=[Role.HEAD, Role.RECORDS], title="Chủ tịch")
    said = {"reason": "Làm ngay.", "token": "own", "actor": chair, "now": MONDAY}
    letter = operations.draft(LetterKind.REMINDER, chair.unit, about=[here.promise], **said)
    papers.send(letter.paper, actor=chair, now=MONDAY)
    papers.sign(letter.paper, actor=chair, now=MONDAY)
    papers.number(letter.paper, "1", on=TODAY, actor=chair, now=MONDAY)
    db.session.refresh(letter)
    duty = letter.duties[0]
    with pytest.raises(NotAllowed):
        answering.answer(duty, "Đơn vị đã làm xong.", actor=chair, now=at(1))
    waits = answering.answer(duty, "Đang làm.", actor=here.province.officer, now=at(1))
    with pytest.raises(NotAllowed):
        answering.approve(waits, actor=chair, now=at(1))
    assert letters.owed_count(chair.reach) == 0
    factories.sign_in(client, chair)
    assert post(client, f"/can-bo/phai-tra-loi/{duty.id}/tra-loi", {"text": "Xong."}, page="/can-bo/phai-tra-loi").status_code == 403
    assert "Đang làm." not in client.get(f"/can-bo/phai-tra-loi/{duty.id}").text  # the sender reads what is out


def test_where_nobody_leads_the_unit_its_officer_answers_and_whoever_is_above_does_not(here):
    head, officer = here.province.head, here.province.roads_officer
    letter = operations.draft(
        LetterKind.REMINDER, head.unit, about=[], to=[here.province.roads], reason="Làm ngay.", token="roads", actor=head, now=MONDAY
    )
    head.title = "Giám đốc"
    papers.send(letter.paper, actor=head, now=MONDAY)
    papers.sign(letter.paper, actor=head, now=MONDAY)
    papers.number(letter.paper, "1", on=TODAY, actor=here.province.records, now=MONDAY)
    db.session.refresh(letter)
    duty = letter.duties[0]
    assert ("letter", officer.name) in told(duty)
    said = answering.answer(duty, "Đã sửa.", actor=officer, now=at(1))
    assert (said.state, duty.state) == (AnswerState.GIVEN, State.DONE)


def test_one_answer_waits_at_a_time(here):
    duty = issued(here).duties[0]
    answering.answer(duty, "Một.", actor=here.province.officer, now=at(1))
    with pytest.raises(answering.AnswerWaits):
        answering.answer(duty, "Hai.", actor=here.province.colleague, now=at(1))


def test_the_unit_hands_it_to_its_own_people_only(here):
    duty, province = issued(here).duties[0], here.province
    answering.hand_to(duty, province.officer, actor=province.head, now=MONDAY)
    assert (duty.officer, duty.state) == (province.officer, State.TAKEN)
    with pytest.raises(answering.NotOfUnit):
        answering.hand_to(duty, province.health_officer, actor=province.head, now=MONDAY)
    with pytest.raises(NotAllowed):
        answering.take(issued(here, to=[province.health], about=[]).duties[0], actor=province.officer, now=MONDAY)


def test_the_sender_calls_an_answer_insufficient_once(here):
    duty = answered(here, issued(here))
    with pytest.raises(NotAllowed):
        answering.call_insufficient(duty, "Thiếu.", actor=here.front.officer, now=at(2))
    answering.call_insufficient(duty, "Chưa nói ngày xong.", actor=here.steering, now=at(2))
    assert (duty.state, duty.round, duty.due_on.isoformat(), duty.answers[0].state) == (
        State.TAKEN, 2, "2026-08-10", AnswerState.INSUFFICIENT,
    )  # fmt: skip
    answering.answer(duty, "Xong ngày 6/8.", actor=here.province.head, now=at(3))
    with pytest.raises(answering.OnlyOnce):
        answering.call_insufficient(duty, "Vẫn thiếu.", actor=here.steering, now=at(4))


def test_nobody_judges_what_another_unit_of_theirs_answered(here):
    duty = answered(here, issued(here))
    both = factories.make_user(unit=here.province.steering, roles=[(Role.STEERING, None), (Role.OFFICER, here.province.works)])
    assert answering.may_judge(here.steering.reach, duty)
    assert not answering.may_judge(both.reach, duty)
    with pytest.raises(NotAllowed):
        answering.call_insufficient(duty, "Thiếu.", actor=both, now=at(2))


def test_the_head_of_a_part_reads_and_writes_no_letters_of_the_whole(here):
    works = here.province.works
    head, chief = here.province.head, factories.make_user(unit=works, roles=[(Role.HEAD, here.province.roads)])
    said = {"about": [], "to": [here.province.roads], "reason": "Làm ngay.", "token": "a"}
    letter = operations.draft(LetterKind.REMINDER, works, actor=head, now=MONDAY, **said)
    assert [letters.may_see(each.reach, letter) for each in (head, chief)] == [True, False]
    assert [bool(letters.sent(each.reach, works)) for each in (head, chief)] == [True, False]
    assert [letters.may_send(each.reach, LetterKind.REMINDER, works) for each in (head, chief)] == [True, False]


def test_the_audit_names_the_letter_and_whose_it_is(here):
    letter = drafted(here)
    assert [line.text for line in sentences.tell(entries_about(letter))] == [
        "soạn Công văn đôn đốc của Ban Chỉ đạo thực hiện dân chủ ở cơ sở, số đơn vị nhận: 1"
    ]
    assert "soạn Công văn đôn đốc của Ban Chỉ đạo" in sentences.tell(entries_about(letter.paper))[0].text


def test_each_side_sees_its_own(here):
    letter = issued(here)
    duty, province = letter.duties[0], here.province
    see = {
        "unit": province.officer, "its head": province.head, "another unit": province.health_head,
        "sender": here.steering, "mttq, which watches everything": here.front.officer,
    }  # fmt: skip
    assert {name: letters.may_open(user.reach, duty) for name, user in see.items()} == {
        "unit": True, "its head": True, "another unit": False, "sender": True, "mttq, which watches everything": True,
    }  # fmt: skip
    assert [letters.owed_count(user.reach) for user in see.values()] == [1, 1, 0, 0, 0]
    assert letters.sent(here.steering.reach, here.steering.unit) == [letter]
    assert letters.sent(province.health_head.reach, province.health_head.unit) == []


def test_a_draft_is_seen_by_its_own_body_alone(here):
    letter = drafted(here)
    assert letters.may_see(here.steering.reach, letter)
    assert not letters.may_see(here.front.officer.reach, letter)


def test_the_story_of_the_promise_tells_of_the_letter_and_the_answer(here, in_request):
    answered(here, issued(here))
    told_ = list(story_letters.entries(here.promise, Reader(here.steering.reach)))
    assert ["đôn đốc số 01/BCĐ" in told_[0].text, "trả lời văn bản số 01/BCĐ" in told_[1].text] == [True, True]


def test_the_story_keeps_all_words_of_a_letter_from_whom_one_of_its_items_accuses(here, in_request):
    other = builders.taken(here.province)
    duty = answered(here, issued(here, about=[here.promise, other.assignments[0]]))
    answering.call_insufficient(duty, "Chưa nói ngày xong.", actor=here.steering, now=at(2))
    reader = Reader(here.province.front_reader.reach)
    before = [entry.words for entry in story_letters.entries(here.promise, reader)]
    accuse(other, here.province.front)
    after = [entry.words for entry in story_letters.entries(here.promise, reader)]
    assert (before, after) == (["Sửa đèn trước mùa mưa.", "Đã sửa ngày 5/8.", "Chưa nói ngày xong."], ["", "", ""])


def test_the_page_of_a_promise_offers_what_one_may_write(here, in_request):
    offered = [[str(each.text) for each in story_letters.actions(here.promise, Reader(user.reach))] for user in (
        here.steering, here.front.officer, here.province.head, here.province.officer
    )]  # fmt: skip
    assert offered == [["Gửi công văn đôn đốc"], ["Gửi văn bản kiến nghị"], [], []]


def test_a_reminder_is_begun_answered_and_judged_on_pages(here, client):
    page = f"/can-bo/don-doc/moi?viec={here.promise.id},999999,x"
    factories.sign_in(client, here.steering)
    assert "Chọn đơn vị nhận" not in client.get(page).text
    issuer = str(here.steering.unit_id)
    refused = post(client, page, {"kind": "reminder", "issuer": issuer, "reason": ""})
    assert (refused.status_code, "Viết đề nghị đơn vị làm gì" in refused.text) == (422, True)
    refused = post(client, page, {"kind": "reminder", "issuer": issuer, "reason": "Sửa ngay.", "answer_by": "1/1/2026"}).text
    assert ("Ngày trả lời phải sau hôm nay" in refused, "rả về" in refused) == (True, False)
    begun = post(client, page, {"kind": "reminder", "issuer": issuer, "reason": "Sửa ngay.", "token": "t"})
    assert begun.status_code == 303
    paper = db.session.scalars(db.select(OversightPaper)).one()
    now = MONDAY
    papers.send(paper, actor=here.steering, now=now)
    papers.sign(paper, actor=here.steering, now=now)
    papers.number(paper, "1", on=TODAY, actor=here.steering, now=now)
    duty = db.session.scalars(db.select(LetterAssignment)).one()
    owed = f"/can-bo/phai-tra-loi/{duty.id}"
    factories.sign_in(client, here.province.officer)
    assert "01/BCĐ" in client.get("/can-bo/phai-tra-loi").text
    assert post(client, f"{owed}/nhan", page=owed).status_code == 303
    assert post(client, f"{owed}/tra-loi", {"text": "Đang sửa."}).status_code == 303
    assert "Duyệt, gửi trả lời" not in client.get(owed).text
    factories.sign_in(client, here.steering)
    assert "Đang sửa." not in client.get(owed).text  # not out yet
    factories.sign_in(client, here.province.head)
    said = duty.answers[0]
    assert post(client, f"{owed}/{said.id}/duyet", page=owed).status_code == 303
    factories.sign_in(client, here.steering)
    assert "Đang sửa." in client.get(f"/can-bo/don-doc/{duty.letter_id}").text
    assert post(client, f"/can-bo/don-doc/tra-loi/{duty.id}/chua-du", {"text": "Chưa rõ ngày."}).status_code == 303
    assert duty.round == 2
    assert "1 đơn vị" in client.get("/can-bo/don-doc").text


def test_the_unit_reads_what_is_asked_and_about_what_unless_that_came_to_accuse_it(here, client):
    duty = issued(here, LetterKind.PETITION).duties[0]
    factories.sign_in(client, here.province.head)
    said = ("Sửa đèn trước mùa mưa.", "Về các việc", here.promise.reference)
    page = client.get(f"/can-bo/phai-tra-loi/{duty.id}").text
    assert [text in page for text in said] == [True] * 3
    accuse(here.feedback, here.province.works)
    page = client.get(f"/can-bo/phai-tra-loi/{duty.id}").text
    assert [text in page for text in said] == [False] * 3


def test_a_petition_that_is_overdue_is_followed_up_from_its_page(here, client, monkeypatch):
    letter = issued(here, LetterKind.PETITION)
    duty, page = letter.duties[0], f"/can-bo/don-doc/{letter.id}"
    begin = f"/can-bo/don-doc/moi?viec={duty.id}&amp;loai=follow_up"
    factories.sign_in(client, here.front.officer)
    monkeypatch.setattr(clock, "today", at(1).date)
    assert begin not in client.get(page).text
    late = at(60)
    monkeypatch.setattr(clock, "now", lambda: late)
    monkeypatch.setattr(clock, "today", late.date)
    assert begin in client.get(page).text
    assert 'value="follow_up" checked' in client.get(begin.replace("&amp;", "&")).text
    after = issued(here, LetterKind.FOLLOW_UP, about=letter.duties, now=late)
    sent = client.get(page).text
    assert begin not in sent
    assert f'<a href="/can-bo/don-doc/{after.id}">Số {after.paper.number}' in sent


@pytest.mark.parametrize(("who", "kinds"), [("steering", "Công văn đôn đốc."), ("front", "Công văn nhắc việc; Văn bản kiến nghị.")])
def test_the_list_says_which_letters_one_sends(here, client, who, kinds):
    factories.sign_in(client, here.steering if who == "steering" else here.front.officer)
    page = client.get("/can-bo/don-doc").text
    assert f"Loại gửi được: {kinds}" in page
    assert ("Công văn đôn đốc" in page) == (who == "steering")


def test_every_unit_that_is_addressed_stands_on_the_print(here):
    paper = drafted(here, to=[here.province.health]).paper
    for text in (in_pdf(made.paper_pdf(paper)), in_docx(made.paper_docx(paper))):
        assert "Kính gửi: - Sở Xây dựng; - Sở Y tế;" in text


def test_the_unit_reads_the_paper_once_it_is_out_and_nobody_beside_it(here, client):
    letter, province = drafted(here), here.province
    page = f"/can-bo/van-ban-giam-sat/{letter.paper.uid}"
    factories.sign_in(client, province.officer)
    assert client.get(page).status_code == 404
    papers.send(letter.paper, actor=here.steering, now=MONDAY)
    papers.sign(letter.paper, actor=here.steering, now=MONDAY)
    papers.number(letter.paper, "1", on=TODAY, actor=here.steering, now=MONDAY)
    assert "Sửa đèn trước mùa mưa." in client.get(page).text
    factories.sign_in(client, province.health_officer)
    assert client.get(page).status_code == 404


def test_letters_have_a_line_in_the_register_where_they_are_asked_for(here, client):
    issued(here)
    factories.sign_in(client, here.front.officer)
    assert "01/BCĐ" in client.get("/can-bo/viec-da-cam-ket?nguon=letter").text
    assert "01/BCĐ" not in client.get("/can-bo/viec-da-cam-ket").text  # counted apart from what citizens were promised


def test_a_unit_that_may_not_be_written_to_is_named(here, client):
    factories.sign_in(client, here.province.head)
    below = builders.taken(here.province).assignments[0]
    below.unit = here.province.roads
    db.session.commit()
    page = f"/can-bo/don-doc/moi?viec={here.promise.id},{below.id}"
    said = {"kind": "reminder", "issuer": str(here.province.works.id), "reason": "Nhanh lên."}
    assert "Sở Xây dựng là cơ quan ban hành nên không gửi cho chính mình" in post(client, page, said).text
    outside = post(client, "/can-bo/don-doc/moi", said | {"units": [str(here.province.health.id)]})
    assert (outside.status_code, "Chọn lại đơn vị trong danh sách" in outside.text) == (422, True)


@pytest.mark.parametrize("address", ["", "/giao", "/tra-loi"])
def test_what_is_another_units_is_not_there(here, client, address):
    duty = issued(here).duties[0]
    factories.sign_in(client, here.province.health_head)
    assert client.get(f"/can-bo/phai-tra-loi/{duty.id}{address}").status_code == 404
    assert client.get(f"/can-bo/don-doc/{duty.letter_id}").status_code == 404


def _acting(user_id, act):
    def run():
        user = db.session.get(User, user_id)
        user.reach = reach_of(user, on=TODAY)
        act(user)

    return run


def test_of_two_answers_at_once_one_waits_for_the_head(fresh_app):
    here = scene()
    duty_id = issued(here).duties[0].id
    people = [here.province.officer.id, here.province.colleague.id]
    db.session.commit()

    def write(user):
        answering.answer(db.session.get(LetterAssignment, duty_id), "Đã làm.", actor=user, now=at(1))

    outcomes = at_once(fresh_app, *(_acting(id_, write) for id_ in people))
    assert {type(outcome) for outcome in outcomes} == {str, answering.AnswerWaits}, outcomes
    assert db.session.query(LetterAnswer).count() == 1


def test_of_two_who_number_one_letter_at_once_one_starts_its_clocks(fresh_app):
    here = scene()
    letter = drafted(here)
    papers.send(letter.paper, actor=here.steering, now=MONDAY)
    papers.sign(letter.paper, actor=here.steering, now=MONDAY)
    paper_id, person = letter.paper.id, here.steering.id
    db.session.commit()

    def number(user):
        papers.number(db.session.get(OversightPaper, paper_id), "1", on=TODAY, actor=user, now=MONDAY)

    outcomes = at_once(fresh_app, *[_acting(person, number)] * 2)
    assert {type(outcome) for outcome in outcomes} == {str, IllegalTransition}, outcomes
    assert db.session.query(LetterAssignment).count() == 1


def test_an_office_that_has_no_register_is_led_to_the_item_instead(here, client):
    office = factories.make_user(unit=here.province.root, roles=[Role.OFFICE, Role.RECORDS])
    factories.sign_in(client, office)
    assert 'href="/can-bo/viec-da-cam-ket"' not in client.get("/can-bo/don-doc").text
    operations.draft(
        LetterKind.REMINDER, here.province.root, about=[here.promise], reason="Sửa đèn.", token="one", actor=office, now=MONDAY
    )
    letter = db.session.scalars(db.select(Letter)).one()
    page = client.get(f"/can-bo/don-doc/{letter.id}").text
    assert f"/can-bo/viec-da-cam-ket/{here.promise.id}" not in page
    assert f'href="/can-bo/y-kien/{here.feedback.code}"' in page
