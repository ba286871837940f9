"""The sample of each month: how it was drawn, how far the looks are, and drawing it again: `/can-bo/mau-kiem-tra`."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.administration.views.pages import install_wide
from app.administration.words import EVIDENCE
from app.permissions import Permission
from app.versions import RuleAlreadyThere, RuleDateInPast
from oversight.checks import checked
from oversight.forms.checks import SamplingForm
from oversight.models import CheckSample
from oversight.operations import sampling
from oversight.views.staff.checks import facts_of, watcher
from oversight.views.staff.pages import REFUSALS, bp, one_form, press

P = Permission
REFUSALS |= {
    sampling.NoSamplingRule: _l("Chưa có quy định rút bao nhiêu việc. Nhờ quản trị đặt tỷ lệ trước."),
    sampling.MonthNotOver: _l("Tháng này chưa hết. Chỉ rút mẫu của tháng đã qua."),
    sampling.ShareOutside: _l("Số ít nhất lớn hơn số nhiều nhất. Sửa một trong hai."),
    RuleDateInPast: _l("Ngày áp dụng đã qua. Chọn từ hôm nay trở đi."),
    RuleAlreadyThere: _l("Đã có quy định áp dụng từ ngày ấy hoặc sau đó. Chọn ngày khác."),
}


@bp.get("/mau-kiem-tra")
@requires(P.REGISTER_READ, P.SETTINGS_MANAGE)
def samples() -> str:
    """Show every draw with how far it is, and by which rule the next one is made."""
    found, today = checked.samples(), clock.today()
    month = sampling.month_before(today)
    return render_template(
        "oversight/staff/samples.html",
        rows=found,
        progress=checked.progress([each.id for each in found]),
        rule=sampling.rule_on(today),
        coming=sampling.rules_after(today),
        evidence=EVIDENCE,
        month=month,
        may_draw=current_user.reach.may(P.OVERSIGHT_VERIFY) and all(each.month != month for each in found),
        may_manage=current_user.reach.may(P.SETTINGS_MANAGE),
        form=FlaskForm(),
    )


def load(year: int, month: int) -> CheckSample:
    """Return the draw of that month; 404 where there is none."""
    found = None
    with suppress(ValueError, OverflowError):  # no month, no year
        found = checked.sample_of(dt.date(year, month, 1))
    if found is None:
        abort(404)
    return found


@bp.get("/mau-kiem-tra/<int:year>/<int:month>")
@requires(P.REGISTER_READ)
def sample(year: int, month: int) -> str:
    """Show one draw: how it was made, and its list to work off."""
    found = load(year, month)
    tasks = checked.tasks_of(found, watcher())
    return render_template(
        "oversight/staff/sample.html",
        sample=found,
        rows=[facts_of(each.assignment) | {"task_row": each, "lookable": checked.lookable(each.assignment)} for each in tasks],
        done=checked.progress([found.id]).get(found.id, (0, 0)),
        may_look=current_user.reach.may_anywhere(P.OVERSIGHT_VERIFY),
        form=FlaskForm(),
    )


@bp.post("/mau-kiem-tra/rut")
@requires(P.OVERSIGHT_VERIFY)
def draw_sample() -> Response:
    """Draw the sample of the month before by hand; drawn already, it stays as it is."""
    now = clock.now()
    month = sampling.month_before(clock.today())
    return press(
        lambda: sampling.draw_by_hand(month, actor=current_user, now=now),
        done=_("Đã rút mẫu tháng %(month)s.", month=f"{month.month}/{month.year}"),
        back=url_for(".samples"),
    )


@bp.post("/mau-kiem-tra/<int:year>/<int:month>/rut-lai")
@requires(P.REGISTER_READ)
def repeat_draw(year: int, month: int) -> Response:
    """Draw it again from its seed, and say whether it is the same list."""
    found = load(year, month)
    if not FlaskForm().validate_on_submit():
        abort(400)
    if sampling.draws_again(found):
        flash(_("Rút lại từ mầm đã ghi: ra đúng danh sách này."), "ok")
    else:
        flash(_("Rút lại từ mầm đã ghi: KHÔNG ra danh sách này. Danh sách, mầm hoặc tập việc đã bị sửa; báo người quản trị."), "warn")
    return redirect(url_for(".sample", year=year, month=month), 303)


@bp.route("/mau-kiem-tra/ty-le", methods=["GET", "POST"])
@install_wide
def sampling_rule() -> Any:
    """Set how much is drawn, from a day on; what held before stays written."""
    rule = sampling.rule_on(clock.today())
    form = SamplingForm(obj=rule) if rule is not None else SamplingForm()
    if not form.is_submitted():
        form.effective_from.data = clock.today()

    def do() -> None:
        names = ("name", "share", "minimum", "maximum", "source", "effective_from")
        said = {name: form[name].data for name in names} | {"evidence": "seen"}
        sampling.change_rule(said, actor=current_user, now=clock.now())

    return one_form(
        form, do, done=_("Đã đặt quy định rút mẫu."), back=url_for(".samples"), title=_("Mỗi tháng kiểm tra bao nhiêu việc"),
        submit=_("Đặt quy định"), crumb=_("Mẫu kiểm tra hằng tháng"),
    )  # fmt: skip
