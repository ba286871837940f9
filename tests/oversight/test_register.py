"""MTTQ reads the register: what it sees, what it may not, and the spreadsheet."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event

from app import clock, settings
from app.access import SENDER, SYSTEM
from app.accounts.models import Delegation, Grant
from app.assignments import operations as promises
from app.assignments.models import Assignment
from app.database import db
from app.permissions import Role
from feedback.models import RoutingRule
from feedback.operations import intake, papers
from oversight import letters
from tests.factories import LONG_AGO, make_place, make_unit, make_user, sign_in
from tests.feedback import builders


@pytest.fixture
def register(app):
    """Two communes with one item each."""
    desk = make_unit(name="Ban Tiếp công dân tỉnh", is_reception=True)
    db.session.add(RoutingRule(position=1, name="Về xã, phường", to_place=True, direct=True))
    for name, value in {"desk_unit_id": desk.id, "code_prefix": "BN"}.items():
        settings.change(name, value, actor=SYSTEM, now=clock.now())
    units = {}
    for name in ("Việt Yên", "Kinh Bắc"):
        place = make_place(name=name)
        units[name] = make_unit(name=f"UBND phường {name}", kind="government", level="commune", place_id=place.id)
        intake.submit(
            intake.Submission(
                kind="report", body=f"=Đường hỏng ở {name}", token=name, place_id=place.id, external_refs=(("dvcqg", f"PAKN.{name}"),)
            ),
            actor=SENDER,
            now=clock.now(),
        )
    db.session.commit()
    return units


def test_mttq_of_the_province_sees_every_commune(client, register):
    sign_in(client, make_user(roles=[(Role.FRONT, None)]))

    page = client.get("/can-bo/viec-da-cam-ket").text

    assert "Đường hỏng ở Việt Yên" in page
    assert "Đường hỏng ở Kinh Bắc" in page


def test_mttq_of_one_commune_sees_only_its_own(client, register):
    sign_in(client, make_user(roles=[(Role.FRONT, register["Việt Yên"])]))

    page = client.get("/can-bo/viec-da-cam-ket").text

    assert "Đường hỏng ở Việt Yên" in page
    assert "Đường hỏng ở Kinh Bắc" not in page


def test_an_officer_may_not_open_the_register(client, register):
    sign_in(client, make_user(roles=[Role.OFFICER]))

    assert client.get("/can-bo/viec-da-cam-ket").status_code == 403


@pytest.mark.parametrize("page", ["viec-da-cam-ket", "viec-da-cam-ket/buc-tranh"])
@pytest.mark.parametrize(
    "query",
    [
        "xem=late", "viec=act", "don-vi=khong-co", "after=tampered", "xem=nonsense", "noi=%00", "after=" + "x" * 5000,
        "tre-tu=999999999999&tre-den=-1", "tuoi=0-5&tre-tu=²", "dem=made&tu=2026-02-30&den=x", "dem=made&tu=2026-02-01&den=2026-03-01",
        "cot=khong-co&xep=khong", "cot=tre,tuoi&cot=so-khac&xep=late&xem=done", "buoi=khong&noi=khong&linh-vuc=khong", "nguon=any&cap=x",
    ],
)  # fmt: skip
def test_odd_addresses_open_a_page(client, register, query, page):
    sign_in(client, make_user(roles=[(Role.FRONT, None)]))

    assert client.get(f"/can-bo/{page}?{query}").status_code == 200


def test_one_promise_opens_with_its_history_and_a_foreign_one_does_not(client, register):
    sign_in(client, make_user(roles=[(Role.FRONT, register["Việt Yên"])]))
    ids = {row.unit_id: row.id for row in db.session.scalars(db.select(Assignment))}

    mine = client.get(f"/can-bo/viec-da-cam-ket/{ids[register['Việt Yên'].id]}")
    other = client.get(f"/can-bo/viec-da-cam-ket/{ids[register['Kinh Bắc'].id]}")

    assert "giao việc" in mine.text
    assert other.status_code == 404


# --- what stands behind a promise --------------------------------------------------------------------------------------


@pytest.fixture
def promised(app):
    """An answer that promised work, in a matter whose title names somebody."""
    province = builders.make_province()
    feedback = builders.taken(province, body="Bà Trần Thị Hoa phản ánh đèn tắt.")
    paper = builders.signed_reply(province, feedback, builders.at(1), [builders.promised(builders.at(20).date())])
    papers.enter_number(paper, number="128/SXD-HT", numbered_on=builders.at(1).date(), actor=province.records, now=builders.at(1))
    db.session.commit()
    return province, feedback


def test_a_promise_says_of_which_matter_and_answer_it_is_and_leads_there(client, promised):
    province, feedback = promised
    act = next(each for each in feedback.assignments if each.duty == "act")
    sign_in(client, province.front_reader)

    listed, page = client.get("/can-bo/viec-da-cam-ket?xem=all").text, client.get(f"/can-bo/viec-da-cam-ket/{act.id}").text

    for text in (listed, page):
        assert "Thay đèn" in text
        assert "Bà Trần Thị Hoa phản ánh đèn tắt" in text, "who may open the item reads its title"
        assert "ăn bản trả lời số 128/SXD-HT, ngày 4/8/2026" in text
    assert f'href="/can-bo/y-kien/{feedback.code}"' in page
    assert f'href="/can-bo/y-kien/{feedback.code}/van-ban/{feedback.papers[0].id}"' in page


def test_the_day_of_a_line_is_said_once(client, promised):
    sign_in(client, promised[0].front_reader)
    due = next(each.due_on for each in promised[1].assignments if each.duty == "act")

    rows = BeautifulSoup(client.get("/can-bo/viec-da-cam-ket?xem=all&viec=act").text, "html.parser").select(".work tbody tr")

    assert [row.select_one("td.fit").text.count(f"{due.day}/{due.month}") for row in rows] == [1]


def test_the_row_of_the_other_duty_keeps_its_numbers_and_leads_to_its_list(client, promised):
    sign_in(client, promised[0].front_reader)

    def numbers(page):
        return [[cell.text for cell in row.select("td")] for row in page.select("table:has(#dem) tbody tr")]

    both, acts = (BeautifulSoup(client.get(f"/can-bo/viec-da-cam-ket?xem=all{query}").text, "html.parser") for query in ("", "&viec=act"))
    other = acts.select("table:has(#dem) tbody tr")[0].select("a")[-1]["href"]

    assert numbers(acts) == numbers(both)
    assert all(any(number != "0" for number in row) for row in numbers(acts))
    assert "(1 việc)" in acts.text
    assert "viec=answer" in other


def test_who_may_write_letters_has_the_script_that_counts_what_is_ticked(client, promised):
    sign_in(client, promised[0].front_reader)
    page = BeautifulSoup(client.get("/can-bo/viec-da-cam-ket?xem=all").text, "html.parser")

    name = page.select_one("input[data-all]")["data-all"]
    assert page.select(f"table input[name={name}]")
    assert page.select('script[src*="js/rows"]')


def test_the_published_title_is_shown_where_there_is_one(client, promised):
    province, feedback = promised
    feedback.public_title = "Đèn đường trước chợ"
    db.session.commit()
    sign_in(client, province.front_reader)

    assert "Đèn đường trước chợ" in client.get("/can-bo/viec-da-cam-ket?xem=all&viec=answer").text


def test_a_duty_to_answer_was_answered_and_one_to_act_is_done_as_its_unit_says(client, promised):
    province, feedback = promised
    act, answer = sorted(feedback.assignments, key=lambda each: each.duty)
    promises.finish(act, actor=province.officer, now=builders.at(2))
    db.session.commit()
    sign_in(client, province.front_reader)

    pages = {each.duty: client.get(f"/can-bo/viec-da-cam-ket/{each.id}").text for each in (answer, act)}

    assert "Đã trả lời" in pages["answer"]
    assert f"{answer.unit.name} trả lời" in pages["answer"]
    assert "áo đã xong" not in pages["answer"]
    assert "Báo đã xong" in pages["act"]


@pytest.mark.parametrize("by", ["home", "seat", "delegation"])
def test_what_accuses_a_unit_of_the_readers_is_not_in_their_register(client, promised, by):
    province, feedback = promised
    reader = province.front_reader
    accused = {"home": province.front, "seat": province.health, "delegation": province.ward}[by]
    if by == "seat":
        db.session.add(Grant(user_id=reader.id, role=Role.OFFICER, unit_id=accused.id, starts_on=LONG_AGO))
    elif by == "delegation":
        giver = make_user(unit=accused, roles=[Role.RECORDS])
        db.session.add(Delegation(from_id=giver.id, to_id=reader.id, form="KT.", starts_on=LONG_AGO, ends_on=clock.today()))
    db.session.commit()
    sign_in(client, reader)
    assert "Thay đèn" in client.get("/can-bo/viec-da-cam-ket?xem=all").text
    feedback.accused_unit_id = accused.id
    db.session.commit()

    assert "Thay đèn" not in client.get("/can-bo/viec-da-cam-ket?xem=all").text
    assert client.get(f"/can-bo/viec-da-cam-ket/{feedback.assignments[0].id}").status_code == 404


def test_a_page_of_the_register_costs_the_same_however_long_it_is(client, promised):
    province, _feedback = promised
    sign_in(client, province.front_reader)
    client.get("/can-bo/viec-da-cam-ket?xem=all")

    few = statements(client)
    for _ in range(3):
        builders.answer(province, builders.taken(province), builders.at(1), [builders.promised(builders.at(9).date())])
    db.session.commit()

    assert statements(client) == few


def statements(client) -> int:
    ran: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        ran.extend([statement] if statement.startswith("SELECT") else [])

    db.session.commit()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get("/can-bo/viec-da-cam-ket?xem=all").status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(ran)


def test_whoever_writes_letters_chooses_promises_for_one_in_the_list(client, register):
    sign_in(client, make_user(roles=[(Role.FRONT, None)], unit=make_unit(name="MTTQ tỉnh", kind="front")))
    page = BeautifulSoup(client.get("/can-bo/viec-da-cam-ket").data, "html.parser")
    form = page.find("input", attrs={"name": "viec"}).find_parent("form")
    ids = [each["value"] for each in form.find_all("input", attrs={"name": "viec"})]

    letter = BeautifulSoup(client.get(form["action"], query_string={"viec": ids}).data, "html.parser")

    assert form["method"] == "get"
    assert len(ids) == len(form.select("tbody tr")) == 2
    assert all(f"Đường hỏng ở {name}" in letter.text for name in register)


def test_who_writes_no_letters_has_nothing_to_choose(client, register, monkeypatch):
    monkeypatch.setattr(letters, "issuers", lambda *_asked: [])
    sign_in(client, make_user(roles=[(Role.FRONT, None)]))
    page = BeautifulSoup(client.get("/can-bo/viec-da-cam-ket").data, "html.parser")

    assert page.select("tbody tr")
    assert not page.find("input", attrs={"name": "viec"})
