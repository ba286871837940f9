"""The rules behind the board: who must meet the people, how often, by which text: `/can-bo/doi-thoai/nghia-vu/quy-dinh`.

Everybody who reads dialogues reads them; an administrator of the whole install adds, follows and ends them.
"""

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
from dialogues import board
from dialogues.forms.duties import DutyForm
from dialogues.models import MeetingDuty
from dialogues.operations import duties
from dialogues.views.staff.pages import bp

TABLE = Table(
    duties.BOOK,
    ".duty_rules",
    "dialogue_staff.duty_rules",
    _l("Sau ngày này không đơn vị nào bị ghi là chậm theo nghĩa vụ này."),
    {duties.InsideMonth: ("effective_from", _l("Nghĩa vụ tính theo tháng bắt đầu từ ngày 1 của một tháng"))},
)


@bp.get("/nghia-vu/quy-dinh")
@requires(Permission.DIALOGUE_READ, Permission.SETTINGS_MANAGE)
def duty_rules() -> str:
    """Show every duty with its source, and how sure we are of it."""
    today, rows = clock.today(), board.all_duties()
    return render_template(
        "dialogues/staff/duty_rules.html",
        **listed(rows, today),
        kinds=UNIT_KINDS,
        levels=LEVELS,
        evidence=EVIDENCE,
        may_manage=current_user.reach.may(Permission.SETTINGS_MANAGE),
        form=ConfirmForm(),
    )


@bp.route("/nghia-vu/quy-dinh/moi", methods=["GET", "POST"])
@install_wide
def new_duty() -> Any:
    """Add a duty under a code of its own."""
    form = DutyForm(local=True, evidence=Evidence.SEEN)
    return TABLE.add(form, lambda: duties.add(form.said(), actor=current_user, now=clock.now()), title=_("Thêm nghĩa vụ gặp dân"))


@bp.route("/nghia-vu/quy-dinh/<int:duty_id>/ban-moi", methods=["GET", "POST"])
@install_wide
def change_duty(duty_id: int) -> Any:
    """Let a new version follow a duty from a day on."""
    row = db.get_or_404(MeetingDuty, duty_id)
    form = DutyForm(obj=row)
    del form.code
    return TABLE.follow(row, form, lambda: duties.change(row, form.said(), actor=current_user, now=clock.now()))


@bp.route("/nghia-vu/quy-dinh/<int:duty_id>/ket-thuc", methods=["GET", "POST"])
@install_wide
def end_duty(duty_id: int) -> Any:
    """Let a duty end without another in its place."""
    return TABLE.end(duty_id)


@bp.post("/nghia-vu/quy-dinh/<int:duty_id>/da-doi-chieu")
@install_wide
def check_duty(duty_id: int) -> Response:
    """Write down that the text itself was read."""
    return TABLE.check(duty_id)
