"""A page that stayed open while somebody else wrote undoes nothing of theirs, and signs nothing its reader has not read."""

from __future__ import annotations

import pytest

from app import clock
from app.database import db
from feedback.models import Paper
from feedback.operations import papers
from feedback.rules import PaperState
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.page_forms import form_of, press


@pytest.fixture
def province(app):
    return builders.make_province()


def opened(desk: AtDesk, path: str, action: str):
    return form_of(desk.client.get(path), action)


def test_a_draft_saved_elsewhere_meanwhile_is_not_overwritten_unseen(app, province):
    item = builders.taken(province, clock.now())
    desk = AtDesk(app, province.officer)
    path = f"/can-bo/y-kien/{item.code}/van-ban"
    desk.press(f"/can-bo/y-kien/{item.code}", path, loai="reply")
    page = f"{path}/{db.session.scalars(db.select(Paper.id)).one()}"
    first, second = (opened(desk, page, "") for _tab in range(2))
    point = {"points__0__title": "Đèn", "points__0__outcome": "explained"}

    assert press(desk.client, first, to=page, luu="1", points__0__text="Bản thứ nhất.", **point).status_code == 303
    more = press(desk.client, second, to=page, them="1", points__0__text="Bản thứ hai.", **point)
    refused = press(desk.client, form_of(more, ""), to=page, luu="1")
    assert refused.status_code == 422
    assert "vừa được lưu ở nơi khác" in refused.text
    assert "Bản thứ hai." in refused.text
    assert [p.text for p in db.session.scalars(db.select(Paper)).one().points] == ["Bản thứ nhất."]
    assert press(desk.client, form_of(refused, ""), to=page, luu="1").status_code == 303
    assert [p.text for p in db.session.scalars(db.select(Paper)).one().points] == ["Bản thứ hai."]


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
