"""Loading what is shipped, and what an administrator changes: the table, the audit, the count that follows."""

import copy
import datetime as dt

import pytest
from sqlalchemy import func, select

from app.access import SYSTEM
from app.audit import AuditEntry
from app.calendar import operations, queries
from app.calendar.days import CalendarNotLoaded, DayKind, Skip, Term, TermUnit, count
from app.calendar.models import CalendarDay, CalendarYear, DeadlineRule
from app.calendar.rules import Facts, Rule, RuleInvalid, Stage, choose
from app.database import db
from tests.app.calendar.shipped import CALENDAR, LAW, LOCAL, SPECIAL_DAYS, read

NOW = dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 20)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def _shipped(database):
    operations.load_shipped(local_rules=True, now=NOW)


def rows(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def audited() -> list[tuple[str, dict]]:
    return [(entry.action, entry.facts) for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def the_day(on: dt.date) -> CalendarDay:
    return db.session.scalars(select(CalendarDay).where(CalendarDay.day == on)).one()


def the_rule(code: str) -> DeadlineRule:
    return db.session.scalars(select(DeadlineRule).where(DeadlineRule.code == code).order_by(DeadlineRule.id.desc())).first()


def changed(row: DeadlineRule, **over) -> Rule:
    return Rule.from_json({**row.rule.to_json(), "effective_to": None, **over})


def one_year(*days: dict, year: int = 2030, confirmed: bool = False) -> dict:
    return {"year": [{"year": year, "confirmed": confirmed, "source": "Quyết định", "days": list(days)}]}


def test_the_table_holds_the_calendar_that_was_shipped():
    loaded = operations.load_shipped(local_rules=False, now=NOW)

    assert loaded == [2024, 2025, 2026, 2027, 2028]
    calendar = queries.work_calendar()
    assert (calendar.years, calendar.unconfirmed) == (CALENDAR.years, CALENDAR.unconfirmed)
    assert all(calendar.special(each.day).kind is each.kind for each in SPECIAL_DAYS)
    assert [facts for action, facts in audited() if action == "calendar.year_loaded"][3] == {"year": 2027, "confirmed": False}


def test_the_table_holds_the_rules_that_were_shipped():
    operations.load_shipped(local_rules=False, now=NOW)

    assert {(row.code, row.effective_from): row.rule for row in queries.all_rules()} == {
        (rule.code, rule.effective_from): rule for rule in LAW
    }


@pytest.mark.usefixtures("_shipped")
def test_loading_twice_is_loading_once():
    before = rows(CalendarYear), rows(CalendarDay), rows(DeadlineRule), rows(AuditEntry)

    assert operations.load_shipped(local_rules=True, now=NOW) == []
    assert (rows(CalendarYear), rows(CalendarDay), rows(DeadlineRule), rows(AuditEntry)) == before


@pytest.mark.usefixtures("_shipped")
def test_the_rules_in_force_are_the_law_of_the_day_and_the_local_rules_in_use():
    codes = {rule.code for rule in queries.rules_in_force(TODAY)}

    assert {"KN_SETTLE_1", "TD_NOTICE", "PAKN_REPLY", "UNIT_TAKE"} <= codes
    assert "ANON_REPLY" not in codes  # kept ready, not in use
    assert sorted(codes) == sorted(rule.code for rule in LAW + LOCAL if rule.in_force(TODAY))


def test_a_year_that_is_confirmed_takes_the_place_of_its_estimate_but_not_of_what_an_administrator_did():
    tet, swap, local = dt.date(2030, 2, 4), dt.date(2030, 2, 1), dt.date(2030, 3, 11)
    holiday = {"day": tet, "kind": "holiday", "name": "Tết Âm lịch"}
    guess = {"day": swap, "kind": "holiday", "name": "Tết Âm lịch (đoán)"}
    operations.load_calendar(one_year(holiday, guess), now=NOW)
    operations.add_day(local, kind=DayKind.LOCAL_OFF, name="Nghỉ bão", source="Công điện", actor=SYSTEM, now=NOW)

    assert operations.load_calendar(one_year(holiday, confirmed=True), now=NOW) == [2030]

    calendar = queries.work_calendar()
    assert calendar.unconfirmed == frozenset()
    assert [calendar.why_off(day) for day in (tet, swap, local)] == [Skip.HOLIDAY, None, Skip.LOCAL_OFF]
    assert operations.load_calendar(one_year(guess, confirmed=True), now=NOW) == []  # confirmed once, the table is the truth


@pytest.mark.usefixtures("_shipped")
def test_a_day_added_is_off_at_once_and_in_the_audit():
    storm = dt.date(2026, 11, 25)

    operations.add_day(storm, kind=DayKind.LOCAL_OFF, name="Nghỉ bão", source="Công điện", actor=SYSTEM, now=NOW)

    assert queries.work_calendar().why_off(storm) is Skip.LOCAL_OFF
    assert audited()[-1] == ("calendar.day_added", {"day": "2026-11-25", "kind": "local_off"})


@pytest.mark.usefixtures("_shipped")
def test_the_24th_of_november_is_known_and_switched_on_when_a_law_says_so():
    culture_day = dt.date(2026, 11, 24)
    assert queries.work_calendar().is_working(culture_day)

    operations.add_day(culture_day, kind=DayKind.HOLIDAY, name="Ngày Văn hóa Việt Nam", source="Luật", actor=SYSTEM, now=NOW)

    assert queries.work_calendar().why_off(culture_day) is Skip.HOLIDAY
    assert count(Term(3, TermUnit.WORKING), dt.date(2026, 11, 23), queries.work_calendar()).due_on == dt.date(2026, 11, 27)


@pytest.mark.usefixtures("_shipped")
def test_a_day_removed_is_what_its_weekday_says_and_loading_does_not_bring_it_back():
    row = the_day(dt.date(2027, 9, 3))

    operations.remove_day(row, actor=SYSTEM, now=NOW)
    operations.load_shipped(local_rules=True, now=NOW)

    assert queries.work_calendar().is_working(dt.date(2027, 9, 3))
    assert ("calendar.day_removed", {"day": "2027-09-03", "kind": "holiday"}) in audited()
    assert row in queries.calendar_days(2027)  # still to be seen, switched off


@pytest.mark.usefixtures("_shipped")
def test_a_day_is_special_once_and_only_in_a_year_that_is_loaded():
    with pytest.raises(operations.DayAlreadyThere):
        operations.add_day(dt.date(2026, 9, 2), kind=DayKind.HOLIDAY, name="Quốc khánh", source="Luật", actor=SYSTEM, now=NOW)
    with pytest.raises(CalendarNotLoaded):
        operations.add_day(dt.date(2040, 9, 2), kind=DayKind.HOLIDAY, name="Quốc khánh", source="Luật", actor=SYSTEM, now=NOW)


@pytest.mark.usefixtures("_shipped")
def test_changing_a_rule_ends_it_and_adds_the_next_version():
    old = the_rule("PAKN_REPLY")

    new = operations.change_rule(old, changed(old, amount=12, effective_from="2027-01-01"), actor=SYSTEM, now=NOW)

    assert (old.amount, old.effective_to) == (15, dt.date(2026, 12, 31))
    facts = Facts(kind="recommendation")
    chosen = [choose(queries.rules_in_force(on), facts, Stage.REPLY, on).amount for on in (dt.date(2026, 12, 31), dt.date(2027, 1, 1))]
    assert chosen == [15, 12]
    assert audited()[-2:] == [
        ("deadline_rule.ended", {"code": "PAKN_REPLY", "effective_to": "2026-12-31"}),
        ("deadline_rule.added", {"code": "PAKN_REPLY", "effective_from": "2027-01-01"}),
    ]
    operations.load_shipped(local_rules=True, now=NOW)
    assert the_rule("PAKN_REPLY") is new  # loading adds nothing beside it


@pytest.mark.usefixtures("_shipped")
def test_a_rule_kept_ready_comes_into_use_by_its_next_version():
    old = the_rule("ANON_REPLY")

    operations.change_rule(old, changed(old, active=True, effective_from=TODAY.isoformat()), actor=SYSTEM, now=NOW)

    rules = queries.rules_in_force(TODAY)
    assert choose(rules, Facts(kind="report", sender="anonymous"), Stage.REPLY, TODAY).code == "ANON_REPLY"


@pytest.mark.usefixtures("_shipped")
@pytest.mark.parametrize(
    ("over", "refusal"),
    [
        ({"effective_from": "2026-11-19"}, operations.RuleDateInPast),  # yesterday is over
        ({"effective_from": "2027-01-01", "code": "PAKN_REPLY_REPORT"}, operations.RuleAlreadyThere),  # another rule's code
    ],
)
def test_a_change_that_would_rewrite_the_past_or_another_rule_is_refused(over, refusal):
    old = the_rule("PAKN_REPLY")

    with pytest.raises(refusal):
        operations.change_rule(old, changed(old, **over), actor=SYSTEM, now=NOW)

    assert old.effective_to is None


@pytest.mark.usefixtures("_shipped")
def test_a_version_from_the_same_day_is_refused():
    old = the_rule("PAKN_REPLY")
    next_year = changed(old, effective_from="2027-01-01")
    operations.change_rule(old, next_year, actor=SYSTEM, now=NOW)

    with pytest.raises(operations.RuleAlreadyThere):
        operations.change_rule(the_rule("PAKN_REPLY"), next_year, actor=SYSTEM, now=NOW)


@pytest.mark.usefixtures("_shipped")
def test_a_rule_ends_on_its_last_day_and_not_in_the_past():
    row = the_rule("HD_REPLY")
    with pytest.raises(operations.RuleDateInPast):
        operations.end_rule(row, dt.date(2026, 11, 18), actor=SYSTEM, now=NOW)

    operations.end_rule(row, TODAY, actor=SYSTEM, now=NOW)

    tomorrow = dt.date(2026, 11, 21)
    assert choose(queries.rules_in_force(TODAY), Facts(kind="question"), Stage.REPLY, TODAY) is not None
    assert choose(queries.rules_in_force(tomorrow), Facts(kind="question"), Stage.REPLY, tomorrow) is None


@pytest.mark.usefixtures("_shipped")
def test_a_new_rule_needs_a_code_of_its_own():
    with pytest.raises(operations.RuleAlreadyThere):
        operations.add_rule(LOCAL[0], actor=SYSTEM, now=NOW)

    row = operations.add_rule(Rule.from_json({**LOCAL[0].to_json(), "code": "PAKN_REPLY_URGENT"}), actor=SYSTEM, now=NOW)

    assert row.rule.code == "PAKN_REPLY_URGENT"
    assert audited()[-1] == ("deadline_rule.added", {"code": "PAKN_REPLY_URGENT", "effective_from": "2025-07-01"})


def test_a_shipped_version_without_an_end_ends_the_day_before_the_next():
    data = copy.deepcopy(read("local_rules.toml"))
    later = {**data["rule"][0], "effective_from": dt.date(2027, 1, 1)}

    operations.load_rules({"rule": [data["rule"][0], later]}, now=NOW)

    assert [row.effective_to for row in reversed(queries.all_rules())] == [dt.date(2026, 12, 31), None]
    assert [action for action, _facts in audited()] == ["deadline_rule.added", "deadline_rule.ended", "deadline_rule.added"]


def test_a_broken_rule_is_not_loaded():
    with pytest.raises(RuleInvalid):
        operations.load_rules({"rule": [{**read("local_rules.toml")["rule"][0], "amount": 0}]}, now=NOW)

    assert rows(DeadlineRule) == 0
