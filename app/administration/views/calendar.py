"""The year as the counting of days knows it."""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.administration import words
from app.administration.forms.choices import ConfirmForm
from app.administration.forms.law import DayForm
from app.administration.views.pages import bp, fault, form_page, install_wide, row_id
from app.calendar import operations
from app.calendar.days import CalendarNotLoaded, DayKind
from app.calendar.models import CalendarDay, CalendarYear
from app.calendar.queries import calendar_days
from app.database import db

#: Called as each() in the transaction that changed the calendar: a domain has its open clocks counted again.
on_change: list[Callable[[], Any]] = []


@bp.get("/lich")
@install_wide
def calendar() -> Any:
    """Go to this year."""
    return redirect(url_for(".calendar_year", year=clock.today().year))


@bp.get("/lich/<int:year>")
@install_wide
def calendar_year(year: int) -> str:
    """Show a year: every month, and its special days with their sources."""
    loaded = {row.year: row for row in db.session.scalars(db.select(CalendarYear).order_by(CalendarYear.year))}
    if year not in loaded:
        abort(404)
    days = calendar_days(year)
    special = {day.day: day for day in days if day.active}
    months = [
        [[(day, special.get(day)) if day.month == month else None for day in week] for week in _weeks(year, month)]
        for month in range(1, 13)
    ]
    return render_template(
        "administration/calendar.html", year=loaded[year], years=list(loaded), days=days, months=months, kinds=words.DAY_KINDS
    )


def _weeks(year: int, month: int) -> list[list[dt.date]]:
    return gregorian.Calendar().monthdatescalendar(year, month)


@bp.route("/lich/ngay-moi", methods=["GET", "POST"])
@install_wide
def add_day() -> Any:
    """Make a day special; `ngay` in the address begins with one that is known and not observed."""
    known = db.session.get(CalendarDay, row_id("ngay") or 0)
    form = DayForm(obj=known, source="") if known is not None and not known.active else DayForm()
    if form.validate_on_submit() and form.day.data is not None:
        try:
            row = operations.add_day(
                form.day.data,
                kind=DayKind(form.kind.data),
                name=form.name.data or "",
                source=form.source.data or "",
                actor=current_user,
                now=clock.now(),
            )
        except operations.DayAlreadyThere:
            fault(form.day, _("Lịch đã ghi ngày này; bỏ dòng cũ rồi thêm lại"))
        except CalendarNotLoaded as error:
            fault(form.day, _("Chưa có lịch năm %(year)d; bản cập nhật phần mềm sẽ mang lịch năm ấy", year=error.year))
        else:
            _count_again()
            db.session.commit()
            flash(_("Đã ghi vào lịch. Hạn của việc đang mở được tính lại."), "ok")
            return redirect(url_for(".calendar_year", year=row.day.year))
    return form_page(
        form,
        title=_("Thêm ngày vào lịch"),
        back=url_for(".calendar"),
        section="administration.calendar",
        intro=[_("Hạn của mọi việc đang mở được tính lại theo lịch mới; mỗi hạn thay đổi đều ghi vào nhật ký.")],
    )


@bp.route("/lich/ngay/<int:day_id>/bo", methods=["GET", "POST"])
@install_wide
def remove_day(day_id: int) -> Any:
    """Ask, then let a day be what its weekday says."""
    row = db.get_or_404(CalendarDay, day_id)
    form = ConfirmForm()
    if not row.active:
        abort(404)
    if form.validate_on_submit():
        operations.remove_day(row, actor=current_user, now=clock.now())
        _count_again()
        db.session.commit()
        flash(_("Đã bỏ khỏi lịch. Hạn của việc đang mở được tính lại."), "ok")
        return redirect(url_for(".calendar_year", year=row.day.year))
    day = f"{row.day.day}/{row.day.month}/{row.day.year}"
    return form_page(
        form,
        title=_("Bỏ ngày %(day)s (%(name)s) khỏi lịch", day=day, name=row.name),
        back=url_for(".calendar_year", year=row.day.year),
        section="administration.calendar",
        submit=_("Bỏ khỏi lịch"),
        intro=[_("Ngày này sẽ tính như ngày thường trong tuần. Hạn của mọi việc đang mở được tính lại.")],
        danger=True,
    )


def _count_again() -> None:
    for each in on_change:
        each()
