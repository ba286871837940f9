"""Supervision in the demo: plans of the year, a campaign whose recommendations are being carried out, and one under way."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.accounts.models import User
from app.clock import LOCAL
from app.database import db
from demo import pictures
from demo.oversight import A_WHILE, Hands
from demo.past import Player, unwritten_to
from demo.province import FOUNDED_ON, Province
from demo.timetable import working_day
from oversight.models import Campaign, CampaignTarget, SupervisionFinding, SupervisionLine
from oversight.operations import campaign_steps, campaigns, checking, recommendations
from oversight.operations import supervision_plans as plans
from oversight.operations.campaigns import CampaignData, MemberData
from oversight.operations.checking import AnswerData, FindingData
from oversight.operations.supervision_plans import LineData
from oversight.rules.supervision import Part, Result, Side

#: What a team looks back on, in days before it begins.
PERIOD = 270
NOTE = "Hồ sơ chưa đủ, đoàn đã ghi biên bản."


def play(province: Province, *, now: dt.datetime) -> None:
    """Let it happen up to *now*; the caller commits."""
    with unwritten_to(province, now=now):
        story = Supervision(Player(province, now=now))
        for row in story.texts["campaign"]:
            story.carry_out(row)


class Supervision(Hands):
    """The bodies that supervise, and their campaigns."""

    def __init__(self, player: Player) -> None:
        super().__init__(player)
        self.plans = {row["unit"]: row for row in self.texts["plan"]}
        self.lines: dict[tuple[str, int, str], SupervisionLine] = {}
        years = {self.when(row["drafted"]).year for row in self.texts["campaign"]} | {self.today.year}
        for year in sorted(years):
            for row in self.texts["plan"]:
                self._plan(row, year)

    def _people(self, plan: dict[str, Any]) -> tuple[str, str, str]:
        return plan["by"], plan["head"], plan["records"]

    def _plan(self, row: dict[str, Any], year: int) -> None:
        """Have the plan of a year approved in December before it."""
        day = max(dt.date(year - 1, 12, 10), FOUNDED_ON)
        day = working_day(self.player.calendar, day, 1)
        at = dt.datetime.combine(day, dt.time(9), LOCAL)
        actor = self.player.acting(row["by"], at)
        plan = plans.start(self.province.units[row["unit"]], year, actor=actor, now=at)
        for line in row["lines"]:
            self.lines[row["unit"], year, line["theme"]] = plans.add_line(plan, LineData(**line), actor=actor, now=at)
        self.issue(plans.draft_paper(plan, actor=actor, now=at), self._people(row), at)

    # --- a campaign ----------------------------------------------------------------------------------------------------------

    def carry_out(self, row: dict[str, Any]) -> None:
        """Let a campaign come as far as its days say."""
        plan = self.plans[row["plan"]]
        campaign = self._draft(row, plan)
        targets = {target.unit.code: target for target in campaign.targets}
        for said in row["said"]:
            self._report(targets[said["unit"]], said, row)
        at = self.when(row["begun"])
        campaign_steps.begin(campaign, actor=self.player.acting(plan["by"], at), now=at)
        for said in row["said"] if "shown" in row else row["said"][:1]:
            self._check(targets[said["unit"]], said, self.when(row["checked"]), self.player.acting(row["leader"], at))
        db.session.flush()
        if "shown" in row:
            self._conclude(campaign, row, plan, targets)

    def _draft(self, row: dict[str, Any], plan: dict[str, Any]) -> Campaign:
        at, starts = self.when(row["drafted"]), self.when(row["begun"]).date()
        actor, line = self.player.acting(plan["by"], at), self.lines[row["plan"], at.year, row["line"]]
        back = max(starts - dt.timedelta(days=PERIOD), FOUNDED_ON)
        data = CampaignData(
            theme=row["line"], form=line.form, trigger=None, trigger_why="", period_from=back, period_to=starts, starts_on=starts,
            ends_on=working_day(self.player.calendar, starts, 12),
        )  # fmt: skip
        campaign = campaigns.draft(self.province.units[row["plan"]], data, base=row["base"], line=line, actor=actor, now=at)
        campaigns.add_units(campaign, [self.province.units[code] for code in row["units"]], actor=actor, now=at)
        for part, login in ((Part.LEADER, row["leader"]), (Part.SECRETARY, row["secretary"])):
            user = self.province.users[login]
            campaigns.add_member(campaign, MemberData(user=user, name=user.name, title=user.title, part=part), actor=actor, now=at)
        for each in row["members"]:
            campaigns.add_member(campaign, MemberData(user=None, part=Part.MEMBER, **each), actor=actor, now=at)
        announced = self.when(row["announced"])
        due_on = self.when(row["report_due"]).date()
        notice = campaign_steps.draft_notice(campaign, prepare=row["prepare"], report_due_on=due_on, actor=actor, now=announced)
        self.issue(notice, self._people(plan), announced)
        db.session.flush()
        return campaign

    def _answers(self, target: CampaignTarget, not_met: list[int], *, strict: bool) -> dict[int, AnswerData]:
        """Return the answers about a unit; the unit itself sees fewer faults than the team."""
        return {
            question.id: AnswerData(Result.NOT_MET, NOTE) if strict and question.position in not_met else AnswerData(Result.MET)
            for question in target.campaign.questions
        }

    def _report(self, target: CampaignTarget, said: dict[str, Any], row: dict[str, Any]) -> None:
        at = self.when(row["reported"], "15:30")
        head = self.head_of(target.unit, at)
        assert head is not None  # the file names units with one
        answers = self._answers(target, said["not_met"], strict=False)
        checking.answer(target, Side.UNIT, answers, actor=head, now=at - A_WHILE)
        checking.report(target, text=said["report"], files=[], actor=head, now=at)

    def _check(self, target: CampaignTarget, said: dict[str, Any], at: dt.datetime, leader: User) -> None:
        answers = self._answers(target, said["not_met"], strict=True)
        checking.answer(target, Side.TEAM, answers, actor=leader, now=at)

    # --- what came of it -----------------------------------------------------------------------------------------------------

    def _conclude(self, campaign: Campaign, row: dict[str, Any], plan: dict[str, Any], targets: dict[str, CampaignTarget]) -> None:
        at = self.when(row["shown"], "08:40")
        actor = self.player.acting(plan["by"], at)
        found = [(self._find(targets[each["unit"]], each, at, actor), each) for each in row["finding"]]
        campaign_steps.show_findings(campaign, comments_due_on=self.when(row["comments_due"]).date(), actor=actor, now=at + A_WHILE)
        for said in row["said"]:
            commented = self.when(row["commented"], "14:15")
            head = self.head_of(targets[said["unit"]].unit, commented)
            assert head is not None
            checking.comment(targets[said["unit"]], text=said["comments"], actor=head, now=commented)
        concluded = self.when(row["concluded"])
        paper = campaign_steps.draft_conclusion(campaign, actor=self.player.acting(plan["by"], concluded), now=concluded)
        self.issue(paper, self._people(plan), concluded)
        for finding, each in found:
            if "then" in each:
                self._carried_out(finding, each["then"], plan)

    def _find(self, target: CampaignTarget, said: dict[str, Any], at: dt.datetime, actor: User) -> SupervisionFinding:
        due_on = self.when(said["due"]).date() if "due" in said else None
        names = ("kind", "text", "undemocratic", "cause", "recommendation")
        data = FindingData(**{name: said[name] for name in names if name in said}, due_on=due_on)
        return checking.add_finding(target, data, actor=actor, now=at)

    def _carried_out(self, finding: SupervisionFinding, then: dict[str, Any], plan: dict[str, Any]) -> None:
        at, duty = self.when(then["ago"], "16:05"), finding.duty
        assert duty is not None  # the conclusion is numbered
        proof = pictures.stored(then["caption"], now=at)
        recommendations.keep(duty, outcome=then["outcome"], proofs=[proof], actor=self.player.acting(then["who"], at), now=at)
        if "confirmed" in then:
            later = self.when(then["confirmed"])
            recommendations.confirm(duty, remarks=then["remarks"], actor=self.player.acting(plan["by"], later), now=later)
        db.session.flush()
