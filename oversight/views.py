"""The promise register for MTTQ and the steering committee: read, filter, open one, take it away as a spreadsheet."""

from __future__ import annotations

import datetime as dt
import tempfile
from typing import Any

import xlsxwriter
from flask import Blueprint, Response, abort, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import audit, clock
from app.access import requires
from app.assignments.models import Assignment
from app.assignments.rules import Duty, State
from app.calendar.days import CalendarNotLoaded, WorkCalendar, working_days_between
from app.calendar.queries import work_calendar
from app.clock import local_date
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.formats import due_chip, format_date
from app.permissions import Permission
from app.text import spreadsheet_safe
from app.units.models import Field, Place, Unit
from oversight import queries

blueprint = Blueprint("oversight", __name__, template_folder="templates", url_prefix="/can-bo/viec-da-cam-ket")

VIEWS: dict[str, Any] = {
    "late": _l("Quá hạn"),
    "soon": _l("Còn 0 đến 3 ngày"),
    "open": _l("Đang làm"),
    "undated": _l("Chưa có hạn, đang tạm dừng"),
    "done": _l("Báo đã xong"),
    "verified": _l("Đã xem thực tế"),
    "ended": _l("Đã trả lại, thôi"),
    "all": _l("Tất cả"),
}
ICONS = {"late": "late", "soon": "today", "open": "clock", "undated": "pause", "done": "done", "verified": "check"}
DUTIES: dict[str, Any] = {Duty.ANSWER: _l("trả lời"), Duty.ACT: _l("làm")}
STATES: dict[str, Any] = {
    State.OFFERED: _l("chờ nhận"),
    State.TAKEN: _l("đang làm"),
    State.DONE: _l("đơn vị báo đã xong"),
    State.VERIFIED: _l("đã xem thực tế"),
    State.RETURNED: _l("đã trả lại"),
    State.CANCELLED: _l("thôi, việc đã kết thúc cách khác"),
}
#: What happened to a promise, in words.
EVENTS: dict[str, Any] = {
    "assignment.made": _l("giao việc"),
    "assignment.taken": _l("đơn vị nhận xử lý"),
    "assignment.given": _l("giao cho cán bộ"),
    "assignment.returned": _l("đơn vị trả lại"),
    "assignment.transferred": _l("chuyển đơn vị khác"),
    "assignment.done": _l("đơn vị báo đã xong"),
    "assignment.verified": _l("đã xem thực tế"),
    "assignment.cancelled": _l("thôi, việc đã kết thúc cách khác"),
}


@blueprint.get("")
@requires(Permission.REGISTER_READ)
def register() -> str:
    """Show the register: one list, its counts, its filters as addresses."""
    cut, today = _cut(), clock.today()
    after = read_cursor("register", request.args.get("after", ""), dt.date, int)
    rows = queries.page(cut, current_user.reach, today, after=after, limit=queries.PAGE + 1)
    shown = rows[: queries.PAGE]
    calendar = work_calendar()
    return render_template(
        "oversight/register.html",
        rows=[(row, chip(row, today, calendar)) for row in shown],
        counts=_counts(cut, today),
        groups=_groups(cut),
        cut=cut,
        next_url=_url(after=write_cursor("register", shown[-1].due_sort, shown[-1].id)) if len(rows) > queries.PAGE else None,
        export_url=url_for(".export", **_arguments()),
        lists=_lists(),
        duties=DUTIES,
        states=STATES,
    )


@blueprint.get("/<int:assignment_id>")
@requires(Permission.REGISTER_READ)
def promise(assignment_id: int) -> str:
    """Show one promise and the history behind it."""
    row = queries.promise(assignment_id, current_user.reach)
    if row is None:
        abort(404)
    today, calendar = clock.today(), work_calendar()
    return render_template(
        "oversight/promise.html",
        row=row,
        chip=chip(row, today, calendar),
        held=[(holding, _days(holding.from_at, holding.to_at, calendar)) for holding in row.holdings],
        history=list(reversed(audit.entries_about(row))),
        words=EVENTS,
        duties=DUTIES,
        states=STATES,
    )


@blueprint.get("/bang-tinh.xlsx")
@requires(Permission.REGISTER_READ)
def export() -> Response:
    """Give the register as it is filtered, as a spreadsheet without formulas; memory stays flat."""
    cut, today, calendar = _cut(), clock.today(), work_calendar()
    file = tempfile.TemporaryFile()  # noqa: SIM115  send_file closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, date = book.add_worksheet(str(_("Việc đã cam kết"))), book.add_format({"num_format": "dd/mm/yyyy"})
    heads = (
        _("Mã"), _("Nội dung"), _("Việc phải"), _("Đơn vị"), _("Xã, phường"), _("Lĩnh vực"), _("Tình trạng"), _("Giao ngày"), _("Hạn đầu"),
        _("Hạn hiện nay"), _("Xong ngày"), _("Trễ (ngày làm việc)"), _("Số lần chuyển"),
        _("Số ở hệ thống khác"),
    )  # fmt: skip
    sheet.write_row(0, 0, heads, book.add_format({"bold": True}))
    for number, (row, outside) in enumerate(queries.everything(cut, current_user.reach, today), start=1):
        closed_on = local_date(row.closed_at) if row.closed_at else None
        cells: tuple[Any, ...] = (
            row.reference, row.title, str(DUTIES[row.duty]), row.unit.name, row.place.full_name if row.place else "",
            row.field.name if row.field else "", str(STATES[row.state]), local_date(row.opened_at), row.first_due_on, row.due_on, closed_on,
            _late_by(row, today, calendar), row.hops, outside,
        )  # fmt: skip
        for column, cell in enumerate(cells):
            if isinstance(cell, dt.date):
                sheet.write_datetime(number, column, dt.datetime.combine(cell, dt.time()), date)
            else:
                sheet.write(number, column, spreadsheet_safe(cell))
    book.close()
    file.seek(0)
    return send_file(
        file,
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_attachment=True,
        download_name=f"viec-da-cam-ket-{today.isoformat()}.xlsx",
    )


def chip(row: Assignment, today: dt.date, calendar: WorkCalendar) -> dict[str, Any]:
    """Return the due chip of a promise: what burns while it is open, what became of it afterwards."""
    if row.closed_at is not None:
        if row.state in {State.RETURNED, State.CANCELLED}:
            return {"state": "hold", "text": str(STATES[row.state])}
        late = _late_by(row, today, calendar)
        if late:
            return {"state": "late", "text": _("Xong, trễ %(n)s ngày làm việc", n=late)}
        return {"state": "done", "text": _("Xong đúng hạn")}
    if row.due_on is None:
        return {"state": "hold", "text": _("Chưa có hạn")}
    try:
        left = working_days_between(today, row.due_on, calendar)
    except CalendarNotLoaded:
        return {"state": "ok", "text": format_date(row.due_on)}
    return dict(due_chip(row.due_on, today, left))


def _late_by(row: Assignment, today: dt.date, calendar: WorkCalendar) -> int:
    if not row.is_late(today) or row.due_on is None or row.state in {State.RETURNED, State.CANCELLED}:
        return 0
    end = local_date(row.closed_at) if row.closed_at else today
    try:
        return working_days_between(row.due_on, end, calendar)
    except CalendarNotLoaded:
        return (end - row.due_on).days


def _days(start: dt.datetime, end: dt.datetime | None, calendar: WorkCalendar) -> int | None:
    try:
        return working_days_between(local_date(start), local_date(end) if end else clock.today(), calendar)
    except CalendarNotLoaded:
        return None


def _cut() -> queries.Cut:
    """Read the cut from the address; what names nothing is left out, so an old link still opens."""
    asked = request.args
    return queries.Cut(
        view=view if (view := asked.get("xem", "open")) in VIEWS else "open",
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
    numbers = queries.counts(cut, current_user.reach, today)
    return [
        {
            "label": label,
            "number": numbers[view],
            "url": _url(xem=view),
            "icon": ICONS.get(view),
            "tone": "late" if view == "late" else None,
            "current": cut.view == view,
        }
        for view, label in VIEWS.items()
    ]


def _groups(cut: queries.Cut) -> list[dict[str, Any]]:
    duties = [("", _("tất cả")), *((duty, str(word)) for duty, word in DUTIES.items())]
    return [
        {
            "label": _("Việc phải"),
            "choices": [{"label": word, "url": _url(viec=duty), "current": cut.duty == duty} for duty, word in duties],
        }
    ]


def _lists() -> dict[str, Any]:
    """Return what the filter form offers."""
    return {
        "units": db.session.scalars(db.select(Unit).where(Unit.handles_feedback).order_by(Unit.path)).all(),
        "places": db.session.scalars(
            db.select(Place).where(Place.kind.in_(["ward", "commune", "special_zone"])).order_by(Place.sort_key)
        ).all(),
        "fields": db.session.scalars(db.select(Field).order_by(Field.position)).all(),
    }
