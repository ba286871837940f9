"""Who has how much and how late; and everything of somebody who leaves goes to another."""

from __future__ import annotations

import re

import pytest

from app import clock
from app.assignments.rules import Duty
from app.permissions import Role
from feedback import load
from feedback.operations import desk
from feedback.rules import Kind
from tests import factories
from tests.feedback import builders, pages
from tests.feedback.builders import MONDAY, at

PAGE, HAND_OVER = "/can-bo/don-vi", "/can-bo/don-vi/giao-lai"
NOW = at(15)  # the day after what came on MONDAY was due


@pytest.fixture
def province(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return builders.make_province()


def loads(user, duty=Duty.ANSWER):
    today = NOW.date()
    return load.of(duty, user.reach, today=today, soon=at(18).date(), since=at(-15))


def test_each_unit_and_officer_is_counted_once(province):
    builders.taken(province)  # late since yesterday
    builders.offered(province, at(1))  # due today
    builders.taken(province, at(3))  # due in two days
    builders.answer(province, builders.taken(province), at(2))
    builders.answer(province, builders.taken(province), NOW)  # late when it was done

    found = loads(province.head)

    assert found.units == {province.works.id: load.Load(open=3, late=1, today=1, soon=1, offered=1, done=2, done_late=1)}
    assert found.officers[province.works.id, None] == load.Load(open=1, today=1, offered=1)
    assert found.officers[province.works.id, province.officer.id] == load.Load(open=2, late=1, soon=1, done=2, done_late=1)


def test_promises_are_counted_apart_from_answers(province):
    feedback = builders.taken(province)
    builders.answer(province, feedback, at(2), [builders.promised(at(10).date())])
    assert loads(province.head).units[province.works.id].open == 0
    assert loads(province.head, Duty.ACT).units[province.works.id] == load.Load(open=1, late=1)


@pytest.mark.parametrize(("who", "sees"), [("head", True), ("health_head", False), ("front_reader", True), ("steering_reader", False)])
def test_the_load_is_seen_where_the_role_holds(province, who, sees):
    builders.taken(province)
    assert (province.works.id in loads(getattr(province, who)).units) is sees


def test_what_complains_of_the_reader_is_not_counted_for_them(province):
    above = factories.make_user(unit=province.works, roles=[(Role.FRONT, None)])
    feedback = builders.received(accused_unit_id=province.works.id, kind=Kind.SUGGESTION)
    desk.route_to(feedback, province.health, actor=province.clerk, now=MONDAY)
    assert loads(province.front_reader).units[province.health.id].open == 1
    assert province.health.id not in loads(above).units


def test_the_page_costs_the_same_however_much_there_is(client, province):
    factories.sign_in(client, province.head)

    def cost() -> int:
        with pages.statements() as seen:
            assert client.get(PAGE).status_code == 200
        return len(seen)

    builders.taken(province)
    cost()
    once = cost()
    for _ in range(4):
        builders.taken(province)
    builders.answered(province)
    assert cost() == once


def test_every_number_leads_to_its_list(client, province):
    builders.taken(province)
    factories.sign_in(client, province.head)
    page = client.get(PAGE).text
    assert "Sở Xây dựng" in page
    assert "Sở Y tế" not in page
    late = f"/can-bo/viec?gap=late&amp;giu={province.officer.id}&amp;don-vi={province.works.id}"
    assert late in page
    shown = client.get(late.replace("&amp;", "&")).text
    assert "Đèn đường trước số 12" in shown


def test_mttq_sees_every_unit_without_links_it_may_not_open(client, province):
    builders.taken(province)
    factories.sign_in(client, province.front_reader)
    page = client.get(PAGE).text
    assert "Sở Y tế" in page
    assert "/can-bo/viec?" not in page
    assert "Giao lại" not in page
    assert client.get(f"{PAGE}?don-vi={province.works.id}").status_code == 200
    assert client.get(f"{PAGE}?don-vi=99999999").status_code == 404


@pytest.mark.parametrize("who", ["officer", "clerk", "records"])
def test_others_do_not_open_the_page(client, province, who):
    factories.sign_in(client, getattr(province, who))
    assert client.get(PAGE).status_code == 403
    assert client.get(HAND_OVER).status_code == 403


def test_a_head_gives_everything_of_an_officer_to_another(client, province):
    items = [builders.taken(province) for _ in range(2)]
    promise = builders.taken(province)
    builders.answer(province, promise, at(2), [builders.promised(at(40).date())])
    factories.sign_in(client, province.head)
    page = client.get(f"{HAND_OVER}?tu={province.officer.id}").text
    assert re.search(rf'<option selected value="{province.officer.id}">', page)

    answer = pages.post(client, HAND_OVER, {"leaver_id": str(province.officer.id), "to_id": str(province.colleague.id)})

    assert answer.status_code == 303
    assert {item.open_answer.officer for item in items} == {province.colleague}
    assert next(each for each in promise.assignments if each.duty == Duty.ACT).officer == province.colleague
    assert f"3 việc của {province.officer.name} đã giao cho {province.colleague.name}." in client.get(PAGE).text


@pytest.mark.parametrize(
    ("leaver", "to", "sentence"),
    [
        ("", "colleague", "Chọn người đang giữ việc"),
        ("officer", "", "Chọn người nhận"),
        ("officer", "officer", "Chọn một người khác"),
        ("officer", "health_officer", "Chọn người nhận"),
        ("health_officer", "colleague", "Chọn người đang giữ việc"),
    ],
)
def test_what_cannot_be_handed_over_is_said(client, province, leaver, to, sentence):
    item = builders.taken(province)
    factories.sign_in(client, province.head)
    ids = {name: str(getattr(province, who).id) if who else "" for name, who in (("leaver_id", leaver), ("to_id", to))}
    answer = pages.post(client, HAND_OVER, ids)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert item.open_answer.officer == province.officer


def test_with_nothing_open_the_page_says_so(client, province):
    factories.sign_in(client, province.head)
    assert "Không ai đang giữ việc nào." in client.get(HAND_OVER).text
