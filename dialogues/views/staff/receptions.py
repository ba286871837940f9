"""The calendar of the days on which heads of units receive citizens: `/can-bo/doi-thoai/tiep-cong-dan`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock
from app.access import requires
from app.administration.views.pages import row_id
from app.calendar.days import CalendarNotLoaded, WorkCalendar
from app.calendar.queries import work_calendar
from app.permissions import Permission
from app.units.models import Unit
from dialogues import receptions as lists
from dialogues.forms.receptions import DayForm, MonthsForm
from dialogues.operations import receptions
from dialogues.views.staff.choices import units_to_prepare_for
from dialogues.views.staff.pages import REFUSALS, bp, one_form

#: A day may be entered so long after it was, for instance from the paper register.
LATE = dt.timedelta(days=366)
MONTHS_AHEAD = 12


class DayOutOfBounds(Exception):
    """A day of another year, or of a month already over."""


REFUSALS |= {
    receptions.DayTaken: _l("Đơn vị đã có lịch tiếp công dân trong ngày này."),
    receptions.DayPast: _l("Ngày tiếp phải từ hôm nay trở đi."),
    receptions.ReasonMissing: _l("Ghi lý do để báo cho người đã hẹn."),
    receptions.TooFewSlots: _l("Giờ mới không đủ lượt cho những người đã hẹn. Kéo dài giờ hoặc bớt số phút mỗi lượt."),
    receptions.NotTheHead: _l("Người tiếp phải là người đứng đầu đơn vị. Không ghi cấp phó tiếp thay."),
    receptions.TooEarly: _l("Chưa đến ngày tiếp nên chưa ghi được."),
    receptions.VisitsUnmarked: _l("Còn người đã hẹn chưa ghi là đến hay không đến. Mở sổ ghi từng người trước."),
    receptions.ConclusionMissing: _l("Chưa có kết luận nên chưa có thông báo để ghi số."),
    receptions.NumberTaken: _l("Số này đã ghi cho một thông báo khác của đơn vị trong năm."),
    receptions.NumberedWrongDay: _l("Ngày văn bản từ ngày tiếp đến hôm nay."),
    receptions.NoSuchItem: _l("Không có ý kiến nào mang mã này."),
    CalendarNotLoaded: _l("Chưa có lịch làm việc của năm ấy nên chưa biết ngày nào nghỉ."),
    DayOutOfBounds: _l("Ngày tiếp phải trong khoảng từ một năm trước đến một năm sau hôm nay."),
}


def check_bounds(day: dt.date, today: dt.date) -> None:
    """:raise DayOutOfBounds: for a day that is too far away, a slip of the finger most likely."""
    if abs(day - today) > LATE:
        raise DayOutOfBounds


@bp.get("/tiep-cong-dan", endpoint="receptions")
@requires(Permission.DIALOGUE_READ)
def receptions_() -> str:
    """Show the days of the units in reach, what comes next above what was."""
    today, reach, unit_id = clock.today(), current_user.reach, row_id("don-vi")
    return render_template(
        "dialogues/staff/receptions.html",
        coming=lists.of_reach(reach, today=today, past=False, unit_id=unit_id),
        past=lists.of_reach(reach, today=today, past=True, unit_id=unit_id),
        only=unit_id,
        may_prepare=reach.may_anywhere(Permission.DIALOGUE_PREPARE),
    )


@bp.route("/tiep-cong-dan/them", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def add_reception() -> Any:
    """Put one day into the calendar."""
    form, today = DayForm(data={"unit": str(current_user.unit_id)}), clock.today()
    units = _units(form)

    def add() -> None:
        day = form.day.data or today
        check_bounds(day, today)
        receptions.add_days(units[form.unit.id_chosen], [day], form.hours(), actor=current_user, now=clock.now())

    return one_form(
        form,
        add,
        title=_("Thêm một ngày tiếp công dân"),
        submit=_("Thêm vào lịch"),
        done=_("Đã thêm vào lịch tiếp công dân."),
        back=url_for(".receptions"),
        crumb=_("Tiếp công dân"),
        intro=[_("Người dân thấy ngày này trên trang và đặt hẹn được ngay.")],
    )


@bp.route("/tiep-cong-dan/them-nhieu", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def add_receptions() -> Any:
    """Put the same days of some months into the calendar; one that is not worked goes to the next working day."""
    form, today = MonthsForm(data={"unit": str(current_user.unit_id)}), clock.today()
    units = _units(form)
    first = today.year * 12 + today.month - 1
    months = [divmod(first + step, 12) for step in range(MONTHS_AHEAD)]
    form.month.choices = [
        SelectChoice(f"{year}-{month + 1}", _("tháng %(month)s/%(year)s", month=month + 1, year=year)) for year, month in months
    ]

    def add() -> None:
        calendar = work_calendar()
        days = {_working(day, calendar) for day in form.dates if day >= today}
        if not days:
            raise receptions.DayPast
        receptions.add_days(units[form.unit.id_chosen], days, form.hours(), actor=current_user, now=clock.now())

    return one_form(
        form,
        add,
        title=_("Lên lịch tiếp công dân nhiều tháng"),
        submit=_("Thêm vào lịch"),
        done=_("Đã thêm vào lịch tiếp công dân. Ngày đã có lịch từ trước giữ nguyên."),
        back=url_for(".receptions"),
        crumb=_("Tiếp công dân"),
    )


def _working(day: dt.date, calendar: WorkCalendar) -> dt.date:
    while not calendar.is_working(day):
        day += dt.timedelta(days=1)
    return day


def _units(form: Any) -> dict[int | None, Unit]:
    """Give the form the units for which the person plans, and return these by id."""
    units = units_to_prepare_for(clock.today())
    form.unit.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    return {unit.id: unit for unit in units}
