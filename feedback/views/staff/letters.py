"""The words that letters start from: `/can-bo/quan-tri/mau-van-ban`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from app import clock, navigation
from app.administration.views.pages import form_page, install_wide
from app.database import db
from app.fold import sort_key
from app.permissions import Permission
from app.units.queries import fields
from feedback.forms.base import number
from feedback.forms.routing import LetterForm
from feedback.models import LetterTemplate
from feedback.operations import routing
from feedback.rules import PaperType

bp = Blueprint("letters", "feedback", url_prefix="/can-bo/quan-tri/mau-van-ban")


def init_app(app: Flask) -> None:
    """Register the pages and their menu entry."""
    app.register_blueprint(bp)
    entry = navigation.Entry(_l("Mẫu văn bản"), "letters.index", 50, (Permission.SETTINGS_MANAGE,), install_wide=True)
    navigation.add(app, "admin", entry)


@bp.get("")
@install_wide
def index() -> str:
    """Show every letter's words by type of paper."""
    rows = sorted(db.session.scalars(db.select(LetterTemplate)), key=lambda row: (not row.active, sort_key(row.name), row.id))
    groups = [(type_, [row for row in rows if row.paper_type == type_]) for type_ in PaperType]
    names = {field.id: field.name for field in fields(active=None)}
    return render_template("feedback/staff/letters.html", groups=[each for each in groups if each[1]], field_names=names)


@bp.route("/moi", methods=["GET", "POST"])
@install_wide
def new() -> Any:
    """Add a letter's words."""
    form = _form(None)
    if form.validate_on_submit():
        row = routing.create_template(**_values(form), actor=current_user, now=clock.now())
        db.session.commit()
        flash(_("Đã thêm mẫu %(name)s.", name=row.name), "ok")
        return redirect(url_for(".index"), 303)
    return form_page(form, title=_("Thêm mẫu văn bản"), back=url_for(".index"), section="letters.index")


@bp.route("/<int:template_id>", methods=["GET", "POST"])
@install_wide
def edit(template_id: int) -> Any:
    """Change a letter's words."""
    row = db.get_or_404(LetterTemplate, template_id)
    form = _form(row)
    if form.validate_on_submit():
        routing.change_template(row, **_values(form), actor=current_user, now=clock.now())
        db.session.commit()
        flash(_("Đã lưu mẫu %(name)s. Văn bản đang soạn giữ lời của lúc bắt đầu.", name=row.name), "ok")
        return redirect(url_for(".index"), 303)
    return form_page(form, title=_("Sửa mẫu văn bản"), back=url_for(".index"), section="letters.index")


@bp.post("/<int:template_id>/<any(dung, ngung):state>")
@install_wide
def switch(template_id: int, state: str) -> Response:
    """Offer a letter's words or not."""
    row = db.get_or_404(LetterTemplate, template_id)
    routing.change_template(row, active=state == "dung", actor=current_user, now=clock.now())
    db.session.commit()
    flash(_("Đã lưu mẫu %(name)s.", name=row.name), "ok")
    return redirect(url_for(".index"), 303)


def _form(row: LetterTemplate | None) -> LetterForm:
    form = LetterForm(obj=row)
    form.field_id.choices = [SelectChoice("", _("Mọi lĩnh vực")), *(SelectChoice(str(field.id), field.name) for field in fields())]
    if form.field_id.data in {None, "None"}:
        form.field_id.data = ""
    return form


def _values(form: LetterForm) -> dict[str, Any]:
    return {
        "name": form.name.data,
        "paper_type": form.paper_type.data,
        "field_id": number(str(form.field_id.data or "")),
        "body": form.body.data,
    }
