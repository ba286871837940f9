"""Before the first look intake and the head, too, say whether an interest of theirs is touched; who has one is out of that case."""

from __future__ import annotations

import pytest

from app import clock
from app.access import NotAllowed
from app.accounts.queries import reach_of
from app.database import db
from app.outbox import Notice
from app.permissions import Role
from feedback.sealed import queries
from feedback.sealed.operations import leading, reading
from feedback.sealed.rules import Extent, SealedStep
from tests import factories
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.test_sealed_access import SECRET, chair, granted, handed, intake, knows, send  # noqa: F401 - fixtures

pytestmark = pytest.mark.strictest_database

ALONE, IN_LAW = "không còn ai khác mở được", "Là anh rể tôi"


def told() -> set[int]:
    return set(db.session.scalars(db.select(Notice.user_id)))


def test_nobody_opens_a_case_before_they_declared(province, intake, chair):  # noqa: F811
    case, now = send(), clock.now()
    with pytest.raises(reading.NotDeclared):
        reading.open_case(case, reason="Xem", actor=intake, now=now)
    reading.open_case(case, reason="Xem", actor=intake, now=now, declares=True)
    reading.open_case(case, reason="Xem lại", actor=intake, now=now)
    leading.confirm(case, unit=None, people=(), actor=intake, now=now)
    leading.hand_to(case, chair, actor=intake, now=now)
    with pytest.raises(reading.NotDeclared):
        reading.open_case(case, reason="Quyết định", actor=chair, now=now)
    reading.open_case(case, reason="Quyết định", actor=chair, now=now, declares=True)
    assert [(step.user_id, step.kind) for step in case.steps if step.kind == SealedStep.DECLARED] == [
        (intake.id, "declared"), (chair.id, "declared"),
    ]  # fmt: skip


def test_of_two_who_take_in_one_has_an_interest_and_the_other_learns_it_and_reads(app, province, intake):  # noqa: F811
    case = send(accused_unit_id=province.works.id)
    other = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    path, desk = f"/can-bo/to-cao/{case.uid}", AtDesk(app, intake)
    assert f"Thông tin nói tới: {province.works.name}" in desk.get(path), "nobody declares without knowing about whom"
    assert "Chọn một câu trả lời" in desk.fill(path, status=422, reason="Xem lần đầu")
    assert "Ghi vướng gì" in desk.fill(path, status=422, conflict="yes")
    register = desk.fill(path, conflict="yes", which=IN_LAW)
    assert "không còn xem mục này" in register
    assert case.heading.code not in register
    assert ALONE not in register
    desk.get(path, status=404)
    assert other.id in told()
    assert case.looks == []
    opened = AtDesk(app, other).fill(path, status=200, conflict="no", reason="Xem lần đầu")
    assert SECRET in opened
    assert IN_LAW in opened


def test_where_nobody_is_left_the_register_says_so_until_there_is_another_reader(app, province, intake):  # noqa: F811
    case, today = send(), clock.today()
    reading.declare(case, conflict=IN_LAW, actor=intake, now=clock.now())
    desk = AtDesk(app, intake)
    assert ALONE in desk.get("/can-bo/to-cao")
    with pytest.raises(NotAllowed):
        reading.open_case(case, reason="Xem", actor=intake, now=clock.now(), declares=True)
    kept_out = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, province.health)])
    assert ALONE not in AtDesk(app, kept_out).get("/can-bo/to-cao"), "who has never known of it learns nothing"
    other = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    db.session.commit()
    assert ALONE not in desk.get("/can-bo/to-cao")
    other.reach = reach_of(other, on=today)
    assert list(queries.open_to(other, on=today, unopened=True)) == [case], "they are told in the morning"


def test_a_head_who_finds_an_interest_while_reading_decides_no_more_and_intake_chooses_another(app, province, intake, chair):  # noqa: F811
    case, on = handed(intake, chair), clock.today()
    second = factories.make_user(unit=province.front, roles=[Role.HEAD])
    path, desk = f"/can-bo/to-cao/{case.uid}", AtDesk(app, chair)
    opened = desk.fill(path, status=200, conflict="no", reason="Quyết định")
    assert f'href="{path}/khai-loi-ich"' in opened
    before = db.session.scalar(db.select(db.func.count(Notice.id)).where(Notice.user_id == intake.id))
    desk.fill(f"{path}/khai-loi-ich", conflict="yes", which=IN_LAW)
    desk.get(path, status=404)
    assert not knows(chair, case)
    assert db.session.scalar(db.select(db.func.count(Notice.id)).where(Notice.user_id == intake.id)) > before
    assert "Chuyển người đứng đầu quyết định" in AtDesk(app, intake).get("/can-bo/to-cao")
    assert [user.id for user, _unit in queries.heads_for(case, on=on) if user in (chair, second)] == [second.id]
    with pytest.raises(leading.Excluded):
        leading.hand_to(case, chair, actor=intake, now=clock.now())
    leading.hand_to(case, second, actor=intake, now=clock.now())
    builders.working_copy(case, second, clock.now())
    with pytest.raises(leading.Excluded):
        granted(case, second, chair, extent=Extent.COPY)
