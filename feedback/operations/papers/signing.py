"""Each hand agrees or sends back; the signer signs, in their own right or by delegation."""

from __future__ import annotations

import datetime as dt

from app import clock as time
from app.accounts.models import Delegation, User
from app.accounts.queries import reach_of
from app.audit import record
from app.database import at_one_go, db
from app.permissions import Role
from app.units.models import SigningStep, Unit
from feedback import rules
from feedback.models import Paper
from feedback.operations import telling
from feedback.operations.papers.chain import NotYourTurn, lock_with_item, may_act_on, stands_in, tell_next, write_step
from feedback.operations.papers.drafting import check_complete
from feedback.operations.papers.issuing import give_number, publish
from feedback.rules import PaperState


@at_one_go
def agree(paper: Paper, *, remarks: str = "", number: str = "", read: dt.datetime | None = None, actor: User, now: dt.datetime) -> None:
    """One hand agrees, or signs when it is the signer's turn; the paper goes on to the next hand, or out after the last.

    *read*: when the wording they read was submitted; nobody signs another one, written meanwhile.
    *number*: what a signer without văn thư behind them enters. :raise NotYourTurn: :raise NumberTaken:
    """
    lock_with_item(paper)
    if not may_act_on(actor.reach, paper) or paper.waiting_for == SigningStep.RECORDS or read not in {None, paper.submitted_at}:
        raise NotYourTurn
    step = paper.waiting_for
    if step == SigningStep.SIGNER:
        check_complete(paper, time.local_date(now))  # a promised day may have passed while the paper lay
        rules.check_paper(PaperState(paper.state), PaperState.APPROVED)
        paper.state, paper.signed_by, paper.signed_at = PaperState.APPROVED, actor, now
        paper.signed_for = _signs_for(actor, paper.unit, time.local_date(now))
        write_step(paper, step, "signed", actor, now=now, remarks=remarks)
        if paper.signed_for:
            record(actor, "paper.signed_for", paper, at=now, form=paper.signed_for)
        else:
            record(actor, "paper.signed", paper, at=now)
    else:
        decision = "agreed_for" if stands_in(actor.reach, paper) else "agreed"
        write_step(paper, str(step), decision, actor, now=now, remarks=remarks)
        record(actor, f"paper.{decision}", paper, at=now, step=step)
    paper.step += 1
    if paper.state == PaperState.APPROVED and paper.step >= len(paper.chain):
        if number:
            give_number(paper, number, on=time.local_date(now))
        publish(paper, actor=actor, now=now)
    else:
        tell_next(paper, now=now)


def send_back(paper: Paper, *, remarks: str, actor: User, now: dt.datetime) -> None:
    """A hand of the chain sends it back to the drafter, with remarks. :raise NotYourTurn:"""
    lock_with_item(paper)
    if not may_act_on(actor.reach, paper):
        raise NotYourTurn
    step = str(paper.waiting_for)
    rules.check_paper(PaperState(paper.state), PaperState.DRAFT)
    paper.state, paper.step, paper.signed_by, paper.signed_at = PaperState.DRAFT, 0, None, None
    write_step(paper, step, "sent_back", actor, now=now, remarks=remarks)
    record(actor, "paper.sent_back", paper, at=now, step=step)
    telling.paper_sent_back(paper, now=now)


def _signs_for(actor: User, unit: Unit, today: dt.date) -> str:
    """Return KT., TL. or TUQ. when *actor* signs for a head of *unit* by delegation, empty when in their own right."""
    if _heads(actor, unit, today):
        return ""
    delegations = db.session.scalars(
        db.select(Delegation)
        .where(Delegation.to_id == actor.id, Delegation.starts_on <= today, Delegation.ends_on >= today, Delegation.ended_at.is_(None))
        .order_by(Delegation.id)
    )
    return next((each.form for each in delegations if each.is_ours and _heads(each.giver, unit, today)), "")


def _heads(user: User, unit: Unit, today: dt.date) -> bool:
    """Say whether *user* signs for *unit* in their own right."""
    own = reach_of(user, on=today, delegated=False)
    return any(role is Role.HEAD and scope.covers(unit_path=unit.path, place_id=None) for role, scope in own.holds)
