"""What a unit owes the people in a year, and its plan: who is bound, who is late, versions that follow one another."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from app.access import NotAllowed
from app.administration import sentences
from app.assignments.rules import IllegalTransition
from app.audit import entries_about
from app.database import db
from app.permissions import Role
from app.units.models import UnitKind
from dialogues import board, duties, queries
from dialogues.duties import DutyKind, Meeting, Span, State
from dialogues.models import Chair, MeetingDuty, PlanLine, ReceptionDay, YearPlan
from dialogues.operations import planning
from dialogues.operations.duties import load_shipped
from dialogues.operations.planning import LineData
from dialogues.rules import ChairPart, Form, PlanState, ReceptionState, Status
from tests import factories
from tests.dialogues import builders
from tests.feedback import pages
from tests.feedback.builders import MONDAY, at

TODAY = MONDAY.date()  # 3/8/2026
PLAN = "/can-bo/doi-thoai/ke-hoach"
BOARD = "/can-bo/doi-thoai/nghia-vu"
LINE = LineData(quarter=3, topic="Thoát nước tổ 4", audience="Các hộ dân tổ 4", form=Form.IN_PERSON)


def unit(kind: str, level: str = "province", parent: object = None, valid_from: dt.date = dt.date(2020, 1, 1)) -> SimpleNamespace:
    return SimpleNamespace(kind=kind, level=level, parent=parent, valid_from=valid_from)


def duty(**over: object) -> SimpleNamespace:
    values = {
        "kind": DutyKind.SESSION, "unit_kinds": [], "levels": [], "times": 1, "per": "year", "with_front": False, "in_person": False,
        "effective_from": dt.date(2020, 1, 1), "effective_to": None, "watched_from": dt.date(2020, 1, 1),
    }  # fmt: skip
    return SimpleNamespace(**(values | over))


def met(day: dt.date, *, held: bool = True, kind: DutyKind = DutyKind.SESSION, **over: bool) -> Meeting:
    return Meeting(1, kind, day, held, "x", **over)


# --- duties -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "binds"),
    [
        (unit("government", "commune"), True),
        (unit("government", "province"), False),
        (unit("department", "commune"), False),
        (unit("government", "commune", parent=unit("government", "province")), True),
        (unit("government", "commune", parent=unit("government", "commune")), False),
    ],
)
def test_a_duty_binds_by_kind_and_level_and_no_division_of_an_agency(who, binds):
    assert duties.binds(duty(unit_kinds=["government"], levels=["commune"]), who) is binds


JULY = {"per": "month", "times": 2, "kind": DutyKind.RECEPTION, "effective_from": dt.date(2026, 7, 1)}


@pytest.mark.parametrize(
    ("what", "meetings", "state"),
    [
        ({}, [], State.OPEN),
        ({}, [met(dt.date(2026, 2, 1))], State.MET),
        ({}, [met(dt.date(2025, 12, 31))], State.OPEN),
        ({}, [met(dt.date(2026, 9, 1), held=False)], State.COMING),
        ({}, [met(dt.date(2026, 8, 1), held=False)], State.OPEN),  # its day passed and it was not held
        ({"with_front": True}, [met(dt.date(2026, 2, 1))], State.OPEN),
        ({"with_front": True}, [met(dt.date(2026, 2, 1), with_front=True)], State.MET),
        ({"in_person": True}, [met(dt.date(2026, 2, 1), by_deputy=True)], State.OPEN),
        ({}, [met(dt.date(2026, 2, 1), kind=DutyKind.RECEPTION)], State.OPEN),
        ({"effective_from": dt.date(2027, 1, 1)}, [], None),
        (JULY, [], State.LATE),
        (JULY, [met(dt.date(2026, 7, day), kind=DutyKind.RECEPTION) for day in (10, 25)], State.OPEN),
        (
            JULY,
            [met(dt.date(2026, 7, day), kind=DutyKind.RECEPTION) for day in (10, 25)]
            + [met(dt.date(2026, 8, day), kind=DutyKind.RECEPTION, held=False) for day in (10, 25)],
            State.COMING,
        ),
    ],
)
def test_how_a_unit_stands_is_derived_from_days(what, meetings, state):
    found = duties.standing(duty(**what), unit("government"), meetings, year=2026, today=TODAY)
    assert (found.state if found else None) == state


def test_late_names_the_periods_that_ended_short_and_spares_what_was_not_there_yet():
    monthly = duty(**JULY | {"effective_from": dt.date(2026, 5, 1)})
    found = duties.standing(monthly, unit("government", valid_from=dt.date(2026, 6, 1)), [], year=2026, today=TODAY)
    assert found is not None
    assert [span.first.month for span in found.missed] == [6, 7]
    assert found.span == Span(dt.date(2026, 8, 1), dt.date(2026, 8, 31))
    past = duties.standing(duty(), unit("government"), [], year=2025, today=TODAY)
    assert past is not None
    assert past.state is State.LATE


@pytest.mark.parametrize(
    ("over", "quarters", "meetings", "state", "passed"),
    [
        ({}, [2], [], State.LATE, (2,)),
        ({}, [3], [], State.OPEN, ()),  # the quarter runs
        ({}, [2], [met(dt.date(2026, 3, 1))], State.MET, ()),
        ({}, [1, 2], [], State.LATE, (1,)),  # the duty asks for one
        ({"times": 2}, [1, 2], [met(dt.date(2026, 2, 1))], State.LATE, (2,)),
        ({"watched_from": dt.date(2026, 7, 20)}, [2], [], State.OPEN, ()),
        (JULY | {"watched_from": dt.date(2026, 7, 20)}, [], [], State.OPEN, ()),
        (JULY, [1], [met(dt.date(2026, 7, day), kind=DutyKind.RECEPTION) for day in (10, 25)], State.OPEN, ()),
    ],
)
def test_the_plans_quarter_counts_and_nothing_from_before_the_site_kept_it(over, quarters, meetings, state, passed):
    found = duties.standing(duty(**over), unit("government"), meetings, year=2026, today=TODAY, planned=quarters)
    assert found is not None
    assert (found.state, found.quarters) == (state, passed)


def test_the_days_of_a_month_never_leave_it():
    assert duties.days_of(2026, 2, [10, 31, 30]) == [dt.date(2026, 2, 10), dt.date(2026, 2, 28)]


def test_the_shipped_duties_are_loaded_once_and_say_where_they_come_from(app):
    for _ in range(2):
        load_shipped(now=MONDAY)
    rows = db.session.scalars(db.select(MeetingDuty)).all()
    assert len({row.code for row in rows}) == len(rows) > 0
    assert {row.evidence for row in rows} <= {"seen", "partly", "memory"}
    assert all(row.source for row in rows)
    chair = next(row for row in rows if row.code == "TD_COMMUNE_CHAIR")
    assert (chair.times, chair.per, chair.in_person, chair.effective_from) == (2, "month", True, dt.date(2026, 7, 1))


# --- the board ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def loaded(province):
    load_shipped(now=at(-400))
    return province


def reception(unit, day: dt.date, state: ReceptionState) -> ReceptionDay:
    row = ReceptionDay(unit=unit, day=day, begins=dt.time(8), ends=dt.time(11), venue="Trụ sở", state=state)
    db.session.add(row)
    db.session.flush()
    return row


def test_the_board_counts_sessions_with_mttq_and_reception_days(loaded, head):
    builders.session_at(loaded, head, Status.HELD)
    for day in (10, 24):
        reception(loaded.ward, dt.date(2026, 7, day), ReceptionState.HELD)
    reception(loaded.ward, dt.date(2026, 8, 10), ReceptionState.PLANNED)
    today = dt.date(2026, 9, 1)  # the session was held on 31/8
    found = {row.duty.code: row.standing for row in board.rows(head.reach, year=2026, today=today)}
    assert set(found) == {"DT_COMMUNE", "TD_COMMUNE_CHAIR"}
    assert found["DT_COMMUNE"].state is State.MET
    assert [span.first.month for span in found["TD_COMMUNE_CHAIR"].missed] == [8]


def test_a_session_without_mttq_is_not_the_one_the_law_asks_for(loaded, head):
    session = builders.session_at(loaded, head, Status.HELD)
    session.chairs.remove(session.chairs[1])
    db.session.flush()
    found = {row.duty.code: row.standing.state for row in board.rows(head.reach, year=2026, today=dt.date(2026, 9, 1))}
    assert found["DT_COMMUNE"] is State.OPEN
    later = {row.duty.code: row.standing for row in board.rows(head.reach, year=2026, today=dt.date(2026, 10, 1))}
    assert (later["DT_COMMUNE"].state, later["DT_COMMUNE"].quarters) == (State.LATE, (3,))  # as its plan has it


def test_a_co_chair_has_met_the_people_too(loaded, head):
    party = factories.make_unit(parent=loaded.root, name="Ủy ban nhân dân phường bên", kind=UnitKind.GOVERNMENT, level="commune")
    session = builders.session_at(loaded, head, Status.HELD)
    session.chairs.append(Chair(position=3, part=ChairPart.CHAIR, unit=party, name="Lê Văn Hải", title="Chủ tịch"))
    db.session.flush()
    rows = board.rows_of(party, year=2026, today=dt.date(2026, 9, 1))
    assert [row.standing.held for row in rows if row.duty.code == "DT_COMMUNE"] == [1]


def test_one_sees_the_units_one_may_read(loaded, head):
    assert {row.unit for row in board.rows(head.reach, year=2026, today=TODAY)} == {loaded.ward}
    everywhere = {row.unit for row in board.rows(loaded.front_reader.reach, year=2026, today=TODAY)}
    assert {loaded.root, loaded.works, loaded.ward} <= everywhere
    assert loaded.roads not in everywhere  # a division


def test_the_board_asks_as_much_however_many_units_there_are(client, loaded):
    factories.sign_in(client, loaded.front_reader)

    def cost() -> int:
        with pages.statements() as seen:
            assert client.get(BOARD).status_code == 200
        return len(seen)

    cost()
    once = cost()
    for number in range(4):
        more = factories.make_unit(parent=loaded.root, name=f"Ủy ban nhân dân xã {number}", kind=UnitKind.GOVERNMENT, level="commune")
        reception(more, dt.date(2026, 8, 10), ReceptionState.PLANNED)
    cost()  # what is new is read into memory once
    assert cost() == once


def test_the_counts_of_the_board_open_the_units_behind_them(client, loaded, head):
    factories.sign_in(client, loaded.front_reader)
    late = client.get(f"{BOARD}?tinh-trang=late&loai=TD_COMMUNE_CHAIR").text
    assert "Ủy ban nhân dân phường" in late
    assert "Thiếu các tháng: 7" in late
    assert "Không có đơn vị nào như vậy" in client.get(f"{BOARD}?tinh-trang=met&cap=commune").text
    assert "Sở Xây dựng" not in client.get(f"{BOARD}?don-vi={loaded.ward.id}&cap=commune").text


def test_the_rules_say_their_source_and_what_is_unchecked(client, loaded):
    for who in (loaded.front_reader, administrator := factories.make_user(unit=loaded.root, roles=[(Role.ADMINISTRATOR, None)])):
        factories.sign_in(client, who)
        page = client.get(f"{BOARD}/quy-dinh").text
        assert ("DT_HEAD" in page) is (who is administrator)  # a code is for who keeps the rules
        assert "Tỉnh ủy Hà Giang, là tỉnh khác, dùng làm mẫu" in page
        assert "Điều 43" in page
        assert "Chưa kiểm chứng" in page


DUTY = {
    "code": "DT_SO", "name": "Giám đốc sở đối thoại", "kind": "session", "unit_kinds": ["department"], "levels": ["province"], "times": "2",
    "per": "year", "source": "Quy định 5-QĐ/TU", "evidence": "partly", "effective_from": ["1", "1", "2026"],
}  # fmt: skip


def test_an_administrator_adds_follows_checks_and_ends_a_duty(client, loaded, head):
    factories.sign_in(client, head)
    assert client.get(f"{BOARD}/quy-dinh/moi").status_code == 403
    factories.sign_in(client, factories.make_user(unit=loaded.root, roles=[(Role.ADMINISTRATOR, None)]))

    def send(path: str, change: dict[str, object] | None = None) -> int:
        return pages.post(client, f"{BOARD}/quy-dinh/{path}", DUTY | (change or {}), page=f"{BOARD}/quy-dinh/moi").status_code

    for wrong in ({"per": "month", "effective_from": ["2", "8", "2026"]}, {"unit_kinds": ["x"]}, {"times": "0"}, {"code": "DT_HEAD"}):
        assert send("moi", wrong) == 422, wrong
    assert send("moi") == 303
    row = db.session.scalars(db.select(MeetingDuty).where(MeetingDuty.code == "DT_SO")).one()
    assert (row.times, row.unit_kinds, row.watched_from) == (2, ["department"], TODAY)
    assert send(f"{row.id}/ban-moi", {"effective_from": ["2", "8", "2026"]}) == 422  # what is over stays
    assert send(f"{row.id}/ban-moi", {"effective_from": ["1", "1", "2027"], "times": "3"}) == 303
    newer = db.session.scalars(db.select(MeetingDuty).where(MeetingDuty.code == "DT_SO", MeetingDuty.id != row.id)).one()
    assert (row.effective_to, newer.times, newer.watched_from) == (dt.date(2026, 12, 31), 3, TODAY)
    assert pages.post(client, f"{BOARD}/quy-dinh/{row.id}/da-doi-chieu", page=f"{BOARD}/quy-dinh").status_code == 303
    end = {"last_day": ["31", "12", "2027"]}
    both = pages.post(client, f"{BOARD}/quy-dinh/{row.id}/ket-thuc", end)
    assert (both.status_code, "Đã có bản mới của quy định này" in both.text) == (422, True)
    assert pages.post(client, f"{BOARD}/quy-dinh/{newer.id}/ket-thuc", end).status_code == 303
    db.session.refresh(row)
    db.session.refresh(newer)
    assert (row.evidence, newer.effective_to) == ("seen", dt.date(2027, 12, 31))
    assert send(f"{row.id}/ban-moi", {"effective_from": ["1", "7", "2027"]}) == 303  # of the old version: it follows the newer one
    db.session.refresh(newer)
    assert newer.effective_to == dt.date(2027, 6, 30)
    told = [each.text for each in sentences.tell(entries_about(row))]
    assert "ghi nghĩa vụ gặp dân DT_SO đã đối chiếu văn bản gốc" in told


# --- the plan -----------------------------------------------------------------------------------------------------------


def test_a_plan_is_written_approved_and_followed_by_a_version_that_keeps_its_sessions(province, head, secretary):
    plan = planning.start(province.ward, 2026, actor=secretary, now=MONDAY)
    line = planning.add_line(plan, LINE, actor=secretary, now=MONDAY)
    with pytest.raises(NotAllowed):
        planning.approve(plan, number="12/KH-UBND", approved_on=TODAY, actor=secretary, now=MONDAY)
    planning.approve(plan, number="12/KH-UBND", approved_on=TODAY, actor=head, now=MONDAY)
    with pytest.raises(IllegalTransition):
        planning.change_line(line, LINE, actor=secretary, now=MONDAY)
    session = builders.draft(province, plan_line=line)

    second = planning.start(province.ward, 2026, actor=secretary, now=at(1))
    assert planning.start(province.ward, 2026, actor=secretary, now=at(1)) is second
    assert [each.topic for each in second.lines] == ["Thoát nước tổ 4"]
    assert queries.plan_of(province.ward.id, 2026) is plan  # in force until the new one is approved
    planning.approve(second, number="20/KH-UBND", approved_on=TODAY, actor=head, now=at(1))
    assert (plan.state, second.state, second.version) == (PlanState.REPLACED, PlanState.APPROVED, 2)
    assert session.plan_line is second.lines[0]
    assert [each.text for each in sentences.tell(entries_about(plan))][-1].startswith("phê duyệt kế hoạch 2026 của Ủy ban nhân dân phường")


def test_an_empty_plan_and_a_day_to_come_are_not_approved(province, head, secretary):
    plan = planning.start(province.ward, 2026, actor=secretary, now=MONDAY)
    with pytest.raises(planning.NoLines):
        planning.approve(plan, number="1", approved_on=TODAY, actor=head, now=MONDAY)
    planning.add_line(plan, LINE, actor=secretary, now=MONDAY)
    with pytest.raises(planning.ApprovedInFuture):
        planning.approve(plan, number="1", approved_on=TODAY + dt.timedelta(days=1), actor=head, now=MONDAY)
    with pytest.raises(planning.ApprovedLongAgo):
        planning.approve(plan, number="1", approved_on=dt.date(1900, 1, 1), actor=head, now=MONDAY)


def test_another_unit_plans_nothing_here(province):
    with pytest.raises(NotAllowed):
        planning.start(province.ward, 2026, actor=province.officer, now=MONDAY)


def test_the_pages_of_a_plan(client, loaded, head, secretary):
    address = f"{PLAN}/{loaded.ward.id}/2026"
    factories.sign_in(client, secretary)
    assert "Ủy ban nhân dân phường" in client.get(PLAN).text
    assert pages.post(client, f"{address}/ban-thao", page=address).status_code == 303
    wrong = pages.post(client, f"{address}/dong", {"quarter": "3", "topic": "", "audience": "Hộ dân", "form": "in_person"})
    assert wrong.status_code == 422
    sent = {"quarter": "3", "topic": "Thoát nước", "audience": "Hộ dân", "form": "in_person", "head": "Chủ tịch"}
    assert pages.post(client, f"{address}/dong", sent).status_code == 303
    assert pages.post(client, f"{address}/dong", sent | {"topic": "Chợ"}).status_code == 303
    lines = {line.topic: line.id for line in db.session.scalars(db.select(PlanLine))}
    assert pages.post(client, f"{address}/dong/{lines['Chợ']}", sent | {"topic": "Chợ mới"}).status_code == 303
    assert "Chợ mới" in client.get(address).text
    assert pages.post(client, f"{address}/dong/{lines['Chợ']}/bo").status_code == 303
    assert client.get(f"{address}/phe-duyet").status_code == 403

    factories.sign_in(client, head)
    approve = {"number": "12/KH-UBND", "approved_on": ["3", "8", "2026"]}
    assert pages.post(client, f"{address}/phe-duyet", approve | {"approved_on": ["4", "8", "2026"]}).status_code == 422
    assert pages.post(client, f"{address}/phe-duyet", approve).status_code == 303
    page = client.get(address).text
    assert "12/KH-UBND" in page
    assert "Chợ" not in page
    assert client.get(f"{address}/dong").status_code == 404  # there is no draft any more
    assert db.session.scalars(db.select(YearPlan)).one().state == PlanState.APPROVED


@pytest.mark.parametrize(("year", "status"), [(2026, 404), (99999, 404), (2019, 404)])
def test_a_stranger_and_a_year_nobody_plans_find_nothing(client, province, year, status):
    factories.sign_in(client, province.officer)
    assert client.get(f"{PLAN}/{province.ward.id}/{year}").status_code == status
