"""A report is drafted from data, signed, numbered, handed up, accepted or returned; who is late follows from the rules in force."""

from __future__ import annotations

import datetime as dt
import io
import re
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook

from app.access import NotAllowed
from app.assignments.rules import IllegalTransition
from app.clock import LOCAL
from app.database import db
from app.outbox import Channel, Notice
from app.permissions import Role
from app.units.models import UnitKind
from app.versions import RuleAlreadyThere, RuleDateInPast
from dialogues.duties import Span
from oversight import jobs, reports
from oversight import papers as made
from oversight.models import OversightPaper, Report
from oversight.operations import papers, report_duties, report_reminders
from oversight.operations import reports as operations
from oversight.rules import reports as rules
from oversight.rules.papers import PaperState
from oversight.rules.reports import Standing, State
from tests.dialogues.test_papers import in_docx, in_pdf
from tests.factories import make_unit, make_user, sign_in
from tests.feedback import builders
from tests.feedback.builders import actions, told
from tests.feedback.pages import post
from tests.feedback.test_races import DONE, Hand, at_once
from tests.oversight.looks import standing_body, superior

LONG_AGO = dt.datetime(2026, 1, 1, 8, 0, tzinfo=LOCAL)
JUNE = dt.datetime(2026, 6, 2, 9, 0, tzinfo=LOCAL)
DUE = dt.date(2026, 6, 14)


@pytest.fixture
def province(app):
    made_province = builders.make_province()
    report_duties.load_shipped(now=LONG_AGO)
    db.session.flush()
    return made_province


def duty_of(code="BC_6_THANG"):
    return report_duties.BOOK.of(code)[-1]


def begun(province, *, now=JUNE, code="BC_6_THANG"):
    return operations.begin(province.works, duty_of(code), 2026, actor=province.head, now=now)


def finished(report, province, *, number, now=JUNE, head=None):
    """Write what is left, sign and number."""
    paper, records = report.paper, province.records if head is None else head  # who signs numbers where there is no văn thư
    head = head or province.head
    head.title = "Giám đốc"
    texts = {"leading": "Đã quán triệt.", "faults": "Còn chậm.", "next": "Làm tiếp."}
    papers.write(paper, texts, seen=papers.seen_of(paper), actor=head, now=now)
    papers.send(paper, actor=head, now=now)
    papers.sign(paper, actor=head, now=now)
    papers.number(paper, str(number), on=now.date(), actor=records, now=now)
    return report


def up(province, *, now=JUNE):
    report = finished(begun(province, now=now), province, number=1, now=now)
    operations.hand_up(report, actor=province.head, now=now)
    return report


# --- the rules, without a database --------------------------------------------------------------------------------------


def test_before_the_fifteenth_means_the_fourteenth_at_the_latest():
    assert rules.due_on(SimpleNamespace(month=6, day=15), 2026) == DUE
    assert rules.due_on(SimpleNamespace(month=3, day=1), 2028) == dt.date(2028, 2, 29)


@pytest.mark.parametrize(
    ("state", "day", "standing"),
    [
        (None, 1, Standing.OPEN),
        (None, 8, Standing.SOON),
        (None, 14, Standing.SOON),
        (None, 15, Standing.LATE),
        (State.DRAFT, 15, Standing.LATE),
        (State.SIGNED_OFF, 15, Standing.LATE),
        (State.RETURNED, 10, Standing.RETURNED),
        (State.RETURNED, 15, Standing.LATE),
        (State.HANDED_UP, 15, Standing.HANDED_UP),
        (State.ACCEPTED, 15, Standing.ACCEPTED),
    ],
)
def test_how_a_unit_stands_follows_from_the_day_and_the_report(state, day, standing):
    assert rules.standing(DUE, state, dt.date(2026, 6, day), soon_from=dt.date(2026, 6, 8)) == standing


# --- the duties -----------------------------------------------------------------------------------------------------------


def test_the_later_date_is_in_force_and_the_one_that_contradicts_it_is_kept(province):
    report_duties.load_shipped(now=JUNE)  # may run at every start
    due = {duty.code: day for duty, day in reports.duties_of(2026)}
    assert due["BC_6_THANG"] == DUE
    assert "BC_6_THANG_05_6" not in due
    assert duty_of("BC_6_THANG_05_6").note
    assert due["BC_NAM"] == dt.date(2026, 11, 29)
    assert due["KH_NAM"] == dt.date(2026, 2, 14)


def test_an_administrator_moves_a_date_by_a_version_and_what_was_due_stays(province):
    admin = make_user(roles=[(Role.ADMINISTRATOR, None)])
    row = duty_of()
    fields = ("name", "period", "month", "day", "receiver", "unit_kinds", "levels", "source", "article", "evidence", "local", "note")
    said = {name: getattr(row, name) for name in fields}
    late = dt.datetime(2026, 8, 1, 9, 0, tzinfo=LOCAL)
    report_duties.change(row, said | {"day": 5, "effective_from": late.date()}, actor=admin, now=late)
    assert {year: {duty.code: day for duty, day in reports.duties_of(year)}["BC_6_THANG"] for year in (2026, 2027)} == {
        2026: DUE,
        2027: dt.date(2027, 6, 4),
    }
    with pytest.raises(RuleDateInPast):
        report_duties.change(row, said | {"effective_from": dt.date(2026, 1, 1)}, actor=admin, now=late)
    with pytest.raises(RuleAlreadyThere):
        report_duties.add(said | {"code": row.code, "effective_from": late.date()}, actor=admin, now=late)
    with pytest.raises(report_duties.NoSuchDay):
        report_duties.change(row, said | {"month": 2, "day": 30, "effective_from": late.date()}, actor=admin, now=late)
    with pytest.raises(NotAllowed):
        report_duties.BOOK.end(row, late.date(), actor=province.head, now=late)


def test_a_report_that_was_begun_keeps_its_day_in_every_list(province, client, in_june):
    report, row = begun(province), duty_of()
    fields = ("name", "period", "month", "day", "receiver", "unit_kinds", "levels", "source", "article", "evidence", "local", "note")
    said = {name: getattr(row, name) for name in fields} | {"day": 21, "effective_from": dt.date(2026, 6, 3)}
    report_duties.change(row, said, actor=make_user(roles=[(Role.ADMINISTRATOR, None)]), now=JUNE)
    owed = [each for each in reports.everything_owed(2026, JUNE.date()) if each.duty.code == row.code]
    assert {each.due_on for each in owed if each.unit.id == province.works.id} == {DUE}
    assert {each.due_on for each in owed if each.unit.id != province.works.id} == {dt.date(2026, 6, 20)}
    sign_in(client, province.head)
    for page in ("", "/ai-cham"):
        shown = client.get(f"/can-bo/bao-cao{page}").text
        assert "trước ngày 15/6" in shown
        assert "trước ngày 21/6" not in shown
    assert "14/6/2026" in client.get(f"/can-bo/bao-cao/{report.id}").text


def test_a_date_moved_while_a_report_is_written_does_not_ask_for_it_twice(province):
    report, row = begun(province), duty_of()
    fields = ("name", "period", "month", "day", "receiver", "unit_kinds", "levels", "source", "article", "evidence", "local", "note")
    late = dt.datetime(2026, 6, 16, 9, 0, tzinfo=LOCAL)
    said = {name: getattr(row, name) for name in fields} | {"day": 21, "effective_from": late.date()}
    report_duties.change(row, said, actor=make_user(roles=[(Role.ADMINISTRATOR, None)]), now=late)
    rows = [each for each in reports.of_unit(province.works, 2026, late.date()) if each.duty.code == row.code]
    assert [(each.due_on, each.report) for each in rows] == [(DUE, report)]


def test_agencies_owe_it_to_the_unit_above_and_their_divisions_do_not(province):
    found = {row.unit.name: row.to for row in reports.everything_owed(2026, JUNE.date()) if row.duty.code == "BC_6_THANG"}
    assert found[province.works.name] is province.root
    assert found[province.ward.name] is province.root
    assert province.roads.name not in found
    assert province.front.name not in found


def test_the_rooms_of_a_commune_s_committee_report_in_its_name(province):
    office = make_unit(parent=province.ward, kind=UnitKind.OFFICE, level="commune", name="Văn phòng phường")
    station = make_unit(parent=province.ward, kind=UnitKind.SERVICE, level="commune", name="Trung tâm của phường")
    found = {row.unit.id: row.to for row in reports.everything_owed(2026, JUNE.date()) if row.duty.code == "BC_6_THANG"}
    assert office.id not in found
    assert found[station.id] is province.ward


def test_no_date_claims_that_the_text_of_this_province_was_read(province):
    assert {row.evidence for row in reports.all_duties()} == {"partly"}
    assert all("là tỉnh khác" in row.source for row in reports.all_duties())


def test_nobody_is_late_for_what_was_due_before_the_site_watched(app):
    province = builders.make_province()
    report_duties.load_shipped(now=dt.datetime(2026, 8, 1, 9, 0, tzinfo=LOCAL))
    owed = {row.duty.code for row in reports.of_unit(province.works, 2026, dt.date(2026, 9, 1))}
    assert owed == {"BC_NAM"}


# --- from draft to accepted -----------------------------------------------------------------------------------------------


def test_a_draft_has_the_section_on_dialogue_and_its_numbers_come_from_data(province):
    builders.taken(province)
    report = begun(province)
    body = made.body_of(report.paper)
    said = {section["name"]: section for section in body["sections"]}
    assert said["dialogue"]["heading"] == "III. Công tác tiếp xúc, đối thoại với Nhân dân"
    assert {"petitions", "promises", "supervision"} <= set(said)
    assert "tố cáo" in said["petitions"]["text"].lower()
    assert made.unfinished(report.paper) == "leading"
    year = operations.begin(province.works, duty_of("BC_NAM"), 2026, actor=province.head, now=JUNE)
    said = {section["name"]: section for section in made.body_of(year.paper)["sections"]}
    assert said["petitions"]["text"].startswith("Phải giải quyết 1 ")
    assert said["petitions"]["table"]["rows"][-1][1] == "Cộng"


def test_begun_twice_it_is_one_and_nobody_begins_for_another_unit(province):
    assert begun(province) is begun(province)
    for stranger in (province.officer, province.health_head, superior(province)):
        with pytest.raises(NotAllowed):
            operations.begin(province.works, duty_of("BC_NAM"), 2026, actor=stranger, now=JUNE)


def test_a_division_and_a_duty_out_of_force_owe_nothing(province):
    head = make_user(unit=province.roads, roles=[Role.HEAD])
    with pytest.raises(operations.NotOwed):
        operations.begin(province.roads, duty_of(), 2026, actor=head, now=JUNE)
    with pytest.raises(operations.NotOwed):
        operations.begin(province.works, duty_of("BC_6_THANG_05_6"), 2026, actor=province.head, now=JUNE)


def test_it_goes_up_when_it_is_signed_and_numbered_and_the_unit_above_accepts(province):
    chief = superior(province)
    report = begun(province)
    with pytest.raises(IllegalTransition):
        operations.hand_up(report, actor=province.head, now=JUNE)
    finished(report, province, number=1)
    assert report.state == State.SIGNED_OFF
    assert not reports.may_read(chief.reach, report)
    operations.hand_up(report, actor=province.head, now=JUNE)
    assert ("report", chief.name) in told(report)
    assert papers.may_read(chief.reach, report.paper, JUNE.date())
    with pytest.raises(NotAllowed):
        operations.accept(report, actor=province.head, now=JUNE)
    operations.accept(report, actor=chief, now=JUNE)
    assert report.state == State.ACCEPTED
    assert actions(report) == ["report.begun", "report.signed_off", "report.handed_up", "report.accepted"]
    with pytest.raises(IllegalTransition):
        operations.send_back(report, "Chậm", actor=chief, now=JUNE)


def test_its_history_says_when_each_of_its_papers_went_to_be_signed_and_by_whom(province):
    chief, report = superior(province), begun(province)
    later = [JUNE + dt.timedelta(hours=hours) for hours in range(5)]
    finished(report, province, number=1, now=later[1])
    operations.hand_up(report, actor=province.head, now=later[2])
    operations.send_back(report, "Thiếu số liệu.", actor=chief, now=later[3])
    operations.write_again(report, actor=province.head, now=later[4])
    papers.send(report.paper, actor=province.head, now=later[4])

    steps = [(step.state, step.at, step.by) for step in reports.history_of(report)]
    assert steps[:4] == [
        (State.DRAFT, JUNE, province.head),
        (PaperState.SENT, later[1], province.head),
        (State.SIGNED_OFF, later[1], province.records),
        (State.HANDED_UP, later[2], province.head),
    ]
    assert steps[4:] == [
        (State.RETURNED, later[3], chief),
        (State.DRAFT, later[4], province.head),
        (PaperState.SENT, later[4], province.head),
    ]


def test_nobody_accepts_what_another_unit_of_theirs_handed_up(province):
    both = make_user(unit=province.root, roles=[Role.HEAD, (Role.HEAD, province.works)])
    report = up(province)
    for decide in (operations.accept, lambda row, **by: operations.send_back(row, "Thiếu", **by)):
        with pytest.raises(NotAllowed):
            decide(report, actor=both, now=JUNE)
    assert reports.to_receive(both.reach) == []
    assert reports.may_read(both.reach, report)


def test_returned_it_gets_another_paper_in_the_same_words_and_the_first_stays(province):
    chief, report = superior(province), up(province)
    first = report.paper
    operations.send_back(report, "Thiếu số liệu quý II.", actor=chief, now=JUNE)
    assert reports.steps_of(report)[-1].note == "Thiếu số liệu quý II."
    operations.write_again(report, actor=province.head, now=JUNE)
    assert report.paper is not first
    assert report.paper.words == first.words
    assert papers.may_read(chief.reach, first, JUNE.date())
    assert not papers.may_read(chief.reach, report.paper, JUNE.date())
    papers.discard(report.paper, actor=province.head, now=JUNE)
    assert (report.state, report.paper) == (State.RETURNED, first)
    operations.write_again(report, actor=province.head, now=JUNE)
    finished(report, province, number=2)
    operations.hand_up(report, actor=province.head, now=JUNE)
    assert report.state == State.HANDED_UP


def test_a_first_draft_that_is_thrown_away_takes_the_report_with_it(province):
    report = begun(province)
    papers.discard(report.paper, actor=province.head, now=JUNE)
    assert db.session.scalar(db.select(db.func.count(Report.id))) == 0
    assert begun(province).state == State.DRAFT


def test_what_went_to_be_signed_says_what_it_said_whatever_comes_after(province):
    report = finished(begun(province), province, number=1)
    before = made.facts_of(report.paper)
    builders.taken(province)
    assert made.facts_of(report.paper) == before


def test_the_report_above_tells_who_handed_up_and_who_is_missing(province):
    chief = superior(province)
    standing_body(province)
    up(province)
    with pytest.raises(operations.NotOwed):
        operations.begin(province.root, duty_of(), 2026, actor=chief, now=JUNE)  # nobody is above it
    whole = operations.begin(province.root, duty_of("BC_6_THANG_TOAN_TINH"), 2026, actor=chief, now=JUNE)
    units = next(section for section in made.body_of(whole.paper)["sections"] if section["name"] == "units")
    assert units["text"].startswith("1 trong ")
    assert province.health.name in units["text"]
    assert province.works.name not in units["text"]
    assert whole.to is province.steering
    operations.hand_up(finished(whole, province, number=9, head=chief), actor=chief, now=JUNE)
    operations.accept(whole, actor=province.steering_reader, now=JUNE)
    assert whole.state == State.ACCEPTED


def test_it_prints_with_its_tables_as_pdf_and_docx(province):
    builders.taken(province)
    report = finished(begun(province, code="BC_NAM"), province, number=1)
    for text in (in_pdf(made.paper_pdf(report.paper)), in_docx(made.paper_docx(report.paper))):
        assert "tiếp xúc, đối thoại" in text
        assert "Chưa xong cuối kỳ" in text


def test_an_ad_hoc_report_has_its_own_days_and_none_that_run_backwards(province):
    span = Span(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    report = operations.begin_ad_hoc(province.works, "việc thoát nước", span, actor=province.head, now=JUNE)
    assert made.body_of(report.paper)["about"] == "Việc thoát nước (từ 1/3/2026 đến 31/3/2026)"
    with pytest.raises(operations.PeriodBackwards):
        operations.begin_ad_hoc(province.works, "x", Span(span.last, span.first), actor=province.head, now=JUNE)


def test_a_form_of_an_ad_hoc_report_sent_twice_makes_one_and_another_when_that_is_finished(province):
    span, other = Span(dt.date(2026, 3, 1), dt.date(2026, 3, 31)), Span(dt.date(2026, 3, 1), dt.date(2026, 4, 30))

    def ask(title="Việc thoát nước", about=span, due_on=None):
        return operations.begin_ad_hoc(province.works, title, about, due_on=due_on, actor=province.head, now=JUNE)

    report = ask()
    assert ask() is report
    assert len({report.id, ask(title="Việc khác").id, ask(about=other).id, ask(due_on=DUE).id}) == 4
    assert db.session.query(OversightPaper).count() == 4
    finished(report, province, number=1)
    assert ask() is not report


def test_a_plan_of_the_year_is_a_paper_of_plans(province):
    report = begun(province, code="KH_NAM")
    assert (report.paper.series, made.body_of(report.paper)["name"]) == ("KH", "Kế hoạch")


# --- reminders --------------------------------------------------------------------------------------------------------------


def due_notices(row):
    """Return who was told on the site, once for each time."""
    db.session.flush()
    wanted = db.select(Notice).where(
        Notice.template == report_reminders.TEMPLATE, Notice.subject_id == row.id, Notice.channel == Channel.SITE
    )
    return [notice.user.name for notice in db.session.scalars(wanted)]


def test_who_has_not_handed_up_is_reminded_five_working_days_before_and_when_late_once(province):
    row = duty_of()
    report_reminders.remind(now=dt.datetime(2026, 6, 5, 7, 0, tzinfo=LOCAL))
    assert due_notices(row) == []
    for _ in range(2):
        report_reminders.remind(now=dt.datetime(2026, 6, 8, 7, 0, tzinfo=LOCAL))
    assert due_notices(row).count(province.head.name) == 1
    for day in (15, 16):
        report_reminders.remind(now=dt.datetime(2026, 6, day, 7, 0, tzinfo=LOCAL))
    assert due_notices(row).count(province.head.name) == 2
    jobs.remind_of_reports()  # today, whenever that is


def test_who_handed_up_hears_nothing_and_a_month_old_lateness_is_no_news(province):
    up(province)
    report_reminders.remind(now=dt.datetime(2026, 6, 15, 7, 0, tzinfo=LOCAL))
    assert province.head.name not in due_notices(duty_of())
    assert province.health_head.name in due_notices(duty_of())
    assert report_reminders.remind(now=dt.datetime(2026, 10, 1, 7, 0, tzinfo=LOCAL)) == 0


# --- pages ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def in_june(monkeypatch):
    monkeypatch.setattr("app.clock.now", lambda: JUNE)
    monkeypatch.setattr("app.clock.today", JUNE.date)


def test_a_unit_drafts_its_report_from_the_list_of_what_it_owes(province, client, in_june):
    sign_in(client, province.head)
    assert "Soạn từ dữ liệu" in client.get("/can-bo/bao-cao").text
    answer = post(client, f"/can-bo/bao-cao/soan/{duty_of().id}/2026", page="/can-bo/bao-cao")
    assert "/van-ban-giam-sat/" in answer.location
    row = db.session.scalars(db.select(Report)).one()
    page = client.get(f"/can-bo/bao-cao/{row.id}").text
    assert "Sửa, trình ký" in page
    assert "Nộp cho Ủy ban" not in page
    assert "từ ngày 1/1/2026 đến ngày 2/6/2026" in page  # as its paper says it, not to the end of the half-year
    assert "từ ngày 1/1/2026 đến ngày 2/6/2026" in str(made.facts_of(row.paper)["sections"][0]["text"])
    sheet = load_workbook(io.BytesIO(client.get(f"/can-bo/bao-cao/{row.id}/bang-so-lieu.xlsx").data))
    assert any("Việc đã hứa" in name for name in sheet.sheetnames)


def test_each_part_that_has_something_left_to_write_is_named_and_marked(province, client, in_june):
    report = begun(province)
    sign_in(client, province.head)
    page = f"/can-bo/van-ban-giam-sat/{report.paper.uid}"
    said = {"trinh": "1", "was": papers.seen_of(report.paper), "phan-leading": "Đã quán triệt.", "phan-faults": "Còn …"}
    refused = post(client, page, said)
    assert refused.status_code == 422
    assert "phần “VI. Hạn chế, nguyên nhân” còn chỗ “…” chưa điền" in refused.text
    assert re.search(r'id="phan-faults"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="phan-faults"', refused.text)
    assert 'href="#phan-leading"' not in refused.text
    assert "Đã quán triệt." in refused.text


def test_the_receiver_accepts_or_returns_on_the_page_and_others_do_not_find_it(province, client, in_june):
    chief, report = superior(province), up(province)
    sign_in(client, province.health_head)
    assert client.get(f"/can-bo/bao-cao/{report.id}").status_code == 404
    sign_in(client, chief)
    assert report.title in client.get("/can-bo/bao-cao").text
    page = client.get(f"/can-bo/bao-cao/{report.id}").text
    assert "Tiếp nhận" in page
    assert "Trình ký" in page
    assert post(client, f"/can-bo/bao-cao/{report.id}/tra-lai", {"why": ""}).status_code == 422
    assert post(client, f"/can-bo/bao-cao/{report.id}/tra-lai", {"why": "Thiếu số liệu."}).status_code == 303
    assert "Thiếu số liệu." in client.get(f"/can-bo/bao-cao/{report.id}").text
    late = post(client, f"/can-bo/bao-cao/{report.id}/tiep-nhan", page="/can-bo/bao-cao/quy-dinh")
    assert late.status_code == 303
    assert db.session.get(Report, report.id).state == State.RETURNED


def test_the_board_tells_overseers_who_is_late_and_a_head_only_of_their_own(province, client, in_june):
    sign_in(client, province.front_reader)
    page = client.get("/can-bo/bao-cao/ai-cham").text
    assert province.health.name in page
    sign_in(client, province.head)
    page = client.get("/can-bo/bao-cao/ai-cham").text
    assert province.works.name in page
    assert province.health.name not in page
    for odd in ("?nam=x", "?nam=99999999999", "?tinh-trang=x"):
        assert client.get(f"/can-bo/bao-cao/ai-cham{odd}").status_code == 200


def test_whose_turn_it_is_is_said_in_the_list_and_on_the_page(province, client, in_june):
    province.head.title = "Giám đốc Sở Xây dựng"
    report = begun(province)
    sign_in(client, province.head)

    def said(turn):
        return [turn in client.get(f"/can-bo/bao-cao{page}").text for page in ("", f"/{report.id}")]

    assert said("chờ Giám đốc Sở Xây dựng ký") == [False, False]
    assert said("hưa trình ký") == [True, True]
    texts = {"leading": "Đã quán triệt.", "faults": "Còn chậm.", "next": "Làm tiếp."}
    papers.write(report.paper, texts, seen=papers.seen_of(report.paper), actor=province.head, now=JUNE)
    papers.send(report.paper, actor=province.head, now=JUNE)
    assert said("hờ Giám đốc Sở Xây dựng ký") == [True, True]
    papers.sign(report.paper, actor=province.head, now=JUNE)
    assert said(f"hờ {province.records.name} ghi số") == [True, True]
    papers.number(report.paper, "1", on=JUNE.date(), actor=province.records, now=JUNE)
    assert said(f"hờ {province.works.short_name} nộp lên") == [True, True]
    operations.hand_up(report, actor=province.head, now=JUNE)
    assert said(f"hờ {province.root.short_name} tiếp nhận") == [True, True]


def test_who_owes_nothing_is_led_to_the_rules_and_to_how_the_units_stand(province, client, in_june):
    sign_in(client, province.front_reader)
    page = client.get("/can-bo/bao-cao").text
    assert "/can-bo/bao-cao/quy-dinh" in page
    waiting = sum(row.standing == Standing.LATE for row in reports.board(province.front_reader.reach, 2026, JUNE.date()))
    assert re.search(rf'tinh-trang=late"[^<]*>[^<]*<b>{waiting}</b>', page)
    listed = client.get("/can-bo/bao-cao/ai-cham?nam=2026&tinh-trang=late").text
    assert listed.count('data-l="Tình trạng"') == waiting
    sign_in(client, province.health_head)
    assert "tinh-trang=" not in client.get("/can-bo/bao-cao").text


def test_a_long_board_has_pages_and_none_beyond_the_last(province, client, in_june, monkeypatch):
    monkeypatch.setattr("oversight.views.staff.reports.PAGE", 2)
    sign_in(client, province.front_reader)
    rows = len(reports.board(province.front_reader.reach, 2026, JUNE.date()))
    shown = [client.get(f"/can-bo/bao-cao/ai-cham?trang={page}").text for page in (1, 2, 99999999999, "x")]
    assert f"3 đến {min(4, rows)} trong {rows}" in shown[1]
    assert f"đến {rows} trong {rows}" in shown[2]
    assert f"1 đến 2 trong {rows}" in shown[0]
    assert f"1 đến 2 trong {rows}" in shown[3]


def test_an_ad_hoc_report_asks_for_its_days(province, client, in_june):
    sign_in(client, province.head)
    assert client.get("/can-bo/bao-cao/moi").status_code == 200
    assert post(client, "/can-bo/bao-cao/moi", {"title": "Thoát nước"}).status_code == 422


def test_the_rules_are_read_by_all_and_changed_by_an_administrator(province, client, in_june):
    sign_in(client, province.head)
    page = client.get("/can-bo/bao-cao/quy-dinh").text
    assert "trước ngày 15/6" in page
    assert "tự mâu thuẫn" in page
    assert "Lập bản mới" not in page
    row = duty_of()
    assert client.get(f"/can-bo/bao-cao/quy-dinh/{row.id}/ban-moi").status_code == 403
    sign_in(client, make_user(roles=[(Role.ADMINISTRATOR, None)]))
    assert "Lập bản mới" in client.get("/can-bo/bao-cao/quy-dinh").text
    assert client.get(f"/can-bo/bao-cao/quy-dinh/{row.id}/ban-moi").status_code == 200
    assert client.get("/can-bo/bao-cao/quy-dinh/moi").status_code == 200
    assert client.get(f"/can-bo/bao-cao/quy-dinh/{row.id}/ket-thuc").status_code == 200


def test_bad_years_are_not_found(province, client, in_june):
    sign_in(client, province.head)
    assert post(client, f"/can-bo/bao-cao/soan/{duty_of().id}/99999", page="/can-bo/bao-cao").status_code == 404
    assert post(client, f"/can-bo/bao-cao/soan/{duty_of().id}/2031", page="/can-bo/bao-cao").status_code == 303
    assert db.session.scalar(db.select(Report.due_on)) == dt.date(2031, 6, 14)


# --- two at once --------------------------------------------------------------------------------------------------------------


def test_two_begin_the_same_report_and_there_is_one(fresh_app):
    province = builders.make_province()
    report_duties.load_shipped(now=LONG_AGO)
    office = make_user(unit=province.works, roles=[Role.OFFICE])
    hand = Hand(unit=province.works, duty=duty_of(), a=province.head, b=office)
    outcomes = at_once(
        fresh_app,
        lambda: operations.begin(hand.unit, hand.duty, 2026, actor=hand.a, now=JUNE),
        lambda: operations.begin(hand.unit, hand.duty, 2026, actor=hand.b, now=JUNE),
    )
    assert outcomes == [DONE, DONE]
    assert db.session.scalar(db.select(db.func.count(Report.id))) == 1
    assert db.session.scalar(db.select(db.func.count(OversightPaper.id))) == 1


def test_two_who_send_one_ad_hoc_form_at_once_begin_one_report(fresh_app):
    province = builders.make_province()
    hand, span = Hand(unit=province.works, a=province.head), Span(dt.date(2026, 3, 1), dt.date(2026, 3, 31))

    def ask():
        operations.begin_ad_hoc(hand.unit, "Việc thoát nước", span, actor=hand.a, now=JUNE)

    assert at_once(fresh_app, ask, ask) == [DONE, DONE]
    assert db.session.scalar(db.select(db.func.count(Report.id))) == 1


def test_one_accepts_while_another_returns_and_one_of_them_is_heard(fresh_app):
    province = builders.make_province()
    report_duties.load_shipped(now=LONG_AGO)
    chief, report = superior(province), up(province)
    office = make_user(unit=province.root, roles=[Role.OFFICE])
    hand = Hand(report=report, a=chief, b=office)
    outcomes = at_once(
        fresh_app,
        lambda: operations.accept(hand.report, actor=hand.a, now=JUNE),
        lambda: operations.send_back(hand.report, "Thiếu", actor=hand.b, now=JUNE),
    )
    assert outcomes.count(DONE) == 1
    assert sum(isinstance(each, IllegalTransition) for each in outcomes) == 1
