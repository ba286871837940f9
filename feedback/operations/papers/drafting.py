"""A paper is drafted, written, and sent into its chain or thrown away; nothing of it is promised yet."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from app import clock as time
from app.access import require
from app.accounts.models import User
from app.audit import record
from app.calendar.rules import Stage
from app.database import at_one_go, db, lock
from app.permissions import Reach
from feedback import queries, rules, steps
from feedback.models import Attachment, Feedback, Paper, ReplyPoint
from feedback.operations.papers.chain import chain_of, lock_with_item, tell_next, write_step
from feedback.rules import EFFECT, Kind, Outcome, PaperState, PaperType, Status

#: What was said of an item elsewhere, in paragraphs: its answer begins with them. Domains above bring it.
said_elsewhere: list[Callable[[Feedback], list[str]]] = []


@dataclass(frozen=True)
class Gap:
    """What a paper still lacks: points, reason, recipient, body; of a point (from 1) its text, proof, or a day still to come.

    Or blanks that nobody filled, in the body or in a point's text; then *near* has the words around each.
    """

    what: str
    point: int | None = None
    near: tuple[str, ...] = ()


class PaperUnfinished(Exception):
    """It cannot be submitted, nor signed: it carries every gap."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        super().__init__(*gaps)
        self.gaps = gaps


class AnotherPaperOnItsWay(Exception):
    """The item has a paper that is not published or discarded yet."""


@dataclass(frozen=True)
class PointData:
    """One point of an answer as typed."""

    title: str
    text: str
    outcome: Outcome
    promised_on: dt.date | None = None
    promise_unit_id: int | None = None
    proofs: tuple[Attachment, ...] = field(default=())


def may_draft(reach: Reach, feedback: Feedback, type_: PaperType) -> bool:
    """Say what the rules say of *feedback* as it stands now."""
    return rules.may_draft(reach, queries.standing_of(feedback), type_)


@at_one_go
def draft(feedback: Feedback, type_: PaperType, *, actor: User, now: dt.datetime) -> Paper:
    """Begin a paper on an open item, an answer with what was said of it elsewhere.

    :raise AnotherPaperOnItsWay: :raise AnsweredBefore: :raise NotTakenAnew:
    """
    lock(feedback)
    require(may_draft(actor.reach, feedback, type_))
    check_effect(feedback, type_)
    steps.check(f"draft_{type_}", feedback, actor.id)
    if any(paper.state not in {PaperState.PUBLISHED, PaperState.DISCARDED} for paper in feedback.papers):
        raise AnotherPaperOnItsWay
    said = [each for told in said_elsewhere for each in told(feedback)] if type_ is PaperType.REPLY else []
    assignment = feedback.open_answer
    paper = Paper(
        feedback=feedback,
        assignment=assignment,
        unit=assignment.unit if assignment is not None else feedback.desk_unit,
        type=type_,
        state=PaperState.DRAFT,
        round=feedback.round,
        body="\n\n".join(said),
        drafted_by=actor,
        created_at=now,
        points=[],
        steps=[],
    )
    db.session.add(paper)
    db.session.flush()
    record(actor, "paper.drafted", paper, at=now, type=str(type_))
    return paper


def _require_draft(paper: Paper, actor: User) -> None:
    """:raise NotAllowed: :raise AnsweredBefore: :raise NotTakenAnew: unless *actor* may begin such a paper of the item now."""
    require(may_draft(actor.reach, paper.feedback, PaperType(paper.type)))
    steps.check(f"draft_{paper.type}", paper.feedback, actor.id)


def check_effect(feedback: Feedback, type_: PaperType) -> None:
    """:raise IllegalTransition: when the item cannot become what such a paper says."""
    if type_ is not PaperType.OPEN_CASE:
        rules.check(Status(feedback.status), EFFECT[type_])
        return
    rules.check_still(Status(feedback.status), *rules.OPEN)
    if feedback.kind != Kind.COMPLAINT or feedback.clock(Stage.SETTLE) is not None:  # opened once
        raise rules.IllegalTransition(Status(feedback.status), EFFECT[type_])


@at_one_go
def write(
    paper: Paper,
    *,
    body: str,
    points: Sequence[PointData] = (),
    reason: str | None = None,
    recipient: str = "",
    actor: User,
) -> None:
    """Keep what was drafted so far; nothing is checked yet but who writes.

    A point's proofs are all it has, those of an earlier draft included: points move and go, and a proof stays with its own.
    """
    lock_with_item(paper)
    _require_draft(paper, actor)
    if paper.state != PaperState.DRAFT:
        raise rules.IllegalTransition(PaperState(paper.state), PaperState.DRAFT)
    paper.body, paper.reason, paper.recipient = body, reason, recipient
    named = {proof for data in points for proof in data.proofs}
    for proof in [proof for point in paper.points for proof in point.proofs if proof not in named]:
        db.session.delete(proof)
    paper.points = []
    db.session.flush()
    for position, data in enumerate(points, start=1):
        point = ReplyPoint(
            position=position,
            title=data.title,
            text=data.text,
            outcome=data.outcome,
            promised_on=data.promised_on,
            promise_unit_id=data.promise_unit_id,
        )
        paper.points.append(point)
        db.session.flush()
        for proof in data.proofs:
            proof.point_id, proof.by_sender = point.id, False
            if proof.feedback_id is None:
                paper.feedback.attachments.append(proof)
    db.session.flush()
    db.session.expire(paper, ["points"])


def fingerprint(paper: Paper) -> str:
    """Return what tells one wording of a draft from another: a page that was open meanwhile would undo what somebody else wrote."""
    points = [(p.title, p.text, p.outcome, p.promised_on, p.promise_unit_id, sorted(proof.id for proof in p.proofs)) for p in paper.points]
    return hashlib.sha256(repr((paper.body, paper.reason, paper.recipient, points)).encode()).hexdigest()[:20]


@at_one_go
def submit(paper: Paper, *, actor: User, now: dt.datetime) -> None:
    """Send a draft into the chain. :raise PaperUnfinished:"""
    lock_with_item(paper)
    _require_draft(paper, actor)
    rules.check_paper(PaperState(paper.state), PaperState.SUBMITTED)
    check_complete(paper, time.local_date(now))
    paper.state, paper.chain, paper.step, paper.submitted_at = PaperState.SUBMITTED, chain_of(paper.unit), 0, now
    write_step(paper, "submitted", "submitted", actor, now=now)
    record(actor, "paper.submitted", paper, at=now, type=paper.type)
    tell_next(paper, now=now)


#: A blank stands alone, as in "ngày …, … trả lời"; dots right after a word only say that more could be said.
BLANK = re.compile(r"(?<![^\s(“\"/-])(?:…|\.{3,}|_{3,})[,.;:]?")
WORDS_BEFORE, WORDS_AFTER = 3, 2


def blanks(text: str) -> tuple[str, ...]:
    """Return every blank of *text* that waits to be filled, as the few words of its line around it, up to the next blank."""
    near = []
    for line in text.splitlines():
        spans = [found.span() for found in BLANK.finditer(line)]
        ends, starts = [0, *(end for _start, end in spans)], [*(start for start, _end in spans[1:]), len(line)]
        for (start, _end), last, following in zip(spans, ends, starts, strict=False):
            near.append(" ".join([*line[last:start].split()[-WORDS_BEFORE:], *line[start:following].split()[: WORDS_AFTER + 1]]))
    return tuple(near)


def check_complete(paper: Paper, today: dt.date) -> None:
    """:raise PaperUnfinished: when the paper cannot go out like this, with everything that it lacks."""
    found = list(_gaps(paper, today))
    if found:
        raise PaperUnfinished(found)


def _gaps(paper: Paper, today: dt.date) -> Iterator[Gap]:
    type_ = PaperType(paper.type)
    if type_ is PaperType.REPLY and not paper.points:
        yield Gap("points")
    if type_ in {PaperType.REFUSE, PaperType.GUIDE, PaperType.FILE} and not paper.reason:
        yield Gap("reason")
    if type_ is PaperType.FORWARD and not paper.recipient:
        yield Gap("recipient")
    if type_ is not PaperType.REPLY and not paper.body.strip():
        yield Gap("body")
    if near := blanks(paper.body):
        yield Gap("blanks", near=near)
    for point in paper.points:
        yield from _gaps_of(point, today)


def _gaps_of(point: ReplyPoint, today: dt.date) -> Iterator[Gap]:
    if not point.text.strip():
        yield Gap("text", point.position)
    if near := blanks(point.text):
        yield Gap("text_blanks", point.position, near)
    if point.outcome == Outcome.DONE and not point.proofs:
        yield Gap("proof", point.position)
    if point.outcome == Outcome.PROMISED and (point.promised_on is None or point.promised_on < today):
        yield Gap("day", point.position)


def discard(paper: Paper, *, actor: User, now: dt.datetime) -> None:
    """Throw a draft away."""
    lock_with_item(paper)
    _require_draft(paper, actor)
    rules.check_paper(PaperState(paper.state), PaperState.DISCARDED)
    paper.state = PaperState.DISCARDED
    record(actor, "paper.discarded", paper, at=now)
