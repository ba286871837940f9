"""The page on which an administrator reads and changes the rungs of the ladder."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock
from app.administration import sentences
from app.audit import entries_about
from app.database import db
from app.escalation import climbing, operations, queries
from app.escalation.models import EscalationRule
from app.permissions import Role
from tests import factories
from tests.feedback import builders, pages
from tests.feedback.builders import MONDAY, at

PAGE = "/quan-tri/bac-don-doc"
RUNG = {
    "code": "LEO_MTTQ", "name": "Quá hạn: báo Ban Chỉ đạo sớm", "level": "steering", "days": "7", "kinds": ["feedback"],
    "duties": ["answer"],
    "source": "Quyết định 5/QĐ-UBND", "evidence": "partly", "effective_from": ["3", "8", "2026"],
}  # fmt: skip


@pytest.fixture
def province(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    operations.load_shipped(now=MONDAY)
    return builders.make_province()


@pytest.fixture
def administrator(client, province):
    user = factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)])
    factories.sign_in(client, user)
    return user


def test_an_administrator_reads_whom_a_promise_reaches_and_what_is_unchecked(client, administrator):
    page = client.get(PAGE).text
    assert "quá hạn 5 ngày làm việc" in page
    assert "còn 2 ngày làm việc" in page
    assert "Chủ tịch Ủy ban nhân dân" in page
    assert page.count("Chưa kiểm chứng") == 6
    assert "không có ai để báo" not in page


@pytest.mark.parametrize("who", ["officer", "head", "steering_reader"])
def test_nobody_else_does(client, province, who):
    factories.sign_in(client, getattr(province, who))
    assert [client.get(f"{PAGE}{more}").status_code for more in ("", "/moi", "/1/ban-moi", "/1/ket-thuc")] == [403] * 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "LEO_CAP_TREN"}, {"code": "leo"}, {"level": "pope"}, {"days": ""}, {"days": "-31"}, {"days": "hai"}, {"kinds": ["x"]},
        {"duties": ["x"]}, {"source": " "}, {"evidence": "sure"}, {"effective_from": ["31", "2", "2026"]},
    ],
    ids=str,
)  # fmt: skip
def test_what_makes_no_rung_is_refused_in_words(client, administrator, wrong):
    answer = pages.post(client, f"{PAGE}/moi", RUNG | wrong)
    assert answer.status_code == 422
    assert len(queries.all_rungs()) == 6


def test_a_rung_is_added_followed_checked_and_ended_and_the_audit_says_so(client, administrator):
    def send(path: str, **change: object) -> int:
        return pages.post(client, f"{PAGE}/{path}", RUNG | change, page=f"{PAGE}/moi").status_code

    assert send("moi") == 303
    row = db.session.scalars(db.select(EscalationRule).where(EscalationRule.code == "LEO_MTTQ")).one()
    assert (row.days, row.kinds, row.duties, row.local) == (7, ["feedback"], ["answer"], False)
    assert send(f"{row.id}/ban-moi", effective_from=["2", "8", "2026"]) == 422  # what is over stays
    assert send(f"{row.id}/ban-moi", effective_from=["1", "9", "2026"], days="9") == 303
    db.session.refresh(row)
    newer = db.session.scalars(db.select(EscalationRule).where(EscalationRule.code == "LEO_MTTQ", EscalationRule.days == 9)).one()
    assert (row.effective_to, newer.effective_from) == (dt.date(2026, 8, 31), dt.date(2026, 9, 1))
    assert pages.post(client, f"{PAGE}/{row.id}/da-doi-chieu", page=PAGE).status_code == 303
    end = {"last_day": ["1", "10", "2026"]}
    assert "trước ngày bản mới áp dụng" in pages.post(client, f"{PAGE}/{row.id}/ket-thuc", end).text
    assert pages.post(client, f"{PAGE}/{newer.id}/ket-thuc", end).status_code == 303
    told = [each.text for each in sentences.tell([*entries_about(row), *entries_about(newer)])]
    assert told == [
        "thêm bậc đôn đốc LEO_MTTQ áp dụng từ 3/8/2026",
        "kết thúc bậc đôn đốc LEO_MTTQ sau 31/8/2026",
        "ghi bậc đôn đốc LEO_MTTQ đã đối chiếu văn bản gốc",
        "thêm bậc đôn đốc LEO_MTTQ áp dụng từ 1/9/2026",
        "kết thúc bậc đôn đốc LEO_MTTQ sau 1/10/2026",
    ]
    assert "Chưa áp dụng" in client.get(PAGE).text


def test_where_nobody_could_be_told_the_administrator_reads_it(client, province, administrator, monkeypatch):
    builders.taken(province)
    province.head.active = province.steering_reader.active = False
    monkeypatch.setattr(clock, "now", lambda: at(15, 7))
    climbing.climb()
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    assert "1 lần đôn đốc không có ai để báo" in client.get(PAGE).text
