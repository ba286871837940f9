"""Who may know of a sealed case: the accused and theirs never, others only by name, for a time, and each look is recorded."""

from __future__ import annotations

import datetime as dt
import random
import threading

import pytest

from app import clock
from app.access import NotAllowed
from app.accounts.models import Delegation
from app.accounts.queries import reach_of
from app.audit import AuditEntry
from app.database import db
from app.outbox import Notice
from app.permissions import Permission, Reach, Role, Scope
from feedback import rules as feedback_rules
from feedback.operations.intake import PersonData
from feedback.sealed import progress, queries, rules
from feedback.sealed.coming import Due, Next
from feedback.sealed.models import SealedCase, SealedReveal
from feedback.sealed.operations import identity, leading, reading
from feedback.sealed.operations.thread import write
from feedback.sealed.rules import Extent, SealedStep
from tests import factories
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk

SECRET = "Ông Giám đốc Vũ Văn Lấp nhận phong bì ở quán Gió Đông"
WHO = "Lê Thị Giấu"
WORDS = ("Vũ Văn Lấp", "Gió Đông", WHO, "0900000001")
YEAR_END = dt.timedelta(days=30)


@pytest.fixture
def intake(province):
    return factories.make_user(unit=factories.make_unit(parent=province.root, name="Thanh tra tỉnh"), roles=[(Role.SEALED_INTAKE, None)])


@pytest.fixture
def chair(province):
    return factories.make_user(unit=province.root, name="Chủ tịch tỉnh", roles=[Role.HEAD])


def send(**over) -> SealedCase:
    people = (PersonData(name=WHO, phone="0900000001"),)
    builders.submit(**({"kind": feedback_rules.DENUNCIATION, "body": SECRET, "people": people, "token": "t"} | over))
    db.session.flush()
    return db.session.scalars(db.select(SealedCase).order_by(SealedCase.id.desc())).first()


def confirmed(intake, *, unit=None, people=(), **over) -> SealedCase:
    case, now = send(**over), clock.now()
    reading.open_case(case, declares=True, reason="Xem lần đầu", actor=intake, now=now)
    leading.confirm(case, unit=unit, people=people, actor=intake, now=now)
    return case


def handed(intake, chair, **over) -> SealedCase:
    case = confirmed(intake, **over)
    leading.hand_to(case, chair, actor=intake, now=clock.now())
    return case


def granted(case, chair, user, *, extent=Extent.WHOLE):
    return builders.granted(case, user, extent=extent, until=clock.today() + YEAR_END, actor=chair, now=clock.now())


def knows(user, case, *, on=None) -> bool:
    on = on or clock.today()
    user.reach = reach_of(user, on=on)
    return case in list(queries.open_to(user, on=on))


# --- the rules, without a database --------------------------------------------------------------------------------------

READS = (Role.SEALED_INTAKE, Scope(everywhere=True))


def test_in_a_thousand_random_trees_nobody_who_is_excluded_may_do_anything():
    """A walk: random units, people, seats, grants and accusations. Whoever touches the accused tree may nothing."""
    rnd = random.Random(5)
    may = [value for name, value in vars(rules).items() if name.startswith("may_")] + [rules.must_declare]
    assert len(may) >= 7
    allowed = 0
    for _ in range(1000):
        paths = ["/1/"]
        for number in range(2, rnd.randint(4, 12)):
            paths.append(f"{rnd.choice(paths)}{number}/")
        accused = tuple(rnd.sample(paths, rnd.randint(0, 2)))
        holds = [READS] * rnd.randint(0, 1) + [
            (rnd.choice(list(Role)), Scope(unit_path=rnd.choice(paths))) for _ in range(rnd.randint(0, 3))
        ]
        homes = tuple(rnd.sample(paths, rnd.randint(1, 2)))
        reach = Reach(user_id=7, unit_id=1, holds=tuple(holds), homes=homes)
        case = rules.Standing(
            accused[0] if accused else None,
            accused,
            frozenset(rnd.sample(range(1, 30), 3)),
            confirmed=rnd.random() < 0.5,
            head_id=rnd.choice([None, 7, 8]),
            extent=rnd.choice([None, *Extent]),
            declared=rnd.random() < 0.5,
            former_paths=tuple(rnd.sample(paths, rnd.randint(0, 1))),
        )
        seats = [
            scope.unit_path
            for role, scope in holds
            if scope.unit_path and role in (Role.OFFICER, Role.HEAD, Role.DIVISION_HEAD, Role.AUDITOR)
        ]
        touches = 7 in case.excluded_ids or any(own.startswith(out) for own in (*homes, *seats, *case.former_paths) for out in accused)
        outcome = [bool(each(reach, case)) for each in may] + [bool(rules.steps_for(reach, case))]
        if touches:
            assert not any(outcome), (reach, case)
        allowed += any(outcome)
    assert allowed > 100, "the walk meets people who may, too"


def test_intake_reads_only_until_a_head_decides():
    reach = Reach(user_id=1, unit_id=1, holds=(READS,), homes=("/1/",))
    before, after = (rules.Standing(None, (), frozenset(), confirmed=True, head_id=head) for head in (None, 2))
    assert rules.may_open(reach, before)
    assert not rules.may_open(reach, after)
    assert rules.may_know(reach, after)
    assert rules.may_agree(reach, after)
    assert not rules.may_hand(reach, rules.Standing(None, (), frozenset())), "nothing is routed before it stands who is accused"


# --- who is accused -----------------------------------------------------------------------------------------------------


def test_the_unit_an_accused_head_leads_is_kept_out_with_all_below_and_who_stands_in_for_them(province, intake, chair):
    case = confirmed(intake, people=[province.head])  # the director of the works department; the unit was not named
    elsewhere = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    today = clock.today()
    below = factories.make_user(unit=province.roads, roles=[(Role.SEALED_INTAKE, None)])
    seat = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None), (Role.OFFICER, province.roads)])
    deputy = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    assert knows(elsewhere, case)
    assert knows(deputy, case)
    db.session.add(Delegation(giver=province.head, deputy=deputy, form="KT.", starts_on=today, ends_on=today))
    db.session.flush()
    for user in (below, seat, deputy):
        assert not knows(user, case), user.name


def test_an_accused_person_without_a_seat_is_kept_out_alone(province, intake):
    accused = factories.make_user(unit=province.works, roles=[(Role.SEALED_INTAKE, None)])
    colleague = factories.make_user(unit=province.works, roles=[(Role.SEALED_INTAKE, None)])
    case = confirmed(intake, people=[accused])
    assert not knows(accused, case)
    assert knows(colleague, case)
    with pytest.raises(NotAllowed):
        reading.open_case(case, declares=True, reason="x", actor=accused, now=clock.now())


def test_nothing_is_routed_before_intake_read_and_confirmed(province, intake, chair):
    case, now = send(), clock.now()
    with pytest.raises(reading.NotOpened):
        leading.confirm(case, unit=None, people=[], actor=intake, now=now)
    with pytest.raises(NotAllowed):
        leading.hand_to(case, chair, actor=intake, now=now)
    assert not knows(chair, case)


def test_only_heads_that_are_not_kept_out_may_be_chosen(province, intake, chair):
    case = confirmed(intake, unit=province.works)
    heads = [user.id for user, _unit in queries.heads_for(case, on=clock.today())]
    assert chair.id in heads
    assert province.head.id not in heads
    with pytest.raises(leading.Excluded):
        leading.hand_to(case, province.head, actor=intake, now=clock.now())


def test_where_the_highest_head_is_accused_it_goes_by_hand_and_that_is_recorded(app, province, intake, chair):
    intake = factories.make_user(unit=factories.make_unit(name="Ủy ban Kiểm tra"), roles=[(Role.SEALED_INTAKE, None)])
    case = confirmed(intake, people=[chair])
    desk = AtDesk(app, intake)
    page = desk.fill(f"/can-bo/to-cao/{case.uid}/nguoi-dung-dau", note="Công văn 12 gửi Thanh tra Chính phủ, ông Tín nhận")
    assert "Chuyển tay lên cấp trên" in page
    db.session.refresh(case)
    assert case.steps[-1].kind == SealedStep.HANDED_UP
    assert not knows(chair, case)


def test_a_head_who_is_accused_later_decides_no_more_and_intake_takes_it_back(province, intake, chair):
    case = handed(intake, chair)
    assert not queries.may_open(intake, case, on=clock.today())
    reading.open_case(case, declares=True, reason="Xem", actor=chair, now=clock.now())
    leading.confirm(case, unit=province.root, people=[], actor=chair, now=clock.now())
    below = factories.make_user(unit=province.health, roles=[(Role.SEALED_INTAKE, None)])
    away = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    assert not knows(chair, case)
    assert not knows(below, case)
    assert queries.may_open(away, case, on=clock.today())


# --- need to know -------------------------------------------------------------------------------------------------------


def test_who_is_granted_declares_before_the_first_look_and_the_grant_ends_with_its_day(app, province, intake, chair):
    case = handed(intake, chair, unit=province.works)
    officer = province.health_officer
    given = granted(case, chair, officer)
    path = f"/can-bo/to-cao/{case.uid}"
    desk = AtDesk(app, officer)
    assert case.heading.code in desk.get("/can-bo/to-cao")
    assert "phải khai" in desk.get(path)
    with pytest.raises(NotAllowed):
        reading.open_case(case, declares=True, reason="x", actor=officer, now=clock.now())
    assert "Đã ghi lời khai" in desk.fill(f"{path}/khai-loi-ich", conflict="no")
    opened = desk.fill(path, status=200, reason="Xác minh theo giao")
    assert SECRET in opened
    assert WHO not in opened
    assert not knows(officer, case, on=given.until + dt.timedelta(days=1))


def test_a_declared_conflict_ends_the_grant_and_tells_the_head(app, province, intake, chair):
    case = handed(intake, chair)
    granted(case, chair, province.health_officer)
    before = db.session.scalar(db.select(db.func.count(Notice.id)).where(Notice.user_id == chair.id))
    desk = AtDesk(app, province.health_officer)
    path = f"/can-bo/to-cao/{case.uid}"
    assert "Ghi vướng gì" in desk.fill(f"{path}/khai-loi-ich", status=422, conflict="yes")
    desk.fill(f"{path}/khai-loi-ich", conflict="yes", which="Là em rể")
    desk.get(path, status=404)
    assert db.session.scalar(db.select(db.func.count(Notice.id)).where(Notice.user_id == chair.id)) > before


def test_a_grant_is_not_lent_by_delegation_and_the_head_ends_it(app, province, intake, chair):
    case, today = handed(intake, chair), clock.today()
    granted(case, chair, province.health_officer)
    deputy = factories.make_user(unit=province.front)
    for giver in (province.health_officer, chair):
        db.session.add(Delegation(giver=giver, deputy=deputy, form="KT.", starts_on=today, ends_on=today))
    db.session.flush()
    assert not knows(deputy, case)
    assert knows(province.health_officer, case)
    page = f"/can-bo/to-cao/{case.uid}/giao-xem"
    given = queries.grants_in(case, on=today)[0]
    AtDesk(app, chair).press(page, f"{page}/{given.uid}/thoi")
    assert not knows(province.health_officer, case)


def test_the_head_finds_nobody_who_is_kept_out_and_grants_them_nothing(app, province, intake, chair):
    case = handed(intake, chair, unit=province.works)
    with pytest.raises(leading.Excluded):
        granted(case, chair, province.officer)
    page = AtDesk(app, chair).fill(f"/can-bo/to-cao/{case.uid}/giao-xem", status=200, name=province.officer.email, find="1")
    assert f'value="{province.officer.id}"' not in page
    page = AtDesk(app, chair).fill(f"/can-bo/to-cao/{case.uid}/giao-xem", status=200, name=province.health_officer.email, find="1")
    assert f'value="{province.health_officer.id}"' in page


def test_the_copy_alone_opens_no_case(province, intake, chair):
    case, today = handed(intake, chair), clock.today()
    granted(case, chair, province.health_officer, extent=Extent.COPY)
    reading.declare(case, conflict="", actor=province.health_officer, now=clock.now())
    standing = queries.standing_of(case, province.health_officer, on=today)
    assert rules.may_read_copy(province.health_officer.reach, standing)
    assert not rules.may_open(province.health_officer.reach, standing)


def test_only_the_head_decides(province, intake, chair):
    case, now = handed(intake, chair), clock.now()
    for actor, step in ((intake, SealedStep.INSPECTED), (intake, SealedStep.BOOKED), (province.head, SealedStep.INSPECTED)):
        with pytest.raises(NotAllowed):
            reading.deal_with(case, step, words="x", actor=actor, now=now)
    reading.open_case(case, declares=True, reason="Quyết định", actor=chair, now=now)
    with pytest.raises(reading.CopyMissing):
        reading.deal_with(case, SealedStep.INSPECTED, words="x", actor=chair, now=now)
    builders.working_copy(case, chair, now)
    reading.deal_with(case, SealedStep.INSPECTED, words="Thanh tra tỉnh kiểm tra", actor=chair, now=now)
    assert case.done[-1].kind == SealedStep.INSPECTED


# --- who wrote ----------------------------------------------------------------------------------------------------------


def test_two_people_reveal_who_wrote_and_each_look_is_recorded(app, province, intake):
    case = confirmed(intake)
    other = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    path = f"/can-bo/to-cao/{case.uid}/nguoi-bao-tin"
    desk, second = AtDesk(app, intake), AtDesk(app, other)
    assert "Một người khác phải đồng ý" in desk.fill(path, reason="Hẹn gặp người báo tin")
    reveal = db.session.scalars(db.select(SealedReveal)).one()
    desk.get(f"{path}/{reveal.uid}", status=404)  # not the same person
    namesake = factories.make_user(name=intake.name, unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    for user, answers in ((intake, False), (namesake, False), (other, True)):
        assert (f"{path}/{reveal.uid}" in AtDesk(app, user).get(path)) is answers
        due = progress.of([case], user, on=clock.today())[case.id]
        assert (Due(Next.ANSWER_WHO, mine=True) in due) is answers
    AtDesk(app, namesake).get(f"{path}/{reveal.uid}", status=404)
    second.fill(f"{path}/{reveal.uid}", answer="yes", reason="Cần gặp")
    assert WHO not in desk.get(path)
    assert WHO in desk.press(path, f"{path}/xem", status=200)
    assert [step.kind for step in case.steps][-3:] == [SealedStep.ASKED_WHO, SealedStep.AGREED, SealedStep.SAW_WHO]
    actions = db.session.scalars(db.select(AuditEntry.action).where(AuditEntry.action.startswith("sealed.identity")))
    assert sorted(actions) == ["sealed.identity_asked", "sealed.identity_decided", "sealed.identity_seen"]


def test_who_has_handed_the_case_on_is_promised_no_look_at_who_wrote_and_the_head_reads_so(app, province, intake, chair):
    case, lost = confirmed(intake), "không còn mở được thông tin này"
    reveal = identity.ask(case, reason="Hẹn gặp", actor=intake, now=clock.now())
    path = f"/can-bo/to-cao/{case.uid}/nguoi-bao-tin"
    desk, head = AtDesk(app, intake), AtDesk(app, chair)
    assert lost not in desk.get(path)
    leading.hand_to(case, chair, actor=intake, now=clock.now())
    assert lost in desk.get(path)
    asked = head.get(f"{path}/{reveal.uid}")
    assert lost in asked
    assert "trong 24 giờ" not in asked
    head.fill(f"{path}/{reveal.uid}", answer="yes", reason="Được")
    assert rules.is_shown(reveal, clock.now())
    page = desk.get(path)
    assert lost in page
    assert f"{path}/xem" not in page


def test_nobody_reveals_who_wrote_alone(province, intake):
    case, now = confirmed(intake), clock.now()
    other = factories.make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    reveal = identity.ask(case, reason="x", actor=intake, now=now)
    with pytest.raises(NotAllowed):
        identity.decide(reveal, agree=True, reason="x", actor=intake, now=now)
    with pytest.raises(NotAllowed):
        identity.see(case, actor=intake, now=now)
    with pytest.raises(identity.AskedAlready):
        identity.ask(case, reason="x", actor=intake, now=now)
    namesake = factories.make_user(name=intake.name, unit=province.front, roles=[(Role.SEALED_INTAKE, None)])
    with pytest.raises(NotAllowed):  # two accounts of one person
        identity.decide(reveal, agree=True, reason="x", actor=namesake, now=now)
    identity.decide(reveal, agree=False, reason="Không cần", actor=other, now=now)
    with pytest.raises(NotAllowed):
        identity.see(case, actor=intake, now=now)
    again = identity.ask(case, reason="y", actor=intake, now=now)
    identity.decide(again, agree=True, reason="Được", actor=other, now=now)
    with pytest.raises(NotAllowed):  # who agreed did not ask
        identity.see(case, actor=other, now=now)
    identity.see(case, actor=intake, now=now + rules.SHOWN_FOR - dt.timedelta(seconds=1))
    with pytest.raises(NotAllowed):
        identity.see(case, actor=intake, now=now + rules.SHOWN_FOR)


def test_two_who_agree_at_once_decide_once(fresh_app):
    province = builders.make_province()
    readers = [
        factories.make_user(unit=unit, roles=[(Role.SEALED_INTAKE, None)]) for unit in (province.front, province.steering, province.health)
    ]
    case = confirmed(readers[0])
    reveal_id = identity.ask(case, reason="x", actor=readers[0], now=clock.now()).id
    ids, start, said = [reader.id for reader in readers[1:]], threading.Barrier(2), []
    db.session.commit()

    def decide(user_id: int) -> None:
        with fresh_app.app_context():
            actor = db.session.get_one(factories.User, user_id)
            actor.reach = reach_of(actor, on=clock.today())
            reveal = db.session.get_one(SealedReveal, reveal_id)
            db.session.rollback()
            start.wait()
            try:
                identity.decide(reveal, agree=user_id == ids[0], reason="x", actor=actor, now=clock.now())
                db.session.commit()
                said.append("done")
            except identity.DecidedAlready:
                db.session.rollback()
                said.append("late")

    threads = [threading.Thread(target=decide, args=(user_id,)) for user_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["done", "late"]


# --- the auditor --------------------------------------------------------------------------------------------------------


def test_the_auditor_sees_every_look_and_nothing_of_the_case_and_one_of_the_accused_unit_sees_none(app, province, intake):
    case = confirmed(intake, unit=province.works)
    page = "/can-bo/nhat-ky-niem-phong"
    shown = AtDesk(app, factories.make_user(unit=province.front, roles=[(Role.AUDITOR, None)])).get(page)
    assert intake.name in shown
    assert "Mở đọc" in shown
    assert queries.neutral_number(case) in shown
    for word in (*WORDS, "Xem lần đầu", case.heading.code, str(case.uid)):
        assert word not in shown
    for auditor in (
        factories.make_user(unit=province.roads, roles=[(Role.AUDITOR, None)]),
        factories.make_user(unit=province.front, roles=[(Role.AUDITOR, None), (Role.AUDITOR, province.works)]),
    ):
        assert queries.neutral_number(case) not in AtDesk(app, auditor).get(page)
    AtDesk(app, province.officer).get(page, status=403)


def test_the_auditor_sees_who_made_and_confirmed_the_working_copy_and_who_wrote_to_the_sender(app, province, intake):
    case, now = confirmed(intake), clock.now()
    builders.working_copy(case, intake, now)
    write(case, "Hẹn gặp ở đâu?", actor=intake, now=now)
    shown = AtDesk(app, factories.make_user(unit=province.front, roles=[(Role.AUDITOR, None)])).get("/can-bo/nhat-ky-niem-phong")
    for word in ("Lập bản làm việc", "Một mình lập và xác nhận bản làm việc", "Viết cho người báo tin"):
        assert f">{word}</td>" in shown
    assert "Hẹn gặp" not in shown


# --- hồ sơ mật ----------------------------------------------------------------------------------------------------------


def test_of_a_classified_file_only_number_date_and_holder_are_taken(app, intake):
    case = confirmed(intake)
    path = f"/can-bo/to-cao/{case.uid}"
    desk = AtDesk(app, intake)
    form = desk.get(f"{path}/ho-so-mat")
    assert "Bí mật nhà nước không được đưa lên" in form
    assert "<textarea" not in form
    assert 'type="file"' not in form
    assert "Ghi số hồ sơ" in desk.fill(f"{path}/ho-so-mat", status=422, number="", day=["1", "6", "2026"], holder="Văn thư mật")
    desk.fill(f"{path}/ho-so-mat", number="07/HS-M", day=["1", "6", "2026"], holder="Văn thư mật")
    assert "Số 07/HS-M, ngày 1/6/2026, nơi giữ: Văn thư mật" in desk.fill(path, status=200, reason="Xem lại")


def test_every_permission_of_the_register_is_personal():
    """No role that a delegation passes on opens it."""
    from app.permissions import GRANTS, PERSONAL  # noqa: PLC0415

    assert {role for role, held in GRANTS.items() if Permission.SEALED_READ in held} <= PERSONAL
