"""A paper of oversight is drafted, sent to be signed, signed in the system, numbered by văn thư; until then it may be taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from app.access import Actor, require
from app.accounts.models import Delegation, User
from app.accounts.queries import holders, reach_of
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.files import StoredFile
from app.files.content import PDF
from app.outbox import forget, notify_users
from app.permissions import Permission, Reach
from app.units.models import Unit, UnitKind
from dialogues import books
from dialogues.operations.editing import ChangedMeanwhile, fingerprint
from dialogues.rules import PaperFormat
from oversight import papers
from oversight.models.papers import OversightPaper
from oversight.rules import papers as rules
from oversight.rules.papers import SERIES, PaperState, PaperType


class NoTitle(Exception):
    """Who signs has no office written in their account, and a signature stands below one."""


class BodyEnded(Exception):
    """The body that would issue it is there no more: its heir begins another. `unit`: its name."""

    def __init__(self, unit: str) -> None:
        super().__init__(unit)
        self.unit = unit


class Unfinished(Exception):
    """Something in it is still to be written."""


class NotPdf(Exception):
    """What takes the place of the made paper is a PDF."""


def may_prepare(reach: Reach, paper: OversightPaper) -> bool:
    """Say whether a person drafts *paper*."""
    return rules.may_prepare(reach, PaperType(paper.type), unit_id=paper.unit_id, unit_path=paper.unit.path)


def may_sign(reach: Reach, paper: OversightPaper) -> bool:
    """Say whether a person signs *paper*."""
    return rules.may_sign(reach, unit_path=paper.unit.path)


def may_number(reach: Reach, paper: OversightPaper, today: dt.date) -> bool:
    """Say whether a person numbers *paper*: văn thư of the body that issues it.

    Where it has none, once the paper is signed: văn thư of the nearest body above that has one; where nobody is, who signs.
    """
    if rules.may_number(reach, unit_path=paper.unit.path):
        return True
    if paper.state not in {PaperState.SIGNED, PaperState.NUMBERED}:
        return False
    instead = holders(Permission.FEEDBACK_NUMBER, paper.unit, on=today)
    return any(user.id == reach.user_id for user in instead) or (not instead and may_sign(reach, paper))


def may_read(reach: Reach, paper: OversightPaper, today: dt.date) -> bool:
    """Say whether a person reads *paper*: who has a hand in it, and once it is out whom it is for; never whom it is kept from."""
    kept_from = papers.KEPT_FROM.get(PaperType(paper.type))
    if kept_from is not None and kept_from(reach, paper):
        return False
    if may_prepare(reach, paper) or may_sign(reach, paper) or may_number(reach, paper, today):
        return True
    others = papers.READERS.get(PaperType(paper.type))
    return paper.state == PaperState.NUMBERED and others is not None and others(reach, paper)


def draft(type_: PaperType, unit: Unit, *, actor: User, now: dt.datetime) -> OversightPaper:
    """Begin a paper of *unit*, in the format of its kind; the caller says what it is about. :raise NotAllowed:"""
    require(rules.may_prepare(actor.reach, type_, unit_id=unit.id, unit_path=unit.path))
    paper = OversightPaper(
        type=type_, unit=unit, unit_id=unit.id, format=_format_of(unit), series=SERIES[type_], words={}, drafted_by=actor, created_at=now
    )
    db.session.add(paper)
    db.session.flush()
    record(actor, "oversight_paper.drafted", paper, at=now, type=str(type_))
    return paper


def _format_of(unit: Unit) -> PaperFormat:
    return PaperFormat.PARTY if unit.kind == UnitKind.PARTY else PaperFormat.STATE


def seen_of(paper: OversightPaper) -> str:
    """Return what tells one state of a draft from another, to the form that changes it: its words, and whom it is for."""
    to = papers.TO.get(PaperType(paper.type))
    return fingerprint(paper.words, sorted(to(paper)) if to is not None else [])


def write(paper: OversightPaper, words: Mapping[str, str], *, seen: str, actor: User, now: dt.datetime) -> None:
    """Keep an officer's *words* by part; what says the same as the data is not kept, and follows the data.

    *seen*: what :func:`seen_of` said of the draft they had before them.

    :raise NotAllowed: :raise IllegalTransition: :raise ChangedMeanwhile:
    """
    _to_change(paper, actor)
    if seen != seen_of(paper):
        raise ChangedMeanwhile
    made = papers.texts_of(paper)
    paper.words = {name: text for name, text in words.items() if name in made and text != made[name]}
    record(actor, "oversight_paper.written", paper, at=now)


def send(paper: OversightPaper, *, actor: User, now: dt.datetime) -> None:
    """Send a draft to be signed: from now on it says what it says.

    :raise NotAllowed: :raise IllegalTransition: :raise Unfinished: :raise BodyEnded:
    """
    _to_change(paper, actor)
    if papers.unfinished(paper) is not None:
        raise Unfinished
    _check(paper, now)
    papers.freeze(paper)
    _step(paper, PaperState.SENT)
    paper.sent_at = now
    record(actor, "oversight_paper.sent", paper, at=now)
    _tell(holders(Permission.OVERSIGHT_SIGN, paper.unit, on=local_date(now)), paper, "sign", actor, now)


def sign(paper: OversightPaper, *, read: dt.datetime | None = None, actor: User, now: dt.datetime) -> None:
    """The head of the body signs, or their deputy by delegation. *read*: when what they read was sent; nobody signs another wording.

    :raise NotAllowed: :raise IllegalTransition: :raise NoTitle: :raise ChangedMeanwhile: :raise BodyEnded:
    """
    lock(paper)
    require(may_sign(actor.reach, paper))
    rules.check_paper(PaperState(paper.state), PaperState.SIGNED)
    if read not in {None, paper.sent_at}:
        raise ChangedMeanwhile
    if not actor.title:
        raise NoTitle
    _check(paper, now)
    delegation = _signs_for(actor, paper.unit, local_date(now))
    form = delegation.form if delegation is not None else ""
    paper.signer, paper.signer_title, paper.signed_by, paper.signed_at = actor.name, actor.title, actor, now
    # In the Party a deputy's K/T follows from the title below T/M (Hướng dẫn 36-HD/VPTW, wording from memory).
    paper.signed_for = "" if form == "KT." and paper.format == PaperFormat.PARTY else form
    paper.giver_title = delegation.giver.title if delegation is not None else ""
    papers.freeze(paper)
    _step(paper, PaperState.SIGNED)
    record(actor, "oversight_paper.signed", paper, at=now, form=form)
    numbering = holders(Permission.FEEDBACK_NUMBER, paper.unit, on=local_date(now))
    _tell(numbering or [actor], paper, "number", actor, now)


def take_back(paper: OversightPaper, *, actor: User, now: dt.datetime) -> None:
    """Make a paper a draft again: who wrote it while it waits, who signs until it is out. :raise NotAllowed: :raise IllegalTransition:"""
    lock(paper)
    require(may_take_back(actor.reach, paper))
    _make_draft(paper, actor, now)
    if paper.drafted_by is not None:
        _tell([paper.drafted_by], paper, "mend", actor, now)


def _make_draft(paper: OversightPaper, actor: Actor, now: dt.datetime) -> None:
    _step(paper, PaperState.DRAFT)
    paper.facts = paper.sent_at = paper.signed_by = paper.signed_at = paper.signed_file = None
    paper.signer = paper.signer_title = paper.signed_for = paper.giver_title = ""
    record(actor, "oversight_paper.taken_back", paper, at=now)


def inherit(paper: OversightPaper, heir: Unit, *, actor: Actor, now: dt.datetime) -> None:
    """Make a paper that its body did not live to issue a draft of *heir*, which sends and signs it anew; what is out stays as it left."""
    lock(paper)
    if paper.state == PaperState.NUMBERED:
        return
    if paper.state != PaperState.DRAFT:
        _make_draft(paper, actor, now)
    forget(paper)  # whoever was to sign or number it does so no more
    paper.unit, paper.unit_id, paper.format = heir, heir.id, _format_of(heir)


def may_take_back(reach: Reach, paper: OversightPaper) -> bool:
    """Say whether a person may make *paper* a draft again."""
    return may_sign(reach, paper) or (paper.state != PaperState.SIGNED and may_prepare(reach, paper))


def number(paper: OversightPaper, typed: str, *, on: dt.date, gap_why: str = "", actor: User, now: dt.datetime) -> None:
    """Enter number and date of a signed paper; with them it is out, and what it sets going begins.

    :raise NotAllowed: :raise IllegalTransition: :raise BodyEnded: and the refusals of :func:`dialogues.books.give`
    """
    lock(paper.unit)  # one number at a time
    lock(paper)
    require(may_number(actor.reach, paper, local_date(now)))
    rules.check_paper(PaperState(paper.state), PaperState.NUMBERED)
    _require_body(paper, now)
    earliest, own = local_date(paper.created_at) - rules.LONG_AGO, papers.facts_of(paper)["symbol"]
    books.give(paper, typed, own=own, on=on, earliest=earliest, today=local_date(now), gap_why=gap_why)
    _step(paper, PaperState.NUMBERED)
    paper.numbered_at = now
    db.session.flush()
    record(actor, "oversight_paper.numbered", paper, at=now, number=paper.number, gap=bool(paper.gap_why))
    if (begin := papers.NUMBERED.get(PaperType(paper.type))) is not None:
        begin(paper, actor, now)


def replace_file(paper: OversightPaper, file: StoredFile, *, actor: User, now: dt.datetime) -> None:
    """Put the scanned PDF in the place of the made one; the number stays, the hash is kept and recorded.

    :raise NotAllowed: :raise IllegalTransition: :raise NotPdf:
    """
    lock(paper)
    require(may_replace(actor.reach, paper, local_date(now)))
    if paper.state not in {PaperState.SIGNED, PaperState.NUMBERED}:
        raise IllegalTransition(PaperState(paper.state), PaperState.NUMBERED)
    if file.media_type != PDF.media_type:
        raise NotPdf
    paper.signed_file = file
    record(actor, "oversight_paper.file_replaced", paper, at=now, digest=file.original_sha256)


def may_replace(reach: Reach, paper: OversightPaper, today: dt.date) -> bool:
    """Say whether a person may hand in the scan of *paper*."""
    return may_prepare(reach, paper) or may_number(reach, paper, today)


def discard(paper: OversightPaper, *, actor: User, now: dt.datetime) -> None:
    """Throw a draft away, with what was prepared for it alone. :raise NotAllowed: :raise IllegalTransition:"""
    _to_change(paper, actor)
    record(actor, "oversight_paper.discarded", paper, at=now, type=paper.type)
    forget(paper)  # a notice would lead nowhere
    if (end := papers.DISCARDED.get(PaperType(paper.type))) is not None:
        end(paper, actor, now)
    db.session.delete(paper)
    db.session.flush()


def _check(paper: OversightPaper, now: dt.datetime) -> None:
    """Ask whether *paper* may still go on, also its matter: what was so when it was begun may have changed."""
    _require_body(paper, now)
    if (check := papers.CHECKED.get(PaperType(paper.type))) is not None:
        check(paper)


def _require_body(paper: OversightPaper, now: dt.datetime) -> None:
    """Nobody speaks for a body that has ended: what it set going would be nobody's to judge. :raise BodyEnded:"""
    if not paper.unit.exists_on(local_date(now)):
        raise BodyEnded(paper.unit.name)


def _signs_for(actor: User, unit: Unit, today: dt.date) -> Delegation | None:
    """Return the delegation by which *actor* signs for the head of *unit*, None where they sign in their own right."""
    if _heads(actor, unit, today):
        return None
    delegations = db.session.scalars(
        db.select(Delegation)
        .where(Delegation.to_id == actor.id, Delegation.starts_on <= today, Delegation.ends_on >= today, Delegation.ended_at.is_(None))
        .order_by(Delegation.id)
    )
    return next((each for each in delegations if each.is_ours and _heads(each.giver, unit, today)), None)


def _heads(user: User, unit: Unit, today: dt.date) -> bool:
    return rules.may_sign(reach_of(user, on=today, delegated=False), unit_path=unit.path)


def _to_change(paper: OversightPaper, actor: User) -> None:
    lock(paper)
    require(may_prepare(actor.reach, paper))
    if paper.state != PaperState.DRAFT:
        raise IllegalTransition(PaperState(paper.state), PaperState.DRAFT)


def _step(paper: OversightPaper, to: PaperState) -> None:
    rules.check_paper(PaperState(paper.state), to)
    paper.state = to


def _tell(people: list[User], paper: OversightPaper, hand: str, actor: User, now: dt.datetime) -> None:
    others = [user for user in people if user.id != actor.id]
    notify_users(
        others, "oversight/notices/paper_waits", paper, f"{hand}:{now.isoformat()}", now=now,
        paper_uid=str(paper.uid), type=paper.type, hand=hand, unit=paper.unit.short_name,
    )  # fmt: skip
