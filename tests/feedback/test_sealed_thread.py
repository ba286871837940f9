"""Who sent sealed information and those who read it write to each other, with code and key and without an account."""

from __future__ import annotations

import datetime as dt
import io
import re
import statistics
import time

import pytest
from PIL import Image

from app import clock
from app.access import NotAllowed
from app.database import db
from app.files import StoredFile, store, store_upload, sweep_orphans
from app.outbox import Notice
from app.permissions import Role
from feedback import rules
from feedback.operations.intake import PersonData
from feedback.sealed import queries, thread
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import leading, reading, telling
from feedback.sealed.operations import thread as operations
from feedback.sealed.rules import Extent
from feedback.views.citizen import sealed_thread
from tests import factories
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.page_forms import form_of, press
from tests.tried import Tried

TRACK = "/tra-cuu"
SECRET = "Bà Trần Thị Kín lấy tiền cứu trợ lũ"
ASKED = "Việc này xảy ra ngày nào?"
SAID = "Ngày 12/7, lúc phát quà ở nhà văn hóa thôn Giấu."


def sent(**over):
    """Return what the sender holds, and the case."""
    people = (PersonData(name="Lê Thị Giấu", phone="0900000001"),)
    receipt = builders.submit(**({"kind": rules.DENUNCIATION, "body": SECRET, "people": people, "token": "t"} | over))
    db.session.flush()
    return receipt, db.session.scalars(db.select(SealedCase).order_by(SealedCase.id.desc())).first()


def open_with(client, code, key, status=200):
    page = press(client, form_of(client.get(TRACK), TRACK), code=code, key=key)
    assert page.status_code == status, page.text[-2000:]
    return page


def photo() -> io.BytesIO:
    """A photo that says where it was taken and by which phone."""
    picture, kept = Image.new("RGB", (60, 40), "white"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x013B] = "MayGiau", "Giau Phone 9", "Lê Thị Giấu"
    picture.save(kept, "JPEG", exif=exif)
    return io.BytesIO(kept.getvalue())


# --- the two sides ------------------------------------------------------------------------------------------------------


def test_a_reader_asks_and_the_sender_answers_by_code_and_key_without_an_account(app, client, reader):
    receipt, case = sent()
    desk, path = AtDesk(app, reader), f"/can-bo/to-cao/{case.uid}"
    assert "Mở đọc trước" in desk.fill(f"{path}/nhan-tin", text=ASKED), "nobody writes who has not read"
    desk.fill(path, status=200, conflict="no", reason="Xem lần đầu")
    desk.fill(f"{path}/nhan-tin", text=ASKED)

    shown = open_with(client, receipt.code.lower(), receipt.key)
    assert ASKED in shown.text
    assert reader.name not in shown.text, "who reads is named to nobody"
    answered = press(client, form_of(shown, TRACK), text=SAID, files=[(photo(), "nhà bà Giấu.jpg")])
    assert "Đã gửi" in answered.text
    assert SAID in answered.text

    case_page = desk.fill(path, status=200, reason="Đọc trả lời")
    assert SAID in case_page
    (link,) = re.findall(rf'href="({path}/tep/[^"]+)"', case_page)
    got = desk.client.get(link)
    assert got.mimetype == "image/jpeg"
    assert "Giấu" not in got.headers["Content-Disposition"]
    assert not Image.open(io.BytesIO(got.data)).getexif()


def test_nothing_of_it_stays_on_the_device_and_nothing_in_addresses(client, reader):
    receipt, _case = sent()
    client.get(TRACK)
    before = {cookie.key for cookie in client._cookies.values()}
    page = open_with(client, receipt.code, receipt.key)
    answered = press(client, form_of(page, TRACK), text=SAID)
    for each in (page, answered):
        assert each.request.path == TRACK
        assert not each.request.query_string
        assert each.headers["Cache-Control"] == "no-store"
        assert each.headers["Referrer-Policy"] == "no-referrer"
        assert "<title>Tra cứu" in each.text
        assert "data-draft" not in each.text
        assert "data-sensitive" in each.text
        assert each.text.index("data-leave") < each.text.index('class="skip"'), "the way off comes first by keyboard"
        assert receipt.key not in each.text.replace("-", "")
        assert SECRET not in each.text, "who holds the phone later learns nothing that was sent"
    assert {cookie.key for cookie in client._cookies.values()} == before


def test_a_page_open_for_more_than_an_hour_keeps_the_words_and_asks_for_the_codes(client, reader, monkeypatch):
    receipt, case = sent()
    form = form_of(open_with(client, receipt.code, receipt.key), TRACK)
    monkeypatch.setattr(sealed_thread, "OPEN_FOR", -1)
    late = press(client, form, text=SAID)
    assert late.status_code == 422
    assert SAID in late.text
    assert late.headers["Cache-Control"] == "no-store"
    assert thread.messages(case) == []


def test_who_writes_on_in_one_page_gives_the_codes_again_after_an_afternoon(client, reader, monkeypatch):
    receipt, case = sent()
    page, began = open_with(client, receipt.code, receipt.key), clock.now()
    for minutes, lines in ((230, 1), (239, 2), (241, 2)):
        monkeypatch.setattr(clock, "now", lambda at=began + dt.timedelta(minutes=minutes): at)
        page = press(client, form_of(page, TRACK), text=f"{SAID} {minutes}")
        assert len(thread.messages(case)) == lines
    assert page.status_code == 422
    assert f"{SAID} 241" in page.text


def test_pressing_twice_writes_once_and_an_empty_press_keeps_the_page(client, reader):
    receipt, case = sent()
    form = form_of(open_with(client, receipt.code, receipt.key), TRACK)
    assert "Viết vài chữ" in press(client, form, text=" ").text
    for _press in range(2):
        assert press(client, form, text=SAID).status_code == 200
    assert [each.said.text for each in thread.messages(case)] == [SAID]


def test_the_page_of_what_is_kept_says_who_reads_what_is_sealed_and_that_nothing_of_it_is_seen_or_erased_here(client):
    page = client.get("/thong-tin-ca-nhan").text
    section = page.partition("<h2>Tin báo về người làm trái pháp luật</h2>")[2].partition("</ul>")[0]
    for said in ("hai người có trách nhiệm cùng đồng ý", "Chưa đặt hạn xóa", "không xin xóa", "tòa án đòi theo luật"):
        assert said in section


def test_who_sent_about_the_same_person_reads_only_their_own_thread(client, reader):
    sent(body=f"{SECRET}, tôi thấy", token="first")
    first = db.session.scalars(db.select(SealedCase)).one()
    operations.answer(first, "Tôi là người đầu tiên", (), token="x", now=clock.now())
    receipt, _case = sent(token="second")
    page = open_with(client, receipt.code, receipt.key)
    assert "người đầu tiên" not in page.text
    assert "Người tiếp nhận chưa viết gì" in page.text


def test_the_thread_says_when_it_came_and_with_how_many_files_and_not_what(client, reader):
    receipt, _case = sent(files=(store_upload(photo(), "nhà bà Giấu.jpg", clock.now()),))
    shown = open_with(client, receipt.code, receipt.key).text
    assert "Đã nhận tin lúc" in shown
    assert "kèm 1 tệp." in shown
    assert SECRET not in shown


# --- who may not --------------------------------------------------------------------------------------------------------


def test_who_is_excluded_writes_nothing_and_opens_no_file(app, province, reader):
    _receipt, case = sent(accused_unit_id=province.works.id)
    accused = factories.make_user(unit=province.works, roles=[(Role.SEALED_INTAKE, None)])
    operations.answer(case, SAID, (), token="x", now=clock.now())
    with pytest.raises(NotAllowed):
        operations.write(case, ASKED, actor=accused, now=clock.now())
    AtDesk(app, accused).get(f"/can-bo/to-cao/{case.uid}/nhan-tin", status=404)


def test_a_file_is_opened_within_the_hour_of_a_look_with_its_reason(app, client, reader, monkeypatch):
    receipt, case = sent()
    press(client, form_of(open_with(client, receipt.code, receipt.key), TRACK), text=SAID, files=[(photo(), "a.jpg")])
    (attached,) = thread.files(case)
    link = f"/can-bo/to-cao/{case.uid}/tep/{attached.file.uid}"
    desk = AtDesk(app, reader)
    desk.get(link, status=303)
    reading.open_case(case, declares=True, reason="Xem", actor=reader, now=clock.now())
    db.session.commit()
    assert desk.client.get(link).status_code == 200
    desk.get(link.replace(str(attached.file.uid), "00000000-0000-4000-8000-000000000000"), status=404)
    monkeypatch.setattr(thread, "LOOK_HOLDS", dt.timedelta(0))
    desk.get(link, status=303)


# --- codes and keys -----------------------------------------------------------------------------------------------------


def test_the_code_alone_and_a_wrong_key_answer_as_an_unknown_code_does(client, reader):
    receipt, _case = sent()
    unknown = builders.submit(kind=rules.DENUNCIATION, body="x", token="gone")
    db.session.execute(db.delete(SealedCase).where(SealedCase.key_digest.is_not(None), SealedCase.id != _case.id))

    def said(code, key):
        text = open_with(client, code, key, status=422).text.replace(code, "CODE").replace(key or "no key", "KEY")
        return re.sub(r'name="csrf_token"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="csrf_token"', "", text)

    assert said(receipt.code, "X" * 16) == said(unknown.code, "X" * 16)
    assert said(receipt.code, "") == said(unknown.code, ""), "said where it was asked: no address keeps the code"
    pages = [client.get(f"{TRACK}/{each.code}") for each in (receipt, unknown)]
    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].text.replace(receipt.code, "CODE") == pages[1].text.replace(unknown.code, "CODE")
    assert "Có cả mã bí mật thì ghi cả hai mã" in pages[0].text
    assert client.get(f"/t/{receipt.code}/{receipt.key}").status_code == 404, "a key never goes into an address"


TRIES = 150


def test_a_wrong_key_takes_as_long_as_an_unknown_code(app, province, tried: Tried):
    """The median of many tries, in time of the processor, differs by less than what any network adds."""
    receipt, case = sent()
    unknown = receipt.code[:-2]
    unknown = next(code for code in _codes_like(receipt.code) if code != receipt.code)
    took: dict[str, list[float]] = {"wrong key": [], "unknown code": []}
    for _try in range(TRIES):
        for name, code in (("wrong key", receipt.code), ("unknown code", unknown)):
            begun = time.thread_time()
            assert thread.of_sender(code, "X" * 16) is None
            took[name].append(time.thread_time() - begun)
    medians = {name: statistics.median(each) for name, each in took.items()}
    assert abs(medians["wrong key"] - medians["unknown code"]) < 0.001, medians
    assert thread.of_sender(receipt.code, receipt.key) is case
    tried("keys of sealed information timed", sum(map(len, took.values())))


def _codes_like(code):
    from feedback.codes import CODE_SYMBOLS, check_symbol  # noqa: PLC0415

    for symbol in CODE_SYMBOLS:
        body = code[6:11] + symbol
        yield f"{code[:6]}{body}-{check_symbol(code[:2], int(code[3:5]), body)}"


# --- who is told, and what lies at rest ---------------------------------------------------------------------------------


def test_an_answer_is_told_by_the_notice_of_the_day_which_says_nothing_of_it(reader):
    _receipt, case = sent()
    now, today = clock.now(), clock.today()
    reading.open_case(case, declares=True, reason="Xem", actor=reader, now=now)
    assert list(queries.open_to(reader, on=today, unopened=True)) == []
    operations.answer(case, SAID, (), token="x", now=now)
    assert list(queries.open_to(reader, on=today, unopened=True)) == [case]
    assert db.session.scalar(db.select(db.func.count(Notice.id))) == 0, "nobody is told at the moment it was written"
    telling.tell_readers(today, now=now)
    assert {row.subject_type for row in db.session.scalars(db.select(Notice))} == {"app_user"}
    reading.open_case(case, declares=True, reason="Đọc", actor=reader, now=now)
    assert list(queries.open_to(reader, on=today, unopened=True)) == []


def test_once_a_head_decides_the_head_and_who_was_granted_the_case_are_told_and_intake_is_not(province, reader):
    _receipt, case = sent()
    now, today = clock.now(), clock.today()
    reading.open_case(case, declares=True, reason="Xem", actor=reader, now=now)
    unit = factories.make_unit(parent=province.root, name="Ban Nội chính")
    head = factories.make_user(unit=unit, roles=[Role.HEAD])
    granted, checks = factories.make_user(unit=unit), factories.make_user(unit=unit)
    leading.confirm(case, unit=None, people=(), actor=reader, now=now)
    leading.hand_to(case, head, actor=reader, now=now)
    for user, extent in ((granted, Extent.WHOLE), (checks, Extent.COPY)):
        builders.granted(case, user, extent=extent, until=today, actor=head, now=now)
        reading.declare(case, conflict="", actor=user, now=now)
    last = db.session.scalar(db.select(db.func.max(Notice.id)))
    operations.answer(case, SAID, (), token="x", now=now)
    telling.tell_readers(today, now=now)
    told = db.session.scalars(db.select(Notice.user_id).where(Notice.id > last, Notice.template.endswith("sealed_news")))
    assert set(told) == {head.id, granted.id}
    waits = {user.id: list(queries.open_to(user, on=today, unopened=True)) for user in (reader, head, granted, checks)}
    assert waits == {reader.id: [], head.id: [case], granted.id: [case], checks.id: []}, "the number in the menu counts what one may read"


def test_of_the_original_of_a_sealed_file_nothing_stays(client, reader):
    receipt, _case = sent()
    press(client, form_of(open_with(client, receipt.code, receipt.key), TRACK), text=SAID, files=[(photo(), "a.jpg")])
    file = db.session.scalars(db.select(StoredFile)).one()
    assert any(key.startswith("original/") for page in store.keys("") for key, _at in page), "it lay there until it was sealed"
    sweep_orphans(clock.now() + dt.timedelta(days=2))
    kept = [key for page in store.keys("") for key, _at in page if str(file.uid) in key]
    assert [key.partition("/")[0] for key in kept] == ["cleaned"]


def test_no_word_of_the_talk_and_no_name_of_a_file_lies_in_plain_text(client, reader):
    receipt, case = sent()
    press(client, form_of(open_with(client, receipt.code, receipt.key), TRACK), text=SAID, files=[(photo(), "nhà bà Giấu.jpg")])
    reading.open_case(case, declares=True, reason="Xem", actor=reader, now=clock.now())
    operations.write(case, ASKED, actor=reader, now=clock.now())
    db.session.commit()
    rows = [db.session.execute(db.text(f'SELECT * FROM "{table.name}"')).all() for table in db.metadata.sorted_tables]
    kept = "\n".join(str(value) for table in rows for row in table for value in row)
    for word in ("Giấu", "Ngày 12/7", "ngày nào", receipt.code):
        assert word not in kept
    file = db.session.scalars(db.select(StoredFile)).one()
    assert file.original_sha256 == file.sha256, "who holds the original cannot show that it came"
    assert file.uploaded_at.day == 1
