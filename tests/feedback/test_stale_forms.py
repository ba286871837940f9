"""A page that stayed open while somebody else wrote undoes nothing of theirs, and signs nothing its reader has not read."""

from __future__ import annotations

import pytest

from app import clock
from app.database import db
from feedback.models import Paper
from feedback.operations import desk, papers, sender, unit
from feedback.rules import PaperState, PaperType
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.page_forms import form_of, press


def opened(person: AtDesk, path: str, action: str):
    return form_of(person.client.get(path), action)


def test_a_draft_saved_elsewhere_meanwhile_is_not_overwritten_unseen(app, province):
    item = builders.taken(province, clock.now())
    officer = AtDesk(app, province.officer)
    path = f"/can-bo/y-kien/{item.code}/van-ban"
    officer.press(f"/can-bo/y-kien/{item.code}", path, loai="reply")
    page = f"{path}/{db.session.scalars(db.select(Paper.id)).one()}"
    first, second = (opened(officer, page, "") for _tab in range(2))
    point = {"points__0__title": "Đèn", "points__0__outcome": "explained"}

    assert press(officer.client, first, to=page, luu="1", points__0__text="Bản thứ nhất.", **point).status_code == 303
    more = press(officer.client, second, to=page, them="1", points__0__text="Bản thứ hai.", **point)
    refused = press(officer.client, form_of(more, ""), to=page, luu="1")
    assert refused.status_code == 422
    assert "vừa được lưu ở nơi khác" in refused.text
    assert "Bản thứ hai." in refused.text
    assert [p.text for p in db.session.scalars(db.select(Paper)).one().points] == ["Bản thứ nhất."]
    assert press(officer.client, form_of(refused, ""), to=page, luu="1").status_code == 303
    assert [p.text for p in db.session.scalars(db.select(Paper)).one().points] == ["Bản thứ hai."]


def test_what_was_typed_into_a_draft_that_went_on_meanwhile_is_shown_again_and_not_stored(app, province):
    item = builders.taken(province, clock.now())
    paper = papers.draft(item, PaperType.REPLY, actor=province.officer, now=clock.now())
    papers.write(paper, body="", points=[builders.explained("Đã trình.")], actor=province.officer)
    officer = AtDesk(app, province.officer)
    page = f"/can-bo/y-kien/{item.code}/van-ban/{paper.id}"
    stale = opened(officer, page, "")
    papers.submit(paper, actor=province.officer, now=clock.now())
    db.session.commit()

    refused = press(officer.client, stale, to=page, luu="1", points__0__text="Hai giờ gõ.")

    assert (refused.status_code, "Hai giờ gõ." in refused.text, "còn ở dưới để chép lại" in refused.text) == (422, True, True)
    assert [point.text for point in db.session.get_one(Paper, paper.id).points] == ["Đã trình."]


@pytest.mark.parametrize(("verb", "name"), [("bo-sung", "text"), ("danh-gia", "why"), ("mo-lai", "reason")])
def test_what_a_sender_typed_comes_back_where_the_item_moved_on_meanwhile(app, province, client, verb, name):
    receipt = builders.submit(clock.now())
    item = receipt.feedback
    desk.route_to(item, province.works, actor=province.clerk, now=clock.now())
    unit.take(item, actor=province.officer, now=clock.now())
    if verb != "bo-sung":
        builders.answer(province, item, clock.now())
    db.session.commit()
    thread = client.get(client.get(f"/t/{receipt.code}/{receipt.key}").location)
    stale = form_of(thread, f"/tra-cuu/{receipt.code}/{verb}")
    if verb == "bo-sung":
        sender.withdraw(item, builders.key_of(receipt), now=clock.now())
    else:
        sender.reopen(item, builders.key_of(receipt), "Chưa xong.", now=clock.now())
    db.session.commit()

    refused = press(client, stale, **{"score": "2", name: "Hai giờ gõ."})

    assert (refused.status_code, "Hai giờ gõ." in refused.text) == (409, True)


def test_nobody_signs_a_wording_they_have_not_read(app, province):
    item = builders.taken(province, clock.now())
    paper = builders.submitted_reply(province, item, clock.now())
    head = AtDesk(app, province.head)
    page = f"/can-bo/y-kien/{item.code}/van-ban/{paper.id}"
    stale = opened(head, page, f"{page}/dong-y")

    papers.send_back(paper, remarks="Sửa ngày.", actor=province.head, now=clock.now())
    papers.submit(paper, actor=province.officer, now=clock.now())
    db.session.commit()

    answer = press(head.client, stale)
    assert "vừa được người khác xử lý" in head.get(answer.location)
    assert db.session.get_one(Paper, paper.id).state == PaperState.SUBMITTED
    head.press(page, f"{page}/dong-y")
    assert db.session.get_one(Paper, paper.id).state != PaperState.SUBMITTED
