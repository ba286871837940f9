"""A session goes its way: each guard as a row, and no step outside the table."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.access import NotAllowed
from app.assignments.rules import IllegalTransition
from app.audit import entries_about
from app.database import Base, db
from dialogues import queries, rules
from dialogues.operations import steps
from dialogues.rules import Facts, Status, StepRefused, Trigger
from dialogues.words import LACKS
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.builders import MONDAY, at
from tests.feedback.pages import statements

TODAY = dt.date(2026, 8, 31)
#: Everything there is.
ALL = Facts(
    today=TODAY, day=TODAY, in_approved_plan=True, described=True, programme_issued=True, house_rules_issued=True, invitation_issued=True,
    staff_assigned=True, announce_by=TODAY, concerns_reported=True, chair_present=True, secretary_present=True, minutes_signed=True,
    conclusion_numbered=True, personal_data_reviewed=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("to", "without", "lacks"),
    [
        (Status.PLANNED, {"in_approved_plan": False}, "no_plan_no_trigger"),
        (Status.PLANNED, {"described": False}, "not_described"),
        (Status.ANNOUNCED, {"day": None}, "no_day"),
        (Status.ANNOUNCED, {"day": TODAY - dt.timedelta(days=1)}, "day_past"),
        (Status.ANNOUNCED, {"programme_issued": False}, "no_programme"),
        (Status.ANNOUNCED, {"house_rules_issued": False}, "no_house_rules"),
        (Status.ANNOUNCED, {"invitation_issued": False}, "no_invitation"),
        (Status.ANNOUNCED, {"staff_assigned": False}, "no_staff"),
        (Status.ANNOUNCED, {"announce_by": TODAY - dt.timedelta(days=1)}, "announced_late"),
        (Status.READY, {"concerns_reported": False}, "no_report_of_concerns"),
        (Status.READY, {"promises_without_word": 1}, "promises_without_word"),
        (Status.IN_SESSION, {"day": TODAY + dt.timedelta(days=1)}, "not_the_day"),
        (Status.IN_SESSION, {"chair_present": False}, "no_chair"),
        (Status.IN_SESSION, {"secretary_present": False}, "no_secretary"),
        (Status.HELD, {"questions_without_answer": 1}, "questions_without_answer"),
        (Status.CONCLUDED, {"questions_without_answer": 1}, "questions_without_answer"),
        (Status.CONCLUDED, {"late_undecided": 1}, "late_undecided"),
        (Status.CONCLUDED, {"deferred_without_promise": 1}, "deferred_without_promise"),
        (Status.CONCLUDED, {"minutes_signed": False}, "minutes_not_signed"),
        (Status.CONCLUDED, {"conclusion_numbered": False}, "conclusion_without_number"),
        (Status.CONCLUDED, {"conclusion_older": True}, "conclusion_older"),
        (Status.PUBLISHED, {"personal_data_reviewed": False}, "names_not_reviewed"),
        (Status.ARCHIVED, {"late_undecided": 1}, "late_undecided"),
        (Status.ARCHIVED, {"dossier_rows_empty": 1}, "dossier_rows_empty"),
    ],
)
def test_each_step_says_what_it_lacks(to, without, lacks):
    before = next(old for old, ways in rules.TRANSITIONS.items() if to in ways)
    rules.check(before, to, ALL)
    with pytest.raises(StepRefused) as refused:
        rules.check(before, to, dataclasses.replace(ALL, **without))
    assert refused.value.lacks == (lacks,)


def test_every_guard_has_its_row_above_and_its_sentence():
    assert {guard.name for guards in rules.GUARDS.values() for guard in guards} == set(LACKS)


HOLDING = {
    "in_approved_plan": True, "trigger": Trigger.VOTERS, "described": True, "programme_issued": True, "house_rules_issued": True,
    "invitation_issued": True, "staff_assigned": True, "concerns_reported": True, "promises_without_word": 0, "chair_present": True,
    "secretary_present": True, "questions_without_answer": 0, "deferred_without_promise": 0, "minutes_signed": True,
    "conclusion_numbered": True, "personal_data_reviewed": True, "dossier_rows_empty": 0,
}  # fmt: skip


@given(
    there=st.sets(st.sampled_from(sorted(HOLDING))),
    day=st.none() | st.integers(-3, 3),
    announce_by=st.none() | st.integers(-3, 3),
    presses=st.lists(st.tuples(st.sampled_from(Status), st.sets(st.sampled_from(sorted(LACKS)))), max_size=20),
)
@settings(max_examples=200, deadline=None)
def test_whatever_is_pressed_a_session_only_goes_its_way_and_only_with_what_a_step_needs(there, day, announce_by, presses):
    lacking = {"trigger": None, **{name: 1 for name, value in HOLDING.items() if value == 0}}
    values = {name: value if name in there else lacking.get(name, False) for name, value in HOLDING.items()}
    days = {name: None if off is None else TODAY + dt.timedelta(days=off) for name, off in (("day", day), ("announce_by", announce_by))}
    facts, status, been = Facts(today=TODAY, **values, **days), Status.DRAFT, [Status.DRAFT]
    for to, overridden in presses:
        lacks = {guard.name for guard in rules.lacks(to, facts)}
        passed_over = {guard.name for guard in rules.lacks(to, facts) if guard.may_override} & overridden
        refused = None
        try:
            rules.check(status, to, facts, overridden=frozenset(overridden))
        except (IllegalTransition, StepRefused) as error:
            refused = error
        assert isinstance(refused, IllegalTransition) is (to not in rules.TRANSITIONS[status])
        if isinstance(refused, StepRefused):
            assert set(refused.lacks) == lacks - passed_over
        if refused is None:
            assert lacks == passed_over
            status = to
            been.append(to)
    if Status.ARCHIVED in been:
        assert "dossier_rows_empty" in there
        assert Status.IN_SESSION in been
        assert "secretary_present" in there


@pytest.mark.parametrize("old", Status)
def test_no_step_outside_the_table(old):
    for new in set(Status) - rules.TRANSITIONS[old]:
        with pytest.raises(IllegalTransition):
            rules.check(old, new, ALL)


def test_a_session_goes_the_whole_way_and_each_step_is_recorded(province, head):
    session = builders.walked(province, head, Status.ARCHIVED)
    assert [entry.action for entry in entries_about(session)] == [f"session.{status}" for status in builders.WAY]
    assert session.announced_at == at(14)
    assert session.archived_at == at(40)


#: What differs from one making to the next, beside ids.
GIVEN = {"seal", "code", "number", "version", "live_version"}


def every_row() -> dict[str, list[list[str]]]:
    """Return all that is stored, table by table."""
    db.session.flush()
    found = {}
    for name, table in Base.metadata.tables.items():
        told = [each for each in table.columns if not each.name.endswith("id") and each.name not in GIVEN]
        found[name] = sorted([repr(value) for value in row] for row in db.session.execute(db.select(*(told or [db.func.count()]))))
    return found


def test_the_session_that_other_tests_begin_with_is_as_the_steps_leave_it(province, head):
    left = []
    for make in (builders.walked, builders.session_at):
        with db.session.begin_nested() as until:
            make(province, head, Status.ARCHIVED)
            left.append(every_row())
            until.rollback()
    assert left[0] == left[1]


def test_what_is_announced_late_needs_the_heads_reason_which_stays(province, head, secretary):
    session = builders.session_at(province, head, Status.PLANNED)
    builders._prepare_for(session, Status.ANNOUNCED, province)
    late = DAY - dt.timedelta(days=3)
    with pytest.raises(StepRefused) as refused:
        steps.move(session, Status.ANNOUNCED, overrides={}, actor=head, now=late)
    assert refused.value.lacks == ("announced_late",)
    with pytest.raises(NotAllowed):
        steps.move(session, Status.ANNOUNCED, overrides={"announced_late": "Bão số 3."}, actor=secretary, now=late)
    with pytest.raises(steps.ReasonMissing):
        steps.move(session, Status.ANNOUNCED, overrides={"announced_late": " "}, actor=head, now=late)
    steps.move(session, Status.ANNOUNCED, overrides={"announced_late": "Bão số 3."}, actor=head, now=late)
    assert [(each.guard, each.reason) for each in session.overrides] == [("announced_late", "Bão số 3.")]


def test_what_must_not_be_passed_over_is_not(province, head):
    session = builders.draft(province)
    with pytest.raises(StepRefused):
        steps.move(session, Status.PLANNED, overrides={"no_plan_no_trigger": "Không cần."}, actor=head, now=MONDAY)


@pytest.mark.parametrize(("to", "most"), [(Status.PUBLISHED, 1), (Status.IN_SESSION, 3), (Status.HELD, 2)])
def test_a_step_asks_for_what_its_guards_look_at_and_for_nothing_else(province, head, to, most):
    session = builders.session_at(province, head, Status.ANNOUNCED)
    with statements() as asked:
        rules.lacks(to, queries.facts_of(session, TODAY))
    assert 0 < len(asked) <= most  # the session itself is one


def test_the_days_come_from_the_rules(province):
    session = builders.draft(province)
    announce, result = queries.term(queries.Stage.ANNOUNCE, session), queries.term(queries.Stage.PUBLISH_RESULT, session)
    assert announce is not None
    assert result is not None
    assert (announce[0].code, announce[1]) == ("DT_ANNOUNCE", dt.date(2026, 8, 24))
    assert (result[0].code, result[1]) == ("DT_RESULT", dt.date(2026, 9, 10))


def test_another_unit_takes_no_step(province, head):
    session = builders.draft(province)
    for stranger in (province.officer, province.head, province.front_reader):
        with pytest.raises(NotAllowed):
            steps.move(session, Status.CANCELLED, overrides={}, actor=stranger, now=MONDAY)


def test_putting_off_and_calling_off_need_a_reason(province, head):
    session = builders.session_at(province, head, Status.PLANNED)
    with pytest.raises(steps.ReasonMissing):
        steps.put_off(session, Status.POSTPONED, why="  ", actor=head, now=MONDAY)
    steps.put_off(session, Status.POSTPONED, why="Bão số 3 đổ bộ.", actor=head, now=MONDAY)
    assert (session.status, session.put_off_why) == (Status.POSTPONED, "Bão số 3 đổ bộ.")
