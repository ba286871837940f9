"""The register of promises: read, filter, choose columns, take it away as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Response, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app import clock
from app.access import requires
from app.assignments.models import Assignment
from app.assignments.rules import Duty, State
from app.audit import record
from app.calendar.queries import work_calendar
from app.cursors import read_cursor, write_cursor
from app.database import db, writing_first
from app.permissions import Permission
from app.replica import from_copy
from app.units.models import Field, Place, Unit
from app.units.queries import by_level_and_name
from dialogues.models import Session
from oversight import register as queries
from oversight import words
from oversight.board import picture, saved
from oversight.register import ages, cuts, kinds, sheet
from oversight.register.columns import COLUMNS, DEFAULT, TASK, Line
from oversight.register.shown import shown
from oversight.views.staff.asked import Asked, asked
from oversight.views.staff.letters import kinds_written
from oversight.views.staff.pages import bp

#: So many sessions a filter offers, the newest first.
SESSIONS = 200
#: What the form asks for; the rest of an address goes along unseen.
IN_FORM = {
    "don-vi", "rieng", "cap", "noi", "linh-vuc", "buoi", "nguon", "tinh-trang", "tuoi", "bac", "tre-tu", "tre-den", "xep", "cot", "theo",
}  # fmt: skip


@bp.get("/viec-da-cam-ket")
@requires(Permission.REGISTER_READ)
@from_copy
def register() -> str:
    """Show the register: one list, its counts, its filters as addresses."""
    wanted, today, calendar = asked(), clock.today(), work_calendar()
    after = _after(wanted)
    reach = current_user.reach
    found = queries.page(wanted.cut, reach, today, after=after, sort=wanted.sort, limit=queries.PAGE + 1)
    rows = found[: queries.PAGE]
    answers = queries.answers_of(rows)
    numbers = queries.outside_numbers(rows) if any(column.code == "so-khac" for column in wanted.columns) else {}
    lines = [Line(row, answers.get(row.id), numbers.get(row.id, ""), today, calendar) for row in rows]
    more = [column for column in wanted.columns if column.code not in DEFAULT]
    return render_template(
        "oversight/staff/register.html",
        rows=[
            shown(line.row, line.answer, reach=reach, today=today, calendar=calendar) | {"more": [column.cells(line)[0] for column in more]}
            for line in lines
        ],
        more=more,
        shows={column.code for column in wanted.columns},
        may_write=any(kinds_written([line.row for line in lines])),
        about=kinds.to_citizens(),
        today=today,
        next_url=_next(wanted, rows[-1], today) if len(found) > queries.PAGE else None,
        **around(wanted, today),
    )


def _after(wanted: Asked) -> tuple[Any, int] | None:
    """Return where the page begins. A list sorted otherwise has cursors of its own."""
    first = int if wanted.sort == "late" and not queries.is_open_view(wanted.cut) else dt.date
    found = read_cursor(_cursor(wanted), request.args.get("after", ""), first, int)
    return found and (found[0], found[1])


def _next(wanted: Asked, last: Assignment, today: dt.date) -> str:
    place = queries.place_of(last, wanted.sort, wanted.cut, today)
    return url_for(".register", **wanted.arguments(), after=write_cursor(_cursor(wanted), *place))


def _cursor(wanted: Asked) -> str:
    return f"register:{wanted.sort}:{'open' if queries.is_open_view(wanted.cut) else 'any'}"


def around(wanted: Asked, today: dt.date) -> dict[str, Any]:
    """Return what stands above the list and above the picture: what is seen, in words and in numbers, and how to see another part."""
    # Both duties, whichever is listed: the number of the other one leads there.
    numbers = queries.counts(replace(wanted.cut, duty=""), current_user.reach, today)
    is_picture = request.endpoint == "oversight.picture"
    arguments = wanted.arguments(picture=is_picture)
    seen = sum(of_duty[wanted.cut.view] for duty, of_duty in numbers.items() if wanted.cut.duty in {"", duty})
    return {
        "asked": wanted,
        "cut": wanted.cut,
        "said": cuts.said(wanted.cut),
        "whose": cuts.whose(current_user.reach),
        "seen_count": seen,
        "counts": [(words.DUTY_HEADS[duty], _counts(wanted, duty, numbers.get(duty, {}))) for duty in Duty],
        "groups": _groups(wanted),
        "hidden": {name: value for name, value in arguments.items() if name not in IN_FORM},
        "lists": _lists(),
        "columns": COLUMNS,
        "task_column": TASK.code,
        "narrowed": bool(set(arguments) & (IN_FORM - {"cot", "xep", "theo"})),
        "narrowed_more": bool(set(arguments) & {"cap", "buoi", "nguon", "tinh-trang", "tuoi", "bac", "tre-tu", "tre-den", "rieng"}),
        "saved": saved.of(current_user),
        "keep_url": url_for(".keep_view", trang=request.endpoint.rpartition(".")[2] if request.endpoint else "", **arguments),
        "files": {ending: url_for(".export", ending=ending, **wanted.arguments()) for ending in sheet.CELL_BYTES},
        "megabytes": {ending: sheet.megabytes(ending, seen, wanted.columns) for ending in sheet.CELL_BYTES},
    }


@bp.get("/viec-da-cam-ket/bang-tinh.<any(xlsx, csv):ending>")
@requires(Permission.REGISTER_READ)
def export(ending: str) -> Response:
    """Give the register as it is seen, the same part with the same columns, as a spreadsheet or as CSV. Who took it away is recorded."""
    with writing_first():
        record(current_user, "register.exported", current_user.unit, at=clock.now(), ending=ending)
    wanted, today = asked(), clock.today()
    name = f"so-viec-da-hua-{today.isoformat()}.{ending}"
    lines = _lines(wanted, today)
    if ending == "csv":
        parts, kind = sheet.csv_lines(lines, wanted.columns), "text/csv; charset=utf-8"
    else:
        numbers = queries.counts(wanted.cut, current_user.reach, today)
        number = sum(of_duty[wanted.cut.view] for of_duty in numbers.values())
        parts = sheet.xlsx_parts(lines, wanted.columns, cut=cuts.said(wanted.cut), today=today, number=number)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = Response(stream_with_context(parts), content_type=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _lines(wanted: Asked, today: dt.date) -> Iterator[Line]:
    # Who asks is read before the first batch: after each one the session forgets every row it held, the reader's too.
    reach, calendar = current_user.reach, work_calendar()
    rows = queries.everything(wanted.cut, reach, today, sort=wanted.sort)
    return (Line(row, answer, outside, today, calendar) for row, answer, outside in rows)


def _counts(wanted: Asked, duty: Duty, numbers: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "number": numbers.get(view, 0),
            "url": wanted.url(view=view, duty=duty.value),
            "current": wanted.cut.view == view and wanted.cut.duty == duty and request.endpoint == "oversight.register",
        }
        for view, label in words.SHORT_VIEWS.items()
    ]


def _groups(wanted: Asked) -> list[dict[str, Any]]:
    """Return what is chosen by one press: the duty, the view, the order; of the picture the duty alone, and by what it counts."""
    endpoint = request.endpoint or "oversight.register"
    duties = [("", _("trả lời và làm")), *((duty, str(word)) for duty, word in words.DUTIES.items())]
    groups = [
        {
            "label": _("Việc phải"),
            "choices": [
                {"label": word, "url": wanted.url(endpoint, duty=str(duty)), "current": wanted.cut.duty == duty} for duty, word in duties
            ],
        }
    ]
    if endpoint == "oversight.picture":
        choices = [(code, replace(wanted, by=code).url(endpoint), wanted.by == code) for code in picture.DIMENSIONS]
        groups.append({"label": _("Đếm theo"), "choices": [_choice(words.DIMENSIONS[code], url, now) for code, url, now in choices]})
    else:
        views = [(view, wanted.url(view=view), wanted.cut.view == view) for view in words.VIEWS]
        groups.append({"label": _("Xem"), "choices": [_choice(words.VIEWS[view], url, now) for view, url, now in views]})
        sorts = [(sort, replace(wanted, sort=sort).url(), wanted.sort == sort) for sort in queries.SORTS]
        groups.append({"label": _("Xếp"), "choices": [_choice(words.SORTS[sort], url, now) for sort, url, now in sorts]})
    return groups


def _choice(label: Any, url: str, current: bool) -> dict[str, Any]:  # noqa: FBT001 - a line of a list, in its order
    return {"label": label, "url": url, "current": current}


def _holds(unit: Unit) -> bool:
    """Say whether there can be promises of *unit* in this reader's register. In an area anybody may owe something."""
    reach = current_user.reach
    areas = any(scope.place_id for scope in reach.scopes(Permission.REGISTER_READ))
    return areas or reach.may(Permission.REGISTER_READ, unit_path=unit.path)


def _lists() -> dict[str, Any]:
    """Return what the filter form offers."""
    person, of_it = current_user, select(Assignment.id).where(Assignment.__table__.c.session_id == Session.id)
    # Asked of each session, the newest first: the sessions of a million promises are not read for so many of them.
    seen = queries.narrowed(of_it, queries.Cut(view="all"), clock.today(), person.reach).exists()
    return {
        "units": by_level_and_name(unit for unit in db.session.scalars(db.select(Unit).where(Unit.handles_feedback)) if _holds(unit)),
        "places": db.session.scalars(
            db.select(Place).where(Place.kind.in_(["ward", "commune", "special_zone"])).order_by(Place.sort_key)
        ).all(),
        "fields": db.session.scalars(db.select(Field).order_by(Field.position)).all(),
        "sessions": db.session.scalars(db.select(Session).where(seen).order_by(Session.starts_at.desc(), Session.id).limit(SESSIONS)).all(),
        "levels": words.LEVELS,
        "sources": [(name, kind.label) for name, kind in queries.KINDS.items()],
        "states": [(state.value, words.STATES[state]) for state in State],
        "ages": [(each.code, words.days(each.first, each.last)) for each in ages.AGES],
        "rungs": [*((str(level), name) for level, name in words.RUNGS.items()), (cuts.WITHOUT, words.WITHOUT["bac"])],
        "without": cuts.WITHOUT,
    }
