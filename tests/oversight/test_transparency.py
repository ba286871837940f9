"""What everyone reads of figures: the same numbers as everywhere, what is of few hidden, nothing left with who looks."""

from __future__ import annotations

import datetime as dt
import random
import re

import pytest
from bs4 import BeautifulSoup

from app import clock, settings
from app.access import SYSTEM
from app.assignments.models import Assignment
from app.assignments.rules import Duty
from app.clock import LOCAL
from app.database import db
from dialogues.duties import Span
from feedback.sealed.quotes import MARK
from oversight import jobs
from oversight.figures import SITE, Dimension, figures, suppression
from oversight.public import transparency
from oversight.register import Cut
from oversight.rules.suppression import PERIODS, Period
from tests.oversight import cases
from tests.oversight.cases import FIRST, Case, make_scene

#: In the middle of a month, a year and a half after the first case.
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=LOCAL)
Q3 = Period(7, 9)


@pytest.fixture
def scene(app, monkeypatch):
    """A province with promises of all sorts."""
    made = make_scene()
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(clock, "today", NOW.date)
    return made


@pytest.fixture
def many(scene):
    cases.write(scene, cases.at_random(random.Random(7), 250))
    return scene


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return BeautifulSoup(answer.data, "html.parser")


def answered(scene, number, *, unit=1, opened=280, closed=6, **over):
    cases.write(scene, [Case(unit=unit, opened=opened, closed=closed, state="done", **over)] * number)


# --- the numbers -------------------------------------------------------------------------------------------------------


def test_of_all_units_the_numbers_are_those_of_the_figures(many):
    found = {(line.duty, line.source, line.period): line for line in suppression.lines(NOW.date(), least=1) if not line.unit}
    names = ["made", "closed", "due", "met", "rated", "median_days", "rating_mean"]
    for duty in Duty:
        for source in ("feedback", "conclusion"):
            for each in (Q3, Period(1, 6), Period(4, 4)):
                cut, span = Cut(view="all", duty=duty, source=source), suppression.span_of(2026, each)
                of = figures(names, cut=cut, span=span, today=NOW.date(), reach=SITE)[0].figures
                line = found[duty, source, suppression.code_of(2026, each)]
                said = (line.opened, line.done, line.due, line.on_time, line.rated, line.median_days)
                assert said == tuple(of[name].value for name in names[:-1])
                assert line.rating_mean == (None if of["rating_mean"].value is None else round(of["rating_mean"].value, 1))


def test_a_unit_counts_with_its_divisions_and_the_parts_are_the_whole(many):
    rows = [line for line in suppression.lines(NOW.date(), least=1) if line.period == "2026-Q3" and line.duty == "answer"]
    units = {line.unit for line in rows if line.unit}
    assert units == {many.units[at].code for at in (0, 1, 3, 4, 5)}  # the division and the office are in their own
    for source in ("feedback", "conclusion"):
        of_source = [line for line in rows if line.source == source]
        assert sum(line.opened for line in of_source if line.unit) == next(line.opened for line in of_source if not line.unit)
    cut, span = Cut(view="all", duty="answer", source="feedback"), suppression.span_of(2026, Q3)
    below = figures(["made"], by=Dimension.UNIT_BELOW, cut=cut, span=span, today=NOW.date(), reach=SITE)
    works = next(row for row in below if row.key == many.units[1].id)
    assert next(line.opened for line in rows if (line.unit, line.source) == (many.units[1].code, "feedback")) == works["made"].value


def test_only_months_that_are_over_are_told(many):
    periods = {line.period for line in suppression.lines(NOW.date(), least=1)}
    assert {"2026-10", "2026-Q3", "2026-H1", "2025"} <= periods
    assert not {"2026-11", "2026-12", "2026-Q4", "2026-H2", "2026"} & periods


def test_what_is_of_few_is_hidden_and_so_is_what_would_give_it_away(scene):
    answered(scene, 3, unit=1, opened=280)  # in July
    answered(scene, 9, unit=3, opened=280)
    answered(scene, 30, unit=4, opened=280)
    july = {line.unit: line for line in suppression.lines(NOW.date(), least=5) if line.period == "2026-07"}
    works, health, ward = (july[scene.units[at].code] for at in (1, 3, 4))

    assert (works.opened, works.done, works.median_days) == (None, None, None)
    assert {"opened", "done", "median_days", "due", "on_time"} <= set(works.hidden)
    assert health.opened is None  # else 42 - 30 - 9
    assert (ward.opened, ward.on_time, ward.median_days) == (30, 30, 4)
    assert (july[""].opened, july[""].done) == (42, 42)


def test_no_mark_is_told_of_few_answers(scene):
    answered(scene, 10, marks=())
    answered(scene, 3, marks=(1,))
    whole = next(line for line in suppression.lines(NOW.date(), least=5) if line.period == "2026-07" and not line.unit)
    assert (whole.opened, whole.rated, whole.rating_mean) == (13, None, None)
    assert {"rated", "rating_mean"} <= set(whole.hidden)


def test_no_hidden_number_of_a_random_province_is_the_rest_of_what_is_shown(many):
    """Row by row and column by column, as anybody would do with a pencil."""
    lines = {(each.duty, each.source, each.unit, each.period): each for each in suppression.lines(NOW.date(), least=5)}
    units = sorted({key[2] for key in lines if key[2]})
    hidden = 0
    for duty, source in {key[:2] for key in lines}:
        for name in ("opened", "done", "due", "on_time", "rated"):
            for period in {key[3] for key in lines}:
                column = [lines.get((duty, source, unit, period)) for unit in ("", *units)]
                unseen = [line for line in column if line and name in line.hidden]
                hidden += len(unseen)
                assert len(unseen) != 1, (duty, source, name, period)
            for unit in ("", *units):
                for whole in (each for each in PERIODS if each.months > 1 and each.last <= 10):
                    length = {3: 1, 6: 3, 12: 6}[whole.months]
                    parts = [each for each in PERIODS if each.months == length and whole.first <= each.first <= whole.last]
                    row = [lines.get((duty, source, unit, suppression.code_of(2026, each))) for each in (whole, *parts)]
                    assert sum(line is not None and name in line.hidden for line in row) != 1, (duty, source, name, unit, whole)
    assert hidden > 50


def test_the_threshold_is_the_administrators(scene):
    answered(scene, 6)
    settings.change("public_least", 10, actor=SYSTEM, now=NOW)
    assert all(row["opened"] is None for row in transparency.snapshot(NOW).of_period("answer", "feedback", "2026-07"))


# --- the picture of the day --------------------------------------------------------------------------------------------


class Memory(dict):
    """As much of Valkey as keeps the picture."""

    def set(self, key, value, *, ex, nx=False):
        if not (nx and key in self):
            self[key] = value.encode() if isinstance(value, str) else value

    def delete(self, key):
        self.pop(key, None)


@pytest.fixture
def memory(monkeypatch):
    kept = Memory()
    monkeypatch.setattr(transparency.jobs, "queue", type("Queue", (), {"connection": kept}))
    return kept


def test_what_happens_during_the_day_is_told_on_the_next(scene, memory):
    answered(scene, 6)
    jobs.make_public_figures()
    first = transparency.snapshot(NOW)
    answered(scene, 7)
    assert transparency.snapshot(NOW + dt.timedelta(hours=10)).etag == first.etag
    assert transparency.snapshot(NOW + dt.timedelta(days=1)).etag == first.etag  # until the job has made the next one
    tomorrow = transparency.snapshot(NOW + dt.timedelta(days=1), fresh=True)
    assert transparency.snapshot(NOW + dt.timedelta(days=1)).etag == tomorrow.etag
    assert [picture.of_period("answer", "feedback", "2026-07")[0]["opened"] for picture in (first, tomorrow)] == [6, 13]


def test_what_was_sealed_leaves_the_picture_of_the_day_and_no_figure_of_it_changes(scene, memory, monkeypatch):
    answered(scene, 6)
    jobs.make_public_figures()
    first = transparency.snapshot(NOW)
    answered(scene, 7)
    transparency.snapshot(NOW - dt.timedelta(days=1), fresh=True)
    monkeypatch.setattr(transparency, "_promises", lambda _today: [{"text": MARK}])
    jobs.tell_promises_again()
    told = transparency.snapshot(NOW)
    assert told.promises == [{"text": MARK}]
    assert told.data["figures"] == first.data["figures"]
    assert "oversight:public:20261119" not in memory


def test_of_two_that_make_it_at_once_everybody_reads_the_first(scene, memory, monkeypatch):
    answered(scene, 6)
    other = transparency.Snapshot(transparency.make(NOW))
    answered(scene, 7)
    make = transparency.make

    def slow(now):
        made = make(now)
        memory.set("oversight:public:20261120", transparency.zlib.compress(transparency._packed(other.data)), ex=1)
        return made

    monkeypatch.setattr(transparency, "make", slow)
    assert transparency.snapshot(NOW).etag == other.etag


# --- the pages -----------------------------------------------------------------------------------------------------------


def test_the_page_says_what_came_what_was_done_and_how_fast(client, scene):
    answered(scene, 12, unit=1)
    answered(scene, 20, unit=4)
    page = read(client, "/minh-bach?ky=2026-Q3")
    text = re.sub(r"\s+", " ", page.main.text)

    assert "quý 3 năm 2026" in text
    assert "một nửa xong trong 4 ngày làm việc" in text
    row = next(row for row in page.select("tbody tr") if "Sở Xây dựng" in row.text)
    assert [re.sub(r"\s+", " ", cell.text.strip()) for cell in row.select("td")] == ["12", "12", "4", "100% (12/12)"]
    assert row.a["href"] == f"/minh-bach/{scene.units[1].code}"


def test_a_column_that_is_hidden_in_every_row_is_left_out_with_a_word_why(client, scene):
    answered(scene, 12, unit=1, closed=60)
    answered(scene, 20, unit=4, closed=60)
    cases.write(scene, [Case(unit=unit, opened=280, closed=6, state="done") for unit in (1, 4)])
    page = read(client, "/minh-bach?ky=2026-Q3")
    assert [head.text for head in page.select("thead")[0].select("th")] == ["Đơn vị", "Giao", "Xong", "Số ngày"]
    assert "Không có cột Đúng hạn vì ở mọi dòng" in re.sub(r"\s+", " ", page.main.text)


def test_the_page_begins_with_the_longest_period_that_was_over_last(client, scene):
    answered(scene, 9, opened=100)
    answered(scene, 9, opened=180)
    answered(scene, 9, opened=280)
    assert [each.text.strip() for each in read(client, "/minh-bach").select("[aria-current]") if "2026" in each.text] == [
        "6 tháng đầu năm 2026"
    ]


QUERIES = (
    "", "?viec=doi-thoai", "?viec=viec-hua&ky=2025", "?viec=tra-loi-doi-thoai&ky=2026-Q2", "?ky=1999&viec=gi-do", "?ky=2026-10", "?lang=en",
)  # fmt: skip


def test_a_unit_of_too_few_cases_is_named_without_a_row_of_its_own(client, scene):
    answered(scene, 2, unit=1)
    answered(scene, 4, unit=3)
    answered(scene, 40, unit=0)
    page = read(client, "/minh-bach?ky=2026-Q3")
    assert [row.th.text for row in page.select("tbody tr")] == ["UBND tỉnh"]
    assert "Số bị ẩn, thường vì quá ít việc trong kỳ: Sở Xây dựng, Sở Y tế." in re.sub(r"\s+", " ", page.main.text)


@pytest.mark.parametrize("query", QUERIES)
def test_the_page_opens_whatever_is_asked_and_is_small(client, many, query):
    assert len(client.get(f"/minh-bach{query}").data) < 60_000


def test_the_rest_of_what_sessions_promised_is_one_press_away(client, scene, monkeypatch):
    day = transparency.snapshot(NOW)
    each = {"session": "DT-1", "topic": "Chợ", "duty": "act", "unit": "Xã", "text": "Sửa chợ", "due_on": "2026-12-01", "state": "open"}
    day.data["promises"] = [each] * 12
    monkeypatch.setattr(transparency, "snapshot", lambda _now: day)

    link = read(client, "/minh-bach").find("a", string="Xem 2 việc nữa")["href"]

    address, ident = link.split("#")
    assert len(read(client, address).find("section", attrs={"aria-labelledby": ident})("li")) == 12


def test_the_page_opens_when_nothing_ever_came(client, scene):
    assert "Chưa có việc nào" in read(client, "/minh-bach").text
    assert "Chưa có số liệu" in read(client, f"/minh-bach/{scene.units[1].code}").text


def test_a_unit_has_a_page_and_its_division_leads_there(client, many):
    code, division = many.units[1].code, many.units[2].code
    assert "Sở Xây dựng" in read(client, f"/minh-bach/{code}").h1.text
    answer = client.get(f"/minh-bach/{division}")
    assert (answer.status_code, answer.location) == (308, f"/minh-bach/{code}")


NOWHERE = (
    "/minh-bach/khong-co",
    "/minh-bach/khong-co/tin.atom",
    "/minh-bach/khong-co/so-lieu.csv",
    "/nhung/khong-co",
    "/nhung/x.svg",
    "/du-lieu-mo/x.csv",
)


@pytest.mark.parametrize("address", NOWHERE)
def test_what_there_is_not_is_not_found(client, scene, address):
    assert client.get(address).status_code == 404


def test_a_page_is_sent_once(client, many):
    first = client.get("/minh-bach")
    again = client.get("/minh-bach", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_only_the_number_of_denunciations_of_half_years_is_told(client, scene, monkeypatch):
    halves = [(Span(dt.date(2026, 1, 1), dt.date(2026, 6, 30)), 17), (Span(dt.date(2025, 7, 1), dt.date(2025, 12, 31)), 2)]
    monkeypatch.setattr(transparency.figures_sealed, "received", lambda _today, _number: halves)
    part = read(client, "/minh-bach").find("section", attrs={"aria-labelledby": "to-cao"})
    assert [re.sub(r"\s+", " ", each.text) for each in part.select("li")] == ["1/2026 đến 6/2026: 17", "7/2025 đến 12/2025: ẩn"]


# --- the counter ---------------------------------------------------------------------------------------------------------


def test_nothing_received_is_said_once(client, scene):
    part = read(client, "/minh-bach").find("section", attrs={"aria-labelledby": "to-cao"})
    assert part.select("li") == []
    assert "Không nhận tố cáo nào từ 7/2024 đến 6/2026." in part.text


def test_the_picture_names_its_unit_and_its_period(client, scene):
    answered(scene, 12)
    answered(scene, 4, unit=3)
    answered(scene, 9, unit=4)
    said = [BeautifulSoup(client.get(f"/nhung/{code}.svg").data, "xml").title.text for code in (scene.units[1].code, scene.units[3].code)]
    assert said == ["Sở Xây dựng: trả lời đúng hạn 100%, quý 3 năm 2026", "Sở Y tế: quá ít việc để nêu, quý 3 năm 2026"]


@pytest.mark.parametrize("kind", ["", ".svg"])
@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_the_counter_stands_in_any_frame_and_leaves_nothing_behind(client, scene, kind, query):
    answered(scene, 12)
    for code in ("tinh", scene.units[1].code):
        answer = client.get(f"/nhung/{code}{kind}{query}")
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "max-age" in answer.headers["Cache-Control"]
        assert "<script" not in answer.text
        assert "100" in answer.text
    assert "frame-ancestors 'none'" in client.get("/minh-bach").headers["Content-Security-Policy"]


def test_the_counter_hides_what_the_page_hides(client, scene):
    answered(scene, 3)
    page = read(client, f"/nhung/{scene.units[1].code}")
    assert [each.text for each in page.select("dd")] == ["ẩn"] * 3


def test_how_to_embed_names_addresses_that_open(client, many):
    page = read(client, "/minh-bach/nhung")
    found = re.findall(r'src="http://localhost(/[^"]+)"', page.text)
    assert found == ["/nhung/tinh", "/nhung/tinh.svg"]
    assert {client.get(each).status_code for each in [*found, *(link["href"] for link in page.select("main li a"))]} == {200}


def test_the_page_of_a_unit_leads_to_its_own_data_and_its_own_counter(client, many):
    many.units[1].name = 'Sở "Xây dựng"'
    db.session.commit()
    code = many.units[1].code
    links = {link.text: link["href"] for link in read(client, f"/minh-bach/{code}").select("main li a")}

    lines = client.get(links["CSV"]).text.splitlines()[1:]
    rows = client.get(links["JSON"]).json["rows"]
    assert {line.split(",")[0] for line in lines} == {row["unit"] for row in rows} == {code}
    assert len(lines) == len(rows)
    shown = read(client, links["Đặt bảng số liệu lên trang khác"])
    snippets = BeautifulSoup("".join(each.text for each in shown.select("pre")), "html.parser")
    assert [each["src"] for each in snippets.select("[src]")] == [f"http://localhost/nhung/{code}", f"http://localhost/nhung/{code}.svg"]
    assert snippets.iframe["title"] == snippets.img["alt"] == 'Trả lời phản ánh, kiến nghị, Sở "Xây dựng"'
    assert snippets.a["href"] == f"http://localhost/minh-bach/{code}"
    assert "/nhung/tinh" in client.get("/minh-bach/nhung?don-vi=khong-co").text


def test_the_counter_of_all_units_leads_to_the_quarter_that_it_counts(client, many):
    (link,) = read(client, "/nhung/tinh").select("a")
    assert "Tất cả đơn vị, quý 3 năm 2026" in read(client, link["href"].removeprefix("http://localhost")).text


def test_cases_are_where_the_tests_think(scene):
    answered(scene, 1)
    assert db.session.scalar(db.select(Assignment.opened_on)) == FIRST + dt.timedelta(days=280) == dt.date(2026, 7, 8)
