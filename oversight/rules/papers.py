"""The papers of oversight: which there are, where each stands, and who drafts, signs and numbers it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from app.assignments.rules import IllegalTransition
from app.permissions import Permission, Reach
from oversight.rules.own import holds_at_home, holds_in


class PaperType(StrEnum):
    """The papers that bodies of oversight issue."""

    REMINDER = "reminder"  # công văn đôn đốc
    PETITION = "petition"  # văn bản kiến nghị of MTTQ
    FOLLOW_UP = "follow_up"  # MTTQ reminds of what it petitioned or forwarded
    SUPERVISION_PLAN = "supervision_plan"
    SUPERVISION_NOTICE = "supervision_notice"
    SUPERVISION_CONCLUSION = "supervision_conclusion"
    REPORT = "report"
    UNIT_PLAN = "unit_plan"  # of the year, handed up as reports are


#: Tên loại văn bản, viết tắt (NĐ 30/2020/NĐ-CP, Phụ lục III, from memory): a kiến nghị is no type of its own there, so it goes as a
#: công văn. Numbers run in each series of a unit's year, in one book with the papers of dialogues.
SERIES: dict[PaperType, str] = {
    PaperType.REMINDER: "CV",
    PaperType.PETITION: "CV",
    PaperType.FOLLOW_UP: "CV",
    PaperType.SUPERVISION_PLAN: "KH",
    PaperType.SUPERVISION_NOTICE: "TB",
    PaperType.SUPERVISION_CONCLUSION: "TB",
    PaperType.REPORT: "BC",
    PaperType.UNIT_PLAN: "KH",
}

#: Whoever prepares what a paper is about drafts it.
PREPARED_WITH: dict[PaperType, Permission] = {
    PaperType.REMINDER: Permission.OVERSIGHT_REMIND,
    PaperType.PETITION: Permission.OVERSIGHT_PETITION,
    PaperType.FOLLOW_UP: Permission.OVERSIGHT_PETITION,
    PaperType.SUPERVISION_PLAN: Permission.OVERSIGHT_SUPERVISE,
    PaperType.SUPERVISION_NOTICE: Permission.OVERSIGHT_SUPERVISE,
    PaperType.SUPERVISION_CONCLUSION: Permission.OVERSIGHT_SUPERVISE,
    PaperType.REPORT: Permission.OVERSIGHT_REPORT,
    PaperType.UNIT_PLAN: Permission.OVERSIGHT_REPORT,
}

#: Before the day on which a paper was begun here: what is dated further back is a slip of the finger.
LONG_AGO = dt.timedelta(days=366)


class PaperState(StrEnum):
    """Where a paper stands; one that is taken back is a draft again."""

    DRAFT = "draft"
    SENT = "sent"  # to signature: what it says stands
    SIGNED = "signed"
    NUMBERED = "numbered"


PAPER_TRANSITIONS: dict[PaperState, frozenset[PaperState]] = {
    PaperState.DRAFT: frozenset({PaperState.SENT}),
    PaperState.SENT: frozenset({PaperState.DRAFT, PaperState.SIGNED}),
    PaperState.SIGNED: frozenset({PaperState.DRAFT, PaperState.NUMBERED}),  # who signed may think better of it until it is out
    PaperState.NUMBERED: frozenset(),
}


def check_paper(old: PaperState, new: PaperState) -> None:
    """:raise IllegalTransition: when a paper may not go from *old* to *new*."""
    if new not in PAPER_TRANSITIONS[old]:
        raise IllegalTransition(old, new)


def issues_for(reach: Reach, permission: Permission, *, unit_id: int, unit_path: str) -> bool:
    """Say whether a person prepares papers of that unit: their own, or one over which they hold a role with *permission*.

    A role over a unit and what is below it lets nobody write in the name of what is below, nor one over a part in that of the whole.
    """
    return (reach.unit_id == unit_id and holds_at_home(reach, permission, unit_path)) or holds_in(reach, permission, unit_path)


def may_prepare(reach: Reach, type_: PaperType, *, unit_id: int, unit_path: str) -> bool:
    """Say whether a person drafts papers of that type for the unit that issues them."""
    return issues_for(reach, PREPARED_WITH[type_], unit_id=unit_id, unit_path=unit_path)


def may_sign(reach: Reach, *, unit_path: str) -> bool:
    """Say whether a person signs for the unit: its own head or who stands in for them, never the head of one above."""
    return holds_in(reach, Permission.OVERSIGHT_SIGN, unit_path)


def may_number(reach: Reach, *, unit_path: str) -> bool:
    """Say whether a person is văn thư of the unit itself: one above keeps a book of their own, and reads no drafts of what is below."""
    return holds_in(reach, Permission.FEEDBACK_NUMBER, unit_path)
