"""Beyond the chair's authority: the petition goes up in writing, the other body's clock starts when it accepts, and who asked follows."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from flask_babel import force_locale

from app import clock, letters
from app.access import NotAllowed
from app.assignments.rules import IllegalTransition, State
from app.calendar.rules import Stage
from app.database import db
from app.outbox import Channel, Notice
from app.permissions import Role
from dialogues import jobs, public, queries
from dialogues.models import Question
from dialogues.operations import concluding, petitioning, promises
from dialogues.operations.concluding import Answer, Asked
from dialogues.operations.petitioning import Sent
from dialogues.operations.promises import Word
from dialogues.papers import after
from dialogues.rules import AnswerKind, Origin, PublicForm, QuestionState, Status, StepRefused, check
from feedback.operations import intake
from oversight import words
from tests import factories
from tests.app.files import samples
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import at, proof

EVENING = DAY + dt.timedelta(hours=4)
DUE = dt.date(2026, 9, 19)
LATER = dt.date(2026, 12, 1)


@pytest.fixture
def held(province, head):
    return builders.session_at(province, head, Status.HELD)


@pytest.fixture
def forwarded(held, secretary):
    """A question that the ward cannot settle."""
    asked = Asked("Bao giờ nâng cấp tỉnh lộ 295?", asker="Nguyễn Thị Hợp", phone="0912345678")
    made = concluding.add_question(held, asked, actor=secretary, now=EVENING)
    concluding.record_answer(made, Answer(AnswerKind.FORWARDED), actor=secretary, now=EVENING)
    return made


@pytest.fixture
def petition(held, forwarded, province, secretary):
    """What the ward owes for it since the conclusion, taken by its officer."""
    word = Word(province.ward, DUE, PublicForm.SITE, beyond="Sở Xây dựng")
    promises.promise_answer(forwarded, word, name="Hẹn", source="kết luận", actor=secretary, now=EVENING)
    given = held.promises[-1]
    promises.take(given, actor=secretary, now=EVENING)
    held.status = Status.CONCLUDED
    return given


def news(about):
    """Return what whoever asked was told of *about*, and at which address."""
    rows = db.session.query(Notice).filter_by(template="dialogues/notices/news", subject_id=about.id, channel=Channel.SMS)
    found = rows.order_by(Notice.id).all()
    assert all("/tra-cuu/" in letters.letter(row).text for row in found)
    return [(row.facts["what"], row.address) for row in found]


def keep(given, actor):
    promises.keep(given, outcome="Sở nhận, xong trước tháng 12.", proofs=[proof().file], caption="", actor=actor, now=at(40))


def test_the_other_bodys_clock_starts_when_it_accepts_and_the_host_reports_its_answer(held, forwarded, petition, province, secretary):
    with pytest.raises(promises.AnswerMissing):
        keep(petition, secretary)
    with pytest.raises(petitioning.NotSentYet):
        petitioning.send(petition, Sent("214/UBND-KT", DUE), actor=secretary, now=at(31))
    sent = petitioning.send(petition, Sent("214/UBND-KT", at(31).date(), province.works), actor=secretary, now=at(31))
    with pytest.raises(petitioning.SentAlready):
        petitioning.send(petition, Sent("215/UBND-KT", at(31).date()), actor=secretary, now=at(31))
    with pytest.raises(promises.AnswerMissing):
        keep(petition, secretary)
    for stranger in (secretary, province.officer, province.health_head):
        with pytest.raises(NotAllowed):
            petitioning.accept(sent, due_on=LATER, said="Nhận.", actor=stranger, now=at(32))
    assert [each.unit for each in held.promises] == [province.ward]

    taken = petitioning.accept(sent, due_on=LATER, said="Công văn 88/SXD.", actor=province.head, now=at(32))
    assert (taken.unit, taken.due_on, taken.state, taken.question) == (province.works, LATER, State.OFFERED, forwarded)
    assert [(each.stage, each.started_on) for each in taken.clocks] == [(Stage.TAKE, at(32).date())]
    with pytest.raises(IllegalTransition):
        petitioning.decline(sent, said="Thôi.", actor=province.head, now=at(33))
    keep(petition, secretary)
    assert (petition.state, taken.is_open) == (State.DONE, True)
    assert news(petition) == [(what, "0912345678") for what in ("petitioned", "accepted", "kept")]

    held.status = Status.PUBLISHED
    forwarded.public_text = "Bao giờ nâng cấp tỉnh lộ 295?"
    host, body = public.conclusions(held, at(41).date())  # one line for what was promised, the petition in it; and what the body took
    assert (host.unit, host.duty, host.done, host.outcome) == (province.ward.name, "answer", False, "Sở nhận, xong trước tháng 12.")
    assert (host.beyond, host.petition.number, host.petition.accepted) == ("Sở Xây dựng", "214/UBND-KT", True)
    assert (body.unit, body.done, body.due_on) == (province.works.name, False, LATER)
    with force_locale("vi"):
        rows = after._handed(held)
    assert [(row[0], "(kiến nghị Sở Xây dựng)" in row[1]) for row in rows] == [(province.ward.name, True), (province.works.name, False)]
    assert [str(words.duty(each)) for each in held.promises] == ["gửi kiến nghị", "làm"]


def test_the_list_says_that_it_is_a_petition_and_of_which_year_its_day_is(app, petition, secretary, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2027, 1, 4, 2, tzinfo=dt.UTC))
    listed = AtDesk(app, secretary).get("/can-bo/doi-thoai/viec")
    assert "kiến nghị lên Sở Xây dựng" in listed
    assert DUE.strftime("%-d/%-m/%Y") in listed


def test_the_common_superior_accepts_for_it_and_what_is_declined_is_reported(petition, province, secretary):
    chairman = factories.make_user(unit=province.root, roles=[Role.HEAD])
    sent = petitioning.send(petition, Sent("214/UBND-KT", at(31).date(), province.works), actor=secretary, now=at(31))
    with pytest.raises(promises.DayPast):
        petitioning.accept(sent, due_on=at(31).date(), said="Nhận.", actor=chairman, now=at(32))
    sent.accepted = None
    assert petitioning.accept(sent, due_on=LATER, said="Giao Sở.", actor=chairman, now=at(32)).unit is province.works
    assert any(row.user_id == secretary.id for row in db.session.query(Notice).filter_by(template="dialogues/notices/petition_decided"))


def test_nobody_petitions_downwards_nor_answers_their_own_petition(app, petition, province, secretary, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(31))
    division = factories.make_unit(parent=province.ward, name="Phòng Kinh tế phường")
    for below in (division, province.ward):
        with pytest.raises(petitioning.NotAbove):
            petitioning.send(petition, Sent("214/UBND-KT", at(31).date(), below), actor=secretary, now=at(31))
    offered = AtDesk(app, secretary).get(f"/can-bo/doi-thoai/viec/{petition.id}/kien-nghi")
    assert (province.works.name in offered, division.name in offered, f'value="{province.ward.id}"' in offered) == (True, False, False)
    sent = petitioning.send(petition, Sent("214/UBND-KT", at(31).date(), province.works), actor=secretary, now=at(31))
    for home, role, unit in ((province.ward, Role.HEAD, province.works), (province.works, Role.OFFICER, province.ward)):
        both = factories.make_user(unit=home, roles=[(Role.HEAD, province.works), (role, unit)])
        with pytest.raises(NotAllowed):
            petitioning.accept(sent, due_on=LATER, said="Nhận.", actor=both, now=at(32))


def test_outside_the_site_the_host_writes_the_answer_down(petition, secretary):
    sent = petitioning.send(petition, Sent("214/UBND-KT", at(31).date()), actor=secretary, now=at(31))
    petitioning.decline(sent, said="Bộ không bố trí vốn năm nay.", actor=secretary, now=at(39))
    keep(petition, secretary)
    assert (sent.accepted, sent.taken, petition.state) == (False, None, State.DONE)


def test_a_forwarded_question_cannot_be_without_its_petition(held, forwarded, petition, secretary):
    assert after.handed_to(held, held.unit) == ["Sở Xây dựng"]  # the notice goes to who is petitioned, and not to its issuer
    held.status = Status.HELD
    with pytest.raises(promises.PetitionNeeded):
        promises.withdraw(petition, reason="Nhầm.", actor=secretary, now=EVENING)
    assert queries.facts_of(held, EVENING.date()).deferred_without_promise == 0
    petition.state = State.CANCELLED
    assert queries.facts_of(held, EVENING.date()).deferred_without_promise == 1


def test_what_is_added_after_the_session_is_answered_before_it_is_concluded(held):
    late = Question(session=held, origin=Origin.FLOOR, state=QuestionState.ACCEPTED, for_the_day=True, text="Còn rãnh?", asked_at=EVENING)
    db.session.add(late)
    db.session.flush()
    with pytest.raises(StepRefused) as refusal:
        check(Status.HELD, Status.CONCLUDED, queries.facts_of(held, EVENING.date()))
    assert "questions_without_answer" in refusal.value.lacks


def test_who_asked_follows_what_was_given_out_because_of_it(app, held, province, secretary, head, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(33))
    asked = concluding.add_question(held, Asked("Ngập?", "Lê Văn Ba", "0912345678"), actor=secretary, now=EVENING)
    concluding.record_answer(asked, Answer(AnswerKind.IN_WRITING), actor=secretary, now=EVENING)
    word = Word(province.works, DUE, PublicForm.SITE)
    item = promises.promise_answer(asked, word, name="Hẹn", source="kết luận", actor=secretary, now=EVENING)
    given = promises.instruct(held, "Nạo vét rãnh nhà ông Ba", word, question=asked, actor=secretary, now=EVENING)
    assert news(given) == []  # until it is concluded it may be taken back
    builders._prepare_for(held, Status.CONCLUDED, province)
    builders.steps.move(held, Status.CONCLUDED, overrides={}, actor=head, now=at(30))
    promises.give_back(given, reason="Rãnh của phường.", actor=province.officer, now=at(31))
    promises.pass_on(given, province.health, reason="Phòng dịch.", actor=head, now=at(31))
    for day in (21, 22):
        monkeypatch.setattr(clock, "now", lambda day=day: dt.datetime(2026, 9, day, 7, tzinfo=clock.LOCAL))
        jobs.tell_askers()
    assert [what for what, _address in news(given)] == ["given", "moved", "moved", "late"]

    key = intake.receipt_of(promises.receipt_token(asked), now=EVENING).key
    with app.test_client() as citizen:
        page = citizen.get(citizen.get(f"/t/{item.code}/{key}").location).text
        assert "Việc chủ trì giao theo câu hỏi này" in page
        assert province.health.name in page
        assert "nhà ông Ba" not in page
        given.public_title = "Nạo vét rãnh"
        assert "Nạo vét rãnh" in citizen.get(f"/tra-cuu/{item.code}").text
    with app.test_client() as stranger:
        assert province.health.name not in stranger.get(f"/tra-cuu/{item.code}").text


def test_host_and_body_do_it_on_their_pages(app, held, petition, province, secretary, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(31))
    one = f"/can-bo/doi-thoai/viec/{petition.id}"
    host, body = AtDesk(app, secretary), AtDesk(app, province.head)
    assert "Báo đã làm xong" not in host.get(one)
    body.get(one, status=404)
    assert "Ghi ngày gửi văn bản" in host.fill(f"{one}/kien-nghi", number="214/UBND-KT", sent_on=["", "", ""], status=422)
    scan = (io.BytesIO(samples.picture()), "214.jpg")
    page = host.fill(f"{one}/kien-nghi", number="214/UBND-KT", sent_on=["3", "9", "2026"], unit=str(province.works.id), files=scan)
    assert "214/UBND-KT" in page
    assert "214.jpg" in page
    host.get(f"{one}/kien-nghi/tra-loi", status=403)
    assert petition.title in body.get("/can-bo/doi-thoai/viec")
    assert "Ghi ngày phải giải quyết xong" in body.fill(f"{one}/kien-nghi/tra-loi", accepted="yes", said="Nhận.", status=422)
    page = body.fill(f"{one}/kien-nghi/tra-loi", accepted="yes", said="Công văn 88/SXD.", due_on=["1", "12", "2026"])
    assert "Việc cấp trên đang làm" in page
    assert "Báo đã làm xong" in host.get(one)
    held.status = Status.PUBLISHED
    with app.test_client() as citizen:
        assert "Gửi văn bản 214/UBND-KT" in citizen.get(f"/doi-thoai/{held.code}").text
        shown = citizen.get(f"/api/v1/sessions/{held.code}").json["conclusions"]
    assert {"number": "214/UBND-KT", "sent_on": "2026-09-03", "accepted": True, "decided_on": "2026-09-03"} in [
        each["petition"] for each in shown
    ]
