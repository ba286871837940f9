"""`/quan-tri/lo-thong-tin`: the log, for administrators of the whole install."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm

from app import clock, hooks, navigation
from app.administration.views import at_hand
from app.administration.views.pages import fault, form_page, install_wide
from app.breaches import operations, rules
from app.breaches.forms import NoteForm, ReportForm
from app.breaches.models import Breach
from app.database import db
from app.formats import format_datetime
from app.permissions import Permission

bp = Blueprint("breaches", __name__, url_prefix="/quan-tri/lo-thong-tin")
SECTION = "breaches.index"


def init_app(app: Flask) -> None:
    """Register the pages and their menu entry."""
    app.register_blueprint(bp)
    entry = navigation.Entry(_l("Lộ thông tin cá nhân"), SECTION, 96, (Permission.SETTINGS_MANAGE,), install_wide=True)
    navigation.add(app, "admin", entry)
    hooks.add(at_hand.lines, unreported)


def unreported() -> list[dict[str, Any]]:
    """Say on the first page of administration until when a breach must have been reported."""
    if not current_user.reach.may(Permission.SETTINGS_MANAGE):
        return []
    rows = db.session.scalars(db.select(Breach).where(Breach.reported_at.is_(None), Breach.closed_at.is_(None)).order_by(Breach.found_at))
    return [
        {
            "title": _("Vụ lộ thông tin phát hiện %(at)s", at=format_datetime(row.found_at)),
            "url": url_for(SECTION),
            "hint": _("Báo trước %(at)s", at=format_datetime(row.report_by)) if row.report_by else "",
            "state": "todo",
            "text": _("Chưa báo"),
        }
        for row in rows
    ]


@bp.get("")
@install_wide
def index() -> str:
    """Show every breach, the latest first."""
    now = clock.now()
    rows = db.session.scalars(db.select(Breach).order_by(Breach.found_at.desc(), Breach.id.desc())).all()
    late = {row.id for row in rows if row.report_by is not None and rules.is_late(row.report_by, row.reported_at, now)}
    return render_template("breaches/index.html", rows=rows, late=late, form=FlaskForm())


@bp.route("/moi", methods=["GET", "POST"])
@install_wide
def note() -> Any:
    """Write one down."""
    form = NoteForm(day=clock.today())
    if form.validate_on_submit():
        said = {name: form[name].data or "" for name in ("what", "whose", "done")}
        try:
            operations.note(found_at=form.instant, **said, actor=current_user, now=clock.now())
            db.session.commit()
        except operations.InTheFuture:
            db.session.rollback()
            fault(form.day, _("Lúc này chưa tới"))
        else:
            flash(_("Đã ghi. Hạn báo cơ quan chuyên trách hiện trong bảng."), "ok")
            return redirect(url_for(".index"), 303)
    return form_page(form, title=_("Ghi một vụ lộ thông tin"), back=url_for(".index"), section=SECTION)


@bp.route("/<int:breach_id>/bao", methods=["GET", "POST"])
@install_wide
def report(breach_id: int) -> Any:
    """Write down that the authority was told."""
    breach, form = db.get_or_404(Breach, breach_id), ReportForm()
    if form.validate_on_submit():
        try:
            operations.report(breach, at=form.instant, to=form.to.data or "", actor=current_user, now=clock.now())
            db.session.commit()
        except operations.InTheFuture:
            db.session.rollback()
            fault(form.day, _("Lúc này chưa tới"))
        except operations.ReportedBeforeFound:
            db.session.rollback()
            fault(form.day, _("Lúc này trước khi phát hiện"))
        else:
            flash(_("Đã ghi là đã báo."), "ok")
            return redirect(url_for(".index"), 303)
    return form_page(form, title=_("Đã báo cơ quan chuyên trách"), back=url_for(".index"), section=SECTION)


@bp.post("/<int:breach_id>/khep")
@install_wide
def close(breach_id: int) -> Any:
    """It is over."""
    breach = db.get_or_404(Breach, breach_id)
    try:
        operations.close(breach, actor=current_user, now=clock.now())
        db.session.commit()
    except operations.NotReported:
        db.session.rollback()
        flash(_("Chưa khép được: chưa ghi đã báo cơ quan chuyên trách."), "warn")
    else:
        flash(_("Đã khép."), "ok")
    return redirect(url_for(".index"), 303)
