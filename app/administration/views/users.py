"""People with an account: who they are, what they may do and where, who stands in for them, and their leaving."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock
from app.access import requires
from app.accounts import agreeing, factors, guarded, invitations, operations, resets, rights
from app.accounts.addresses import row_id
from app.accounts.models import User
from app.accounts.queries import delegations_of, grants_of, people
from app.accounts.signing_in import present, recent
from app.accounts.words import DELEGATION_FORMS, ROLES
from app.administration.forms import choices
from app.administration.forms.users import LeaveForm, MoveForm, UserForm
from app.administration.views.pages import bp, fault, form_page
from app.administration.views.people import changeable, may_change, others, person, with_units
from app.database import db
from app.permissions import Permission, Role
from app.units.models import Unit

SECTION = "administration.users"
PAGE = 50
RECENT = 15  # minutes


@bp.get("/nguoi-dung")
@requires(Permission.ACCOUNT_MANAGE)
def users() -> str:
    """Show the people of the units below the administrator, by given name."""
    words, state = request.args.get("q", "")[:100], request.args.get("tinh-trang", "")
    active = {"nghi": False, "tat-ca": None}.get(state, True)
    unit = db.session.get(Unit, row_id("don-vi") or 0)
    statement = people(
        current_user.reach.scopes(Permission.ACCOUNT_MANAGE), words=words, active=active, unit_path=unit.path if unit else None
    )
    start = _position(statement, row_id("sau"))
    rows = list(db.session.scalars(start.limit(PAGE + 1)))
    here: dict[str, Any] = {"q": words or None, "tinh-trang": state or None, "don-vi": unit.id if unit else None}
    return render_template(
        "administration/users.html",
        rows=rows[:PAGE],
        words=words,
        state=state,
        unit=unit,
        here=here,
        next_url=url_for(".users", **here, sau=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_url=url_for(".users", **here) if "sau" in request.args else None,
    )


def _position(statement: Any, after_id: int | None) -> Any:
    after = db.session.get(User, after_id) if after_id is not None else None
    if after is None:
        return statement
    return statement.where((User.name_sort > after.name_sort) | ((User.name_sort == after.name_sort) & (User.id > after.id)))


@bp.route("/nguoi-dung/moi", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
@recent(RECENT)
def new_user() -> Any:
    """Make an account; the person gets a link to choose a password."""
    form = with_units(UserForm(unit_id=row_id("don-vi")))
    if form.validate_on_submit():
        now = clock.now()
        try:
            user = operations.create_user(
                name=form.name.data or "",
                email=form.email.data or "",
                form_of_address=form.form_of_address.data,
                title=form.title.data or "",
                unit=db.session.get_one(Unit, form.unit_id.data),
                actor=current_user,
                now=now,
            )
        except operations.EmailTaken:
            fault(form.email, _("E-mail này đã có tài khoản"))
        else:
            return _invited(user)
    return form_page(
        form,
        title=_("Thêm người dùng"),
        back=url_for(".users"),
        section=SECTION,
        submit=_("Thêm và gửi liên kết đặt mật khẩu") if current_app.config["SMTP_HOST"] else _("Thêm và lấy liên kết đặt mật khẩu"),
        intro=[
            _("Người ấy nhận e-mail có liên kết để tự đặt mật khẩu. Vai trò giao ở bước sau.")
            if current_app.config["SMTP_HOST"]
            else _("Chưa đặt máy chủ thư: bước sau hiện liên kết để đưa tận tay người ấy. Vai trò giao sau nữa.")
        ],
    )


@bp.post("/nguoi-dung/<int:user_id>/moi-lai")
@requires(Permission.ACCOUNT_MANAGE)
@recent(RECENT)
def invite_again(user_id: int) -> Any:
    """Make a new link to choose a password; the old password and links stop working."""
    return _invited(db.get_or_404(User, user_id))


def _invited(user: User) -> Any:
    last_on = operations.invite(user, actor=current_user, today=clock.today(), now=clock.now())
    db.session.commit()
    # Shown on this very answer and never again: not in an address, not in a session, not in a log.
    return render_template(
        "administration/invited.html",
        user=user,
        link=invitations.link(user, last_on),
        last_on=last_on,
        roles=[ROLES[Role(each.role)] for each in guarded.open_for(user, now=clock.now())],
        section=SECTION,
    )


@bp.get("/nguoi-dung/<int:user_id>")
@requires(Permission.ACCOUNT_MANAGE)
def user(user_id: int) -> str:
    """Show one person."""
    row = person(user_id)
    today, now = clock.today(), clock.now()
    return render_template(
        "administration/user.html",
        row=row,
        today=today,
        grants=grants_of(row, on=today),
        delegations=delegations_of(row, on=today),
        roles=ROLES,
        forms=DELEGATION_FORMS,
        open_work=sum(count(row) for count in operations.open_work),
        may_change=may_change(row),
        has_factor=factors.has_any(row),
        reset=resets.open_for(row, now=now),
        asked_roles=[each for each in guarded.open_for(row, now=now) if agreeing.may_see(each, present(), today=today)],
    )


@bp.route("/nguoi-dung/<int:user_id>/sua", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
@recent(RECENT)
def edit_user(user_id: int) -> Any:
    """Change who somebody is and where they work."""
    row = changeable(user_id)
    today, before, email = clock.today(), row.unit, row.email
    over_units = [(grant, grant.unit.path) for grant in grants_of(row, on=today) if grant.unit is not None]
    form = with_units((MoveForm if over_units else UserForm)(obj=row))
    if form.validate_on_submit():
        unit = db.session.get_one(Unit, form.unit_id.data)
        elsewhere = [grant for grant, path in over_units if unit is not before and not path.startswith(unit.path)]
        ends = elsewhere and form.old_roles.data == "end"
        try:
            operations.change_user(
                row,
                name=form.name.data or "",
                email=form.email.data or "",
                form_of_address=form.form_of_address.data,
                title=form.title.data or "",
                unit=unit,
                actor=current_user,
                today=today,
                now=clock.now(),
            )
        except operations.EmailTaken:
            fault(form.email, _("E-mail này là của tài khoản khác"))
        else:
            for grant in elsewhere if ends else ():
                rights.end_grant(grant, actor=current_user, today=today, now=clock.now())
            db.session.commit()
            flash(_("Đã lưu; vai trò ở đơn vị cũ thôi từ hôm nay.") if ends else _("Đã lưu."), "ok")
            if row.email != email:
                flash(_("Đã báo cho cả e-mail cũ và mới. Liên kết đặt mật khẩu đã gửi hết dùng được; chưa đặt mật khẩu thì gửi lại."), "ok")
            return redirect(url_for(".user", user_id=row.id))
    return form_page(form, title=_("Sửa %(name)s", name=row.name), back=url_for(".user", user_id=row.id), section=SECTION)


@bp.route("/nguoi-dung/<int:user_id>/nghi", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
@recent(RECENT)
def leave(user_id: int) -> Any:
    """Take somebody out of service and hand what they have to another."""
    row = changeable(user_id)
    if not row.active:
        abort(404)
    work = sum(count(row) for count in operations.open_work)
    form = LeaveForm()
    form.to_id.choices = [SelectChoice("", _("Chọn người") if work else _("Không có việc đang làm")), *choices.people(others(row))]
    if form.validate_on_submit():
        if work and not form.to_id.data:
            fault(form.to_id, _("Còn %(work)d việc đang làm; chọn người nhận", work=work))
        else:
            return _left(row, form)
    return form_page(
        form,
        title=_("Cho %(name)s thôi dùng tài khoản", name=row.name),
        back=url_for(".user", user_id=row.id),
        section=SECTION,
        submit=_("Thôi dùng tài khoản"),
        intro=[_("Mọi vai trò, ủy quyền và phiên đăng nhập kết thúc ngay. Việc đã làm vẫn giữ tên người làm.")],
        danger=True,
    )


def _left(row: User, form: LeaveForm) -> Any:
    to = db.session.get(User, form.to_id.data) if form.to_id.data else None
    try:
        moved = operations.deactivate(row, to=to, actor=current_user, today=clock.today(), now=clock.now())
    except rights.LastAdministrator:
        db.session.rollback()
        flash(_("Đây là người quản trị toàn hệ thống duy nhất; giao vai trò này cho người khác trước."), "error")
        return redirect(url_for(".user", user_id=row.id))
    db.session.commit()
    if to is None:
        flash(_("%(name)s đã thôi dùng tài khoản.", name=row.name), "ok")
    else:
        flash(_("%(name)s đã thôi dùng tài khoản; %(moved)d việc chuyển sang %(to)s.", name=row.name, moved=moved, to=to.name), "ok")
    return redirect(url_for(".users"))


@bp.post("/nguoi-dung/<int:user_id>/tro-lai")
@requires(Permission.ACCOUNT_MANAGE)
@recent(RECENT)
def come_back(user_id: int) -> Any:
    """Take somebody back into service."""
    row = changeable(user_id)
    operations.reactivate(row, actor=current_user, today=clock.today(), now=clock.now())
    db.session.commit()
    flash(_("%(name)s dùng lại được tài khoản; vai trò giao lại từ đầu.", name=row.name), "ok")
    return redirect(url_for(".user", user_id=row.id))
