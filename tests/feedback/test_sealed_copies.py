"""The working copy: what names who wrote is masked, covered and burned in; who checks the matter opens that and nothing else."""

from __future__ import annotations

import datetime as dt
import io
import re
import zlib

import pytest
from PIL import Image, ImageDraw

from app import clock
from app.audit import entries_about
from app.chain import queries as chain
from app.database import db
from app.files import apart, open_stored, store_ours
from app.files.content import DOCX, JPEG, PDF
from app.permissions import Role
from feedback import rules
from feedback.operations.intake import PersonData
from feedback.sealed import copies, rendering, thread
from feedback.sealed.copies import SealedCopy
from feedback.sealed.covering import LEAST, WHOLE, Area, Covers, Point, at, between
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import copying, leading, reading
from feedback.sealed.operations import thread as talk
from feedback.sealed.operations.taking_in import attach
from feedback.sealed.rules import Extent
from tests import factories
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.page_forms import form_of, press

BODY = (
    "Tôi là Lê Thị Giấu ở thôn Đông, số 0900 000 001. Toi ten le thi giau, so 0900.000-001."
    " Ông Trần Văn Lạm thu tiền sân bóng, bà Phạm Thị Biết chứng kiến."
)
ACCUSED = "Ông Trần Văn Lạm, trưởng phòng"
INK, PAPER = (200, 20, 20), (255, 255, 255)

# --- what is covered: no database -----------------------------------------------------------------------------------------

POINTS = [
    ((0, 0), Point(0, 0)),
    ((350, 100), Point(500, 250)),
    ((699, 399), Point(998, 997)),
    ((9999, -5), Point(WHOLE, 0)),
]


@pytest.mark.parametrize(("pressed", "point"), POINTS)
def test_a_press_on_the_picture_is_a_place_on_the_page_wherever_it_was(pressed, point):
    assert at(*pressed, 700, 400) == point


@pytest.mark.parametrize("corners", [((100, 200), (300, 400)), ((300, 400), (100, 200)), ((300, 200), (100, 400))])
def test_two_corners_make_the_same_area_in_any_order_and_undoing_takes_the_last_back(corners):
    one, other = (Point(*each) for each in corners)
    covers = Covers().pointed(one).pointed(other)
    assert covers == Covers((Area(100, 200, 300, 400),))
    assert covers.pointed(one).undone() == covers
    assert covers.undone() == Covers()


def test_the_same_corner_twice_covers_something_and_never_beyond_the_page():
    assert between(Point(10, 10), Point(10, 10)) == Area(10, 10, 10 + LEAST, 10 + LEAST)
    assert between(Point(WHOLE, WHOLE), Point(WHOLE, WHOLE)).right == WHOLE


# --- a PDF that was made to harm ------------------------------------------------------------------------------------------


def pdf(*objects: bytes) -> bytes:
    """A PDF of one page, object 3; those given follow it."""
    head = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    body = b"".join(b"%d 0 obj%s endobj\n" % (number, each) for number, each in enumerate([*head, *objects], start=1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size 99>>\n%%EOF"


def stream(data: bytes, facts: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (facts, len(data), data)


def drawing_itself_without_end() -> bytes:
    """Each of twelve drawings draws the next one forty times: no machine comes to the end."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>"
    return pdf(page, stream(b"/X Do"), *(stream(b"/X Do " * 40, form % (number + 1)) for number in range(5, 17)), stream(b"0 0 9 9 re f"))


def words_without_end() -> bytes:
    """A page of a gigabyte of blanks, packed twice, in a few kilobytes."""
    packer = zlib.compressobj(9)
    begun = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = zlib.compress(begun + again * 1023 + packer.flush(), 9)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R>>"
    return pdf(page, stream(packed, b"/Filter[/FlateDecode/FlateDecode]"))


#: With the seconds that it is given.
BOMBS = {
    "without end": (drawing_itself_without_end, 0.5),
    "a gigabyte": (words_without_end, 20),
    "no PDF": (lambda: b"%PDF-1.4\nnothing\n%%EOF", 20),
}


@pytest.mark.strictest_database
@pytest.mark.parametrize(("make", "seconds"), BOMBS.values(), ids=BOMBS)
def test_a_pdf_that_is_made_to_harm_takes_a_process_of_its_own_and_is_typed_anew(app, make, seconds, monkeypatch, tried):
    monkeypatch.setattr(apart, "WAIT_SECONDS", seconds)
    monkeypatch.setattr(apart, "MEMORY", 512 * 1024 * 1024)
    file = store_ours(make(), "đơn.pdf", PDF, clock.now())
    with pytest.raises(rendering.NotRendered):
        rendering.draw(file, 0, width=300)
    tried("a PDF that harms whoever draws it", 1)


# --- one case -----------------------------------------------------------------------------------------------------------


def letter() -> Image.Image:
    """A page on which something is written in the upper left quarter and in the lower right one."""
    page = Image.new("RGB", (800, 600), PAPER)
    pen = ImageDraw.Draw(page)
    pen.rectangle((80, 60, 240, 180), fill=INK)
    pen.rectangle((560, 420, 720, 540), fill=INK)
    return page


def made(kind):
    kept = io.BytesIO()
    letter().save(kept, "PDF" if kind is PDF else "JPEG", **({} if kind is PDF else {"quality": 95}))
    return kept.getvalue() if kind is not DOCX else b"PK\x03\x04"


@pytest.fixture
def case(reader):
    people = (PersonData(name="Lê Thị Giấu", phone="0900000001", address="thôn Đông"),)
    builders.submit(kind=rules.DENUNCIATION, body=BODY, people=people, accused_names=ACCUSED, token="t")
    db.session.flush()
    case = db.session.scalars(db.select(SealedCase)).one()
    files = [store_ours(made(kind), f"tệp{kind.extension}", kind, clock.now()) for kind in (JPEG, PDF, DOCX)]
    db.session.add_all(files)
    attach(case, files)
    talk.answer(case, "Tôi là Giấu, xin nói thêm: bà Phạm Thị Biết còn giữ sổ.", (), token="x", now=clock.now())
    db.session.commit()
    return case


def test_names_addresses_and_telephones_are_masked_but_for_who_is_accused(case):
    text = copying.masked(case)
    for word in ("Lê Thị Giấu", "le thi giau", "thôn Đông", "0900 000 001", "0900.000-001", "Phạm Thị Biết"):
        assert word not in text
    assert "Trần Văn Lạm" in text
    assert "thu tiền sân bóng" in text
    assert "còn giữ sổ" in text, "what the sender said later is part of the matter"


def test_an_officer_covers_by_pressing_twice_looks_again_and_confirms_what_only_then_is_given(app, case, reader, province):
    desk, path = AtDesk(app, reader), f"/can-bo/to-cao/{case.uid}"
    work = f"{path}/ban-lam-viec"
    desk.get(work, status=303)  # nobody works on it who has not opened the case, with a reason
    opened = desk.client.get(path)
    opened = press(desk.client, form_of(opened, ""), to=path, conflict="no", reason="Lập bản làm việc")
    begun = press(desk.client, form_of(opened, f"{work}/lap"))
    shown = desk.client.get(begun.location)
    assert "tep-3.docx" in shown.text, "what cannot be drawn is named: it does not go along"
    places = re.findall(rf'action="({work}/che/[^"]+)"', shown.text)
    assert len(places) == 2

    for place, (x, y) in [(place, point) for place in places for point in ((60, 40), (220, 165))]:
        values = form_of(desk.client.get(work), place).values
        assert desk.client.post(place, data={**values, "trang.x": x, "trang.y": y}).status_code == 303
    desk.fill(work, text="Bà […] ở thôn […] báo tin.", **{"xem-lai": "1"})
    assert "Đánh dấu sau khi đã xem lại" in desk.fill(f"{work}/xem-lai", status=422)
    desk.fill(f"{work}/xem-lai", sure="y")

    copy = db.session.scalars(db.select(SealedCopy)).one()
    assert copy.confirmed_by_id == reader.id
    assert [entry.facts["alone"] for entry in entries_about(case) if entry.action == "sealed.copy_confirmed"] == [True]
    for page in copy.pages:
        data = b"".join(open_stored(page.file))
        picture = Image.open(io.BytesIO(data))
        assert picture.width == rendering.WIDTH
        assert max(picture.getpixel((picture.width * 160 // 800, picture.height * 120 // 600))) < 40, "painted over"
        assert picture.getpixel((picture.width * 640 // 800, picture.height * 480 // 600))[0] > 150, "the rest is there"
        assert not any(max(picture.getpixel((x, y))) > 60 for x in range(170, 480, 20) for y in range(130, 350, 20))
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    desk.get(work, status=404)  # it stays as it is


def test_who_checks_the_matter_opens_the_copy_with_a_reason_and_nothing_else(app, case, reader, province):
    now, today = clock.now(), clock.today()
    reading.open_case(case, declares=True, reason="Phân loại", actor=reader, now=now)
    copy = confirmed(case, reader)
    unconfirmed = copying.begin(case, [], actor=reader, now=now)
    unit = factories.make_unit(parent=province.root, name="Ban Nội chính")
    head = factories.make_user(unit=unit, roles=[Role.HEAD])
    leading.confirm(case, unit=None, people=(), actor=reader, now=now)
    leading.hand_to(case, head, actor=reader, now=now)
    verifier = factories.make_user(unit=unit, roles=[Role.OFFICER])
    leading.grant(case, verifier, extent=Extent.COPY, until=today, why="Xác minh", actor=head, now=now)
    reading.declare(case, conflict="", actor=verifier, now=now)
    db.session.commit()
    desk, path = AtDesk(app, verifier), f"/can-bo/to-cao/{case.uid}"
    link, picture = f"{path}/ban-lam-viec/{copy.uid}", f"{path}/ban-lam-viec/{copy.uid}/{copy.pages[0].uid}.jpg"

    desk.get(picture, status=404)
    read = desk.fill(link, status=200, reason="Xác minh")
    assert "không còn tên" in read
    assert "Giấu" not in read
    assert desk.client.get(picture).mimetype == "image/jpeg"
    for closed in (
        f"{path}/ban-lam-viec", f"{path}/ban-lam-viec/xem-lai", f"{path}/ban-lam-viec/{unconfirmed.uid}", f"{path}/nhan-tin",
        *(f"{path}/tep/{each.file.uid}" for each in thread.files(case)),
    ):  # fmt: skip
        desk.get(closed, status=404)
    shown = desk.get(path)
    assert f'href="{link}"' in shown, "the page of the case leads to the copy"
    assert BODY not in shown
    assert str(copy.uid) not in AtDesk(app, reader).get(path), "intake has no more to do with it"
    accused = factories.make_user(unit=province.works, roles=[Role.HEAD])
    AtDesk(app, accused).get(link, status=404)


def test_who_changed_it_last_confirms_it_only_where_nobody_else_may_open_the_case(app, case, reader, province):
    now, check = clock.now(), f"/can-bo/to-cao/{case.uid}/ban-lam-viec/xem-lai"
    reading.open_case(case, declares=True, reason="Lập bản", actor=reader, now=now)
    copy = copying.begin(case, [], actor=reader, now=now)
    desk = AtDesk(app, reader)
    assert "Không còn ai khác mở được" in desk.get(check)
    second = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    db.session.commit()
    page = desk.get(check)
    assert "nhờ một người khác" in page
    assert 'name="sure"' not in page
    with pytest.raises(copying.OwnWork):
        copying.confirm(copy, {}, as_seen=copying.seen(copy), actor=reader, now=now)

    reading.open_case(case, declares=True, reason="Xem lại", actor=second, now=now)
    db.session.commit()
    other = AtDesk(app, second)
    assert f'href="{check}"' in other.fill(f"/can-bo/to-cao/{case.uid}", status=200, reason="Xem lại")
    other.fill(f"/can-bo/to-cao/{case.uid}/ban-lam-viec", **{"xem-lai": "1"})  # reads it, and changes nothing
    assert "Đã xác nhận" in other.fill(check, sure="y")
    assert (copy.confirmed_by, copy.by_one_alone) == (second, False)


def test_what_was_changed_after_the_second_look_is_not_confirmed(case, reader):
    now = clock.now()
    reading.open_case(case, declares=True, reason="Lập bản", actor=reader, now=now)
    copy = copying.begin(case, pages_of(case), actor=reader, now=now)
    saw = copying.seen(copy)
    copying.cover(copy.pages[0], lambda covers: covers.pointed(Point(1, 1)), actor=reader, now=now)
    with pytest.raises(copying.ChangedMeanwhile):
        copying.confirm(copy, {}, as_seen=saw, actor=reader, now=now)
    assert copying.begin(case, [], actor=reader, now=now) is copy, "one at a time"
    assert copy.confirmed_at is None


def test_a_confirmed_copy_stays_and_words_and_covers_of_it_are_ciphertext(case, reader):
    now = clock.now()
    reading.open_case(case, declares=True, reason="Lập bản", actor=reader, now=now)
    copy = confirmed(case, reader)
    with pytest.raises(copying.Confirmed):
        copying.retype(copy, "khác", actor=reader, now=now)
    with pytest.raises(copying.Confirmed):
        copying.cover(copy.pages[0], Covers.undone, actor=reader, now=now)
    db.session.commit()
    for table in ("sealed_copy", "sealed_copy_page"):
        rows = db.session.execute(db.text(f"SELECT * FROM {table}")).all()
        assert rows
        assert "không còn tên" not in str(rows)
        assert "areas" not in str(rows)


@pytest.mark.parametrize(
    ("table", "sets"),
    [("sealed_copy", "confirmed_at = made_at, confirmed_by_id = made_by_id"), ("sealed_copy_page", "file_id = {file}")],
)
def test_what_was_never_masked_is_no_copy_because_somebody_confirmed_it_in_the_database(case, reader, table, sets, tried):
    now, source = clock.now(), thread.files(case)[0].file_id
    reading.open_case(case, declares=True, reason="Lập bản", actor=reader, now=now)
    copy = copying.begin(case, pages_of(case), actor=reader, now=now) if table == "sealed_copy" else confirmed(case, reader)
    db.session.commit()
    assert copy in copies.of_case(case)
    assert list(chain.keys_foreign()) == []
    db.session.execute(db.text(f"UPDATE {table} SET {sets}".format(file=source)))
    db.session.commit()
    db.session.expire_all()
    assert (list(copies.of_case(case)), copies.is_confirmed(case), copies.page_of(case, copy.pages[0].uid)) == ([], False, None)
    db.session.commit()
    assert {found for found, _id in chain.keys_foreign()} == {table}
    tried("a working copy of a sealed case confirmed, or filled with the original, by hand in the database", 1)


def pages_of(case):
    """The photo alone: a PDF is drawn in a process of its own, which takes its time."""
    return [(thread.files(case)[0], 0)]


def confirmed(case, reader):
    now = clock.now() + dt.timedelta(seconds=1)
    copy = copying.begin(case, pages_of(case), actor=reader, now=now)
    copying.retype(copy, "Bản không còn tên.", actor=reader, now=now)
    burned = {}
    for page in copy.pages:
        picture = rendering.covered(rendering.draw(page.source.file, page.page), [Area(0, 0, WHOLE, WHOLE)])
        burned[page.id] = store_ours(rendering.jpeg(picture), "trang.jpg", JPEG, now)
    copying.confirm(copy, burned, as_seen=copying.seen(copy), actor=reader, now=now)
    db.session.commit()
    return copy
