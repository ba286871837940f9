"""The programme of a session: the seed's order, times that add up, and buttons that keep what was typed."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from PIL import Image

from app.database import db
from dialogues import agenda
from dialogues.models import AgendaItem, SessionFile
from dialogues.operations import agenda as operations
from dialogues.operations.agenda import ItemFacts
from dialogues.operations.editing import Begun
from dialogues.rules import FilePurpose, Part, Status
from tests import factories
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.builders import MONDAY, proof
from tests.feedback.pages import post

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

TITLES = {part: part.value for part in Part}
ADDRESS = "/can-bo/doi-thoai"


@pytest.mark.parametrize("whole", [60, 90, 125, 180, 240, 480])
def test_the_template_keeps_the_order_and_adds_up(whole):
    shares = agenda.shares(whole)
    assert [part for part, _minutes in shares] == list(Part)
    assert sum(minutes for _part, minutes in shares) == whole
    assert all(minutes >= agenda.STEP for _part, minutes in shares)


def test_an_hour_follows_the_other():
    slots = agenda.hours(DAY, [10, 20])
    assert slots == [(DAY, DAY + dt.timedelta(minutes=10)), (DAY + dt.timedelta(minutes=10), DAY + dt.timedelta(minutes=30))]
    assert agenda.hours(None, [10, 20]) == [None, None]


@pytest.mark.parametrize(("ends", "over"), [(30, 0), (31, 0), (25, 5), (None, 0)])
def test_it_says_by_how_much_it_runs_over(ends, over):
    assert agenda.too_long(DAY, ends and DAY + dt.timedelta(minutes=ends), [10, 20]) == over


def test_the_template_is_laid_once_and_cut_to_the_hours(province, secretary):
    session = builders.draft(province, ends_at=DAY + dt.timedelta(hours=2))
    operations.lay(session, TITLES, actor=secretary, now=MONDAY)
    assert [item.part for item in session.agenda] == list(Part)
    assert sum(item.minutes for item in session.agenda) == 120
    with pytest.raises(operations.AgendaThere):
        operations.lay(session, TITLES, actor=secretary, now=MONDAY)


def test_an_item_keeps_its_uid_and_what_hangs_on_a_removed_one_stays_with_the_session(province, secretary):
    session = builders.draft(province)
    operations.lay(session, TITLES, actor=secretary, now=MONDAY)
    db.session.flush()
    first, second, *rest = session.agenda
    uid = second.uid
    session.files.append(SessionFile(agenda_item_id=first.id, file=proof().file, purpose=FilePurpose.AGENDA, added_at=MONDAY))
    db.session.flush()
    kept = [
        ItemFacts(id=item.id, part=Part(item.part), title=item.title, presenter="Bà Bình", minutes=7) for item in (*rest, second)
    ]  # fmt: skip
    operations.write(session, kept, actor=secretary, now=MONDAY)
    db.session.flush()
    assert [item.position for item in session.agenda] == [1, 2, 3, 4, 5]
    assert session.agenda[-1].uid == uid
    assert session.files[0].agenda_item_id is None
    assert db.session.get(AgendaItem, first.id) is None


def test_an_item_of_another_session_is_not_taken(province, secretary):
    other, session = builders.draft(province), builders.draft(province)
    operations.lay(other, TITLES, actor=secretary, now=MONDAY)
    db.session.flush()
    stolen = ItemFacts(id=other.agenda[0].id, part=Part.REPORT, title="X", presenter="", minutes=5)
    operations.write(session, [stolen], actor=secretary, now=MONDAY)
    db.session.flush()
    assert other.agenda[0].title == Part.INTRODUCTION.value
    assert session.agenda[0].id != other.agenda[0].id


def test_what_is_on_is_not_rewritten(province, head):
    session = builders.session_at(province, head, Status.IN_SESSION)
    with pytest.raises(Begun):
        operations.lay(session, TITLES, actor=head, now=DAY)


# --- the page --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(client, province, secretary):
    """The programme of a morning, laid by its button; gives the session and its address."""
    session = builders.draft(province)
    address = f"{ADDRESS}/{session.code}/chuong-trinh"
    factories.sign_in(client, secretary)
    post(client, f"{address}/mau", page=address)
    return session, address


def rows(session, *titles: str) -> dict[str, str]:
    """Return what the form sends of the first items of *session*."""
    sent = {}
    for place, (item, title) in enumerate(zip(session.agenda, titles, strict=False)):
        values = {"id": str(item.id), "part": item.part, "title": title, "presenter": item.presenter, "minutes": str(item.minutes)}
        sent |= {f"items-{place}-{name}": value for name, value in values.items()}
    return sent


def test_the_template_shows_its_hours(client, page):
    session, address = page
    text = client.get(address).text
    assert session.agenda[0].title == "Giới thiệu đại biểu, chương trình, nội quy"
    assert "8:00 đến 8:10" in text
    assert "8:10 đến 8:30" in text
    assert "Cả thảy 180 phút, từ 8:00 đến 11:00." in text


@pytest.mark.parametrize(
    ("button", "titles"),
    [
        ({"luu": "1"}, ["A", "B", "C"]),
        ({"len": "2"}, ["A", "C", "B"]),
        ({"xuong": "0"}, ["B", "A", "C"]),
        ({"bo": "1"}, ["A", "C"]),
        ({"them": "1"}, ["A", "B", "C", "Nhân dân phát biểu"]),
        ({"len": "0"}, ["A", "B", "C"]),
        ({"xuong": "2"}, ["A", "B", "C"]),
        ({"bo": "99999999999999"}, ["A", "B", "C"]),
        ({"len": "-1"}, ["A", "B", "C"]),
    ],
)
def test_every_button_keeps_what_was_typed(client, page, button, titles):
    session, address = page
    answer = post(client, address, rows(session, "A", "B", "C") | button)
    assert answer.status_code == 303
    assert [item.title for item in session.agenda] == titles


def test_it_warns_where_it_runs_past_the_end_and_keeps_what_is_wrong(client, page):
    session, address = page
    post(client, address, rows(session, "A") | {"items-0-minutes": "200"})
    assert "dài hơn giờ họp 20 phút" in client.get(address).text
    answer = post(client, address, rows(session, "A") | {"items-0-minutes": "nhiều", "items-0-id": "9" * 5000, "items-0-part": "x"})
    assert answer.status_code == 422
    assert 'value="nhiều"' in answer.text
    assert "Chọn phần" in answer.text


def test_a_paper_is_put_to_an_item_read_and_taken_off(client, page, province):
    session, address = page
    picture = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(picture, "PNG")
    item, sent = session.agenda[1], {"caption": "Bản đồ giải tỏa"}
    assert "Chọn tệp" in post(client, f"{address}/{item.id}/tai-lieu", sent).text
    picture.seek(0)
    post(client, f"{address}/{item.id}/tai-lieu", sent | {"files": (picture, "ban-do.png")})
    [file] = session.files
    assert (file.agenda_item_id, file.purpose, file.caption) == (item.id, FilePurpose.AGENDA, "Bản đồ giải tỏa")
    assert "Bản đồ giải tỏa" in client.get(address).text
    assert client.get(f"{address}/tai-lieu/{file.id}").content_type == "image/png"
    other = builders.draft(province)
    assert client.get(f"{ADDRESS}/{other.code}/chuong-trinh/tai-lieu/{file.id}").status_code == 404
    post(client, f"{address}/tai-lieu/{file.id}/bo", page=address)
    assert session.files == []


def test_a_file_stays_when_its_item_is_left_out_and_goes_to_another(client, page):
    session, address = page
    first, second = session.agenda[:2]
    session.files.append(
        SessionFile(agenda_item_id=first.id, file=proof().file, purpose=FilePurpose.AGENDA, caption="Bản đồ giải tỏa", added_at=MONDAY)
    )
    db.session.flush()
    post(client, address, rows(session, "A", "B") | {"bo": "0"})
    [file] = session.files
    assert file.agenda_item_id is None
    assert "Bản đồ giải tỏa" in client.get(address).text
    move = f"{address}/tai-lieu/{file.id}/muc"
    assert post(client, move, {"item": str(first.id)}).status_code == 422
    assert post(client, move, {"item": str(second.id)}).status_code == 303
    assert file.agenda_item_id == second.id
