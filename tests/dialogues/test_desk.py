"""The secretary's desk: what a device says is kept once and done, what comes late waits, what no device of ours says harms nothing."""

from __future__ import annotations

import datetime as dt
import json
import random
import uuid

import pytest

from app import clock
from app.assignments.rules import IllegalTransition
from app.audit import entries_about
from app.database import db
from app.permissions import Role
from dialogues import asked, desk_state, minutes_draft, queries
from dialogues.forms.desk import read
from dialogues.models import AgendaItem, DeviceEvent, Hall, MinutesSignature, MinutesVersion, Question, Session, SessionStaff, Support
from dialogues.operations import checking_in, concluding, promises, recording, screening, steps
from dialogues.operations.checking_in import Scan
from dialogues.operations.concluding import Answer, Asked
from dialogues.operations.promises import Word
from dialogues.rules import AnswerKind, EventKind, Origin, Part, PublicForm, QuestionState, StaffDuty, Status, StepRefused
from feedback.models import Feedback
from feedback.operations.intake import PersonData
from tests import factories
from tests.dialogues import builders
from tests.dialogues.at_device import FACTS, Device, desk, event
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import at, received
from tests.feedback.pages import statements, token

E = EventKind
NOON = DAY + dt.timedelta(hours=3)


def store(province, head, _secretary):
    """Return a session that is on, with two halls, two items and a question chosen for the day."""
    made = builders.session_at(province, head, Status.IN_SESSION)
    made.halls += [Hall(position=1, name="Hội trường"), Hall(position=2, name="Điểm cầu tổ 4")]
    made.agenda += [AgendaItem(position=place, part=Part.FLOOR, title=f"Phần {place}", minutes=30) for place in (1, 2)]
    made.questions.append(
        Question(origin=Origin.CLERK, state=QuestionState.ACCEPTED, for_the_day=True, position=1, text="Chợ bao giờ sửa?", asked_at=at(20))
    )
    return {"session": made}


@pytest.fixture
def session(stored, monkeypatch) -> Session:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return stored["session"]


@pytest.fixture
def send(app, session, secretary):
    return Device(app, session, secretary)


def test_what_a_device_says_stands_on_the_rows_that_all_other_pages_read(send, session):
    first, second = session.agenda
    main, far = session.halls
    chosen = session.questions[0]
    speaker = event(E.QUEUED, hall=str(far.uid))
    asked, came, hands = event(E.ASKED, speaker, 12, hall=str(far.uid)), event(E.CAME), event(E.HANDS)
    events = [
        event(E.ITEM_BEGUN, first, 1), event(E.ITEM_BEGUN, second, 5), speaker, event(E.CALLED, speaker, 11), asked,
        event(E.TEXT_CHANGED, asked, 13, [asked]), event(E.ANSWERED, asked, 14), event(E.REJECTED, asked, 15), came, hands,
        event(E.COUNTED, far), event(E.CALLED, chosen, 20), event(E.ANSWERED, chosen, 21, kind="by_delegate", by="Bà Lan"),
    ]  # fmt: skip
    assert send(*events) == ["applied"] * len(events)
    assert [(item.begun_at, item.ended_at) for item in session.agenda] == [
        (DAY + dt.timedelta(minutes=1), DAY + dt.timedelta(minutes=5)),
        (DAY + dt.timedelta(minutes=5), None),
    ]
    (said,) = session.speakers
    assert (said.name, said.hall, said.called_at) == ("Nguyễn Thị Hợp", far, DAY + dt.timedelta(minutes=11))
    before, question = session.questions
    assert (question.uid, question.origin, question.state, question.for_the_day) == (said.uid, Origin.FLOOR, QuestionState.ACCEPTED, True)
    assert (question.text, question.asker, question.phone) == ("Bao giờ trả tiền đền bù đợt hai?", "Nguyễn Thị Hợp", "0912345678")
    assert (question.comes_from, question.hall, question.asked_at) == ("tổ dân phố 4", far, DAY + dt.timedelta(minutes=12))
    assert (question.answer_kind, question.answer, question.answered_at) == ("by_chair", "Trong tháng 9.", DAY + dt.timedelta(minutes=14))
    assert (question.rejected, question.rejected_wants) == (True, "Trả lời bằng văn bản.")
    assert (before.answered_by, before.text) == ("Bà Lan", "Chợ bao giờ sửa?")
    assert [(each.name, each.people, each.hall) for each in session.attendances] == [("Lê Văn An", 2, main)]
    assert [(each.subject, each.agree, each.disagree, each.present) for each in session.hand_votes] == [("phương án 2", 33, 8, 101)]
    assert far.people_counted == 35
    assert entries_about(session)[-1].facts == {"applied": len(events), "late": 0, "refused": 0, "addendum": 0}
    kept = db.session.scalars(db.select(DeviceEvent)).all()
    assert not any("Hợp".encode() in each.facts_sealed for each in kept)
    assert queries.raised(session) == [question, before]  # as they were put, whenever they were sent


def test_what_is_sent_again_is_kept_once(send, session):
    asked = event(E.ASKED)
    batch = [asked, event(E.ANSWERED, asked, 14), event(E.CAME)]
    assert send(*batch) == send(*batch, asked)[:3] == ["applied"] * 3
    assert len(session.questions) == 2
    assert len(session.attendances) == 1
    assert sum(entry.action == "session.recorded" for entry in entries_about(session)) == 1


# --- two devices ---------------------------------------------------------------------------------------------------------


def test_two_devices_that_did_not_see_each_other_stand_side_by_side_until_somebody_chooses(app, session, send, province):
    other = Device(app, session, factories.make_user(unit=province.ward, roles=[Role.OFFICER], name="Trần Văn Hai"), "máy 2")
    asked = event(E.ASKED)
    first, second = event(E.ANSWERED, asked, 14), event(E.ANSWERED, asked, 15, kind="in_writing", text="")
    assert send(asked, first) == ["applied", "applied"]
    assert other(second) == ["conflict"]
    assert send(first) == ["conflict"]  # sent again: told how it stands now
    (shown, _before) = send.state()["questions"]
    assert shown["answer"] == {"kind": "in_writing", "by": "", "text": ""}
    assert shown["answer_base"] == [first["uid"], second["uid"]]
    assert [(each["value"]["kind"], each["who"]) for each in shown["conflicts"]["answer"]][1] == ("in_writing", "Trần Văn Hai")
    assert shown["conflicts"]["text"] == shown["conflicts"]["rejected"] == []
    assert other(event(E.ANSWERED, asked, 12, [first, second], kind="forwarded")) == ["applied"]
    (shown, _before) = send.state()["questions"]
    assert (shown["answer"]["kind"], shown["conflicts"]["answer"]) == ("forwarded", [])
    assert other(event(E.COUNTED, session.halls[1], people=40)) + send(event(E.COUNTED, session.halls[1], people=35)) == [
        "applied",
        "conflict",
    ]
    assert [each["value"] for each in send.state()["halls"][1]["other"]] in ([40, 35], [35, 40])


def snapshot(session):
    """Everything that other pages see of what was recorded."""
    db.session.flush()
    db.session.expire_all()
    return {
        "items": [(item.title, item.begun_at, item.ended_at) for item in session.agenda],
        "halls": [(hall.name, hall.people_counted) for hall in session.halls],
        "speakers": sorted((str(s.uid), s.name, s.comes_from, s.called_at, s.hall_id) for s in session.speakers),
        "people": sorted((str(a.uid), a.name, a.people, a.at) for a in session.attendances),
        "hands": sorted((str(v.uid), v.subject, v.agree) for v in session.hand_votes),
        "questions": [
            (q.uid, q.text, q.asker, q.phone, q.called_at, q.asked_at, q.answer_kind, q.answer, q.answered_by, q.answered_at, q.rejected,
             q.rejected_wants)
            for q in session.questions
        ],
    }  # fmt: skip


def chatter(dice, session, length):
    """What some devices say by chance, each having seen some of what was said before."""
    subjects = [uuid.UUID(int=dice.getrandbits(128)) for _ in range(3)]
    found = []
    for minute in range(length):
        kind = dice.choice([*E, E.ASKED, E.ANSWERED, E.ANSWERED, E.TEXT_CHANGED])
        about = dice.choice(subjects)
        if kind in {E.ITEM_BEGUN, E.ITEM_ENDED}:
            about = dice.choice(session.agenda)
        elif kind == E.COUNTED:
            about = dice.choice(session.halls)
        elif kind in {E.CAME, E.HANDS}:
            about = None
        elif kind in {E.CALLED, E.ANSWERED} and dice.random() < 0.3:
            about = session.questions[0]
        changes = {
            E.ANSWERED: {"kind": dice.choice(list(AnswerKind)), "text": dice.choice(["", "Tháng 9."])},
            E.WITHDRAWN: {"of": dice.choice(["speaker", "speaker", ""])},
            E.TEXT_CHANGED: {"value": f"Lời {minute}"},
            E.ASKED: {"text": f"Câu {minute}"},
            E.COUNTED: {"people": minute},
        }.get(kind, {})
        base = dice.sample(found, min(len(found), 2))
        found.append(event(kind, about, dice.randrange(30), base, **changes))
    return [read(each) for each in found]


def batches(dice, events):
    """The same events in another order, in pieces, some of them twice."""
    shuffled = [*events, *dice.sample(events, 3)]
    dice.shuffle(shuffled)
    while shuffled:
        size = dice.randrange(1, 9)
        yield shuffled[:size]
        del shuffled[:size]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_any_repetition_and_what_is_accepted_late_give_the_same_session(session, secretary, seed):
    dice = random.Random(seed)
    events = chatter(dice, session, 40)
    outcomes = []
    for late in (0, 0, 15):
        with db.session.begin_nested() as whole:
            for batch in [events] if not outcomes else batches(dice, events[late:]):
                taken = recording.take(session, "máy", batch, actor=secretary, now=NOON)
                assert {each.state for each in taken} <= {"applied", "conflict"}
            if late:
                session.status = Status.HELD
                for batch in batches(dice, events[:late]):
                    taken = recording.take(session, "máy", batch, actor=secretary, now=NOON)
                    assert {each.state for each in taken} == {"late"}
                waiting = {row.uid for row in recording.waiting(session)}
                decided = recording.decide(session, waiting, accepted=True, actor=secretary, now=NOON)
                assert len(decided) == late
            outcomes.append(snapshot(session))
            whole.rollback()
        db.session.expire_all()
    assert outcomes[0] == outcomes[1]
    assert outcomes[0] == outcomes[2]
    assert len(outcomes[0]["questions"]) > 1


# --- what other pages do meanwhile ---------------------------------------------------------------------------------------


def test_what_left_the_floor_or_is_in_a_units_hands_is_not_changed_by_what_a_device_said(send, session, secretary, province):
    asked, other = event(E.ASKED), event(E.ASKED, None, 20, text="Ông X nhận tiền.")
    answer = event(E.ANSWERED, asked, 14, kind="in_writing", text="")
    send(asked, other, answer)
    _before, question, turned = session.questions
    word = Word(province.works, (NOON + dt.timedelta(days=20)).date(), PublicForm.SITE)
    promises.promise_answer(question, word, name="hẹn", source="kết luận", actor=secretary, now=NOON)
    screening.turn(session, [turned], why="Tố cáo.", actor=secretary, now=NOON)
    refused = send.said(
        event(E.ANSWERED, asked, 30, [answer]), event(E.WITHDRAWN, asked), event(E.ANSWERED, other), event(E.TEXT_CHANGED, other)
    )  # fmt: skip
    assert [each["state"] for each in refused] == ["refused"] * 4
    assert [each["why"] for each in refused][:2] == [
        "Câu hỏi này đã giao đơn vị trả lời nên không đổi cách trả lời được nữa.",
        "Mục này không ghi tại bàn thư ký, đã có mã theo dõi, hoặc chủ trì đã giao việc từ câu hỏi này, nên không bỏ được ở đây.",
    ]
    assert send(event(E.ANSWERED, asked, 31, [answer], kind="in_writing", text="Sở trả lời."), event(E.QUEUED)) == ["applied"] * 2
    assert (question.answer_kind, question.answer, turned.text) == ("in_writing", "Sở trả lời.", "")


def test_what_was_written_down_by_mistake_goes_and_what_others_wrote_stays(send, session, secretary):
    asked, came = event(E.ASKED), event(E.CAME)
    speaker = event(E.QUEUED, None, 5)
    hands = event(E.HANDS)
    send(asked, came, speaker, hands)
    like = Question(origin=Origin.SEAT, state=QuestionState.LIKE_ANOTHER, like=session.questions[-1], text="Tôi cũng hỏi.", asked_at=NOON)
    session.questions.append(like)
    by_door = checking_in.walk_in(session, Scan(uid=uuid.uuid4(), at=NOON), name="Ba", comes_from="", people=1, actor=secretary, now=NOON)
    gone = [event(E.WITHDRAWN, each, 40) for each in (asked, came, hands)]
    assert send(*gone, event(E.WITHDRAWN, speaker, 41, of="speaker")) == ["applied"] * 4
    assert send(asked | {"uid": str(uuid.uuid4())}, event(E.ANSWERED, asked, 50)) == ["applied"] * 2  # it stays as if it had not been
    assert {question.text for question in session.questions} == {"Chợ bao giờ sửa?", "Tôi cũng hỏi."}
    assert (like.like, like.state) == (None, QuestionState.WAITING)
    assert [each.name for each in session.attendances] == ["Ba"]
    assert session.speakers == session.hand_votes == []
    stay = [by_door.attendance, session.questions[0], session.halls[0], session.agenda[0]]
    assert send(*(event(E.WITHDRAWN, each) for each in stay)) == ["refused"] * 4


def test_a_question_for_which_the_chair_gave_something_out_stays_and_holds_nothing_up(send, session, secretary, province):
    asked = event(E.ASKED)
    send(asked)
    word = Word(province.works, (NOON + dt.timedelta(days=20)).date(), PublicForm.SITE)
    promises.instruct(session, "Sửa chợ", word, question=session.questions[-1], actor=secretary, now=NOON)
    assert send(event(E.WITHDRAWN, asked, 40), event(E.QUEUED, None, 41)) == ["refused", "applied"]


def test_questions_from_the_floor_stand_in_the_order_in_which_they_were_asked(send, session, secretary):
    for minute in (30, 10, 20):
        send(event(E.ASKED, None, minute, text=f"Câu {minute}"))
    assert [each.text for each in session.questions] == ["Chợ bao giờ sửa?", "Câu 10", "Câu 20", "Câu 30"]
    # Somebody puts them in another order: what comes then takes its place among them, and they stay.
    screening.put_in_order(session, {each.id: place for place, each in enumerate(reversed(session.questions), start=1)}, actor=secretary)
    send(event(E.ASKED, None, 40, text="Câu 40"))
    assert [each.text for each in queries.raised(session)][-1] == "Câu 40"


#: What a clock says → what is believed.
CLOCKS = {
    NOON + dt.timedelta(minutes=4): NOON + dt.timedelta(minutes=4),
    NOON + dt.timedelta(minutes=6): NOON,
    DAY - dt.timedelta(hours=20): DAY - dt.timedelta(hours=20),
    dt.datetime(2020, 1, 1, tzinfo=dt.UTC): NOON,
}


def test_a_clock_that_is_plainly_wrong_is_not_believed_and_yet_kept(send, session):
    for said, stands in CLOCKS.items():
        queued = event(E.QUEUED) | {"at": said.isoformat()}
        send(queued)
        assert [each.at for each in session.speakers if str(each.uid) == queued["subject"]] == [stands], said
        row = db.session.scalars(db.select(DeviceEvent).where(DeviceEvent.uid == uuid.UUID(queued["uid"]))).one()
        assert dt.datetime.fromisoformat(row.facts.get("said_at", stands.isoformat())) == said


def test_what_a_clock_years_behind_said_in_one_go_keeps_its_order(send, session):
    old = {"at": "2020-01-01T00:00:00Z"}
    send(*(event(E.QUEUED, name=name) | old for name in ("Ba", "An", "Cúc")))
    assert [speaker.name for speaker in session.speakers] == ["Ba", "An", "Cúc"]


# --- who, and what they see ----------------------------------------------------------------------------------------------


def test_whoever_is_the_sessions_secretary_records_and_other_readers_do_not(app, session, province, send):
    secretary = factories.make_user(unit=province.ward, roles=[Role.RECORDS])
    door = factories.make_user(unit=province.ward, roles=[Role.RECORDS])
    session.staff += [SessionStaff(user=secretary, duty=StaffDuty.SECRETARY), SessionStaff(user=door, duty=StaffDuty.DOOR)]
    db.session.commit()
    assert AtDesk(app, secretary).client.get(desk(session, "/trang-thai.json")).json["may_close"] is False
    assert Device(app, session, secretary)(event(E.QUEUED)) == ["applied"]
    for reader, page, status in ((door, 303, 403), (province.officer, 404, 404)):
        AtDesk(app, reader).get(desk(session), status=page)
        AtDesk(app, reader).get(desk(session, "/trang-thai.json"), status=status)
        stranger = AtDesk(app, reader).client
        sent = stranger.post(desk(session, "/su-kien"), json={}, headers={"X-CSRFToken": token(stranger, "/can-bo/doi-thoai/")})
        assert sent.status_code == status
    AtDesk(app, secretary).get(desk(session, "/muon"), status=403)


def test_the_picture_costs_the_same_for_one_question_and_for_many_and_nothing_when_nothing_changed(send, session):
    def many():
        asked = [event(E.ASKED, None, minute) for minute in range(6)]
        answers = [event(E.ANSWERED, each, 20 + n, kind=kind) for n, each in enumerate(asked) for kind in ("by_chair", "forwarded")]
        send(*asked, *answers, *(event(E.CAME) for _ in range(3)), *(event(E.QUEUED, None, n) for n in range(3)))

    many()
    with statements() as few:
        first = desk_state.state(db.session.get(Session, session.id), NOON, prepares=True)
    many()
    with statements() as more:
        second = desk_state.state(db.session.get(Session, session.id), NOON, prepares=True)
    assert (len(first["questions"]), len(second["questions"])) == (7, 13)
    assert (first["present"], second["present"]) == (6, 12)
    assert len(few) == len(more)
    assert first["version"] < second["version"]

    answer = send.client.get(desk(session, "/trang-thai.json"))
    assert (answer.headers["Cache-Control"], json.loads(answer.text)["version"]) == ("no-store", second["version"])
    known = {"If-None-Match": answer.headers["ETag"]}
    assert send.client.get(desk(session, "/trang-thai.json"), headers=known).status_code == 304
    send(event(E.QUEUED, None, 50))
    assert send.client.get(desk(session, "/trang-thai.json"), headers=known).status_code == 200


def test_the_version_goes_up_with_whatever_live_pages_show_and_stays_while_people_ask_before_the_day(session, head):
    def after(change):
        before = session.live_version
        change()
        db.session.flush()
        return session.live_version - before

    (question,) = session.questions
    assert after(lambda: setattr(question, "public_text", "Chợ bao giờ sửa?")) == 1
    assert after(lambda: db.session.add(Support(question_id=question.id, device_digest="a", at=NOON))) == 1
    assert after(lambda: session.halls.remove(session.halls[1])) == 1
    assert after(lambda: setattr(session, "topic", "Khác")) == 1
    assert after(lambda: setattr(session, "audience", "Ai cũng được")) == 0
    concluding.record_answer(question, Answer(AnswerKind.BY_CHAIR, "Tháng 9."), actor=head, now=NOON)
    assert after(lambda: steps.move(session, Status.HELD, overrides={}, actor=head, now=NOON)) >= 1
    session.status = Status.ANNOUNCED
    db.session.flush()
    assert after(lambda: setattr(question, "text", "Chợ?")) == 0


def test_the_picture_says_who_waits_who_speaks_and_which_steps_may_be_taken(send, session, head):
    chosen = session.questions[0]
    first, second = event(E.QUEUED, None, 1, name="An"), event(E.QUEUED, None, 2, name="Ba")
    send(first, second)
    shown = send.state()
    assert [(each["origin"], each["name"] or each["text"]) for each in shown["queue"]] == [
        ("speaker", "An"), ("speaker", "Ba"), ("question", "Chợ bao giờ sửa?"),
    ]  # fmt: skip
    assert (shown["may_begin"], shown["may_close"], shown["status"], shown["late"]) == (False, False, "in_session", 0)
    assert desk_state.on_floor(session) is None
    send(event(E.CALLED, first, 3))
    assert desk_state.on_floor(session) is session.speakers[0]
    send(event(E.ASKED, first, 4))
    assert desk_state.on_floor(session).text == FACTS[E.ASKED]["text"]
    send(event(E.ANSWERED, first, 5))
    assert desk_state.on_floor(session) is None
    send(event(E.CALLED, chosen, 6))
    assert desk_state.on_floor(session) is chosen
    send(event(E.ANSWERED, chosen, 7))
    shown = send.state()
    assert [each["name"] for each in shown["queue"]] == ["Ba"]
    assert shown["may_close"] is True


def test_what_was_chosen_and_never_put_is_answered_in_writing_and_then_the_session_can_end(app, send, session, head):
    (chosen,) = session.questions
    chosen.feedback = received()
    clock_, code = chosen.feedback.clocks, chosen.feedback.code
    db.session.commit()
    at_desk, room = AtDesk(app, head), f"/can-bo/doi-thoai/{session.code}"
    button = '<p class="btns"><button class="btn btn-2">Các câu chưa nêu'
    open_, shut = 'data-if="unput" data-ending>', 'data-if="unput" data-ending hidden>'
    send(event(E.ASKED, comes_from="Công ty Minh Đức", name="", text="Bao giờ có điện?"))
    assert shut in at_desk.get(desk(session))  # first what was put is answered
    send(event(E.ANSWERED, session.questions[-1]))
    page = at_desk.get(desk(session))
    assert all(each in page for each in (open_, button))
    assert page.index('href="#ket-thuc"') < page.index('id="ghi"') < page.index(open_)  # where one ends; what one writes stays where it is
    assert f'href="{desk(session)}">' in at_desk.get(room).partition("Còn thiếu:")[2]
    assert "Đã chọn, chưa nêu" in at_desk.get(f"{room}/ket-luan")
    text = minutes_draft.text_of(session)
    assert "Câu 1. Một người ở Công ty Minh Đức hỏi: Bao giờ có điện?" in text
    assert "Chợ" not in text
    assert "Mã theo dõi và hạn giữ nguyên" in at_desk.press(desk(session), desk(session, "/chua-neu"))
    assert (chosen.for_the_day, chosen.state, chosen.feedback.clocks, chosen.feedback.code) == (False, "accepted", clock_, code)
    assert shut in at_desk.get(desk(session))
    steps.move(session, Status.HELD, overrides={}, actor=head, now=NOON)


def test_the_desk_names_who_sent_a_question_to_whoever_may_know_and_keeps_the_look_once_a_day(app, send, session, secretary, monkeypatch):
    session.questions[0].feedback = received(people=(PersonData(name="Đỗ Thị Sen"),))
    monkeypatch.setattr(asked, "may_see_asker", lambda question, reader: reader.id == secretary.id)
    db.session.commit()
    assert [AtDesk(app, secretary).get(desk(session)).count("Đỗ Thị Sen") > 0, send.state()["queue"][0]["name"]] == [True, "Đỗ Thị Sen"]
    assert [entry.action for entry in entries_about(session)].count("personal_data.seen") == 1


def test_the_people_counted_in_each_hall_are_said_in_the_minutes(send, session):
    send(event(E.COUNTED, session.halls[1], people=35))
    assert "Điểm cầu tổ 4: 35 người dự." in minutes_draft.text_of(session)


# --- without a script ----------------------------------------------------------------------------------------------------


def test_one_plain_form_records_one_thing_once_and_keeps_what_was_typed_where_it_cannot(app, session, secretary):
    at_desk = AtDesk(app, secretary)
    mark = token(at_desk.client, desk(session))

    def press(**typed):
        return at_desk.client.post(desk(session, "/ghi"), data={"csrf_token": mark} | typed)

    asked = {"kind": "asked", "uid": str(uuid.uuid4()), "subject": str(uuid.uuid4()), "base": "", "text": "Bao giờ có điện?", "hall": ""}
    for _ in range(2):
        answer = press(**asked)
        assert (answer.status_code, answer.location) == (303, desk(session))
    assert "Đã ghi." in at_desk.get(desk(session))
    (_before, question) = session.questions
    typed = {"kind": "answered", "uid": str(uuid.uuid4()), "subject": asked["subject"], "base": "", "text": "Đang làm"}
    answer = press(**typed, answer_kind="")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (422, "no-store")
    assert "Chọn cách trả lời." in answer.text
    assert "Đang làm" in answer.text
    press(**typed, answer_kind="by_delegate", by="Bà Lan")
    assert (question.answer_kind, question.answered_by, question.answer) == ("by_delegate", "Bà Lan", "Đang làm")
    hands = {
        "uid": str(uuid.uuid4()),
        "subject": str(uuid.uuid4()),
        "about": "phương án 1",
        "agree": "33",
        "disagree": "",
        "present": "101",
    }
    press(kind="hands", **hands)
    assert [(vote.agree, vote.disagree, vote.present) for vote in session.hand_votes] == [(33, None, 101)]
    assert press(kind="called", uid=str(uuid.uuid4()), subject=str(session.halls[0].uid)).status_code == 422
    assert press(kind="bậy").status_code == press().status_code == 422


# --- late ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def held(session):
    session.status, session.held_at = Status.HELD, NOON
    return session


def test_what_comes_late_waits_and_once_accepted_stands_as_if_it_had_come_in_time(app, held, send, secretary):
    asked, other = event(E.ASKED, None, 10, text="Trường học?"), event(E.ASKED, None, 11, text="Nhầm.")
    assert send(asked, event(E.ANSWERED, asked, 12), other) == ["late"] * 3
    assert send(asked) == ["late"]
    assert len(held.questions) == 1
    seen = send.state()
    assert seen["late"] == 3
    at_desk = AtDesk(app, secretary)
    for room in ("", "/ket-luan"):
        assert "Ghi đến muộn: 3 mục chờ nhận" in at_desk.get(f"/can-bo/doi-thoai/{held.code}{room}")
    page = at_desk.get(desk(held, "/muon"))
    assert "Câu hỏi của Nguyễn Thị Hợp, tổ dân phố 4: Trường học?" in page
    assert "Câu hỏi “Trường học?”: Chủ trì trả lời tại chỗ. Trong tháng 9." in page

    def decide(decision, *events):
        sent = {"csrf_token": token(at_desk.client, desk(held, "/muon")), "uid": [each["uid"] for each in events], "decision": decision}
        return at_desk.client.get(at_desk.client.post(desk(held, "/muon"), data=sent).location).text

    assert "Không nhận 1 mục." in decide("refuse", other)
    rest = [row.uid for row in recording.waiting(held)]
    assert "Đã nhận 2 mục." in decide("accept", *({"uid": uid} for uid in rest))
    assert held.live_version > seen["version"]  # whoever looks at a live page asks for it anew
    (_before, question) = held.questions
    assert (question.text, question.answer_kind, question.asked_at) == ("Trường học?", "by_chair", DAY + dt.timedelta(minutes=10))
    assert entries_about(held)[-1].facts == {"events": 2, "accepted": True}
    assert send(other) == ["refused"]
    assert "vừa được người khác xử lý" in decide("accept", other)
    assert "Không có mục nào chờ nhận." in at_desk.get(desk(held, "/muon"))


def test_what_is_accepted_late_must_be_answered_before_the_conclusion(held, send, secretary, province):
    concluding.record_answer(held.questions[0], Answer(AnswerKind.BY_CHAIR, "Tháng 9."), actor=secretary, now=NOON)
    send(event(E.ASKED))
    recording.decide(held, {row.uid for row in recording.waiting(held)}, accepted=True, actor=secretary, now=NOON)
    builders._prepare_for(held, Status.CONCLUDED, province)
    with pytest.raises(StepRefused, match="questions_without_answer"):
        steps.move(held, Status.CONCLUDED, overrides={}, actor=secretary, now=NOON)


@pytest.mark.parametrize("signed", [True, False])
def test_what_is_accepted_after_the_minutes_were_signed_is_an_addendum_that_names_nobody(held, send, secretary, signed):
    send(event(E.ASKED, None, 10, text="Trường học?"), event(E.HANDS, None, 11))
    if signed:
        version = MinutesVersion(number=1, text="Biên bản.", at=NOON)
        version.signatures.append(MinutesSignature(part="secretary", user=secretary, at=NOON))
        held.minutes.append(version)
    else:
        held.status = Status.PUBLISHED
    taken = recording.decide(held, {row.uid for row in recording.waiting(held)}, accepted=True, actor=secretary, now=NOON)
    assert {each.state for each in taken} == {"addendum"}
    assert len(held.questions) == 1
    assert [each.text for each in held.addenda] == [
        "8:10 thứ\xa0Hai, 31/8/2026. Câu hỏi của tổ dân phố 4: Trường học?",
        "8:11 thứ\xa0Hai, 31/8/2026. Giơ tay về “phương án 2”: 33 hộ đồng ý, 8 hộ không đồng ý, 101 hộ có mặt, 60 hộ không biểu quyết",
    ]


def test_a_question_that_is_accepted_too_late_for_the_minutes_still_gets_its_code_and_its_clock(app, held, send, secretary):
    for text, answers in (("Trường học?", []), ("Đèn?", ["by_chair"]), ("Nước?", ["in_writing"])):
        asked = event(E.ASKED, None, 10, text=text, phone="0912345678")
        send(asked, *(event(E.ANSWERED, asked, 12, kind=kind) for kind in answers))
    held.status = Status.CONCLUDED
    assert queries.facts_of(held, NOON.date()).late_undecided == 5
    at_desk = AtDesk(app, secretary)
    assert "Câu hỏi chưa được trả lời tại chỗ có mã tra cứu" in at_desk.get(desk(held, "/muon"))
    sent = {"csrf_token": token(at_desk.client, desk(held, "/muon")), "decision": "accept"}
    sent["uid"] = [str(row.uid) for row in recording.waiting(held)]
    said = at_desk.client.get(at_desk.client.post(desk(held, "/muon"), data=sent).location).text
    items = {item.body: item for item in db.session.scalars(db.select(Feedback))}
    assert set(items) == {"Trường học?", "Nước?"}
    for item in items.values():
        assert item.code in said
        assert (item.channel, item.open_answer.unit_id, item.open_answer.due_on is not None) == ("floor", held.unit_id, True)
    assert queries.facts_of(held, NOON.date()).late_undecided == 0


def test_what_comes_after_archiving_is_an_addendum_by_itself(held, send):
    held.status = Status.ARCHIVED
    assert send(event(E.COUNTED, held.halls[1])) == ["addendum"]
    (added,) = held.addenda
    assert (added.text, added.user.name) == ("8:10 thứ\xa0Hai, 31/8/2026. Điểm cầu tổ 4: đếm được 35 người", send_name(send))
    assert held.halls[1].people_counted is None
    assert send(*(event(E.COUNTED, held.halls[1], minute) for minute in range(11, 14))) == ["addendum"] * 3
    assert len(held.addenda) == 2, "one message, one addendum: nobody chose among what it brings"


def send_name(device):
    return db.session.scalars(db.select(DeviceEvent)).one().user.name


def test_what_is_said_again_in_other_words_changes_nothing_and_is_no_longer_called_done(send, session):
    asked = event(E.ASKED, text="Trường học?")
    assert send(asked) == ["applied"]
    (again,) = send.said(asked | {"facts": asked["facts"] | {"text": "Chợ?"}})
    assert (again["state"], "với nội dung khác" in again["why"]) == ("refused", True)
    assert send(asked) == ["applied"]
    assert session.questions[-1].text == "Trường học?"


def test_before_its_day_the_desk_only_waits_unless_somebody_began(app, send, session, secretary, monkeypatch):
    eve, sentence = DAY - dt.timedelta(days=1), "Bàn thư ký ghi được từ ngày họp"
    monkeypatch.setattr(clock, "now", lambda: eve)
    session.status = Status.READY
    assert send(event(E.ITEM_BEGUN, session.agenda[0])) == ["refused"]
    assert sentence in AtDesk(app, secretary).get(desk(session))
    session.status = Status.IN_SESSION
    assert send(event(E.ITEM_BEGUN, session.agenda[0])) == ["applied"]
    assert sentence not in AtDesk(app, secretary).get(desk(session))


def test_before_it_is_ready_and_once_it_is_called_off_nothing_is_recorded(send, session):
    for status in (Status.DRAFT, Status.PLANNED, Status.ANNOUNCED, Status.POSTPONED, Status.CANCELLED):
        session.status = status
        asked = event(E.ASKED)
        (refused,) = send.said(asked)
        said = ("refused", "Buổi đối thoại chưa đến lúc ghi, đã hoãn hoặc đã hủy.")
        assert (refused["state"], refused["why"]) == said, status
        session.status = Status.READY
        assert send(asked) == ["refused"], status
        assert len(session.questions) == 1, status


def test_what_the_form_after_the_session_says_meets_what_came_late_in_one_place(held, send, secretary):
    question = concluding.add_question(held, Asked("Bao giờ có nước?", asker="Tư"), actor=secretary, now=NOON)
    concluding.record_answer(question, Answer(AnswerKind.BY_CHAIR, "Tháng 9."), actor=secretary, now=NOON)
    send(event(E.ANSWERED, question, 30, kind="in_writing", text="Để xem."))
    recording.decide(held, {row.uid for row in recording.waiting(held)}, accepted=True, actor=secretary, now=NOON)
    shown = next(each for each in send.state()["questions"] if each["uid"] == str(question.uid))
    assert [each["value"]["kind"] for each in shown["conflicts"]["answer"]] == ["in_writing", "by_chair"]
    concluding.record_answer(question, Answer(AnswerKind.FORWARDED, rejected=True, wants="Văn bản."), actor=secretary, now=NOON)
    shown = next(each for each in send.state()["questions"] if each["uid"] == str(question.uid))
    assert (shown["answer"]["kind"], shown["conflicts"]["answer"], shown["wants"]) == ("forwarded", [], "Văn bản.")
    send(event(E.REJECTED, held.questions[0], 5, wants="Xem lại."))
    concluding.record_answer(held.questions[0], Answer(AnswerKind.BY_CHAIR, "Tháng 9."), actor=secretary, now=NOON)
    recording.decide(held, {row.uid for row in recording.waiting(held)}, accepted=True, actor=secretary, now=NOON)
    assert (held.questions[0].rejected, held.questions[0].rejected_wants) == (True, "Xem lại.")  # the form had said nothing of it
    held.status = Status.CONCLUDED
    with pytest.raises(IllegalTransition):
        concluding.record_answer(question, Answer(AnswerKind.BY_CHAIR, "Khác."), actor=secretary, now=NOON)
