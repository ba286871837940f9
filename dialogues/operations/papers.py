"""A paper is drafted, sent to be signed, numbered by văn thư, and, signed or scanned, takes the place of the one we made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from app.access import require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.files import StoredFile
from app.files.content import PDF
from app.outbox import forget
from app.units.models import Unit, UnitKind
from dialogues import books, papers, queries, rules
from dialogues.books import DatedAhead as DatedAhead
from dialogues.books import DatedTooEarly as DatedTooEarly
from dialogues.books import GapUnexplained as GapUnexplained
from dialogues.books import NumberTaken as NumberTaken
from dialogues.models import Session, SessionPaper, YearPlan
from dialogues.operations import editing, telling
from dialogues.operations.editing import ChangedMeanwhile
from dialogues.rules import AFTERWARDS, ALWAYS_INTERNAL, PAPER_TRANSITIONS, SERIES, STARTS_INTERNAL, PaperFormat, PaperState, PaperType


class Closed(Exception):
    """The dossier is archived, or the session called off: its papers stand."""


class AnotherDraft(Exception):
    """A paper of that type is still on its way."""


class NotReady(Exception):
    """Nobody is named who signs, or for whom they sign."""


class Unfinished(Exception):
    """Something in it is still to be written; `part` names the part."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class NothingSaidYet(Exception):
    """What came of a session is written when it was held."""


class NamesUnread(Exception):
    """It repeats what people asked, and nobody said that they read the print for names."""


class NotPdf(Exception):
    """What takes the place of the made paper is a PDF."""


def standing_of(paper: SessionPaper) -> rules.Standing:
    """Return where *paper* belongs: to its session, or to the unit whose year it is about."""
    return (
        queries.standing_of(paper.session) if paper.session is not None else rules.Standing(paper.unit.path, place_id=paper.unit.place_id)
    )


def may_number(actor: User, paper: SessionPaper) -> bool:
    """Say whether *actor* is văn thư of the body that issues *paper*, or of the unit that holds the session: many share one."""
    return rules.may_number(actor.reach, rules.Standing(paper.unit.path)) or rules.may_number(actor.reach, standing_of(paper))


def draft(session: Session, type_: PaperType, *, actor: User, now: dt.datetime) -> SessionPaper:
    """Begin a paper in the format of the body that issues those of the session. :raise NotAllowed: :raise Closed: :raise AnotherDraft:"""
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    _require_open(session)
    return _begin_of_session(session, type_, actor, now)


def _begin_of_session(session: Session, type_: PaperType, actor: User, now: dt.datetime) -> SessionPaper:
    format_ = PaperFormat(session.paper_format)
    bodies = [chair.unit for chair in session.chairing if (chair.unit.kind == UnitKind.PARTY) == (format_ == PaperFormat.PARTY)]
    unit = session.unit if not bodies or session.unit in bodies else bodies[0]
    signer = next((chair for chair in session.chairing if chair.unit_id == unit.id), None)
    return _begin(
        type_, unit, format_, session.papers, actor, now,
        session=session, signer=signer.name if signer else "", signer_title=signer.title if signer else "",
    )  # fmt: skip


def draft_of_year(plan: YearPlan, type_: PaperType, *, actor: User, now: dt.datetime) -> SessionPaper:
    """Begin a paper of a unit's year. :raise NotAllowed: :raise AnotherDraft:"""
    lock(plan)
    require(rules.may_prepare(actor.reach, rules.Standing(plan.unit.path, place_id=plan.unit.place_id)))
    format_ = PaperFormat.PARTY if plan.unit.kind == UnitKind.PARTY else PaperFormat.STATE
    return _begin(type_, plan.unit, format_, queries.papers_of_plan(plan), actor, now, plan=plan)


def _begin(
    type_: PaperType, unit: Unit, format_: PaperFormat, others: list[SessionPaper], actor: User, now: dt.datetime, **of: Any
) -> SessionPaper:
    if any(each.type == type_ and each.state != PaperState.NUMBERED for each in others):
        raise AnotherDraft
    made = SessionPaper(
        type=type_,
        unit=unit,
        format=format_,
        internal=format_ == PaperFormat.PARTY or type_ in STARTS_INTERNAL | ALWAYS_INTERNAL,
        series=SERIES[type_],
        words={},
        drafted_by=actor,
        created_at=now,
        **of,
    )
    db.session.add(made)
    db.session.flush()
    record(actor, "session_paper.drafted", made, at=now, type=type_)
    return made


def fingerprint(paper: SessionPaper) -> str:
    """Return what tells one state of a draft from another, to the form that changes it."""
    return editing.fingerprint(paper.words, paper.signer, paper.signer_title, paper.signed_for, paper.giver_title, paper.internal)


def write(
    paper: SessionPaper,
    words: Mapping[str, str],
    *,
    signer: str,
    signer_title: str,
    internal: bool,
    seen: str,
    actor: User,
    now: dt.datetime,
    signed_for: str = "",
    giver_title: str = "",
) -> None:
    """Keep an officer's *words* by section; what says the same as the data is not kept, and follows the data.

    *seen* is the fingerprint of the draft they had before them; *signed_for* is TL. or TUQ. where *giver_title* has the signer sign.

    :raise NotAllowed: :raise IllegalTransition: :raise ChangedMeanwhile:
    """
    _to_change(paper, actor)
    if seen != fingerprint(paper):
        raise ChangedMeanwhile
    made = {section["name"]: section["text"] for section in papers.body_of(paper)["sections"] if not section["fixed"]}
    paper.words = {name: text for name, text in words.items() if name in made and text != made[name]}
    paper.signer, paper.signer_title = signer, signer_title
    paper.signed_for, paper.giver_title = signed_for, giver_title if signed_for else ""
    # What repeats the words of people is opened by who has read the print, and a draft is no print yet.
    paper.internal = internal or paper.type in STARTS_INTERNAL | ALWAYS_INTERNAL
    record(actor, "session_paper.written", paper, at=now)


def send(paper: SessionPaper, *, actor: User, now: dt.datetime) -> None:
    """Send a draft to be signed: from now on it says what it says.

    :raise NotAllowed: :raise IllegalTransition: :raise NotReady: :raise NothingSaidYet: :raise Unfinished:
    """
    _to_change(paper, actor)
    if paper.type in AFTERWARDS and paper.session is not None and paper.session.held_at is None:
        raise NothingSaidYet
    if not paper.signer or not paper.signer_title or (paper.signed_for and not paper.giver_title):
        raise NotReady
    if (part := papers.unfinished(paper)) is not None:
        raise Unfinished(part)
    _step(paper, PaperState.SENT)
    paper.sent_at = now
    papers.freeze(paper)
    record(actor, "session_paper.sent", paper, at=now)
    telling.paper_to_sign(paper, actor, now=now)
    telling.paper_to_number(paper, actor, now=now)


def minutes_signed(session: Session, *, actor: User, now: dt.datetime) -> None:
    """Put the minutes, which chair and secretary have just signed, among the papers: they wait for their number.

    What was on its way there already says from now on what was signed. The caller holds the session's lock.
    """
    found = next((each for each in session.papers if each.type == PaperType.MINUTES and each.state != PaperState.NUMBERED), None)
    paper = found or _begin_of_session(session, PaperType.MINUTES, actor, now)
    paper.state, paper.sent_at, paper.facts, paper.signed_file = PaperState.DRAFT, None, None, None
    if not paper.signer or not paper.signer_title or papers.unfinished(paper) is not None:
        return  # a draft, in which somebody writes what is missing
    paper.state, paper.sent_at = PaperState.SENT, now
    papers.freeze(paper)
    record(actor, "session_paper.sent", paper, at=now)
    telling.paper_to_number(paper, actor, now=now)


def take_back(paper: SessionPaper, *, actor: User, now: dt.datetime) -> None:
    """Take a paper back that was not signed, to change it. :raise NotAllowed: :raise IllegalTransition:"""
    _lock(paper)
    require(rules.may_prepare(actor.reach, standing_of(paper)))
    _step(paper, PaperState.DRAFT)
    paper.facts = paper.sent_at = paper.signed_file = None
    paper.internal = paper.internal or paper.type in STARTS_INTERNAL  # what was read is changed now
    record(actor, "session_paper.taken_back", paper, at=now)


def discard(paper: SessionPaper, *, actor: User, now: dt.datetime) -> None:
    """Throw a draft away. :raise NotAllowed: :raise IllegalTransition:"""
    _to_change(paper, actor)
    record(actor, "session_paper.discarded", paper, at=now, type=paper.type)
    forget(paper)  # a notice would lead nowhere
    db.session.delete(paper)
    db.session.flush()
    if paper.session is not None:
        db.session.expire(paper.session, ["papers"])


def number(paper: SessionPaper, typed: str, *, on: dt.date, gap_why: str = "", actor: User, now: dt.datetime) -> None:
    """Enter number and date of a signed paper, as văn thư has them in the book.

    :raise NotAllowed: :raise IllegalTransition: :raise NumberUnreadable: :raise WrongSymbol: :raise NumberTaken: :raise GapUnexplained:
    :raise DatedAhead: :raise DatedTooEarly:
    """
    lock(paper.unit)  # one number at a time
    _lock(paper)
    require(may_number(actor, paper))
    _check(paper, PaperState.NUMBERED)
    books.give(
        paper, typed, own=papers.facts_of_paper(paper)["symbol"], on=on, earliest=_earliest(paper), today=local_date(now),
        gap_why=gap_why, plan=paper.plan,
    )  # fmt: skip
    _step(paper, PaperState.NUMBERED)
    if paper.type in rules.RESULTS and paper.session is not None and paper.session.names_reviewed_at is not None:
        paper.internal = True  # it was not among what was read for names
        telling.paper_to_read(paper, actor, now=now)
    db.session.flush()
    record(actor, "session_paper.numbered", paper, at=now, number=paper.number, gap=bool(paper.gap_why))


def _earliest(paper: SessionPaper) -> dt.date:
    if paper.type in AFTERWARDS and paper.session is not None and paper.session.day is not None:
        return paper.session.day
    return local_date(paper.created_at) - rules.LONG_AGO


def set_internal(paper: SessionPaper, *, internal: bool, actor: User, now: dt.datetime, names_read: bool = False) -> None:
    """Say whether everyone may read a paper (công khai) or not (nội bộ), whatever its state; a draft has no print to be read.

    *names_read*: somebody read the print, and it names no citizen. :raise NotAllowed: :raise Closed: :raise NamesUnread:
    """
    _lock(paper)
    require(rules.may_prepare(actor.reach, standing_of(paper)))
    if not internal and paper.type in STARTS_INTERNAL and (not names_read or paper.state == PaperState.DRAFT):
        raise NamesUnread
    paper.internal = internal or paper.type in ALWAYS_INTERNAL
    record(actor, "session_paper.opened" if not paper.internal else "session_paper.closed", paper, at=now)


def replace_file(paper: SessionPaper, file: StoredFile, *, actor: User, now: dt.datetime) -> None:
    """Put the signed or scanned PDF in the place of the made one; the number stays, the hash is kept and recorded.

    :raise NotAllowed: :raise IllegalTransition: :raise Closed: :raise NotPdf:
    """
    _lock(paper)
    require(rules.may_prepare(actor.reach, standing_of(paper)) or may_number(actor, paper))
    if paper.state == PaperState.DRAFT:
        raise IllegalTransition(PaperState.DRAFT, PaperState.NUMBERED)
    if file.media_type != PDF.media_type:
        raise NotPdf
    paper.signed_file = file
    record(actor, "session_paper.file_replaced", paper, at=now, digest=file.original_sha256)


def _to_change(paper: SessionPaper, actor: User) -> None:
    _lock(paper)
    require(rules.may_prepare(actor.reach, standing_of(paper)))
    if paper.state != PaperState.DRAFT:
        raise IllegalTransition(PaperState(paper.state), PaperState.DRAFT)


def _lock(paper: SessionPaper) -> None:
    if paper.session is not None:
        lock(paper.session)
        _require_open(paper.session)
    lock(paper)


def _require_open(session: Session) -> None:
    if session.status in rules.CLOSED:
        raise Closed


def _check(paper: SessionPaper, to: PaperState) -> None:
    if to not in PAPER_TRANSITIONS[PaperState(paper.state)]:
        raise IllegalTransition(PaperState(paper.state), to)


def _step(paper: SessionPaper, to: PaperState) -> None:
    _check(paper, to)
    paper.state = to
