"""What people may do and where, and who stands in for them."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock, settings
from app.access import NotAllowed, requires
from app.accounts import agreeing, guarded, rights
from app.accounts.models import Delegation, Grant, RoleRequest, User
from app.accounts.signing_in import present, recent
from app.accounts.words import ROLES
from app.administration.forms.choices import ConfirmForm
from app.administration.forms.users import DelegationForm, RoleForm
from app.administration.views.pages import bp, fault, form_page
from app.administration.views.people import changeable, others, with_units
from app.database import db
from app.permissions import Permission, Role
from app.units.models import Place, Unit

SECTION = "administration.users"
WAITS = _l(
    "Vai trò Quản trị, Kiểm tra nhật ký, Người tiếp nhận tố cáo cần người thứ hai đồng ý, rồi có hiệu lực sau trọn một ngày. "
    "Những người đang giữ được báo ngay."
)


@bp.route("/nguoi-dung/<int:user_id>/vai-tro", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
@recent(15)
def give_role(user_id: int) -> Any:
    """Give somebody a role over a unit, an area or the whole install."""
    row = changeable(user_id)
    form = with_units(RoleForm(unit_id=row.unit_id, starts_on=clock.today()), with_place=True)
    if form.validate_on_submit() and _scope_named(form):
        role = Role(form.role.data)
        give = agreeing.ask if guarded.by_two(role) else rights.give_role
        try:
            given = give(
                row,
                role,
                unit=db.session.get(Unit, form.unit_id.data) if form.scope.data == "unit" else None,
                place=db.session.get(Place, form.place_id.data) if form.scope.data == "place" else None,
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                actor=present(),
                today=clock.today(),
                now=clock.now(),
            )
        except rights.GrantOverlaps:
            fault(form.role, _("Người này đã có vai trò ấy trong phạm vi ấy"))
        except rights.OverBeforeItHolds:
            fault(form.ends_on, _("Ngày cuối ở trước ngày đầu"))
        except rights.GrantToOneself:
            fault(form.role, _("Không tự giao vai trò này cho mình. Người quản trị khác giao"))
        except agreeing.AskedAlready:
            fault(form.role, _("Vai trò này đã có người đề nghị cho người này, đang chờ người thứ hai đồng ý"))
        except NotAllowed:
            fault(form.scope, _("Phạm vi này rộng hơn phạm vi quản trị của mình"))
        else:
            db.session.commit()
            flash(_given(row, given), "ok")
            return redirect(url_for(".user", user_id=row.id))
    return form_page(
        form,
        title=_("Giao vai trò cho %(name)s", name=row.name),
        back=url_for(".user", user_id=row.id),
        section=SECTION,
        submit=_("Giao vai trò"),
        intro=[str(WAITS)] if settings.get("set_up") else (),
    )


def _given(row: User, given: Grant | RoleRequest) -> str:
    if isinstance(given, RoleRequest):
        return _("Đã ghi đề nghị giao vai trò cho %(name)s. Người thứ hai đồng ý thì sau trọn một ngày vai trò có hiệu lực.", name=row.name)
    return _("Đã giao vai trò cho %(name)s.", name=row.name)


def _scope_named(form: RoleForm) -> bool:
    if form.scope.data == "unit" and not form.unit_id.data:
        fault(form.unit_id, _("Chọn đơn vị"))
    if form.scope.data == "place" and not form.place_id.data:
        fault(form.place_id, _("Chọn địa bàn"))
    if form.ends_on.data and form.ends_on.data < form.starts_on.data:
        fault(form.ends_on, _("Ngày cuối ở trước ngày đầu"))
    return not form.errors


@bp.route("/nguoi-dung/<int:user_id>/vai-tro/<int:grant_id>/thoi", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
@recent(15)
def end_role(user_id: int, grant_id: int) -> Any:
    """Ask, then end a role."""
    row, grant = changeable(user_id), db.get_or_404(Grant, grant_id)
    if grant.user_id != row.id:
        abort(404)
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            rights.end_grant(grant, actor=current_user, today=clock.today(), now=clock.now())
        except rights.LastAdministrator:
            flash(_("Đây là người quản trị toàn hệ thống duy nhất; giao vai trò này cho người khác trước."), "error")
        else:
            db.session.commit()
            flash(_("Đã thôi vai trò."), "ok")
        return redirect(url_for(".user", user_id=row.id))
    return form_page(
        form,
        title=_("Thôi vai trò %(role)s của %(name)s", role=str(ROLES[Role(grant.role)]), name=row.name),
        back=url_for(".user", user_id=row.id),
        section=SECTION,
        submit=_("Thôi vai trò"),
        intro=[_("Có hiệu lực ngay. Việc người này đã làm vẫn giữ tên.")],
        danger=True,
    )


@bp.route("/nguoi-dung/<int:user_id>/uy-quyen", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
@recent(15)
def delegate(user_id: int) -> Any:
    """Let a deputy act and sign for somebody between two days."""
    row = changeable(user_id)
    form = DelegationForm(starts_on=clock.today())
    form.offer(others(row))
    if form.validate_on_submit() and delegated(form, row):
        return redirect(url_for(".user", user_id=row.id))
    return form_page(
        form,
        title=_("Ủy quyền của %(name)s", name=row.name),
        back=url_for(".user", user_id=row.id),
        section=SECTION,
        submit=_("Ghi ủy quyền"),
        intro=[
            _("Trong thời gian này người được ủy quyền làm và ký mọi việc thuộc vai trò của người ủy quyền. Hết ngày thì tự thôi."),
            _("Vai trò Quản trị, Kiểm tra nhật ký, Người tiếp nhận tố cáo không ủy quyền được."),
        ],
    )


def delegated(form: DelegationForm, giver: User) -> bool:
    """Let the chosen person act for *giver*, and say so; or say at the form why not."""
    try:
        rights.delegate(
            giver,
            db.session.get(User, form.deputy_id.data) or giver,
            form=form.form.data,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            actor=current_user,
            today=clock.today(),
            now=clock.now(),
        )
    except rights.DelegationInvalid:
        _say_what_is_wrong(form)
    except rights.NotADeputy:
        fault(form.form, _("Người này không phải cấp phó nên không ký thay. Chọn hình thức khác, hoặc chọn người có chức vụ “Phó …”"))
    except rights.DelegationOverlaps:
        fault(form.deputy_id, _("Người này đã được ủy quyền trong những ngày ấy. Chọn ngày khác, hoặc thôi ủy quyền cũ trước"))
    else:
        db.session.commit()
        flash(_("Đã ghi ủy quyền."), "ok")
        return True
    return False


def _say_what_is_wrong(form: DelegationForm) -> None:
    """Let *form* say why such a delegation makes no sense."""
    if not form.deputy_id.data:
        fault(form.deputy_id, _("Chọn người được ủy quyền"))
    else:
        fault(form.ends_on, _("Ngày cuối phải từ hôm nay trở đi và không trước ngày đầu"))


@bp.post("/nguoi-dung/<int:user_id>/uy-quyen/<int:delegation_id>/thoi")
@requires(Permission.ACCOUNT_MANAGE)
@recent(15)
def end_delegation(user_id: int, delegation_id: int) -> Any:
    """End a delegation before its day."""
    row = db.get_or_404(Delegation, delegation_id)
    if user_id not in {row.from_id, row.to_id}:
        abort(404)
    rights.end_delegation(row, actor=current_user, today=clock.today(), now=clock.now())
    db.session.commit()
    flash(_("Đã thôi ủy quyền."), "ok")
    return redirect(url_for(".user", user_id=user_id))
