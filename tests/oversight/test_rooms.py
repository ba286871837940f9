"""Each person has the rooms in which there can be anything for them."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from app.permissions import Role
from oversight.operations import papers
from tests import factories
from tests.feedback.builders import MONDAY
from tests.oversight.test_letters import drafted, scene


def rooms(client, user) -> set[str]:
    factories.sign_in(client, user)
    page = BeautifulSoup(client.get("/can-bo/theo-doi", follow_redirects=True).data, "html.parser")
    return {link.text.split(" 1")[0] for link in page.select("nav.submenu a")}


@pytest.mark.parametrize(("unit", "decides"), [("root", True), ("health", False)])
def test_only_who_leads_a_unit_that_others_stand_below_decides_on_reopening(client, province, unit, decides):
    head = factories.make_user(unit=getattr(province, unit), roles=[Role.HEAD])
    assert ("Quyết định mở lại" in rooms(client, head)) is decides


@pytest.mark.parametrize(
    ("role", "unit", "first"),
    [
        (Role.STEERING, "steering", "/can-bo/theo-doi"),
        (Role.OVERSEER, "health", "/can-bo/theo-doi"),  # it answers citizens, but not by this person
        (Role.HEAD, "root", "/can-bo/viec"),
        (Role.OFFICER, "works", "/can-bo/viec"),
    ],
)
def test_who_watches_and_answers_no_citizens_begins_with_what_they_watch(client, province, role, unit, first):
    everywhere = role in {Role.STEERING, Role.OVERSEER}
    factories.sign_in(client, factories.make_user(unit=getattr(province, unit), roles=[(role, None) if everywhere else role]))
    assert client.get("/bat-dau").location == first


def test_a_head_whose_body_answers_no_citizens_begins_with_what_they_watch(client, province):
    province.steering.handles_feedback = False
    head = factories.make_user(unit=province.steering, roles=[(Role.STEERING, None), Role.HEAD])
    factories.sign_in(client, head)
    assert client.get("/bat-dau").location == "/can-bo/theo-doi"


def test_whose_only_paper_to_number_is_one_of_oversight_is_not_told_that_there_is_none(app, client):
    here = scene()
    letter = drafted(here)
    papers.send(letter.paper, actor=here.steering, now=MONDAY)
    factories.sign_in(client, here.steering)
    assert "Không có văn bản nào chờ ghi số" in client.get("/can-bo/vao-so").text
    papers.sign(letter.paper, actor=here.steering, now=MONDAY)
    page = client.get("/can-bo/vao-so").text
    assert ("Văn bản giám sát chờ ghi số" in page, "Không có văn bản nào chờ ghi số" in page) == (True, False)
