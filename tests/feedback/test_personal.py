"""A person asks for what is kept of them, or that it goes; reception decides; what goes is gone, and the record stays true."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile

import pytest
from bs4 import BeautifulSoup
from pypdfium2 import PdfDocument
from sqlalchemy import inspect

from app import clock, crypto, jobs, search
from app.access import NotAllowed
from app.audit import AuditEntry, entries_about
from app.calendar.models import DeadlineRule
from app.database import db
from app.files.models import StoredFile
from app.outbox import Notice
from app.permissions import Role
from app.search import matching
from feedback import jobs as of_items
from feedback import mine
from feedback.models import Attachment, Feedback, MessageKind, ReceiptKey
from feedback.operations import consenting, publishing, sender
from feedback.operations import unit as units
from feedback.operations.intake import PersonData
from feedback.personal import erasing, exporting, operations, queries, rules
from feedback.personal.operations import AskedBefore, Decided, Erased, StillOwed
from feedback.personal.rules import Ground, RequestKind, RequestState
from feedback.rules import OPEN, Kind, SenderType, Status
from tests.factories import make_user, sign_in
from tests.feedback import builders
from tests.feedback.builders import MONDAY, Province, actions, at
from tests.feedback.pages import post
from tests.feedback.test_sealed import at_rest

EXPORT, ERASURE = RequestKind.EXPORT, RequestKind.ERASURE
BODY = "Tôi là Trần Thị Hoa, số 0912345678. Đèn đường trước số 12 tắt ba tuần nay."


@pytest.fixture
def province(app, monkeypatch) -> Province:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    return builders.make_province()


@pytest.fixture
def item(province) -> Feedback:
    """An answered item, with a note of the staff about its sender."""
    feedback = builders.taken(province, body=BODY)
    units.note(feedback, "Bà Hoa hay gọi điện phàn nàn.", actor=province.officer, now=MONDAY)
    builders.answer(province, feedback, at(1))
    feedback.accused_names = "Trâu Đen, trưởng thôn"
    return feedback


def asked(feedback: Feedback, kind: RequestKind):
    return operations.ask(feedback, builders.sender_key(feedback), kind, now=MONDAY)


def agree(request, province):
    free = erasing.pieces(request.feedback, request.key) if request.kind == ERASURE else []
    left = [piece.suggestion for piece in free]
    return operations.agree(request, left, seen=erasing.digest(free), actor=province.clerk, now=at(2))


def everything(row) -> str:
    return " ".join(str(getattr(row, column.key)) for column in inspect(type(row)).column_attrs)


# --- rules ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Status)
def test_nothing_is_erased_while_somebody_owes_an_answer(status):
    assert rules.may_erase(status) is (status not in OPEN | {Status.SPLIT, Status.MERGED})


@pytest.mark.parametrize(("open_kinds", "kind", "may"), [([], EXPORT, True), ([ERASURE], EXPORT, True), ([EXPORT], EXPORT, False)])
def test_the_same_is_asked_once_at_a_time(open_kinds, kind, may):
    assert rules.may_ask(kind, open_kinds) is may


# --- asking -----------------------------------------------------------------------------------------------------------------


def test_a_request_has_a_day_by_a_rule_that_says_it_was_not_checked(province, item):
    request = asked(item, EXPORT)
    rule = db.session.scalars(db.select(DeadlineRule).where(DeadlineRule.code == "DL_EXPORT")).one()
    assert (rule.evidence, rule.amount) == ("memory", 3)
    assert request.due_on == dt.date(2026, 8, 6)
    assert "feedback/notices/data_requested" in {notice.template for notice in db.session.scalars(db.select(Notice))}
    with pytest.raises(AskedBefore):
        asked(item, EXPORT)
    assert queries.waiting(province.clerk.reach) == [request]


def test_a_request_that_is_late_says_so_and_climbs_as_other_duties_do(client, province, item, monkeypatch):
    asked(item, EXPORT)
    chairman = make_user(unit=province.root, roles=[Role.HEAD])
    db.session.commit()
    for day, told in ((3, set()), (4, {"overdue"}), (14, {"overdue", "escalated"})):  # due on the third
        monkeypatch.setattr(clock, "now", lambda day=day: at(day))
        of_items.remind()
        of_items.remind()
        sign_in(client, province.clerk)
        reminded = [notice for notice in db.session.scalars(db.select(Notice)) if notice.facts.get("owed") == "data"]
        assert {notice.template.rpartition("/")[2] for notice in reminded} == told
        assert ("due-late" in client.get("/can-bo/thong-tin-ca-nhan").text) is bool(told)
    assert {notice.user_id for notice in reminded if notice.template.endswith("overdue")} == {province.clerk.id, province.desk_head.id}
    assert {notice.user_id for notice in reminded if notice.template.endswith("escalated")} == {chairman.id}


def test_an_erasure_waits_until_nothing_is_owed(province):
    open_item = builders.taken(province)
    with pytest.raises(StillOwed):
        asked(open_item, ERASURE)
    sender.withdraw(open_item, builders.sender_key(open_item), now=MONDAY)
    assert asked(open_item, ERASURE).state == RequestState.ASKED


def test_only_the_desk_decides_and_only_once(province, item):
    request = asked(item, EXPORT)
    with pytest.raises(NotAllowed):
        operations.agree(request, [], seen="", actor=province.officer, now=MONDAY)
    operations.refuse(request, Ground.NOT_THEIRS, actor=province.clerk, now=MONDAY)
    with pytest.raises(Decided):
        agree(request, province)
    assert (request.state, request.ground) == (RequestState.REFUSED, "not_theirs")
    told = [notice for notice in db.session.scalars(db.select(Notice)) if notice.template.endswith("data_decided")]
    assert [notice.address for notice in told] == ["hoa@example.com"]


# --- the copy -----------------------------------------------------------------------------------------------------------------


def text_of(pdf: str) -> str:
    """Return the words of a PDF."""
    return "\n".join(page.get_textpage().get_text_range() for page in PdfDocument(pdf.encode("latin-1")))


def read(feedback, key) -> dict[str, str]:
    db.session.commit()
    with exporting.archive(feedback, key, now=at(2)) as file, zipfile.ZipFile(file) as made:
        return {name: made.read(name).decode("latin-1" if name.endswith(".pdf") else "utf-8") for name in made.namelist()}


def test_the_copy_holds_what_was_sent_and_told_and_nothing_that_was_said_of_the_person(app, province, item):
    other = builders.answered(province, body="Bà Trần Thị Hoa ở số 12 đổ rác ra đường.", people=(PersonData(name="Lý Văn Ba"),))
    with app.test_request_context():
        files = read(item, builders.sender_key(item))
    facts = json.loads(files["thong-tin.json"])
    [person] = facts["nguoi"]
    assert list(person.values()) == ["Trần Thị Hoa", "0912345678", "hoa@example.com", "12 Nguyễn Trãi", "", ""]
    assert facts["noi_dung"] == BODY
    assert facts["nguoi_bi_noi_toi"] == "Trâu Đen, trưởng thôn"
    printed = " ".join(text_of(files["thong-tin.pdf"]).split())
    for said in (BODY, "Họ tên: Trần Thị Hoa", "Sẽ có đèn mới", "Nhận tin qua e-mail, tin nhắn. Ghi e-mail hay số"):
        assert said in printed
    assert "phàn nàn" not in printed
    assert [name for name in files if name.endswith(".pdf")]
    whole = " ".join(files.values())
    for kept in ("phàn nàn", "đổ rác", other.code, "Lý Văn Ba"):
        assert kept not in whole


def test_one_of_many_signers_gets_themselves_and_nobody_else(app, province):
    people = (PersonData(name="Trần Thị Hoa", phone="0912345678", role="representative"), PersonData(name="Lý Văn Ba", role="signer"))
    group = builders.received(kind=Kind.RECOMMENDATION, sender_type=SenderType.GROUP, people=people)
    of_ba = next(key for key in keys_of(group) if key.person_id == group.people[1].id)
    with app.test_request_context():
        whole = " ".join(read(group, of_ba).values())
    assert "Lý Văn Ba" in whole
    assert "Trần Thị Hoa" not in whole


def keys_of(feedback):
    return db.session.scalars(db.select(ReceiptKey).where(ReceiptKey.feedback_id == feedback.id)).all()


# --- the end of it ------------------------------------------------------------------------------------------------------------


def test_what_is_erased_is_nowhere_and_the_record_tells_of_it(province, item):
    item.publish_consent = True
    publishing.publish(item, title="Đèn hỏng", text="Đèn hỏng.", reply="", actor=province.clerk, now=at(1))
    proof = builders.proof()
    item.attachments.append(Attachment(file=proof.file, by_sender=True))
    db.session.flush()
    before = [(entry.id, entry.action, entry.facts) for entry in db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id))]
    uid = proof.file.uid

    gone = agree(asked(item, ERASURE), province)

    db.session.flush()
    assert gone == [uid]
    assert db.session.scalar(db.select(StoredFile).where(StoredFile.uid == uid)) is None
    texts = " ".join(everything(row) for row in (item, *item.people, *item.messages, *item.assignments))
    for name in ("Trần Thị Hoa", "0912345678", "Bà Hoa"):
        assert name not in texts
    assert item.accused_names == "[…], trưởng thôn", "whom it was about goes too, however rare the name"
    assert "Đèn đường" in item.body, "what is the matter stays: the authority answered it"
    assert item.people[0].erased_at == at(2)
    assert (item.published_at, item.publish_consent) == (None, False)
    assert db.session.scalars(matching("staff", "0912345678", Feedback)).all() == []
    assert list(mine.sent(crypto.blind_index("hoa@example.com"))) == []
    assert [notice.subject_type for notice in db.session.scalars(db.select(Notice).where(Notice.subject_type == "feedback"))] == []
    entries = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.id, entry.action, entry.facts) for entry in entries][: len(before)] == before
    assert {"data_request.agreed", "feedback.erased"} <= set(actions(item))


@pytest.mark.parametrize("by", ["request", "term"])
def test_what_is_erased_is_in_no_file_of_the_database_nor_its_log(fresh_app, monkeypatch, by):
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    after_commit = []
    monkeypatch.setattr(jobs, "_put", lambda call: after_commit.append(call.function))
    province = builders.make_province()
    item = builders.answered(province, body=BODY)
    db.session.commit()
    assert b"0912345678" in at_rest()
    if by == "request":
        agree(asked(item, ERASURE), province)
    else:
        free = erasing.all_pieces(item, item.people)
        left = [piece.suggestion for piece in free]
        erasing.erase_everybody(item, left, seen=erasing.digest(free), actor=province.clerk, now=at(2))
    db.session.commit()
    db.session.remove()
    for _job in [each for each in after_commit if each == "app.search.tidy"]:
        search.tidy()
    for word in ("0912345678", "Trần Thị Hoa"):
        assert word.encode() not in at_rest()


def test_an_erasure_ends_all_that_was_agreed_to_and_is_not_asked_for_again(client, province):
    receipt = builders.submit(body=BODY, publish_consent=True)
    item, code = receipt.feedback, receipt.code
    item.status = Status.CLOSED
    agree(asked(item, ERASURE), province)
    db.session.commit()
    assert [row.withdrawn_at for row in queries.consents_of(item, builders.sender_key(item))] == [at(2)] * 2
    with pytest.raises(Erased):
        asked(item, ERASURE)
    own = f"/tra-cuu/{code}/thong-tin-ca-nhan"
    client.get(f"/t/{code}/{receipt.key}")
    page = client.get(own).text
    assert page.count("Thôi đồng ý 9:00") == 2
    assert page.count("Đã xóa 9:00") == 2
    for gone in ("Xin xóa", f'action="{own}/thoi-dong-y"'):
        assert gone not in page
    post(client, own, {"kind": "erasure"}, page=own)
    assert "Đã xóa rồi, không còn gì để xóa." in client.get(own).text
    assert queries.waiting(province.clerk.reach) == []
    rows = BeautifulSoup(client.get(f"/tra-cuu/{code}").text, "html.parser").select("[aria-labelledby=da-gui] dd")
    assert [row.get_text(strip=True)[:11] for row in rows][-1] == "Đã xóa 9:00"
    sign_in(client, province.desk_head)
    assert "Xem họ tên, liên hệ" not in client.get(f"/can-bo/y-kien/{code}").text


def test_what_was_written_since_can_be_asked_to_be_erased_too(province, item):
    agree(asked(item, ERASURE), province)
    units.note(item, "Bà Hoa đã chuyển tới số nhà 7.", actor=province.clerk, now=at(3))
    assert asked(item, ERASURE).state == RequestState.ASKED


def test_what_an_erasure_of_before_left_agreed_to_can_be_ended(province):
    item = builders.received(body=BODY, publish_consent=True)
    [person] = item.people
    item.publish_consent, person.email, person.phone = False, None, None
    consenting.take_back(item, builders.sender_key(item), now=at(1))
    consenting.end_notices(item, [person], now=at(1))
    assert [row.withdrawn_at for row in queries.consents_of(item, builders.sender_key(item))] == [at(1)] * 2


def test_what_went_out_signed_and_numbered_stays(province, item):
    agree(asked(item, ERASURE), province)
    [paper] = item.papers
    assert (paper.number is not None, paper.body) == (True, "Sở trả lời ông, bà như sau.")


def test_what_the_clerk_left_of_each_text_is_what_stays(province, item):
    request = asked(item, ERASURE)
    free = erasing.pieces(item, request.key)
    left = [f"đoạn {number}" for number, _piece in enumerate(free)]
    operations.agree(request, left, seen=erasing.digest(free), actor=province.clerk, now=at(2))
    assert [piece.text for piece in erasing.pieces(item, request.key)] == left


def test_words_written_while_the_clerk_was_reading_stop_the_erasure(province, item):
    request = asked(item, ERASURE)
    free = erasing.pieces(item, request.key)
    left, seen = [piece.suggestion for piece in free], erasing.digest(free)
    item.messages[-1].body = "Bà Hoa đã chuyển tới số nhà 7."  # as many as before, and another
    with pytest.raises(erasing.TextsChanged):
        operations.agree(request, left, seen=seen, actor=province.clerk, now=at(2))
    units.note(item, "Gọi lại số 0987654321.", actor=province.clerk, now=at(1))
    request.state = RequestState.ASKED
    with pytest.raises(erasing.TextsChanged):
        operations.agree(request, left, seen=seen, actor=province.clerk, now=at(2))


def test_one_of_many_signers_takes_out_only_themselves(province):
    people = (PersonData(name="Trần Thị Hoa", phone="0912345678", role="representative"), PersonData(name="Lý Văn Ba", role="signer"))
    group = builders.received(
        kind=Kind.RECOMMENDATION, sender_type=SenderType.GROUP, people=people, body=f"{BODY} Ông ly van ba cũng thấy."
    )
    group.status = Status.CLOSED
    of_ba = next(key for key in keys_of(group) if key.person_id == group.people[1].id)
    request = operations.ask(group, of_ba, ERASURE, now=MONDAY)
    assert [piece.suggestion for piece in erasing.pieces(group, of_ba)][-1:] == [f"{BODY} Ông […] cũng thấy."]
    agree(request, province)
    assert [person.name for person in group.people] == ["Trần Thị Hoa", None]
    assert group.body == f"{BODY} Ông […] cũng thấy.", "the words of the others stay theirs"
    assert [db.session.scalars(matching("staff", word, Feedback)).all() for word in ("ly van ba", "0912345678")] == [[], [group.id]]


# --- pages --------------------------------------------------------------------------------------------------------------------


def test_a_person_asks_reception_agrees_and_the_copy_is_there(client, province):
    receipt = builders.submit(body=BODY)
    db.session.commit()
    own = f"/tra-cuu/{receipt.code}/thong-tin-ca-nhan"
    assert client.get(own).location == "/tra-cuu"
    client.get(f"/t/{receipt.code}/{receipt.key}")
    assert own in client.get(f"/tra-cuu/{receipt.code}").text
    assert post(client, own, {"kind": "x"}).status_code == 422
    assert post(client, own, {"kind": "export"}).status_code == 303
    assert "Đã nhận yêu cầu. " in client.get(own).text
    thread = f"/tra-cuu/{receipt.code}"
    assert post(client, own, {"kind": "export"}, page=thread).status_code == 303, "from a page that was open before"
    assert "Đã nhận yêu cầu này rồi" in client.get(own).text
    assert [client.get(f"{own}.{ending}").status_code for ending in ("zip", "pdf")] == [404, 404]
    assert "đang được giải quyết" in client.get(own).text

    clerk = client.application.test_client()
    sign_in(clerk, province.clerk)
    page = clerk.get("/can-bo/thong-tin-ca-nhan")
    assert receipt.code in page.text
    [request] = queries.waiting(province.clerk.reach)
    address = f"/can-bo/thong-tin-ca-nhan/{request.id}"
    assert post(clerk, address, {"answer": "refuse"}).status_code == 422
    assert post(clerk, address, {"answer": "agree"}).location == "/can-bo/thong-tin-ca-nhan"
    assert "Đã đồng ý" in clerk.get(address).text

    with client.get(f"{own}.zip") as made:
        assert made.headers["Cache-Control"] == "no-store"
        assert "thong-tin.json" in zipfile.ZipFile(io.BytesIO(made.data)).namelist()
    with client.get(f"{own}.pdf") as made:
        assert (made.mimetype, made.headers["Cache-Control"]) == ("application/pdf", "no-store")
    assert "data_request.fetched" in [entry.action for entry in entries_about(receipt.feedback)]
    officer = client.application.test_client()
    sign_in(officer, province.officer)
    assert officer.get(address).status_code == 403


def test_reception_reads_what_is_left_before_it_is_erased(client, province, item):
    request = asked(item, ERASURE)
    sign_in(client, province.clerk)
    address = f"/can-bo/thong-tin-ca-nhan/{request.id}"
    page = client.get(address).text
    assert "Tôi là […]" in page
    seen = {"seen": erasing.digest(erasing.pieces(item, request.key))}
    left = seen | {f"texts-{number}": f"còn {number}" for number, _piece in enumerate(erasing.pieces(item, request.key))}
    for odd in ({}, seen, left | {"seen": "x"}, {"texts-²": "x"}, {f"texts-{'9' * 5000}": "x"}):
        assert post(client, address, {"answer": "agree"} | odd).status_code == 422, "nothing of what was to be read came back"
    assert post(client, address, {"answer": "agree"} | left).status_code == 303
    db.session.refresh(item)
    assert (item.body, item.people[0].name) == ("còn 1", None)
    assert MessageKind.NOTE in {message.kind for message in item.messages}


def test_a_request_keeps_no_word_of_who_asks_or_decides(client, province):
    """It tells of nobody, then: which item, which of two wishes, one of two reasons against it."""
    said = "Ông Trâu Đen nhận tiền, xóa tên tôi đi."
    typed = dict.fromkeys(("text", "body", "reason", "note", "seen", "texts-0"), said)
    receipt = builders.submit(body=BODY)
    db.session.commit()
    client.get(f"/t/{receipt.code}/{receipt.key}")
    own = f"/tra-cuu/{receipt.code}/thong-tin-ca-nhan"
    assert post(client, own, typed | {"kind": said}).status_code == 422
    assert post(client, own, typed | {"kind": "export"}).status_code == 303
    [request] = queries.waiting(province.clerk.reach)
    sign_in(client, province.clerk)
    address = f"/can-bo/thong-tin-ca-nhan/{request.id}"
    assert post(client, address, typed | {"answer": "refuse", "ground": said}).status_code == 422
    assert post(client, address, typed | {"answer": "refuse", "ground": "not_theirs"}).status_code == 303
    db.session.refresh(request)
    words = {value for column in inspect(type(request)).column_attrs if isinstance(value := getattr(request, column.key), str)}
    assert words == {EXPORT, RequestState.REFUSED, Ground.NOT_THEIRS}
    told = [*entries_about(receipt.feedback), *db.session.scalars(db.select(Notice))]
    assert told
    assert not [row for row in told if "Trâu Đen" in everything(row)]
