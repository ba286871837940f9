"""Supervision (giám sát): where a plan, a campaign and an answer stand, what each step needs, and who may take it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from app.assignments.rules import IllegalTransition
from app.permissions import Permission, Reach
from oversight.rules.own import holds_in
from oversight.rules.papers import issues_for


class PlanState(StrEnum):
    """A yearly plan. Once approved it is followed by a new version, never edited."""

    DRAFT = "draft"
    APPROVED = "approved"
    REPLACED = "replaced"


class Form(StrEnum):
    """How a body supervises."""

    TEAM = "team"  # đoàn giám sát goes there
    REPORT = "report"  # nghe báo cáo
    SELF_CHECK = "self_check"  # tự kiểm tra: the unit looks itself, the body reads what it says


class Trigger(StrEnum):
    """Why a campaign is carried out that no plan names: "đột xuất"."""

    PETITIONS = "petitions"  # many petitions: "thường xuyên và đột xuất, nhất là nơi có đơn thư kiến nghị"
    SUPERIOR = "superior"
    SIGNS = "signs"  # signs of a violation


class Base(StrEnum):
    """The types of base that have a checklist of their own."""

    COMMUNE = "commune"
    AGENCY = "agency"
    SERVICE = "service"
    ENTERPRISE = "enterprise"


class Part(StrEnum):
    """What somebody is in the team."""

    LEADER = "leader"
    SECRETARY = "secretary"
    MEMBER = "member"


class Side(StrEnum):
    """Who answers a question of the checklist."""

    UNIT = "unit"
    TEAM = "team"


class Result(StrEnum):
    """What was found of one question."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"


class FindingKind(StrEnum):
    """Whether what was found is as it should be."""

    RIGHT = "right"
    FAULT = "fault"


class Purpose(StrEnum):
    """What a file shows."""

    REPORT = "report"  # of the unit
    CHECK = "check"  # what the team saw
    PROOF = "proof"  # that a recommendation was carried out


class State(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    UNDER_WAY = "under_way"
    FINDINGS = "findings"  # the units read the draft and may comment
    CONCLUDED = "concluded"  # numbered: its recommendations are duties
    CLOSED = "closed"
    CANCELLED = "cancelled"


S = State

TRANSITIONS: dict[State, frozenset[State]] = {
    S.DRAFT: frozenset({S.ANNOUNCED, S.CANCELLED}),
    S.ANNOUNCED: frozenset({S.UNDER_WAY, S.CANCELLED}),
    S.UNDER_WAY: frozenset({S.FINDINGS, S.CANCELLED}),
    # What a unit said may send the team out once more; once numbered a conclusion stands.
    S.FINDINGS: frozenset({S.UNDER_WAY, S.CONCLUDED}),
    S.CONCLUDED: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
    S.CANCELLED: frozenset(),
}

#: The unit knows that it is supervised.
TOLD = frozenset({S.ANNOUNCED, S.UNDER_WAY, S.FINDINGS, S.CONCLUDED, S.CLOSED})

#: The unit answers for itself and sends its report; the team looks, from the first day on, and writes down what it finds.
SELF_CHECKED_IN = frozenset({S.ANNOUNCED, S.UNDER_WAY})
CHECKED_IN = frozenset({S.UNDER_WAY})
FOUND_IN = frozenset({S.UNDER_WAY, S.FINDINGS})

#: The unit reads what was found about it.
SHOWN_IN = frozenset({S.FINDINGS, S.CONCLUDED, S.CLOSED})

#: By which of its people a unit answers, and by which it speaks: the head of a division leads it and hands up no report of the year.
ANSWERS = (Permission.FEEDBACK_HANDLE, Permission.OVERSIGHT_REPORT)
SPEAKS = (Permission.FEEDBACK_LEAD, Permission.OVERSIGHT_REPORT)

OVER = frozenset({S.CLOSED, S.CANCELLED})
#: The signed conclusion names who was in the team: from then on it stands.
TEAM_STANDS = OVER | {S.CONCLUDED}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the guards look at."""

    today: dt.date
    in_approved_plan: bool = False
    trigger: Trigger | None = None
    units: int = 0
    questions: int = 0
    has_leader: bool = False
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    prepare: str = ""
    report_due_on: dt.date | None = None
    unchecked: int = 0  # questions of units that nobody who must has answered
    findings: int = 0
    comments_due_on: dt.date | None = None
    uncommented: int = 0  # units that have said neither that they agree nor what they think
    open_findings: int = 0  # duties not yet confirmed, or returned and nobody decided


@dataclass(frozen=True)
class Guard:
    """One thing a step needs."""

    name: str
    holds: Callable[[Facts], bool]


def _heard(facts: Facts) -> bool:
    return not facts.uncommented or (facts.comments_due_on is not None and facts.comments_due_on < facts.today)


#: The team may change after it was announced, but nobody is sent out or shown findings by a team that nobody leads.
_LED = Guard("no_leader", lambda facts: facts.has_leader)

GUARDS: dict[State, tuple[Guard, ...]] = {
    S.ANNOUNCED: (
        Guard("no_basis", lambda facts: facts.in_approved_plan or facts.trigger is not None),
        Guard("no_units", lambda facts: facts.units > 0),
        _LED,
        Guard("no_questions", lambda facts: facts.questions > 0),
        Guard("no_days", lambda facts: facts.starts_on is not None and facts.ends_on is not None),
        Guard("nothing_to_prepare", lambda facts: bool(facts.prepare)),
        Guard("report_day_past", lambda facts: facts.report_due_on is not None and facts.report_due_on > facts.today),
    ),
    S.UNDER_WAY: (_LED, Guard("before_its_day", lambda facts: facts.starts_on is not None and facts.starts_on <= facts.today)),
    S.FINDINGS: (
        _LED,
        Guard("unchecked", lambda facts: facts.unchecked == 0),
        Guard("no_findings", lambda facts: facts.findings > 0),
        Guard("comments_day_past", lambda facts: facts.comments_due_on is not None and facts.comments_due_on > facts.today),
    ),
    S.CONCLUDED: (
        _LED,
        # The unit is heard before the conclusion: its term is over, or every unit has said what it has to say.
        Guard("not_heard", _heard),
    ),
    S.CLOSED: (Guard("open_findings", lambda facts: facts.open_findings == 0),),
}


class StepRefused(Exception):
    """Something is missing for the step; `lacks` names what."""

    def __init__(self, lacks: tuple[str, ...]) -> None:
        super().__init__(", ".join(lacks))
        self.lacks = lacks


def lacks(to: State, facts: Facts) -> tuple[str, ...]:
    """Return the names of the guards of the step to *to* that do not hold."""
    return tuple(guard.name for guard in GUARDS.get(to, ()) if not guard.holds(facts))


def check(old: State, new: State, facts: Facts) -> None:
    """:raise IllegalTransition: no such step; :raise StepRefused: a guard does not hold."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(old, new)
    if missing := lacks(new, facts):
        raise StepRefused(missing)


def quarter_passed(year: int, quarter: int, today: dt.date) -> bool:
    """Say whether that quarter is over."""
    return today.year * 4 + (today.month + 2) // 3 > year * 4 + quarter


def may_supervise(reach: Reach, *, unit_id: int, unit_path: str) -> bool:
    """Say whether somebody plans and carries out the supervision of that body, and drafts its papers: its own people.

    Who reads the whole province, as MTTQ does, does not run another body's campaigns for that.
    """
    return issues_for(reach, Permission.OVERSIGHT_SUPERVISE, unit_id=unit_id, unit_path=unit_path)


def may_target(reach: Reach, *, unit_path: str, place_id: int | None) -> bool:
    """Say whether that unit lies where somebody may supervise."""
    return reach.may(Permission.OVERSIGHT_SUPERVISE, unit_path=unit_path, place_id=place_id)


def may_answer(reach: Reach, *, unit_path: str) -> bool:
    """Say whether somebody answers the checklist for the unit, and works on what it was recommended: its own people, nobody above it."""
    return any(holds_in(reach, permission, unit_path) for permission in ANSWERS)


def may_speak(reach: Reach, *, unit_path: str) -> bool:
    """Say whether somebody sends the unit's report and its comments: its head or its office."""
    return any(holds_in(reach, permission, unit_path) for permission in SPEAKS)
