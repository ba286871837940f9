"""A body plans its supervision, looks at a unit, hears it, concludes; what it recommends is a duty until the body confirms it."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from app import clock
from app.access import NotAllowed
from app.assignments.models import Assignment
from app.assignments.operations.clocks import ExtensionDecided
from app.assignments.rules import IllegalTransition
from app.assignments.rules import State as Promise
from app.database import db
from app.letters import letter, sentence
from app.outbox import Channel, Notice
from app.permissions import Reach, Role, Scope
from dialogues.operations.editing import ChangedMeanwhile
from oversight import letters, register, supervision
from oversight import papers as made
from oversight.models import Campaign, CampaignAnswer, FindingAssignment, SupervisionPlan
from oversight.operations import campaign_steps, campaigns, checking, papers, recommendations
from oversight.operations import checklists as listing
from oversight.operations import supervision_plans as planning
from oversight.operations.campaigns import CampaignData, MemberData
from oversight.operations.checking import AnswerData, FindingData
from oversight.operations.supervision_plans import LineData
from oversight.rules import supervision as rules
from oversight.rules.papers import PaperState
from oversight.rules.supervision import Base, Facts, FindingKind, Form, Part, PlanState, Result, Side, State, Trigger
from oversight.supervision import checklists
from tests import factories
from tests.factories import sign_in
from tests.feedback import builders
from tests.feedback.builders import MONDAY, actions, at, told
from tests.feedback.pages import post
from tests.feedback.test_races import DONE, at_once
from tests.oversight.papers_of import Front, front_of

TODAY = MONDAY.date()
_number = count(1)

LINE = LineData(quarter=3, theme="Tiếp công dân của người đứng đầu", form=Form.TEAM, whom="Sở Xây dựng, Sở Y tế", lead="Chủ tịch")
FAULT = FindingData(
    kind=FindingKind.FAULT, text="Lịch tiếp công dân không niêm yết.", recommendation="Niêm yết lịch tiếp công dân",
    due_on=TODAY + dt.timedelta(days=60),
)  # fmt: skip
RIGHT = FindingData(kind=FindingKind.RIGHT, text="Sổ tiếp công dân ghi đủ.")


def day(days: int) -> dt.date:
    """Return the day so many days after MONDAY."""
    return TODAY + dt.timedelta(days=days)


@dataclass
class Stage:
    """Who plays: MTTQ, which supervises, and two departments."""

    front: Front
    province: builders.Province

    def begun(self, form: Form = Form.TEAM, **over: Any) -> Campaign:
        """Return a campaign that was only begun, of the department of construction."""
        front = self.front
        data = CampaignData(
            theme="Tiếp công dân của người đứng đầu", form=form, trigger=Trigger.PETITIONS, trigger_why="Nhiều đơn.",
            period_from=day(-300), period_to=day(-1), starts_on=day(14), ends_on=day(20),
        )  # fmt: skip
        row = campaigns.draft(front.unit, data, base=Base.AGENCY, actor=front.officer, now=MONDAY, **over)
        campaigns.write_questions(row, ["Lịch được niêm yết", "Sổ ghi đủ"], actor=front.officer, now=MONDAY)
        campaigns.add_units(row, [self.province.works], actor=front.officer, now=MONDAY)
        leader = MemberData(user=front.head, name=front.head.name, title="Chủ tịch", part=Part.LEADER)
        campaigns.add_member(row, leader, actor=front.officer, now=MONDAY)
        return row

    def announced(self, **how: Any) -> Campaign:
        """Return one that the unit was told of."""
        row = self.begun(**how)
        self.announce(row)
        return row

    def announce(self, row: Campaign) -> None:
        """Have the notice of a campaign issued."""
        notice = campaign_steps.draft_notice(row, prepare="Sổ tiếp công dân.", report_due_on=day(10), actor=self.front.officer, now=MONDAY)
        self.issue(notice)

    def under_way(self, **how: Any) -> Campaign:
        """Return one whose team has looked and found a fault."""
        row, front = self.announced(**how), self.front
        campaign_steps.begin(row, actor=front.officer, now=at(14))
        checking.answer(row.targets[0], Side.TEAM, answers(row), actor=front.officer, now=at(15))
        checking.add_finding(row.targets[0], FAULT, actor=front.officer, now=at(15))
        return row

    def heard(self) -> Campaign:
        """Return one whose unit has said what it thinks of the findings."""
        row = self.under_way()
        campaign_steps.show_findings(row, comments_due_on=day(25), actor=self.front.officer, now=at(20))
        checking.comment(row.targets[0], text="Đã niêm yết ở cổng.", actor=self.province.head, now=at(21))
        return row

    def concluded(self) -> FindingAssignment:
        """Return what a numbered conclusion recommends."""
        row = self.heard()
        paper = campaign_steps.draft_conclusion(row, actor=self.front.officer, now=at(22))
        self.issue(paper, now=at(23))
        duty = row.findings[0].duty
        assert duty is not None
        return duty

    def issue(self, paper: Any, *, now: dt.datetime = MONDAY) -> None:
        """Have *paper* sent, signed and numbered."""
        papers.send(paper, actor=self.front.officer, now=now)
        papers.sign(paper, actor=self.front.head, now=now)
        papers.number(paper, str(next(_number)), on=now.date(), gap_why="Sổ cũ", actor=self.front.records, now=now)

    def done(self) -> FindingAssignment:
        """Return a recommendation that the unit reports as done."""
        duty = self.concluded()
        recommendations.take(duty, actor=self.province.officer, now=at(24))
        recommendations.keep(duty, outcome="Đã niêm yết.", proofs=[builders.proof().file], actor=self.province.officer, now=at(30))
        return duty

    def approved(self, **over: Any) -> SupervisionPlan:
        """Return the plan of the year in force."""
        front = self.front
        plan = planning.start(front.unit, 2026, actor=front.officer, now=MONDAY)
        if not plan.lines:
            planning.add_line(plan, LineData(**{**vars(LINE), **over}), actor=front.officer, now=MONDAY)
        self.issue(planning.draft_paper(plan, actor=front.officer, now=MONDAY))
        return plan


def answers(row: Campaign, result: Result = Result.MET) -> dict[int, AnswerData]:
    """Return the same answer to every question."""
    return {question.id: AnswerData(result, "") for question in row.questions}


@pytest.fixture
def stage(app):
    province = builders.make_province()
    return Stage(front_of(province), province)


# --- rules --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("old", State)
@pytest.mark.parametrize("new", State)
def test_a_campaign_goes_only_along_its_table(old, new):
    allowed = {
        ("draft", "announced"), ("draft", "cancelled"), ("announced", "under_way"), ("announced", "cancelled"), ("under_way", "findings"),
        ("under_way", "cancelled"), ("findings", "under_way"), ("findings", "concluded"), ("concluded", "closed"),
    }  # fmt: skip
    full = Facts(
        today=TODAY, in_approved_plan=True, units=1, questions=1, has_leader=True, starts_on=TODAY, ends_on=TODAY, prepare="Sổ",
        report_due_on=day(1), findings=1, comments_due_on=day(1),
    )  # fmt: skip
    with nullcontext() if (old, new) in allowed else pytest.raises(IllegalTransition):
        rules.check(old, new, full)


@pytest.mark.parametrize(
    ("to", "facts", "lacks"),
    [
        (
            State.ANNOUNCED,
            Facts(today=TODAY),
            {"no_basis", "no_units", "no_leader", "no_questions", "no_days", "nothing_to_prepare", "report_day_past"},
        ),
        (State.UNDER_WAY, Facts(today=TODAY, starts_on=day(1)), {"no_leader", "before_its_day"}),
        (State.UNDER_WAY, Facts(today=TODAY, has_leader=True, starts_on=TODAY), set()),
        (State.FINDINGS, Facts(today=TODAY, unchecked=2), {"no_leader", "unchecked", "no_findings", "comments_day_past"}),
        (State.CONCLUDED, Facts(today=TODAY, uncommented=1, comments_due_on=TODAY), {"no_leader", "not_heard"}),
        (State.CONCLUDED, Facts(today=TODAY, has_leader=True, uncommented=1, comments_due_on=day(-1)), set()),
        (State.CONCLUDED, Facts(today=TODAY, has_leader=True, uncommented=0, comments_due_on=day(9)), set()),
        (State.CLOSED, Facts(today=TODAY, open_findings=1), {"open_findings"}),
    ],
)  # fmt: skip
def test_each_step_says_what_it_still_needs(to, facts, lacks):
    assert set(rules.lacks(to, facts)) == lacks


@pytest.mark.parametrize(
    ("scope", "own", "may"),
    [
        (Scope(everywhere=True), 5, True),  # MTTQ of the province, its own unit
        (Scope(everywhere=True), 6, False),  # reads the whole province, runs no other body's campaigns
        (Scope(unit_path="/1/5/"), 6, True),  # named for that body
        (Scope(unit_path="/1/"), 6, False),  # above it
    ],
)
def test_a_body_supervises_by_its_own_people(scope, own, may):
    reach = Reach(user_id=1, unit_id=own, holds=((Role.FRONT, scope),))
    assert rules.may_supervise(reach, unit_id=5, unit_path="/1/5/") is may


@pytest.mark.parametrize(("role", "answers_", "speaks"), [(Role.OFFICER, True, False), (Role.HEAD, True, True), (Role.FRONT, False, False)])
def test_officers_answer_for_the_unit_and_its_head_speaks_for_it(role, answers_, speaks):
    reach = Reach(user_id=1, unit_id=7, holds=((role, Scope(unit_path="/7/")),))
    assert (rules.may_answer(reach, unit_path="/7/"), rules.may_speak(reach, unit_path="/7/")) == (answers_, speaks)


@pytest.mark.parametrize("scope", [Scope(unit_path="/1/"), Scope(unit_path="/1/7/8/"), Scope(everywhere=True)])
def test_nobody_above_or_beside_a_unit_answers_for_it(scope):
    reach = Reach(user_id=1, unit_id=1, holds=((Role.HEAD, scope),))
    assert not rules.may_answer(reach, unit_path="/1/7/")
    assert not rules.may_speak(reach, unit_path="/1/7/")


def test_every_type_of_base_has_a_checklist_that_says_where_it_is_from(app):
    listing.load_shipped(now=MONDAY)
    listing.load_shipped(now=MONDAY)  # at every start
    shipped = {row.code: row for row in checklists.every()}
    assert len(checklists.every()) == len(shipped)
    assert set(shipped) == set(Base)
    assert all(row.questions and row.source and row.evidence == "memory" and row.local for row in shipped.values())


def test_an_administrator_puts_other_questions_from_a_day_on_and_what_has_begun_keeps_its_own(client, stage, monkeypatch):
    listing.load_shipped(now=MONDAY)
    row = campaigns.draft(stage.front.unit, campaign_data(), base=Base.COMMUNE, actor=stage.front.officer, now=MONDAY)
    before, newest = [each.text for each in row.questions], listing.BOOK.of("commune")[-1]
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    admin = factories.make_user(roles=[(Role.ADMINISTRATOR, None)])
    room, address = "/can-bo/giam-sat/bang-cau-hoi", f"/can-bo/giam-sat/bang-cau-hoi/{newest.id}/ban-moi"
    sign_in(client, stage.front.officer)
    assert "Lập bản mới" not in client.get(room).text
    assert client.get(address).status_code == 403
    with pytest.raises(NotAllowed):
        listing.BOOK.end(newest, TODAY, actor=stage.front.officer, now=MONDAY)
    sign_in(client, admin)
    assert "Lập bản mới" in client.get(room).text
    typed = {"questions": "Có họp dân", "source": "Quy trình 1", "evidence": "seen"}
    typed |= {"effective_from": ["4", "8", "2026"]}
    assert post(client, address, typed | {"questions": " "}).status_code == 422
    assert post(client, address, typed).status_code == 303
    assert (checklists.questions("commune", TODAY), checklists.questions("commune", day(1))) == (before, ["Có họp dân"])
    assert [each.text for each in row.questions] == before
    assert actions(listing.BOOK.of("commune")[-1]) == ["checklist.added"]
    assert "Quy trình 1" in client.get(room).text


# --- the plan -----------------------------------------------------------------------------------------------------------


def test_a_number_puts_the_plan_into_force_and_only_a_new_version_changes_it(stage):
    plan = stage.approved()
    assert (plan.state, plan.paper.state) == (PlanState.APPROVED, PaperState.NUMBERED)
    with pytest.raises(IllegalTransition):
        planning.add_line(plan, LINE, actor=stage.front.officer, now=MONDAY)

    row = stage.begun(line=plan.lines[0])
    newer = stage.approved()

    assert newer.version == 2
    assert plan.state == PlanState.REPLACED
    assert row.line is newer.lines[0]


def test_what_is_being_signed_is_not_changed_and_what_is_taken_back_may_be(stage):
    front = stage.front
    plan = planning.start(front.unit, 2026, actor=front.officer, now=MONDAY)
    with pytest.raises(planning.NoLines):
        planning.draft_paper(plan, actor=front.officer, now=MONDAY)
    line = planning.add_line(plan, LINE, actor=front.officer, now=MONDAY)
    paper = planning.draft_paper(plan, actor=front.officer, now=MONDAY)
    assert planning.draft_paper(plan, actor=front.officer, now=MONDAY) is paper
    papers.send(paper, actor=front.officer, now=MONDAY)
    with pytest.raises(planning.BeingSigned):
        planning.remove_line(line, actor=front.officer, now=MONDAY)
    papers.take_back(paper, actor=front.officer, now=MONDAY)
    planning.remove_line(line, actor=front.officer, now=MONDAY)
    papers.discard(paper, actor=front.officer, now=MONDAY)

    assert plan.paper is None
    assert plan.lines == []


def test_another_body_and_a_department_write_no_plan_for_mttq(stage):
    for actor in (stage.province.steering_reader, stage.province.head):
        with pytest.raises(NotAllowed):
            planning.start(stage.front.unit, 2026, actor=actor, now=MONDAY)


def test_a_line_sent_twice_stands_once_in_the_plan(stage):
    front = stage.front
    plan = planning.start(front.unit, 2026, actor=front.officer, now=MONDAY)
    line = planning.add_line(plan, LINE, actor=front.officer, now=MONDAY)
    assert planning.add_line(plan, LineData(**vars(LINE)), actor=front.officer, now=MONDAY) is line
    other = planning.add_line(plan, LineData(**vars(LINE) | {"quarter": 4}), actor=front.officer, now=MONDAY)
    assert plan.lines == [line, other]


def test_two_writers_of_one_line_do_not_write_over_each_other(stage):
    front = stage.front
    plan = planning.start(front.unit, 2026, actor=front.officer, now=MONDAY)
    line = planning.add_line(plan, LINE, actor=front.officer, now=MONDAY)
    seen = planning.fingerprint(line)
    planning.change_line(line, LineData(**vars(LINE) | {"quarter": 4}), seen=seen, actor=front.officer, now=MONDAY)
    with pytest.raises(ChangedMeanwhile):
        planning.change_line(line, LineData(**vars(LINE) | {"lead": "Phó"}), seen=seen, actor=front.head, now=MONDAY)


# --- a campaign ---------------------------------------------------------------------------------------------------------


def test_a_campaign_begins_with_the_checklist_of_its_base_and_needs_a_basis(stage):
    front, data = stage.front, vars(campaign_data())
    listing.load_shipped(now=MONDAY)
    row = campaigns.draft(front.unit, CampaignData(**data), base=Base.COMMUNE, actor=front.officer, now=MONDAY)
    assert [each.text for each in row.questions] == checklists.questions("commune", TODAY)
    assert row.questions
    with pytest.raises(campaigns.NoBasis):
        campaigns.draft(front.unit, CampaignData(**data | {"trigger": None}), base=Base.COMMUNE, actor=front.officer, now=MONDAY)
    with pytest.raises(campaigns.DaysTurned):
        campaigns.draft(front.unit, CampaignData(**data | {"ends_on": day(1)}), base=Base.COMMUNE, actor=front.officer, now=MONDAY)


def test_a_campaign_begun_by_two_presses_is_begun_once(stage):
    made_twice = [
        campaigns.draft(stage.front.unit, campaign_data(), base=Base.COMMUNE, actor=stage.front.officer, now=MONDAY) for _press in range(2)
    ]
    assert made_twice[0] is made_twice[1]


def campaign_data() -> CampaignData:
    """Return one that cannot wait for a plan."""
    return CampaignData(
        theme="Đối thoại", form=Form.TEAM, trigger=Trigger.SIGNS, trigger_why="Có tin báo.", period_from=day(-30), period_to=day(-1),
        starts_on=day(3), ends_on=day(5),
    )  # fmt: skip


def test_the_unit_hears_of_it_only_when_it_is_announced(stage):
    row, head = stage.begun(), stage.province.head
    assert supervision.asked_of(head.reach) == []
    assert not supervision.may_read_target(head.reach, row.targets[0])

    stage.announce(row)

    assert ("campaign", head.name) in told(row.targets[0])
    assert supervision.asked_of(head.reach) == row.targets
    assert supervision.may_read_target(head.reach, row.targets[0])
    assert not supervision.may_read_target(stage.province.health_head.reach, row.targets[0])
    assert supervision.asked_of(stage.province.health_head.reach) == []


def test_only_the_number_of_its_notice_announces_a_campaign_and_a_signed_one_stands(stage):
    row, front = stage.begun(), stage.front
    with pytest.raises(rules.StepRefused):
        campaign_steps.draft_notice(row, prepare="Sổ", report_due_on=TODAY, actor=front.officer, now=MONDAY)
    notice = campaign_steps.draft_notice(row, prepare="Sổ tiếp công dân", report_due_on=day(10), actor=front.officer, now=MONDAY)
    assert campaign_steps.draft_notice(row, prepare="Sổ", report_due_on=day(9), actor=front.officer, now=MONDAY) is notice
    papers.send(notice, actor=front.officer, now=MONDAY)
    for change in (
        lambda: campaigns.add_units(row, [stage.province.health], actor=front.officer, now=MONDAY),
        lambda: campaigns.remove_member(row.members[0], actor=front.officer, now=MONDAY),
        lambda: campaign_steps.cancel(row, why="Thôi", actor=front.officer, now=MONDAY),
    ):
        with pytest.raises(planning.BeingSigned):
            change()
    assert (row.state, told(row.targets[0])) == (State.DRAFT, set())
    said = made.facts_of(notice)
    sections = {each["name"]: each for each in said["sections"]}
    assert said["about"] == "Giám sát: Tiếp công dân của người đứng đầu"
    assert "trước hết ngày" in sections["prepare"]["text"]
    assert [each[1] for each in sections["questions"]["table"]["rows"]] == ["Lịch được niêm yết", "Sổ ghi đủ"]
    assert sections["team"]["table"]["rows"][0][1] == front.head.name

    papers.sign(notice, actor=front.head, now=MONDAY)
    papers.number(notice, "7", on=TODAY, gap_why="Sổ cũ", actor=front.records, now=MONDAY)

    assert (row.state, row.announced_at) == (State.ANNOUNCED, MONDAY)
    assert papers.may_read(stage.province.head.reach, notice, TODAY)
    assert not papers.may_read(stage.province.health_head.reach, notice, TODAY)


def test_a_notice_whose_day_for_the_report_passed_on_its_way_is_not_numbered(stage):
    row, front = stage.begun(), stage.front
    notice = campaign_steps.draft_notice(row, prepare="Sổ", report_due_on=day(1), actor=front.officer, now=MONDAY)
    papers.send(notice, actor=front.officer, now=MONDAY)
    papers.sign(notice, actor=front.head, now=MONDAY)
    with pytest.raises(campaign_steps.ReportDayPast):
        papers.number(notice, "7", on=day(1), gap_why="Sổ cũ", actor=front.records, now=at(1))


@pytest.mark.parametrize(
    ("theme", "notice", "conclusion"),
    [
        ("Tiếp công dân", "Giám sát: Tiếp công dân", "Kết luận giám sát: Tiếp công dân"),
        ("Giám sát việc tiếp công dân", "Giám sát việc tiếp công dân", "Kết luận giám sát việc tiếp công dân"),
    ],
)
def test_papers_say_once_that_somebody_supervises(stage, theme, notice, conclusion):
    row = stage.heard()
    row.theme, row.notice.facts = theme, None
    said = [made.body_of(row.notice), made.body_of(campaign_steps.draft_conclusion(row, actor=stage.front.officer, now=at(22)))]
    assert [each["about"] for each in said] == [notice, conclusion]


def test_many_units_stand_on_a_list_of_their_own(stage):
    row = stage.begun()
    campaigns.add_units(row, [factories.make_unit(name=f"Xã số {n}") for n in range(10)], actor=stage.front.officer, now=MONDAY)
    notice = campaign_steps.draft_notice(row, prepare="Sổ", report_due_on=day(9), actor=stage.front.officer, now=MONDAY)
    said = made.facts_of(notice)
    listed = said["sections"][-1]
    assert (listed["appendix"], len(listed["table"]["rows"])) == (True, 11)
    assert "11 đơn vị theo danh sách kèm theo" in said["sections"][0]["text"]
    assert not any("Xã số" in each for each in said["copies"])
    assert made.paper_pdf(notice).startswith(b"%PDF")


def test_what_is_called_off_before_its_notice_was_sent_leaves_no_notice(stage):
    row, front = stage.begun(), stage.front
    campaign_steps.draft_notice(row, prepare="Sổ", report_due_on=day(9), actor=front.officer, now=MONDAY)
    campaign_steps.cancel(row, why="Trùng đoàn khác", actor=front.officer, now=MONDAY)
    assert (row.state, row.notice) == (State.CANCELLED, None)


def test_a_notice_whose_team_was_taken_out_is_not_sent(stage):
    row, front = stage.begun(), stage.front
    notice = campaign_steps.draft_notice(row, prepare="Sổ", report_due_on=day(9), actor=front.officer, now=MONDAY)
    campaigns.remove_member(row.members[0], actor=front.officer, now=MONDAY)
    with pytest.raises(rules.StepRefused):
        papers.send(notice, actor=front.officer, now=MONDAY)


def test_a_campaign_takes_no_unit_twice_not_itself_and_none_out_of_reach(stage):
    row, front = stage.begun(), stage.front
    assert campaigns.add_units(row, [stage.province.works, stage.province.health], actor=front.officer, now=MONDAY) == 1
    with pytest.raises(campaigns.OutOfReach):
        campaigns.add_units(row, [front.unit], actor=front.officer, now=MONDAY)
    gone = factories.make_unit(name="Sở cũ", valid_to=day(-1))
    with pytest.raises(campaigns.OutOfReach):
        campaigns.add_units(row, [gone], actor=front.officer, now=MONDAY)


def test_a_unit_checks_itself_and_its_head_sends_the_report_once(stage):
    row, officer, head = stage.announced(), stage.province.officer, stage.province.head
    target = row.targets[0]
    checking.answer(target, Side.UNIT, answers(row, Result.NOT_MET), actor=officer, now=at(1))
    with pytest.raises(NotAllowed):
        checking.report(target, text="Báo cáo", files=[], actor=officer, now=at(2))
    with pytest.raises(checking.NothingSaid):
        checking.report(target, text="", files=[], actor=head, now=at(2))
    checking.report(target, text="Báo cáo", files=[builders.proof().file], actor=head, now=at(2))
    for again in (
        lambda: checking.report(target, text="Hai", files=[], actor=head, now=at(3)),
        lambda: checking.answer(target, Side.UNIT, {}, actor=officer, now=at(3)),
    ):
        with pytest.raises(IllegalTransition):
            again()

    assert {each.result for each in checking.answers_of(target, Side.UNIT).values()} == {Result.NOT_MET}
    assert ("campaign", stage.front.head.name) in told(target)


def test_the_unit_writes_nothing_for_the_team_and_the_team_nothing_for_the_unit(stage):
    row = stage.announced()
    for side, actor in ((Side.TEAM, stage.province.head), (Side.UNIT, stage.front.officer), (Side.UNIT, stage.province.health_head)):
        with pytest.raises(NotAllowed):
            checking.answer(row.targets[0], side, answers(row), actor=actor, now=at(1))


def test_answers_of_two_tabs_do_not_write_over_each_other(stage):
    row, officer = stage.announced(), stage.province.officer
    target = row.targets[0]
    seen = checking.fingerprint(target, Side.UNIT)
    checking.answer(target, Side.UNIT, answers(row), seen=seen, actor=officer, now=at(1))
    checking.answer(target, Side.UNIT, answers(row), seen=seen, actor=officer, now=at(1))  # the same, pressed twice
    with pytest.raises(ChangedMeanwhile):
        checking.answer(target, Side.UNIT, answers(row, Result.NOT_MET), seen=seen, actor=stage.province.colleague, now=at(1))

    assert db.session.scalar(db.select(db.func.count()).select_from(CampaignAnswer)) == len(row.questions)


@pytest.mark.parametrize(
    ("over", "refused"),
    [
        ({"undemocratic": True}, checking.CauseMissing),
        ({"recommendation": ""}, checking.Unfinished),
        ({"due_on": None}, checking.Unfinished),
        ({"due_on": TODAY}, recommendations.DayPast),
    ],
)
def test_a_fault_says_what_to_do_by_when_and_its_cause_where_democracy_was_not_observed(stage, over, refused):
    row = stage.under_way()
    with pytest.raises(refused):
        checking.add_finding(row.targets[0], FindingData(**vars(FAULT) | {"text": "Khác"} | over), actor=stage.front.officer, now=at(15))


def test_the_unit_is_heard_before_the_conclusion(stage):
    row, front = stage.under_way(), stage.front
    campaign_steps.show_findings(row, comments_due_on=day(25), actor=front.officer, now=at(20))
    with pytest.raises(rules.StepRefused):
        campaign_steps.draft_conclusion(row, actor=front.officer, now=at(25))
    with pytest.raises(NotAllowed):
        checking.comment(row.targets[0], text="", actor=stage.province.officer, now=at(21))

    assert campaign_steps.draft_conclusion(row, actor=front.officer, now=at(26)) is row.paper  # its last day is over


def test_where_a_unit_checks_itself_its_own_answers_are_enough(stage):
    row = stage.announced(form=Form.SELF_CHECK)
    assert supervision.unchecked(row.targets[0]) == len(row.questions)
    checking.answer(row.targets[0], Side.UNIT, answers(row), actor=stage.province.officer, now=at(1))
    assert supervision.unchecked(row.targets[0]) == 0


def test_the_conclusion_says_what_was_checked_found_and_recommended(stage):
    row = stage.heard()
    democracy = FindingData(**vars(FAULT) | {"text": "Không lấy ý kiến.", "undemocratic": True, "cause": "không họp dân"})
    checking.add_finding(row.targets[0], democracy, actor=stage.front.officer, now=at(21))
    said = made.facts_of(campaign_steps.draft_conclusion(row, actor=stage.front.officer, now=at(22)))
    sections = {each["name"]: each for each in said["sections"]}

    assert len(sections["checked"]["table"]["rows"]) == len(row.questions)
    assert "Nguyên nhân do không thực hiện dân chủ ở cơ sở: không họp dân" in sections["found"]["text"]
    assert "Đã niêm yết ở cổng." in sections["found"]["text"]
    assert sections["recommended"]["table"]["rows"][0][2] == FAULT.recommendation


# --- what was recommended -----------------------------------------------------------------------------------------------


def test_a_numbered_conclusion_makes_each_recommendation_a_duty_in_the_one_register(stage):
    duty = stage.concluded()
    row, reader = duty.finding.target.campaign, stage.province.front_reader
    cut = register.Cut(view="all", source="finding")

    assert (duty.unit, duty.due_on, duty.title, duty.state) == (stage.province.works, FAULT.due_on, FAULT.recommendation, Promise.OFFERED)
    assert register.page(cut, reader.reach, day(24), after=None) == [duty]
    assert ("recommendation", stage.province.officer.name) in told(duty)
    assert (row.state, row.concluded_at) == (State.CONCLUDED, at(23))
    assert actions(row)[-1] == "campaign.stepped"
    assert db.session.scalar(db.select(db.func.count()).select_from(Assignment).where(Assignment.kind == "finding")) == 1


def test_the_team_writes_down_what_it_saw_from_the_first_day_on(stage):
    row, front = stage.announced(), stage.front
    with pytest.raises(IllegalTransition):
        checking.answer(row.targets[0], Side.TEAM, answers(row), actor=front.officer, now=at(13))
    campaign_steps.begin(row, actor=front.officer, now=at(14))
    checking.answer(row.targets[0], Side.TEAM, answers(row), actor=front.officer, now=at(14))
    assert len(checking.answers_of(row.targets[0], Side.TEAM)) == len(row.questions)


def test_a_team_whose_leader_was_taken_out_goes_nowhere_before_it_has_another(stage):
    row, front = stage.announced(), stage.front
    campaigns.remove_member(row.members[0], actor=front.officer, now=at(13))
    with pytest.raises(rules.StepRefused):
        campaign_steps.begin(row, actor=front.officer, now=at(14))
    other = MemberData(user=front.officer, name=front.officer.name, title="", part=Part.LEADER)
    campaigns.add_member(row, other, actor=front.officer, now=at(14))
    campaign_steps.begin(row, actor=front.officer, now=at(14))
    assert row.state == State.UNDER_WAY


def test_the_team_that_a_numbered_conclusion_names_stands(stage):
    row = stage.concluded().finding.target.campaign
    with pytest.raises(IllegalTransition):
        campaigns.remove_member(row.members[0], actor=stage.front.officer, now=at(24))
    with pytest.raises(IllegalTransition):
        campaigns.add_member(
            row, MemberData(user=None, name="Ông Nguyễn Văn Tư", title="", part=Part.MEMBER), actor=stage.front.officer, now=at(24)
        )


def test_a_conclusion_numbered_after_a_recommended_day_goes_back_to_be_given_another(stage):
    row = stage.heard()
    paper = campaign_steps.draft_conclusion(row, actor=stage.front.officer, now=at(22))
    with pytest.raises(recommendations.DayPast):
        stage.issue(paper, now=at(61))


def test_the_unit_does_it_with_proof_and_only_the_body_confirms(stage):
    duty = stage.concluded()
    officer, front = stage.province.officer, stage.front
    recommendations.take(duty, actor=officer, now=at(24))
    with pytest.raises(recommendations.ProofMissing):
        recommendations.keep(duty, outcome="Xong", proofs=[], actor=officer, now=at(30))
    recommendations.keep(duty, outcome="Xong", proofs=[builders.proof().file], actor=officer, now=at(30))
    with pytest.raises(rules.StepRefused):
        campaign_steps.close(duty.finding.target.campaign, actor=front.officer, now=at(31))
    for actor in (officer, stage.province.head, stage.province.steering_reader):
        with pytest.raises(NotAllowed):
            recommendations.confirm(duty, remarks="", actor=actor, now=at(31))
    recommendations.confirm(duty, remarks="", actor=front.officer, now=at(31))
    campaign_steps.close(duty.finding.target.campaign, actor=front.officer, now=at(32))

    assert (duty.state, duty.closed_on, duty.finding.target.campaign.state) == (Promise.VERIFIED, day(30), State.CLOSED)


def test_nobody_confirms_what_they_did_in_another_office(stage):
    works, front = stage.province.works, stage.front.unit
    both = factories.make_user(unit=front, roles=[(Role.FRONT, None), (Role.OFFICER, works)])
    duty = stage.done()
    assert [supervision.waiting_count(each.reach) for each in (stage.front.officer, both)] == [1, 0]
    with pytest.raises(NotAllowed):
        recommendations.confirm(duty, remarks="", actor=both, now=at(31))


def test_what_is_not_done_yet_is_done_again_by_another_day(stage):
    duty = stage.done()
    with pytest.raises(recommendations.DayPast):
        recommendations.not_yet(duty, remarks="Chưa thấy", due_on=day(31), actor=stage.front.officer, now=at(31))
    recommendations.not_yet(duty, remarks="Chưa thấy", due_on=day(45), actor=stage.front.officer, now=at(31))

    assert (duty.state, duty.due_on, duty.closed_at) == (Promise.TAKEN, day(45), None)
    running = recommendations.running_clock(duty)
    assert running is not None
    assert running.due_on == day(45)


def test_more_time_is_asked_once_and_decided_by_the_body(stage):
    duty, officer = stage.concluded(), stage.province.officer
    assert recommendations.may_ask_extension(duty, day(24))
    recommendations.ask_extension(duty, reason="Chờ kinh phí", actor=officer, now=at(24))
    with pytest.raises(recommendations.RequestWaits):
        recommendations.ask_extension(duty, reason="Chờ nữa", actor=officer, now=at(24))
    request = supervision.pending_extension(duty)
    assert request is not None
    with pytest.raises(NotAllowed):
        recommendations.decide_extension(duty, request, granted=True, remarks="", actor=stage.province.head, now=at(25))
    recommendations.decide_extension(duty, request, granted=True, remarks="", actor=stage.front.officer, now=at(25))
    with pytest.raises(ExtensionDecided):
        recommendations.decide_extension(duty, request, granted=False, remarks="", actor=stage.front.officer, now=at(25))

    assert duty.due_on is not None
    assert duty.due_on > FAULT.due_on
    assert duty.first_due_on == FAULT.due_on
    assert not recommendations.may_ask_extension(duty, day(26))


def test_what_is_returned_is_given_again_or_left_at_that(stage):
    duty, front = stage.concluded(), stage.front
    recommendations.give_back(duty, reason="Việc của Sở Y tế", actor=stage.province.officer, now=at(24))
    again = recommendations.give_again(duty, stage.province.health, remarks="Đúng", due_on=day(70), actor=front.officer, now=at(25))
    with pytest.raises(IllegalTransition):
        recommendations.drop(duty, remarks="Thôi", actor=front.officer, now=at(25))
    waiting = {
        who: supervision.recommended(who.reach, bodies) for who, bodies in ((front.officer, [front.unit]), (stage.province.head, []))
    }
    assert list(waiting.values()) == [[again], []]
    recommendations.give_back(again, reason="Không phải", actor=stage.province.health_officer, now=at(26))
    campaign = duty.finding.target.campaign
    assert supervision.facts_of(campaign, day(26)).open_findings == 1
    recommendations.drop(again, remarks="Thôi", actor=front.officer, now=at(27))

    assert again.finding.duties == [duty, again]
    assert supervision.recommended(front.officer.reach, [front.unit]) == []
    assert supervision.facts_of(campaign, day(27)).open_findings == 0


# --- pages --------------------------------------------------------------------------------------------------------------


def test_the_room_shows_a_body_its_plan_and_campaigns_and_a_unit_what_it_is_asked(client, stage):
    stage.approved()
    row = stage.announced()
    for user, sees, not_sees in (
        (stage.front.officer, ["Kế hoạch năm 2026", row.code, "Giám sát đột xuất"], ["Đơn vị được giám sát</h2>"]),
        (stage.province.officer, [row.code, "gửi báo cáo trước hết ngày"], ["Kế hoạch năm 2026", "Giám sát đột xuất"]),
        (stage.province.health_head, ["Chưa có cuộc giám sát nào thông báo"], [row.code]),
    ):
        sign_in(client, user)
        page = client.get("/can-bo/giam-sat?nam=2026").text
        assert [each for each in sees if each not in page] == []
        assert [each for each in not_sees if each in page] == []


def test_a_campaign_opens_for_its_body_and_a_units_page_only_for_that_unit(client, stage):
    row = stage.under_way()
    whole, unit = f"/can-bo/giam-sat/cuoc/{row.id}", f"/can-bo/giam-sat/don-vi/{row.targets[0].id}"
    for user, of_whole, of_unit in (
        (stage.front.officer, 200, 200),
        (stage.province.officer, 404, 200),
        (stage.province.health_head, 404, 404),
        (stage.province.steering_reader, 404, 404),
    ):
        sign_in(client, user)
        assert (client.get(whole).status_code, client.get(unit).status_code) == (of_whole, of_unit), user.name
    sign_in(client, stage.province.officer)
    page = client.get(unit).text
    assert FAULT.text not in page  # the unit reads what was found when it is asked to comment
    assert "Ghi nhận định" not in page
    assert client.get(f"{unit}/kiem-tra").status_code == 403


@pytest.mark.parametrize("address", ["cuoc/9999999", "don-vi/0", "kien-nghi/77777", "ke-hoach/1/1990", "moi/99999"])
def test_what_is_not_there_is_404(client, stage, address):
    sign_in(client, stage.front.officer)
    assert client.get(f"/can-bo/giam-sat/{address}").status_code == 404


def test_a_paper_leads_each_reader_to_what_they_may_open(client, stage):
    conclusion, plan = stage.concluded().finding.target.campaign.paper, stage.approved().paper
    front, works = stage.front, stage.province
    whole, part = "/can-bo/giam-sat/cuoc/", "/can-bo/giam-sat/don-vi/"
    expected = [
        (front.officer, conclusion, whole),
        (works.officer, conclusion, part),
        (front.records, conclusion, ""),
        (front.records, plan, ""),
    ]
    for user, paper, leads in [*expected, (front.officer, plan, "/can-bo/giam-sat/ke-hoach/")]:
        sign_in(client, user)
        page = client.get(f"/can-bo/van-ban-giam-sat/{paper.uid}").text
        found = re.search(r'href="([^"]+)">[Vv]iệc của văn bản này', page)
        address = found[1] if found else ""
        assert address.startswith(leads), user.name
        assert bool(address) is bool(leads), user.name
        assert not address or client.get(address).status_code == 200


def test_an_officer_answers_the_checklist_on_its_page_and_nonsense_is_no_answer(client, stage):
    row = stage.announced()
    target, first = row.targets[0], row.questions[0]
    sign_in(client, stage.province.officer)
    address = f"/can-bo/giam-sat/don-vi/{target.id}/tu-kiem-tra"
    was = checking.fingerprint(target, Side.UNIT)
    data = {f"r{first.id}": "met", f"n{first.id}": "Ở cổng", f"r{row.questions[1].id}": "vớ vẩn", "was": was}
    assert post(client, address, data).status_code == 303
    db.session.expire_all()
    kept = checking.answers_of(target, Side.UNIT)
    assert {id_: (each.result, each.note) for id_, each in kept.items()} == {first.id: ("met", "Ở cổng")}

    second = post(client, address, data | {f"r{first.id}": "not_met"})  # another tab, opened before
    assert second.status_code == 422
    assert "Chữ đang soạn khác bản đang lưu" in second.text


def test_a_finding_without_its_recommendation_keeps_what_was_typed(client, stage):
    row = stage.under_way()
    sign_in(client, stage.front.officer)
    address = f"/can-bo/giam-sat/don-vi/{row.targets[0].id}/nhan-dinh"
    page = post(client, address, {"kind": "fault", "text": "Không họp dân.", "undemocratic": "y", "cause": "không họp"})
    assert page.status_code == 422
    assert "phải ghi kiến nghị và hạn thực hiện" in page.text
    assert "Không họp dân." in page.text


def test_the_pages_of_a_recommendation_show_each_side_its_buttons(client, stage):
    duty = stage.done()
    address = f"/can-bo/giam-sat/kien-nghi/{duty.id}"
    for user, sees, status in ((stage.front.officer, True, 200), (stage.province.officer, False, 200)):
        sign_in(client, user)
        assert client.get(address).status_code == status
        assert ("Xác nhận đã thực hiện" in client.get(address).text) is sees
    assert client.get(f"{address}/xac-nhan").status_code == 403
    sign_in(client, stage.province.health_head)
    assert client.get(address).status_code == 404
    sign_in(client, stage.front.officer)
    assert post(client, f"{address}/xac-nhan", {"remarks": ""}).status_code == 303
    assert client.get(f"{address}/chua-dat").status_code == 303  # too late: back to its page
    assert client.get(f"/can-bo/giam-sat/cuoc/{duty.finding.target.campaign_id}").status_code == 200


def test_a_tab_counts_what_waits_for_each_side(stage):
    officer, front = stage.province.officer.reach, stage.front.officer.reach
    stage.announced()
    assert [supervision.waiting_count(each) for each in (officer, front)] == [1, 0]  # its own check and report
    duty = stage.concluded()
    assert [supervision.waiting_count(each) for each in (officer, front)] == [2, 0]
    recommendations.give_back(duty, reason="Việc của Sở Y tế", actor=stage.province.officer, now=at(24))
    assert [supervision.waiting_count(each) for each in (officer, front)] == [1, 1]
    recommendations.drop(duty, remarks="Đúng", actor=stage.front.officer, now=at(25))
    stage.done()
    assert [supervision.waiting_count(each) for each in (officer, front)] == [1, 1]
    assert supervision.waiting_count(stage.province.steering_reader.reach) == 0


def test_who_supervises_reminds_of_a_late_recommendation_by_a_letter(client, stage, monkeypatch):
    duty, front = stage.concluded(), stage.front
    address = f"/can-bo/giam-sat/kien-nghi/{duty.id}"
    sign_in(client, front.officer)
    monkeypatch.setattr(clock, "now", lambda: at(30))
    assert "Nhắc bằng văn bản" not in client.get(address).text
    monkeypatch.setattr(clock, "now", lambda: at(70))
    page = client.get(address).text
    assert "Nhắc bằng văn bản" in page
    typed = {"kind": "follow_up", "issuer": str(front.unit.id), "reason": "Niêm yết ngay.", "token": "nhac-viec"}
    drafted = post(client, f"/can-bo/don-doc/moi?viec={duty.id}&loai=follow_up", typed)
    assert drafted.status_code == 303
    stage.issue(letters.sent(front.officer.reach, front.unit)[0].paper, now=at(70))
    for user in (front.officer, stage.province.officer):
        sign_in(client, user)
        page = client.get(address).text
        assert "Đã nhắc bằng văn bản" in page, user.name
        assert "Nhắc bằng văn bản</a>" not in page or user is front.officer
    letter = re.search(r'href="(/can-bo/[^"]+)">Số [^<]+</a></dd></div>', page[page.index("Đã nhắc bằng văn bản") :])
    assert letter is not None
    assert client.get(letter[1]).status_code == 200


def test_a_campaign_stands_under_the_year_of_its_plan_and_a_running_one_is_seen_from_every_year(client, stage):
    line = stage.approved().lines[0]
    row = stage.begun(line=line)
    row.starts_on = row.ends_on = dt.date(2027, 1, 5)  # carried out late
    sign_in(client, stage.front.officer)
    assert row.code in client.get("/can-bo/giam-sat?nam=2026").text
    other = client.get("/can-bo/giam-sat?nam=2027").text
    assert row.code not in other
    assert "(1 cuộc chưa kết thúc)" in other
    assert "0 đã kết luận; 1 đang thực hiện; 0 quá quý, chưa thực hiện; 0 chưa hết quý" in client.get("/can-bo/giam-sat?nam=2026").text


def test_the_plan_on_paper_runs_by_quarter_however_it_was_typed(stage):
    front = stage.front
    plan = planning.start(front.unit, 2026, actor=front.officer, now=MONDAY)
    for quarter in (4, 1, 3):
        planning.add_line(plan, LineData(**vars(LINE) | {"quarter": quarter}), actor=front.officer, now=MONDAY)
    paper = made.facts_of(planning.draft_paper(plan, actor=front.officer, now=MONDAY))
    table = next(each["table"] for each in paper["sections"] if each["table"])
    assert [row[1] for row in table["rows"]] == ["Quý I", "Quý III", "Quý IV"]


def test_a_body_begins_a_campaign_on_its_page(client, stage):
    sign_in(client, stage.front.officer)
    address = f"/can-bo/giam-sat/moi/{stage.front.unit.id}"
    days = {
        "period_from": ["1", "1", "2026"],
        "period_to": ["30", "6", "2026"],
        "starts_on": ["1", "9", "2026"],
        "ends_on": ["5", "9", "2026"],
    }
    page = post(client, address, {"theme": "Đối thoại", "form": "team", "base": "commune", "trigger": "", "trigger_why": ""} | days)
    assert page.status_code == 422
    data = {"theme": "Đối thoại", "form": "team", "base": "commune", "trigger": "signs", "trigger_why": "Có tin báo"} | days
    begun = post(client, address, data)
    assert begun.status_code == 303
    assert "Ghi trưởng đoàn" in client.get(begun.location).text
    for tail in ("don-vi", "doan", "cau-hoi", "sua", "huy", "thong-bao"):
        assert client.get(f"{begun.location}/{tail}").status_code == 200, tail


@pytest.mark.parametrize(
    ("tail", "data", "sentence"),
    [
        ("don-vi", {"unit": "", "base": ""}, "Chọn một đơn vị, hoặc chọn cả loại"),
        ("doan", {"user": "", "name": "", "title": "", "part": "member"}, "Chọn người, hoặc ghi họ tên"),
    ],
)
def test_one_of_two_fields_is_asked_for_and_neither_is_called_optional(client, stage, tail, data, sentence):
    row = stage.begun()
    sign_in(client, stage.front.officer)
    address = f"/can-bo/giam-sat/cuoc/{row.id}/{tail}"
    refused = post(client, address, data)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert refused.text.count("không bắt buộc") == (tail == "doan")  # the office of a member may stay open


@pytest.mark.parametrize(("due", "warned"), [(day(14), False), (day(15), True)])
def test_a_report_due_after_the_first_day_is_drafted_with_a_warning(client, stage, due, warned, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    row = stage.begun()
    sign_in(client, stage.front.officer)
    data = {"prepare": "Sổ", "report_due_on": [str(due.day), str(due.month), str(due.year)]}
    drafted = post(client, f"/can-bo/giam-sat/cuoc/{row.id}/thong-bao", data)
    assert drafted.status_code == 303
    assert ("Hạn gửi báo cáo sau ngày bắt đầu giám sát" in client.get(drafted.location).text) == warned


def test_every_notice_can_be_written_and_names_the_campaign_and_nothing_that_was_found(app, stage):
    duty, officer, front = stage.done(), stage.province.officer, stage.front
    recommendations.not_yet(duty, remarks="Chưa thấy", due_on=day(45), actor=front.officer, now=at(31))
    for granted in (False, True):
        recommendations.ask_extension(duty, reason="Chờ kinh phí", actor=officer, now=at(32))
        request = supervision.pending_extension(duty)
        recommendations.decide_extension(duty, request, granted=granted, remarks="", actor=front.officer, now=at(33))
    recommendations.give_back(duty, reason="Không phải việc của Sở", actor=officer, now=at(34))
    recommendations.drop(duty, remarks="Thôi", actor=front.officer, now=at(35))
    campaign_steps.cancel(stage.announced(), why="Trùng đoàn thanh tra", actor=front.officer, now=at(2))
    checking.report(stage.announced().targets[0], text="Báo cáo", files=[], actor=stage.province.head, now=at(2))
    recommendations.confirm(stage.done(), remarks="", actor=front.officer, now=at(36))
    db.session.flush()
    notices = [each for each in db.session.scalars(db.select(Notice)) if each.template.endswith(("/campaign", "/recommendation"))]
    said = {each.facts["what"] for each in notices}

    assert said == {
        "in_team", "announced", "reported", "findings", "commented", "concluded", "cancelled",
        "offered", "returned", "done", "confirmed", "not_yet", "extension_asked", "extension_granted", "extension_refused", "dropped",
    }  # fmt: skip
    for each in notices:
        with app.test_request_context():
            on_site = sentence(each) if each.channel == Channel.SITE else ""
        texts = [on_site] if each.channel == Channel.SITE else [(sent := letter(each)).subject, sent.text, sent.html]
        assert all("None" not in text and FAULT.text not in text for text in texts), each.facts
        assert each.facts["code"] in texts[0]
        assert "/can-bo/giam-sat" in texts[-1]


# --- two people at once -------------------------------------------------------------------------------------------------


def test_of_two_who_decide_on_a_return_one_is_too_late(fresh_app):
    stage = Stage(front_of(province := builders.make_province()), province)
    duty = stage.concluded()
    recommendations.give_back(duty, reason="Không phải việc của Sở", actor=province.officer, now=at(24))
    officer, duty_id, unit_id = stage.front.officer, duty.id, province.health.id
    reach, user_id = officer.reach, officer.id

    def who() -> Any:
        user = db.session.get(type(officer), user_id)
        assert user is not None
        user.reach = reach
        return user

    def drop() -> None:
        row = db.session.get(FindingAssignment, duty_id)
        recommendations.drop(row, remarks="Thôi", actor=who(), now=at(25))

    def give() -> None:
        row = db.session.get(FindingAssignment, duty_id)
        unit = db.session.get(type(province.health), unit_id)
        recommendations.give_again(row, unit, remarks="Giao", due_on=day(70), actor=who(), now=at(25))

    outcomes = at_once(fresh_app, drop, give)

    assert sum(each is DONE for each in outcomes) == 1
    assert sum(isinstance(each, IllegalTransition) for each in outcomes) == 1
