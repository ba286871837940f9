"""The result before everyone: masked and looked through, in time or shown as late, and what was promised with where it stands."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict

import pytest
from flask import render_template_string

from app import clock, letters, previews
from app.database import db
from app.outbox import Channel, Notice, notify_users
from app.permissions import Role
from dialogues import earlier, jobs, papers, public, queries
from dialogues.models import HandVote, MinutesSignature, MinutesVersion, Question
from dialogues.operations import concluding, promises, publishing, steps
from dialogues.operations import papers as numbering
from dialogues.operations.concluding import Answer, Asked
from dialogues.operations.promises import Word
from dialogues.rules import AnswerKind, PaperState, PaperType, PublicForm, Status
from dialogues.views.citizen import thread
from tests import factories
from tests.dialogues import builders
from tests.dialogues.asking import question
from tests.dialogues.builders import DAY
from tests.feedback import builders as items
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import at, proof
from tests.feedback.page_forms import form_of, press
from tests.feedback.pages import statements

EVENING = DAY + dt.timedelta(hours=4)
DUE = dt.date(2026, 9, 15)


def store(province, head, secretary):
    """Return a concluded session: one question answered, one left open, one instruction."""
    session = builders.session_at(province, head, Status.HELD)
    answered = concluding.add_question(session, Asked("Ông Nguyễn Văn Tư hỏi đèn.", "Nguyễn Văn Tư"), actor=secretary, now=EVENING)
    concluding.record_answer(answered, Answer(AnswerKind.BY_CHAIR, "Sửa trong tuần."), actor=secretary, now=EVENING)
    left = concluding.add_question(session, Asked("Bao giờ trả tiền?"), actor=secretary, now=EVENING + dt.timedelta(minutes=1))
    concluding.record_answer(left, Answer(AnswerKind.IN_WRITING), actor=secretary, now=EVENING)
    word = Word(province.works, DUE, PublicForm.SITE, [province.health.id])
    promises.promise_answer(left, word, name="Hẹn", source="kết luận", actor=secretary, now=EVENING)
    session.hand_votes.append(HandVote(subject="Đổi giờ theo ý ông Trần Văn Ba", agree=33, disagree=2, counted_in="households", at=EVENING))
    promises.instruct(session, "Trả đất cho bà Trần Thị Hoa", word, actor=secretary, now=EVENING)
    concluding.write_conclusion(session, "Tiếp thu ý kiến của ông Nguyễn Văn Tư.", actor=secretary, now=EVENING)
    version = MinutesVersion(number=1, text="Biên bản.", at=EVENING)
    version.signatures += [MinutesSignature(part=part, user=head, at=EVENING) for part in ("chair", "secretary")]
    session.minutes.append(version)
    builders.issue(session, PaperType.CONCLUSION)
    steps.move(session, Status.CONCLUDED, overrides={}, actor=head, now=at(30))
    return {"session": session}


@pytest.fixture
def concluded(stored):
    return stored["session"]


def published(session, actor):
    copies = publishing.Copies(
        {each.id: (f"Công khai {number}", "Đã trả lời") for number, each in enumerate(queries.raised(session), start=1)},
        {each.id: "Trả đất" for each in publishing.instructions(session)},
        "Tiếp thu.",
    )
    publishing.review(session, copies, actor=actor, now=at(31))
    publishing.publish(session, actor=actor, now=at(31))


def test_nothing_is_out_before_somebody_read_it_for_names(app, concluded, secretary, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(31))
    room = f"/can-bo/doi-thoai/{concluded.code}/cong-bo"
    desk = AtDesk(app, secretary)
    page = desk.get(room)
    assert "Công bố chậm nhất" in page
    assert f'action="{room}/ra-cong-khai"' not in page
    assert "Trả đất cho bà […]" in page  # the machine's suggestion
    assert "Đọc lại bản công khai rồi đánh dấu ô này" in desk.fill(room, room, status=422)
    assert concluded.names_reviewed_at is None
    page = desk.fill(room, room, checked="y")
    first = queries.raised(concluded)[0]
    assert "Nguyễn Văn Tư" not in first.result_text + concluded.public_conclusion
    assert public.conclusions(concluded, at(31).date()) == []
    notice = next(each for each in concluded.papers if each.type == PaperType.CONCLUSION)
    assert notice.internal is True  # nobody ticked that its print names nobody
    desk.fill(room, room, checked="y", **{f"paper_{notice.id}": "y"})
    assert notice not in public.papers(concluded)
    looked = press(desk.client, form_of(desk.client.get(room), f"{room}/ra-cong-khai"))
    assert concluded.status == Status.CONCLUDED
    concluded.names_reviewed_at += dt.timedelta(seconds=1)  # read again in another tab
    db.session.commit()
    looked = press(desk.client, form_of(looked, f"{room}/ra-cong-khai"))
    assert "Trang công khai vừa khác với trang đã xem" in looked.text
    assert press(desk.client, form_of(looked, f"{room}/ra-cong-khai")).status_code == 303
    page = desk.get(room)
    with app.test_client() as citizen:
        out = previews.content(citizen.get(f"/doi-thoai/{concluded.code}").text)
    assert out == re.sub("</?mark>", "", previews.content(looked.text).split("<hr>")[1]).strip()
    assert notice in public.papers(concluded)
    assert "Đã công bố kết quả." in page
    assert concluded.status == Status.PUBLISHED
    with app.test_client() as citizen:
        shown = citizen.get(f"/doi-thoai/{concluded.code}").text
    assert "Sửa trong tuần." in shown
    assert "Trả đất cho bà […]" in shown
    assert "Trần Thị Hoa" not in shown
    assert "33 hộ đồng ý, 2 hộ không đồng ý" in shown
    assert "Trần Văn Ba" not in shown
    assert "Nguyễn Văn Tư" not in shown
    looked = press(desk.client, form_of(desk.client.get(room), room), checked="y", conclusion="Nghe bà Trần Thị Hoa.")
    assert "<mark>bà Trần Thị Hoa</mark>" in looked.text  # what is out already changes only after a look, too
    assert concluded.public_conclusion.startswith("Tiếp thu")
    assert "Nghe bà" in press(desk.client, form_of(looked, room), do="back").text
    press(desk.client, form_of(looked, room), do="publish")
    assert concluded.public_conclusion == "Nghe bà Trần Thị Hoa."


def test_a_question_keeps_its_number_where_one_before_it_may_not_be_read(app, concluded, secretary, monkeypatch):
    first = queries.raised(concluded)[0].id
    monkeypatch.setattr(Question, "may_be_told", property(lambda each: each.id != first))
    page = AtDesk(app, secretary).get(f"/can-bo/doi-thoai/{concluded.code}/cong-bo")
    shown = [each for each in (">Câu 1</h2>", "Câu 1, bản công khai", ">Câu 2</h2>", "Câu 2, bản công khai") if each in page]
    assert shown == [">Câu 2</h2>", "Câu 2, bản công khai"]


def test_what_gets_its_number_after_the_names_were_read_waits_for_somebody_to_read_it(app, concluded, head, secretary, monkeypatch):
    published(concluded, head)
    monkeypatch.setattr(clock, "now", lambda: at(33))
    builders.issue(concluded, PaperType.REPLY)
    reply = concluded.papers[-1]
    reply.state, reply.number, reply.numbered_year, reply.internal = PaperState.SENT, None, None, False
    reply.drafted_by_id = secretary.id
    clerk = factories.make_user(unit=concluded.unit, roles=[Role.RECORDS])
    numbering.number(reply, "77", on=at(32).date(), actor=clerk, now=at(32))
    assert reply not in public.papers(concluded)
    told = db.session.query(Notice).filter_by(template="dialogues/notices/paper_waits", channel=Channel.EMAIL).one()
    assert told.user_id == secretary.id
    assert "chờ xem trước khi công bố" in letters.letter(told).subject
    desk, address = AtDesk(app, secretary), f"/can-bo/doi-thoai/{concluded.code}"
    assert "Có 1 văn bản mới chờ xem trước khi công bố" in desk.get(address)
    assert "Có văn bản ghi số sau lần đọc lại" in desk.get(f"{address}/cong-bo")
    paper = f"/can-bo/doi-thoai/van-ban/{reply.id}"
    assert "Đọc bản in, không có tên người dân thì đánh dấu" in desk.fill(paper, f"{paper}/cong-khai")
    assert reply.internal is True
    desk.fill(paper, f"{paper}/cong-khai", names_read="y")
    assert reply in public.papers(concluded)
    assert "văn bản mới chờ xem" not in desk.get(address)


def test_the_notice_names_who_answers_for_the_authorities_and_no_citizen_even_of_the_same_name(concluded, province, head):
    head.name, twin = "Phạm Quốc Việt", "Đỗ Thị Mai"
    factories.make_user(unit=province.works, name="Trần Văn Công"), factories.make_user(unit=province.works, name=twin)
    concluded.questions[0].answered_by = "Ông Lê Văn Lâm, Công ty Điện lực"
    concluded.questions[1].asker = f"Bà {twin}"
    stays = ("ông Phạm Quốc Việt", "ông Trần Văn Công", "ông Lê Văn Lâm")  # of the unit, of a unit with a promise, who answered
    concluded.conclusion = f"Giao {', '.join(stays)} trả lời bà {twin}, ông Nguyễn Văn Tư."
    db.session.flush()
    shown = str(papers.after.conclusion(concluded, defaultdict(str)))
    assert f"Giao {', '.join(stays)} trả lời […], […]." in shown
    assert "Hoa" not in shown


def test_what_was_read_for_the_result_is_public_only_with_it_and_never_against_its_asker(app, province, head, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(31))
    session = builders.session_at(province, head, Status.READY)
    made = [question(session, body=f"Câu hỏi {word}?", publish_consent=word == "thuận") for word in ("thuận", "kín")]
    for each in made:
        each.state, each.for_the_day, each.answer_kind, each.answer = "accepted", True, AnswerKind.BY_CHAIR, f"Đáp: {each.text}"
    session.status = Status.CONCLUDED
    told = [(papers.after.for_all(each), papers.after.answer_for_all(each)) for each in made]
    assert told[0] == ("Câu hỏi thuận?", "Chủ trì đã trả lời tại buổi đối thoại. Đáp: Câu hỏi thuận?")
    assert "kín" not in repr(told[1])
    assert [each.id for each in publishing.told(session)] == [made[0].id]
    word = Word(session.unit, DUE, PublicForm.SITE, beyond="Sở Xây dựng")
    petition = promises.offer(session, word, made[1].text, beyond="Sở Xây dựng", question=made[1], actor=head, now=EVENING)
    assert publishing.instructions(session) == []
    assert earlier._of_conclusion(petition).title == session.topic
    copies = publishing.Copies({made[0].id: ("Câu hỏi thuận?", "Đáp: thuận.")}, {}, "")

    def read():
        with app.test_client() as citizen:
            return citizen.get(f"/doi-thoai/{session.code}").text, citizen.get(f"/api/v1/sessions/{session.code}").json["questions"]

    publishing.review(session, copies, actor=head, now=at(31))
    page, api = read()
    assert "Câu hỏi thuận?" not in page
    assert api == []
    publishing.publish(session, actor=head, now=at(31))
    page, api = read()
    assert "Đáp: thuận." in page
    assert "Người hỏi không đồng ý công khai nội dung." in page
    assert "Vượt thẩm quyền, kiến nghị Sở Xây dựng" in page
    assert "kín" not in page
    assert [(each["text"], each["answer_kind"], each["answer"]) for each in api] == [
        ("Câu hỏi thuận?", "by_chair", "Đáp: thuận."),
        (None, "by_chair", None),
    ]


def test_everyone_sees_who_promised_what_by_when_and_what_became_of_it(concluded, head, province):
    published(concluded, head)
    answer, act = public.conclusions(concluded, at(32).date())
    assert public.every_conclusion(at(32).date()) == [(concluded, [answer, act])]  # the same of all sessions at once
    assert (answer.duty, answer.text, answer.unit, answer.supporting) == ("answer", "Công khai 2", "Sở Xây dựng", ("Sở Y tế",))
    assert (act.duty, act.text, act.due_on, act.late, act.done) == ("act", "Trả đất", DUE, False, False)
    assert [each.late for each in public.conclusions(concluded, DUE + dt.timedelta(days=1))] == [True, True]

    question = queries.raised(concluded)[1]
    items.unit.take(question.feedback, actor=province.officer, now=at(33))
    items.answer(province, question.feedback, at(34))
    given = concluded.promises[0]
    promises.take(given, actor=province.officer, now=at(33))
    promises.keep(given, outcome="Đã trả.", proofs=[proof().file], caption="", actor=province.officer, now=at(50))
    answer, act = public.conclusions(concluded, at(60).date())
    assert (answer.done_on, answer.late) == (at(34).date(), False)
    assert (act.done_on, act.late, act.outcome) == (at(50).date(), True, "Đã trả.")


def test_a_promise_kept_links_to_its_answer_and_one_that_is_late_says_so(app, client, concluded, head, province, monkeypatch):
    published(concluded, head)
    monkeypatch.setattr(clock, "now", lambda: at(60))

    def page(address):
        return client.get(address).text

    address = f"/doi-thoai/{concluded.code}"
    assert page(address).count("Quá hạn") == 2
    listed = page("/viec-da-hua")
    assert "Trả đất" in listed
    assert f'href="{address}#ket-luan"' in listed
    # One register: counted with the promises of published answers, and the answer that is owed apart from what is to be done.
    assert "1 việc</b>" in page("/")
    assert "Trả đất" in page("/viec-da-hua?tinh-trang=qua-han")
    assert "Không có việc nào" in page("/viec-da-hua?tinh-trang=dang-lam")
    assert "Chủ trì hẹn trả lời 1 câu. Đã trả lời đúng hẹn 0, trả lời trễ hẹn 0, còn trong hẹn 0, quá hẹn chưa trả lời 1." in listed
    assert "1 việc phải làm: đã xong 0, quá hạn chưa xong 1, còn trong hạn 0." in page(address)
    assert "1 câu hỏi hẹn trả lời: đã trả lời 0, quá hẹn chưa trả lời 1, còn trong hẹn 0." in page(address)
    item = queries.raised(concluded)[1].feedback
    items.unit.take(item, actor=province.officer, now=at(33))
    items.answer(province, item, at(34))
    assert "Đọc câu trả lời" not in page(address)
    assert "Câu trả lời chưa đăng ở đây." in page(address)  # where everyone was promised it
    assert "Đã trả lời đúng hẹn 1," in page("/viec-da-hua")
    item.published_at, item.public_reply = at(35), "Trả tiền trong tháng 9."
    assert f'href="/da-tra-loi/{item.code}"' in page(address)
    assert "Câu trả lời chưa đăng" not in page(address)
    assert page(address).count("Quá hạn") == 1


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (dt.date(2026, 9, 3), "Ngày này sớm hơn hạn theo quy định"),
        (dt.date(2026, 12, 30), "sớm hơn ngày hẹn và vẫn giữ nguyên"),
    ],
)
def test_who_asked_reads_why_there_are_two_days(app, concluded, named, said):
    question = queries.raised(concluded)[1]
    question.promised_on = named
    ((template, section),) = thread.appearances(question.feedback, named)
    with app.test_request_context():
        shown = render_template_string("{% include template %}", template=template, each=section)
    assert "Chủ trì hẹn trả lời chậm nhất" in shown
    assert said in shown


def test_who_asked_hears_that_the_result_is_out(app, concluded, head):
    queries.raised(concluded)[0].phone = "0912345678"
    published(concluded, head)
    told = db.session.query(Notice).filter_by(template="dialogues/notices/published", channel=Channel.SMS).one()
    assert told.address == "0912345678"
    assert f"/doi-thoai/{concluded.code}" in letters.letter(told).text
    inside = {row.channel: row for row in db.session.query(Notice).filter_by(template=told.template, user_id=concluded.staff[0].user_id)}
    assert f"/can-bo/doi-thoai/{concluded.code}" in letters.letter(inside[Channel.EMAIL]).html
    with app.test_request_context():
        assert concluded.code in letters.sentence(inside[Channel.SITE])


def test_the_pages_of_a_conclusion_cost_the_same_however_much_was_promised(app, concluded, head, secretary, province, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(32))
    published(concluded, head)
    desk, citizen = AtDesk(app, head), app.test_client()

    def pages():
        desk.get(f"/can-bo/doi-thoai/{concluded.code}/ket-luan")
        desk.get(f"/can-bo/doi-thoai/{concluded.code}/cong-bo")
        assert citizen.get(f"/doi-thoai/{concluded.code}").status_code == 200

    def cost():
        pages()  # calendar and settings are read once a transaction
        with statements() as seen:
            pages()
        return len(seen)

    def more(number):
        concluded.status = Status.HELD
        made = concluding.add_question(concluded, Asked(f"Câu thêm {number}?"), actor=secretary, now=EVENING)
        concluding.record_answer(made, Answer(AnswerKind.IN_WRITING), actor=secretary, now=EVENING)
        word = Word(province.health, DUE, PublicForm.SITE, [province.works.id])
        promises.promise_answer(made, word, name="Hẹn", source="kết luận", actor=secretary, now=EVENING)
        promises.instruct(concluded, f"Việc thêm {number}", word, actor=secretary, now=EVENING)
        made.public_text = "Câu thêm."
        concluded.status = Status.PUBLISHED
        db.session.commit()

    more(0)
    before = cost()
    for number in (1, 2, 3):
        more(number)
    assert cost() == before


def test_why_it_was_returned_is_not_put_before_everyone(concluded, head, province):
    published(concluded, head)
    promises.give_back(concluded.promises[0], reason="Không phải việc của Sở.", actor=province.officer, now=at(32))
    assert public.conclusions(concluded, at(33).date())[1].outcome == ""


def test_the_head_is_alarmed_once_the_day_after_the_term(concluded, head, monkeypatch):
    def told():
        return db.session.query(Notice).filter_by(template="dialogues/notices/result_late", user_id=head.id, channel=Channel.SITE).count()

    for day, expected in ((38, 0), (39, 1), (40, 1)):  # ten days after 31/8/2026 is 10/9
        monkeypatch.setattr(clock, "now", lambda day=day: at(day, 7))
        jobs.alarm_late_results()
        assert told() == expected


NOTICES = [
    "promise_offered", "promise_helps", "promise_returned", "promise_kept", "promise_due", "promise_late", "petition_sent",
    "petition_decided", "answer_returned", "result_late", "minutes_to_sign", "paper_waits",
]  # fmt: skip


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_notice_tells_what_and_where_and_no_more(app, concluded, head, locale):
    given = concluded.promises[0]
    facts = {"code": concluded.code, "promise_id": given.id, "unit": "Sở Xây dựng", "due_on": DUE, "accepted": True}
    facts |= {"paper_id": given.id, "type": "notice", "hand": "sign"}
    rooms = {"result_late": "cong-bo", "answer_returned": "ket-luan", "minutes_to_sign": "bien-ban"}
    for name in NOTICES:
        reader = factories.make_user(locale=locale)
        notify_users([reader], f"dialogues/notices/{name}", given, "now", now=at(31), **facts)
        db.session.flush()
        notices = {row.channel: row for row in db.session.query(Notice).filter_by(user_id=reader.id)}
        letter = letters.letter(notices[Channel.EMAIL])
        with app.test_request_context():
            sentence = letters.sentence(notices[Channel.SITE])
        kind = "van-ban" if name == "paper_waits" else "viec"
        where = f"/can-bo/doi-thoai/{concluded.code}/{rooms[name]}" if name in rooms else f"/can-bo/doi-thoai/{kind}/{given.id}"
        for text in (letter.subject, letter.text, letter.html, sentence):
            assert given.title not in text, name
        assert concluded.code in letter.subject, name
        for text in (letter.text, letter.html, sentence):
            assert where in text, name
