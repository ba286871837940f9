"""News of sessions to be followed with a feed reader: `/doi-thoai/tin.atom`, and of one session `/doi-thoai/<code>/tin.atom`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from flask import Blueprint, Flask, current_app, make_response, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, settings
from app.access import public
from app.audit import AuditEntry
from app.clock import LOCAL
from app.database import db
from app.formats import format_datetime
from dialogues import atom, lists, seen
from dialogues import public as results
from dialogues.models import Session
from dialogues.rules import Status
from dialogues.views.citizen.sessions import load

bp = Blueprint("dialogues_feeds", "dialogues", url_prefix="/doi-thoai")

MOST = 60


def init_app(app: Flask) -> None:
    """Register the feeds."""
    app.register_blueprint(bp)


@bp.get("/tin.atom")
@public
def sessions() -> Response:
    """Tell which sessions were announced, put off or called off, and whose result is out."""
    every = lists.announced(unit=None, place=None)
    entries = [entry for session in every for entry in _of(session)] + _put_off(every)
    return _feed(entries, title=_("Đối thoại với Nhân dân"), page=url_for("dialogues_sessions.index"), own=url_for(".sessions"))


@bp.get("/<code>/tin.atom")
@public
def session(code: str) -> Response:
    """Tell what becomes of one session, and of what was promised there."""
    found = load(code)
    entries = [*_of(found), *_put_off([found]), *_afterwards(found)]
    return _feed(entries, title=found.topic, page=_page(found), own=url_for(".session", code=found.code))


def _feed(entries: list[atom.Entry], *, title: str, page: str, own: str) -> Response:
    site = current_app.config["SITE_URL"]
    author = settings.get("authority_name") or current_app.config["SITE_NAME"]
    newest = sorted(entries, key=lambda entry: entry.at, reverse=True)[:MOST]
    response = make_response(atom.feed(newest, title=title, author=author, address=site + page, own_address=site + own, now=clock.now()))
    response.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    return response


def _page(session: Session) -> str:
    return url_for("dialogues_sessions.show", code=session.code)


def _entry(session: Session, name: str, at: dt.datetime, title: str, summary: str = "") -> atom.Entry:
    address = current_app.config["SITE_URL"] + _page(session)
    return atom.Entry(f"{address}#{name}", at, title, summary or session.unit.name, address)


def _of(session: Session) -> Iterator[atom.Entry]:
    if session.announced_at is not None:
        when = format_datetime(session.starts_at) if session.starts_at is not None and seen.day_stands(session) else ""
        summary = ", ".join(part for part in (when, session.unit.name) if part)
        # Announced again, for another day, it is news again.
        name = f"thong-bao-{session.announced_at:%Y%m%d}"
        yield _entry(session, name, session.announced_at, _("Sắp đối thoại: %(topic)s", topic=session.topic), summary)
    if session.published_at is not None:
        yield _entry(session, "ket-qua", session.published_at, _("Kết quả đối thoại: %(topic)s", topic=session.topic))


def _put_off(every: Sequence[Session]) -> list[atom.Entry]:
    """Return that sessions were put off or called off, as they stand so now; when, only the audit knows."""
    off = {session.id: session for session in every if session.status in {Status.POSTPONED, Status.CANCELLED}}
    query = db.select(AuditEntry.subject_id, AuditEntry.action, db.func.max(AuditEntry.at)).where(
        AuditEntry.subject_type == Session.__tablename__,
        AuditEntry.subject_id.in_(off),
        AuditEntry.action.in_([f"session.{Status.POSTPONED}", f"session.{Status.CANCELLED}"]),
    )
    entries = []
    for id_, action, at in db.session.execute(query.group_by(AuditEntry.subject_id, AuditEntry.action)) if off else ():
        found = off[id_]
        if action == f"session.{found.status}":
            cancelled = found.status == Status.CANCELLED
            title = _("Không họp nữa: %(topic)s", topic=found.topic) if cancelled else _("Hoãn: %(topic)s", topic=found.topic)
            entries.append(_entry(found, f"{found.status}-{at:%Y%m%d}", at, title, found.put_off_why))
    return entries


def _afterwards(session: Session) -> Iterator[atom.Entry]:
    if session.held_at is not None:
        yield _entry(session, "da-hop", session.held_at, _("Đã họp: %(topic)s", topic=session.topic))
    for number, each in enumerate(results.conclusions(session, clock.today()), start=1):
        if each.done_on is not None:
            at = dt.datetime.combine(each.done_on, dt.time(), tzinfo=LOCAL)
            title = each.text or _("Trả lời một câu hỏi mà người hỏi không đồng ý công khai")
            yield _entry(session, f"viec-{number}", at, _("Đã làm xong: %(what)s", what=title), each.unit)
