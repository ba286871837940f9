"""Bad input through the form of a citizen: a sentence at the field, everything typed still there, nothing stored; or taken whole."""

from __future__ import annotations

import io
import re
from urllib.parse import urlencode

import pytest
from itsdangerous.timed import TimestampSigner
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.database import db
from app.files import StoredFile, open_stored
from feedback.models import Feedback
from tests.app.files.samples import archive, photo_with_place, picture, word
from tests.bad_input.conftest import counts, signed_in
from tests.bad_input.garbage import MEGABYTE, TEXTS
from tests.feedback.page_forms import form_of, press

FORM, REVIEW, SEND, RECEIPT = "/gui-y-kien", "/gui-y-kien/xem-lai", "/gui-y-kien/gui", "/gui-y-kien/bien-nhan"
pytestmark = pytest.mark.strictest_database

BODY = "Rãnh thoát nước trước dãy nhà bị đất đá lấp."


def good(province, **over):
    return {"kind": "report", "body": BODY, "place_id": str(province.place.id), "name": "Nguyễn Thị Hợp", "phone": "0912345678"} | over


def errors(answer) -> str:
    box = re.search(r'<div class="errors".*?</ul>', answer.text, re.DOTALL)
    return re.sub(r"<[^>]+>", " ", box[0]) if box else ""


REFUSED = {
    # what is typed, and the sentence
    "a megabyte": ({"body": MEGABYTE.strip()}, "nhiều nhất là 5.000"),
    "a name of a megabyte": ({"name": "x" * 1_000_000}, "nhiều nhất là 200"),
    "those it is about in a megabyte": ({"accused_names": MEGABYTE.strip()}, "nhiều nhất là 1.000"),
    "an address of a megabyte": ({"address": "x" * 1_000_000}, "nhiều nhất là 200"),
    "nothing": ({"body": ""}, "Viết chuyện đã xảy ra"),
    "only spaces": ({"body": TEXTS["spaces"]}, "Viết chuyện đã xảy ra"),
    "only what cannot be seen": ({"body": TEXTS["unseen"]}, "Viết chuyện đã xảy ra"),
    "only controls": ({"body": TEXTS["controls"]}, "Viết chuyện đã xảy ra"),
    "an unknown commune": ({"place_id": "999999"}, "Chọn xã, phường có trong danh sách"),
    "a commune beyond a bigint": ({"place_id": TEXTS["beyond bigint"]}, "Chọn xã, phường có trong danh sách"),
    "a commune of 5,000 digits": ({"place_id": TEXTS["5,000 digits"]}, "Chọn xã, phường có trong danh sách"),
    "a commune in superscript": ({"place_id": "²"}, "Chọn xã, phường có trong danh sách"),
    "a field with NUL": ({"field_id": "1\x00"}, "Chọn lĩnh vực trong danh sách"),
    "a unit of JSON": ({"accused_unit_id": TEXTS["JSON"]}, "Chọn cơ quan có trong danh sách"),
    "an unknown kind": ({"kind": TEXTS["SQL"]}, "Chọn loại gần đúng nhất"),
    "an unknown sender": ({"sender": "insider"}, "Chọn ai là người gửi"),
    "an unknown scope of the name": ({"identity_scope": "everybody"}, "Chọn ai được biết tên"),
    "a phone in Arabic digits": ({"phone": "٠٩١٢٣٤٥٦٧٨"}, "Số điện thoại"),
    "a phone in superscript": ({"phone": "09²2345678"}, "Số điện thoại"),
    "a phone of 30 digits": ({"phone": "0" * 30}, "Số điện thoại"),
    "a phone that is a header": ({"phone": TEXTS["header"]}, "Số điện thoại"),
    "an e-mail that is a header": ({"email": TEXTS["header"]}, "E-mail chưa đủ"),
    "an e-mail with two addresses": ({"email": "a@b.vn,c@d.vn"}, "E-mail chưa đủ"),
    "an e-mail with script": ({"email": '"<script>"@b.vn'}, "E-mail chưa đủ"),
    "the year 9999": ({"happened": "date", "happened_on": ["1", "1", "9999"]}, "Ghi năm đủ bốn số"),
    "the year 0": ({"happened": "date", "happened_on": ["1", "1", "0"]}, "Ghi năm đủ bốn số"),
    "the year 1899": ({"happened": "date", "happened_on": ["31", "12", "1899"]}, "Ghi năm đủ bốn số"),
    "30 February": ({"happened": "date", "happened_on": ["30", "2", "2026"]}, "không có trong lịch"),
    "Arabic digits in a date": ({"happened": "date", "happened_on": ["١", "١", "٢٠٢٦"]}, "Ghi ngày bằng số"),
    "a number of 5,000 digits in a date": ({"happened": "date", "happened_on": ["9" * 5000, "1", "2026"]}, "Ghi ngày bằng số"),
    "four values of a date": ({"happened": "date", "happened_on": ["1", "1", "9999", "2026"]}, "Ghi năm đủ bốn số"),
    "a tax code in full-width digits": ({"sender": "enterprise", "organisation": "A", "tax_code": "０１００１０９１０６"}, "Mã số thuế"),
    "60 signers": (
        {"sender": "group"} | {f"signers-{n}-name": f"Người {n}" for n in range(60)},
        "Nhiều nhất 50 dòng, thừa 10 dòng chưa nhận",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("to", [REVIEW, SEND])
def test_it_is_refused_with_a_sentence_and_stays_on_the_page(client, province, ear, what, to):
    over, sentence = REFUSED[what]
    form = form_of(client.get(FORM), REVIEW)
    before = counts()

    answer = press(client, form, to=to, **good(province, **over))

    assert answer.status_code == 422
    assert sentence in errors(answer)
    kept = form_of(answer, REVIEW).values
    assert kept["name"] if "name" not in over else True
    for name, value in (good(province) | over).items():
        typed = value if isinstance(value, list) else [value]
        if (
            name in kept
            and name not in {"kind", "sender", "identity_scope"}
            and not set(typed[0]) & set(TEXTS["controls"] + TEXTS["unseen"])
        ):
            assert [each.split() for each in kept.getlist(name)] == [each.split() for each in typed[:3]] or name.endswith("_id")
    assert counts() == before
    assert ear.failures == []


#: What is chosen from a list has nothing to keep where it was not on the list; what cannot be seen is not given back.
CHOSEN = {"kind", "sender", "identity_scope", "place_id", "field_id", "accused_unit_id"}

TAKEN = {
    # what is typed, and what is stored of it
    "script": (TEXTS["script"], TEXTS["script"]),
    "template": (TEXTS["template"], TEXTS["template"]),
    "formula": (TEXTS["formula"], TEXTS["formula"]),
    "SQL": (TEXTS["SQL"], TEXTS["SQL"]),
    "emoji alone": ("😀", "😀"),
    "a letter decomposed": ("Nguye\u0302\u0303n Thi\u0323 Huê\u0323", "Nguyễn Thị Huệ"),
    "marks without end": ("Đường h\u0301" + "\u0323\u0301" * 3000, None),
    "right to left": ("Báo\u202e động\u2066", "Báo động"),
    "zero width": ("Đường\u200b hỏng\ufeff", "Đường hỏng"),
    "NUL in the middle": ("Đường\x00 hỏng", "Đường hỏng"),
    "half a character": ("Đường \ud800hỏng", "Đường %ED%A0%80hỏng"),
    "line ends of everyone": ("một\r\nhai\rba\u2028bốn\vnăm", "một\nhai\nba\nbốn\nnăm"),
}


@pytest.mark.parametrize(("typed", "stored"), TAKEN.values(), ids=TAKEN)
def test_odd_but_honest_words_are_taken_whole_and_shown_as_words(client, province, ear, typed, stored):
    form = form_of(client.get(FORM), REVIEW)
    raw = urlencode(dict(form.values) | good(province, body=typed), errors="surrogatepass")
    shown = client.post(REVIEW, data=raw, content_type="application/x-www-form-urlencoded")
    assert shown.status_code == 200, errors(shown)

    sent = press(client, form_of(shown, SEND))

    assert sent.status_code == 303, errors(sent)
    (item,) = db.session.scalars(db.select(Feedback)).all()
    assert item.body == stored or (stored is None and len(item.body) < 20)
    receipt = client.get(RECEIPT)
    staff = signed_in(client.application, province.clerk).get(f"/can-bo/y-kien/{item.code}")
    for page in (shown, receipt, staff):
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "onerror=alert(1)>" not in page.text
    assert ear.failures == []


# --- the form as programs bend it -----------------------------------------------------------------------------------------


def test_5000_signers_are_refused_and_nothing_is_stored(client, province, ear):
    form = form_of(client.get(FORM), REVIEW)
    many = {f"signers-{n}-name": f"Người {n}" for n in range(5000)}
    values = dict(form.values) | good(province, sender="group") | many
    before = counts()

    boundary, parts = encode_multipart(values)
    in_parts = client.post(REVIEW, data=parts, content_type=f'multipart/form-data; boundary="{boundary}"')
    in_one = client.post(REVIEW, data=values)

    assert in_parts.status_code == 413
    assert "nặng quá mức" in in_parts.text
    assert in_one.status_code == 422
    assert "thừa 4950 dòng" in errors(in_one)
    assert counts() == before
    assert ear.failures == []


@pytest.mark.parametrize("row", ["²", "9" * 5000, "-1", "١", "1e3", "", "__proto__"])
def test_a_row_with_a_number_that_is_none_is_no_row(client, province, ear, row):
    form = form_of(client.get(FORM), REVIEW)

    answer = press(client, form, **good(province, sender="group") | {f"signers-{row}-name": "Trần Văn Ba"})

    assert answer.status_code == 422
    assert "Ghi tên ít nhất một người cùng ký" in errors(answer)
    assert ear.failures == []


def test_of_a_field_sent_twice_the_first_counts(client, province, ear):
    form = form_of(client.get(FORM), REVIEW)

    shown = press(
        client, form, **good(province, body=[BODY, "khác"], kind=["report", "complaint"], csrf_token=[form.values["csrf_token"], "x"])
    )
    press(client, form_of(shown, SEND))

    (item,) = db.session.scalars(db.select(Feedback)).all()
    assert (item.kind, item.body) == ("report", BODY)
    assert ear.failures == []


# --- the session and its token --------------------------------------------------------------------------------------------

LOST = {
    "no token": {"csrf_token": ""},
    "somebody else's token": {"csrf_token": "IjEyMyI.aQ.aQ"},
    "garbage": {"csrf_token": TEXTS["NUL"]},
    "a megabyte": {"csrf_token": "x" * 1_000_000},
}


@pytest.mark.parametrize("over", LOST.values(), ids=LOST)
@pytest.mark.parametrize("to", [REVIEW, SEND])
def test_without_its_token_a_form_asks_for_one_more_press_and_keeps_every_word(client, province, ear, over, to):
    before = counts()

    asked = press(client, form_of(client.get(FORM), REVIEW), to=to, **good(province, **over))

    assert asked.status_code == 422
    assert "bấm nút một lần nữa" in errors(asked)
    assert counts() == before
    again = press(client, form_of(asked, REVIEW))
    assert again.status_code == 200
    assert BODY in again.text
    assert ear.failures == []


@pytest.mark.parametrize(("hours", "asks"), [(24, False), (37, True)])
def test_a_form_of_yesterday_goes_through_and_an_older_one_asks_for_one_more_press(client, province, hours, asks):
    now = TimestampSigner.get_timestamp
    with pytest.MonkeyPatch.context() as then:
        then.setattr(TimestampSigner, "get_timestamp", lambda self: now(self) - hours * 3600)
        form = form_of(client.get(FORM), REVIEW)

    answer = press(client, form, **good(province))

    assert ("Chữ vẫn còn" in errors(answer)) is asks
    if asks:
        assert form_of(answer, REVIEW).values["body"] == BODY
        answer = press(client, form_of(answer, REVIEW))
    assert answer.status_code == 200


def test_a_form_whose_session_is_gone_asks_for_one_more_press(app, client, province):
    form = form_of(client.get(FORM), REVIEW)

    asked = press(app.test_client(), form, **good(province))

    assert asked.status_code == 422
    assert "Chữ vẫn còn" in errors(asked)
    assert form_of(asked, REVIEW).values["body"] == BODY


# --- files ----------------------------------------------------------------------------------------------------------------

FILES = {
    "a page called .jpg": ("anh.jpg", b"<!doctype html><script>alert(1)</script>", "không phải loại tệp nhận được"),
    "a program called .pdf": ("giay.pdf", b"MZ\x90\x00" + b"\0" * 200, "không phải loại tệp nhận được"),
    "nothing": ("trong.jpg", b"", "tệp rỗng"),
    "a huge one": ("to.jpg", picture() + b"\0" * (20 * 1024 * 1024), "nặng quá mức"),
    "a zip bomb": ("bom.docx", word(word__media__a=b"\0" * 200_000_000), "có dấu hiệu gây hại"),
    "an archive": ("nen.zip", archive({"readme.txt": b"a"}), "không phải loại tệp nhận được"),
    "a photo cut short": ("cut.jpg", picture(size=(400, 400))[:-300], "tệp hỏng"),
    "a name of garbage": ("../../\x00<script>" + "\u0958" * 300, b"MZ", "không phải loại tệp nhận được"),
}


def attach(client, form, typed, *files):
    """Send the form with *files*, in one piece: werkzeug would leave a temporary file open for a large one."""
    parts = dict(form.values) | typed | {"files": [FileStorage(io.BytesIO(data), name) for data, name in files]}
    boundary, body = encode_multipart(parts)
    return client.post(form.action, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


@pytest.mark.parametrize(("name", "data", "sentence"), FILES.values(), ids=FILES)
def test_a_bad_file_is_named_and_costs_neither_the_words_nor_the_good_file(client, province, ear, name, data, sentence):
    form = form_of(client.get(FORM), REVIEW)

    answer = attach(client, form, good(province), (picture(), "tot.jpg"), (data, name))

    assert answer.status_code == 422
    assert sentence in errors(answer)
    kept = form_of(answer, REVIEW).values
    assert kept["body"] == BODY
    assert len(kept.getlist("files-kept")) == 1
    (file,) = db.session.scalars(db.select(StoredFile)).all()
    assert file.name == "tot.jpg"
    assert ear.failures == []


def test_the_place_in_a_photo_is_not_kept(client, province):
    form = form_of(client.get(FORM), REVIEW)

    shown = attach(client, form, good(province), (photo_with_place(), "anh.jpg"))

    assert shown.status_code == 200
    (file,) = db.session.scalars(db.select(StoredFile)).all()
    seen = Image.open(io.BytesIO(b"".join(open_stored(file))))
    assert not seen.getexif().get_ifd(0x8825)


# --- the separate form of a denunciation ------------------------------------------------------------------------------------

SEALED = "/gui-y-kien/to-cao/gui"


@pytest.mark.parametrize("what", TEXTS)
def test_the_separate_form_breaks_at_nothing(client, province, ear, what):
    form = form_of(client.get(SEALED), SEALED)
    said = ("body", "name", "phone", "email", "address", "place_id", "accused_unit_id", "accused_unit", "token")
    values = dict.fromkeys(said, TEXTS[what])
    raw = urlencode(list((dict(form.values) | values | {"understood": "y"}).items()), errors="surrogatepass")

    answer = client.post(SEALED, data=raw, content_type="application/x-www-form-urlencoded")

    for ending in ("pdf", "docx"):
        letter = client.post(f"/gui-y-kien/to-cao/don.{ending}", data=raw, content_type="application/x-www-form-urlencoded")
        assert letter.status_code == 200
    assert answer.status_code in {200, 422}
    assert answer.headers["Cache-Control"] == "no-store"
    assert db.session.scalar(db.select(db.func.count()).select_from(Feedback)) == 0
    assert ear.failures == []
