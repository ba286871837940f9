"""Nothing of a sealed case goes to be checked before its working copy is confirmed; more than that only with a reason of its own."""

from __future__ import annotations

import pytest

from app import clock
from app.database import db
from app.permissions import Role
from feedback.sealed import copies, queries
from feedback.sealed.operations import leading, reading
from feedback.sealed.rules import Extent, SealedStep
from tests import factories
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.test_sealed_access import YEAR_END, chair, handed, intake  # noqa: F401 - fixtures

pytestmark = pytest.mark.strictest_database

ENOUGH, FIRST = "Ghi vì sao bản đã bỏ tên không đủ", "Chưa có bản làm việc đã xác nhận. Lập bản ấy trước"


def given(case, head, user, extent, **why):
    return leading.grant(case, user, extent=extent, until=clock.today() + YEAR_END, why="Xác minh", actor=head, now=clock.now(), **why)


def test_without_a_confirmed_copy_the_head_grants_nothing_and_sends_nothing_to_be_inspected(province, intake, chair):  # noqa: F811
    case, now, officer = handed(intake, chair), clock.now(), province.health_officer
    reading.open_case(case, reason="Quyết định", actor=chair, now=now, declares=True)
    for extent in Extent:
        with pytest.raises(reading.CopyMissing):
            given(case, chair, officer, extent, why_whole="Cần bản gốc")
    with pytest.raises(reading.CopyMissing):
        reading.deal_with(case, SealedStep.INSPECTED, words="Kiểm tra", actor=chair, now=now)
    reading.deal_with(case, SealedStep.PASSED_ON, words="Chuyển nơi có thẩm quyền", actor=chair, now=now)
    builders.working_copy(case, chair, now)
    reading.deal_with(case, SealedStep.INSPECTED, words="Kiểm tra", actor=chair, now=now)
    with pytest.raises(leading.ReasonMissing):
        given(case, chair, officer, Extent.WHOLE)
    given(case, chair, officer, Extent.COPY)


def test_the_pages_lead_to_the_copy_first_and_who_audits_sees_who_was_given_all_of_it_but_not_why(app, province, intake, chair):  # noqa: F811
    case, officer = handed(intake, chair), province.health_officer
    path = f"/can-bo/to-cao/{case.uid}"
    grants, decision, desk = f"{path}/giao-xem", f"{path}/viec-da-lam", AtDesk(app, chair)
    desk.fill(path, status=200, conflict="no", reason="Quyết định")
    day = clock.today() + YEAR_END
    until = [str(day.day), str(day.month), str(day.year)]
    typed = {"name": officer.email, "user": str(officer.id), "extent": "whole", "until": until, "why": "Xác minh"}
    for page, said in ((grants, typed | {"why_whole": "Đối chiếu sổ gốc"}), (decision, {"step": "inspected", "note": "Kiểm tra"})):
        assert f'action="{path}/ban-lam-viec/lap"' in desk.get(page)
        assert FIRST in desk.fill(page, status=422, **said)
    assert (list(queries.grants_in(case, on=clock.today())), copies.is_confirmed(case)) == ([], False)

    builders.working_copy(case, chair, clock.now())
    db.session.commit()
    assert FIRST not in desk.get(decision)
    assert ENOUGH in desk.fill(grants, status=422, **typed)
    assert "Đã giao." in desk.fill(grants, **typed, why_whole="Đối chiếu sổ gốc")
    assert "Đối chiếu sổ gốc" in desk.fill(path, status=200, reason="Xem lại")
    shown = AtDesk(app, factories.make_user(unit=province.front, roles=[(Role.AUDITOR, None)])).get("/can-bo/nhat-ky-niem-phong")
    assert f"Giao xem toàn bộ nội dung: {officer.name}" in shown
    assert "sổ gốc" not in shown
