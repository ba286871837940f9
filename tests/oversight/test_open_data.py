"""Open data and feeds: documented, the same as on the page, without a word that is not public and a trace of who reads."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import xml.etree.ElementTree as ET

import pytest
from bs4 import BeautifulSoup

from app import clock
from app.assignments.rules import Duty
from app.calendar.days import ONE_DAY
from app.clock import LOCAL
from app.database import db
from dialogues.models import ConclusionAssignment
from dialogues.rules import PublicForm, Status
from feedback.operations import publishing
from oversight.public import open_data, transparency
from tests.dialogues import builders as sessions
from tests.feedback import builders
from tests.feedback.builders import at
from tests.oversight import cases
from tests.oversight.cases import Case, make_scene

NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=LOCAL)
ATOM = "{http://www.w3.org/2005/Atom}"
ADDRESSES = [f"/du-lieu-mo/{name}.{kind}" for name in open_data.FILES for kind in ("csv", "json")] + ["/du-lieu-mo/datapackage.json"]


@pytest.fixture
def scene(app, monkeypatch):
    """Three answers of one department, nine of another, and a ward with thirty; its name would be a formula."""
    made = make_scene()
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(clock, "today", NOW.date)
    made.units[4].name = "=UBND phường Việt Yên"
    for unit, number in ((1, 3), (3, 9), (4, 30)):
        cases.write(made, [Case(unit=unit, opened=280, closed=6, state="done")] * number)
    return made


def table(client, name):
    return list(csv.DictReader(io.StringIO(client.get(f"/du-lieu-mo/{name}.csv").data.decode("utf-8-sig"))))


def test_a_hidden_number_has_its_mark_in_csv_and_its_name_in_json(client, scene):
    works = scene.units[1].code
    row = next(row for row in table(client, "so-lieu") if (row["unit"], row["period"]) == (works, "2026-07"))
    same = next(row for row in client.get("/du-lieu-mo/so-lieu.json").json["rows"] if (row["unit"], row["period"]) == (works, "2026-07"))

    assert (row["opened"], row["median_days"], row["rated"], row["rating_mean"]) == ("c", "c", "0", "")
    assert (same["opened"], same["rated"], same["rating_mean"]) == (None, 0, None)
    assert {"opened", "median_days"} <= set(same["hidden"])


def test_the_api_answers_the_same_numbers_and_hides_the_same(client, scene):
    file = client.get("/du-lieu-mo/so-lieu.json").json
    assert client.get("/api/v1/statistics").json == file
    code = scene.units[1].code
    found = client.get(f"/api/v1/statistics?unit={code}&period=2026-07").json["rows"]
    assert found == [row for row in file["rows"] if (row["unit"], row["period"]) == (code, "2026-07")]
    assert found[0]["opened"] is None
    assert {row["unit"] for row in client.get("/api/v1/statistics?unit=").json["rows"]} == {""}


def test_the_description_names_every_field_of_every_file_and_nothing_else(client, scene):
    package = client.get("/du-lieu-mo/datapackage.json").json
    assert [each["path"] for each in package["resources"]] == [f"{name}.csv" for name in open_data.FILES]
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    for resource in package["resources"]:
        head = client.get(f"/du-lieu-mo/{resource['path']}").data.decode("utf-8-sig").splitlines()[0]
        assert head.split(",") == [field["name"] for field in resource["schema"]["fields"]]
        assert all(field["description"] for field in resource["schema"]["fields"])
        assert resource["schema"]["missingValues"] == ["", "c"]


def test_every_value_has_the_type_that_is_described(client, scene):
    read = {"integer": int, "number": float, "date": dt.date.fromisoformat, "string": str}
    for resource in client.get("/du-lieu-mo/datapackage.json").json["resources"]:
        types = {field["name"]: read[field["type"]] for field in resource["schema"]["fields"]}
        for row in table(client, resource["name"]):
            for name, value in row.items():
                assert value in {"", "c"} or types[name](value) is not None


def test_a_name_runs_in_no_spreadsheet(client, scene):
    assert "'=UBND phường Việt Yên" in {row["name"] for row in table(client, "don-vi")}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_file_is_kept_sent_once_and_leaves_nothing_behind(client, scene, address):
    first = client.get(f"{address}?lang=en")
    again = client.get(f"{address}?lang=en", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    for answer in (first, again):
        assert "Set-Cookie" not in answer.headers
        assert "max-age" in answer.headers["Cache-Control"]
    assert first.headers["Access-Control-Allow-Origin"] == "*"


def test_the_page_explains_each_field_and_leads_to_each_file(client, scene):
    page = client.get("/du-lieu-mo").text
    for file in open_data.FILES.values():
        assert f"/du-lieu-mo/{file.name}.csv" in page
        assert all(f"<code>{column.name}</code>" in page for column in file.columns)


def test_denunciations_are_told_of_half_years_only(client, scene):
    rows = table(client, "to-cao")
    assert [(row["first"], row["last"]) for row in rows][:2] == [("2026-01-01", "2026-06-30"), ("2025-07-01", "2025-12-31")]
    assert set(rows[0]) == {"first", "last", "received"}
    assert "denunciation" not in client.get("/du-lieu-mo/so-lieu.csv").text


# --- words: those of the public pages ---------------------------------------------------------------------------------


@pytest.fixture
def province(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: builders.MONDAY)
    return builders.make_province()


@pytest.fixture
def held(province):
    """A session whose result is out: a promise everyone may read, and one nobody agreed to have read."""
    session = sessions.session_at(province, province.officer, Status.PUBLISHED)
    day = at(40).date()
    for title, told in (("Bà Trần Thị Hoa nhờ nạo vét rãnh", "Nạo vét rãnh trước cổng chợ"), ("Bí mật của ông Ba", None)):
        row = ConclusionAssignment(
            session=session, unit=province.works, title=title, public_title=told, duty=Duty.ACT, due_on=day, first_due_on=day,
            public_form=PublicForm.SITE, state="taken", opened_at=at(30),
        )  # fmt: skip
        db.session.add(row)
    db.session.commit()
    return session


def test_of_promises_only_the_public_words_are_told_each_with_its_state(client, held, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(50))
    rows = table(client, "hua-tai-doi-thoai")
    assert [(row["session"], row["text"], row["state"]) for row in rows] == [
        (held.code, "Nạo vét rãnh trước cổng chợ", "late"),
        (held.code, "", "late"),
    ]
    everything = "".join(client.get(f"/du-lieu-mo/{name}.json").text for name in open_data.FILES) + client.get("/minh-bach").text
    assert "Nạo vét rãnh" in everything
    assert "Trần Thị Hoa" not in everything
    assert "ông Ba" not in everything


def test_a_question_to_answer_stands_apart_from_what_is_to_be_done(client, held, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(50))
    page = BeautifulSoup(client.get("/minh-bach").data, "html.parser")
    assert [each.text for each in page.select("h2") if "đối thoại" in each.text] == ["Việc hứa làm tại các buổi đối thoại"]
    row = next(each for each in page.select("li") if "Nạo vét rãnh" in each.text)
    assert "hạn " in row.text
    assert "quá hạn, chưa xong" in row.text


def test_what_is_promised_at_a_session_whose_result_is_not_out_is_not_told(client, held):
    held.status = Status.CONCLUDED
    db.session.commit()
    assert table(client, "hua-tai-doi-thoai") == []


def titles(client, address):
    root = ET.fromstring(client.get(address).data)  # noqa: S314 - our own
    return [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]


def test_the_feed_tells_what_was_answered_promised_late_and_done(client, province, held, monkeypatch):
    item = builders.answered(province)
    item.publish_consent = True
    publishing.publish(item, title="Đèn đường tắt", text="Đèn tắt.", reply="Sẽ thay.", actor=province.clerk, now=at(45))
    unpublished = builders.answered(province)
    db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: at(50))
    monkeypatch.setattr(clock, "today", lambda: at(50).date())

    said = titles(client, "/minh-bach/tin.atom")
    assert "Đã trả lời: Đèn đường tắt" in said
    assert "Quá hạn, chưa xong: Nạo vét rãnh trước cổng chợ" in said
    assert unpublished.title not in "".join(said)
    assert titles(client, f"/minh-bach/{province.works.code}/tin.atom") == said
    assert titles(client, f"/minh-bach/{province.health.code}/tin.atom") == []

    row = db.session.scalars(db.select(ConclusionAssignment).where(ConclusionAssignment.public_title.is_not(None))).one()
    row.state, row.closed_at = "done", at(48)
    db.session.commit()
    said = titles(client, "/minh-bach/tin.atom")
    assert "Đã làm xong: Nạo vét rãnh trước cổng chợ" in said
    assert "Quá hạn, chưa xong: Nạo vét rãnh trước cổng chợ" not in said


def test_a_feed_without_news_is_the_same_all_day(client, scene, monkeypatch):
    first = client.get("/minh-bach/tin.atom")
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=3))
    assert client.get("/minh-bach/tin.atom").data == first.data
    assert "Set-Cookie" not in first.headers


def test_what_became_late_long_ago_is_no_news(client, held, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(40 + 200))
    assert titles(client, "/minh-bach/tin.atom") == []


def test_the_picture_holds_no_more_than_is_described(scene):
    data = transparency.make(NOW)
    assert set(data) == {"day", "until", "least", "units", "figures", "promises", "denunciations"}
    assert {key for row in data["figures"] for key in row} == {column.name for column in open_data.FIGURES.columns} | {"hidden"}
    assert json.loads(json.dumps(data)) == transparency.Snapshot(data).data
    assert data["until"] == (NOW.date().replace(day=1) - ONE_DAY).isoformat()
