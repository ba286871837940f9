"""A role that two people give: what was asked, by whom, and the second person's answer."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.access import signed_in
from app.accounts import agreeing, guarded, rights
from app.accounts.models import RoleRequest
from app.accounts.signing_in import present, recent
from app.accounts.views import bp
from app.accounts.words import ROLES
from app.database import db
from app.permissions import Role
from app.steps import Steps

FRESH = 5  # minutes since who agrees showed who they are: shorter than elsewhere, for this cannot be taken back unseen

STEPS = Steps(
    {
        agreeing.NeedsAnother: _l(
            "Cần một người khác đồng ý: không phải người đề nghị, không phải người nhận, "
            "không phải tài khoản hai người ấy vừa lập hoặc mời lại"
        ),
        agreeing.DecidedAlready: _l("Đề nghị này đã có người quyết định, hoặc đã quá 7 ngày"),
        rights.GrantOverlaps: _l("Người này đã có vai trò ấy trong phạm vi ấy"),
        rights.OverBeforeItHolds: _l("Ngày cuối của vai trò đến trước ngày có hiệu lực. Đề nghị lại với ngày khác"),
    },
    "one_form.html",
)


@bp.get("/tai-khoan/giao-vai-tro/<int:request_id>")
@signed_in
@recent(FRESH)
def role_request(request_id: int) -> str:
    """Show what is asked, to who asked, whose agreement counts or who keeps watch."""
    row, now, today = _found(request_id), clock.now(), clock.today()
    by = {"today": today, "now": now}
    return render_template(
        "accounts/role_request.html",
        row=row,
        role=ROLES[Role(row.role)],
        mine=row.asked_by_id == current_user.id,
        is_open=guarded.is_open(row, now=now),
        may_agree=agreeing.may_agree(row, present(), **by),
        may_refuse=agreeing.may_refuse(row, present(), **by),
    )


@bp.post("/tai-khoan/giao-vai-tro/<int:request_id>/<any('dong-y', khong):answer>")
@signed_in
@recent(FRESH)
def decide_role(request_id: int, answer: str) -> Any:
    """Agree that somebody gets the role, or not."""
    row, back = _found(request_id), url_for(".role_request", request_id=request_id)
    by: dict[str, Any] = {"actor": present(), "today": clock.today(), "now": clock.now()}
    if answer == "dong-y":
        return STEPS.press(lambda: agreeing.agree(row, **by), done=_("Đã đồng ý. Vai trò có hiệu lực sau trọn một ngày."), back=back)
    return STEPS.press(lambda: agreeing.refuse(row, **by), done=_("Đã ghi: không giao vai trò này."), back=back)


def _found(request_id: int) -> RoleRequest:
    row = db.session.get(RoleRequest, request_id)
    if row is None or not agreeing.may_see(row, present(), today=clock.today()):
        abort(404)
    return row
