"""Through whose hands a paper goes, and whose turn it is."""

from __future__ import annotations

import datetime as dt

from app.accounts.models import User
from app.database import lock
from app.permissions import Permission, Reach, Role
from app.units.models import SigningStep, Unit
from feedback.models import Paper, PaperStep
from feedback.operations import merging, telling

#: Where no unit up to the root says otherwise.
DEFAULT_CHAIN = [SigningStep.SIGNER, SigningStep.RECORDS]

#: Who is each hand of the chain.
HANDS: dict[SigningStep, frozenset[Role]] = {
    SigningStep.DIVISION_HEAD: frozenset({Role.DIVISION_HEAD, Role.HEAD}),
    SigningStep.OFFICE: frozenset({Role.OFFICE, Role.HEAD}),
    SigningStep.SIGNER: frozenset({Role.HEAD}),
    SigningStep.RECORDS: frozenset({Role.RECORDS}),
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
    """Say whether it is this person's turn."""
    step = paper.waiting_for
    return step is not None and any(
        role in HANDS[SigningStep(step)] and scope.covers(unit_path=paper.unit.path, place_id=None) for role, scope in reach.holds
    )


def write_step(paper: Paper, step: str, decision: str, actor: User, *, now: dt.datetime, remarks: str = "") -> None:
    """Write down what a hand of the chain (or the drafter) did with it."""
    paper.steps.append(PaperStep(step=step, user=actor, decision=decision, remarks=remarks, at=now))


def tell_next(paper: Paper, *, now: dt.datetime) -> None:
    """Tell whoever can be the next hand that it waits."""
    permission = Permission.FEEDBACK_NUMBER if paper.waiting_for == SigningStep.RECORDS else Permission.FEEDBACK_APPROVE
    telling.paper_waits(paper, telling.people_with(permission, paper.unit, now=now), now=now)
