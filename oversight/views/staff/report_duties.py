"""The rules by which reports are due: `/can-bo/bao-cao/quy-dinh`. Everybody here reads them; an administrator makes versions."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.administration.forms.choices import ConfirmForm
from app.administration.views.pages import install_wide
from app.administration.views.versions import Table, listed
from app.administration.words import EVIDENCE
from app.calendar.rules import Evidence
from app.database import db
from app.permissions import Permission
from app.units.words import LEVELS, UNIT_KINDS
from oversight import reports as queries
from oversight.forms.reports import ReportDutyForm
from oversight.models import ReportDuty
from oversight.operations import report_duties as operations
from oversight.reports import words
from oversight.views.staff.pages import bp
from oversight.views.staff.reports import HANDS

TABLE = Table(
    operations.BOOK,
    ".report_duties",
    "oversight.first_room",
    _l("Sau ngày này không đơn vị nào bị ghi là chậm theo quy định này."),
    {operations.NoSuchDay: ("day", _l("Tháng này không có ngày ấy. Sửa ngày hoặc tháng"))},
)


@bp.get("/bao-cao/quy-dinh")
@requires(*HANDS, Permission.SETTINGS_MANAGE)
def report_duties() -> str:
    """Show every rule with its source, and how sure we are of it."""
    today, rows = clock.today(), queries.all_duties()
    return render_template(
        "oversight/staff/report_duties.html",
        **listed(rows, today),
        kinds=UNIT_KINDS,
        levels=LEVELS,
        evidence=EVIDENCE,
        words=words,
        may_manage=current_user.reach.may(Permission.SETTINGS_MANAGE),
        form=ConfirmForm(),
    )


@bp.route("/bao-cao/quy-dinh/moi", methods=["GET", "POST"])
@install_wide
def new_report_duty() -> Any:
    """Add a rule under a code of its own."""
    form = ReportDutyForm(local=True, evidence=Evidence.SEEN)
    return TABLE.add(form, lambda: operations.add(form.said(), actor=current_user, now=clock.now()), title=_("Thêm quy định báo cáo"))


@bp.route("/bao-cao/quy-dinh/<int:duty_id>/ban-moi", methods=["GET", "POST"])
@install_wide
def change_report_duty(duty_id: int) -> Any:
    """Let a new version follow a rule from a day on."""
    row = db.get_or_404(ReportDuty, duty_id)
    form = ReportDutyForm(obj=row)
    del form.code
    return TABLE.follow(row, form, lambda: operations.change(row, form.said(), actor=current_user, now=clock.now()))


@bp.route("/bao-cao/quy-dinh/<int:duty_id>/ket-thuc", methods=["GET", "POST"])
@install_wide
def end_report_duty(duty_id: int) -> Any:
    """Let a rule end without another in its place."""
    return TABLE.end(duty_id)


@bp.post("/bao-cao/quy-dinh/<int:duty_id>/da-doi-chieu")
@install_wide
def check_report_duty(duty_id: int) -> Response:
    """Write down that the text itself was read."""
    return TABLE.check(duty_id)
