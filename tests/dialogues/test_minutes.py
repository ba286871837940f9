"""The minutes: built from what was recorded, versions that see each other, two signatures, corrections by those who were there."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest
from redis import Redis

from app import clock
from app.access import NotAllowed
from app.assignments.rules import IllegalTransition
from app.audit import entries_about
from app.database import db
from app.outbox import Channel, Notice
from app.permissions import Role
from dialogues import asked, links, minutes_draft, queries, words
from dialogues.models import (
    AgendaItem,
    Attendance,
    EarlierPromise,
    HandVote,
    MinutesCorrection,
    MinutesVersion,
    Question,
    ReceptionDay,
    ReceptionVisit,
    Registration,
)
from dialogues.operations import concluding, minutes, promises
from dialogues.operations.concluding import Answer, Asked
from dialogues.operations.promises import Word
from dialogues.papers import facts_of_paper
from dialogues.rules import (
    AnswerKind,
    CorrectionState,
    CountedIn,
    Origin,
    PaperState,
    PaperType,
    Part,
    PublicForm,
    QuestionState,
    Signer,
    Status,
)
from dialogues.views.staff.minutes import lines_changed
from feedback import codes
from feedback.operations.intake import PersonData
from feedback.rules import IdentityScope
from tests import factories
from tests.conftest import build
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import received
from tests.feedback.page_forms import form_of, press

EVENING = DAY + dt.timedelta(hours=4)
CODE, DIGITS = "K7P3QX", "5678"


@pytest.fixture
def held(province, head):
    return builders.session_at(province, head, Status.HELD)


@pytest.fixture
def writer(province, held):
    """The secretary of the session, as builders make it, an officer of the ward."""
    user = factories.make_user(unit=province.ward, roles=[Role.OFFICER])
    held.staff[0].user = user
    db.session.flush()
    return user


def room(session, step=""):
    return f"/can-bo/doi-thoai/{session.code}/bien-ban{step}"


def written(session, actor, *texts):
    for number, text in enumerate(texts):
        minutes.write(session, text, why="", seen=number, actor=actor, now=EVENING)


def test_the_first_text_tells_what_was_recorded_in_the_order_of_a_session(app, held, writer, province):
    held.agenda.append(AgendaItem(position=1, part=Part.INTRODUCTION, title="Giới thiệu đại biểu", presenter="Văn phòng", minutes=10))
    held.agenda.append(AgendaItem(position=2, part=Part.REPORT, title=str(words.PARTS[Part.REPORT]), minutes=10))
    given = promises.instruct(
        held, "Nạo vét rãnh", Word(province.works, dt.date(2026, 9, 15), PublicForm.SITE), actor=writer, now=EVENING
    )  # fmt: skip
    held.earlier.append(EarlierPromise(assignment=given, title="Lắp đèn", unit_name="Sở Xây dựng", done=False, why_not="chưa có vốn."))
    made = concluding.add_question(held, Asked("Bao giờ trả tiền?", "Nguyễn Thị Hợp", "", "tổ dân phố 4"), actor=writer, now=EVENING)
    answer = Answer(AnswerKind.BY_DELEGATE, "Trong tháng 9.", "Lê Văn Đức, Giám đốc", rejected=True, wants="Trả ngay.")
    concluding.record_answer(made, answer, actor=writer, now=EVENING)
    held.hand_votes.append(HandVote(subject="phương án 2", counted_in=CountedIn.HOUSEHOLDS, agree=33, disagree=60, present=101, at=DAY))
    held.conclusion = "Tiếp thu ý kiến của bà con."
    with app.test_request_context():
        text = minutes_draft.text_of(held)

    told = [
        "Giới thiệu đại biểu (Văn phòng).", "Đã thực hiện theo chương trình.", "chưa làm: Lắp đèn", "chưa có vốn.",
        "Nguyễn Thị Hợp, tổ dân phố 4 hỏi: Bao giờ trả tiền?", "Lê Văn Đức, Giám đốc", "Trong tháng 9.", "Đề nghị: Trả ngay.",
        "33 trên 101 hộ đồng ý. Không đồng ý: 60 hộ.", "Tiếp thu ý kiến của bà con.", "Sở Xây dựng thực hiện: Nạo vét rãnh",
    ]  # fmt: skip
    places = [text.find(each) for each in told]
    assert -1 not in places, [each for each, place in zip(told, places, strict=True) if place == -1]
    assert places == sorted(places)
    assert text.count(str(words.PARTS[Part.REPORT])) == 1  # what stands above is not said again


@pytest.mark.parametrize(
    ("given", "who"),
    [
        ((IdentityScope.UNIT, True), "Đỗ Thị Sen hỏi"),
        ((IdentityScope.UNIT, False), "Một người gửi câu hỏi trước hỏi"),
        ((IdentityScope.RECEPTION, True), "Một người gửi câu hỏi trước hỏi"),
    ],
)
def test_who_had_the_floor_is_named_and_a_petition_told_with_its_answer(app, held, writer, monkeypatch, given, who):
    scope, called = given
    monkeypatch.setattr(asked, "may_see_asker", lambda _question, _reader: True)
    item = received(people=(PersonData(name="Đỗ Thị Sen"),), identity_scope=scope)
    put = Question(
        session=held, feedback=item, origin=Origin.WEB, state=QuestionState.ACCEPTED, for_the_day=True, text="Chợ?", asked_at=DAY
    )
    put.answer_kind, put.answered_at, put.called_at = AnswerKind.FORWARDED, EVENING, EVENING if called else None
    db.session.add(put)
    db.session.flush()
    word = Word(held.unit, dt.date(2026, 9, 3), PublicForm.SITE, beyond="UBND tỉnh")
    promises.promise_answer(put, word, name="Hẹn", source="kết luận", actor=writer, now=EVENING)
    with app.test_request_context():
        text = minutes_draft.text_of(held, asked.speakers(held, writer))
    assert who in text
    assert "chậm nhất thứ Năm, 3/9/2026. Kiến nghị lên UBND tỉnh, chậm nhất".replace("thứ Năm", "thứ\xa0Năm") in text
    assert text.count("UBND tỉnh") == 1
    page = AtDesk(app, writer).get(f"/can-bo/doi-thoai/{held.code}/ket-luan")
    assert ("Đỗ Thị Sen" in page, "Không ghi người hỏi" in page) == (True, False)


def test_whoever_wrote_without_having_seen_the_newest_is_stopped(held, writer):
    written(held, writer, "Bản một.")
    with pytest.raises(minutes.VersionMoved):
        minutes.write(held, "Bản hai.", why="", seen=0, actor=writer, now=EVENING)
    with pytest.raises(minutes.NothingChanged):
        minutes.write(held, "Bản một.", why="", seen=1, actor=writer, now=EVENING)
    assert [version.text for version in held.minutes] == ["Bản một."]


def test_a_new_version_has_no_signatures_and_one_person_signs_once(held, writer, head):
    written(held, writer, "Bản một.")
    minutes.sign(held, Signer.SECRETARY, seen=1, actor=writer, now=EVENING)
    minutes.sign(held, Signer.CHAIR, seen=1, actor=head, now=EVENING)
    assert queries.facts_of(held, EVENING.date()).minutes_signed
    with pytest.raises(minutes.SignedAlready):
        minutes.sign(held, Signer.CHAIR, seen=1, actor=head, now=EVENING)
    minutes.write(held, "Bản hai.", why="sửa", seen=1, actor=writer, now=EVENING)
    assert not queries.facts_of(held, EVENING.date()).minutes_signed
    with pytest.raises(minutes.VersionMoved):
        minutes.sign(held, Signer.CHAIR, seen=1, actor=head, now=EVENING)
    held.staff[0].user = head
    minutes.sign(held, Signer.SECRETARY, seen=2, actor=head, now=EVENING)
    with pytest.raises(minutes.OnePersonTwice):
        minutes.sign(held, Signer.CHAIR, seen=2, actor=head, now=EVENING)


def test_signed_by_the_secretary_the_head_is_told_and_signed_by_both_the_minutes_wait_for_their_number(app, held, writer, head):
    def papers():
        return [(paper.state, "Bản hai." in json.dumps(facts_of_paper(paper), ensure_ascii=False)) for paper in held.papers[-1:]]

    for number, text in enumerate(("Bản một.", "Bản hai.")):
        minutes.write(held, text, why="", seen=number, actor=writer, now=EVENING)
        minutes.sign(held, Signer.SECRETARY, seen=number + 1, actor=writer, now=EVENING)
        told = db.session.query(Notice).filter_by(template="dialogues/notices/minutes_to_sign", channel=Channel.SITE)
        assert [row.user_id for row in told] == [head.id] * (number + 1)
        minutes.sign(held, Signer.CHAIR, seen=number + 1, actor=head, now=EVENING)
        assert papers() == [(PaperState.SENT, number == 1)]  # one paper, and it says what was signed last
    assert [paper.type for paper in held.papers].count(PaperType.MINUTES) == 1
    page = AtDesk(app, writer).get(room(held))
    assert "Chờ văn thư ghi số" in page
    assert f'/van-ban/{held.papers[-1].id}">Xem văn bản biên bản' in page


def test_only_chair_and_secretary_sign_and_only_who_prepares_writes(held, writer, secretary, province):
    written(held, writer, "Bản một.")
    for part, stranger in ((Signer.CHAIR, secretary), (Signer.SECRETARY, secretary), (Signer.CHAIR, province.officer)):
        with pytest.raises(NotAllowed):
            minutes.sign(held, part, seen=1, actor=stranger, now=EVENING)
    with pytest.raises(NotAllowed):
        minutes.write(held, "Khác.", why="", seen=1, actor=province.officer, now=EVENING)
    held.status = Status.ARCHIVED
    with pytest.raises(IllegalTransition):
        minutes.write(held, "Khác.", why="", seen=1, actor=writer, now=EVENING)


def test_lines_are_compared_with_what_stands_around_them():
    old, new = "a\nb\nc\nd\ne\nf\ng\nh\ni", "a\nB\nc\nd\ne\nf\ng\nh\ni\nj"
    assert lines_changed(old, new) == [
        ("same", "a"), ("gone", "b"), ("added", "B"), ("same", "c"), ("same", "d"), ("gap", ""),
        ("same", "h"), ("same", "i"), ("added", "j"),
    ]  # fmt: skip
    assert lines_changed(old, old) == []


def test_one_line_thousands_of_times_is_compared_without_taking_minutes():
    assert ("added", "b") in lines_changed("a\n" * 1000, "a\nb\n" * 1000)
    assert lines_changed("a\n" * 3000, "b") == [*[("gone", "a")] * 3000, ("gone", ""), ("added", "b")]


def test_two_tabs_the_later_sees_both(app, held, writer, head, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    first, second = AtDesk(app, writer), AtDesk(app, head)
    first.fill(room(held, "/sua"))  # the machine's own text
    assert held.minutes[0].written_by is None
    stale = form_of(second.client.get(room(held, "/sua")), "")
    first.fill(room(held, "/sua"), text=f"{held.minutes[0].text}\nBà Hợp ra về lúc 10 giờ.", why="ghi thêm")
    answer = press(second.client, stale, to=room(held, "/sua"), text=f"{held.minutes[0].text}\nÔng Tư đồng ý.")
    assert answer.status_code == 422
    assert "Bà Hợp ra về lúc 10 giờ." in answer.text
    assert "Ông Tư đồng ý." in answer.text
    assert press(second.client, form_of(answer, ""), to=room(held, "/sua")).status_code == 303
    assert [version.number for version in held.minutes] == [1, 2, 3]
    assert "Bà Hợp ra về" in second.get(room(held, "/so-sanh?tu=2&den=3"))
    second.get(room(held, "/so-sanh?tu=2&den=99"), status=404)
    page = second.press(room(held), room(held, "/ky"), part="chair")
    assert "Đã ký biên bản." in page
    assert "personal_data.seen" in {entry.action for entry in entries_about(held)}  # the minutes name people


# --- corrections --------------------------------------------------------------------------------------------------------


@pytest.fixture
def present(held, writer):
    """Mrs Hợp registered, came, and may correct the minutes for three days."""
    seat = Registration(check_in_code=CODE, link_digest="x", created_at=DAY, people=1)
    held.registrations += [seat, Registration(check_in_code="STAYED", link_digest="y", created_at=DAY, people=1)]
    seat.name, seat.phone = "Nguyễn Thị Hợp", "0912 345 678"
    held.attendances.append(Attendance(registration=seat, people=1, at=DAY))
    written(held, writer, "Câu 1: bà Hợp hỏi về đèn.")
    minutes.open_corrections(held, EVENING + dt.timedelta(days=3), actor=writer, now=EVENING)
    return seat


@pytest.mark.parametrize(
    ("code", "after", "refusal"),
    [
        ("STAYED", dt.timedelta(), minutes.NotPresent),
        ("", dt.timedelta(), minutes.NotPresent),
        (CODE, dt.timedelta(days=4), minutes.CorrectionsClosed),
    ],
)
def test_only_who_was_there_corrects_and_only_in_time(held, present, code, after, refusal):
    with pytest.raises(refusal):
        minutes.propose_correction(held, minutes.present_with(held, code, DIGITS), "Tôi hỏi về rãnh.", now=EVENING + after)


def test_who_was_there_reads_the_minutes_and_proposes_once_and_it_is_decided_with_a_reason(app, held, present, writer, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    address = f"/doi-thoai/{held.code}/gop-y-bien-ban"
    citizen = app.test_client()
    asked = citizen.get(address)
    assert "bà Hợp hỏi về đèn" not in asked.text
    wrong = press(citizen, form_of(asked, ""), to=address, code="STAYED", phone=DIGITS)
    assert wrong.status_code == 422
    assert "bà Hợp hỏi về đèn" not in wrong.text
    shown = press(citizen, form_of(asked, ""), to=address, code=f" {CODE[:3]} {CODE[3:]}".lower(), phone="0912345678")
    assert "bà Hợp hỏi về đèn" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    form = form_of(shown, "")
    assert press(citizen, form, to=address, text=" ").status_code == 422
    for _twice in range(2):
        assert press(citizen, form, to=address, text="Tôi hỏi về rãnh.").status_code == 303
    [correction] = db.session.query(MinutesCorrection)
    assert correction.sender == "Nguyễn Thị Hợp"

    desk = AtDesk(app, writer)
    decide = room(held, f"/gop-y/{correction.id}")
    assert "Tôi hỏi về rãnh." in desk.get(room(held))
    assert "Ghi lý do" in desk.fill(decide, accepted="yes", status=422)
    desk.fill(decide, accepted="yes", why="Băng ghi âm đúng là rãnh.")
    assert (correction.state, correction.decided_by) == (CorrectionState.ACCEPTED, writer)
    assert "đã sang bước sau" in desk._read(desk.client.get(decide), 303)
    for hour, minutes_shown in ((EVENING, True), (EVENING + dt.timedelta(days=9), False)):  # also when the time is over
        monkeypatch.setattr(clock, "now", lambda hour=hour: hour)
        told = press(citizen, form_of(citizen.get(address), ""), to=address, code=CODE, phone=DIGITS).text
        assert "Băng ghi âm đúng là rãnh." in told
        assert ("bà Hợp hỏi về đèn" in told) is minutes_shown
    assert "Băng ghi âm" not in press(citizen, form_of(citizen.get(address), ""), to=address, code="STAYED", phone=DIGITS).text


def test_until_it_is_decided_a_correction_takes_the_place_of_the_one_before_it_and_nobody_floods(held, present, writer):
    there = minutes.present_with(held, CODE, DIGITS)

    def say(text):
        return minutes.propose_correction(held, there, text, now=EVENING)

    first, second = say("Tôi hỏi về rãnh.").id, say("Tôi hỏi về rãnh số 4.")
    assert [each.id for each in minutes.corrections_of(held)] == [second.id]
    assert second.id != first, "whoever was about to decide the first decides nothing of what they have not read"
    for number in range(minutes.MOST_CORRECTIONS):
        minutes.decide_correction(say(f"Lần {number}."), accepted=False, why="Băng ghi khác.", actor=writer, now=EVENING)
    with pytest.raises(minutes.EnoughSaid):
        say("Lần nữa.")
    assert say("Lần 0.").text == "Lần 0."  # a second press of the button
    assert len(minutes.corrections_of(held)) == minutes.MOST_CORRECTIONS

    namesake = Registration(check_in_code="NAMESK", link_digest="z", created_at=DAY, people=1)
    held.registrations.append(namesake)
    namesake.name = present.name
    held.attendances.append(Attendance(registration=namesake, people=1, at=DAY))
    db.session.flush()
    assert minutes.corrections_by(held, minutes.present_as(namesake)) == []


def test_the_code_alone_opens_nothing_and_the_link_of_a_seat_needs_no_code(app, held, present, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    address, citizen = f"/doi-thoai/{held.code}/gop-y-bien-ban", app.test_client()
    for phone in ("", "5679", "678"):
        answer = press(citizen, form_of(citizen.get(address), ""), to=address, code=CODE, phone=phone)
        assert (answer.status_code, "bà Hợp hỏi về đèn" in answer.text) == (422, False)
    present.link_digest = links.digest_of(present)
    citizen.get(f"/doi-thoai/c/{links.key_of(present)}")
    assert address in citizen.get(f"/doi-thoai/{held.code}/cho-ngoi").text
    shown = citizen.get(address)
    assert "bà Hợp hỏi về đèn" in shown.text
    assert press(citizen, form_of(shown, ""), to=address, text="Tôi hỏi về rãnh.").status_code == 303


def test_after_some_wrong_codes_nothing_is_looked_up_for_that_network_and_who_has_a_link_reads_on(backend, valkey, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    app = build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL=valkey)
    with app.app_context(), Redis.from_url(valkey) as counters:
        counters.flushall()  # of the other database's turn
        province = builders.make_province()
        session = builders.session_at(province, factories.make_user(unit=province.ward, roles=[Role.HEAD]), Status.HELD)
        seat = Registration(uid=uuid.uuid4(), check_in_code=CODE, created_at=DAY, people=1)
        session.registrations.append(seat)
        seat.phone, seat.link_digest = "0912345678", links.digest_of(seat)
        session.attendances.append(Attendance(registration=seat, people=1, at=DAY))
        session.corrections_until = EVENING + dt.timedelta(days=1)
        session.minutes.append(MinutesVersion(number=1, text="Bà Hợp hỏi về đèn.", at=DAY))
        day = ReceptionDay(unit=province.ward, day=DAY.date(), begins=dt.time(8), ends=dt.time(11), venue="Trụ sở")
        visit = ReceptionVisit(day=day, position=1, code=codes.make_code("TCD", 2026), subject="Đèn", booked_at=EVENING, state="booked")
        db.session.add(visit)
        db.session.commit()
        guesser, owner = app.test_client(), app.test_client()
        address, find, key = f"/doi-thoai/{session.code}/gop-y-bien-ban", "/doi-thoai/tiep-cong-dan/tim", links.key_of(seat)
        tries = {
            address: [{"code": f"{number:06}", "phone": DIGITS} for number in range(61)] + [{"code": CODE, "phone": DIGITS}],
            find: [{"code": codes.make_code("TCD", 2026)} for _number in range(41)] + [{"code": visit.code}],
        }
        seen = {page: [press(guesser, form, to=page, **typed).status_code for typed in every]
                for page, every in tries.items() for form in [form_of(guesser.get(page), "" if page == address else page)]}  # fmt: skip
        owner.get(f"/doi-thoai/c/{key}")
        said = press(owner, form_of(owner.get(address), ""), to=address, text="Tôi hỏi về rãnh.").status_code
        db.session.remove()
        db.engine.dispose()

    assert seen == {address: [422] * 60 + [429] * 2, find: [422] * 40 + [429] * 2}
    assert said == 303


def test_closed_the_page_says_so_and_keeps_what_was_typed(app, held, present, monkeypatch):
    address = f"/doi-thoai/{held.code}/gop-y-bien-ban"
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    citizen = app.test_client()
    form = form_of(press(citizen, form_of(citizen.get(address), ""), to=address, code=CODE, phone=DIGITS), "")
    monkeypatch.setattr(clock, "now", lambda: EVENING + dt.timedelta(days=4))
    answer = press(citizen, form, to=address, text="Tôi hỏi về rãnh.")
    assert "Lúc này không nhận góp ý biên bản" in answer.text
    assert "Tôi hỏi về rãnh." in answer.text


def test_the_writer_opens_corrections_for_some_days(app, held, writer, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    desk = AtDesk(app, writer)
    assert "60 ngày tới" in desk.fill(room(held, "/nhan-gop-y"), until=["1", "1", "2030"], status=422)
    desk.fill(room(held, "/nhan-gop-y"), until=["5", "9", "2026"])
    assert held.corrections_until.astimezone(clock.LOCAL).isoformat() == "2026-09-05T23:59:59+07:00"
