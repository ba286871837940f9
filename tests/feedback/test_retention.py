"""What is kept too long is found by rule, shown before it goes, decided by a person, and done by a job that may run twice."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock
from app.access import SYSTEM, NotAllowed
from app.audit import entries_about
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from feedback.models import Feedback
from feedback.operations import reopening
from feedback.personal import retaining
from feedback.personal.models import RetentionEnd, RetentionRule
from feedback.personal.rules import Term, kept_until
from feedback.rules import Kind, Status
from tests.factories import make_user, sign_in
from tests.feedback import builders
from tests.feedback.builders import MONDAY, Province, actions
from tests.feedback.pages import token

BODY = "Tôi là Trần Thị Hoa, số 0912345678. Đèn đường trước số 12 tắt ba tuần nay."
PAGE = "/can-bo/luu-giu"
LATER = dt.datetime(2031, 8, 20, 9, tzinfo=LOCAL)  # five years and some days

FILED, COMPLAINT, OTHER = Term([], ["filed", "refused"], 1), Term(["complaint"], ["closed"], 15), Term(["report"], ["closed"], 5)


@pytest.mark.parametrize(
    ("ended", "kind", "status", "last"),
    [
        ("2026-08-03", "report", "closed", "2031-08-03"),
        ("2026-08-03", "report", "filed", "2027-08-03"),
        ("2026-08-03", "complaint", "closed", "2041-08-03"),
        ("2028-02-29", "report", "closed", "2033-03-01"),
        ("2026-08-03", "report", "withdrawn", None),
    ],
)
def test_an_item_is_kept_by_the_term_that_fits_and_without_one_for_good(ended, kind, status, last):
    until = kept_until(dt.date.fromisoformat(ended), kind, status, [FILED, COMPLAINT, OTHER])
    assert until == (last and dt.date.fromisoformat(last))


def test_of_two_terms_that_fit_the_longer_holds():
    assert kept_until(MONDAY.date(), "complaint", "closed", [Term([], [], 1), COMPLAINT]) == dt.date(2041, 8, 3)


@pytest.fixture
def province(app, monkeypatch) -> Province:
    monkeypatch.setattr(clock, "now", lambda: LATER)
    made = builders.make_province()
    retaining.load_shipped(now=MONDAY)
    return made


@pytest.fixture
def old(province) -> Feedback:
    """An answered and closed item, five years and some days old."""
    item = builders.answered(province, body=BODY)
    item.status, item.closed_at = Status.CLOSED, MONDAY + dt.timedelta(days=16)
    db.session.commit()
    return item


def due(user):
    return [each.item for each in retaining.due(user.reach, today=clock.today())]


def test_the_shipped_terms_say_which_text_nobody_has_checked(province):
    retaining.load_shipped(now=MONDAY)  # at every start
    rows = db.session.scalars(db.select(RetentionRule).order_by(RetentionRule.code)).all()
    assert [(row.code, row.years, row.evidence, row.local) for row in rows] == [
        ("LG_COMPLAINT", 15, "memory", False),
        ("LG_FILED", 1, "seen", False),
        ("LG_OTHER", 5, "memory", True),
    ]


def test_only_what_is_over_is_shown_and_only_to_who_leads_the_desk(province, old, monkeypatch):
    young = builders.answered(province)
    young.status, young.closed_at = Status.CLOSED, MONDAY + dt.timedelta(days=17)
    builders.taken(province)
    case = builders.answered(province, kind=Kind.COMPLAINT)
    case.status, case.closed_at = Status.CLOSED, MONDAY
    db.session.flush()
    monkeypatch.setattr(clock, "today", lambda: dt.date(2031, 8, 20))
    assert due(province.desk_head) == [old]
    for other in (province.head, make_user(unit=province.works, roles=[Role.HEAD])):
        assert due(other) == []
    monkeypatch.setattr(clock, "today", lambda: dt.date(2031, 8, 19))
    assert due(province.desk_head) == []


def test_what_was_decided_goes_once_however_often_the_job_runs(province, old):
    assert retaining.decide([old.id], actor=province.desk_head, now=LATER) == 1
    assert retaining.decide([old.id], actor=province.desk_head, now=LATER) == 0
    db.session.commit()
    assert old.people[0].name == "Trần Thị Hoa", "the page only decides"
    for _ in range(2):
        retaining.carry_out()
    assert (old.people[0].name, old.people[0].phone_index) == (None, None)
    assert "Trần Thị Hoa" not in old.body
    assert "0912345678" not in old.body
    assert "Đèn đường" in old.body
    assert [paper.number is not None for paper in old.papers] == [True]
    assert [action for action in actions(old) if action.startswith("retention") or action == "feedback.erased"] == [
        "retention.decided",
        "feedback.erased",
    ]
    assert due(province.desk_head) == []


def test_what_was_split_or_merged_is_over_with_the_last_of_what_it_became(province, old, monkeypatch):
    monkeypatch.setattr(clock, "today", LATER.date)
    whole, merged = builders.received(MONDAY), builders.received(MONDAY)
    parts = [builders.answered(province), builders.answered(province)]
    for part in parts:
        part.parent, part.status, part.closed_at = whole, Status.CLOSED, MONDAY
    whole.status = Status.SPLIT
    merged.status, merged.merged_into = Status.MERGED, old
    db.session.commit()
    assert due(province.desk_head) == [whole, old, merged]
    parts[0].closed_at = MONDAY + dt.timedelta(days=30)
    old.closed_at = None
    db.session.commit()
    assert due(province.desk_head) == []


def test_what_is_opened_again_before_the_job_runs_stays(province, old):
    retaining.decide([old.id], actor=province.desk_head, now=LATER)
    reopening.open_again(old, actor=SYSTEM, now=LATER)
    db.session.commit()
    retaining.carry_out()
    assert old.people[0].name == "Trần Thị Hoa"
    assert db.session.scalars(db.select(RetentionEnd)).all() == []


def test_nobody_decides_over_another_desk(province, old):
    assert retaining.decide([old.id], actor=province.head, now=LATER) == 0
    assert "retention.decided" not in [entry.action for entry in entries_about(old)]


def test_a_term_is_followed_by_an_administrator_only(province):
    row = db.session.scalars(db.select(RetentionRule).where(RetentionRule.code == "LG_OTHER")).one()
    with pytest.raises(NotAllowed):
        retaining.BOOK.end(row, dt.date(2031, 8, 30), actor=province.desk_head, now=LATER)


def test_whoever_leads_the_desk_looks_at_what_would_be_left_and_decides(client, province, old):
    sign_in(client, province.desk_head)
    assert PAGE in client.get("/can-bo/don-vi").text
    page = client.get(PAGE).text
    assert old.code in page
    assert "Chưa kiểm chứng" in page
    preview = client.get(f"{PAGE}/{old.code}").text
    assert "Tôi là […]" in preview
    assert "0912345678" not in preview
    data = {"csrf_token": token(client, PAGE)}
    assert client.post(PAGE, data=data | {"item": "x"}).status_code == 303
    assert "Chưa chọn hồ sơ nào" in client.get(PAGE).text
    assert client.post(PAGE, data=data | {"item": str(old.id)}).status_code == 303
    assert old.code not in client.get(PAGE).text
    assert client.get(f"{PAGE}/{old.code}").status_code == 404
    clerk = client.application.test_client()
    sign_in(clerk, province.clerk)
    assert clerk.get(PAGE).status_code == 403


def test_an_administrator_lets_another_term_follow_and_says_that_a_text_was_read(client, province):
    sign_in(client, make_user(roles=[(Role.ADMINISTRATOR, None)]))
    rows = {row.code: row.id for row in db.session.scalars(db.select(RetentionRule))}
    said = {"csrf_token": token(client, PAGE), "years": "7", "source": "Quyết định 12/2031/QĐ-UBND", "local": "y"}
    address = f"{PAGE}/thoi-gian/{rows['LG_OTHER']}/ban-moi"
    assert client.post(address, data=said).status_code == 422
    assert client.post(address, data=said | {"effective_from": "2032-01-01"}).status_code == 303
    versions = db.session.scalars(db.select(RetentionRule).where(RetentionRule.code == "LG_OTHER").order_by(RetentionRule.id)).all()
    assert [(row.years, row.effective_to) for row in versions] == [(5, dt.date(2031, 12, 31)), (7, None)]
    assert client.post(f"{PAGE}/thoi-gian/{rows['LG_COMPLAINT']}/da-doi-chieu", data=said).status_code == 303
    assert db.session.get_one(RetentionRule, rows["LG_COMPLAINT"]).evidence == "seen"
