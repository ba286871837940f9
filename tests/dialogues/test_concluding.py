"""What was said in the hall: every question has its answer or its promise, and no promise gets lost."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest

from app import clock
from app.access import NotAllowed
from app.assignments.rules import Duty, IllegalTransition, State
from app.calendar.rules import Stage
from app.database import db
from app.escalation import climbing
from app.escalation.operations import load_shipped
from app.outbox import Channel, Notice
from app.permissions import Role
from app.units.models import UnitSuccession
from dialogues import queries
from dialogues.models import SessionStaff
from dialogues.operations import concluding, promises, succeeding
from dialogues.operations.concluding import Answer, Asked
from dialogues.operations.promises import Word
from dialogues.rules import AnswerKind, PublicForm, StaffDuty, Status
from feedback import rules as feedback_rules
from feedback.operations import desk, intake, unit
from tests import factories
from tests.app.files import samples
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import MONDAY, at, proof

EVENING = DAY + dt.timedelta(hours=4)
#: Three weeks after the session, a Saturday: no working day, and before the province's own term of 15 working days.
SATURDAY = dt.date(2026, 9, 19)
NAME = "Chủ trì hẹn tại buổi đối thoại"


@pytest.fixture
def held(province, head):
    return builders.session_at(province, head, Status.HELD)


@pytest.fixture
def question(held, secretary):
    """A question that was put on the floor and left open."""
    asked = Asked("Bao giờ trả tiền đền bù đợt hai?", asker="Nguyễn Thị Hợp", phone="0912345678", comes_from="tổ dân phố 4")
    made = concluding.add_question(held, asked, actor=secretary, now=EVENING)
    concluding.record_answer(made, Answer(AnswerKind.IN_WRITING), actor=secretary, now=EVENING)
    return made


def word(unit, on=SATURDAY, **over):
    return Word(unit, on, PublicForm.SITE, **over)


def promise(question, unit, actor, on=SATURDAY, **over):
    return promises.promise_answer(question, word(unit, on, **over), name=NAME, source="kết luận", actor=actor, now=EVENING)


def instruct(session, unit, actor, **over):
    return promises.instruct(session, "Nạo vét rãnh ngõ 12", word(unit, **over), actor=actor, now=EVENING)


# --- questions ---------------------------------------------------------------------------------------------------------


def test_a_question_counts_as_open_until_it_is_answered_or_somebody_promised_when(held, secretary, province):
    made = concluding.add_question(held, Asked("Đường bao giờ xong?"), actor=secretary, now=EVENING)

    def facts():
        found = queries.facts_of(held, EVENING.date())
        return found.questions_without_answer, found.deferred_without_promise

    assert facts() == (1, 0)
    concluding.record_answer(made, Answer(AnswerKind.IN_WRITING), actor=secretary, now=EVENING)
    assert facts() == (0, 1)
    promise(made, province.works, secretary)
    assert facts() == (0, 0)


def test_a_deferred_question_becomes_an_item_that_its_asker_follows_by_the_day_promised(question, secretary, province):
    item = promise(question, province.works, secretary)
    duty = item.open_answer
    receipt = intake.receipt_of(promises.receipt_token(question), now=EVENING)

    assert question.feedback is item
    assert (item.channel, item.status) == (feedback_rules.Channel.FLOOR, feedback_rules.Status.IN_HAND)
    assert item.people[0].name == "Nguyễn Thị Hợp"
    assert item.publish_consent
    assert (duty.unit, duty.duty, duty.due_on) == (province.works, Duty.ANSWER, SATURDAY)  # to the day, day off or not
    assert receipt is not None
    assert receipt.key
    told = db.session.query(Notice).filter_by(channel=Channel.SMS, subject_id=item.id).all()
    assert [notice.template for notice in told] == ["feedback/notices/received"]


def test_without_a_name_the_item_is_anonymous(held, secretary, province):
    made = concluding.add_question(held, Asked("Đường bao giờ xong?"), actor=secretary, now=EVENING)
    concluding.record_answer(made, Answer(AnswerKind.IN_WRITING), actor=secretary, now=EVENING)
    assert promise(made, province.works, secretary).is_anonymous


def test_a_promise_never_puts_off_what_is_owed_earlier(question, secretary, province):
    item = promise(question, province.works, secretary, on=dt.date(2027, 3, 1))
    owed = next(each for each in item.clocks if each.stage == Stage.REPLY)

    assert owed.rule_code == "HD_REPLY"
    assert question.promised_on == item.open_answer.due_on == owed.due_on < dt.date(2027, 3, 1)  # one answer, one day, on every page
    late = dt.datetime.combine(owed.due_on, dt.time(9), tzinfo=clock.LOCAL)
    new = owed.due_on + dt.timedelta(days=9)
    promises.promise_answer(question, word(province.works, new), name=NAME, source="kết luận", actor=secretary, now=late)
    assert (question.promised_on, item.open_answer.due_on) == (new, owed.due_on)  # a new word mends nothing that is missed


def test_a_promise_said_again_is_corrected_and_nothing_is_doubled(question, secretary, province):
    promise(question, province.works, secretary)
    item = promise(question, province.health, secretary, on=SATURDAY - dt.timedelta(days=4))

    open_ = [each for each in item.assignments if each.is_open]
    assert [(each.unit, each.due_on) for each in open_] == [(province.health, SATURDAY - dt.timedelta(days=4))]
    assert [each.rule_code for each in item.clocks if each.stage == Stage.REPLY and each.is_running].count("PROMISED") == 1


@pytest.mark.parametrize(
    ("kind", "day"),
    [
        (feedback_rules.Kind.SUGGESTION, SATURDAY),  # 15 working days would be later
        (feedback_rules.Kind.REPORT, dt.date(2026, 9, 16)),  # 10 working days are owed earlier
    ],
)
def test_whatever_it_turns_out_to_be_the_earlier_day_holds(question, secretary, province, kind, day):
    item = promise(question, province.works, secretary)
    facts = {"title": item.title, "field": None, "place": item.place, "complex_": False, "accused_unit": None}
    facts |= {"accused_names": "", "accused_outside": False}
    desk.classify(item, kind=kind, **facts, actor=province.clerk, now=EVENING)
    assert item.open_answer.due_on == day


def test_what_was_asked_beforehand_goes_to_the_unit_the_chair_names(held, secretary, province):
    item = builders_item(province)
    made = concluding.add_question(held, Asked("Đèn đường bao giờ sửa?"), actor=secretary, now=EVENING)
    made.feedback = item
    concluding.record_answer(made, Answer(AnswerKind.IN_WRITING), actor=secretary, now=EVENING)

    assert promise(made, province.health, secretary) is item
    assert item.open_answer.unit is province.health


def builders_item(province):
    from tests.feedback import builders as items  # noqa: PLC0415 - the name is taken by the sessions' own

    return items.taken(province, at(20))


def test_beyond_the_chairs_authority_the_host_answers_and_petitions(question, secretary, province, held):
    question.answer_kind = AnswerKind.FORWARDED
    with pytest.raises(promises.BodyMissing):
        promise(question, province.works, secretary)
    item = promise(question, province.works, secretary, beyond="Bộ Xây dựng")

    assert item.open_answer.unit is province.ward
    assert [(each.unit, each.duty, each.beyond, each.due_on) for each in held.promises] == [
        (province.ward, Duty.ACT, "Bộ Xây dựng", SATURDAY)
    ]


@pytest.mark.parametrize(
    ("kind", "on", "refusal"),
    [(AnswerKind.BY_CHAIR, SATURDAY, promises.NotDeferred), (AnswerKind.IN_WRITING, EVENING.date(), promises.DayPast)],
)
def test_what_cannot_be_promised_is_refused(question, secretary, province, kind, on, refusal):
    question.answer_kind = kind
    with pytest.raises(refusal):
        promise(question, province.works, secretary, on=on)


def test_once_a_unit_has_it_the_kind_of_answer_stands(question, secretary, province):
    promise(question, province.works, secretary)
    with pytest.raises(concluding.AlreadyPromised):
        concluding.record_answer(question, Answer(AnswerKind.BY_CHAIR, "Đã trả."), actor=secretary, now=EVENING)


def test_nothing_is_written_down_before_the_session_after_its_conclusion_or_by_others(province, head, secretary):
    early = builders.session_at(province, head, Status.READY)
    late = builders.session_at(province, head, Status.CONCLUDED)
    for session in (early, late):
        with pytest.raises(IllegalTransition):
            concluding.add_question(session, Asked("?"), actor=secretary, now=EVENING)
    with pytest.raises(NotAllowed):
        concluding.add_question(late, Asked("?"), actor=province.officer, now=EVENING)


# --- instructions --------------------------------------------------------------------------------------------------------


def test_an_instruction_goes_back_to_the_host_and_on_but_never_ends_without_its_deed(held, secretary, province, head):
    held.staff.append(SessionStaff(user=held.staff[0].user, duty=StaffDuty.DOOR))  # who does two things is told once
    given = instruct(held, province.works, secretary, supporting=[province.ward.id, province.health.id])
    assert (given.state, given.due_on, given.clocks[0].stage) == (State.OFFERED, SATURDAY, Stage.TAKE)
    with pytest.raises(NotAllowed):
        promises.take(given, actor=province.health_officer, now=EVENING)

    promises.give_back(given, reason="Rãnh do phường quản lý.", actor=province.officer, now=EVENING)
    assert (given.unit, given.state, given.outcome) == (province.ward, State.OFFERED, "Rãnh do phường quản lý.")
    assert given.supporting_ids == [province.health.id]  # nobody helps themselves
    with pytest.raises(promises.SameUnit):
        promises.give_back(given, reason="Không.", actor=head, now=EVENING)
    promises.pass_on(given, province.health, reason="Làm vệ sinh.", actor=head, now=EVENING)
    promises.take(given, actor=province.health_officer, now=EVENING)
    with pytest.raises(promises.ProofMissing):
        promises.keep(given, outcome="Xong.", proofs=[], caption="", actor=province.health_officer, now=EVENING)
    file = proof().file
    promises.keep(given, outcome="Đã nạo vét.", proofs=[file], caption="Ảnh", actor=province.health_officer, now=at(60))

    assert (given.state, given.due_on, given.first_due_on, given.hops) == (State.DONE, SATURDAY, SATURDAY, 2)
    assert given.is_late(at(70).date())  # late stays late
    assert [(each.promise_id, each.file) for each in held.files] == [(given.id, file)]


def test_a_second_press_writes_nothing_down_twice(held, secretary, province):
    asked = Asked("Đường bao giờ xong?")
    again = [concluding.add_question(held, asked, actor=secretary, now=EVENING) for _press in range(2)]
    given = [instruct(held, province.works, secretary) for _press in range(2)]
    assert again[0] is again[1]
    assert given[0] is given[1]


def test_a_unit_that_helps_is_told_and_may_open_it_but_not_take_it(app, held, secretary, province, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    given = instruct(held, province.works, secretary, supporting=[province.health.id])
    told = db.session.query(Notice).filter_by(user_id=province.health_officer.id, channel=Channel.SITE).all()
    assert [notice.template for notice in told] == ["dialogues/notices/promise_helps"]
    helper = AtDesk(app, province.health_officer)
    assert "Nhận việc</button>" not in helper.get(f"/can-bo/doi-thoai/viec/{given.id}")
    helper.get(f"/can-bo/doi-thoai/viec/{given.id}/tra-lai", status=403)
    AtDesk(app, province.roads_officer).get(f"/can-bo/doi-thoai/viec/{given.id}", status=404)


def test_what_was_written_down_by_mistake_is_taken_back_while_the_conclusion_is_not_out(held, secretary, province):
    given = instruct(held, province.works, secretary)
    promises.withdraw(given, reason="Ghi nhầm đơn vị.", actor=secretary, now=EVENING)
    assert (given.state, given.outcome) == (State.CANCELLED, "Ghi nhầm đơn vị.")


def test_a_promise_outlives_its_unit_and_its_officer(held, secretary, province):
    first, second = instruct(held, province.works, secretary), instruct(held, province.health, secretary)
    promises.take(first, actor=province.officer, now=EVENING)
    admin = factories.make_user(unit=province.root, roles=[Role.ADMINISTRATOR])
    assert succeeding.open_duties(province.officer) == 1
    assert succeeding.reassign_all(province.officer, province.colleague, actor=admin, now=EVENING) == 1
    assert first.officer is province.colleague
    row = UnitSuccession(from_id=province.health.id, origin=province.health, to=province.works, effective_on=EVENING.date())
    assert succeeding.succeed(row, actor=admin, now=EVENING) == 1
    assert (second.unit, second.due_on) == (province.works, SATURDAY)


def test_a_unit_is_told_once_before_the_day_and_once_after_it(held, secretary, province, monkeypatch):
    given = instruct(held, province.works, secretary)

    def told():
        return db.session.query(Notice).filter_by(subject_type="assignment", subject_id=given.id, channel=Channel.SITE, user_id=who).all()

    who = province.officer.id
    load_shipped(now=MONDAY)
    for days in (-3, -2, 2, 3):  # Wednesday, Thursday; Monday, Tuesday
        morning = dt.datetime.combine(SATURDAY + dt.timedelta(days=days), dt.time(7, 5), tzinfo=clock.LOCAL)
        monkeypatch.setattr(clock, "now", lambda morning=morning: morning)
        climbing.climb()
    assert [notice.template.rpartition("/")[2] for notice in told()] == ["promise_offered", "promise_due", "promise_late"]


# --- pages ---------------------------------------------------------------------------------------------------------------


def test_the_secretary_writes_it_down_and_the_unit_does_it(app, held, province, secretary, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    room = f"/can-bo/doi-thoai/{held.code}"
    desk_ = AtDesk(app, secretary)
    desk_.fill(f"{room}/cau-hoi-tai-cho", text="Bao giờ trả tiền?", asker="Nguyễn Thị Hợp", comes_from="tổ dân phố 4")
    asked = held.questions[-1]
    refused = desk_.fill(f"{room}/cau-hoi/{asked.id}/tra-loi", kind="by_delegate", status=422)
    assert "Ghi họ tên, chức vụ người trả lời" in refused
    page = desk_.fill(f"{room}/cau-hoi/{asked.id}/tra-loi", kind="in_writing", rejected="y", wants="Trả ngay.")
    assert "Chưa giao ai trả lời, bao giờ" in page
    assert "Trả ngay." in page
    on = ["19", "9", "2026"]
    province.front.handles_feedback = False
    later = {"unit": str(province.works.id), "due_on": ["1", "3", "2027"], "public_form": "site"}
    assert "sớm hơn ngày hẹn: ghi hạn ấy" in desk_.fill(f"{room}/cau-hoi/{asked.id}/hen-tra-loi", **later)
    page = desk_.fill(
        f"{room}/cau-hoi/{asked.id}/hen-tra-loi",
        unit=str(province.works.id),
        supporting_1=str(province.health.id),
        due_on=on,
        public_form="site",
    )
    assert "Chưa giao ai trả lời, bao giờ" not in page
    assert "là ngày nghỉ" in page  # a Saturday: taken, and said
    for form in (f"cau-hoi/{asked.id}/hen-tra-loi", "ket-luan/giao-viec"):  # where it belongs first, and whatever unit the chair names
        offered = re.findall(
            r'<option [^>]*value="(\d+)"[^>]*>', desk_.get(f"{room}/{form}").partition('id="unit"')[2].partition("</select>")[0]
        )
        assert (offered[0], str(province.front.id) in offered) == (str(province.ward.id), True)
    page = desk_.get(f"{room}/ket-luan/giao-viec")
    assert "đơn vị được báo ngay, trước khi ra kết luận" in page
    assert f'<option data-near value="{province.ward.id}">' in page  # first also while one types
    own = {"title": "Nạo vét", "unit": str(province.works.id), "supporting_2": str(province.works.id), "due_on": on, "public_form": "site"}
    assert "Đơn vị này đã chủ trì" in desk_.fill(f"{room}/ket-luan/giao-viec", **own, status=422)
    slip = desk_.get(f"{room}/cau-hoi/{asked.id}/phieu")
    assert asked.feedback.code in slip
    assert "Mã bí mật" in slip
    desk_.fill(f"{room}/ket-luan/loi-ket-luan", text="Tiếp thu ý kiến của bà con.")
    desk_.fill(f"{room}/ket-luan/giao-viec", title="Nạo vét rãnh", unit=str(province.works.id), due_on=on, public_form="posted")
    wrong = desk_.fill(f"{room}/ket-luan/giao-viec", title="Xin vốn", due_on=["1", "1", "2020"], public_form="posted", status=422)
    assert "Ngày hẹn phải sau hôm nay" in wrong
    given = held.promises[-1]
    assert (given.title, held.conclusion) == ("Nạo vét rãnh", "Tiếp thu ý kiến của bà con.")

    at_works = AtDesk(app, province.officer)
    lists = at_works.get("/can-bo/doi-thoai/viec")
    assert "Nạo vét rãnh" in lists
    for entry in ("Đối thoại", "Việc theo kết luận"):  # in the bar, and among the lists below it
        assert f'{entry} <span class="badge">1</span>' in lists
    one = f"/can-bo/doi-thoai/viec/{given.id}"
    at_works.press(one, f"{one}/nhan")
    assert "Việc theo kết luận <span" not in at_works.get("/can-bo/doi-thoai/viec")
    assert "Báo đã làm xong thì kèm" in at_works.fill(f"{one}/xong", outcome="Đã nạo vét.", status=422)
    page = at_works.fill(f"{one}/xong", outcome="Đã nạo vét.", proofs=(io.BytesIO(samples.picture()), "anh.jpg"))
    assert "Báo đã xong" in page
    assert "Nạo vét rãnh" in at_works.get("/can-bo/doi-thoai/viec?xem=done")


def test_who_only_reads_sees_no_names_and_no_buttons(app, held, question, province, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    reader = AtDesk(app, province.front_reader)
    page = reader.get(f"/can-bo/doi-thoai/{held.code}/ket-luan")
    assert question.text in page
    assert "Nguyễn Thị Hợp" not in page
    assert "Giao việc</a>" not in page
    reader.get(f"/can-bo/doi-thoai/{held.code}/ket-luan/giao-viec", status=403)
    AtDesk(app, province.officer).get(f"/can-bo/doi-thoai/{held.code}/ket-luan", status=404)


def test_a_unit_returns_from_its_page_and_the_host_passes_on(app, held, province, secretary, head, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    given = instruct(held, province.works, secretary)
    one = f"/can-bo/doi-thoai/viec/{given.id}"
    works = AtDesk(app, province.officer)
    works.fill(f"{one}/tra-lai", text="Không phải việc của Sở.")
    assert given.title in works.get(one)  # it had it, and may read what became of it
    works.get(f"{one}/tra-lai", status=403)
    host = AtDesk(app, head)
    assert "Không phải việc của Sở." in host.get(one)
    host.fill(f"{one}/chuyen", unit=str(province.health.id), reason="Phòng dịch.")
    assert given.unit is province.health


def test_the_register_shows_what_a_conclusion_gave_out_and_mttq_opens_it(app, held, province, secretary, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    given = instruct(held, province.works, secretary)
    mttq = AtDesk(app, province.front_reader)
    for query in ("", "?viec=act", f"?don-vi={province.works.code}"):
        page = mttq.get(f"/can-bo/viec-da-cam-ket{query}")
        assert given.title in page
        assert f"kết luận buổi đối thoại: {held.topic}" in page
    assert given.title not in mttq.get("/can-bo/viec-da-cam-ket?viec=answer")
    one = mttq.get(f"/can-bo/viec-da-cam-ket/{given.id}")
    assert f"/can-bo/doi-thoai/viec/{given.id}" in one
    assert held.code in mttq.get(f"/can-bo/doi-thoai/viec/{given.id}")
    with app.test_client() as client:
        factories.sign_in(client, province.front_reader)
        with client.get("/can-bo/viec-da-cam-ket/bang-tinh.xlsx") as sheet:
            assert sheet.status_code == 200


def test_unit_of_an_answer_is_told_as_of_any(question, secretary, province):
    item = promise(question, province.works, secretary)
    unit.take(item, actor=province.officer, now=EVENING)
    assert item.open_answer.due_on == SATURDAY
    unit.give_back(item, reason="Việc của phường.", actor=province.officer, now=EVENING)
    host = question.session.staff[0].user_id
    told = db.session.query(Notice).filter_by(template="dialogues/notices/answer_returned", user_id=host).all()
    assert {notice.channel for notice in told} == {Channel.SITE, Channel.EMAIL}
