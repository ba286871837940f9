"""What everyone may read of the sessions: `/doi-thoai`, and the page of each one that was announced."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock, navigation
from app.access import public
from app.assignments.rules import Duty
from app.calendar.rules import Stage
from app.cursors import read_cursor, write_cursor
from app.permissions import Permission
from app.replica import from_copy
from dialogues import hall, photos, queries, rules, said, seen, words
from dialogues import public as results
from dialogues.models import AgendaItem, Session
from dialogues.operations import registering
from dialogues.views.citizen.device import known_device

bp = Blueprint("dialogues_sessions", "dialogues", url_prefix="/doi-thoai", template_folder="templates")

PAGE = 20


def init_app(app: Flask) -> None:
    """Register the pages and their menu entry."""
    app.register_blueprint(bp)
    navigation.add(app, "citizen", navigation.Entry(_l("Đối thoại"), "dialogues_sessions.index", 40))


def load(code: str) -> Session:
    """Return the session that everyone may read; 404 alike where there is none and where it was not announced."""
    session = seen.by_code(code)
    if session is None:
        abort(404)
    return session


@bp.get("")
@public
@from_copy
def index() -> str:
    """List what lies ahead, the nearest first, and what was held, the newest first."""
    before = read_cursor("sessions", request.args.get("sau", ""), dt.datetime, int)
    held = seen.past(before=before, limit=PAGE + 1)
    last = held[PAGE - 1] if len(held) > PAGE else None
    return render_template(
        "dialogues/citizen/sessions.html",
        ahead=[] if before else seen.ahead(),
        held=held[:PAGE],
        older=bool(before),
        seen=seen,
        words=words,
        now=clock.now(),
        next_url=url_for(".index", sau=write_cursor("sessions", last.starts_at, last.id)) if last and last.starts_at else None,
    )


@bp.get("/<code>")
@public
@from_copy
def show(code: str) -> str:
    """Show one session: when, where, how to come, the programme, and what was asked."""
    return page_of(load(code))


def page_of(session: Session) -> str:
    """Return the page of one session."""
    now = clock.now()
    came_of_it = result(session)  # first: it reads the items of the questions, and their units, at once
    return render_template(
        "dialogues/citizen/session.html",
        session_=session,
        now=now,
        stands=seen.day_stands(session),
        told_on=seen.last_told(session)[0] if session.status == rules.Status.CANCELLED and session.starts_at else None,
        programme=programme(session),
        takes_questions=seen.takes_questions(session, now),
        papers=results.papers(session),
        takes_support=(supporting := seen.takes_support(session)),
        supported=seen.supported(session, known_device()) if supporting else frozenset(),
        takes_seats=registering.is_open(session, now),
        themes=by_theme(session),
        supports=seen.supports(session),
        out=session.status in results.OUT,
        **came_of_it,
        enters=current_user.is_authenticated and current_user.reach.may_anywhere(Permission.FEEDBACK_ENTER),
        words=words,
        photos=photos.public(session),
        takes_from_seats=hall.takes_from_seats(session, now),
        hands=[each for each in session.hand_votes if each.public_subject],
        said=said,
        takes_evaluations=hall.takes_evaluations(session, now),
    )


def result(session: Session) -> dict[str, Any]:
    """Return what was promised, how much of it is done today, doing and answering apart, and by when the result was or is owed."""
    today = clock.today()
    found, term = results.conclusions(session, today), queries.term(Stage.PUBLISH_RESULT, session)
    owed = session.starts_at is not None and session.starts_at < clock.now() and session.status in rules.RESULT_OWED | rules.OUT
    return {
        "conclusions": found,
        "to_act": _sums([each for each in found if each.duty == Duty.ACT]),
        "to_answer": _sums([each for each in found if each.duty == Duty.ANSWER]),
        "result_due_on": term[1] if term and owed else None,
        "result_late": owed and queries.is_late(session, today),
    }


def _sums(found: list[results.Conclusion]) -> dict[str, int]:
    done, late = sum(each.done for each in found), sum(each.late and not each.done for each in found)
    return {"given": len(found), "done": done, "late": late, "rest": len(found) - done - late}


def programme(session: Session) -> list[tuple[dt.datetime | None, AgendaItem]]:
    """Return the items of the programme, each with the hour it is planned to begin at; none where the day does not stand."""
    if not seen.day_stands(session):
        return []
    at, found = session.starts_at, []
    for item in session.agenda:
        found.append((at, item))
        at = at + dt.timedelta(minutes=item.minutes) if at else None
    return found


def by_theme(session: Session) -> list[tuple[Any, list[Any]]]:
    """Return the questions that everyone may read, under their themes; those under none last. What was put together follows its like."""
    shown = seen.questions(session) + seen.untold(session)
    ids = {question.id for question in shown}
    first = [question for question in shown if question.like_id not in ids]
    groups: list[tuple[Any, list[Any]]] = []
    for theme in (*session.themes, None):
        rows = []
        for question in (each for each in first if each.theme is theme):
            rows += [question, *(each for each in shown if each.like_id == question.id)]
        if rows:
            groups.append((theme, rows))
    return groups
