"""The register of promises: read, filter, take it away as a spreadsheet."""

from __future__ import annotations

import datetime as dt
import tempfile
from typing import Any

from flask import Response, abort, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import audit, clock
from app.access import requires
from app.assignments.chips import chip_of
from app.assignments.models import Assignment
from app.assignments.rules import Duty
from app.calendar.days import CalendarNotLoaded, WorkCalendar, working_days_between
from app.calendar.queries import work_calendar
from app.clock import local_date
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.permissions import Permission
from app.units.models import Field, Place, Unit
from app.units.queries import by_level_and_name
from dialogues import queries as dialogue_queries
from dialogues import rules as dialogue_rules
from dialogues.models import ConclusionAssignment
from feedback import rules
from feedback.models import FeedbackAssignment, Paper
from feedback.queries import standing_of
from feedback.words import assignment_state
from oversight import register as queries
from oversight import sheet, words
from oversight.views.staff.pages import bp


@bp.get("/viec-da-cam-ket")
@requires(Permission.REGISTER_READ)
def register() -> str:
    """Show the register: one list, its counts, its filters as addresses."""
    cut, today, calendar = _cut(), clock.today(), work_calendar()
    after = read_cursor("register", request.args.get("after", ""), dt.date, int)
    rows = queries.page(cut, current_user.reach, today, own_path=current_user.unit.path, after=after, limit=queries.PAGE + 1)
    shown = rows[: queries.PAGE]
    answers = queries.answers_of(shown)
    return render_template(
        "oversight/staff/register.html",
        rows=[_shown(row, answers.get(row.id), today, calendar) for row in shown],
        counts=_counts(cut, today),
        groups=_groups(cut),
        cut=cut,
        next_url=_url(after=write_cursor("register", shown[-1].due_sort, shown[-1].id)) if len(rows) > queries.PAGE else None,
        export_url=url_for(".export", **_arguments()),
        lists=_lists(),
    )


@bp.get("/viec-da-cam-ket/<int:assignment_id>")
@requires(Permission.REGISTER_READ)
def promise(assignment_id: int) -> str:
    """Show one promise, the item and the answer it belongs to, and the history behind it."""
    row = queries.promise(assignment_id, current_user.reach, clock.today(), own_path=current_user.unit.path)
    if row is None:
        abort(404)
    today, calendar = clock.today(), work_calendar()
    return render_template(
        "oversight/staff/promise.html",
        held=[(holding, _days(holding.from_at, holding.to_at, calendar)) for holding in row.holdings],
        history=[(entry.at, words.event(entry.action, row.duty)) for entry in reversed(audit.entries_about(row))],
        **_shown(row, queries.answers_of([row]).get(row.id), today, calendar),
    )


@bp.get("/viec-da-cam-ket/bang-tinh.xlsx")
@requires(Permission.REGISTER_READ)
def export() -> Response:
    """Give the register as it is filtered, as a spreadsheet."""
    cut, today = _cut(), clock.today()
    file = tempfile.TemporaryFile()  # noqa: SIM115  send_file closes it
    rows = queries.everything(cut, current_user.reach, today, own_path=current_user.unit.path)
    sheet.write(file, rows, cut=_said(cut), today=today, calendar=work_calendar())
    file.seek(0)
    return send_file(
        file,
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_attachment=True,
        download_name=f"so-viec-da-hua-{today.isoformat()}.xlsx",
    )


def _shown(row: Assignment, answer: Paper | None, today: dt.date, calendar: WorkCalendar) -> dict[str, Any]:
    """Return a promise as both pages show it."""
    if isinstance(row, ConclusionAssignment):
        may_read = dialogue_rules.may_read(current_user.reach, dialogue_queries.standing_of(row.session))
    else:
        may_read = isinstance(row, FeedbackAssignment) and rules.may_read(
            current_user.reach, standing_of(row.feedback), own_path=current_user.unit.path
        )
    return {
        "row": row,
        "of_session": isinstance(row, ConclusionAssignment),
        "may_read": may_read,
        "chip": chip_of(row, today=today, calendar=calendar),
        "duty": words.duty(row),
        "state": assignment_state(row),
        "task": words.task(row, may_read=may_read),
        "matter": words.matter(row, may_read=may_read) if row.duty == Duty.ACT else "",
        "answer": answer,
        "answered_on": sheet.dated(answer),
    }


def _said(cut: queries.Cut) -> str:
    """Return in words what part of the register *cut* is."""
    place = db.session.get(Place, cut.place_id) if cut.place_id else None
    field = db.session.get(Field, cut.field_id) if cut.field_id else None
    parts = [words.VIEWS[cut.view], words.DUTIES.get(cut.duty), cut.unit and cut.unit.name, place and place.full_name, field and field.name]
    return "; ".join(str(part) for part in parts if part)


def _days(start: dt.datetime, end: dt.datetime | None, calendar: WorkCalendar) -> int | None:
    try:
        return working_days_between(local_date(start), local_date(end) if end else clock.today(), calendar)
    except CalendarNotLoaded:
        return None


def _cut() -> queries.Cut:
    """Read the cut from the address; what names nothing is left out, so an old link still opens."""
    asked = request.args
    return queries.Cut(
        view=view if (view := asked.get("xem", "open")) in words.VIEWS else "open",
        duty=asked.get("viec", "") if asked.get("viec") in set(Duty) else "",
        unit=_row(Unit, asked.get("don-vi")),
        place_id=place.id if (place := _row(Place, asked.get("noi"))) else None,
        field_id=field.id if (field := _row(Field, asked.get("linh-vuc"))) else None,
    )


def _row(model: Any, code: str | None) -> Any:
    return db.session.scalar(db.select(model).where(model.code == code[:50])) if code else None


def _arguments() -> dict[str, Any]:
    return {name: value for name, value in request.args.items() if name in {"xem", "viec", "don-vi", "noi", "linh-vuc"} and value}


def _url(**over: str | None) -> str:
    asked: dict[str, Any] = _arguments() | over
    return url_for(".register", **{name: value for name, value in asked.items() if value})


def _counts(cut: queries.Cut, today: dt.date) -> list[dict[str, Any]]:
    numbers = queries.counts(cut, current_user.reach, today, own_path=current_user.unit.path)
    return [
        {
            "label": label,
            "number": numbers[view],
            "url": _url(xem=view),
            "icon": words.ICONS.get(view),
            "tone": "late" if view == "late" else None,
            "current": cut.view == view,
        }
        for view, label in words.VIEWS.items()
    ]


def _groups(cut: queries.Cut) -> list[dict[str, Any]]:
    duties = [("", _("tất cả")), *((duty, str(word)) for duty, word in words.DUTIES.items())]
    return [
        {
            "label": _("Việc phải"),
            "choices": [{"label": word, "url": _url(viec=duty), "current": cut.duty == duty} for duty, word in duties],
        }
    ]


def _lists() -> dict[str, Any]:
    """Return what the filter form offers."""
    return {
        "units": by_level_and_name(db.session.scalars(db.select(Unit).where(Unit.handles_feedback))),
        "places": db.session.scalars(
            db.select(Place).where(Place.kind.in_(["ward", "commune", "special_zone"])).order_by(Place.sort_key)
        ).all(),
        "fields": db.session.scalars(db.select(Field).order_by(Field.position)).all(),
    }
