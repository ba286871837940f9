"""From the empty form to the receipt, as a person without an account meets it."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from app import clock
from app.database import db
from feedback.models import Feedback
from feedback.operations import intake
from tests.app.files.samples import pdf, signed
from tests.factories import sign_in
from tests.feedback import builders
from tests.feedback.builders import MONDAY
from tests.feedback.page_forms import form_of, press

FORM, REVIEW, SEND, RECEIPT = "/gui-y-kien", "/gui-y-kien/xem-lai", "/gui-y-kien/gui", "/gui-y-kien/bien-nhan"
BODY = "Rãnh thoát nước trước dãy nhà bị đất đá lấp, mưa là nước tràn vào nhà.\nHai tấm đan ở đầu ngõ bị vỡ."


@pytest.fixture
def province(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    province = builders.make_province()
    db.session.commit()
    return province


def good(province, **over):
    return {"kind": "report", "body": BODY, "place_id": str(province.place.id), "name": "Nguyễn Thị Hợp", "phone": "0912 345 678"} | over


def review(client, province, **over):
    return press(client, form_of(client.get(FORM), REVIEW), **good(province, **over))


def send(client, province, **over):
    answer = press(client, form_of(review(client, province, **over), SEND))
    assert answer.status_code == 303, errors(answer)
    return client.get(answer.location)


def errors(response):
    box = re.search(r'<div class="errors".*?</ul>', response.text, re.DOTALL)
    return re.sub(r"<[^>]+>", " ", box[0]) if box else ""


def items():
    return db.session.scalars(db.select(Feedback)).all()


def test_a_person_writes_reviews_sends_and_gets_a_receipt_with_two_dates(client, province):
    shown = review(client, province)
    assert "Rãnh thoát nước" in shown.text
    assert "Kinh Bắc" in shown.text
    assert not items(), "nothing is sent before the second press"

    receipt = press(client, form_of(shown, SEND))
    assert receipt.location == RECEIPT
    page = client.get(RECEIPT)

    (item,) = items()
    assert item.code in page.text
    assert "Báo cách xử lý" in page.text
    assert "Trả lời nội dung" in page.text
    assert page.text.count("thứ\u00a0Hai, 17/8/2026") >= 2
    for asks in ("Vì sao báo cách xử lý chậm nhất 17/8/2026?", "Vì sao trả lời chậm nhất 17/8/2026?"):
        assert page.text.count(asks) == 1
    assert item.people[0].phone == "0912345678"
    assert "0912 *** 678" in page.text


def test_pressing_twice_and_sending_the_same_form_again_make_one_item(client, province):
    form = form_of(review(client, province), SEND)

    first, second = press(client, form), press(client, form)

    assert first.status_code == second.status_code == 303
    assert len(items()) == 1


def test_going_back_and_writing_something_else_makes_another_item(client, province):
    form = form_of(review(client, province), SEND)

    press(client, form)
    press(client, form, body="Đèn đường trước nhà văn hóa tắt đã ba tuần.")

    assert len(items()) == 2


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"kind": ""}, "Chọn loại gần đúng nhất"),
        ({"kind": "gossip"}, "Chọn loại gần đúng nhất"),
        ({"body": ""}, "Viết chuyện đã xảy ra"),
        ({"body": " \u200b\u2060 \n"}, "Viết chuyện đã xảy ra"),
        ({"body": "a" * 5001}, "Dài 5.001 ký tự, nhiều nhất là 5.000: bớt 1 ký tự"),
        ({"place_id": ""}, "Chọn xã, phường nơi xảy ra việc"),
        ({"place_id": "999999"}, "Chọn xã, phường có trong danh sách"),
        ({"field_id": "999999"}, "Chọn lĩnh vực trong danh sách"),
        ({"accused_unit_id": "1e9"}, "Chọn cơ quan có trong danh sách"),
        ({"accused_names": "a" * 1001}, "Dài 1.001 ký tự, nhiều nhất là 1.000: bớt 1 ký tự"),
        ({"phone": "091234567"}, "mới có 9 số, số di động có 10 số"),
        ({"phone": "09123456789"}, "thừa số: có 11 số"),
        ({"phone": "chín một hai"}, "chỉ gồm chữ số"),
        ({"email": "hop@"}, "E-mail chưa đủ"),
        ({"happened": "date", "happened_on": ["31", "11", "2026"]}, "Ngày 31/11/2026 không có trong lịch: tháng 11 có 30 ngày"),
        ({"happened": "date", "happened_on": ["1", "1", "9999"]}, "Ghi năm đủ bốn số"),
        ({"happened": "date", "happened_on": ["4", "8", "2026"]}, "Ngày này chưa tới"),
        ({"happened": "date", "happened_on": ["", "", ""]}, "Ghi ngày, hoặc chọn “Không nhớ rõ”"),
        ({"kind": "recommendation", "name": ""}, "Ghi họ và tên"),
        ({"kind": "recommendation", "phone": ""}, "Ghi ít nhất một cách để trả lời"),
        ({"kind": "complaint", "name": "", "address": "12 Nguyễn Trãi"}, "Khiếu nại phải ghi họ tên"),
        ({"kind": "complaint"}, "Khiếu nại phải ghi địa chỉ"),
        ({"sender": "enterprise"}, "Ghi tên doanh nghiệp"),
        ({"sender": "enterprise", "organisation": "Công ty A", "tax_code": "123"}, "Mã số thuế có 10 số, chi nhánh có 13 số"),
        ({"sender": "enterprise", "organisation": "Công ty A", "tax_code": "0100109107"}, "số kiểm tra không khớp"),
        ({"sender": "on_behalf"}, "Ghi họ tên người được gửi hộ"),
        ({"sender": "on_behalf", "principal_name": "Bà Tư"}, "Cần người ấy đồng ý"),
        (
            {"sender": "on_behalf", "principal_name": "Bà Tư", "principal_agrees": "y", "kind": "complaint", "address": "12 Nguyễn Trãi"},
            "phải có giấy ủy quyền",
        ),
        ({"sender": "group"}, "Ghi tên ít nhất một người cùng ký"),
        ({"sender": "group", "signers__0__address": "Xóm 3"}, "Ghi họ tên người ở địa chỉ này"),
        ({"website": "http://spam.example"}, "ô dành riêng để nhận ra máy tự động"),
        ({"csrf_token": ""}, "bấm nút một lần nữa"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(client, province, over, sentence):
    page = review(client, province, **over)

    assert page.status_code == 422
    assert sentence in errors(page)
    kept = form_of(page, REVIEW).values
    if "body" not in over:
        assert kept["body"].replace("\r\n", "\n") == BODY
    if "phone" not in over:
        assert kept["phone"].replace(" ", "") == "0912345678"
    assert "<title>Lỗi:" in page.text
    assert not items()


@pytest.mark.parametrize(
    ("over", "sentences"),
    [
        ({}, ["Chọn loại gần đúng nhất. Chọn kiến nghị hay khiếu nại thì cũng ghi họ tên", "Viết chuyện", "Chọn xã, phường"]),
        ({"sender": "enterprise"}, ["Chọn loại", "Ghi tên doanh nghiệp", "Ghi mã số thuế", "Ghi họ và tên", "Ghi ít nhất một cách"]),
        ({"sender": "on_behalf"}, ["Chọn loại", "Ghi họ tên người được gửi hộ", "Cần người ấy đồng ý", "Ghi họ và tên"]),
        ({"sender": "group"}, ["Chọn loại", "Ghi tên ít nhất một người cùng ký", "Ghi họ và tên"]),
        ({"kind": "complaint"}, ["Viết chuyện", "Chọn xã, phường", "Khiếu nại phải ghi họ tên", "Khiếu nại phải ghi địa chỉ"]),
        ({"happened": "date", "phone": "1", "email": "x@"}, ["Chọn loại", "Ghi ngày", "Số điện thoại", "E-mail chưa đủ"]),
    ],
)
def test_every_error_is_said_the_first_time(client, province, over, sentences):
    page = review(client, province, **{"kind": "", "body": "", "place_id": "", "name": "", "phone": ""} | over)

    assert [each for each in sentences if each not in errors(page)] == []


@pytest.mark.parametrize(
    ("typed", "opened"),
    [
        ({}, []),
        ({"happened": "ongoing", "phone": "1"}, ["Từ khi nào"]),
        ({"field_id": "999999"}, ["Lĩnh vực, hoặc chuyện ở chính nơi mình làm"]),
        ({"sender": "enterprise"}, ["Gửi hộ, gửi cho doanh nghiệp, nhiều người cùng ký"]),
        ({"identity_scope": "reception", "phone": "1"}, ["Giữ bí mật tên, hoặc nói về cơ quan, người nào"]),
    ],
)
def test_what_is_optional_is_folded_until_something_stands_in_it(client, province, typed, opened):
    page = review(client, province, **typed) if typed else client.get(FORM)

    folds = re.findall(r'<details class="fold"( open)?>\s*<summary>(.*?) <span', page.text)
    assert len(folds) == 4
    assert page.text.index('type="file"') < page.text.index('<details class="fold"'), "a photo is added at once"
    assert [title for is_open, title in folds if is_open] == opened


def test_who_it_is_about_can_be_named_is_shown_for_review_and_goes_along(client, province):
    named = "Khổng Văn Độ, đội trưởng\nBà Cù Thị Mận"
    shown = review(client, province, accused_names=named)
    assert "Người bị nói tới" in shown.text
    assert named in shown.text.replace("\r\n", "\n")

    page = send(client, province, accused_names=named)

    (item,) = items()
    assert (item.accused_names, item.accused_outside) == (named, False)
    assert "Khổng" not in page.text, "a receipt is shown around"


@pytest.mark.parametrize("kind", ["report", "suggestion", "question"])
def test_without_a_name_it_goes_in_and_the_page_says_that_no_answer_is_promised(client, province, kind):
    shown = review(client, province, kind=kind, name="", phone="")
    assert "Không ghi tên" in shown.text

    page = send(client, province, kind=kind, name="", phone="")

    (item,) = items()
    assert item.is_anonymous
    if kind != "question":  # the province's own rule answers every question
        assert "Không hứa hạn trả lời" in page.text


def test_a_business_gives_its_tax_code_and_representative(client, province):
    send(client, province, sender="enterprise", organisation="Công ty Sông Cầu", tax_code="0100109106")

    (person,) = items()[0].people
    assert (person.role, person.organisation, person.tax_code) == ("representative", "Công ty Sông Cầu", "0100109106")


def test_an_insider_is_one_by_the_field_chosen_and_the_receipt_says_who_sees_the_name(client, province):
    said = BeautifulSoup(client.get(FORM).text, "html.parser").find(string=re.compile("người đứng đầu nơi ấy không thấy ai gửi"))
    assert said.find_parent("fieldset").legend.text == "Người gửi"
    assert said.find_parent("details") is None

    page = send(client, province, field_id=str(province.grassroots.id))

    assert items()[0].sender_type == "insider"
    assert "giữ bí mật tên cả với đơn vị giải quyết" in page.text


def test_many_signers_are_listed_and_each_gets_a_key(client, province):
    page = send(
        client,
        province,
        sender="group",
        signers__0__name="Trần Văn Ba",
        signers__0__address="Xóm 3",
        signers__0__representative="y",
        signers__1__name="Lê Thị Tư",
        signers__1__address="Xóm 4",
    )

    roles = [(person.role, person.name) for person in items()[0].people]
    assert roles == [("sender", "Nguyễn Thị Hợp"), ("representative", "Trần Văn Ba"), ("signer", "Lê Thị Tư")]
    keys = re.findall(r"<dt>(.*?)</dt><dd class=\"key\">", page.text)
    assert keys == ["Trần Văn Ba", "Lê Thị Tư"]


def test_more_rows_for_signers_keep_what_stands_in_the_others(client, province):
    form = form_of(client.get(FORM), REVIEW)

    page = press(client, form, to=FORM, rows="1", signers__0__name="Trần Văn Ba", body=BODY)

    kept = form_of(page, REVIEW).values
    assert kept["signers-0-name"] == "Trần Văn Ba"
    assert "signers-7-name" in kept
    assert kept["body"] == BODY


def test_mending_from_the_review_page_brings_everything_back(client, province):
    page = press(client, form_of(review(client, province), SEND), to=FORM)

    kept = form_of(page, REVIEW).values
    assert (kept["kind"], kept["name"], kept["place_id"]) == ("report", "Nguyễn Thị Hợp", str(province.place.id))
    assert 'class="errors"' not in page.text


def test_words_of_danger_bring_the_numbers_to_call_before_and_after_sending(client, province):
    body = "Nhà bên cạnh đang cháy nhà, có người kẹt bên trong."

    assert "tel:114" in review(client, province, body=body).text.split("<footer")[0]
    page = send(client, province, body=body)

    assert "Gọi trước, viết ở đây sau" in page.text
    assert items()[0].danger


def test_a_receipt_is_seen_only_where_it_was_sent_from(app, client, province):
    send(client, province)

    other = app.test_client().get(RECEIPT)

    assert other.status_code == 404
    assert items()[0].code not in other.text


def test_closing_the_thread_on_a_shared_machine_takes_the_receipt_with_its_key_along(client, province):
    assert send(client, province).headers["Cache-Control"] == "no-store"
    with client.session_transaction() as kept:
        receipt = intake.receipt_of(kept["receipt"], now=MONDAY)
    thread = client.get(client.get(f"/t/{receipt.code}/{receipt.key}").location)

    left = press(client, form_of(thread, f"/tra-cuu/{receipt.code}/dong"))

    assert "Đã đóng. Máy này chỉ mở lại được khi ghi hai mã." in client.get(left.location).text
    assert "Rãnh" not in client.get(f"/tra-cuu/{receipt.code}").text
    assert client.get(RECEIPT).status_code == 404


def test_the_receipt_of_what_keeps_the_names_is_shown_once_and_says_what_the_machine_keeps(client, province):
    page = send(client, province, identity_scope="reception")
    with client.session_transaction() as kept:
        assert "receipt" not in kept
    for said in ("Nguyễn Thị Hợp", "Trang này không mở lại được", "Lịch sử trình duyệt", "data-leave"):
        assert said in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "/t/" not in page.text, "no address holds the key"
    assert "Mã vuông" not in page.text

    again = client.get(RECEIPT)

    assert again.status_code == 404
    for secret in (items()[0].code, "Nguyễn Thị Hợp", "Rãnh"):
        assert secret not in again.text
    thread = press(client, form_of(page, "/tra-cuu"))
    assert (thread.status_code, "Rãnh" in client.get(thread.location).text) == (303, True)


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (61, 404)])
def test_a_cookie_of_before_the_receipt_of_what_keeps_the_names_shows_it_for_an_hour_at_most(
    client, province, monkeypatch, minutes, status
):
    form = form_of(review(client, province, identity_scope="reception"), SEND)
    press(client, form)
    monkeypatch.setattr(clock, "now", lambda: MONDAY + dt.timedelta(minutes=minutes))

    page = client.get(RECEIPT)

    assert (page.status_code, items()[0].code in page.text, "Rãnh" in page.text) == (status, status == 200, status == 200)


def test_the_key_is_gone_from_the_receipt_after_a_day(client, province, monkeypatch):
    send(client, province)
    monkeypatch.setattr(clock, "now", lambda: builders.at(2))

    page = client.get(RECEIPT)

    assert page.status_code == 200
    assert "Mã bí mật không hiện lại được nữa" in page.text


def test_a_picture_survives_an_error_in_another_field_and_goes_with_the_item(client, province):
    picture = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(picture, "PNG")
    picture.seek(0)
    form = form_of(client.get(FORM), REVIEW)
    values = form.values.to_dict() | good(province, phone="091") | {"files": (picture, "anh.png")}

    refused = client.post(REVIEW, data=values, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "anh.png" in refused.text

    shown = press(client, form_of(refused, REVIEW), phone="0912345678")
    assert "anh.png" in shown.text
    press(client, form_of(shown, SEND))
    assert [each.file.name for each in items()[0].attachments] == ["anh.png"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Đèn\x00 đường\x07 tắt", "Đèn đường tắt"),
        ("Đèn \u202eđường\u202c tắt\u200b", "Đèn đường tắt"),
        ("Đèn đường tắt", "Đèn đường tắt"),
        (unicodedata.normalize("NFD", "Đèn đường tắt"), "Đèn đường tắt"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    ],
)
def test_what_cannot_be_seen_is_not_stored_and_what_can_be_is(client, province, typed, kept):
    send(client, province, body=typed)

    assert items()[0].body == kept


def test_the_way_out_for_what_is_of_no_commune_stands_first_and_is_named_where_a_place_is_missing(client, province):
    page = review(client, province, place_id="").text

    offered = BeautifulSoup(page, "html.parser").select("#place_id option")
    assert [option.text for option in offered[:2]] == ["Chọn một nơi", "Cả tỉnh, không riêng nơi nào"]
    assert "Chọn xã, phường nơi xảy ra việc, hoặc “Cả tỉnh, không riêng nơi nào”" in page


def test_a_megabyte_of_text_is_refused_with_a_sentence_and_comes_back_whole(client, province):
    page = review(client, province, body="a" * 1_000_000)

    assert page.status_code == 422
    assert "nhiều nhất là 5.000" in errors(page)
    assert len(form_of(page, REVIEW).values["body"]) == 1_000_000


@pytest.mark.parametrize("address", [REVIEW, SEND])
def test_a_page_that_needs_a_form_leads_back_to_it(client, province, address):
    assert client.get(address).location == FORM


@pytest.mark.parametrize("address", ["/gui-y-kien/tuong-tu", "/tra-cuu/BN-26-7K3FQ2-9/bo-sung"])
def test_what_only_takes_a_form_says_so(client, province, address):
    page = client.get(address)

    assert page.status_code == 405
    assert page.headers["Allow"]


def test_html_is_shown_as_it_was_typed_and_never_run(client, province):
    page = send(client, province, body="<script>alert(1)</script> & <b>đậm</b>")

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


@pytest.mark.parametrize(("happened", "shown"), [("", "Không ghi"), ("unknown", "Không nhớ rõ"), ("ongoing", "Đang xảy ra")])
def test_neither_the_review_nor_the_staffs_page_puts_words_in_the_senders_mouth(client, province, happened, shown):
    assert f'<dt>Từ khi nào</dt><dd class="pre">{shown}</dd>' in review(client, province, happened=happened).text

    send(client, province, happened=happened)
    sign_in(client, province.clerk)
    assert f"<dt>Xảy ra khi nào</dt><dd>{shown}</dd>" in client.get(f"/can-bo/y-kien/{items()[0].code}").text


@pytest.mark.parametrize(("over", "warned"), [({}, False), ({"identity_scope": "reception"}, True), ({"name": ""}, True)])
def test_who_wants_to_stay_unknown_is_told_of_a_file_that_still_names_somebody(client, province, over, warned):
    shown = review(client, province, files=[(io.BytesIO(pdf(signed)), "Đơn.pdf"), (io.BytesIO(pdf()), "Giấy.pdf")], **over)
    assert ("Tệp còn ghi ai làm, ai ký: Đơn.pdf." in shown.text) == warned
