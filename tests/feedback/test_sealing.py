"""An item that turns out to denounce is sealed afterwards: its words are in the register, and nowhere else in the database or the files."""

from __future__ import annotations

import re
import threading

import pytest
from sqlalchemy import LargeBinary

from app import clock, search
from app.access import NotAllowed
from app.audit import AuditEntry
from app.database import Base, db
from app.outbox import Notice
from app.permissions import Role
from dialogues import books
from feedback import danger
from feedback import queries as items
from feedback.models import Feedback
from feedback.operations import desk, merging, papers, publishing, unit
from feedback.operations.desk import Part
from feedback.operations.intake import PersonData
from feedback.rules import Kind
from feedback.sealed import queries, rules, thread
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import purging, sealing
from feedback.sealed.rules import SealedStep
from tests import factories
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.page_forms import form_of, press
from tests.feedback.test_sealed import at_rest

BODY = "Ông Kha Văn Đọn nhận tiền của nhà thầu cầu Suối Hoa"
WHO = "Mạc Thị Thầm"
#: As written and as it is folded for the search.
WORDS = ("Đọn", "Suối Hoa", WHO, "0900000077", "kha van don", "suoi hoa")
NOW = builders.at(3)


def written_about(province, **over) -> tuple[Feedback, str]:
    """Return an item with everything that can hang on one, and the sender's key."""
    people = (PersonData(name=WHO, phone="0900000077"),)
    named = {"accused_names": "Kha Văn Đọn, trưởng ban"}
    receipt = builders.submit(body=BODY, title="", people=people, publish_consent=True, **named, **over)
    item = receipt.feedback
    item.accused_outside = True
    photo = builders.proof()
    photo.file.name = "Đọn nhận phong bì.jpg"
    item.attachments.append(photo)
    return item, receipt.key


def full(province) -> tuple[Feedback, str]:
    item, key = written_about(province)
    desk.route_to(item, province.works, actor=province.clerk, now=builders.at(0))
    unit.take(item, actor=province.officer, now=builders.at(1))
    unit.note(item, "ghi chú về Đọn", actor=province.officer, now=builders.at(1))
    unit.ask(item, "Chưa rõ Đọn ở đâu?", actor=province.officer, now=builders.at(1))
    builders.submitted_reply(province, item, builders.at(2), [builders.explained("Ông Đọn bị nhắc nhở")])
    publishing.publish(item, title="x", text="bản công khai về Đọn", reply="", actor=province.clerk, now=builders.at(2))
    db.session.flush()
    return item, key


def words_at_rest() -> dict[str, list[str]]:
    """Return where in the database one of the words stands: every column of every table, whatever its type."""
    found: dict[str, list[str]] = {}
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(table.select()).mappings():
            for name, value in row.items():
                text = bytes(value).decode("utf-8", "ignore") if isinstance(table.c[name].type, LargeBinary) and value else str(value)
                hits = [word for word in WORDS if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)]
                if hits:
                    found[f"{table.name}.{name}"] = hits
    return found


def test_after_sealing_no_word_of_the_item_is_left_anywhere(province):
    item, key = full(province)
    code, before = item.code, set(words_at_rest())
    assert {
        "feedback.accused_names",
        "feedback.body",
        "message.body",
        "search_document.folded",
        "reply_point.text",
        "stored_file.name",
        "feedback.public_text",
    } <= before

    sealed = sealing.seal(item, reason="Tố cáo Kha Văn Đọn", actor=province.clerk, now=NOW)
    case, gone = sealed.case, sealed.gone
    db.session.flush()

    assert words_at_rest() == {}
    assert items.by_code(code) is None
    assert gone == [], "what was sent is kept in the case"
    assert len(thread.files(case)) == 1
    assert db.session.scalar(db.select(db.func.count(Notice.id)).where(Notice.subject_type.in_(["feedback", "paper"]))) == 0
    assert thread.of_sender(code, key) is not None, "the sender goes on with the same two codes"
    assert case.matter["body"] == BODY
    assert case.matter["accused_names"] == "Kha Văn Đọn, trưởng ban"
    assert [each["text"] for each in case.matter["thread"]] == ["ghi chú về Đọn", "Chưa rõ Đọn ở đâu?"]
    assert case.people[0]["name"] == WHO


def test_who_had_it_before_stands_in_the_register_and_the_audit_keeps_that_it_happened(app, province):
    item, _key = full(province)
    case = sealing.seal(item, reason="x", actor=province.clerk, now=NOW).case
    knew = {step.user_id for step in case.steps if step.kind == SealedStep.KNEW}
    assert {province.officer.id, province.head.id} <= knew
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "sealed.moved_in")).one()
    assert set(entry.facts) == {"step_id", "feedback_id"}
    auditor = AtDesk(app, factories.make_user(unit=province.front, roles=[(Role.AUDITOR, None)]))
    assert f"#{entry.facts['feedback_id']}" not in auditor.get("/quan-tri/nhat-ky"), "what was said of it would tell that it was sealed"


def test_its_parts_go_with_it_into_one_case(province):
    item, _key = written_about(province)
    parts = desk.split(
        item,
        [Part(Kind.REPORT, "x", "Kha Văn Đọn nhận tiền"), Part(Kind.REPORT, "y", "Cầu Suối Hoa nứt")],
        actor=province.clerk,
        now=builders.at(1),
    )
    sealing.seal(parts[0], reason="x", actor=province.clerk, now=NOW)
    assert words_at_rest() == {}
    assert db.session.scalars(db.select(Feedback)).all() == []
    assert len(db.session.scalars(db.select(SealedCase)).all()) == 1


def test_nobody_but_its_desk_seals_and_none_of_the_accused_unit(province):
    item, _key = full(province)
    for actor in (province.officer, province.head, province.front_reader):
        with pytest.raises(NotAllowed):
            sealing.seal(item, reason="x", actor=actor, now=NOW)


def test_with_other_senders_in_it_they_are_taken_out_first(province):
    item, _key = written_about(province)
    other = builders.received(body="Cầu nứt", token="other")
    merging.propose_merge(other, item, actor=province.clerk, now=builders.at(1))
    merging.merge(other, item, actor=province.clerk, now=builders.at(1))
    with pytest.raises(sealing.OthersMerged):
        sealing.seal(item, reason="x", actor=province.clerk, now=NOW)


def test_the_number_of_a_letter_that_was_sealed_is_given_to_no_other(province):
    item, _key = written_about(province)
    desk.route_to(item, province.works, actor=province.clerk, now=builders.at(0))
    unit.take(item, actor=province.officer, now=builders.at(1))
    paper = builders.signed_reply(province, item, builders.at(2), [builders.explained("Ông Đọn bị nhắc nhở")])
    papers.enter_number(paper, number="7/SXD", numbered_on=NOW.date(), actor=province.records, now=NOW)
    sealing.seal(item, reason="x", actor=province.clerk, now=NOW)
    assert words_at_rest() == {}
    assert 7 in books.used(province.works, "CV", NOW.year), "the books of dialogues count it too"
    other = builders.signed_reply(province, builders.taken(province), NOW)
    with pytest.raises(papers.NumberTaken):
        papers.enter_number(other, number="7/SXD", numbered_on=NOW.date(), actor=province.records, now=NOW)
    papers.enter_number(other, number="8/SXD", numbered_on=NOW.date(), actor=province.records, now=NOW)


def test_the_page_seals_once_and_then_there_is_no_such_item(app, province):
    item, _key = full(province)
    code, desk = item.code, AtDesk(app, province.clerk)
    shown = desk.get(f"/can-bo/y-kien/{code}")
    assert f"/can-bo/y-kien/{code}/niem-phong" in shown
    assert "Lời kể có chữ giống tố cáo" in shown
    assert "Đã niêm phong" in desk.fill(f"/can-bo/y-kien/{code}/niem-phong", text="Nói về người nhận tiền")
    for path in (f"/can-bo/y-kien/{code}", f"/can-bo/y-kien/{code}/niem-phong"):
        desk.get(path, status=404)
    assert desk.client.get(f"/tra-cuu/{code}").status_code == 404
    officer = AtDesk(app, province.officer)
    assert f"/can-bo/y-kien/{code}/niem-phong" not in officer.get("/thong-bao")


@pytest.mark.parametrize(
    ("said", "sounds"),
    [
        ("Cán bộ địa chính vòi tiền bà con", True),
        ("can bo nhan phong bi", True),
        ("Tôi muốn TỐ CÁO ông trưởng thôn", True),
        ("Đèn đường tắt ba tuần nay", False),
        ("Nhận tiên lương hưu ở đâu?", False),
        ("Tò cao hơn tôi", False),
    ],
)
def test_the_desk_is_told_of_words_that_sound_like_a_denunciation(said, sounds):
    assert danger.sounds_denouncing(said) is sounds


def test_every_column_that_may_be_empty_says_whether_it_only_mentions():
    """A new table that points at an item, or at something of one, goes with it; where it must not, it is a tie and said so here."""
    owned = {
        ("assignment", "feedback_id"), ("attachment", "message_id"), ("attachment", "point_id"), ("check_task", "check_id"),
        ("clock", "assignment_id"), ("clock", "feedback_id"), ("clock", "question_id"), ("feedback", "parent_id"),
        ("holding", "assignment_id"), ("holding", "feedback_id"), ("paper", "assignment_id"), ("receipt_key", "person_id"),
        ("reply_point", "act_id"),
    }  # fmt: skip
    reached, waiting, nullable = {"feedback"}, ["feedback"], set()
    while waiting:
        for column in purging.pointing_at(waiting.pop()):
            pair = (column.table.name, column.name)
            assert "id" in column.table.c, f"{pair}: purging deletes by id"
            if column.nullable:
                nullable.add(pair)
            if pair not in purging.TIES and column.table.name not in reached:
                reached.add(column.table.name)
                waiting.append(column.table.name)
    assert nullable == owned | purging.TIES, "say of it whether it goes with the item (here) or only mentions it (purging.TIES)"


def test_the_register_opens_what_was_sealed_like_any_other(app, province):
    item, _key = full(province)
    case = sealing.seal(item, reason="x", actor=province.clerk, now=NOW).case
    reader = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    assert queries.may_open(reader, case, on=clock.today())
    assert rules.SealedStep.SEALED in {step.kind for step in case.done}
    opened = AtDesk(app, reader).fill(f"/can-bo/to-cao/{case.uid}", status=200, conflict="no", reason="Xem")
    assert BODY in opened
    assert WHO not in opened
    assert "ghi chú về Đọn" in opened


def test_who_writes_to_it_while_it_is_sealed_meets_no_such_item(fresh_app):
    province = builders.make_province()
    item, _key = full(province)
    path, start, answers = f"/can-bo/y-kien/{item.code}", threading.Barrier(2), {}
    desks = {"niem-phong": AtDesk(fresh_app, province.clerk), "ghi-chu": AtDesk(fresh_app, province.officer)}
    db.session.commit()
    fields = {"niem-phong": "text", "ghi-chu": "note-text"}
    forms = {
        "niem-phong": form_of(desks["niem-phong"].client.get(f"{path}/niem-phong"), ""),
        "ghi-chu": form_of(desks["ghi-chu"].client.get(path), f"{path}/ghi-chu"),
    }

    def send(name: str) -> None:
        start.wait()
        answers[name] = press(desks[name].client, forms[name], to=f"{path}/{name}", **{fields[name]: "Nói thêm về Kha Văn Đọn"}).status_code

    threads = [threading.Thread(target=send, args=(name,)) for name in desks]
    for thread_ in threads:
        thread_.start()
    for thread_ in threads:
        thread_.join()
    db.session.rollback()
    assert answers["niem-phong"] == 303
    assert answers["ghi-chu"] in {303, 404}
    assert words_at_rest() == {}


def test_neither_the_files_of_the_database_nor_its_log_hold_a_word_of_it(fresh_app):
    province = builders.make_province()
    item, _key = full(province)
    db.session.commit()
    assert "Kha Văn Đọn".encode() in at_rest()
    assert b"suoi" in at_rest()
    sealing.seal(item, reason="x", actor=province.clerk, now=NOW)
    db.session.commit()
    db.session.remove()
    search.tidy()
    kept = at_rest()
    for word in (*WORDS, "suoi"):
        assert word.encode() not in kept
