"""What comes next in a sealed case, and whether it is for this reader to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from app.permissions import Reach
from feedback.sealed import rules
from feedback.sealed.rules import Extent, Standing


class Next(StrEnum):
    """What somebody has to do, so that a case does not lie."""

    DECLARE = "declare"
    OPEN = "open"
    UNREAD = "unread"  # its sender wrote again
    CONFIRM = "confirm"
    HAND = "hand"
    DECIDE = "decide"
    ANSWER_WHO = "answer_who"
    MAKE_COPY = "make_copy"  # somebody was granted it, and there is none
    CHECK_COPY = "check_copy"
    READ_COPY = "read_copy"


class Due(NamedTuple):
    """One thing to be done; *mine*: by who asks."""

    what: Next
    mine: bool


@dataclass(frozen=True)
class Progress:
    """How far a case has come, as far as it decides what comes next."""

    opened: bool = False  # by anybody
    opened_by_reader: bool = False
    unread: bool = False  # its sender wrote after it was last opened
    decided: bool = False
    handed_up: bool = False  # by hand, to the superior
    asked_by: frozenset[int] = frozenset()  # who asked to learn who wrote, and got no answer
    copy_wanted: bool = False  # somebody was granted the copy only
    copy_given: bool = False  # one is confirmed
    copy_read: bool = False  # by the reader, since the latest was confirmed
    copy_in_work_by: int | None = None  # who changed last what nobody confirmed yet


def coming(reach: Reach, case: Standing, done: Progress) -> Iterator[Due]:
    """Yield what comes next, the most pressing first: only what this reader may know of, and nothing to who is excluded."""
    if not rules.may_know(reach, case):
        return
    opens = rules.may_open(reach, case)
    if rules.must_declare(reach, case) and not opens:  # who opens declares where the reason of the look is asked for
        yield Due(Next.DECLARE, mine=True)
    elif opens and done.unread and done.opened:
        yield Due(Next.UNREAD, mine=True)
    elif case.extent is Extent.WHOLE and opens and not done.opened_by_reader:
        yield Due(Next.OPEN, mine=True)
    elif case.extent is Extent.COPY and not opens and not (done.copy_given and done.copy_read):
        yield Due(Next.READ_COPY, mine=True) if done.copy_given else Due(Next.MAKE_COPY, mine=False)
    yield from _decision(reach, case, done)
    if done.asked_by - {reach.user_id} and rules.may_agree(reach, case):
        yield Due(Next.ANSWER_WHO, mine=True)
    elif done.asked_by and opens:
        yield Due(Next.ANSWER_WHO, mine=False)
    if opens and done.copy_in_work_by is not None:
        yield Due(Next.CHECK_COPY, mine=done.copy_in_work_by != reach.user_id)
    elif opens and done.copy_wanted and not done.copy_given:
        yield Due(Next.MAKE_COPY, mine=True)


def _decision(reach: Reach, case: Standing, done: Progress) -> Iterator[Due]:
    """Yield the step on the way to what the head decides. Who was granted a case is told nothing of it: it is not theirs."""
    if case.head_id is not None:
        if not done.decided and rules.may_agree(reach, case):
            yield Due(Next.DECIDE, mine=reach.user_id == case.head_id)
    elif done.handed_up or not rules.may_confirm(reach, case):
        return
    elif not done.opened:
        yield Due(Next.OPEN, mine=True)
    else:
        yield Due(Next.HAND if case.confirmed else Next.CONFIRM, mine=True)
