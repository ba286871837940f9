"""A denunciation on the public pages: what the law says, and the separate form whose words go sealed."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest
from bs4 import BeautifulSoup
from docx import Document
from PIL import Image

from app.database import db
from app.files import StoredFile
from feedback.sealed import thread
from feedback.sealed.models import SealedCase
from tests.app.files.samples import pdf, signed
from tests.feedback import builders
from tests.feedback.page_forms import form_of, press
from tests.feedback.test_citizen_sending import BODY, errors, items, review
from tests.feedback.test_citizen_sending import province as province

SEALED = "/gui-y-kien/to-cao/gui"


def test_choosing_a_denunciation_says_what_the_law_says_and_keeps_the_words_for_the_separate_form(client, province):
    page = review(client, province, kind="denunciation", place_id="", name="", accused_names="Khổng Văn Độ")

    assert "Luật không nhận tố cáo qua mạng" in page.text
    assert "Nộp đơn có chữ ký" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert form_of(page, SEALED).values["body"] == BODY
    assert form_of(page, SEALED).values["accused_names"].strip() == "Khổng Văn Độ"
    assert not db.session.scalars(db.select(SealedCase)).all()


def test_a_denunciation_goes_sealed_and_its_code_answers_as_unknown(client, province):
    form = form_of(client.get(SEALED), SEALED)
    refused = press(client, form, body="Ông X nhận tiền làm sổ đỏ.")
    assert refused.status_code == 422
    assert "Đánh dấu là đã đọc" in errors(refused)

    page = press(client, form, body="Ông X nhận tiền làm sổ đỏ.", understood="y")

    code = re.findall(r'<p class="code">([^<]+)</p>', page.text)[0]
    assert re.search(r'<p class="key">([0-9A-Z-]{19})</p>', page.text)
    assert page.headers["Cache-Control"] == "no-store"
    assert "Ông X" not in page.text
    assert not items()
    assert client.get(f"/tra-cuu/{code}").status_code == 404
    assert len(db.session.scalars(db.select(SealedCase)).all()) == 1

    again = press(client, form, body="Ông X nhận tiền làm sổ đỏ.", understood="y")
    assert "đã gửi rồi" in again.text
    assert len(db.session.scalars(db.select(SealedCase)).all()) == 1


def test_a_robot_that_fills_in_every_box_seals_nothing(client, province):
    page = press(client, form_of(client.get(SEALED), SEALED), body="Ông X nhận tiền.", understood="y", website="http://spam.example")

    assert page.status_code == 422
    assert not db.session.scalars(db.select(SealedCase)).all()


def test_the_separate_form_keeps_nothing_on_the_device(client, province):
    page = client.get(SEALED)

    assert "data-sensitive" in page.text
    assert "data-draft" not in page.text
    assert "data-similar" not in page.text


# --- what the form says, keeps and gives ----------------------------------------------------------------------------------

PAGES = ("/gui-y-kien/to-cao", SEALED)


@pytest.mark.parametrize("path", PAGES)
def test_what_cannot_be_mended_and_who_can_open_it_are_said_where_nobody_misses_them(client, province, path):
    page = BeautifulSoup(client.get(path).text, "html.parser")
    (said,) = page.find_all("b", string="Đừng dùng máy và mạng của cơ quan.")
    assert not said.find_parent("details")
    assert len(page.get_text().split("Đừng dùng máy")[0]) < len(page.get_text()) / 2
    for who in ("người được người đứng đầu giao", "hai người có trách nhiệm cùng đồng ý", "tòa án", "máy chủ lẫn chìa khóa"):
        assert who in page.get_text()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_about_it_can_be_left_at_once_first_by_keyboard_and_says_what_the_machine_keeps(client, province, path):
    page = client.get(path)
    assert page.text.index("data-leave") < page.text.index('class="skip"')
    assert re.search(r'<a [^>]*href="https://nchmf\.gov\.vn/" rel="noreferrer" data-leave', page.text), "a plain link works without scripts"
    assert "Lịch sử trình duyệt còn ghi địa chỉ" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_form_says_what_it_is_what_follows_and_that_no_state_secret_enters(client, province):
    page = client.get(SEALED).text
    for said in (
        "thông tin có nội dung tố cáo",
        "Không có hạn trả lời",
        "thanh tra, kiểm tra hoặc chuyển cơ quan",
        "chỉ ghi số, ngày và nơi giữ",
    ):
        assert said in page
    assert "<title>Gửi ý kiến" in page, "a browser's history keeps the title"
    fields = {field["name"]: field for field in BeautifulSoup(page, "html.parser").select("form[data-sensitive] [name]")}
    for name in ("name", "phone", "email", "address", "accused_names"):
        assert fields[name]["autocomplete"] == "off"


def test_who_and_where_the_accused_are_and_the_files_are_sealed_with_the_case(client, province):
    form = form_of(client.get(SEALED), SEALED)
    press(
        client, form, body="Ông X nhận tiền.", accused_names="Ông X, trưởng phòng", accused_unit_id=str(province.works.id), understood="y",
        files=[(picture(), "Ông X nhận tiền.jpg")],
    )  # fmt: skip
    case = db.session.scalars(db.select(SealedCase)).one()
    assert case.matter["accused_names"] == "Ông X, trưởng phòng"
    assert case.heading.accused_unit_id == province.works.id
    (attached,) = thread.files(case)
    assert attached.file.name == "tep-1.jpg"


def test_files_chosen_in_the_common_form_lose_their_names_before_the_separate_form_is_shown(client, province):
    shown = review(client, province, kind="denunciation", place_id="", name="", files=[(picture(), "Ông X nhận tiền.jpg")])
    assert "tep-1.jpg" in shown.text
    db.session.rollback()
    assert [file.name for file in db.session.scalars(db.select(StoredFile))] == ["tep-1.jpg"]
    sent = press(client, form_of(shown, SEALED), understood="y")
    assert "Đã khóa thông tin lại" in sent.text
    assert len(thread.files(db.session.scalars(db.select(SealedCase)).one())) == 1


def test_a_file_that_still_says_who_made_it_is_not_taken_and_costs_nothing_else(client, province):
    form = form_of(client.get(SEALED), SEALED)
    refused = press(client, form, body=BODY, understood="y", files=[(io.BytesIO(pdf(signed)), "Đơn tôi ký.pdf"), (picture(), "a.jpg")])
    assert (refused.status_code, not db.session.scalars(db.select(SealedCase)).all()) == (422, True)
    assert "“Đơn tôi ký.pdf”: tệp có chữ ký số" in errors(refused)
    press(client, form_of(refused, SEALED), understood="y")
    (attached,) = thread.files(db.session.scalars(db.select(SealedCase)).one())
    assert attached.file.is_picture


def test_one_chosen_in_the_common_form_is_left_out_where_the_separate_form_is_shown_and_said(client, province):
    shown = review(client, province, kind="denunciation", files=[(io.BytesIO(pdf(signed)), "Đơn tôi ký.pdf")])
    assert "“tep-1.pdf”: tệp có chữ ký số" in errors(shown)
    press(client, form_of(shown, SEALED), understood="y")
    assert not thread.files(db.session.scalars(db.select(SealedCase)).one())


@pytest.mark.parametrize(
    ("typed", "names", "chosen", "kept"),
    [
        ("so xay dung", [], None, ("works", "")),
        ("Sở Xây", ["Sở Xây dựng"], "works", ("works", "")),
        ("Sở Xây", ["Sở Xây dựng"], "khac", (None, "Sở Xây")),
        ("Trường Hoa Hồng", [], "khac", (None, "Trường Hoa Hồng")),
        ("Trường Hoa Hồng", [], "works", None),  # nobody asked about that one
    ],
)
def test_without_scripts_the_unit_is_typed_and_the_page_asks_which_is_meant(client, province, typed, names, chosen, kept):
    form = form_of(client.get(SEALED), SEALED)
    page = press(client, form, body="Ông X nhận tiền.", understood="y", accused_unit=typed)
    if chosen is not None:
        assert page.status_code == 422
        asked = BeautifulSoup(page.text, "html.parser").select("input[type=radio][name=accused_unit_id]")
        assert [each.parent.get_text(strip=True) for each in asked] == [*names, "Không có trong danh sách"]
        answer = str(province.works.id) if chosen == "works" else chosen
        page = press(client, form_of(page, SEALED), accused_unit_id=answer)
    found = db.session.scalar(db.select(SealedCase))
    if kept is None:
        assert (page.status_code, found) == (422, None)
    else:
        unit, words_kept = kept
        assert found.heading.accused_unit_id == (province.works.id if unit else None)
        assert found.matter["accused_names"] == words_kept


def test_a_file_that_is_not_taken_is_named_as_it_was_chosen_and_only_on_that_page(client, province):
    chosen = [(picture(), "Biên nhận.jpg"), (io.BytesIO(b""), "Ông X nhận tiền.mp4"), (picture(), "Sổ.jpg")]
    page = press(client, form_of(client.get(SEALED), SEALED), body="Ông X nhận tiền.", understood="y", files=chosen)
    assert page.status_code == 422
    assert "“Ông X nhận tiền.mp4”: tệp rỗng, không có gì bên trong. Chọn lại tệp này" in errors(page)
    db.session.rollback()
    assert [file.name for file in db.session.scalars(db.select(StoredFile).order_by(StoredFile.id))] == ["tep-1.jpg", "tep-2.jpg"]


# Luật Tố cáo 2018 Điều 23 (law.md §2.3, which knows of no printed form of the State's): what a letter of denunciation has.
ARTICLE_23 = (
    ", ngày", "tháng",
    "1. Người tố cáo", "Họ và tên", "Địa chỉ", "Cách thức liên hệ",
    "2. Người bị tố cáo",
    "3. Hành vi vi phạm pháp luật bị tố cáo",
    "4. Thông tin khác có liên quan",
    "5. Nếu nhiều người cùng tố cáo", "cách thức liên hệ của từng người", "Họ tên người đại diện",
    "Ký, ghi rõ họ tên, hoặc điểm chỉ",
)  # fmt: skip


def test_the_letter_to_print_holds_what_was_typed_only_when_asked_for_and_is_kept_nowhere(client, province):
    blank = client.get("/gui-y-kien/to-cao/don.pdf")
    empty = press(client, form_of(client.get(SEALED), SEALED), to="/gui-y-kien/to-cao/don.docx")
    for each in (words(blank.data), written(empty.data)):
        assert [part for part in ARTICLE_23 if part not in each] == []
    form = form_of(client.get(SEALED), SEALED)
    typed = {
        "body": "Ông X nhận tiền.\nBà Y biết.",
        "name": "Lê Thị Giấu",
        "phone": "0900 000 001",
        "accused_unit_id": str(province.works.id),
    }
    made = press(client, form, to="/gui-y-kien/to-cao/don.pdf", **typed)
    for said in ("Ông X nhận tiền.", "Bà Y biết.", "Lê Thị Giấu", "0900 000 001", "Sở Xây dựng"):
        assert said in words(made.data)
    docx = press(client, form, to="/gui-y-kien/to-cao/don.docx", **typed)
    assert "Lê Thị Giấu" in written(docx.data)
    for each in (blank, made, docx):
        assert each.headers["Cache-Control"] == "no-store"
        assert each.headers["Content-Disposition"].startswith('attachment; filename="don.')
    assert not db.session.scalars(db.select(SealedCase)).all()
    assert not db.session.scalars(db.select(StoredFile)).all()


def test_nothing_of_a_confidential_item_is_kept_on_the_device(client, province):
    page = BeautifulSoup(client.get("/gui-y-kien").text, "html.parser")
    assert page.select_one("[name=identity_scope][value=reception]").has_attr("data-sensitive")
    for scope, leave in (("unit", False), ("reception", True)):
        shown = review(client, province, identity_scope=scope)
        assert (shown.headers["Cache-Control"], "data-leave" in shown.text, "js/leave" in shown.text) == ("no-store", leave, leave)
    for scope, drafts in (("unit", True), ("reception", False)):
        receipt = builders.submit(identity_scope=scope)
        db.session.commit()
        press(client, form_of(client.get("/tra-cuu"), "/tra-cuu"), code=receipt.code, key=receipt.key)
        thread = client.get(f"/tra-cuu/{receipt.code}").text
        assert ("data-draft" in thread) is drafts
        assert [said in thread for said in ("data-leave", "Lịch sử trình duyệt")] == [not drafts] * 2


def picture():
    kept = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(kept, "JPEG")
    return io.BytesIO(kept.getvalue())


def written(data):
    return "\n".join(each.text for each in Document(io.BytesIO(data)).paragraphs)


def words(data):
    with pypdfium2.PdfDocument(data) as document:
        return " ".join("\n".join(page.get_textpage().get_text_range() for page in document).split())
