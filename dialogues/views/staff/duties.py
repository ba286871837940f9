"""The rules behind the board: who must meet the people, how often, by which text: `/can-bo/doi-thoai/nghia-vu/quy-dinh`.

Everybody who reads dialogues reads them; an administrator of the whole install adds, follows and ends them.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.administration.forms.choices import ConfirmForm
from app.administration.forms.law import EndRuleForm
from app.administration.views.pages import fault, form_page, install_wide
from app.administration.words import EVIDENCE
from app.calendar.rules import Evidence
from app.database import db
from app.permissions import Permission
from app.units.words import LEVELS, UNIT_KINDS
from app.versions import Followed, RuleAlreadyThere, RuleDateInPast
from dialogues import board
from dialogues.forms.duties import DutyForm
from dialogues.models import MeetingDuty
from dialogues.operations import duties
from dialogues.views.staff.pages import bp

SECTION = "dialogue_staff.duty_rules"


@bp.get("/nghia-vu/quy-dinh")
@requires(Permission.DIALOGUE_READ, Permission.SETTINGS_MANAGE)
def duty_rules() -> str:
    """Show every duty with its source, and how sure we are of it."""
    today, rows = clock.today(), board.all_duties()
    return render_template(
        "dialogues/staff/duty_rules.html",
        current=[row for row in rows if row.effective_to is None or row.effective_to >= today],
        past=[row for row in rows if row.effective_to is not None and row.effective_to < today],
        newest={row.code: row.id for row in sorted(rows, key=lambda row: row.effective_from)},
        kinds=UNIT_KINDS,
        levels=LEVELS,
        evidence=EVIDENCE,
        today=today,
        may_manage=current_user.reach.may(Permission.SETTINGS_MANAGE),
        form=ConfirmForm(),
    )


@bp.route("/nghia-vu/quy-dinh/moi", methods=["GET", "POST"])
@install_wide
def new_duty() -> Any:
    """Add a duty under a code of its own."""
    form = DutyForm(local=True, evidence=Evidence.SEEN)
    if form.validate_on_submit():
        try:
            row = duties.add(form.said(), actor=current_user, now=clock.now())
        except RuleAlreadyThere:
            fault(form.code, _("Mã này đã có; mở nghĩa vụ ấy để lập bản mới"))
        except duties.InsideMonth:
            _inside_month(form)
        else:
            return _saved(row)
    return form_page(form, title=_("Thêm nghĩa vụ gặp dân"), back=url_for(".duty_rules"), section=SECTION)


@bp.route("/nghia-vu/quy-dinh/<int:duty_id>/ban-moi", methods=["GET", "POST"])
@install_wide
def change_duty(duty_id: int) -> Any:
    """Let a new version follow a duty from a day on."""
    row = db.get_or_404(MeetingDuty, duty_id)
    form = DutyForm(obj=row, effective_from=None)
    del form.code
    if form.validate_on_submit():
        try:
            new = duties.change(row, form.said(), actor=current_user, now=clock.now())
        except RuleDateInPast:
            fault(form.effective_from, _("Bản mới áp dụng sớm nhất từ hôm nay; việc đã qua giữ quy định lúc đó"))
        except RuleAlreadyThere:
            fault(form.effective_from, _("Đã có bản áp dụng từ ngày này hoặc sau đó"))
        except duties.InsideMonth:
            _inside_month(form)
        else:
            return _saved(new)
    return form_page(
        form,
        title=_("Bản mới của %(code)s", code=row.code),
        back=url_for(".duty_rules"),
        section=SECTION,
        submit=_("Lưu bản mới"),
        intro=[_("Bản đang áp dụng sẽ kết thúc ngày liền trước.")],
    )


@bp.route("/nghia-vu/quy-dinh/<int:duty_id>/ket-thuc", methods=["GET", "POST"])
@install_wide
def end_duty(duty_id: int) -> Any:
    """Let a duty end without another in its place."""
    row = db.get_or_404(MeetingDuty, duty_id)
    form = EndRuleForm()
    if form.validate_on_submit() and form.last_day.data is not None:
        try:
            duties.end(row, form.last_day.data, actor=current_user, now=clock.now())
        except RuleDateInPast:
            fault(form.last_day, _("Ngày cuối cùng sớm nhất là hôm qua, và không trước ngày bắt đầu áp dụng"))
        except Followed:
            fault(form.last_day, _("Đã có bản mới của nghĩa vụ này. Ngày cuối cùng phải trước ngày bản mới áp dụng"))
        else:
            return _saved(row)
    return form_page(
        form,
        title=_("Kết thúc nghĩa vụ %(code)s", code=row.code),
        back=url_for(".duty_rules"),
        section=SECTION,
        submit=_("Kết thúc nghĩa vụ"),
        intro=[_("Sau ngày này không đơn vị nào bị ghi là chậm theo nghĩa vụ này.")],
        danger=True,
    )


@bp.post("/nghia-vu/quy-dinh/<int:duty_id>/da-doi-chieu")
@install_wide
def check_duty(duty_id: int) -> Response:
    """Write down that the text itself was read."""
    row = db.get_or_404(MeetingDuty, duty_id)
    duties.check_against_text(row, actor=current_user, now=clock.now())
    return _saved(row)


def _inside_month(form: DutyForm) -> None:
    fault(form.effective_from, _("Nghĩa vụ tính theo tháng bắt đầu từ ngày 1 của một tháng"))


def _saved(row: MeetingDuty) -> Response:
    db.session.commit()
    flash(_("Đã lưu nghĩa vụ %(code)s.", code=row.code), "ok")
    return redirect(url_for(".duty_rules"), 303)
