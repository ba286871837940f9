"""Set-up of an empty install, step by step; any order, any time, until the site is opened."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock, settings
from app.accounts.models import User
from app.administration import setting_up
from app.administration.forms.choices import ConfirmForm, offered
from app.administration.forms.setup import CommuneForm, FieldsForm, PlaceForm
from app.administration.views.pages import bp, form_page, install_wide
from app.database import db
from app.units.models import Unit
from app.units.queries import fields, provinces, root_units

SECTION = "administration.index"


@bp.get("/thiet-lap")
@install_wide
def setup() -> str:
    """Show the steps and what is still missing."""
    missing = setting_up.missing()
    roots = root_units()
    people = db.session.scalar(db.select(db.func.count()).select_from(User).where(User.active)) or 0
    units = db.session.scalar(db.select(db.func.count()).select_from(Unit)) or 0
    return render_template(
        "administration/setup.html",
        missing=missing,
        root=roots[0] if roots else None,
        units=units,
        fields=len(fields()),
        people=people,
        routing=url_for("routing.index") if "routing.index" in current_app.view_functions else None,
        opened=settings.get("set_up"),
        form=ConfirmForm(),
    )


@bp.route("/thiet-lap/noi", methods=["GET", "POST"])
@install_wide
def setup_place() -> Any:
    """Choose the province; for one commune, go on to choose it."""
    form = PlaceForm()
    form.province.choices = [SelectChoice(place.code, place.name) for place in provinces()]
    if form.validate_on_submit():
        if form.level.data == "commune":
            return redirect(url_for(".setup_commune", tinh=form.province.data))
        return _placed(form.province.data, None)
    return form_page(form, title=_("Trang này của tỉnh nào, xã nào"), back=url_for(".setup"), section=SECTION, submit=_("Tiếp"))


@bp.route("/thiet-lap/xa", methods=["GET", "POST"])
@install_wide
def setup_commune() -> Any:
    """Choose the commune of the province in the address."""
    province = request.args.get("tinh", "")
    if province not in {place.code for place in provinces()}:
        abort(404)
    form = CommuneForm()
    form.commune.choices = offered(setting_up.communes_of(province))
    if form.validate_on_submit():
        return _placed(province, form.commune.data)
    return form_page(form, title=_("Chọn xã, phường, đặc khu"), back=url_for(".setup_place"), section=SECTION, submit=_("Tiếp"))


def _placed(province: str, commune: str | None) -> Any:
    root = setting_up.choose_place(province, commune, actor=current_user, now=clock.now())
    db.session.commit()
    flash(_("Đã ghi: trang của %(name)s.", name=root.name), "ok")
    return redirect(url_for(".setup"))


@bp.post("/thiet-lap/don-vi-mau")
@install_wide
def setup_units() -> Any:
    """Make the usual units of the place."""
    try:
        made = setting_up.make_standard_units(actor=current_user, today=clock.today(), now=clock.now())
    except setting_up.NotReady:
        flash(_("Chọn tỉnh hoặc xã trước."), "error")
    else:
        db.session.commit()
        flash(_("Đã lập %(made)d đơn vị mẫu; sửa tên, thêm bớt ở trang Đơn vị.", made=made), "ok")
    return redirect(url_for(".setup"))


@bp.route("/thiet-lap/linh-vuc", methods=["GET", "POST"])
@install_wide
def setup_fields() -> Any:
    """Choose among the standard fields."""
    offered = setting_up.standard()["field"]
    form = FieldsForm(codes=[each["code"] for each in offered])
    form.codes.choices = [SelectChoice(each["code"], each["name"], {"hint": each["hint"]}) for each in offered]
    if form.validate_on_submit():
        made = setting_up.make_standard_fields(form.codes.data or [], actor=current_user, now=clock.now())
        db.session.commit()
        flash(_("Đã thêm %(made)d lĩnh vực.", made=made), "ok")
        return redirect(url_for(".setup"))
    return form_page(form, title=_("Chọn lĩnh vực"), back=url_for(".setup"), section=SECTION, submit=_("Thêm các lĩnh vực đã chọn"))


@bp.post("/thiet-lap/mo-trang")
@install_wide
def setup_finish() -> Any:
    """Open the site."""
    try:
        setting_up.finish(actor=current_user, now=clock.now())
    except setting_up.NotReady:
        flash(_("Chưa mở được: còn bước bắt buộc chưa làm."), "error")
        return redirect(url_for(".setup"))
    db.session.commit()
    flash(_("Trang đã mở. Người dân gửi được ý kiến."), "ok")
    return redirect(url_for(".index"))
