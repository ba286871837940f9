"""The counting tables of petitions: both sides are equal for every unit, each number is the length of its list, nobody counts twice."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from sqlalchemy import insert

from app.assignments.models import NO_DATE, Assignment
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from dialogues.duties import Span
from feedback.models import Feedback
from feedback.rules import OPEN, Kind, Status
from oversight.figures import SITE
from oversight.figures import sealed as figures_sealed
from oversight.figures.sealed import Timeliness
from oversight.reports import petitions, workbook
from oversight.reports.petitions import CAME, COLUMNS, WENT, Asked, By
from tests.factories import make_unit, make_user, sign_in
from tests.oversight.cases import make_scene

FIRST = dt.datetime(2026, 1, 1, 8, 0, tzinfo=LOCAL)
HALF = Span(dt.date(2026, 1, 1), dt.date(2026, 6, 30))


def put(scene, *, desk=0, unit=None, kind=Kind.REPORT, status=Status.RECEIVED, day=0, ended=None, duty="taken", accused=None):
    """Write an item that came in *day* days after New Year, and ended so many days later."""
    at = FIRST + dt.timedelta(days=day)
    end = None if ended is None else at + dt.timedelta(days=ended)
    answered = end if status in {Status.ANSWERED, Status.CLOSED} else None
    values = {
        "code": f"BN-{db.session.scalar(db.select(db.func.count(Feedback.id)))}", "kind": kind, "status": status, "channel": "web",
        "sender_type": "person", "title": "", "body": "", "received_at": at, "desk_unit_id": scene.units[desk].id,
        "answered_at": answered, "closed_at": end, "accused_unit_id": accused,
    }  # fmt: skip
    id_ = db.session.execute(insert(Feedback).values(**values)).inserted_primary_key[0]
    if unit is not None:
        row = {
            "kind": "feedback", "duty": "answer", "title": "", "unit_id": scene.units[unit].id, "state": duty, "round": 1, "hops": 0,
            "due_sort": NO_DATE, "opened_at": at, "opened_on": at.date(), "feedback_id": id_,
        }  # fmt: skip
        db.session.execute(insert(Assignment.__table__).values(**row))
    return db.session.get(Feedback, id_)


def at_random(scene, random, number):
    for _ in range(number):
        status = random.choice(list(Status))
        put(
            scene,
            desk=random.choice([0, 4]),
            unit=random.choice([None, 1, 2, 3, 5]),
            kind=random.choice(list(Kind)),
            status=status,
            day=random.randrange(-200, 300),
            ended=None if status in OPEN else random.randrange(200),
            duty=random.choice(["taken", "done", "returned", "cancelled"]),
        )


@pytest.fixture
def scene(app):
    return make_scene()


def table(scene, *, span=HALF, unit=None, reader=None):
    return petitions.tables(Asked(span, reader.reach if reader is not None else SITE, unit))


@pytest.mark.parametrize("seed", range(3))
def test_what_came_equals_what_went_in_each_row_and_every_number_is_the_length_of_its_list(scene, seed):
    random = Random(seed)
    at_random(scene, random, 120)
    tables = table(scene)
    wholes = {by: petitions.total(rows) for by, rows in tables.items()}
    assert wholes[By.UNIT].counts == wholes[By.KIND].counts == wholes[By.COMPETENCE].counts
    assert wholes[By.UNIT]["total"] > 30
    asked = Asked(HALF, SITE)
    for by, rows in tables.items():
        for row in rows:
            assert row["total"] == sum(row[each] for each in CAME) == sum(row[each] for each in WENT)
        row = random.choice(rows)
        for column in COLUMNS:
            assert len(petitions.items(asked, by, row.key, column)) == row[column]


def test_what_is_in_hand_at_the_end_of_a_period_is_carried_into_the_next(scene):
    at_random(scene, Random(7), 120)
    before = petitions.total(table(scene)[By.UNIT])
    after = petitions.total(table(scene, span=Span(dt.date(2026, 7, 1), dt.date(2026, 12, 31)))[By.UNIT])
    assert before["in_hand"] == after["carried"] > 0


def counts(rows):
    return {name: number for name, number in petitions.total(rows).counts.items() if number}


@pytest.mark.parametrize(
    ("status", "column", "competence"),
    [
        (Status.ANSWERED, "settled", "within"),
        (Status.CLOSED, "settled", "within"),
        (Status.GUIDED, "guided", "outside"),
        (Status.FORWARDED, "forwarded", "outside"),
        (Status.REFUSED, "refused", "unfit"),
        (Status.FILED, "filed", "unfit"),
        (Status.WITHDRAWN, "withdrawn", "unfit"),
    ],
)
def test_each_end_has_its_column_and_its_competence(scene, status, column, competence):
    put(scene, status=status, day=3, ended=4)
    tables = table(scene)
    assert counts(tables[By.UNIT]) == {"received": 1, "total": 1, column: 1}
    assert [row.key for row in tables[By.COMPETENCE] if row["total"]] == [competence]


def test_what_ended_before_the_period_or_came_after_it_is_not_there(scene):
    put(scene, status=Status.ANSWERED, day=-20, ended=5)
    put(scene, day=181)
    put(scene, status=Status.MERGED, day=3)
    put(scene, status=Status.SPLIT, day=3)
    assert counts(table(scene)[By.UNIT]) == {}


def test_the_edges_of_a_period_are_days_of_vietnam(scene):
    put(scene, day=-1)  # 31/12, 08:00
    put(scene, status=Status.ANSWERED, day=180, ended=0)  # 30/6, the last day
    put(scene, status=Status.ANSWERED, day=180, ended=1)  # answered on 1/7
    found = counts(table(scene)[By.UNIT])
    assert found == {"carried": 1, "received": 2, "total": 3, "settled": 1, "in_hand": 2}


def test_an_item_counts_for_who_answers_it_and_else_for_the_desk(scene):
    put(scene, desk=0)
    put(scene, desk=0, unit=1, status=Status.IN_HAND)
    put(scene, desk=0, unit=3, status=Status.IN_HAND, duty="returned")
    found = {row.thing.name: row["total"] for row in table(scene)[By.UNIT]}
    assert found == {"UBND tỉnh": 2, "Sở Xây dựng": 1}
    assert petitions.total(table(scene, unit=scene.units[1])[By.UNIT])["total"] == 1


def test_a_head_counts_what_is_below_and_nobody_counts_what_accuses_them(scene):
    put(scene, unit=2, status=Status.IN_HAND)
    put(scene, unit=3, status=Status.IN_HAND)
    put(scene, unit=2, status=Status.IN_HAND, accused=scene.departments.unit_id)
    assert petitions.total(table(scene, reader=scene.departments)[By.UNIT])["total"] == 1
    assert petitions.total(table(scene, reader=scene.reader)[By.UNIT])["total"] == 3


def test_the_page_shows_sums_that_open_their_items_and_no_denunciation_but_the_totals(scene, client, monkeypatch):
    monkeypatch.setattr("app.clock.today", lambda: dt.date(2026, 5, 1))
    monkeypatch.setattr(figures_sealed, "received", lambda _today: [(HALF, 7)])
    monkeypatch.setattr(figures_sealed, "timeliness", lambda _reach, _today: None)
    item = put(scene, unit=1, status=Status.IN_HAND, day=2)
    sign_in(client, scene.reader)
    page = client.get("/can-bo/bao-cao/bieu-don?ky=nua-nam").text
    assert "Chưa đối chiếu bản gốc" in page
    assert '<td class="n" data-l="Tiếp nhận">7</td>' in page
    assert "Xử lý ban đầu" not in page
    listed = client.get("/can-bo/bao-cao/bieu-don/danh-sach?ky=nua-nam&cot=in_hand&theo=loai&dong=report").text
    assert item.code in listed
    sheet = client.get("/can-bo/bao-cao/bieu-don.xlsx?ky=nam")
    assert sheet.mimetype == workbook.MEDIA_TYPE


def test_the_front_of_the_province_reads_how_timely_denunciations_were(scene, client, monkeypatch):
    monkeypatch.setattr("app.clock.today", lambda: dt.date(2026, 5, 1))
    monkeypatch.setattr(figures_sealed, "received", lambda _today: [(HALF, 7)])
    monkeypatch.setattr(figures_sealed, "timeliness", lambda _reach, _today: [Timeliness(HALF, 7, 4, 2, 1, 0)])
    sign_in(client, scene.reader)
    page = client.get("/can-bo/bao-cao/bieu-don").text
    assert [f'data-l="{word}">{number}</td>' in page for word, number in (("Đúng hạn", 4), ("Quá hạn", 2), ("Chưa đến hạn", 1))] == [
        True
    ] * 3


@pytest.mark.parametrize(
    "address", ["?cot=x", "?cot=total&theo=loai&dong=tố cáo", "?cot=total&theo=don-vi&dong=khong-co", "?cot=total&theo=tham-quyen"]
)
def test_an_odd_address_of_a_list_is_not_found(scene, client, address):
    sign_in(client, scene.reader)
    assert client.get(f"/can-bo/bao-cao/bieu-don/danh-sach{address}").status_code == 404


def test_odd_periods_and_pages_open_something(scene, client):
    sign_in(client, scene.reader)
    for address in (
        "bieu-don?ky=x&thuoc=khong-co",
        "bieu-don/danh-sach?cot=total&sau=99999999999999999999",
        "bieu-don/danh-sach?cot=total&sau=-1",
    ):
        assert client.get(f"/can-bo/bao-cao/{address}").status_code == 200


def test_whoever_neither_reports_nor_reads_the_register_has_no_tables(scene, client):
    sign_in(client, make_user(unit=make_unit(), roles=[Role.OFFICER]))
    assert client.get("/can-bo/bao-cao/bieu-don").status_code == 403


def test_numbers_of_a_sheet_are_numbers_and_no_formula_gets_in():
    assert workbook.number_or_text("12") == 12
    assert workbook.number_or_text("=1+1") == "=1+1"
    assert workbook.number_or_text("3/4 (75 %)") == "3/4 (75 %)"
