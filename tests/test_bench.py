"""The bench's province: what is written again and again is still a province that the site opens."""

from __future__ import annotations

import pytest

from app import clock
from app.accounts.models import User
from app.chain import operations as chain
from app.chain import queries as links
from app.chain.rules import GENESIS, matches
from app.database import db
from bench import growing
from feedback.models import Feedback, FeedbackAssignment
from tests import factories
from tests.feedback import builders

SIZE = 60


@pytest.fixture
def grown(fresh_app, monkeypatch):
    """A province with an answered item, one that waits at the desk and one that a unit has, grown to about SIZE."""
    province = builders.make_province()
    monkeypatch.setattr(growing, "BUSY", province.works.code)
    builders.answered(province)
    builders.received()
    builders.taken(province)
    db.session.commit()
    while chain.seal(now=clock.now(), everything=True):
        db.session.commit()
    unit_id, officer_id = province.works.id, province.officer.id
    db.session.commit()
    heard: list[tuple[int, int]] = []
    growing.grow(SIZE, tell=lambda *said: heard.append(said))
    assert all(done == of for done, of in heard[-1:])
    return unit_id, officer_id


def test_a_grown_province_opens_its_pages_and_its_record_is_whole_as_far_as_it_claims(grown, fresh_app):
    unit_id, officer_id = grown
    assert SIZE * 0.9 <= db.session.query(Feedback).count() <= SIZE * 1.1
    open_ = db.session.query(FeedbackAssignment).filter(FeedbackAssignment.closed_on.is_(None), FeedbackAssignment.unit_id == unit_id)
    assert open_.count() > SIZE * growing.HEAP  # the busy unit has a heap
    client = fresh_app.test_client()
    items = db.session.query(Feedback).order_by(Feedback.id).all()
    codes = [items[0].code, items[len(items) // 2].code, items[-1].code]
    assert {client.get(f"/tra-cuu/{code}").status_code for code in codes} == {200}
    factories.sign_in(client, db.session.get(User, officer_id))
    page = client.get("/can-bo/viec")
    assert page.status_code == 200
    assert open_.first().feedback.code in page.text
    assert {client.get(f"/can-bo/y-kien/{row.feedback.code}").status_code for row in open_.limit(3)} == {200}
    *sealed, claimed = links.links()  # the last says that all of it counts as sealed
    assert claimed.hash == GENESIS
    assert all(matches(link, before) for link, before in zip(sealed, [GENESIS, *(link.hash for link in sealed)], strict=False))
