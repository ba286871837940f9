"""The rungs of the escalation ladder: whom a promise reaches, how many days before or after its day; followed or ended, never edited."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.administration import words
from app.administration.forms.choices import ConfirmForm
from app.administration.forms.escalation import RungForm
from app.administration.forms.law import EndRuleForm
from app.administration.views.pages import bp, fault, form_page, install_wide
from app.calendar.rules import Evidence
from app.database import db
from app.escalation import operations, queries
from app.escalation.models import EscalationRule
from app.escalation.words import DUTIES, LEVELS, kinds
from app.versions import Followed, RuleAlreadyThere, RuleDateInPast

SECTION = "administration.rungs"


@bp.get("/bac-don-doc")
@install_wide
def rungs() -> str:
    """Show every rung with its source, and how sure we are of it."""
    today, rows = clock.today(), queries.all_rungs()
    return render_template(
        "administration/rungs.html",
        current=[row for row in rows if row.effective_to is None or row.effective_to >= today],
        past=[row for row in rows if row.effective_to is not None and row.effective_to < today],
        newest={row.code: row.id for row in sorted(rows, key=lambda row: row.effective_from)},
        nobody=queries.nobody_count(),
        levels=LEVELS,
        kinds=kinds(),
        duties=DUTIES,
        words=words,
        today=today,
        form=ConfirmForm(),
    )


@bp.route("/bac-don-doc/moi", methods=["GET", "POST"])
@install_wide
def new_rung() -> Any:
    """Add a rung under a code of its own."""
    form = RungForm(local=True, evidence=Evidence.SEEN)
    if form.validate_on_submit():
        try:
            row = operations.add_rung(form.said(), actor=current_user, now=clock.now())
        except RuleAlreadyThere:
            fault(form.code, _("Mã này đã có; mở bậc ấy để lập bản mới"))
        else:
            return _saved(row)
    return form_page(form, title=_("Thêm bậc đôn đốc"), back=url_for(".rungs"), section=SECTION)


@bp.route("/bac-don-doc/<int:rung_id>/ban-moi", methods=["GET", "POST"])
@install_wide
def change_rung(rung_id: int) -> Any:
    """Let a new version follow a rung from a day on."""
    row = db.get_or_404(EscalationRule, rung_id)
    form = RungForm(obj=row, effective_from=None)
    del form.code
    if form.validate_on_submit():
        try:
            new = operations.change_rung(row, form.said(), actor=current_user, now=clock.now())
        except RuleDateInPast:
            fault(form.effective_from, _("Bản mới áp dụng sớm nhất từ hôm nay; việc đã qua giữ quy định lúc đó"))
        except RuleAlreadyThere:
            fault(form.effective_from, _("Đã có bản áp dụng từ ngày này hoặc sau đó"))
        else:
            return _saved(new)
    return form_page(
        form,
        title=_("Bản mới của %(code)s", code=row.code),
        back=url_for(".rungs"),
        section=SECTION,
        submit=_("Lưu bản mới"),
        intro=[_("Bản đang áp dụng sẽ kết thúc ngày liền trước. Lần đã báo thì giữ nguyên, không báo lại.")],
    )


@bp.route("/bac-don-doc/<int:rung_id>/ket-thuc", methods=["GET", "POST"])
@install_wide
def end_rung(rung_id: int) -> Any:
    """Let a rung end without another in its place."""
    row = db.get_or_404(EscalationRule, rung_id)
    form = EndRuleForm()
    if form.validate_on_submit() and form.last_day.data is not None:
        try:
            operations.end_rung(row, form.last_day.data, actor=current_user, now=clock.now())
        except RuleDateInPast:
            fault(form.last_day, _("Ngày cuối cùng sớm nhất là hôm qua, và không trước ngày bắt đầu áp dụng"))
        except Followed:
            fault(form.last_day, _("Ngày cuối cùng phải trước ngày bản mới áp dụng"))
        else:
            return _saved(row)
    return form_page(
        form,
        title=_("Kết thúc bậc %(code)s", code=row.code),
        back=url_for(".rungs"),
        section=SECTION,
        submit=_("Kết thúc bậc này"),
        intro=[_("Sau ngày này không ai được báo theo bậc này nữa.")],
        danger=True,
    )


@bp.post("/bac-don-doc/<int:rung_id>/da-doi-chieu")
@install_wide
def check_rung(rung_id: int) -> Response:
    """Write down that the text itself was read."""
    row = db.get_or_404(EscalationRule, rung_id)
    operations.check_against_text(row, actor=current_user, now=clock.now())
    return _saved(row)


def _saved(row: EscalationRule) -> Response:
    db.session.commit()
    flash(_("Đã lưu bậc %(code)s.", code=row.code), "ok")
    return redirect(url_for(".rungs"), 303)
