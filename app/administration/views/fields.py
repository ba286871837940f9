"""The fields of public business and their order."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock
from app.administration.forms import choices
from app.administration.forms.units import FieldOfBusinessForm
from app.administration.views.pages import bp, fault, form_page, install_wide
from app.database import db
from app.units import operations, queries
from app.units.models import Field, Unit


@bp.get("/linh-vuc")
@install_wide
def fields() -> str:
    """Show the fields in their order."""
    return render_template("administration/fields.html", fields=queries.fields(active=None))


@bp.route("/linh-vuc/moi", methods=["GET", "POST"])
@install_wide
def new_field() -> Any:
    """Add a field."""
    form = _form(FieldOfBusinessForm())
    if form.validate_on_submit():
        try:
            field = operations.create_field(
                code=form.code.data or "",
                name=form.name.data or "",
                hint=form.hint.data or "",
                insider=form.insider.data,
                regulation=form.regulation.data,
                copied_to=db.session.get(Unit, form.copied_to_id.data) if form.copied_to_id.data else None,
                actor=current_user,
                now=clock.now(),
            )
        except operations.CodeTaken:
            fault(form.code, _("Mã này đã dùng cho lĩnh vực khác"))
        else:
            db.session.commit()
            flash(_("Đã thêm lĩnh vực %(name)s.", name=field.name), "ok")
            return redirect(url_for(".fields"))
    return form_page(form, title=_("Thêm lĩnh vực"), back=url_for(".fields"), section="administration.fields")


@bp.route("/linh-vuc/<int:field_id>", methods=["GET", "POST"])
@install_wide
def edit_field(field_id: int) -> Any:
    """Change a field; its code stays."""
    field = db.get_or_404(Field, field_id)
    form = _form(FieldOfBusinessForm(obj=field))
    del form.code
    if form.validate_on_submit():
        operations.change_field(
            field,
            name=form.name.data,
            hint=form.hint.data or "",
            insider=form.insider.data,
            regulation=form.regulation.data,
            copied_to_id=form.copied_to_id.data,
            actor=current_user,
            now=clock.now(),
        )
        db.session.commit()
        flash(_("Đã lưu lĩnh vực %(name)s.", name=field.name), "ok")
        return redirect(url_for(".fields"))
    return form_page(form, title=_("Sửa lĩnh vực %(name)s", name=field.name), back=url_for(".fields"), section="administration.fields")


@bp.post("/linh-vuc/<int:field_id>/<any(len, xuong):way>")
@install_wide
def move_field(field_id: int, way: str) -> Any:
    """Move a field one place up or down."""
    operations.move_field(db.get_or_404(Field, field_id), up=way == "len", actor=current_user, now=clock.now())
    db.session.commit()
    return redirect(url_for(".fields"))


@bp.post("/linh-vuc/<int:field_id>/<any(dung, ngung):state>")
@install_wide
def switch_field(field_id: int, state: str) -> Any:
    """Offer a field to senders or not; what was sent under it stays."""
    field = db.get_or_404(Field, field_id)
    operations.change_field(field, active=state == "dung", actor=current_user, now=clock.now())
    db.session.commit()
    flash(_("Đã lưu lĩnh vực %(name)s.", name=field.name), "ok")
    return redirect(url_for(".fields"))


def _form(form: FieldOfBusinessForm) -> FieldOfBusinessForm:
    form.copied_to_id.choices = [SelectChoice("", _("Không có")), *choices.all_units(on=clock.today())]
    return form
