"""Reports and targets of the year in the demo: some units have handed up, one was sent back; what units declare is confirmed or waits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.accounts.models import User
from app.database import db
from app.units.models import Unit
from demo.oversight import A_WHILE, CHAIRMAN, STANDING, Hands
from demo.past import Player, unwritten_to
from demo.province import Province
from oversight import reports as owed
from oversight.models import Report, ReportDuty
from oversight.operations import papers as hands
from oversight.operations import reports, targets
from oversight.operations.targets import Said
from oversight.rules.reports import State
from oversight.rules.targets import Outcome

#: The whole province's, which are no unit's among others.
NOT_OF_EVERYBODY = ("BC_NAM_TOAN_TINH", "BC_6_THANG_TOAN_TINH")
#: What is declared early in a year is about the one before.
SETTLED = dt.timedelta(days=90)
#: Of what units show, numbered as in a running year.
FIRST_NUMBER = 31


def play(province: Province, *, now: dt.datetime) -> None:
    """Let it happen up to *now*; the caller commits."""
    with unwritten_to(province, now=now):
        story = Reporting(Player(province, now=now))
        for number, row in enumerate(story.texts["report"]["unit"]):
            story.report(row, ago=7 - number // 2)
        for number, row in enumerate(story.texts["declared"]):
            story.declare(row, ago=30 - 4 * number)


class Reporting(Hands):
    """Units that report, and who receives it."""

    def __init__(self, player: Player) -> None:
        super().__init__(player)
        self.duty, self.year = self._next_to_today()

    def _next_to_today(self) -> tuple[ReportDuty, int]:
        """Return the duty whose day is nearest, watched at least a month before it."""
        years = (self.today.year, self.today.year + 1)
        dated = [(abs(due - self.today), due, duty, year) for year in years for duty, due in owed.duties_of(year)]
        nearest = min((row for row in dated if row[2].code not in NOT_OF_EVERYBODY), key=lambda row: row[:2])
        _away, due, duty, year = nearest
        duty.watched_from = min(duty.watched_from, due - dt.timedelta(days=31))
        db.session.flush()
        return duty, year

    def _lead(self, unit: Unit, at: dt.datetime) -> User:
        head = self.head_of(unit, at)
        assert head is not None  # the file names units with one
        return head

    def report(self, row: dict[str, Any], *, ago: int) -> None:
        """Let a unit write its report, and hand it up as far as the file says."""
        at, texts, unit = self.when(ago, "08:35"), self.texts["report"], self.province.units[row["code"]]
        head = self._lead(unit, at)
        report = reports.begin(unit, self.duty, self.year, actor=head, now=at)
        paper = report.paper
        assert paper is not None  # it was just begun
        hands.write(paper, {**texts}, seen=hands.seen_of(paper), actor=head, now=at)
        if row["until"] == "sent":
            hands.send(paper, actor=head, now=at + A_WHILE)
            return
        self.issue_by(report, head, at + A_WHILE)
        handed = self.when(ago - 1, "09:10")
        reports.hand_up(report, actor=self._lead(unit, handed), now=handed)
        later = self.when(ago - 2, "15:15")
        chairman = self.player.acting(CHAIRMAN, later)
        if row["until"] == State.ACCEPTED:
            reports.accept(report, actor=chairman, now=later)
        elif row["until"] == State.RETURNED:
            reports.send_back(report, texts["returned"], actor=chairman, now=later)
        db.session.flush()

    def issue_by(self, report: Report, head: User, at: dt.datetime) -> None:
        """Have it signed by the head, and numbered by who keeps the unit's book, or the head where nobody does."""
        login = head.email.split("@", maxsplit=1)[0]
        assert report.paper is not None
        self.issue(report.paper, (login, login, self.records_of(report.unit) or login), at)

    # --- targets -----------------------------------------------------------------------------------------------------------

    def declare(self, row: dict[str, Any], *, ago: int) -> None:
        """Let units declare how they stand; the standing body confirms it, returns it, or has still to look."""
        year = (self.today - SETTLED).year
        for number, code in enumerate(row["units"]):
            at, unit = self.when(ago, f"{8 + number}:20" if number > 1 else f"0{8 + number}:20"), self.province.units[code]
            paper = row.get("paper", "").format(number=FIRST_NUMBER + 7 * number)
            on = self.when(ago + 20).date() if paper else None
            said = Said(Outcome(row["outcome"]), paper_number=paper, paper_on=on, note=row["note"])
            made = targets.declare(unit, row["code"], year, said, actor=self._lead(unit, at), now=at)
            later = self.when(ago - 3, "14:40")
            standing = self.player.acting(STANDING[0], later)
            if "returned" in row:
                targets.send_back(made, row["returned"], actor=standing, now=later)
            elif not row.get("waits"):
                targets.confirm(made, actor=standing, now=later)
