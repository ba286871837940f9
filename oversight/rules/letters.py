"""Formal reminders and MTTQ's petitions: who may send which to whom, and by when it is answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from app.calendar.rules import Stage
from app.permissions import Permission, Reach
from oversight.rules.own import holds_in
from oversight.rules.papers import PaperType


class LetterKind(StrEnum):
    """What a body writes to units about what they promised."""

    REMINDER = "reminder"  # đôn đốc: by the superior, the standing body, or whom the province names
    PETITION = "petition"  # kiến nghị: by MTTQ, which supervises and reminds nobody of their duty
    FOLLOW_UP = "follow_up"  # nhắc: by MTTQ, of what it petitioned or forwarded itself


PERMISSIONS: dict[LetterKind, Permission] = {
    LetterKind.REMINDER: Permission.OVERSIGHT_REMIND,
    LetterKind.PETITION: Permission.OVERSIGHT_PETITION,
    LetterKind.FOLLOW_UP: Permission.OVERSIGHT_PETITION,
}
PAPERS: dict[LetterKind, PaperType] = {
    LetterKind.REMINDER: PaperType.REMINDER,
    LetterKind.PETITION: PaperType.PETITION,
    LetterKind.FOLLOW_UP: PaperType.FOLLOW_UP,
}
STAGES: dict[LetterKind, Stage] = {
    LetterKind.REMINDER: Stage.REMINDER_ANSWER,
    LetterKind.PETITION: Stage.PETITION_ANSWER,
    LetterKind.FOLLOW_UP: Stage.REMINDER_ANSWER,
}

#: By which of its people a unit answers.
ANSWERS = (Permission.FEEDBACK_HANDLE, Permission.OVERSIGHT_REPORT)

#: A day that is typed in place of the rule's: time to read and write, and not beyond what anybody still remembers.
SOONEST = dt.timedelta(days=2)
LATEST = dt.timedelta(days=60)

#: An answer is called insufficient once; after that the matter is one of the ladder.
MOST_ROUNDS = 2


class AnswerState(StrEnum):
    """What became of an answer."""

    PROPOSED = "proposed"  # its head has not agreed yet
    SENT_BACK = "sent_back"  # by the head, to be written better
    GIVEN = "given"
    INSUFFICIENT = "insufficient"  # the sender says so, with a reason


class Refusal(StrEnum):
    """Why a letter does not go to a unit."""

    ITSELF = "itself"
    ABOVE = "above"
    OUT_OF_REACH = "out_of_reach"


@dataclass(frozen=True)
class Body:
    """A unit as the rules see it."""

    id: int
    path: str
    place_id: int | None = None


def refusal(reach: Reach, kind: LetterKind, issuer: Body, to: Body) -> Refusal | None:
    """Return why a person may not write so from *issuer* to the unit *to*, None where they may.

    Đôn đốc goes down: to what is below the issuing body, or, from a body that is named for the whole install, to everybody but
    those above itself. MTTQ petitions whomever it looks at.
    """
    if to.id == issuer.id:
        return Refusal.ITSELF
    permission = PERMISSIONS[kind]
    if not reach.may(permission, unit_path=to.path, place_id=to.place_id):
        return Refusal.OUT_OF_REACH
    if kind == LetterKind.REMINDER:
        if issuer.path.startswith(to.path):
            return Refusal.ABOVE
        named = any(scope.everywhere for scope in reach.scopes(permission))
        if not named and not to.path.startswith(issuer.path):
            return Refusal.OUT_OF_REACH
    return None


def day_fits(on: dt.date, today: dt.date) -> bool:
    """Say whether a typed day for the answer lies within its bounds."""
    return today + SOONEST <= on <= today + LATEST


def may_answer(reach: Reach, unit: Body) -> bool:
    """Say whether a person works on letters to the unit: its officers, its head, its office; never who is above it and may have asked."""
    return any(holds_in(reach, permission, unit.path) for permission in ANSWERS)


def may_approve(reach: Reach, unit: Body, *, led: bool = True) -> bool:
    """Say whether a person lets an answer of the unit go out: its head; where nobody leads it (not *led*), whoever answers."""
    return holds_in(reach, Permission.FEEDBACK_LEAD, unit.path) or (not led and may_answer(reach, unit))
