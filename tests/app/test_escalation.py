"""The ladder: whom a promise reaches on which day, each step once, whoever runs the job and however often."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from app import clock, settings
from app.access import SYSTEM
from app.assignments import operations as assignments
from app.assignments.models import Assignment
from app.assignments.rules import State
from app.calendar.queries import work_calendar
from app.database import db
from app.escalation import climbing, operations, queries, rules, voices
from app.escalation.models import Escalation, EscalationRule
from app.escalation.rules import Climbed, Level, Owed
from app.heartbeat import Beat
from app.letters import letter, sentence
from app.outbox import Channel, Notice
from app.permissions import Role
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at
from tests.feedback.test_races import DONE, at_once
from tests.oversight import cases

DUE = dt.date(2026, 8, 17)  # a Monday; Saturday 22/8 is worked for Monday 31/8, and 2/9 is a holiday


@dataclass(frozen=True)
class Rung:
    code: str
    level: str
    days: int
    kinds: list[str] = field(default_factory=list)
    duties: list[str] = field(default_factory=list)


RUNGS = [
    Rung("SOON", "officer", -2), Rung("LATE", "officer", 1), Rung("HEAD", "head", 1), Rung("ABOVE", "superior", 5),
    Rung("CHAIR", "chairman", 10), Rung("BODY", "steering", 15),
]  # fmt: skip


def owed(**over) -> Owed:
    return Owed(**({"kind": "feedback", "duty": "answer", "unit_id": 7, "due_on": DUE} | over))


# --- the rules ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (dt.date(2026, 8, 12), []),  # Wednesday: three working days before
        (dt.date(2026, 8, 13), ["SOON"]),  # Thursday: two
        (dt.date(2026, 8, 17), ["SOON"]),  # the day itself
        (dt.date(2026, 8, 18), ["LATE", "HEAD"]),  # never announced: not announced any more
        (dt.date(2026, 8, 21), ["LATE", "HEAD"]),  # Friday: four after
        (dt.date(2026, 8, 22), ["LATE", "HEAD", "ABOVE"]),  # a Saturday that is worked: five
        (dt.date(2026, 8, 27), ["LATE", "HEAD", "ABOVE"]),
        (dt.date(2026, 8, 28), ["LATE", "HEAD", "ABOVE", "CHAIR"]),
        (dt.date(2026, 9, 4), ["LATE", "HEAD", "ABOVE", "CHAIR"]),  # the 31st, the 1st and the 2nd are off
        (dt.date(2026, 9, 8), ["LATE", "HEAD", "ABOVE", "CHAIR"]),
        (dt.date(2026, 9, 9), ["LATE", "HEAD", "ABOVE", "CHAIR", "BODY"]),
        (dt.date(2036, 1, 1), ["LATE", "HEAD", "ABOVE", "CHAIR", "BODY"]),  # beyond the loaded calendar
    ],
)
def test_a_rung_is_reached_by_working_days(day, codes):
    assert [rung.code for rung in rules.to_climb(RUNGS, owed(), [], day, work_calendar())] == codes


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("climbed", "codes"),
    [
        ([], ["LATE", "HEAD", "ABOVE", "CHAIR"]),
        ([Climbed("LATE", "officer", DUE, 7), Climbed("CHAIR", "chairman", DUE, 7)], ["HEAD", "ABOVE"]),
        ([Climbed("HEAD", "head", DUE, 8), Climbed("CHAIR", "chairman", DUE, 8)], ["LATE", "HEAD", "ABOVE"]),  # it lay elsewhere then
        ([Climbed("HEAD", "head", DUE - dt.timedelta(days=9), 7)], ["LATE", "HEAD", "ABOVE", "CHAIR"]),  # for a day that was moved since
    ],
)
def test_what_was_climbed_for_this_day_is_not_climbed_again(climbed, codes):
    found = rules.to_climb(RUNGS, owed(), climbed, dt.date(2026, 8, 28), work_calendar())
    assert [rung.code for rung in found] == codes


@pytest.mark.parametrize(
    ("kinds", "duties", "fits"),
    [([], [], True), (["letter"], [], False), (["letter", "feedback"], ["answer"], True), ([], ["act"], False)],
)
def test_a_rung_may_be_about_some_kinds_and_duties_only(kinds, duties, fits):
    assert rules.fits(Rung("X", "head", 1, kinds, duties), owed()) is fits


# --- climbing -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def province(app):
    return _province()


def _province():
    operations.load_shipped(now=MONDAY)
    province = builders.make_province()
    settings.change("standing_body_id", province.steering.id, actor=SYSTEM, now=MONDAY)
    return province


@pytest.fixture
def people(province):
    """Everybody above: the chairman, and who sits in the steering committee's standing body and elsewhere."""
    chairman = factories.make_user(unit=province.root, roles=[Role.HEAD], name="Chủ tịch Thử")
    standing = factories.make_user(unit=province.steering, roles=[(Role.STEERING, None)], name="Thường trực Thử")
    factories.make_user(unit=province.front, roles=[(Role.STEERING, None)], name="Ủy viên Thử")
    province.steering_reader.active = False
    return {"officer": province.officer, "head": province.head, "superior": chairman, "chairman": chairman, "steering": standing}


@pytest.fixture
def morning(monkeypatch):
    """Run the job on the morning so many days after MONDAY."""

    def run(days: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: at(days, 7))
        climbing.climb()

    return run


def steps() -> list[tuple[dt.date, str, str | None]]:
    return [(row.climbed_on, row.level, row.reached) for row in db.session.scalars(db.select(Escalation).order_by(Escalation.id))]


def heard() -> Counter[tuple[str, str]]:
    rows = db.session.scalars(
        db.select(Notice).where(Notice.channel == Channel.SITE, Notice.template.regexp_match("due_soon|overdue|escalat"))
    )
    return Counter((row.user.name, row.template.rpartition("/")[2]) for row in rows)


@pytest.mark.parametrize("seed", range(4))
def test_the_database_finds_just_those_promises_that_have_a_step_to_climb(province, seed):
    dice, calendar, scene = random.Random(seed), work_calendar(), cases.make_scene()
    cases.write(scene, cases.at_random(dice, 150))
    rows = db.session.execute(db.select(Assignment.__table__).where(Assignment.due_on.is_not(None))).all()
    today = dice.choice(rows).due_on + dt.timedelta(days=dice.randrange(-3, 25))
    about = [dataclasses.replace(rung, kinds=dice.choice([[], ["letter"]]), duties=dice.choice([[], ["act"]])) for rung in RUNGS]
    rule_id = db.session.scalars(db.select(EscalationRule.id)).first()
    for row, rung in itertools.product(rows, about):
        if dice.random() < 0.5:
            due_on, unit = row.due_on - dt.timedelta(days=dice.choice([0, 0, 0, 1])), dice.choice([row.unit_id, scene.units[0].id])
            step = {"assignment_id": row.id, "rule_id": rule_id, "code": rung.code, "level": rung.level, "days": rung.days, "unit_id": unit}
            db.session.add(Escalation(**step, due_on=due_on, climbed_on=today, matter=dice.choice(["", "", "reopening"])))
    db.session.flush()
    done = queries.climbed([row.id for row in rows])

    def has(row) -> bool:
        return bool(rules.to_climb(about, Owed(row.kind, row.duty, row.unit_id, row.due_on), done.get(row.id, ()), today, calendar))

    wanted = {row.id for row in rows if has(row)}
    assert set(db.session.scalars(db.select(Assignment.__table__.c.id).where(queries.has_to_climb(about, today, calendar)))) == wanted
    assert 0 < len(wanted) < len(rows)


def test_five_weeks_without_an_answer_climb_every_rung_once(province, people, morning):
    builders.taken(province)
    for day in range(7, 40):
        morning(day)
        morning(day)  # a job may run twice
    assert steps() == [
        (dt.date(2026, 8, 13), "officer", "officer"),
        (dt.date(2026, 8, 18), "officer", "officer"),
        (dt.date(2026, 8, 18), "head", "head"),
        (dt.date(2026, 8, 22), "superior", "superior"),  # a Saturday that is worked
        (dt.date(2026, 8, 28), "chairman", "chairman"),
        (dt.date(2026, 9, 9), "steering", "steering"),
    ]
    assert heard() == {
        (province.officer.name, "due_soon"): 1, (province.officer.name, "overdue"): 1, (province.head.name, "overdue"): 1,
        ("Chủ tịch Thử", "escalated"): 1, ("Chủ tịch Thử", "climbed"): 1, ("Thường trực Thử", "climbed"): 1,
    }  # fmt: skip


def test_where_nobody_stands_the_next_level_is_told_and_the_step_says_so(province, people, morning):
    province.head.active = False
    people["steering"].active = False
    builders.taken(province)
    morning(15)
    assert [(level, reached) for _day, level, reached in steps()] == [("officer", "officer"), ("head", "superior")]
    assert heard()["Chủ tịch Thử", "climbed"] == 1
    morning(42)
    assert steps()[-1][1:] == ("steering", "steering")  # who is of the committee though not of its standing body
    assert heard()["Ủy viên Thử", "climbed"] == 1


def test_a_step_that_reaches_nobody_is_written_all_the_same(province, morning):
    feedback = builders.taken(province)
    for user in (province.head, province.steering_reader):
        user.active = False
    morning(42)
    assert [(level, reached) for _day, level, reached in steps()] == [
        ("officer", "officer"), ("head", None), ("superior", None), ("chairman", None), ("steering", None),
    ]  # fmt: skip
    assert queries.nobody_count() == 4
    assert queries.levels([feedback.open_answer.id]) == {feedback.open_answer.id: Level.STEERING}


def test_the_ladder_follows_the_day_and_keeps_what_was_climbed(province, people, morning):
    duty = builders.taken(province).open_answer
    morning(10)
    assignments.set_due(duty, DUE + dt.timedelta(days=14))  # extended
    morning(15)
    assert [row[0] for row in steps()] == [dt.date(2026, 8, 13)]
    assert queries.levels([duty.id]) == {}  # it was announced, and is not late
    morning(25)
    assert [row[0] for row in steps()] == [dt.date(2026, 8, 13), dt.date(2026, 8, 28)]
    assignments.set_due(duty, None)  # paused
    morning(60)
    assert len(steps()) == 2


def test_after_a_transfer_the_other_units_line_hears_and_nobody_above_twice(province, people, morning):
    duty = builders.taken(province).open_answer
    morning(25)
    assert [row[1] for row in steps()] == ["officer", "head", "superior", "chairman"]
    duty.unit, duty.officer, duty.state = province.health, None, State.OFFERED
    db.session.flush()
    morning(31)
    assert [row[1] for row in steps()][4:] == ["officer", "head", "superior"]
    assert heard()[province.health_head.name, "overdue"] == 1


@pytest.mark.parametrize("day", [12, 30])  # a Saturday, the National Day
def test_nobody_hears_anything_on_a_day_off(province, people, morning, day):
    builders.taken(province)
    morning(day)
    assert steps() == []


def test_many_promises_come_in_one_list_and_few_in_a_word_each(app, province, people, morning):
    for _ in range(operations.FEW):
        builders.taken(province)
    morning(15)
    assert heard()[province.head.name, "overdue"] == operations.FEW
    for _ in range(operations.LINES + 2):
        builders.taken(province, at(1))
    morning(16)
    assert heard()[province.head.name, "overdue"] == operations.FEW
    assert heard()[province.head.name, "climbed"] == 1
    rows = db.session.scalars(db.select(Notice).where(Notice.template.like("%/climbed"), Notice.user == province.head)).all()
    on_site, mail = sorted(rows, key=lambda row: row.channel == Channel.EMAIL)
    written = letter(mail)
    assert written.subject == f"{operations.LINES + 2} việc quá hạn cần đôn đốc, 19/8/2026"
    assert written.text.count("/can-bo/y-kien/BN") == written.html.count("/can-bo/y-kien/BN") == operations.LINES
    assert "và 2 việc khác" in written.text
    assert builders.BODY not in written.text
    with app.test_request_context():
        assert "18/8/2026, đã báo tới người đứng đầu đơn vị" in sentence(on_site)


def test_none_of_the_accused_hears_even_from_above(province, people, morning):
    builders.taken(province, accused_unit_id=province.steering.id)
    morning(42)
    assert ("Thường trực Thử", "climbed") not in heard()
    assert [row[1:] for row in steps()][-2:] == [("chairman", "chairman"), ("steering", None)]


def test_what_is_wrong_with_one_promise_stops_no_other(province, people, morning, monkeypatch):
    broken, fine = builders.taken(province).open_answer, builders.taken(province).open_answer

    def may_hear(promise: Assignment, *_who: object) -> bool:
        if promise.id == broken.id:
            raise ZeroDivisionError
        return True

    monkeypatch.setitem(voices.VOICES, "feedback", voices.Voice(voices.VOICES["feedback"].address, may_hear=may_hear))
    morning(15)
    assert {row.assignment_id for row in db.session.scalars(db.select(Escalation))} == {fine.id}
    assert db.session.scalars(db.select(Beat.faults)).one() == 1


def test_a_job_killed_between_climbing_and_telling_tells_when_it_runs_again(province, people, morning):
    builders.taken(province)
    operations.climb_batch(operations.FIRST, at(15).date(), work_calendar())
    assert heard() == {}
    morning(16)
    assert heard()[province.head.name, "overdue"] == 1
    morning(17)
    assert heard()[province.head.name, "overdue"] == 1


def test_two_climbers_at_once_write_each_step_once_and_tell_it_once(fresh_app):
    province = _province()
    for _ in range(6):
        builders.taken(province)
    head = province.head.name

    def climb() -> None:
        operations.climb_batch(operations.FIRST, at(15).date(), work_calendar())
        db.session.commit()
        operations.tell(now=at(15))

    assert at_once(fresh_app, climb, climb, climb) == [DONE] * 3
    assert Counter(row[1] for row in steps()) == {"officer": 6, "head": 6}
    assert heard()[head, "climbed"] == 1
    assert db.session.scalars(db.select(Escalation).where(Escalation.told_at.is_(None))).all() == []


# --- the rungs ----------------------------------------------------------------------------------------------------------


def test_the_shipped_rungs_are_loaded_once_and_say_that_they_are_unchecked(app):
    for _ in range(2):
        operations.load_shipped(now=MONDAY)
    rows = queries.all_rungs()
    assert [row.level for row in rows] == ["officer", "officer", "head", "superior", "chairman", "steering"]
    assert all(row.local and row.evidence == "memory" and row.source for row in rows)


def test_a_new_version_holds_from_its_day_on_and_is_no_new_step(province, people, morning):
    admin = factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)])
    builders.taken(province)
    morning(15)
    row = db.session.scalars(db.select(EscalationRule).where(EscalationRule.code == "LEO_THU_TRUONG")).one()
    said = {"name": row.name, "level": "head", "days": 2, "source": "QĐ 1", "evidence": "seen", "effective_from": at(16).date()}
    operations.change_rung(row, said, actor=admin, now=at(15))
    assert [len(queries.rungs_in_force(at(day).date())) for day in (15, 16)] == [6, 6]
    morning(17)
    assert [row[1] for row in steps()] == ["officer", "head"]
