"""What comes next in a sealed case stands in the register, for whom it is, and nobody else is told that anything waits."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.database import db
from app.permissions import Reach, Role, Scope
from feedback import rules as feedback_rules
from feedback.operations.intake import PersonData
from feedback.sealed import progress
from feedback.sealed.coming import Due, Next, Progress, coming
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import copying, identity, leading, reading
from feedback.sealed.operations import thread as talk
from feedback.sealed.rules import Extent, SealedStep, Standing
from tests import factories
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk

pytestmark = pytest.mark.strictest_database

ME, HEAD = 1, 2
INTAKE = Reach(ME, 1, ((Role.SEALED_INTAKE, Scope(everywhere=True)),), ("/1/2/",))
CHECKER = Reach(ME, 1, (), ("/1/3/",))
CHAIR = Reach(HEAD, 1, ((Role.HEAD, Scope(unit_path="/1/")),), ("/1/",))
NEW, SURE = Standing("/1/9/", ("/1/9/",), frozenset({7})), Standing("/1/9/", ("/1/9/",), frozenset({7}), confirmed=True)
LED = Standing("/1/9/", ("/1/9/",), frozenset({7}), confirmed=True, head_id=HEAD)
GIVEN = Standing("/1/9/", ("/1/9/",), frozenset({7}), confirmed=True, head_id=HEAD, extent=Extent.COPY, declared=True)
WHOLE = Standing("/1/9/", ("/1/9/",), frozenset({7}), confirmed=True, head_id=HEAD, extent=Extent.WHOLE, declared=True)
ASKED = Standing("/1/9/", ("/1/9/",), frozenset({7}), confirmed=True, head_id=HEAD, extent=Extent.COPY)
READ = Progress(opened=True, opened_by_reader=True)


@pytest.mark.parametrize(
    ("reach", "case", "done", "due"),
    [
        (INTAKE, NEW, Progress(), [(Next.OPEN, True)]),
        (INTAKE, NEW, READ, [(Next.CONFIRM, True)]),
        (INTAKE, NEW, Progress(opened=True, unread=True), [(Next.UNREAD, True), (Next.CONFIRM, True)]),
        (INTAKE, SURE, READ, [(Next.HAND, True)]),
        (INTAKE, SURE, Progress(opened=True, handed_up=True), []),
        (INTAKE, LED, READ, [(Next.DECIDE, False)]),
        (INTAKE, LED, Progress(opened=True, decided=True, asked_by=frozenset({HEAD})), [(Next.ANSWER_WHO, True)]),
        (INTAKE, LED, Progress(opened=True, decided=True, unread=True), []),
        (CHAIR, LED, Progress(opened=True), [(Next.DECIDE, True)]),
        (CHAIR, LED, Progress(opened=True, asked_by=frozenset({HEAD})), [(Next.DECIDE, True), (Next.ANSWER_WHO, False)]),
        (CHAIR, LED, Progress(opened=True, decided=True), []),
        (CHAIR, LED, Progress(opened=True, decided=True, copy_wanted=True), [(Next.MAKE_COPY, True)]),
        (CHAIR, LED, Progress(opened=True, decided=True, copy_wanted=True, copy_in_work_by=ME), [(Next.CHECK_COPY, True)]),
        (CHAIR, LED, Progress(opened=True, decided=True, copy_wanted=True, copy_in_work_by=HEAD), [(Next.CHECK_COPY, False)]),
        (CHAIR, LED, Progress(opened=True, decided=True, copy_wanted=True, copy_given=True), []),
        (CHECKER, ASKED, READ, [(Next.DECLARE, True)]),
        (CHECKER, GIVEN, READ, [(Next.MAKE_COPY, False)]),
        (CHECKER, GIVEN, Progress(opened=True, copy_given=True), [(Next.READ_COPY, True)]),
        (CHECKER, GIVEN, Progress(opened=True, copy_given=True, copy_read=True), []),
        (CHECKER, WHOLE, Progress(opened=True), [(Next.OPEN, True)]),
        (CHECKER, WHOLE, READ, []),
        (CHECKER, LED, Progress(opened=True, unread=True, asked_by=frozenset({HEAD}), copy_in_work_by=HEAD), []),
        (Reach(7, 1, INTAKE.holds, ("/1/2/",)), NEW, Progress(), []),
        (Reach(ME, 1, INTAKE.holds, ("/1/9/",)), NEW, Progress(), []),
    ],
)  # fmt: skip
def test_each_case_says_what_comes_next_and_for_whom(reach, case, done, due):
    assert list(coming(reach, case, done)) == [Due(*each) for each in due]


def test_a_case_goes_from_hand_to_hand_and_each_sees_it_wait_only_while_it_is_theirs(app, tried):
    province = builders.make_province()
    house = factories.make_unit(parent=province.root, name="Thanh tra tỉnh")
    intake = factories.make_user(unit=house, roles=[(Role.SEALED_INTAKE, None)])
    chair = factories.make_user(unit=province.root, name="Chủ tịch tỉnh", roles=[Role.HEAD])
    checker = factories.make_user(unit=house, name="Bùi Thị Tra")
    accused = factories.make_user(unit=province.works, roles=[Role.HEAD, (Role.SEALED_INTAKE, None)])
    everybody, looks, now = (intake, chair, checker, accused), 0, clock.now()

    def waits(*for_: User) -> None:
        """Count for each of them: one for those, none for the others."""
        nonlocal looks
        for user in everybody:
            user.reach = reach_of(user, on=clock.today())
            assert progress.waiting(user, on=clock.today()) == (user in for_), user.name
            looks += 1

    def says(user: User, sentence: str) -> None:
        assert sentence in AtDesk(app, user).get("/can-bo/to-cao")

    builders.submit(kind=feedback_rules.DENUNCIATION, body="Ông ấy nhận phong bì.", people=(PersonData(name="Lê Thị Giấu"),),
                    accused_unit_id=province.works.id, token="t")  # fmt: skip
    db.session.flush()
    case = db.session.scalars(db.select(SealedCase)).one()
    waits(intake)
    reading.open_case(case, declares=True, reason="Xem lần đầu", actor=intake, now=now)
    waits(intake)
    leading.confirm(case, unit=province.works, people=(), actor=intake, now=now)
    waits(intake)
    says(accused, "Chưa có thông tin nào.")
    assert "Sổ niêm phong: " not in AtDesk(app, chair).get("/can-bo/duyet")
    leading.hand_to(case, chair, actor=intake, now=now)
    waits(chair)
    says(intake, "Chờ người đứng đầu quyết định")
    assert "Sổ niêm phong: 1 mục chờ" in AtDesk(app, chair).get("/can-bo/duyet")
    reading.open_case(case, declares=True, reason="Quyết định", actor=chair, now=now)
    assert "<h1>Quyết định, ghi việc đã làm</h1>" in AtDesk(app, chair).get(f"/can-bo/to-cao/{case.uid}/viec-da-lam")
    copy = builders.working_copy(case, chair, now)
    reading.deal_with(case, SealedStep.INSPECTED, words="Đưa vào kiểm tra", actor=chair, now=now)
    waits()
    says(chair, "Không còn việc nào chờ.")
    leading.grant(case, checker, extent=Extent.COPY, until=clock.local_date(now), why="Xác minh", actor=chair, now=now)
    waits(checker)
    reading.declare(case, conflict="", actor=checker, now=now)
    waits(checker)
    copying.open_copy(copy, reason="Xác minh", actor=checker, now=now)
    waits()
    identity.ask(case, reason="Hẹn gặp", actor=chair, now=now)
    waits(intake)
    tried("counting, as who is accused or not concerned, what waits in the sealed register for others", looks)


def test_the_page_of_a_case_leads_to_what_comes_next(app):
    province = builders.make_province()
    intake = factories.make_user(unit=factories.make_unit(parent=province.root, name="Thanh tra"), roles=[(Role.SEALED_INTAKE, None)])
    builders.submit(kind=feedback_rules.DENUNCIATION, body="Ông ấy nhận phong bì.", token="t")
    db.session.flush()
    case, desk = db.session.scalars(db.select(SealedCase)).one(), AtDesk(app, intake)
    page = f"/can-bo/to-cao/{case.uid}"
    assert "Mở đọc lần đầu" in desk.get(page)
    opened = desk.fill(page, status=200, conflict="no", reason="Xem lần đầu")
    assert f'<a href="{page}/nguoi-bi-noi-toi"><b>Xác nhận người bị nói tới</b></a>' in opened
    assert opened.count(f"{page}/nguoi-bi-noi-toi") == 1
    desk.fill(page, status=200, reason="Xem lại")
    assert "(2 lần)" in desk.get("/can-bo/to-cao")
    talk.answer(case, "Tôi nhớ thêm một việc.", (), token="u", now=clock.now() + dt.timedelta(minutes=1))
    assert "Đọc điều người báo tin viết thêm" in desk.get("/can-bo/to-cao")
