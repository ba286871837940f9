"""The pages of figures: what they show is what the register holds, for whom, and at whatever address."""

from __future__ import annotations

import datetime as dt
import random
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from app import clock
from app.assignments.models import Assignment
from app.assignments.rules import Duty, State
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from dialogues.duties import Span
from dialogues.operations import duties
from oversight import register
from oversight.figures import league, periods
from oversight.register import cuts
from tests.factories import make_user, sign_in
from tests.oversight import cases
from tests.oversight.cases import FIRST, Case, make_scene

PAGES = ("/can-bo/so-lieu", "/can-bo/so-lieu/theo-thang", "/can-bo/xep-hang", "/can-bo/ban-do")
every_page = pytest.mark.parametrize("page", PAGES)


@pytest.fixture
def scene(app, monkeypatch):
    """A province with promises of all sorts, a year and a half after the first of them."""
    made = make_scene()
    made.units[1].name = made.units[1].short_name = 'Sở <script> & "Xây dựng"'
    cases.write(made, cases.at_random(random.Random(4), 150))
    monkeypatch.setattr(clock, "today", lambda: FIRST + dt.timedelta(days=380))
    return made


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def cell(text):
    return re.sub(r"\s+", " ", text).strip()


@every_page
def test_a_page_opens_for_who_reads_the_register_and_for_nobody_else(client, scene, page):
    sign_in(client, scene.reader)
    assert client.get(page).status_code == 200

    sign_in(client, make_user(roles=[Role.OFFICER]))
    assert client.get(page).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/can-bo/so-lieu?het=1",
        "/can-bo/so-lieu?viec=act&ky=nam&cap=commune&het=1",
        "/can-bo/so-lieu/theo-thang?het=1",
        "/can-bo/so-lieu/theo-thang?so=qua-han",
        "/can-bo/xep-hang?so=thuong-mat",
        "/can-bo/xep-hang?so=mo-lai&viec=act",
        "/can-bo/ban-do?so=so-lan-chuyen",
        "/can-bo/ban-do?so=dang-lam&ky=quy-truoc",
    ],
)
def test_every_number_opens_as_many_cases_as_it_says(client, scene, address):
    sign_in(client, scene.reader)
    links = [(re.fullmatch(r"(\d+)(?: việc)?", cell(link.text)), link["href"]) for link in read(client, address).select("td a")]

    assert links
    for said, href in links[::3]:  # that each figure has its own cut is tested where they are counted
        cut = cuts.cut_of(dict(parse_qsl(urlsplit(href).query)))
        wanted = register.narrowed(select(func.count()).select_from(Assignment), cut, clock.today(), scene.reader.reach).where(
            register.in_view(cut.view, clock.today())
        )
        assert db.session.scalar(wanted) == int(said[1]), href


def test_the_numbers_in_a_picture_are_the_numbers_in_its_table(client, scene):
    sign_in(client, scene.reader)
    page = read(client, "/can-bo/so-lieu")

    for ident in ("qua-han", "tuoi"):
        part = page.find("section", attrs={"aria-labelledby": ident})
        drawn = [text.text for text in part.select("svg[role=img] text.h")]
        written = [cell(row.select_one("td").text) for row in part.select("tbody tr")]
        assert drawn == written
        assert drawn
    months = page.find("section", attrs={"aria-labelledby": "dung-han"})
    drawn = [text.text for text in months.select("svg[role=img] text.halo")]
    written = [cell(row.select_one("td").text).split(" ")[0] for row in months.select("tbody tr")]
    assert drawn == [each for each in written[::3] if each != "–"]


def test_a_square_and_a_tile_carry_the_numbers_of_the_table(client, scene):
    sign_in(client, scene.reader)
    months = read(client, "/can-bo/so-lieu/theo-thang?so=dang-lam")
    tiles = read(client, "/can-bo/ban-do?so=dang-lam")

    squares = [text.text for text in months.select("svg[role=img] text") if text.get("class", [""])[-1] in {"d", "x0", "x1", "x2", "x3"}]
    table = [cell(each.text) for each in months.select("tbody td")]
    assert squares[-len(table) :] == table
    wide = tiles.select_one("svg.fig-wide")
    drawn = sorted(text.text for text in wide.select("text.h"))
    assert drawn == sorted(cell(each.text) for each in tiles.select("tbody td"))
    assert drawn == sorted(text.text for text in tiles.select("svg.fig-narrow text.h"))


def test_a_square_of_few_cases_has_a_star_and_the_legend_says_what_it_is(client, scene):
    sign_in(client, scene.reader)
    page = read(client, "/can-bo/so-lieu/theo-thang")
    counts = read(client, "/can-bo/so-lieu/theo-thang?so=dang-lam")
    table = [cell(each.text) for each in page.select("tbody td")]
    drawn = [text.text for text in page.select("svg[role=img] text") if text.get("class", [""])[-1] in {"d", "x0", "x1", "x2", "x3"}]

    numbers = [each for each in drawn if each != "*"][-len(table) :]
    few = [written for written in table if (of := re.search(r"/(\d+)\)$", written)) and int(of[1]) < league.least()]

    assert numbers == [written.split("%")[0] for written in table]
    assert drawn.count("*") == len(few) > 0
    assert "Dấu * là dưới" in page.text
    assert "*" not in counts.select_one("main").text


@every_page
def test_every_picture_is_named_by_ids_that_are_there_once_and_a_name_is_never_markup(client, scene, page):
    sign_in(client, scene.reader)
    found = read(client, f"{page}?cap=province")
    ids = [each["id"] for each in found.select("[id]")]

    pictures = found.select("svg[role=img]")

    assert len(ids) == len(set(ids))
    assert all(set(each["aria-labelledby"].split()) <= set(ids) for each in pictures)
    assert not [each for each in found.find_all("script") if not each.get("src")]
    assert all(each.find_next("table") for each in pictures)


def test_a_table_and_its_picture_keep_to_what_the_reader_may_see(client, scene):
    sign_in(client, scene.commune)
    overview, tiles = read(client, "/can-bo/so-lieu?het=1"), read(client, "/can-bo/ban-do")

    section = overview.find("section", attrs={"aria-labelledby": "dong-deu"})
    assert {cell(head.text) for head in section.select("tbody th")} == {"phường Việt Yên"}
    assert {title.text.split(":")[0] for title in tiles.select("g > title")} == {"phường Việt Yên"}
    assert len(read_all(client, scene)) == 2


def read_all(client, scene):
    """Return what MTTQ of the province sees as tiles."""
    sign_in(client, scene.reader)
    return read(client, "/can-bo/ban-do").select("svg.fig-wide g > title")


def test_duties_to_answer_and_to_act_are_never_counted_together(client, app):
    scene = make_scene()
    cases.write(scene, [Case(unit=1, opened=0), Case(unit=1, opened=0), Case(unit=1, opened=0, duty=Duty.ACT)])
    sign_in(client, scene.reader)

    numbers = [
        cell(read(client, f"/can-bo/so-lieu{query}").select_one("[aria-labelledby=qua-han] tbody td").text)
        for query in ("", "?viec=answer", "?viec=act", "?viec=all")
    ]

    assert numbers == ["2", "2", "1", "2"]


def test_the_league_compares_like_with_like_marks_small_numbers_and_lets_equals_share_a_rank(client, app):
    scene = make_scene()
    kept = [Case(unit=unit, closed=5, state=State.DONE) for unit in (4, 5) for _ in range(12)]
    cases.write(scene, [*kept, *(Case(unit=3, closed=30, state=State.DONE) for _ in range(12)), Case(unit=1, closed=1, state=State.DONE)])
    sign_in(client, scene.reader)

    page = read(client, f"/can-bo/xep-hang?ky={'nam-truoc' if clock.today().year == FIRST.year + 1 else '12-thang'}")

    tables = {
        part.h2.text: [(cell(row.td.text), cell(row.th.text), cell(row.select("td")[-1].text)) for row in part.select("tbody tr")]
        for part in page.select("section")
    }
    assert tables["Ủy ban nhân dân, cấp xã"] == [
        ("1=", "UBND phường Kinh Bắc", "100% (12/12)"),
        ("1=", "UBND phường Việt Yên", "100% (12/12)"),
    ]
    assert tables["Sở, ban, ngành, phòng, cấp tỉnh"] == [("1", "Sở Y tế", "0% (0/12)"), ("–", "Sở Xây dựng", "100% (1/1)")]
    assert tables["Ủy ban nhân dân, cấp tỉnh"][0][0] == "–"


@pytest.mark.parametrize(
    "query",
    ["ky=khong-co&so=khong-co&viec=x&cap=x&don-vi=khong-co&noi=%00&het=khong", "noi=khong&linh-vuc=khong&ky=&don-vi=&so=" + "x" * 5000],
)
@every_page
def test_odd_addresses_open_a_page(client, scene, page, query):
    sign_in(client, scene.reader)

    assert client.get(f"{page}?{query}").status_code == 200


def test_a_choice_stays_on_the_way_to_the_next_page_and_what_is_meant_anyway_is_not_said(client, scene):
    sign_in(client, scene.reader)
    page = read(client, f"/can-bo/ban-do?viec=act&ky=quy&cap=commune&so=qua-han&noi={scene.places[0].code}")

    link = next(each["href"] for each in page.select("dl.filters a") if each.text == "Xếp hạng")
    default = next(each["href"] for each in page.select("dl.filters a") if each.text == "trả lời")

    assert dict(parse_qsl(urlsplit(link).query)) == {
        "viec": "act", "ky": "quy", "cap": "commune", "so": "qua-han", "noi": scene.places[0].code,
    }  # fmt: skip
    assert "viec" not in default
    assert page.select_one("#so option[selected]")["value"] == "qua-han"


def test_without_cases_the_pages_say_so_and_draw_nothing(client, app):
    sign_in(client, make_user(roles=[(Role.FRONT, None)]))

    page = read(client, "/can-bo/so-lieu")

    assert not page.select("svg[role=img]")
    assert "Không đơn vị nào có việc quá hạn." in page.text


def test_meetings_owed_are_told_by_duty_and_level_and_each_number_opens_as_many_rows_of_the_board(client, scene, monkeypatch):
    duties.load_shipped(now=dt.datetime(2024, 1, 1, tzinfo=LOCAL))
    monkeypatch.setattr(clock, "today", lambda: dt.date(2027, 3, 1))
    sign_in(client, scene.reader)
    for query in ("ky=nam-truoc", f"ky=nam-truoc&don-vi={scene.units[4].code}"):
        part = read(client, f"/can-bo/so-lieu?{query}").find("section", attrs={"aria-labelledby": "gap-dan"})
        links = part.select("td a")

        assert links
        for link in links:
            assert len(read(client, link["href"]).select("tbody tr")) == int(link.text), link["href"]
        named = part.select("p.measure a")
        assert scene.units[4].name in {cell(each.text) for each in named}
        assert named[0].text in read(client, named[0]["href"]).select_one("tbody").text


def test_no_field_owes_a_meeting(client, scene):
    duties.load_shipped(now=dt.datetime(2024, 1, 1, tzinfo=LOCAL))
    sign_in(client, scene.reader)
    found = [read(client, f"/can-bo/so-lieu{query}").find(id="gap-dan") for query in ("", f"?noi={scene.places[0].code}")]

    assert found[0] is not None
    assert found[1] is None


def test_what_was_promised_each_month_is_told_with_what_is_kept_of_it(client, scene):
    sign_in(client, scene.reader)
    part = read(client, "/can-bo/so-lieu").find("section", attrs={"aria-labelledby": "da-xong"})
    rows = [[cell(each.text) for each in row.select("td")] for row in part.select("tbody tr")]

    assert len(rows) == 13
    assert all(share.endswith(f"({kept}/{made})") for share, made, kept in rows if made != "0")


# --- the periods -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "today", "first", "last"),
    [
        ("12-thang", "2026-11-23", "2025-11-24", "2026-11-23"),
        ("12-thang", "2028-02-29", "2027-03-01", "2028-02-29"),
        ("khong-co", "2026-11-23", "2025-11-24", "2026-11-23"),
        ("quy", "2026-11-23", "2026-10-01", "2026-12-31"),
        ("quy-truoc", "2026-01-01", "2025-10-01", "2025-12-31"),
        ("nua-nam", "2026-06-30", "2026-01-01", "2026-06-30"),
        ("nam", "2026-02-10", "2026-01-01", "2026-12-31"),
        ("nam-truoc", "2026-02-10", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_period_by_its_name(code, today, first, last):
    assert periods.span_of(code, dt.date.fromisoformat(today)) == Span(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def test_thirteen_months_end_with_the_present_one():
    assert periods.last_months(dt.date(2026, 3, 31)) == Span(dt.date(2025, 3, 1), dt.date(2026, 3, 31))


# --- what a sentence says ---------------------------------------------------------------------------------------------------


@pytest.fixture
def said(app, client, monkeypatch):
    """Return what the page says under a title, of cases of its own."""
    made = make_scene()
    monkeypatch.setattr(clock, "today", lambda: FIRST + dt.timedelta(days=380))
    sign_in(client, made.reader)

    def of(ident, *rows):
        cases.write(made, rows)
        part = read(client, "/can-bo/so-lieu").find("section", attrs={"aria-labelledby": ident})
        return cell(part.text)

    return of


def test_a_sentence_speaks_of_nobody_who_did_a_few(said):
    many = [Case(unit=1, opened=280, closed=6, state="done")] * 10
    text = said("cho-don-vi", *many, Case(unit=3, opened=280, closed=60, state="done"))
    assert "Lâu nhất, tính những nơi đã xong từ 10 việc: Sở Xây dựng" in text


def test_all_that_are_equal_are_named(said):
    text = said("qua-han", *[Case(unit=unit, opened=280, due=20) for unit in (1, 3)])
    assert "nhiều nhất là Sở Xây dựng, Sở Y tế, 1 việc" in text


def test_the_month_that_is_not_over_says_so_and_no_sentence_speaks_of_it(said):
    today = FIRST + dt.timedelta(days=380)
    text = said("dung-han", *[Case(unit=1, opened=opened, closed=2, due=5, state="done") for opened in (330, 370)])
    assert f"tháng {today.month}/{today.year}, chưa hết" in text
    assert f"Tháng {today.month}/{today.year}:" not in text
