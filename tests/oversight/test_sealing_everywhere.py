"""An item that went everywhere before it is sealed: sessions, papers, letters, notes. Of its words none is left in them."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from types import SimpleNamespace

import pytest
from sqlalchemy import JSON, event

from app import clock
from app.assignments.rules import Duty, State
from app.database import Base, NfcText, db
from app.files import StoredFile, store_ours
from app.files.content import PDF, ZIP
from app.permissions import Role
from dialogues import papers as session_papers
from dialogues.models import (
    Addendum,
    ConclusionAssignment,
    DeviceEvent,
    EarlierPromise,
    HandVote,
    MinutesCorrection,
    MinutesSignature,
    MinutesVersion,
    Question,
    Session,
    SessionPaper,
)
from dialogues.rules import AnswerKind, CountedIn, EventKind, EventState, Origin, PaperFormat, PaperState, PaperType, QuestionState, Status
from feedback.models import Message, MessageKind
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import purging, quoting, sealing
from feedback.sealed.quotes import MARK
from feedback.sealed.rules import SealedStep
from oversight import papers as oversight_papers
from oversight.models import LetterAnswer, OversightPaper, SavedView, SpotCheck, WatchNote
from oversight.operations import letters
from oversight.rules.letters import LetterKind
from tests import factories
from tests.dialogues import builders as sessions
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.page_forms import form_of, press
from tests.feedback.test_sealing import NOW, WORDS, full, words_at_rest

#: It takes long to have been everywhere, and rows are read and written one way on both databases.
pytestmark = pytest.mark.strictest_database

QUOTE = "nhận tiền của nhà thầu cầu Suối Hoa"
OTHER = "Đèn đường ngõ 3 bao giờ sửa?"


@pytest.fixture
def here(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    province = builders.make_province()
    item, key = full(province)
    made = SimpleNamespace(province=province, item=item, key=key, code=item.code)
    made.session, made.signed, made.archive = a_session(made)
    made.letter = a_letter(made)
    around(made)
    db.session.commit()
    return made


def a_session(made):
    """A session at which the item was asked, with minutes that are signed, a conclusion that is out, and its dossier."""
    province, item = made.province, made.item
    head = factories.make_user(unit=province.ward, roles=[Role.HEAD])
    session = sessions.session_at(province, head, Status.CONCLUDED)
    common = {"origin": Origin.FEEDBACK, "state": QuestionState.ACCEPTED, "for_the_day": True, "answer_kind": AnswerKind.BY_CHAIR}
    asked = Question(
        session_id=session.id, feedback=item, text=f"Vì sao ông Đọn {QUOTE}?", asked_at=NOW, answer="Sẽ hỏi ông Đọn.", **common
    )
    other = Question(session_id=session.id, text=OTHER, asked_at=NOW, position=1, **common)
    session.questions += [asked, other]
    session.conclusion = session.public_conclusion = f"Giao làm rõ việc {QUOTE}. Sửa đèn trước Tết."
    session.concerns = "Dư luận hỏi về ông Kha Văn Đọn. Dân hỏi về đèn."
    version = MinutesVersion(number=2, text=f"Câu 1. Bà Mạc Thị Thầm hỏi: ông Đọn {QUOTE}.\nCâu 2. {OTHER}", why="Sửa lời ông Đọn", at=NOW)
    version.signatures += [MinutesSignature(part="chair", user=head, at=NOW)]
    session.minutes.append(version)
    promise = ConclusionAssignment(
        session=session, question=asked, duty=Duty.ACT, title="Xem lại cầu Suối Hoa", outcome="Đã gặp ông Đọn", unit=province.works,
        from_unit_id=province.ward.id, state=State.OFFERED, opened_at=NOW, due_on=dt.date(2026, 12, 30),
    )  # fmt: skip
    db.session.add(promise)
    db.session.flush()
    made.promise = promise
    db.session.add_all(
        [
            EarlierPromise(session_id=session.id, assignment=promise, title="Xem lại cầu Suối Hoa", unit_name="Sở Xây dựng", done=False),
            DeviceEvent(
                uid=uuid.uuid4(),
                session_id=session.id,
                device="máy 1",
                user_id=head.id,
                kind=EventKind.HANDS,
                base=[],
                at=NOW,
                received_at=NOW,
                state=EventState.APPLIED,
                facts={"about": "Ông Đọn có sai không", "agree": 3},
            ),
            HandVote(session_id=session.id, subject="Ông Đọn có sai không", counted_in=CountedIn.PEOPLE, agree=3, at=NOW),
            Addendum(session_id=session.id, text=f"Thêm: {QUOTE}", at=NOW),
            MinutesCorrection(session_id=session.id, text="Tôi nói ông Đọn, không phải ông Độn", at=NOW),
        ]
    )
    paper = SessionPaper(
        session=session, unit=province.ward, type=PaperType.MINUTES, format=PaperFormat.STATE, state=PaperState.NUMBERED, series="BB",
        number="7/BB-UBND", numbered_year=2026, numbered_on=NOW.date(), created_at=NOW, words={"floor": f"Có người nói {QUOTE}. Hết."},
    )  # fmt: skip
    db.session.add(paper)
    db.session.flush()
    session_papers.freeze(paper)
    paper.signed_file = stored("bien-ban.pdf", PDF)
    session.archive = stored("ho-so.zip", ZIP)
    db.session.flush()
    return session, paper, session.archive


def stored(name, kind):
    file = store_ours(b"%PDF", name, kind, NOW)
    db.session.add(file)
    db.session.flush()
    return file


def a_letter(made):
    """A petition of MTTQ about the item and another one, that is out and was answered."""
    province = made.province
    front = factories.make_user(unit=province.front, roles=[(Role.FRONT, None)])
    other = builders.taken(province, body=OTHER)
    about = [made.item.assignments[0], other.assignments[0]]
    letter = letters.draft(
        LetterKind.PETITION, province.front, about=about, reason=f"Dân kể ông ấy {QUOTE}. Đèn tắt lâu.", answer_by=builders.at(30).date(),
        token="t", actor=front, now=NOW,
    )  # fmt: skip
    oversight_papers.freeze(letter.paper)
    letter.paper.state, letter.paper.number = PaperState.NUMBERED, "3/MTTQ"
    letters.issue(letter.paper, front, NOW)
    db.session.add(
        LetterAnswer(duty=letter.duties[0], text="Sở đã hỏi ông Kha Văn Đọn. Đèn đã sửa.", written_by=province.head, written_at=NOW)
    )
    db.session.flush()
    return letter


def around(made):
    """What people wrote elsewhere, of whom nobody knows that it has to do with the item."""
    province, by = made.province, made.province.front_reader
    far = builders.taken(province, body="Cầu khác")
    looked = SpotCheck(
        assignment_id=made.promise.id, round=1, body_id=province.front.id, by_id=by.id, looked_on=NOW.date(), as_reported=False,
        note="Cầu Suối Hoa còn dở", recorded_at=NOW,
    )  # fmt: skip
    note = WatchNote(
        assignment_id=far.assignments[0].id, user_id=by.id, unit_id=province.front.id, body=f"Cũng kể {QUOTE}. Hỏi lại.", at=NOW
    )
    message = Message(feedback_id=far.id, kind=MessageKind.NOTE, user=province.officer, body=f"Giống {made.code} về ông Đọn. Chờ.", at=NOW)
    view = SavedView(user_id=by.id, name=f"Việc {made.code}", page="register", address="", made_at=NOW)
    db.session.add_all([looked, note, message, view])
    db.session.flush()
    made.note, made.message = note, message


def every_text() -> str:
    """Return what people wrote that is ciphertext in the database."""
    papers = [paper.frozen or "" for kind in (SessionPaper, OversightPaper) for paper in db.session.scalars(db.select(kind))]
    return json.dumps([papers, [event.facts for event in db.session.scalars(db.select(DeviceEvent))]], ensure_ascii=False)


def test_of_an_item_that_went_everywhere_no_word_is_left_and_what_others_said_stays(here):
    before = set(words_at_rest())
    assert {
        "minutes_version.text", "dialogue_session.conclusion", "session_paper.words", "assignment.title", "hand_vote.subject",
        "letter.reason", "letter_answer.text", "spot_check.note", "watch_note.body", "question.text", "addendum.text",
        "earlier_promise.title",
    } <= before  # fmt: skip
    assert QUOTE in every_text()
    assert quoting.found([builders.received(body="Xin hỏi lịch tiêm chủng cho trẻ ở trạm y tế phường tháng này")]) == []

    sealed = sealing.seal(here.item, reason="Tố cáo", actor=here.province.clerk, now=NOW)
    db.session.flush()

    assert words_at_rest() == {}
    assert not [word for word in (*WORDS, here.code) if word in every_text()]
    assert not [name for name in before if name.startswith("notice")]
    session, version = here.session, here.session.minutes[-1]
    assert version.text == f"Câu 1. {MARK}\nCâu 2. {OTHER}"
    assert session.conclusion == f"{MARK} Sửa đèn trước Tết."
    assert session.concerns == f"{MARK} Dân hỏi về đèn."
    assert [each.text for each in session.questions] == ["", OTHER]
    assert (here.promise.title, here.promise.outcome, here.promise.state) == (MARK, MARK, State.OFFERED), "the duty of the unit stays"
    assert here.letter.reason == f"{MARK} Đèn tắt lâu."
    assert here.letter.duties[0].answers[0].text == f"{MARK} Đèn đã sửa."
    rows = next(section["table"]["rows"] for section in json.loads(here.letter.paper.frozen)["sections"] if section["table"])
    assert [row[1] for row in rows] == [MARK, here.letter.about[0].assignment.reference], "a letter about several items keeps the others"
    assert here.note.body == f"{MARK} Hỏi lại."
    assert here.message.body == f"{MARK} Chờ."
    assert (session.archive, here.signed.signed_file, here.signed.number) == (None, None, "7/BB-UBND")
    assert len(sealed.gone) == 2
    assert not db.session.scalar(db.select(StoredFile.id).where(StoredFile.uid.in_(sealed.gone)))
    out = [step.said for step in sealed.case.steps if step.kind == SealedStep.RECALL]
    assert out == ["\n".join(sealed.recall)], "what is to be fetched by hand stands in the register"
    for paper in ("Biên bản 7/BB-UBND", "Biên bản buổi đối thoại", "Văn bản kiến nghị 3/MTTQ"):
        assert paper in out[0]


def test_who_seals_reads_before_and_after_what_is_out_on_paper(app, here):
    desk, path = AtDesk(app, here.province.clerk), f"/can-bo/y-kien/{here.code}/niem-phong"
    shown = desk.get(path)
    assert "phải thu hồi bằng tay" in shown
    assert "7/BB-UBND" in shown
    assert "Ghi chú theo dõi" in shown
    after = desk.fill(path, text="Tố cáo một người")
    assert "Thu hồi bằng tay" in after
    assert "3/MTTQ" in after


def test_two_who_seal_it_at_once_seal_it_once(fresh_app):
    province = builders.make_province()
    item, _key = full(province)
    session = sessions.session_at(province, factories.make_user(unit=province.ward, roles=[Role.HEAD]), Status.CONCLUDED)
    session.conclusion = f"Giao làm rõ việc {QUOTE}. Sửa đèn trước Tết."
    session.questions.append(Question(feedback=item, origin=Origin.FEEDBACK, state=QuestionState.ACCEPTED, text=item.body, asked_at=NOW))
    other = factories.make_user(unit=province.desk, roles=[Role.RECEPTION])
    path, start, answers = f"/can-bo/y-kien/{item.code}/niem-phong", threading.Barrier(2), list[int]()
    desks = [AtDesk(fresh_app, user) for user in (province.clerk, other)]
    db.session.commit()
    forms = [form_of(desk.client.get(path), "") for desk in desks]

    def send(number: int) -> None:
        start.wait()
        answers.append(press(desks[number].client, forms[number], to=path, text="Nói về người nhận tiền").status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert sorted(answers) in ([303, 303], [303, 404])
    assert words_at_rest() == {}
    assert db.session.scalar(db.select(db.func.count(SealedCase.id))) == 1
    assert db.session.get_one(Session, session.id).conclusion == f"{MARK} Sửa đèn trước Tết."


#: Tables with words in which nobody tells of an item: of law and of set-up, of people and units, names of kinds and states, digests.
TELL_OF_NONE = {
    # Of law and of set-up.
    "calendar_day", "calendar_year", "deadline_rule", "escalation_rule", "field", "letter_template", "meeting_duty", "paper_wording",
    "place", "report_duty", "retention_rule", "routing_rule", "sampling_rule", "setting", "supervision_checklist", "target",
    # Of plans, before anybody asked: themes and titles.
    "plan_line", "supervision_line", "supervision_plan", "year_plan",
    # Of people and their keys.
    "app_user", "attendance", "campaign_member", "citizen_account", "citizen_sign_in", "consent", "delegation", "factor_reset",
    "former_unit", "identity", "invitation", "key_version", "passkey", "recovery_code", "registration", "role_grant", "role_request",
    "session_chair", "session_follower", "session_hall", "session_speaker", "session_staff", "sign_in", "totp",
    # Kinds, states, sums and digests, and what is sealed itself.
    "audit_anchor", "audit_check", "audit_entry", "audit_link", "beat", "campaign_file", "check_sample", "minutes_signature",
    "kept_mark", "promise_sum", "question_support", "sealed_case", "sealed_case_step", "sealed_copy", "sealed_copy_page",
    "sealed_file", "sealed_grant", "sealed_message", "sealed_reveal", "spent_number",
    "subscription", "tick", "used_challenge", "weekly_news",
    # Notices and what is found by words are purged by item and code; the name of a file goes with its row.
    "notice", "search_document", "stored_file",
    # Of what came into other hands: who keeps it must say what that was.
    "breach",
}  # fmt: skip


def test_every_table_with_words_is_gone_through_or_said_here_to_tell_of_no_item(here):
    gone_through = set[str]()

    def note(state):
        gone_through.update(mapper.local_table.name for mapper in state.all_mappers)

    event.listen(db.session, "do_orm_execute", note)
    try:
        quoting.found([here.item])
    finally:
        event.remove(db.session, "do_orm_execute", note)
    with_words = {
        table.name for table in Base.metadata.sorted_tables if any(isinstance(each.type, (NfcText, JSON)) for each in table.columns)
    }
    assert with_words - gone_through - set(purging.hanging_on(here.item)) == TELL_OF_NONE
