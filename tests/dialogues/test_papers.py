"""The eleven papers: what they say as PDF and DOCX in both formats, and their way from draft to number and signed file."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
from contextlib import nullcontext
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from app.access import NotAllowed
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.assignments.rules import IllegalTransition
from app.audit import entries_about
from app.database import db
from app.files import StoredFile, open_stored, store_ours
from app.files.content import PDF
from app.outbox import Channel, Notice
from app.permissions import Role
from app.typesetting import NO_GLYPH
from app.units.models import UnitKind
from dialogues import books, lists, queries, rules
from dialogues import papers as made
from dialogues.models import Chair, MinutesVersion, Question, ReceptionDay, SessionPaper, SessionStaff, YearPlan
from dialogues.operations import papers, planning, promises
from dialogues.operations.promises import Word
from dialogues.papers import keeping, parts, word
from dialogues.rules import (
    AFTERWARDS,
    OF_YEAR,
    RESULTS,
    SERIES,
    Origin,
    PaperFormat,
    PaperState,
    PaperType,
    PublicForm,
    QuestionState,
    StaffDuty,
    Status,
)
from feedback.operations.papers import issuing
from tests import factories
from tests.app.files.samples import pdf as sample_pdf
from tests.dialogues import builders, papers_of
from tests.dialogues.papers_of import LONG, ODD
from tests.dialogues.test_year import LINE
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import MONDAY, answered, at
from tests.feedback.pages import post
from tests.feedback.test_races import at_once

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

ADDRESS = "/can-bo/doi-thoai"

#: What each paper must say, whatever its format.
SAYS = {
    PaperType.YEAR_PLAN: ["ĐỐI THOẠI VỚI NHÂN DÂN NĂM 2026", "Quý III", "Các hộ dân tổ dân phố 4"],
    PaperType.NOTICE: ["từ 08 giờ 00 đến 11 giờ 00, thứ Hai, ngày 31 tháng 8 năm 2026", "Nhà văn hóa tổ 4", "17 giờ 00", "01/KH-UBND"],
    PaperType.OFFICIAL_LETTER: ["V/v chuẩn bị buổi đối thoại", "Kính gửi: Sở Xây dựng", "Giá đền bù đất ở là bao nhiêu?"],
    PaperType.INVITATION: ["GIẤY MỜI", "trân trọng kính mời:", ODD, "đại diện hộ kinh doanh", LONG],
    PaperType.PROGRAMME: ["08:10 - 09:40", "Giới thiệu đại biểu", "Mỗi người không quá năm phút."],
    PaperType.CONCERNS: ["Người dân hỏi nhiều về giá đền bù đất.", "Đã nhận 2 câu hỏi"],
    PaperType.EARLIER_PROMISES: ["đã thực hiện 1, chưa thực hiện 1", "Sửa cống chợ Nhớn", "20/6/2026", "chưa bố trí được vốn"],
    PaperType.CONCLUSION: [
        "Phường tiếp thu đầy đủ",
        "Theo bảng giá 2026.",
        "phối hợp: Phòng Hạ tầng",
        "30/12/2026",
        "Niêm yết tại trụ sở",
        "Trả lời: Bao giờ",
        "15/9/2026",
    ],
    PaperType.MINUTES: [
        "Trần Hữu Đức, tổ 4",
        "33 hộ đồng ý, 60 hộ không đồng ý, trên 101 hộ có mặt, 8 hộ không biểu quyết",
        "bảng giá mới",
        "Lưu Quỹ Ẩn",
        ODD,
        "CHỦ TRÌ",
    ],
    PaperType.REPLY: ["V/v trả lời kiến nghị", "Bao giờ có đèn đường ngõ 3?", "Ban Tiếp công dân tỉnh trả lời trước ngày 15/9/2026"],
    PaperType.YEAR_REPORT: ["Kế hoạch năm có 1 buổi; đã tổ chức 0 buổi."],
}
HEADS = {
    PaperFormat.STATE: ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "PHƯỜNG KINH BẮC", "Số: …/"],
    PaperFormat.PARTY: ["ĐẢNG CỘNG SẢN VIỆT NAM", "ĐẢNG BỘ TỈNH BẮC NINH", "ĐẢNG ỦY PHƯỜNG KINH BẮC", "Số …-"],
}
SIGNED = {PaperFormat.STATE: ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"], PaperFormat.PARTY: ["T/M BAN THƯỜNG VỤ", "BÍ THƯ"]}


def in_pdf(data: bytes) -> str:
    """Return the words of a PDF without its line breaks."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def in_docx(data: bytes) -> str:
    """Return the words of a DOCX: paragraphs, and tables within tables of its head and foot."""
    document = Document(io.BytesIO(data))
    texts = [each.text for each in document.element.body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t")]
    return " ".join(" ".join(texts).split())


def test_every_paper_says_its_facts_in_both_formats_as_pdf_and_as_docx(province, secretary):
    session = papers_of.session(province, secretary)
    units = {PaperFormat.STATE: None, PaperFormat.PARTY: papers_of.party_of(province)}
    for type_, format_ in itertools.product(PaperType, PaperFormat):
        paper = papers_of.paper(session, type_, format_, units[format_])
        wanted = [*SAYS[type_], *HEADS[format_], *(SIGNED[format_] if type_ != PaperType.MINUTES else ["THƯ KÝ"])]
        printed, written = in_pdf(made.paper_pdf(paper)).lower(), in_docx(word.paper_docx(paper)).lower()
        assert [each for each in wanted if each.replace("🎉", NO_GLYPH).lower() not in printed] == [], (type_, format_)
        assert [each for each in wanted if each.lower() not in written] == [], (type_, format_)


def test_a_paper_carries_its_font_and_each_guest_has_a_first_page(province, secretary):
    session = papers_of.session(province, secretary)
    pages = PdfReader(io.BytesIO(made.paper_pdf(papers_of.paper(session, PaperType.INVITATION, PaperFormat.STATE)))).pages
    assert len(pages) == 3
    for page, guest in zip(pages, ["Sở Xây dựng", "Nguyễn Đặng", "Công ty"], strict=True):
        text = page.extract_text()
        assert guest in text
        assert not text.startswith("2")
        resources: Any = page["/Resources"]
        fonts = [font.get_object() for font in resources["/Font"].values()]
        descriptors = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
        assert all("LiberationSerif" in font["/BaseFont"] for font in fonts)
        assert all("/FontFile2" in descriptor or "/FontFile3" in descriptor for descriptor in descriptors)


@pytest.mark.parametrize(
    ("unit", "kind", "format_", "type_", "symbol"),
    [
        ("Ủy ban nhân dân phường Kinh Bắc", UnitKind.GOVERNMENT, PaperFormat.STATE, PaperType.NOTICE, "/TB-UBND"),
        ("Ủy ban nhân dân phường Kinh Bắc", UnitKind.GOVERNMENT, PaperFormat.STATE, PaperType.REPLY, "/UBND"),
        ("Sở Xây dựng tỉnh Bắc Ninh", UnitKind.DEPARTMENT, PaperFormat.STATE, PaperType.MINUTES, "/BB-SXD"),
        ("Ủy ban Mặt trận Tổ quốc phường", UnitKind.FRONT, PaperFormat.STATE, PaperType.NOTICE, "/TB-MTTQ-BTT"),
        ("Đảng ủy phường Kinh Bắc", UnitKind.PARTY, PaperFormat.PARTY, PaperType.CONCERNS, "-BC/ĐU"),
        ("Tỉnh ủy Bắc Ninh", UnitKind.PARTY, PaperFormat.PARTY, PaperType.OFFICIAL_LETTER, "-CV/TU"),
        ("Ban Dân vận Tỉnh ủy", UnitKind.PARTY, PaperFormat.PARTY, PaperType.YEAR_REPORT, "-BC/BDVTU"),
    ],
)
def test_the_symbol_says_type_and_body(app, unit, kind, format_, type_, symbol):
    assert made.parts.symbol(factories.make_unit(name=unit, kind=kind), type_, format_) == symbol


@pytest.mark.parametrize(
    ("title", "party", "lines"),
    [
        (("Chánh Văn phòng", "TL.", "Chủ tịch Ủy ban nhân dân phường"), False, ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]),
        (("Trưởng phòng Kinh tế", "TUQ.", "Chủ tịch Ủy ban nhân dân phường"), False, ["TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG KINH TẾ"]),
        (("Chánh Văn phòng", "TL.", "Ban Thường vụ"), True, ["T/L BAN THƯỜNG VỤ", "CHÁNH VĂN PHÒNG"]),
        ("Chủ tịch Ủy ban nhân dân phường", False, ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]),
        ("Phó Chủ tịch Ủy ban nhân dân phường", False, ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),
        ("Phó Bí thư Thường trực Đảng ủy phường", True, ["T/M BAN THƯỜNG VỤ", "PHÓ BÍ THƯ THƯỜNG TRỰC"]),
    ],
)
def test_the_signature_says_for_whom(app, title, party, lines):
    kind, name = (UnitKind.PARTY, "Đảng ủy phường Kinh Bắc") if party else (UnitKind.GOVERNMENT, "Ủy ban nhân dân phường")
    unit = factories.make_unit(name=name, kind=kind)
    title, by, giver = title if isinstance(title, tuple) else (title, "", "")
    assert made.parts.signature(unit, title, PaperFormat.PARTY if party else PaperFormat.STATE, by=by, giver=giver) == lines


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Trưởng Ban Tuyên giáo và Dân vận Tỉnh ủy", ["TRƯỞNG BAN"]),
        ("Trưởng ban Dân vận Đảng ủy phường", ["TRƯỞNG BAN"]),
        ("Trưởng ban Ban Dân vận Tỉnh ủy", ["TRƯỞNG BAN"]),
        ("Phó Trưởng Ban Tuyên giáo và Dân vận Tỉnh ủy", ["K/T TRƯỞNG BAN", "PHÓ TRƯỞNG BAN"]),
        ("Phó Trưởng ban Thường trực Ban Dân vận Tỉnh ủy", ["K/T TRƯỞNG BAN", "PHÓ TRƯỞNG BAN THƯỜNG TRỰC"]),
        ("Chánh Văn phòng Tỉnh ủy", ["CHÁNH VĂN PHÒNG"]),
        ("Phó Chánh Văn phòng Đảng ủy", ["K/T CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"]),
        ("Chủ nhiệm Ủy ban Kiểm tra Tỉnh ủy", ["CHỦ NHIỆM"]),
    ],
)
def test_a_party_bodys_office_is_not_named_after_the_body(app, title, lines):
    unit = factories.make_unit(name="Ban Tuyên giáo và Dân vận Tỉnh ủy", kind=UnitKind.PARTY)
    assert made.parts.signature(unit, title, PaperFormat.PARTY) == lines


def test_what_everyone_may_read_names_no_asker(province, secretary):
    session = papers_of.session(province, secretary)
    session.questions[0].text = "Bà Lê Thị Mận, 0912345678, ngõ 3 hỏi giá đền bù."
    session.conclusion = "Phường trả lời bà Lê Thị Mận, điện thoại 0912345678, trong tháng 9."
    said = json.dumps(made.facts_of_paper(papers_of.paper(session, PaperType.CONCLUSION, PaperFormat.STATE)), ensure_ascii=False)
    assert [each for each in ("ngõ 3 hỏi giá đền bù", "trong tháng 9.") if each not in said] == []
    assert [each for each in ("Mận", "0912345678", "Trần Hữu Đức") if each in said] == []


def test_minutes_say_what_their_last_version_says_and_nothing_twice(province, secretary):
    session = papers_of.session(province, secretary)
    session.minutes += [
        MinutesVersion(number=number, text=text, at=MONDAY) for number, text in ((1, "Bản đầu."), (2, "Ông Đức hỏi giá đất."))
    ]
    said = json.dumps(made.facts_of_paper(papers_of.paper(session, PaperType.MINUTES, PaperFormat.STATE)), ensure_ascii=False)
    assert "Ông Đức hỏi giá đất." in said
    assert [each for each in ("Bản đầu.", "33 hộ", "Theo bảng giá 2026.", "Phường tiếp thu") if each in said] == []


@pytest.mark.parametrize(
    ("type_", "says", "never"),
    [
        (PaperType.CONCLUSION, "từ 08 giờ 00 đến 11 giờ 40, thứ Hai", "đến 11 giờ 00"),  # as it was, not as it was planned
        (PaperType.MINUTES, "Thành phần tham dự: 60 người, trong đó 4 người có trong danh sách kèm theo.", "đọc lại"),
        (PaperType.MINUTES, "kết thúc lúc 11 giờ 40", "…"),
    ],
)
def test_what_came_of_a_session_says_what_was_recorded_and_nothing_else(province, secretary, type_, says, never):
    session = papers_of.session(province, secretary)
    session.held_at += dt.timedelta(minutes=40)
    session.halls[0].people_counted, session.halls[1].people_counted = 45, 15
    said = json.dumps(made.facts_of_paper(papers_of.paper(session, type_, PaperFormat.STATE)), ensure_ascii=False)
    assert says in said
    assert never not in said


@pytest.mark.parametrize(
    ("text", "open_"), [("Chủ trì: …", True), ("gồm … và", True), ("…", True), ("Đường hỏng… lâu rồi", False), ("[…] hỏi", False)]
)
def test_room_left_to_write_is_told_from_a_word_that_trails_off(text, open_):
    assert parts.to_write(text) is open_


# --- from draft to signed file -----------------------------------------------------------------------------------------


@pytest.fixture
def session(province):
    """A session of the plan that nothing else was prepared for."""
    return builders.draft(province, plan_line=builders.plan(province).lines[0])


@pytest.fixture
def records(province):
    """The văn thư of the ward."""
    return factories.make_user(unit=province.ward, roles=[Role.RECORDS])


def draft(session, type_, actor, now=MONDAY):
    """Return a draft, by year or by session."""
    if type_ in OF_YEAR:
        return papers.draft_of_year(session.plan_line.plan, type_, actor=actor, now=now)
    return papers.draft(session, type_, actor=actor, now=now)


def write(paper, actor, words=None, **over):
    """Write a draft as its page does."""
    values = {"signer": "Nguyễn Thị Bình", "signer_title": "Chủ tịch Ủy ban nhân dân phường", "internal": paper.internal}
    papers.write(paper, words or {}, **values | {"seen": papers.fingerprint(paper)} | over, actor=actor, now=MONDAY)


def sent(session, type_, actor):
    """Return a paper sent to be signed."""
    paper = draft(session, type_, actor)
    write(paper, actor)
    papers.send(paper, actor=actor, now=MONDAY)
    return paper


@pytest.mark.parametrize("type_", PaperType)
def test_party_papers_reports_of_opinion_and_what_names_people_start_internal(session, secretary, type_):
    inside = (
        {PaperType.OFFICIAL_LETTER, PaperType.CONCERNS, PaperType.EARLIER_PROMISES, PaperType.YEAR_REPORT} | rules.ALWAYS_INTERNAL | RESULTS
    )
    assert draft(session, type_, secretary).internal is (type_ in inside)
    if type_ not in OF_YEAR:
        db.session.delete(session.papers[0])
        db.session.expire(session)
        session.paper_format = PaperFormat.PARTY
        assert draft(session, type_, secretary).internal is True


def test_the_body_whose_format_it_is_issues_the_paper_and_its_chair_signs(session, province, secretary):
    party = papers_of.party_of(province)
    session.chairs.append(Chair(position=3, unit=party, name="Đỗ Văn Hùng", title="Bí thư Đảng ủy phường"))
    session.paper_format = PaperFormat.PARTY
    paper = draft(session, PaperType.NOTICE, secretary)
    assert (paper.unit, paper.signer) == (party, "Đỗ Văn Hùng")
    session.paper_format = PaperFormat.STATE
    assert draft(session, PaperType.MINUTES, secretary).unit is province.ward


def test_what_names_people_never_becomes_public(session, secretary):
    paper = draft(session, PaperType.MINUTES, secretary)
    write(paper, secretary, internal=False)
    papers.set_internal(paper, internal=False, actor=secretary, now=MONDAY)
    assert paper.internal is True


def test_only_changed_words_are_kept_and_the_rest_follows_the_data(session, secretary):
    paper = draft(session, PaperType.NOTICE, secretary)
    begun = {section["name"]: section["text"] for section in made.facts_of_paper(paper)["sections"]}
    write(paper, secretary, begun | {"closing": "Mời bà con đến dự."})
    assert paper.words == {"closing": "Mời bà con đến dự."}
    session.topic = "Nước sạch"
    said = {section["name"]: section["text"] for section in made.facts_of_paper(paper)["sections"]}
    assert "Nước sạch" in said["topic"]
    assert said["closing"] == "Mời bà con đến dự."


def test_a_draft_that_somebody_else_changed_is_not_written_over(session, secretary):
    paper = draft(session, PaperType.NOTICE, secretary)
    seen = papers.fingerprint(paper)
    write(paper, secretary, {"closing": "Một."})
    with pytest.raises(papers.ChangedMeanwhile):
        write(paper, secretary, {"closing": "Hai."}, seen=seen)


def test_what_was_sent_stands_and_what_is_taken_back_follows_again(province, secretary):
    session = papers_of.session(province, secretary)
    paper = sent(session, PaperType.MINUTES, secretary)
    assert "Trần Hữu Đức" not in json.dumps(paper.facts)  # ciphertext: it names people
    session.topic = "Nước sạch"
    assert "Nước sạch" not in in_pdf(made.paper_pdf(paper))
    with pytest.raises(IllegalTransition):
        write(paper, secretary, {"closing": "Khác."})
    papers.take_back(paper, actor=secretary, now=MONDAY)
    assert "Nước sạch" in in_pdf(made.paper_pdf(paper))


def test_nothing_is_sent_without_a_signer_and_of_each_type_one_is_on_its_way(session, secretary):
    paper = draft(session, PaperType.NOTICE, secretary)
    with pytest.raises(papers.AnotherDraft):
        draft(session, PaperType.NOTICE, secretary)
    write(paper, secretary, signer="")
    with pytest.raises(papers.NotReady):
        papers.send(paper, actor=secretary, now=MONDAY)
    write(paper, secretary, signer_title="Chánh Văn phòng", signed_for="TL.")
    with pytest.raises(papers.NotReady):
        papers.send(paper, actor=secretary, now=MONDAY)
    papers.discard(paper, actor=secretary, now=MONDAY)
    draft(session, PaperType.NOTICE, secretary)


@pytest.mark.parametrize(
    ("before", "typed", "given"),
    [
        ((), "5", "05/TB-UBND"),  # the book was begun without us: any number
        ((), "05", "05/TB-UBND"),
        ((), "128", "128/TB-UBND"),
        ((), "12/TB-VP", "12/TB-VP"),
        (("05/TB-UBND",), "6", "06/TB-UBND"),
        (("05/TB-UBND", "08/TB-UBND"), "7", "07/TB-UBND"),  # an earlier one that was left out
        (("05/TB-UBND",), "5", papers.NumberTaken),
        (("05/TB-UBND",), "05/TB-VP", papers.NumberTaken),
        (("05/TB-UBND",), "9", papers.GapUnexplained),
        ((), "0", books.NumberUnreadable),
        ((), "năm", books.NumberUnreadable),
        ((), "5 bis", books.NumberUnreadable),
        ((), "123456", books.NumberUnreadable),
        ((), "٥", books.NumberUnreadable),  # a digit of another script
    ],
)
def test_a_number_is_given_once_in_a_unit_a_series_and_a_year(session, secretary, records, before, typed, given):
    for number in before:
        builders.issue(session, PaperType.CONCLUSION)  # the same series as a notice
        session.papers[-1].number = number
    paper = sent(session, PaperType.NOTICE, secretary)
    values = {"on": MONDAY.date(), "actor": records, "now": MONDAY}
    if isinstance(given, str):
        papers.number(paper, typed, **values)
        assert (paper.state, paper.number, paper.numbered_year, paper.gap_why) == (PaperState.NUMBERED, given, 2026, "")
        return
    with pytest.raises(given):
        papers.number(paper, typed, **values)
    if given is papers.GapUnexplained:
        papers.number(paper, typed, **values, gap_why="số 6 đến 8 cấp ngoài hệ thống")
        assert (paper.number, paper.gap_why) == ("09/TB-UBND", "số 6 đến 8 cấp ngoài hệ thống")


@pytest.mark.parametrize("type_", sorted(AFTERWARDS))
def test_what_came_of_a_session_is_not_signed_before_it_was_held_nor_dated_before_its_day(session, secretary, records, type_):
    held_at, session.held_at = at(28, 11), None
    session.conclusion, session.begun_at = "Phường tiếp thu.", at(28, 8)
    session.staff.append(SessionStaff(user=secretary, duty=StaffDuty.SECRETARY))
    left = Question(
        origin=Origin.FLOOR, state=QuestionState.ACCEPTED, text="Bao giờ?", answer="Tháng 9.", answer_kind="in_writing", asked_at=at(28, 9)
    )
    session.questions.append(left)
    db.session.flush()
    with pytest.raises(papers.NothingSaidYet):
        sent(session, type_, secretary)
    session.held_at = held_at
    paper = session.papers[-1]
    papers.send(paper, actor=secretary, now=held_at)
    with pytest.raises(papers.DatedTooEarly):
        papers.number(paper, "5", on=session.day - dt.timedelta(days=1), actor=records, now=held_at)
    papers.number(paper, "5", on=session.day, actor=records, now=held_at)


@pytest.mark.parametrize("numbered", [False, True])
def test_a_notice_that_was_signed_before_the_last_word_of_the_conclusion_is_made_anew(app, province, head, secretary, records, numbered):
    held = builders.session_at(province, head, Status.HELD, conclusion="Phường tiếp thu.")
    builders._prepare_for(held, Status.CONCLUDED, province)
    held.papers.remove(held.papers[-1])
    paper = sent(held, PaperType.CONCLUSION, secretary)
    if numbered:
        papers.number(paper, "5", on=held.day, actor=records, now=at(29))
    lacks = [] if numbered else ["conclusion_without_number"]

    def missing() -> list[str]:
        db.session.flush()
        return [guard.name for guard in rules.lacks(Status.CONCLUDED, queries.facts_of(held, at(29).date()))]

    held.public_conclusion = "Phường tiếp thu, đã che."  # masked otherwise, concluded the same
    assert (missing(), queries.is_older(paper)) == (lacks, False)
    word = Word(province.works, at(60).date(), PublicForm.SITE)
    given = promises.instruct(held, "Nạo vét rãnh ngõ 12", word, actor=secretary, now=at(29))
    assert (missing(), queries.is_older(paper)) == (["conclusion_older"] if numbered else lacks, True)
    desk = AtDesk(app, secretary)
    assert "Kết luận đã sửa sau đó" in desk.get(f"{ADDRESS}/{held.code}/van-ban")
    page = desk.get(f"{ADDRESS}/van-ban/{paper.id}")
    assert ("Soạn lại" in page, "Lấy lại để sửa" in page) == (numbered, not numbered)
    if numbered:
        desk.press(f"{ADDRESS}/van-ban/{paper.id}", f"{ADDRESS}/{held.code}/van-ban", loai="conclusion")
        db.session.expire(held, ["papers"])
        assert "Nạo vét rãnh ngõ 12" in json.dumps(made.facts_of_paper(held.papers[-1]), ensure_ascii=False)
        assert "Soạn lại" not in desk.get(f"{ADDRESS}/van-ban/{paper.id}")
    promises.withdraw(given, reason="Ghi nhầm.", actor=secretary, now=at(29))
    assert (missing(), queries.is_older(paper)) == (lacks, False)


def test_who_only_reads_a_session_does_nothing_to_its_papers(app, session, province, secretary):
    paper = sent(session, PaperType.NOTICE, secretary)
    reader = AtDesk(app, factories.make_user(unit=province.works, roles=[Role.OFFICER, Role.RECORDS])).client
    session.chairs.append(Chair(position=3, unit=province.works, name="Lê Văn Hưng", title="Giám đốc"))
    db.session.commit()
    answers = {
        rest: post(reader, f"{ADDRESS}/van-ban/{paper.id}{rest}", page=f"{ADDRESS}/{session.code}").status_code
        for rest in ("", "/lay-lai", "/noi-bo", "/bo", "/ghi-so", "/ban-ky")
    }
    assert set(answers.values()) == {403}, answers


def test_a_slip_in_the_year_is_no_year_of_numbers(session, secretary, records):
    paper = sent(session, PaperType.NOTICE, secretary)
    with pytest.raises(papers.DatedTooEarly):
        papers.number(paper, "5", on=dt.date(206, 8, 3), actor=records, now=MONDAY)


def test_a_number_of_an_answer_to_feedback_is_taken_too(province):
    paper = answered(province).papers[-1]
    assert paper.number is not None
    given = int(paper.number.split("/")[0])
    assert books.used(province.works, SERIES[PaperType.OFFICIAL_LETTER], 2026) == {given}
    assert books.used(province.works, "CV", 2025) == books.used(province.works, "TB", 2026) == set()


@pytest.mark.parametrize(
    ("type_", "typed", "taken"),
    [("reply", "7", True), ("reply", "07/UBND", True), ("reply", "8", False), ("reply", "3", False), ("refuse", "3/TB-UBND", True),
     ("refuse", "03", True), ("guide", "3", False), ("reply", "4/KH-UBND", True), ("refuse", "5", True)],
)  # fmt: skip
def test_feedback_gives_no_number_that_a_paper_of_dialogues_has(province, type_, typed, taken):
    letter = answered(province).papers[-1]  # before what may have its number
    given = {"unit": province.works, "type": PaperType.NOTICE, "format": PaperFormat.STATE, "numbered_year": 2026, "created_at": MONDAY}
    db.session.add(SessionPaper(series="CV", number="07/UBND", **given))
    db.session.add(SessionPaper(series="TB", number="03/TB-UBND", **given))
    db.session.add(YearPlan(unit=province.works, year=2026, number="04/KH-UBND", approved_on=MONDAY.date(), created_at=MONDAY))
    hours = {"begins": dt.time(8), "ends": dt.time(9), "venue": "Trụ sở"}
    db.session.add(ReceptionDay(unit=province.works, day=MONDAY.date(), number="5", numbered_on=MONDAY.date(), **hours))
    letter.type = type_
    db.session.flush()
    with pytest.raises(issuing.NumberTaken) if taken else nullcontext():
        issuing.give_number(letter, typed, on=MONDAY.date())


def test_a_plan_and_its_paper_share_one_number_and_no_other_has_it(province, head, secretary):
    plan = planning.start(province.ward, 2026, actor=secretary, now=MONDAY)
    planning.add_line(plan, LINE, actor=secretary, now=MONDAY)
    numbered = {"format": PaperFormat.STATE, "series": "KH", "numbered_year": 2026, "created_at": MONDAY}
    db.session.add(SessionPaper(unit=province.ward, type=PaperType.NOTICE, number="11/KH-UBND", **numbered))
    db.session.add(SessionPaper(unit=province.ward, type=PaperType.YEAR_PLAN, plan=plan, number="12/KH-UBND", **numbered))
    db.session.flush()
    with pytest.raises(planning.NumberTaken):
        planning.approve(plan, number="11", approved_on=MONDAY.date(), actor=head, now=MONDAY)
    planning.approve(plan, number="12/KH-UBND", approved_on=MONDAY.date(), actor=head, now=MONDAY)
    assert books.used(province.ward, "KH", 2026, plan=plan) == {11, 12}


def test_van_thu_sees_what_waits_until_it_is_numbered_or_called_off(client, session, province, head, secretary, records):
    paper = sent(session, PaperType.NOTICE, secretary)
    waits = db.session.query(Notice).filter_by(subject_type="session_paper", subject_id=paper.id, channel=Channel.SITE)
    assert {(row.user_id, row.facts["hand"]) for row in waits} == {(head.id, "sign"), (records.id, "number")}
    assert lists.papers_waiting(records.reach) == [paper]
    assert [lists.papers_waiting_count(each.reach) for each in (records, province.records, secretary)] == [1, 0, 0]
    factories.sign_in(client, records)
    assert '<a href="/can-bo/doi-thoai/van-ban/cho-so">1 văn bản</a>' in client.get("/can-bo/vao-so").text
    session.status = Status.CANCELLED
    assert lists.papers_waiting_count(records.reach) == 0


def test_drafting_is_the_officers_and_numbering_the_van_thus(session, province, secretary, records):
    with pytest.raises(NotAllowed):
        draft(session, PaperType.NOTICE, records)
    with pytest.raises(NotAllowed):
        draft(session, PaperType.NOTICE, province.officer)
    paper = sent(session, PaperType.NOTICE, secretary)
    for stranger in (secretary, province.records):
        with pytest.raises(NotAllowed):
            papers.number(paper, "5", on=MONDAY.date(), actor=stranger, now=MONDAY)
    with pytest.raises(papers.DatedAhead):
        papers.number(paper, "5", on=at(1).date(), actor=records, now=MONDAY)


def test_a_numbered_paper_stays_the_same_bytes_and_the_signed_one_takes_its_place(session, secretary, records):
    paper = sent(session, PaperType.NOTICE, secretary)
    papers.number(paper, "5", on=MONDAY.date(), actor=records, now=MONDAY)
    db.session.commit()
    first = keeping.issued_file(paper, now=MONDAY)
    session.topic = paper.signer = "Đổi sau khi ghi số"
    assert keeping.issued_file(paper, now=at(1)) is first
    assert "Số: 05/TB-UBND" in in_pdf(b"".join(open_stored(first)))
    scan = store_ours(sample_pdf(), "ban-ky.pdf", PDF, MONDAY)
    papers.replace_file(paper, scan, actor=records, now=MONDAY)
    assert keeping.issued_file(paper, now=at(1)) is scan
    assert paper.number == "05/TB-UBND"
    with pytest.raises(papers.NotPdf):
        papers.replace_file(paper, StoredFile(media_type="image/png"), actor=records, now=MONDAY)


@pytest.mark.parametrize("status", [Status.ARCHIVED, Status.CANCELLED])
def test_once_archived_or_called_off_the_papers_stand(session, secretary, status):
    paper = draft(session, PaperType.NOTICE, secretary)
    session.status = status
    for change in (
        lambda: draft(session, PaperType.MINUTES, secretary),
        lambda: write(paper, secretary),
        lambda: papers.discard(paper, actor=secretary, now=MONDAY),
        lambda: papers.set_internal(paper, internal=True, actor=secretary, now=MONDAY),
    ):
        with pytest.raises(papers.Closed):
            change()


@pytest.mark.parametrize(
    "case",
    [
        ("VB{1}; 6; 3/8/2026\nvb{0}\t5/TB-UBND\t2/8/2026", ["05/TB-UBND", "06/CV-UBND"], ""),
        ("VB{0}; 5; 3/8/2026\nVB{1}; 7; 31/2/2026", [None, None], "Dòng 2: ngày phải ghi"),
        ("VB{0}; 5; 3/8/2026\n\nVB{0}; 6; 3/8/2026", [None, None], "Dòng 3: trùng"),
        ("VB{0}; năm; 3/8/2026\nVB{1}; 7; 3/8/2026", [None, None], "Dòng 1: Số bắt đầu bằng"),
        ("VB{0}; 5; 4/8/2026", [None, None], "Dòng 1: Ngày văn bản chưa tới"),
        ("VB999999; 5; 3/8/2026\n12", [None, None], "mã VB999999"),
    ],
)
def test_numbers_are_imported_from_a_list_all_or_none(client, session, secretary, records, case):
    list_, numbers, said = case
    waiting = [sent(session, type_, secretary) for type_ in (PaperType.NOTICE, PaperType.OFFICIAL_LETTER)]
    ids = [paper.id for paper in waiting]
    db.session.commit()
    factories.sign_in(client, records)
    answer = post(client, f"{ADDRESS}/van-ban/cho-so/nhap", {"lines": list_.format(*ids)})
    assert answer.status_code == (422 if said else 303)
    assert said in answer.text
    found = [db.session.get(SessionPaper, id_).number for id_ in ids]
    assert [number and number.replace("/UBND", "/CV-UBND") for number in found] == numbers


# --- the pages ---------------------------------------------------------------------------------------------------------


def test_a_paper_goes_its_way_by_the_pages(client, session, secretary, records):
    factories.sign_in(client, secretary)
    room = f"{ADDRESS}/{session.code}/van-ban"
    answer = post(client, room, {"loai": "notice"}, page=room)
    paper = session.papers[0]
    address = f"{ADDRESS}/van-ban/{paper.id}"
    assert answer.headers["Location"] == address
    page = client.get(address).text
    assert "Gửi câu hỏi, đăng ký dự" in page
    refused = post(client, address, {"was": papers.fingerprint(paper), "trinh": "1", "signer": "", "phan-closing": "Mời bà con."})
    assert refused.status_code == 422
    assert "Ghi người ký" in refused.text
    assert "Mời bà con." in refused.text
    typed = {"signer": "Nguyễn Thị Bình", "signer_title": "Chủ tịch", "phan-closing": "Mời …"}
    refused = post(client, address, typed | {"was": papers.fingerprint(paper), "trinh": "1"})
    assert refused.status_code == 422
    assert "phần “Lời kết” còn chỗ “…” chưa điền" in refused.text
    typed = {"signer": "Nguyễn Thị Bình", "signer_title": "Chủ tịch", "phan-closing": "Mời bà con."}
    assert post(client, address, typed | {"was": papers.fingerprint(paper), "trinh": "1"}).status_code == 303
    assert paper.state == PaperState.SENT
    assert "Nguyễn Thị Bình ký trên bản in. Ký xong, văn thư" in client.get(address).text
    assert client.get(f"{address}/van-ban.pdf").data.startswith(b"%PDF-")
    assert client.get(f"{address}/van-ban.docx").data.startswith(b"PK")

    factories.sign_in(client, records)
    assert address in client.get(f"{ADDRESS}/van-ban/cho-so").text
    day = {"so-numbered_on": "2026-08-03"}
    assert "Số bắt đầu bằng chữ số" in post(client, f"{address}/ghi-so", day | {"so-number": "x"}, page=address).text
    sent(session, PaperType.OFFICIAL_LETTER, secretary)
    post(client, f"{address}/ghi-so", day | {"so-number": "5"}, page=address)
    assert (paper.number, paper.pdf is not None) == ("05/TB-UBND", True)
    assert "Còn 1 văn bản chờ ghi số" in client.get(address).text
    scan = {"ky-file": (io.BytesIO(sample_pdf()), "bản ký.pdf")}
    assert post(client, f"{address}/ban-ky", scan, page=address).status_code == 303
    assert paper.signed_file is not None
    assert paper.signed_file.original_sha256 in client.get(address).text.replace("<wbr>", "")
    assert "05/TB-UBND" in client.get(room).text


def test_each_draft_can_be_opened_and_its_parts_have_names(client, session, secretary):
    drafts = [draft(session, type_, secretary) for type_ in PaperType]
    factories.sign_in(client, secretary)
    for paper in drafts:
        page = client.get(f"{ADDRESS}/van-ban/{paper.id}")
        assert page.status_code == 200
        if paper.type == PaperType.PROGRAMME:  # the house rules are written elsewhere
            assert f'href="{ADDRESS}/{session.code}/sua">Phần này sửa ở mục riêng' in page.text


def test_the_room_says_which_papers_the_next_step_waits_for_until_somebody_begins_them(client, province, head, secretary):
    planned = builders.session_at(province, head, Status.PLANNED)
    factories.sign_in(client, secretary)
    said, first = "Bước sau cần, chưa soạn:", '<option value="invitation">'
    page = client.get(f"{ADDRESS}/{planned.code}/van-ban").text
    assert (said in page, page.index(first) < page.index('<option value="notice">')) == (True, True)
    for type_ in (PaperType.PROGRAMME, PaperType.INVITATION):
        draft(planned, type_, secretary)
    assert said not in client.get(f"{ADDRESS}/{planned.code}/van-ban").text


@pytest.mark.parametrize(("type_", "looks"), [(PaperType.MINUTES, 2), (PaperType.NOTICE, 0)])
def test_a_look_at_the_names_in_minutes_is_recorded(client, session, secretary, type_, looks):
    paper = draft(session, type_, secretary)
    factories.sign_in(client, secretary)
    for ending in ("pdf", "docx"):
        assert client.get(f"{ADDRESS}/van-ban/{paper.id}/van-ban.{ending}").status_code == 200
    assert [entry.action for entry in entries_about(paper)].count("personal_data.seen") == looks


def test_buttons_take_back_open_close_and_discard(client, session, secretary):
    paper = sent(session, PaperType.NOTICE, secretary)
    factories.sign_in(client, secretary)
    address = f"{ADDRESS}/van-ban/{paper.id}"
    post(client, f"{address}/noi-bo", page=address)
    assert paper.internal is True
    post(client, f"{address}/cong-khai", page=address)
    assert paper.internal is False
    post(client, f"{address}/lay-lai", page=address)
    assert paper.state == PaperState.DRAFT
    post(client, f"{address}/bo", page=address)
    assert client.get(address).status_code == 404


def test_the_papers_of_a_year_have_their_page(client, session, secretary):
    factories.sign_in(client, secretary)
    plan = session.plan_line.plan
    page = f"{ADDRESS}/ke-hoach/{plan.id}/van-ban"
    answer = post(client, page, {"loai": "year_plan"})
    assert client.get(answer.headers["Location"]).status_code == 200
    assert "Kế hoạch đối thoại năm" in client.get(page).text
    assert post(client, page, {"loai": "minutes"}).status_code == 400


def test_nobody_from_elsewhere_opens_a_paper(client, session, province, secretary):
    paper = draft(session, PaperType.NOTICE, secretary)
    factories.sign_in(client, province.health_head)
    for ending in ("", "/van-ban.pdf", "/van-ban.docx"):
        assert client.get(f"{ADDRESS}/van-ban/{paper.id}{ending}").status_code == 404
    assert client.get(f"{ADDRESS}/ke-hoach/{session.plan_line.plan_id}/van-ban").status_code == 404


def test_everyone_reads_what_is_numbered_and_not_internal_and_the_result_when_it_is_out(client, province, head):
    session = builders.session_at(province, head, Status.CONCLUDED)
    for paper in session.papers:
        paper.signer, paper.internal = "Nguyễn Thị Bình", paper.type == PaperType.PROGRAMME
    db.session.commit()

    def read() -> set[str]:
        page, address = client.get(f"/doi-thoai/{session.code}").text, f"/doi-thoai/{session.code}/van-ban"
        open_ = {paper.type for paper in session.papers if client.get(f"{address}/{paper.uid}.pdf").status_code == 200}
        assert open_ == {paper.type for paper in session.papers if f"{paper.uid}.pdf" in page}
        return open_

    assert read() == {PaperType.NOTICE}  # the invitation names its guests, whatever its flag says
    session.status = Status.PUBLISHED
    db.session.commit()
    assert read() == {PaperType.NOTICE, PaperType.CONCLUSION}


def test_two_who_number_at_once_do_not_give_one_number_twice(fresh_app):
    province = builders.make_province()
    secretary = factories.make_user(unit=province.ward, roles=[Role.OFFICER])
    records = factories.make_user(unit=province.ward, roles=[Role.RECORDS])
    session = builders.draft(province, plan_line=builders.plan(province).lines[0], concerns="Giá đền bù.")
    ids = [sent(session, type_, secretary).id for type_ in (PaperType.CONCERNS, PaperType.EARLIER_PROMISES)]
    reader = records.id

    def number(paper_id, text):
        def act():
            actor = db.session.get(User, reader)
            actor.reach = reach_of(actor, on=MONDAY.date())
            papers.number(db.session.get(SessionPaper, paper_id), text, on=MONDAY.date(), actor=actor, now=MONDAY)

        return act

    outcomes = at_once(fresh_app, *(number(*each) for each in zip(ids, ("5", "05/BC-VP"), strict=True)))
    assert {type(outcome) for outcome in outcomes} == {str, papers.NumberTaken}, outcomes
