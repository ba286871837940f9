"""What is done with a sealed case, who may know of it and who is kept out. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from app.permissions import Permission, Reach


class SealedStep(StrEnum):
    """What somebody does with a sealed case. Luật Tố cáo 2018 Điều 25: concrete information is checked, or passed to who is competent."""

    OPENED = "opened"
    READ_COPY = "read_copy"  # the working copy, not the case
    BEGAN_COPY = "began_copy"
    CONFIRMED_COPY = "confirmed_copy"  # that nothing in it names who wrote
    CONFIRMED_COPY_ALONE = "confirmed_copy_alone"  # by who made it: nobody else may open the case
    WROTE = "wrote"  # to who sent it
    BOOKED = "booked"  # in the office's own book of denunciations
    PASSED_ON = "passed_on"
    INSPECTED = "inspected"  # thanh tra, kiểm tra phục vụ công tác quản lý
    OUTSIDE = "outside"  # lưu: no content of a denunciation, or nothing that can be checked
    ADDED = "added"  # what the sender told later, with code and key
    CLASSIFIED = "classified"  # hồ sơ mật: number, date and holder, nothing else
    CONFIRMED = "confirmed"  # who is accused
    HANDED = "handed"  # to the head who decides
    HANDED_UP = "handed_up"  # by hand, to the superior: the head is accused
    GRANTED = "granted"
    GRANTED_WHOLE = "granted_whole"  # more than the working copy, with a reason of its own: the text may say who wrote it
    GRANT_ENDED = "grant_ended"
    TAKEN_BACK = "taken_back"  # somebody else made a link to the password of the head, or of who was granted it
    DECLARED = "declared"  # no conflict of interest
    CONFLICT = "conflict"  # who says so is out of this case
    ASKED_WHO = "asked_who"
    AGREED = "agreed"
    REFUSED = "refused"
    SAW_WHO = "saw_who"
    SEALED = "sealed"  # it had been sent as something else
    KNEW = "knew"  # who may have read it before
    RECALL = "recall"  # what is out on paper and repeats it: given back by hand


#: What intake writes down, and what the head decides (law.md §2.4): lưu; thanh tra, kiểm tra; chuyển cơ quan có thẩm quyền.
NOTED = (SealedStep.BOOKED, SealedStep.ADDED)
DECISIONS = (SealedStep.INSPECTED, SealedStep.PASSED_ON, SealedStep.OUTSIDE)
#: What the register says was done with a case. Who may see it stands in the case itself.
DONE = frozenset({
    *NOTED, *DECISIONS, SealedStep.CLASSIFIED, SealedStep.HANDED, SealedStep.HANDED_UP, SealedStep.SEALED, SealedStep.RECALL,
    SealedStep.GRANTED_WHOLE, SealedStep.CONFLICT, SealedStep.TAKEN_BACK,
})  # fmt: skip


class Extent(StrEnum):
    """What somebody may open who was granted a case."""

    WHOLE = "whole"  # all but who wrote
    COPY = "copy"  # the working copy, of which everything is taken that names who wrote


@dataclass(frozen=True)
class Standing:
    """What deciding about one case and one person needs to know."""

    accused_path: str | None  # the unit that the sender named, then the one that intake confirmed
    excluded_paths: tuple[str, ...]  # it, and every unit that an accused person leads
    excluded_ids: frozenset[int]  # the accused, who stands in for them, and who said that an interest of theirs is touched
    confirmed: bool = False
    head_id: int | None = None  # who decides; none while that head is excluded, or heads nothing any more
    extent: Extent | None = None  # what this person was granted, if that is not over
    declared: bool = False  # by this person: that no interest of theirs is touched
    former_paths: tuple[str, ...] = ()  # units that were this person's at any time since a year before the case came


#: So long before a case came a unit that was somebody's counts as theirs: nobody is moved out of what they are kept out of.
BEFORE = dt.timedelta(days=365)


class Kept(NamedTuple):
    """A unit or person whom somebody took away: kept out all the same, until somebody else agrees."""

    kind: str  # unit or person
    id: int
    by_id: int  # who took it away first


Named = Collection[tuple[str, int]]  # units and people, by kind and id


def kept_after(was: Iterable[Kept], *, gone: Named, named: Named, lifted: Named, by_id: int) -> tuple[Kept, ...]:
    """Return who stays kept out beside those named: who was kept before, unless *named* again or *lifted* by another, and who is *gone*.

    *gone*: who was named until now, and is taken away by this person.
    """
    still = [each for each in was if each[:2] not in named and (each[:2] not in lifted or each.by_id == by_id)]
    new = [Kept(kind, id_, by_id) for kind, id_ in sorted(gone) if (kind, id_) not in {each[:2] for each in still}]
    return (*still, *new)


def with_heirs(paths: Collection[str], successions: Collection[tuple[str, str]]) -> frozenset[str]:
    """Return *paths*, and those of the units that took the place of one of them or of one below: (of whom, who).

    Not of one above it: the superior of the accused is who decides.
    """
    out, before = frozenset(paths), -1
    while before != len(out):
        before = len(out)
        out |= {heir for origin, heir in successions if lies_below([origin], out) and not origin.startswith(heir)}
    return out


def is_excluded(reach: Reach, case: Standing) -> bool:
    """Say whether a person is kept out: accused, standing in for the accused, or of a unit that is accused, led by them or below it.

    Who has a role, a delegation or an account that was changed by hand is, too: of which unit they are nobody knows until it is mended.
    Every unit counts: where the account is, where they hold a seat, of whom they stand in for, which they audit, and which was theirs.
    """
    audited = (scope.unit_path for scope in reach.scopes(Permission.AUDIT_READ) if scope.unit_path)
    if reach.doubtful or reach.user_id in case.excluded_ids:
        return True
    return lies_below((*reach.paths, *audited, *case.former_paths), case.excluded_paths)


def lies_below(paths: Iterable[str], excluded: Iterable[str]) -> bool:
    """Say whether one of *paths* is one of the excluded units or below it."""
    return any(path.startswith(above) for path in paths for above in excluded)


def _reads(reach: Reach, case: Standing) -> bool:
    """Sealed intake. Where no unit was named it may be about anybody: then only who reads for the whole install."""
    return reach.may(Permission.SEALED_READ, unit_path=case.accused_path)


def may_know(reach: Reach, case: Standing) -> bool:
    """See that there is such a case: sealed intake, the head who decides, who was granted it; nobody who is excluded."""
    return not is_excluded(reach, case) and (reach.user_id == case.head_id or case.extent is not None or _reads(reach, case))


def may_open(reach: Reach, case: Standing) -> bool:
    """Read what was written: intake until a head decides, that head, and who was granted it; who :func:`must_declare` does so first."""
    if is_excluded(reach, case):
        return False
    if reach.user_id == case.head_id or (case.extent is Extent.WHOLE and case.declared):
        return True
    return case.head_id is None and _reads(reach, case)


def may_read_copy(reach: Reach, case: Standing) -> bool:
    """Read the working copy: who may open the case, and who was granted only that; each declared no conflict of interest."""
    return case.declared and may_declare(reach, case)


def may_declare(reach: Reach, case: Standing) -> bool:
    """Say whether an interest of theirs is touched: before the first look, and later where it was what they read that showed it."""
    return may_open(reach, case) or (not is_excluded(reach, case) and case.extent is not None)


def must_declare(reach: Reach, case: Standing) -> bool:
    """Say whether they have yet to do so: intake and the head as well as who was granted the case."""
    return not case.declared and may_declare(reach, case)


def may_confirm(reach: Reach, case: Standing) -> bool:
    """Say who is accused: intake until a head decides, then the head, who may learn of more."""
    return may_open(reach, case) and (reach.user_id == case.head_id or _reads(reach, case))


def may_hand(reach: Reach, case: Standing) -> bool:
    """Choose the head who decides: intake, once it stands who is accused. Nothing is routed before."""
    return case.confirmed and case.head_id is None and may_open(reach, case) and _reads(reach, case)


def may_lead(reach: Reach, case: Standing) -> bool:
    """Decide what becomes of it, and who may see it: the head."""
    return reach.user_id == case.head_id and not is_excluded(reach, case)


def may_agree(reach: Reach, case: Standing) -> bool:
    """Agree that somebody else learns who wrote: the head or sealed intake."""
    return not is_excluded(reach, case) and (reach.user_id == case.head_id or _reads(reach, case))


def steps_for(reach: Reach, case: Standing) -> tuple[SealedStep, ...]:
    """Return what this person may write down as done."""
    if may_lead(reach, case):
        return (*DECISIONS, SealedStep.ADDED)
    return NOTED if may_open(reach, case) else ()


#: So long who asked may look at who wrote once somebody else agreed; each look is recorded.
SHOWN_FOR = dt.timedelta(hours=24)


class Reveal(Protocol):
    """What was asked and decided about showing who wrote."""

    @property
    def agreed(self) -> bool | None: ...

    @property
    def decided_at(self) -> dt.datetime | None: ...


def is_shown(reveal: Reveal, now: dt.datetime) -> bool:
    """Say whether who asked may look now."""
    return bool(reveal.agreed) and reveal.decided_at is not None and now < reveal.decided_at + SHOWN_FOR
