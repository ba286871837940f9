"""How many statements the pages of staff take: no more than they are worth, and the same however long the list is."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock
from app.database import db
from feedback import lists
from feedback.operations import unit
from feedback.personal import retaining
from feedback.rules import Status
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.site.test_statements_submission import asked as asked
from tests.site.test_statements_submission import province as province

LIST, DETAIL, SEARCH = 6, 9, 5


def opened(asked: list[str], page) -> list[str]:
    """What a page asks of the database that this process was asked for before."""
    for _ in range(2):
        page()
        db.session.commit()
    asked.clear()
    page()
    return list(asked)


@pytest.mark.parametrize(
    ("who", "path", "most"),
    [
        ("officer", "/can-bo/viec", LIST),
        ("officer", "/can-bo/viec-da-hua", LIST),
        ("officer", "/can-bo/viec?gap=late&giu=me&loai=report", LIST),
        ("head", "/can-bo/viec", LIST + 2),  # and whom one may give it to, and the papers that wait for the head's hand
        ("clerk", "/can-bo/tiep-nhan?xem=under_way", LIST + 3),
    ],
)
def test_a_list_of_25_asks_no_more_than_one_of_three(app, province, asked, who, path, most):
    desk, now = AtDesk(app, getattr(province, who)), clock.now()
    told = []
    for number in (3, lists.PAGE - 3):
        for _ in range(number):
            builders.taken(province, now)
        db.session.commit()
        told.append(opened(asked, lambda: desk.get(path)))

    few, many = told
    assert len(many) == len(few), "\n".join(many)
    assert len(many) <= most, "\n".join(many)


def test_an_item_asks_no_more_than_nine_and_one_more_for_all_that_was_said_of_it(app, province, asked):
    desk, now = AtDesk(app, province.officer), clock.now()
    plain, noted = builders.taken(province, now), builders.taken(province, now)
    for number in range(5):
        unit.note(noted, f"Đã gọi lần {number}", actor=province.officer, now=now)
    addresses = [f"/can-bo/y-kien/{item.code}" for item in (plain, noted)]
    db.session.commit()
    db.session.expunge_all()  # a page finds nothing that it has not asked for
    few, more = (opened(asked, lambda address=address: desk.get(address)) for address in addresses)

    assert len(few) <= DETAIL, "\n".join(few)
    assert len(more) == len(few) + 1, "\n".join(more)


def test_a_search_asks_no_more_than_five(app, province, asked):
    desk = AtDesk(app, province.officer)
    for _ in range(3):
        builders.taken(province, clock.now())
    db.session.commit()

    found = opened(asked, lambda: desk.fill("/can-bo/tim", "/can-bo/tim", status=200, q="đèn đường"))
    assert len(found) - len(opened(asked, lambda: desk.get("/can-bo/tim"))) <= SEARCH, "\n".join(found)


def test_what_is_kept_too_long_asks_the_same_however_much_there_is(app, province, asked):
    desk, now = AtDesk(app, province.desk_head), clock.now()
    retaining.load_shipped(now=now)
    told = []
    for number in (2, 4):
        for _ in range(number):
            item = builders.answered(province, now)
            item.status, item.closed_at = Status.CLOSED, now - dt.timedelta(days=366 * 6)
        db.session.commit()
        address = f"/can-bo/luu-giu/{item.code}"
        told.append((opened(asked, lambda: desk.get("/can-bo/luu-giu")), opened(asked, lambda address=address: desk.get(address))))

    for few, many in zip(*told, strict=True):
        assert len(many) == len(few), "\n".join(many)
