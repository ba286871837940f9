"""Which roles need a second factor, and the end of one that was lost, by two people."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock, settings
from app.access import requires
from app.accounts import factors, resets
from app.accounts.models import FactorReset
from app.accounts.signing_in import REQUIRED, recent
from app.administration.forms.doors import ResetForm, SecondFactorForm
from app.administration.views.pages import bp, form_page, install_wide
from app.administration.views.people import changeable
from app.database import db
from app.permissions import Permission
from app.steps import Steps

SECTION = "administration.users"
RECENT = 15  # minutes

STEPS = Steps(
    {
        resets.NothingToReset: _l("Tài khoản này không dùng xác nhận hai bước, không có gì để đặt lại"),
        resets.AskedAlready: _l("Đã có đề nghị, đang chờ người quản trị khác đồng ý"),
        resets.DecidedAlready: _l("Đề nghị này đã có người quyết định, hoặc đã quá 7 ngày"),
        resets.NeedsAnother: _l("Cần một người quản trị khác: không ai đặt lại cho mình, và người đề nghị không tự đồng ý"),
    },
    "administration/form.html",
)


@bp.route("/xac-nhan-hai-buoc", methods=["GET", "POST"])
@install_wide
@recent(RECENT)
def second_factor_roles() -> Any:
    """Choose the roles that need a second factor."""
    form = SecondFactorForm(roles=settings.get(REQUIRED))
    if form.validate_on_submit():
        settings.change(REQUIRED, form.roles.data or [], actor=current_user, now=clock.now())
        db.session.commit()
        flash(_("Đã lưu. Ai thiếu thì từ trang sau phải đặt xác nhận hai bước."), "ok")
        return redirect(url_for(".settings"))
    return form_page(
        form,
        title=_("Vai trò cần xác nhận hai bước"),
        back=url_for(".settings"),
        section="administration.settings",
        intro=[_("Người có vai trò được chọn phải thêm khóa truy cập hoặc ứng dụng xác thực thì mới làm việc được.")],
    )


@bp.route("/nguoi-dung/<int:user_id>/dat-lai-xac-nhan", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
@recent(RECENT)
def reset_factors(user_id: int) -> Any:
    """Ask that somebody's second factors end; or show what was asked, for another administrator to decide."""
    row = changeable(user_id)
    asked = resets.open_for(row, now=clock.now())
    if asked is not None and request.method == "GET":
        return render_template(
            "administration/reset.html", row=row, asked=asked, mine=asked.asked_by_id == current_user.id, form=ResetForm()
        )
    form, back = ResetForm(), url_for(".user", user_id=row.id)

    def ask() -> None:
        resets.ask(row, reason=form.reason.data or "", actor=current_user, today=clock.today(), now=clock.now())

    gone = STEPS.taken(form, ask, done=_("Đã ghi đề nghị. Một người quản trị khác đồng ý thì mới đặt lại."), back=back)
    return gone or form_page(
        form,
        title=_("Đặt lại xác nhận hai bước của %(name)s", name=row.name),
        back=back,
        section=SECTION,
        submit=_("Đề nghị đặt lại"),
        intro=[
            _("Chỉ khi đã gặp hoặc gọi đúng người ấy. Một người quản trị khác phải đồng ý; người ấy nhận thư báo ngay."),
            _("Tài khoản này chưa dùng xác nhận hai bước.") if not factors.has_any(row) else "",
        ],
        danger=True,
    )


@bp.post("/nguoi-dung/<int:user_id>/dat-lai-xac-nhan/<int:reset_id>/<any('dong-y', khong):answer>")
@requires(Permission.ACCOUNT_MANAGE)
@recent(RECENT)
def decide_reset(user_id: int, reset_id: int, answer: str) -> Any:
    """Agree that somebody's second factors end, or not."""
    row = changeable(user_id)
    asked = db.first_or_404(db.select(FactorReset).where(FactorReset.id == reset_id, FactorReset.user_id == row.id))
    agreed = answer == "dong-y"

    def decide() -> None:
        resets.decide(asked, agreed=agreed, actor=current_user, today=clock.today(), now=clock.now())

    said = _("Đã đặt lại. %(name)s đăng nhập bằng mật khẩu rồi đặt xác nhận hai bước từ đầu.", name=row.name)
    return STEPS.press(decide, done=said if agreed else _("Đã ghi: không đặt lại."), back=url_for(".user", user_id=row.id))
