"""To whom a letter goes can be said anew while it is a draft, and its sender learns in time whom it cannot reach."""

from __future__ import annotations

import lxml.html
import pytest

from app.access import NotAllowed
from app.assignments.rules import IllegalTransition
from app.database import db
from app.permissions import Role
from app.units.models import Unit
from dialogues.operations.editing import ChangedMeanwhile
from oversight import letters
from oversight import papers as made
from oversight.operations import campaign_steps, campaigns, papers
from oversight.operations import letters as operations
from oversight.papers import paperwork
from oversight.rules.letters import LetterKind
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at
from tests.feedback.pages import post
from tests.oversight.papers_of import front_of
from tests.oversight.test_letters import TODAY, accuse, answered, drafted, issued, scene
from tests.oversight.test_succeeding import ended, heir_of
from tests.oversight.test_supervision import Stage


@pytest.fixture
def here(app):
    return scene()


def to(letter) -> set[str]:
    return {each.unit.name for each in letter.to}


def hidden(page: str, name: str) -> str:
    """Return what stands in a hidden input of *page*."""
    return lxml.html.fromstring(page).xpath(f"//main//input[@name='{name}']")[0].get("value")


def close(unit: Unit) -> None:
    unit.valid_to = at(-1).date()
    db.session.commit()


def test_units_are_added_to_a_draft_and_taken_from_it(here):
    letter, province = drafted(here), here.province
    operations.readdress(letter, [province.works, province.health], actor=here.steering, now=MONDAY)
    assert to(letter) == {"Sở Xây dựng", "Sở Y tế"}
    operations.readdress(letter, [province.health], actor=here.steering, now=MONDAY)
    assert made.facts_of(letter.paper)["to"] == ["Sở Y tế"]
    assert [each.assignment for each in letter.about] == [here.promise]


def test_who_sends_sends_to_whom_they_read(here, client):
    letter = drafted(here)
    page = f"/can-bo/van-ban-giam-sat/{letter.paper.uid}"
    factories.sign_in(client, here.steering)
    read = hidden(client.get(page).text, "was")
    operations.readdress(letter, [here.province.health], actor=here.steering, now=MONDAY)
    db.session.commit()
    stale = post(client, page, {"was": read, "trinh": "1"})
    assert (stale.status_code, letter.paper.state) == (422, "draft")
    assert post(client, page, {"was": hidden(stale.text, "was"), "trinh": "1"}).status_code == 303
    assert made.facts_of(letter.paper)["to"] == ["Sở Y tế"]


def test_a_notice_goes_to_the_units_that_were_read(app):
    province = builders.make_province()
    stage = Stage(front_of(province), province)
    campaign, writer = stage.begun(), stage.front.officer
    notice = campaign_steps.draft_notice(campaign, prepare="Sổ.", report_due_on=at(10).date(), actor=writer, now=MONDAY)
    read = papers.seen_of(notice)
    campaigns.add_units(campaign, [province.health], actor=writer, now=MONDAY)
    with pytest.raises(ChangedMeanwhile):
        papers.write(notice, {}, seen=read, actor=writer, now=MONDAY)


def test_of_two_who_readdress_the_second_reads_what_the_first_did(here, client):
    province, letter = here.province, drafted(here, to=[here.province.health])
    change, ticked = f"/can-bo/don-doc/{letter.id}/noi-nhan", [str(here.province.works.id), str(here.province.roads.id)]
    factories.sign_in(client, here.steering)
    read = hidden(client.get(change).text, "was")
    operations.readdress(letter, [province.works], actor=here.steering, now=MONDAY)
    db.session.commit()
    stale = post(client, change, {"was": read, "units": ticked})
    assert (stale.status_code, to(letter)) == (422, {"Sở Xây dựng"})
    assert "Phòng Hạ tầng, Sở Xây dựng</ins>" in stale.text
    assert post(client, change, {"was": hidden(stale.text, "was"), "units": ticked}).status_code == 303
    assert to(letter) == {"Sở Xây dựng", "Phòng Hạ tầng"}


def test_nobody_is_added_to_whom_it_could_not_have_been_begun(here):
    letter, province = drafted(here, LetterKind.PETITION), here.province
    with pytest.raises(operations.NobodyAddressed):
        operations.readdress(letter, [], actor=here.front.officer, now=MONDAY)
    with pytest.raises(operations.NotToItself):
        operations.readdress(letter, [here.front.unit], actor=here.front.officer, now=MONDAY)
    with pytest.raises(NotAllowed):
        operations.readdress(letter, [province.health], actor=here.steering, now=MONDAY)
    accuse(here.feedback, province.health)
    with pytest.raises(operations.NotToAccused):
        operations.readdress(letter, [province.works, province.health], actor=here.front.officer, now=MONDAY)
    assert to(letter) == {"Sở Xây dựng"}


def test_what_was_sent_to_be_signed_keeps_whom_it_names(here):
    letter = drafted(here)
    papers.send(letter.paper, actor=here.steering, now=MONDAY)
    with pytest.raises(IllegalTransition):
        operations.readdress(letter, [here.province.health], actor=here.steering, now=MONDAY)


def test_a_letter_to_a_unit_that_closed_before_it_was_numbered_goes_out_to_its_heir(here, client):
    letter, province, now = drafted(here), here.province, at(2)
    papers.send(letter.paper, actor=here.steering, now=MONDAY)
    papers.sign(letter.paper, actor=here.steering, now=MONDAY)
    close(province.works)
    with pytest.raises(operations.AddresseeClosed):
        papers.number(letter.paper, "1", on=now.date(), actor=here.steering, now=now)
    db.session.rollback()
    factories.sign_in(client, here.steering)
    page = f"/can-bo/van-ban-giam-sat/{letter.paper.uid}"
    assert "Không còn hoạt động, không gửi được: Sở Xây dựng." in client.get(page).text
    assert post(client, f"{page}/lay-lai", page=page).status_code == 303
    change = f"/can-bo/don-doc/{letter.id}/noi-nhan"
    assert change in client.get(page).text
    assert "lưu lại thì thôi gửi: Sở Xây dựng" in client.get(change).text
    assert post(client, change, {"units": []}).status_code == 422
    assert post(client, change, {"units": [str(province.health.id)]}).status_code == 303
    for step in (papers.send, papers.sign):
        step(letter.paper, actor=here.steering, now=now)
    papers.number(letter.paper, "1", on=now.date(), actor=here.steering, now=now)
    db.session.refresh(letter)
    assert [duty.unit.name for duty in letter.duties] == ["Sở Y tế"]


def test_the_sender_is_told_of_units_in_which_nobody_could_read_it(here, client):
    empty = factories.make_unit(parent=here.province.root, name="Sở Mới")
    letter = drafted(here, to=[empty])
    assert letters.deaf(letter, TODAY) == [empty]
    factories.sign_in(client, here.steering)
    said = "Chưa có ai có tài khoản, nên chưa đọc và trả lời trên hệ thống được: Sở Mới."
    page = f"/can-bo/van-ban-giam-sat/{letter.paper.uid}"
    assert said in client.get(page).text
    for step in (papers.send, papers.sign):
        step(letter.paper, actor=here.steering, now=MONDAY)
    assert said in client.get(page).text
    papers.number(letter.paper, "1", on=TODAY, actor=here.steering, now=MONDAY)
    assert said in client.get(f"/can-bo/don-doc/{letter.id}").text
    factories.make_user(unit=empty, roles=[Role.OFFICER])
    assert said not in client.get(f"/can-bo/don-doc/{letter.id}").text


def test_who_leads_the_unit_above_sees_the_clock_of_a_letter_that_nobody_can_answer(here, client):
    empty = factories.make_unit(parent=here.province.root, name="Sở Mới")
    chair = factories.make_user(unit=here.province.root, roles=[Role.HEAD])
    duty = issued(here, about=[], to=[empty]).duties[0]
    factories.sign_in(client, chair)
    assert f"/can-bo/viec-da-cam-ket/{duty.id}" in client.get("/can-bo/viec-da-cam-ket?nguon=letter").text
    assert "10/8" in client.get(f"/can-bo/viec-da-cam-ket/{duty.id}").text


def test_a_paper_that_came_to_accuse_its_body_waits_for_nobody_there(here):
    letter = drafted(here)
    papers.send(letter.paper, actor=here.steering, now=MONDAY)
    reach = here.steering.reach
    assert (paperwork.waiting_count(reach, TODAY), paperwork.to_sign(reach)) == (1, [letter.paper])
    accuse(here.feedback, here.province.steering)
    assert (paperwork.waiting_count(reach, TODAY), paperwork.to_sign(reach), paperwork.others(reach, TODAY)) == (0, [], [])


@pytest.mark.parametrize(
    ("who", "about", "offered", "refused"),
    [
        ("front", False, ["Văn bản kiến nghị"], "đôn đốc"),
        ("steering", False, ["Công văn đôn đốc"], "kiến nghị"),
        ("front", True, ["Văn bản kiến nghị"], "đôn đốc"),
    ],
)
def test_a_new_letter_is_only_what_this_person_can_send(here, client, who, about, offered, refused):
    factories.sign_in(client, here.front.officer if who == "front" else here.steering)
    page = client.get("/can-bo/don-doc/moi" + (f"?viec={here.promise.id}" if about else ""))
    main = page.text.split("<main", 1)[1].split("<h1", 1)[1]
    assert [word for word in ("Văn bản kiến nghị", "Công văn đôn đốc", "Công văn nhắc việc") if word in main] == offered
    assert refused not in main.split("</h1>")[0].lower()


def test_who_can_send_nothing_is_told_why(here, client):
    factories.sign_in(client, here.province.health_head)
    assert "Đơn vị này không có đơn vị nào dưới quyền" in client.get("/can-bo/don-doc/moi").text
    assert "/can-bo/don-doc/moi" not in client.get("/can-bo/don-doc").text
    factories.sign_in(client, here.province.head)
    assert "của chính đơn vị này" in client.get(f"/can-bo/don-doc/moi?viec={here.promise.id}").text


def test_a_follow_up_goes_to_whom_mttq_wrote_about_it_and_to_nobody_else(here, client):
    works, health, ward = here.province.works, here.province.health, here.province.ward
    first = issued(here, LetterKind.PETITION, to=[ward])
    said = {"about": first.duties[:1], "now": at(1)}
    with pytest.raises(operations.NotReminded):
        drafted(here, LetterKind.FOLLOW_UP, to=[health], **said)
    letter = drafted(here, LetterKind.FOLLOW_UP, **said)
    with pytest.raises(operations.NotReminded):
        operations.readdress(letter, [works, health], actor=here.front.officer, now=at(1))
    operations.readdress(letter, [works, ward], actor=here.front.officer, now=at(1))
    assert to(letter) == {works.name, ward.name}
    assert {each.unit for each in drafted(here, LetterKind.FOLLOW_UP, to=[ward], now=at(2)).to} == {works, ward}  # about the promise itself
    db.session.commit()
    factories.sign_in(client, here.front.officer)
    change = client.get(f"/can-bo/don-doc/{letter.id}/noi-nhan").text
    assert [name in change for name in (works.name, ward.name, health.name)] == [True, True, False]


def test_a_follow_up_goes_to_the_heir_of_whom_mttq_wrote_to(here):
    first, heir = issued(here, LetterKind.PETITION), heir_of(here.province.works).unit
    letter = drafted(here, LetterKind.FOLLOW_UP, about=[answered(here, first)], now=at(1))
    ended(here.province.works, heir, 2)
    operations.readdress(letter, [heir], actor=here.front.officer, now=at(2))
    assert to(letter) == {heir.name}


def test_what_was_not_petitioned_is_not_offered_to_be_followed_up_even_beside_what_was(here, client):
    issued(here, LetterKind.PETITION)
    factories.sign_in(client, here.front.officer)
    page = f"/can-bo/don-doc/moi?viec={here.promise.id}"
    assert "Công văn nhắc việc" in client.get(page).text
    other = builders.taken(here.province).assignments[0]
    db.session.commit()
    assert "Công văn nhắc việc" not in client.get(f"{page},{other.id}").text
