"""What each step needs; what may be passed over asks the head for a reason that is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from app.assignments.rules import IllegalTransition
from dialogues.rules.states import TRANSITIONS, S, Status
from dialogues.rules.year import Trigger


@dataclass(frozen=True)
class Facts:
    """What the guards look at, counted by queries.py."""

    today: dt.date
    day: dt.date | None = None
    in_approved_plan: bool = False
    trigger: Trigger | None = None
    described: bool = False  # head, audience, area and form are set
    programme_issued: bool = False
    house_rules_issued: bool = False
    invitation_issued: bool = False
    staff_assigned: bool = False
    announce_by: dt.date | None = None  # rule DT_ANNOUNCE, counted back from the day
    concerns_reported: bool = False
    promises_without_word: int = 0  # of earlier sessions: neither done nor a reason why not
    chair_present: bool = False
    secretary_present: bool = False
    questions_without_answer: int = 0
    late_undecided: int = 0  # said at the desk, sent after the session was held: nobody has accepted or refused it
    deferred_without_promise: int = 0  # lacks unit, day or form of public answer
    minutes_signed: bool = False
    conclusion_numbered: bool = False
    conclusion_older: bool = False  # something was concluded after its notice was sent to be signed
    personal_data_reviewed: bool = False
    dossier_rows_empty: int = 0  # neither a paper nor "không có" with a reason


@dataclass(frozen=True)
class Guard:
    """One thing a step needs; with *may_override* the head may go on without it, for a reason that is kept."""

    name: str
    holds: Callable[[Facts], bool]
    may_override: bool = False


GUARDS: dict[Status, tuple[Guard, ...]] = {
    S.PLANNED: (
        Guard("no_plan_no_trigger", lambda facts: facts.in_approved_plan or facts.trigger is not None),
        Guard("not_described", lambda facts: facts.described),
    ),
    S.ANNOUNCED: (
        Guard("no_day", lambda facts: facts.day is not None),
        Guard("day_past", lambda facts: facts.day is None or facts.day >= facts.today),
        Guard("no_programme", lambda facts: facts.programme_issued),
        Guard("no_house_rules", lambda facts: facts.house_rules_issued),
        Guard("no_invitation", lambda facts: facts.invitation_issued),
        Guard("no_staff", lambda facts: facts.staff_assigned),
        # Luật 72/2025/QH15 Điều 43: "chậm nhất 07 ngày" before the day. What cannot wait is held all the same, and shown as announced late.
        Guard("announced_late", lambda facts: facts.announce_by is not None and facts.today <= facts.announce_by, may_override=True),
    ),
    S.READY: (
        Guard("no_report_of_concerns", lambda facts: facts.concerns_reported),
        # "nêu rõ những nội dung công việc đã thực hiện hoặc chưa (không) thực hiện (nêu rõ lý do)": nobody may leave that out.
        Guard("promises_without_word", lambda facts: facts.promises_without_word == 0),
    ),
    S.IN_SESSION: (
        Guard("not_the_day", lambda facts: facts.day == facts.today, may_override=True),
        Guard("no_chair", lambda facts: facts.chair_present),
        Guard("no_secretary", lambda facts: facts.secretary_present),
    ),
    S.HELD: (Guard("questions_without_answer", lambda facts: facts.questions_without_answer == 0),),
    S.CONCLUDED: (
        Guard("late_undecided", lambda facts: facts.late_undecided == 0),
        Guard("questions_without_answer", lambda facts: facts.questions_without_answer == 0),  # one may be added after the session
        # "chỉ đạo các cơ quan liên quan có trách nhiệm trả lời, thời hạn trả lời công khai với nhân dân"
        Guard("deferred_without_promise", lambda facts: facts.deferred_without_promise == 0),
        Guard("minutes_not_signed", lambda facts: facts.minutes_signed),
        Guard("conclusion_without_number", lambda facts: facts.conclusion_numbered),
        Guard("conclusion_older", lambda facts: not facts.conclusion_older),
    ),
    S.PUBLISHED: (Guard("names_not_reviewed", lambda facts: facts.personal_data_reviewed),),
    S.ARCHIVED: (
        Guard("late_undecided", lambda facts: facts.late_undecided == 0),
        Guard("minutes_not_signed", lambda facts: facts.minutes_signed),  # corrected after the conclusion, they are signed anew
        Guard("dossier_rows_empty", lambda facts: facts.dossier_rows_empty == 0),
    ),
}


class StepRefused(Exception):
    """Something is missing for the step; `lacks` names what."""

    def __init__(self, lacks: tuple[str, ...]) -> None:
        super().__init__(", ".join(lacks))
        self.lacks = lacks


def lacks(to: Status, facts: Facts) -> list[Guard]:
    """Return the guards of the step to *to* that do not hold."""
    return [guard for guard in GUARDS.get(to, ()) if not guard.holds(facts)]


def check(old: Status, new: Status, facts: Facts, *, overridden: frozenset[str] = frozenset()) -> None:
    """:raise IllegalTransition: no such step; :raise StepRefused: a guard does not hold and is not *overridden*, or may not be."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(old, new)
    missing = tuple(guard.name for guard in lacks(new, facts) if not (guard.may_override and guard.name in overridden))
    if missing:
        raise StepRefused(missing)
