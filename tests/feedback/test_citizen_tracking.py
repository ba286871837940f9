"""Where is it now: what the code alone shows, and what code and key let the sender do."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import uuid
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader
from redis import Redis

from app import clock, settings
from app.access import SYSTEM
from app.database import db
from feedback import codes, rules
from feedback.operations import desk, merging, sender, unit
from feedback.operations.intake import PersonData
from feedback.operations.papers import PointData
from feedback.rules import IdentityScope, Outcome, PaperType, Status
from feedback.views.citizen import device
from tests.app.files.samples import pdf, signed
from tests.conftest import build
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at
from tests.feedback.page_forms import form_of, press

ASK = "/tra-cuu"


@pytest.fixture
def province(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(1))
    return builders.make_province()


@pytest.fixture
def receipt(province):
    receipt = builders.submit(place_id=province.place.id)
    assert receipt.feedback is not None
    desk.route_to(receipt.feedback, province.works, actor=province.clerk, now=MONDAY)
    unit.take(receipt.feedback, actor=province.officer, now=MONDAY)
    db.session.commit()
    return receipt


def opened(client, receipt):
    answer = press(client, form_of(client.get(ASK), ASK), code=receipt.code, key=codes.show_key(receipt.key))
    assert answer.status_code == 303, answer.text
    return client.get(answer.location)


def path(receipt, verb=""):
    return f"{ASK}/{receipt.code}{verb}"


def picture():
    file = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(file, "PNG")
    file.seek(0)
    return file


# --- what opens ---------------------------------------------------------------------------------------------------------


def test_the_code_alone_shows_status_unit_and_day_and_nothing_typed(client, receipt):
    page = client.get(path(receipt))

    assert page.status_code == 200
    for shown in ("Đang giải quyết", "Sở Xây dựng", "17/8/2026"):
        assert shown in page.text
    for hidden in ("Đèn đường", "Trần Thị Hoa", "0912345678", "hoa@example.com", "Nguyễn Trãi"):
        assert hidden not in page.text


@pytest.mark.parametrize("written", [str.lower, lambda code: code.replace("-", " "), lambda code: f"  {code.replace('-', '')} "])
def test_a_code_is_read_however_it_is_written(client, receipt, written):
    answer = press(client, form_of(client.get(ASK), ASK), code=written(receipt.code))

    assert answer.location == path(receipt)


def test_a_code_from_the_front_page_leads_on_and_a_lost_session_costs_no_second_press(client, receipt):
    box = form_of(client.get("/"), ASK)
    assert press(client, box, code=receipt.code).location == path(receipt)
    assert client.post(ASK, data={"code": receipt.code}).location == path(receipt), "what it shows is anybody's"
    page = press(client, box, code="BN-26-XXXXXX-1")
    assert (page.status_code, page.headers["Cache-Control"]) == (422, "no-store")
    assert "thiếu hoặc sai một ký tự" in page.text


def test_who_came_by_a_link_of_a_letter_types_the_key_there_and_the_code_no_more(client, receipt):
    opening = form_of(client.get(path(receipt)), ASK)
    assert press(client, opening, key="sai").status_code == 422
    assert press(client, opening, key=receipt.key).location == path(receipt)
    assert "Đèn đường" in client.get(path(receipt)).text


def test_code_and_key_open_the_thread_and_the_cookie_does_not_hold_the_key(client, receipt):
    page = opened(client, receipt)

    for shown in ("Đèn đường", "nhận giải quyết", "Gửi ý kiến", "Ai xử lý, trong bao lâu", "Vì sao là ngày 17/8/2026?"):
        assert shown in page.text
    assert page.headers["Cache-Control"] == "no-store"
    cookie = client.get_cookie("thread", path="/tra-cuu")
    assert receipt.key not in cookie.value
    assert cookie.http_only
    assert client.get_cookie("thread", path="/") is None


def test_a_link_with_the_key_becomes_a_cookie_and_is_redirected_away(client, receipt):
    answer = client.get(f"/t/{receipt.code}/{receipt.key}")

    assert (answer.status_code, answer.location) == (303, path(receipt))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Đèn đường" in client.get(path(receipt)).text


def test_an_unknown_code_and_a_wrong_key_get_the_same_answer(client, receipt):
    unknown = codes.make_code("BN", 2026)

    pages = [press(client, form_of(client.get(ASK), ASK), code=code, key="0000-0000-0000-0000") for code in (receipt.code, unknown)]

    texts = [re.sub(r'value="[^"]*"', "", page.text).replace(receipt.code, "").replace(unknown, "") for page in pages]
    assert {page.status_code for page in pages} == {422}
    assert texts[0] == texts[1]
    links = [client.get(f"/t/{code}/0000") for code in (receipt.code, unknown)]
    assert {(link.status_code, link.headers["Referrer-Policy"], link.headers["Cache-Control"]) for link in links} == {
        (404, "no-referrer", "no-store")
    }


@pytest.mark.parametrize("code", ["x", "BN-26-7K3FQ2-8", "BN-26-7K3FQ2-9.1", "../..", "%00", "a" * 3000, "BN-26-ÂÂÂÂÂÂ-9"])
def test_a_code_that_is_none_is_answered_with_a_plain_sentence(client, receipt, code):
    page = client.get(f"{ASK}/{code}")

    assert page.status_code == 404
    assert "Không có" in page.text


def test_the_cookie_of_one_item_opens_no_other(client, province, receipt):
    other = builders.submit(body="Chợ tạm lấn hết vỉa hè phố bên.")
    db.session.commit()
    opened(client, receipt)

    assert "Chợ tạm" not in client.get(path(other)).text
    assert client.post(path(other, "/rut")).location == ASK


def test_a_confidential_item_opens_again_by_its_address_for_an_hour_only_and_no_word_is_lost(client, province, monkeypatch):
    kept, plain = builders.submit(identity_scope="reception"), builders.submit()
    db.session.commit()
    forms = {each.code: form_of(opened(client, each), path(each, "/bo-sung")) for each in (kept, plain)}
    assert client.get_cookie("thread", path=ASK).max_age == 12 * 3600
    opened(client, kept)
    assert client.get_cookie("thread", path=ASK).max_age == 3600
    monkeypatch.setattr(device, "KEPT_AGE", -1)
    assert "Đèn đường" not in client.get(path(kept)).text
    late = press(client, forms[kept.code], text="Nhà tôi ở số 12.")
    assert (late.status_code, late.headers["Cache-Control"]) == (422, "no-store")
    assert "Nhà tôi ở số 12." in late.text


def test_closing_on_a_shared_machine_forgets_the_key(client, receipt):
    form = form_of(opened(client, receipt), path(receipt, "/dong"))

    press(client, form)

    assert "Đèn đường" not in client.get(path(receipt)).text


# --- what the sender does -----------------------------------------------------------------------------------------------


def test_a_question_is_answered_with_a_picture_and_the_clock_runs_on(client, province, receipt):
    unit.ask(receipt.feedback, "Trước nhà số mấy?", actor=province.officer, now=at(1))
    db.session.commit()
    page = opened(client, receipt)
    assert "Trước nhà số mấy?" in page.text
    assert "tạm dừng tính hạn" in page.text

    form = form_of(page, path(receipt, "/bo-sung"))
    values = form.values.to_dict() | {"text": "Số 12, cạnh trạm biến áp.", "files": (picture(), "anh.png")}
    answer = client.post(form.action, data=values, content_type="multipart/form-data")

    assert answer.status_code == 303
    page = client.get(answer.location)
    assert "Số 12, cạnh trạm biến áp." in page.text
    assert receipt.feedback.open_question is None
    link = re.findall(rf'href="({ASK}/[^"]+/tep/[^"]+)"', page.text)[0]
    assert client.get(link).content_type == "image/png"


@pytest.mark.parametrize(("over", "taken"), [({}, 1), ({"identity_scope": IdentityScope.RECEPTION}, 0)])
def test_what_says_who_made_it_is_added_only_where_the_unit_knows_who_wrote(client, province, over, taken):
    receipt = builders.submit(**over)
    opened(client, receipt)
    form = form_of(client.get(path(receipt)), path(receipt, "/bo-sung"))
    answer = press(client, form, text="Gửi thêm giấy", files=(io.BytesIO(pdf(signed)), "Đơn.pdf"))
    assert ("“Đơn.pdf”: tệp có chữ ký số" in answer.text, len(receipt.feedback.files)) == (not taken, taken)


def test_a_file_of_the_thread_is_not_for_who_only_has_the_code(app, client, province, receipt):
    form = form_of(opened(client, receipt), path(receipt, "/bo-sung"))
    values = form.values.to_dict() | {"text": "Ảnh đây.", "files": (picture(), "anh.png")}
    client.post(form.action, data=values, content_type="multipart/form-data")
    uid = receipt.feedback.attachments[0].file.uid

    assert client.get(path(receipt, f"/tep/{uid}/anh.png")).status_code == 200
    assert app.test_client().get(path(receipt, f"/tep/{uid}/anh.png")).status_code == 404
    assert client.get(path(receipt, f"/tep/{uuid.uuid4()}/anh.png")).status_code == 404


def test_withdrawing_is_asked_once_more_and_then_nothing_is_owed(client, receipt):
    assert path(receipt, "/rut") in opened(client, receipt).text
    form = form_of(client.get(path(receipt, "/rut")), path(receipt, "/rut"))
    assert receipt.feedback.status == Status.IN_HAND

    page = client.get(press(client, form).location)

    assert receipt.feedback.status == Status.WITHDRAWN
    assert "Đã rút ý kiến" in page.text
    again = client.get(press(client, form).location)
    assert "không làm việc này được nữa" in again.text


@pytest.fixture
def answered(province, receipt):
    points = (
        builders.explained(),
        builders.promised(dt.date(2026, 9, 30)),
        PointData("Cống", "Đã thông.", Outcome.DONE, proofs=(builders.proof(),)),
    )
    builders.answer(province, receipt.feedback, at(1), points)
    db.session.commit()
    return receipt


def test_the_answer_is_read_point_by_point_with_what_was_promised(client, answered):
    page = opened(client, answered)

    for shown in ("Trả lời của Sở Xây dựng", "Sẽ có đèn mới", "Hứa làm xong chậm nhất", "Thay đèn", "Đã thông.", "Ảnh chụp ngày 10/8/2026"):
        assert shown in page.text
    assert "Đèn mới" not in client.get(path(answered), headers={"Cookie": ""}).text


def test_the_answer_as_a_paper_holds_the_state_header_and_our_font(client, answered):
    opened(client, answered)

    paper = client.get(path(answered, "/tra-loi-1.pdf"))

    reader = PdfReader(io.BytesIO(paper.data))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    for shown in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "SỞ XÂY DỰNG",
        "Kính gửi: Ông/Bà Trần Thị Hoa",
        "Sẽ có đèn mới",
    ):
        assert shown in text
    resources: list[Any] = [page["/Resources"] for page in reader.pages]
    fonts = {ref.get_object()["/BaseFont"] for each in resources for ref in each["/Font"].values()}
    assert fonts
    assert all("LiberationSerif" in name for name in fonts), fonts


def test_the_paper_is_not_for_who_only_has_the_code(client, answered):
    assert client.get(path(answered, "/tra-loi-1.pdf")).status_code == 404


def test_an_answer_is_rated_once_with_a_reason(client, answered):
    form = form_of(opened(client, answered), path(answered, "/danh-gia"))
    assert press(client, form).status_code == 422

    page = client.get(press(client, form, score="2", why="Đèn vẫn tắt.").location)

    assert "Đã đánh giá: Không hài lòng." in page.text
    assert "Đèn vẫn tắt." in page.text
    again = client.get(press(client, form, score="5").location)
    assert "đã được đánh giá" in again.text
    assert [rating.score for rating in answered.feedback.ratings] == [2]


def test_an_answered_item_is_opened_again_once_with_a_reason(client, province, answered):
    form = form_of(opened(client, answered), path(answered, "/mo-lai"))
    empty = press(client, form)
    assert empty.status_code == 422
    assert "Viết chỗ chưa được" in empty.text

    page = client.get(press(client, form, reason="Đèn lại tắt.").location)

    assert answered.feedback.round == 2
    assert "Người gửi mở lại" in page.text
    assert path(answered, "/mo-lai") not in page.text


def test_a_signer_who_is_no_representative_follows_and_does_nothing_else(client, province):
    people = (PersonData(name="Trần Thị Hoa", phone="0912345678"), PersonData(role="signer", name="Lê Văn Tư"))
    receipt = builders.submit(sender_type=rules.SenderType.GROUP, people=people)
    db.session.commit()
    ((_name, key),) = receipt.signer_keys
    client.get(f"/t/{receipt.code}/{key}")

    page = client.get(path(receipt))

    assert "Đèn đường" in page.text
    assert path(receipt, "/rut") not in page.text
    assert path(receipt, "/bo-sung") not in page.text


def test_parts_of_a_split_item_open_with_the_key_of_the_whole(client, province):
    receipt = builders.submit()
    assert receipt.feedback is not None
    parts = [desk.Part(rules.Kind.REPORT, "Đèn", "Đèn tắt."), desk.Part(rules.Kind.QUESTION, "Giấy", "Cần giấy gì?")]
    desk.split(receipt.feedback, parts, actor=province.clerk, now=MONDAY)
    db.session.commit()

    whole = opened(client, receipt)
    part = client.get(f"{ASK}/{receipt.code}.2")

    assert f"{receipt.code}.2" in whole.text
    assert "Cần giấy gì?" in part.text


def test_a_merged_item_shows_the_answer_of_the_one_it_went_into(client, province, receipt):
    other = builders.received(body="Đèn phố này tắt cả tháng.")
    merging.propose_merge(receipt.feedback, other, actor=province.clerk, now=MONDAY)
    merging.merge(receipt.feedback, other, actor=province.clerk, now=MONDAY)
    db.session.commit()

    assert other.code in client.get(path(receipt)).text
    assert f"Giải quyết cùng ý kiến {other.code}" in opened(client, receipt).text


def test_a_letter_that_refuses_says_why(client, province):
    receipt = builders.submit()
    assert receipt.feedback is not None
    builders.desk_paper(province, receipt.feedback, PaperType.REFUSE, MONDAY)
    db.session.commit()

    page = opened(client, receipt)

    assert "Thông báo không thụ lý" in page.text
    assert "không rõ nội dung, đã hỏi mà không có bổ sung" in page.text
    assert "Ban Tiếp công dân tỉnh không thụ lý; lý do ghi trong thông báo ở dưới." in page.text


def test_while_it_stands_the_page_says_since_when_why_and_what_then(client, province, receipt):
    unit.ask(receipt.feedback, "Trước nhà số mấy?", actor=province.officer, now=MONDAY)
    db.session.commit()

    page = opened(client, receipt).text

    for said in ("Từ 3/8/2026, vì đang chờ người gửi trả lời câu hỏi; trả lời xong thì đếm tiếp.", "Không trả lời thì"):
        assert said in page
    assert "Đếm từng ngày" not in page, "nothing was counted yet"


def test_after_the_answer_the_page_says_who_still_has_something_to_do_and_until_when(client, province, receipt):
    builders.answer(province, receipt.feedback, MONDAY, [builders.promised(at(20).date())])
    sender.rate(receipt.feedback, builders.key_of(receipt), score=2, why="", now=at(1))
    db.session.commit()

    page = opened(client, receipt).text
    assert "Đã trả lời; Sở Xây dựng còn phải làm việc đã hứa, hạn 23/8/2026" in page
    assert "Mở lại được một lần, đến hết" in page

    act = next(each for each in receipt.feedback.assignments if each.duty == "act")
    unit.keep_promise(act, report="Đã thay.", actor=province.officer, proofs=[builders.proof()], now=at(1))
    db.session.commit()
    assert "Người gửi: mở lại được đến" in client.get(path(receipt)).text


# --- guessing -----------------------------------------------------------------------------------------------------------


def test_who_guesses_keys_is_turned_away_and_the_owner_never(backend, valkey):
    with Redis.from_url(valkey) as counters:
        counters.flushall()  # of the other database's turn
    app = build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL=valkey)
    with app.app_context():
        builders.make_province()
        receipt = builders.submit()
        db.session.commit()
        client = app.test_client()
        home = [{"environ_base": {"REMOTE_ADDR": f"2001:db8:1:2::{number}"}} for number in range(60)]  # one line, many addresses
        statuses = [client.get(f"/t/{receipt.code}/{number:016}", **where).status_code for number, where in enumerate(home)]
        neighbour = client.get(f"/t/{receipt.code}/0", environ_base={"REMOTE_ADDR": "2001:db8:1:3::1"}).status_code
        owner = [client.get(f"/t/{receipt.code}/{receipt.key}", **where).status_code for where in home]
        db.session.remove()
        db.engine.dispose()

    assert (statuses[0], statuses[-1], neighbour) == (404, 429, 404)
    assert set(owner) == {303}, "whatever others did from the same line, the right key opens"


def test_an_example_of_a_code_is_one_of_this_install(client, province):
    settings.change("code_prefix", "LS", actor=SYSTEM, now=clock.now())
    db.session.commit()
    assert all("ví dụ LS-26-7K3FQ2-" in re.sub(r"<[^>]+>", "", client.get(page).text) for page in ("/", "/tra-cuu"))
    said = html.unescape(press(client, form_of(client.get("/"), ASK), code="LS-26-7K3FQ2-X").text)
    example = re.search(r"Mã có dạng (LS-26-7K3FQ2-.)", said)
    assert example
    assert codes.read_code(example[1]) == example[1]


def test_addresses_that_staff_wrote_are_links_and_those_of_a_stranger_are_not(client, province):
    receipt = builders.submit(place_id=province.place.id, body="Đèn hỏng, xem https://la.example.com/den")
    item = receipt.feedback
    assert item is not None
    desk.route_to(item, province.works, actor=province.clerk, now=MONDAY)
    unit.take(item, actor=province.officer, now=MONDAY)
    unit.tell(item, "Xem lịch tại https://bao.example.com/tin", actor=province.officer, now=MONDAY)
    sender.add(item, builders.sender_key(item), "Vẫn tối, https://la.example.com/anh", (), now=MONDAY)
    point = PointData(title="Đèn", text="Đọc https://y.example.com/1.", outcome=Outcome.EXPLAINED)
    builders.answer(province, item, at(2), [point])
    db.session.commit()

    page = opened(client, receipt).text

    assert "https://la.example.com/den" in page
    assert "https://la.example.com/anh" in page
    assert re.findall(r'href="(https?://[^"]*)" rel="nofollow noopener"', page) == [
        "https://y.example.com/1",
        "https://bao.example.com/tin",
    ]
    assert 'href="https://la.example.com' not in page
