"""What is kept too long is found by rule, read text by text before it goes, put right and decided by a person."""

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
from feedback.operations import unit as units
from feedback.personal import erasing, retaining
from feedback.personal.models import RetentionEnd, RetentionRule
from feedback.personal.rules import Term, kept_until, last_day, over_before
from feedback.rules import Kind, Status
from tests.factories import make_user, sign_in
from tests.feedback import builders
from tests.feedback.builders import MONDAY, Province, actions
from tests.feedback.page_forms import form_of
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


@pytest.mark.parametrize("years", [1, 4, 5, 15])
@pytest.mark.parametrize("today", ["2027-03-01", "2028-02-28", "2028-02-29", "2028-03-01", "2029-03-01", "2031-08-20"])
def test_what_ended_before_the_first_day_that_counts_is_over_and_nothing_else(today, years):
    day, first = dt.date.fromisoformat(today), over_before(dt.date.fromisoformat(today), years)
    near = [first + dt.timedelta(days=days) for days in range(-3, 4)]
    assert [each for each in near if last_day(each, years) < day] == [each for each in near if each < first]


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


def test_terms_of_what_has_not_ended_find_nothing(province, old, monkeypatch):
    monkeypatch.setattr(retaining, "terms_on", lambda _day: [Term([], ["in_hand"], 1)])
    monkeypatch.setattr(clock, "now", lambda: LATER)
    assert due(province.desk_head) == []


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


def read(item):
    """Return what a clerk leaves who takes what the rules suggest, and the digest of what they have read."""
    free = erasing.all_pieces(item, item.people)
    return [piece.suggestion for piece in free], erasing.digest(free)


def decide(item, user, texts=None, seen=None):
    suggested, digest = read(item)
    return retaining.decide(item, texts or suggested, seen=seen or digest, actor=user, now=LATER)


def fields_of(client, address):
    """Return what the page sends when nothing is touched."""
    return form_of(client.get(address), "").values.to_dict()


def test_what_was_decided_goes_once_and_the_answer_stays(province, old):
    decide(old, province.desk_head)
    with pytest.raises(NotAllowed):
        decide(old, province.desk_head)
    db.session.commit()
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


def test_what_whoever_leads_the_desk_left_of_each_text_is_what_stays(province, old):
    left = [f"đoạn {number}" for number, _text in enumerate(read(old)[0])]
    decide(old, province.desk_head, left)
    assert [piece.text for piece in erasing.all_pieces(old, old.people)] == left


@pytest.mark.parametrize("seen", ["", "x" * 64])
def test_nobody_decides_who_has_not_read(client, province, old, seen):
    sign_in(client, province.desk_head)
    address = f"{PAGE}/{old.code}"
    data = {"csrf_token": token(client, address), "seen": seen} | {f"texts-{n}": text for n, text in enumerate(read(old)[0])}
    assert client.post(address, data=data).status_code == 422
    assert old.people[0].name == "Trần Thị Hoa"


def test_what_somebody_added_since_it_was_read_stays_and_is_shown_again(client, province, old):
    sign_in(client, province.desk_head)
    address = f"{PAGE}/{old.code}"
    page = fields_of(client, address)
    units.note(old, "Bà Hoa đã chuyển tới số nhà 7.", actor=province.clerk, now=LATER)
    db.session.commit()
    assert "Vừa có thêm chữ" in client.post(address, data=page).text
    assert old.people[0].name == "Trần Thị Hoa"
    assert "chuyển tới số nhà 7" in client.get(address).text
    assert old.code in client.get(PAGE).text


def test_what_was_decided_before_anybody_had_to_read_it_and_is_not_done_waits_to_be_read(province, old):
    db.session.add(RetentionEnd(feedback_id=old.id, decided_by_id=province.desk_head.id, decided_at=MONDAY))
    db.session.flush()
    assert due(province.desk_head) == [old]
    decide(old, province.desk_head)
    assert [row.done_at for row in db.session.scalars(db.select(RetentionEnd))] == [LATER]


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


def test_what_is_opened_again_while_it_is_read_stays(province, old):
    texts, seen = read(old)
    reopening.open_again(old, actor=SYSTEM, now=LATER)
    with pytest.raises(NotAllowed):
        decide(old, province.desk_head, texts, seen)
    assert old.people[0].name == "Trần Thị Hoa"


def test_nobody_decides_over_another_desk(province, old):
    with pytest.raises(NotAllowed):
        decide(old, province.head)
    assert "retention.decided" not in [entry.action for entry in entries_about(old)]


def test_a_term_is_followed_by_an_administrator_only(province):
    row = db.session.scalars(db.select(RetentionRule).where(RetentionRule.code == "LG_OTHER")).one()
    with pytest.raises(NotAllowed):
        retaining.BOOK.end(row, dt.date(2031, 8, 30), actor=province.desk_head, now=LATER)


def test_whoever_leads_the_desk_reads_each_text_puts_it_right_and_decides(client, province, old):
    sign_in(client, province.desk_head)
    assert PAGE in client.get("/can-bo/don-vi").text
    page = client.get(PAGE).text
    assert old.code in page
    assert "Chưa kiểm chứng" in page
    address = f"{PAGE}/{old.code}"
    said = fields_of(client, address)
    assert any("Tôi là […]" in text for text in said.values())
    assert not any("0912345678" in text for text in said.values())
    body = [name for name, text in said.items() if "Tôi là […]" in text][-1]  # the title begins like it
    assert client.post(address, data=said | {body: "Đèn đường tắt."}).location == PAGE
    assert "Đã bỏ thông tin cá nhân" in client.get(PAGE).text
    assert (old.body, old.people[0].name) == ("Đèn đường tắt.", None)
    assert old.code not in client.get(PAGE).text
    assert client.get(address).status_code == 404
    assert client.post(address, data=said).location == PAGE, "pressed twice"
    assert "vừa được người khác xử lý" in client.get(PAGE).text
    assert client.post(f"{PAGE}/BN-KHONG-CO", data=said).status_code == 404
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
