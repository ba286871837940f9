"""Through whose hands a paper goes, and whose turn it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from app import clock as time
from app.accounts.models import Grant, User
from app.accounts.queries import reach_of
from app.database import db, lock
from app.permissions import Permission, Reach, Role
from app.units.models import SigningStep, Unit
from feedback import waiting
from feedback.models import Paper, PaperStep
from feedback.operations import merging, telling

#: Where no unit up to the root says otherwise.
DEFAULT_CHAIN = [SigningStep.SIGNER, SigningStep.RECORDS]

#: Who is each hand of the chain.
OWN: dict[SigningStep, Role] = {
    SigningStep.DIVISION_HEAD: Role.DIVISION_HEAD,
    SigningStep.OFFICE: Role.OFFICE,
    SigningStep.SIGNER: Role.HEAD,
    SigningStep.RECORDS: Role.RECORDS,
}
#: What the head may do in their place: a paper does not lie because somebody is away, and a small unit has nobody there.
HEAD_STANDS_IN = frozenset({SigningStep.DIVISION_HEAD, SigningStep.OFFICE})
#: Who may act where a paper waits for a hand.
HANDS: dict[SigningStep, frozenset[Role]] = {
    step: frozenset({role, Role.HEAD}) if step in HEAD_STANDS_IN else frozenset({role}) for step, role in OWN.items()
}


class NotYourTurn(Exception):
    """The paper waits for another hand of the chain."""


def lock_with_item(paper: Paper) -> None:
    """Lock the paper's item, what goes on with it, and then the paper: in the order in which everybody locks them."""
    merging.lock_together(paper.feedback, *paper.feedback.merged)
    lock(paper)


def chain_of(unit: Unit) -> list[str]:
    """Return the hands a paper of *unit* goes through: its own, or those of the nearest unit above that says."""
    above: Unit | None = unit
    while above is not None and not above.signing_chain:
        above = above.parent
    return list(above.signing_chain) if above is not None else [str(step) for step in DEFAULT_CHAIN]


def may_act_on(reach: Reach, paper: Paper) -> bool:
    """Say whether it is this person's turn, or the turn of somebody whom they stand in for."""
    return _is_turn_of(reach, paper) or stands_in(reach, paper)


def stands_in(reach: Reach, paper: Paper) -> bool:
    """Say whether this person is not the hand that the paper waits for, and as the head may act in its place."""
    return paper.waiting_for in HEAD_STANDS_IN and not _is_turn_of(reach, paper) and _holds(reach, Role.HEAD, paper.unit)


def _is_turn_of(reach: Reach, paper: Paper) -> bool:
    step = paper.waiting_for
    return step is not None and _holds(reach, OWN[SigningStep(step)], paper.unit)


def _holds(reach: Reach, wanted: Role, unit: Unit) -> bool:
    return any(role is wanted and scope.covers(unit_path=unit.path, place_id=None) for role, scope in reach.holds)


def reached(reach: Reach, papers: Iterable[Paper], *, on: dt.date) -> list[Paper]:
    """Return which of *papers* wait for this person: at their own hand, or at one they stand in for where nobody holds it."""
    turn = [paper for paper in papers if may_act_on(reach, paper)]
    held = _held(on) if any(stands_in(reach, paper) for paper in turn) else []
    return [
        paper
        for paper in turn
        if _is_turn_of(reach, paper)
        or not any(role == OWN[SigningStep(str(paper.waiting_for))] and paper.unit.path.startswith(path) for role, path in held)
    ]


def at_hand(permission: Permission, reach: Reach, *, on: dt.date, shown: bool = True) -> list[Paper]:
    """Return the papers that wait for this person to approve or, with FEEDBACK_NUMBER, to number, the longest waiting first.

    Not *shown*: they are only counted.
    """
    found = reached(reach, waiting.papers_under_way(permission, reach, shown=shown), on=on)
    return [paper for paper in found if (paper.waiting_for == SigningStep.RECORDS) == (permission is Permission.FEEDBACK_NUMBER)]


def _held(on: dt.date) -> list[tuple[str, str]]:
    """Return the role and the path of the unit of everybody in service for whom the head may stand in."""
    rows = db.session.execute(
        db.select(Grant.role, Unit.path)
        .join(User, User.id == Grant.user_id)
        .join(Unit, Unit.id == Grant.unit_id)
        .where(User.active, Grant.role.in_([OWN[step] for step in HEAD_STANDS_IN]))
        .where(Grant.starts_on <= on, Grant.ends_on.is_(None) | (Grant.ends_on >= on))
    )
    return [(role, path) for role, path in rows]


def write_step(paper: Paper, step: str, decision: str, actor: User, *, now: dt.datetime, remarks: str = "") -> None:
    """Write down what a hand of the chain (or the drafter) did with it."""
    paper.steps.append(PaperStep(step=step, user=actor, decision=decision, remarks=remarks, at=now))


def tell_next(paper: Paper, *, now: dt.datetime) -> None:
    """Tell whoever is the next hand that it waits; who stands in for it only where nobody is."""
    permission = Permission.FEEDBACK_NUMBER if paper.waiting_for == SigningStep.RECORDS else Permission.FEEDBACK_APPROVE
    people = telling.people_with(permission, paper.unit, now=now)
    own = [user for user in people if _is_turn_of(reach_of(user, on=time.local_date(now)), paper)]
    telling.paper_waits(paper, own or people, now=now)
