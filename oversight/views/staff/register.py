"""The register of promises: read, filter, take it away as a spreadsheet."""

from __future__ import annotations

import datetime as dt
import tempfile
from typing import Any

from flask import Response, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.access import requires
from app.calendar.queries import work_calendar
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.permissions import Permission
from app.units.models import Field, Place, Unit
from app.units.queries import by_level_and_name
from oversight import cuts, sheet, words
from oversight import register as queries
from oversight.shown import shown
from oversight.views.staff.pages import bp


@bp.get("/viec-da-cam-ket")
@requires(Permission.REGISTER_READ)
def register() -> str:
    """Show the register: one list, its counts, its filters as addresses."""
    cut, today, calendar = _cut(), clock.today(), work_calendar()
    after = read_cursor("register", request.args.get("after", ""), dt.date, int)
    rows = queries.page(cut, current_user.reach, today, own_path=current_user.unit.path, after=after, limit=queries.PAGE + 1)
    held = rows[: queries.PAGE]
    answers = queries.answers_of(held)
    return render_template(
        "oversight/staff/register.html",
        rows=[
            shown(row, answers.get(row.id), reach=current_user.reach, own_path=current_user.unit.path, today=today, calendar=calendar)
            for row in held
        ],
        counts=_counts(cut, today),
        groups=_groups(cut),
        cut=cut,
        next_url=_url(after=write_cursor("register", held[-1].due_sort, held[-1].id)) if len(rows) > queries.PAGE else None,
        export_url=url_for(".export", **_arguments()),
        lists=_lists(),
    )


@bp.get("/viec-da-cam-ket/bang-tinh.xlsx")
@requires(Permission.REGISTER_READ)
def export() -> Response:
    """Give the register as it is filtered, as a spreadsheet."""
    cut, today = _cut(), clock.today()
    file = tempfile.TemporaryFile()  # noqa: SIM115  send_file closes it
    rows = queries.everything(cut, current_user.reach, today, own_path=current_user.unit.path)
    sheet.write(file, rows, cut=cuts.said(cut), today=today, calendar=work_calendar())
    file.seek(0)
    return send_file(
        file,
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_attachment=True,
        download_name=f"so-viec-da-hua-{today.isoformat()}.xlsx",
    )


def _cut() -> queries.Cut:
    return cuts.cut_of(request.args)


def _arguments() -> dict[str, Any]:
    return cuts.arguments(_cut())


def _url(**over: str | None) -> str:
    asked: dict[str, Any] = _arguments() | over
    return url_for(".register", **{name: value for name, value in asked.items() if value})


def _counts(cut: queries.Cut, today: dt.date) -> list[dict[str, Any]]:
    numbers = queries.counts(cut, current_user.reach, today, own_path=current_user.unit.path)
    return [
        {
            "label": label,
            "number": sum(each[view] for each in numbers.values()),
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
