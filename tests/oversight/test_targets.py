"""The targets of a year: dialogue is counted, the others are declared by the unit with a paper, and count once they are confirmed."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock
from app.access import NotAllowed
from app.assignments.rules import IllegalTransition
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from app.versions import RuleDateInPast
from dialogues import board
from dialogues.duties import DutyKind
from dialogues.duties import State as Met
from dialogues.operations.duties import load_shipped as load_meeting_duties
from oversight.models import SupervisionPlan, TargetDeclaration
from oversight.operations import report_duties, target_rules
from oversight.operations import targets as operations
from oversight.operations.targets import Said
from oversight.reports import targets
from oversight.rules import targets as rules
from oversight.rules.supervision import PlanState
from oversight.rules.targets import Outcome, Share, State
from tests.factories import make_user, sign_in
from tests.feedback import builders
from tests.feedback.builders import actions, told
from tests.feedback.pages import post
from tests.feedback.test_races import DONE, Hand, at_once
from tests.oversight.looks import standing_body, superior
from tests.oversight.papers_of import front_of

NOW = dt.datetime(2026, 9, 1, 9, 0, tzinfo=LOCAL)
TODAY = NOW.date()
SHOWN = Said(Outcome.MET, "12/QĐ-SXD", dt.date(2026, 2, 1))


@pytest.fixture
def province(app):
    made = builders.make_province()
    report_duties.load_shipped(now=NOW)
    standing_body(made)
    return made


def declared(province, said=SHOWN, code="quy-che"):
    return operations.declare(province.works, code, 2026, said, actor=province.head, now=NOW)


def cell(province, code="quy-che", unit=None):
    row = targets.row_of(unit or province.works, 2026, TODAY)
    return next(each for each in row.cells if each is not None and each.target.code == code)


def share_of(province, code="quy-che"):
    wanted = targets.of_year(2026)
    found = targets.shares(targets.rows(province.front_reader.reach, 2026, TODAY), wanted)
    return found[[target.code for target in wanted].index(code)]


@pytest.mark.parametrize(
    ("said", "share"),
    [
        ([], Share(0, 0)),
        ([None, None], Share(0, 2)),
        ([(Outcome.MET, State.CONFIRMED), None], Share(1, 2)),
        ([(Outcome.MET, State.DECLARED)], Share(0, 1, 1)),
        ([(Outcome.MET, State.RETURNED)], Share(0, 1)),
        ([(Outcome.NOT_YET, State.CONFIRMED)], Share(0, 1)),
        ([(Outcome.NOT_BOUND, State.CONFIRMED), (Outcome.MET, State.CONFIRMED)], Share(1, 1)),
        ([(Outcome.NOT_BOUND, State.DECLARED)], Share(0, 1, 1)),
    ],
)
def test_only_what_was_confirmed_counts_and_who_is_not_bound_is_in_no_denominator(said, share):
    assert rules.share(said) == share


def test_there_are_seven_and_each_binds_its_kinds_of_units(province):
    assert len(targets.of_year(2026)) == 7
    row = targets.row_of(province.works, 2026, TODAY)
    assert [each.target.code for each in row.cells if each] == ["quy-che", "ttnd", "hoi-nghi", "hoc-tap"]
    assert [each.target.code for each in targets.row_of(province.front, 2026, TODAY).cells if each] == ["giam-sat"]
    assert targets.row_of(province.roads, 2026, TODAY) is None


def test_declared_it_waits_and_confirmed_it_counts(province):
    bound = share_of(province).bound
    row = declared(province)
    assert share_of(province) == Share(0, bound, 1)
    assert ("target", province.steering_reader.name) in told(row)
    operations.confirm(row, actor=province.steering_reader, now=NOW)
    assert share_of(province) == Share(1, bound)
    assert ("target", province.head.name) in told(row)
    assert actions(row) == ["target.declared", "target.confirmed"]


def test_nobody_declares_for_another_unit_and_nobody_confirms_their_own(province):
    for stranger in (province.officer, province.health_head, superior(province), province.steering_reader, province.front_reader):
        with pytest.raises(NotAllowed):
            operations.declare(province.works, "quy-che", 2026, SHOWN, actor=stranger, now=NOW)
    row = declared(province)
    both = make_user(unit=province.steering, roles=[(Role.STEERING, None), (Role.HEAD, province.works)])
    elsewhere = make_user(unit=province.steering, roles=[(Role.HEAD, province.health)])  # leads another unit, not this body
    for stranger in (province.head, superior(province), province.front_reader, both, elsewhere):
        with pytest.raises(NotAllowed):
            operations.confirm(row, actor=stranger, now=NOW)


@pytest.mark.parametrize("said", [Said(Outcome.MET), Said(Outcome.MET, "12/QĐ"), Said(Outcome.MET, "", dt.date(2026, 2, 1))])
def test_met_is_shown_by_a_paper_with_number_and_date(province, said):
    with pytest.raises(operations.NoEvidence):
        declared(province, said)
    assert declared(province, Said(Outcome.NOT_YET)).state == State.DECLARED


def test_what_is_counted_or_does_not_bind_the_unit_is_not_declared(province):
    for code in ("gsdtcd", "giam-sat", "khong-co"):
        with pytest.raises(operations.NotBound):
            declared(province, code=code)
    ward_head = make_user(unit=province.ward, roles=[Role.HEAD])
    with pytest.raises(operations.NotBound):
        operations.declare(province.ward, "doi-thoai", 2026, SHOWN, actor=ward_head, now=NOW)
    with pytest.raises(operations.YearAhead):
        operations.declare(province.works, "quy-che", 2027, SHOWN, actor=province.head, now=NOW)


def test_a_declaration_stands_until_it_is_withdrawn_or_returned(province):
    row = declared(province)
    with pytest.raises(operations.AlreadyDeclared):
        declared(province)
    operations.confirm(row, actor=province.steering_reader, now=NOW)
    operations.withdraw(row, "Nhầm số.", actor=province.head, now=NOW)
    assert cell(province).outcome == ""
    again = declared(province)
    operations.send_back(again, "Văn bản của năm trước.", actor=province.steering_reader, now=NOW)
    assert cell(province).state == State.RETURNED
    with pytest.raises(IllegalTransition):
        operations.confirm(again, actor=province.steering_reader, now=NOW)
    assert declared(province).id != again.id
    assert [each.state for each in targets.declarations(province.works, "quy-che", 2026)] == ["declared", "returned", "withdrawn"]


def test_dialogue_is_counted_as_the_board_of_duties_counts_it(province, monkeypatch):
    load_meeting_duties(now=dt.datetime(2026, 1, 1, 8, 0, tzinfo=LOCAL))
    assert cell(province, "doi-thoai", province.ward).outcome == Outcome.NOT_YET
    real = board.rows

    def held(reach, *, year, today):
        rows = real(reach, year=year, today=today)
        for row in rows:
            if row.unit.id == province.ward.id and row.duty.kind == DutyKind.SESSION:
                object.__setattr__(row.standing, "state", Met.MET)
        return rows

    monkeypatch.setattr(board, "rows", held)
    assert cell(province, "doi-thoai", province.ward).outcome == Outcome.MET
    assert share_of(province, "doi-thoai").met == 1


def test_without_a_standing_body_nobody_confirms(app):
    province = builders.make_province()
    report_duties.load_shipped(now=NOW)
    row = declared(province)
    with pytest.raises(NotAllowed):
        operations.confirm(row, actor=province.steering_reader, now=NOW)


def test_the_unit_declares_and_the_standing_body_confirms_on_their_pages(province, client):
    year = TODAY.year
    address = f"/can-bo/bao-cao/chi-tieu/{province.works.id}/quy-che/{year}"
    sign_in(client, province.head)
    assert "Kê khai" in client.get(address).text
    assert post(client, f"{address}/ke-khai", {"outcome": "met"}).status_code == 422
    said = {"outcome": "met", "paper_number": "12/QĐ", "paper_on": ["1", "2", str(year)]}
    assert post(client, f"{address}/ke-khai", said).status_code == 303
    row = db.session.scalars(db.select(TargetDeclaration)).one()
    assert row.paper_on == dt.date(year, 2, 1)
    sign_in(client, province.steering_reader)
    page = client.get(f"/can-bo/bao-cao/chi-tieu?nam={year}").text
    assert "Chờ xác nhận" in page
    assert post(client, f"/can-bo/bao-cao/chi-tieu/ke-khai/{row.id}/xac-nhan", page=address).status_code == 303
    assert "Đã xác nhận" in client.get(address).text
    assert client.get(f"/can-bo/bao-cao/chi-tieu.xlsx?nam={year}").status_code == 200


def test_another_unit_does_not_find_it(province, client):
    row = declared(province)
    sign_in(client, province.health_head)
    assert client.get(f"/can-bo/bao-cao/chi-tieu/{province.works.id}/quy-che/2026").status_code == 404
    assert client.get(f"/can-bo/bao-cao/chi-tieu/ke-khai/{row.id}/rut").status_code == 404
    sign_in(client, province.front_reader)
    assert client.get(f"/can-bo/bao-cao/chi-tieu/{province.works.id}/quy-che/2026").status_code == 200
    assert client.get(f"/can-bo/bao-cao/chi-tieu/{province.works.id}/quy-che/2026/ke-khai").status_code == 403
    for odd in ("quy-che/99999", "khong-co/2026", "gsdtcd/2026"):
        assert client.get(f"/can-bo/bao-cao/chi-tieu/{province.works.id}/{odd}").status_code == 404


def test_a_plan_of_supervision_issued_here_meets_its_target_and_one_issued_elsewhere_is_declared(province, client):
    front = front_of(province)
    sign_in(client, front.head)
    page = f"/can-bo/bao-cao/chi-tieu/{front.unit.id}/giam-sat/2026"
    assert "ban hành nơi khác thì kê khai" in client.get(page).text
    assert ">Kê khai</a>" in client.get(page).text
    operations.declare(front.unit, "giam-sat", 2026, Said(Outcome.NOT_YET), actor=front.head, now=NOW)
    assert cell(province, "giam-sat", front.unit).state == State.DECLARED
    plan = SupervisionPlan(unit=front.unit, year=2026, state=PlanState.DRAFT, created_at=NOW)
    db.session.add(plan)
    db.session.flush()
    assert not cell(province, "giam-sat", front.unit).counted
    plan.state = PlanState.APPROVED
    db.session.flush()
    met = cell(province, "giam-sat", front.unit)
    assert (met.counted, met.outcome, met.state) == (True, Outcome.MET, State.CONFIRMED)
    assert "đã ban hành ở đây. Không phải kê khai" in client.get(page).text
    assert ">Kê khai</a>" not in client.get(page).text


# --- the targets themselves ---------------------------------------------------------------------------------------------------


FIELDS = ("name", "short_name", "position", "counted_by", "unit_kinds", "levels", "source", "article", "evidence", "local")


def test_an_administrator_gives_a_target_another_version_and_what_was_declared_stays(province):
    admin = make_user(roles=[(Role.ADMINISTRATOR, None)])
    declared(province)
    row = target_rules.BOOK.of("quy-che")[0]
    said = {name: getattr(row, name) for name in FIELDS}
    wards = said | {"unit_kinds": ["department"], "effective_from": TODAY}
    assert cell(province, unit=province.ward).target is row
    new = target_rules.change(row, wards, actor=admin, now=NOW)
    assert (row.effective_to, cell(province).target, cell(province).state) == (dt.date(2026, 8, 31), new, State.DECLARED)
    assert [target.code for target in targets.of_year(2025)] == [target.code for target in targets.of_year(2026)]
    with pytest.raises(StopIteration):
        cell(province, unit=province.ward)
    target_rules.BOOK.end(new, dt.date(2026, 12, 30), actor=admin, now=NOW)
    assert "quy-che" not in [target.code for target in targets.of_year(2026)]
    for refusal, day, actor in ((RuleDateInPast, dt.date(2026, 1, 1), admin), (NotAllowed, TODAY, province.head)):
        with pytest.raises(refusal):
            target_rules.change(new, said | {"effective_from": day}, actor=actor, now=NOW)


def test_all_read_the_targets_and_an_administrator_changes_them_on_their_pages(province, client):
    sign_in(client, province.head)
    rules_page = "/can-bo/bao-cao/chi-tieu/quy-dinh"
    assert "Kế hoạch của Ban Chỉ đạo tỉnh Hưng Yên" in client.get(rules_page).text
    assert "Lập bản mới" not in client.get(rules_page).text
    row = target_rules.BOOK.of("doi-thoai")[0]
    assert client.get(f"{rules_page}/{row.id}/ban-moi").status_code == 403
    sign_in(client, make_user(roles=[(Role.ADMINISTRATOR, None)]))
    assert rules_page in client.get("/quan-tri/").text
    assert "Lập bản mới" in client.get(rules_page).text
    for page in (f"{rules_page}/{row.id}/ket-thuc", f"{rules_page}/moi"):
        assert client.get(page).status_code == 200
    change = f"{rules_page}/{row.id}/ban-moi"
    assert 'value="2024"' not in client.get(change).text  # the day from which the version before held
    shown = client.get(change).text
    assert f"Bản mới của {row.name}" in shown
    assert "không đổi cách đếm" in shown
    declared = target_rules.BOOK.of("ttnd")[0]
    assert "không đổi cách đếm" not in client.get(f"{rules_page}/{declared.id}/ban-moi").text
    assert post(client, change, {"unit_kinds": ["khong-co"]}).status_code == 422
    soon = clock.today() + dt.timedelta(days=1)
    typed = {
        "name": "Đối thoại hai lần", "short_name": "Đối thoại", "position": "4", "counted_by": "dialogue", "unit_kinds": ["government"],
        "levels": ["commune"], "source": "Kế hoạch 9/KH-UBND", "evidence": "seen", "effective_from": [soon.day, soon.month, soon.year],
    }  # fmt: skip
    assert post(client, change, typed).status_code == 303
    new = target_rules.BOOK.of("doi-thoai")[-1]
    assert (new.name, new.counted_by, new.article) == ("Đối thoại hai lần", rules.DIALOGUE, "phần II, mục 2")


def test_two_of_one_unit_declare_at_once_and_one_stands(fresh_app):
    province = builders.make_province()
    report_duties.load_shipped(now=NOW)
    office = make_user(unit=province.works, roles=[Role.OFFICE])
    hand = Hand(unit=province.works, a=province.head, b=office)
    outcomes = at_once(
        fresh_app,
        lambda: operations.declare(hand.unit, "quy-che", 2026, SHOWN, actor=hand.a, now=NOW),
        lambda: operations.declare(hand.unit, "quy-che", 2026, SHOWN, actor=hand.b, now=NOW),
    )
    assert outcomes.count(DONE) == 1
    assert sum(isinstance(each, operations.AlreadyDeclared) for each in outcomes) == 1
