"""The checklists with which campaigns begin: `/can-bo/giam-sat/bang-cau-hoi`. Who supervises reads them; administrators make versions."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.administration.forms.choices import ConfirmForm
from app.administration.views.pages import install_wide
from app.administration.views.versions import Table, listed
from app.administration.words import EVIDENCE
from app.database import db
from app.permissions import Permission
from oversight.forms.checklists import ChecklistForm
from oversight.models import Checklist
from oversight.operations import checklists as operations
from oversight.supervision import checklists as queries
from oversight.views.staff.pages import bp

P = Permission
TABLE = Table(
    operations.BOOK,
    ".checklists",
    "oversight.first_room",
    _l("Sau ngày này, cuộc giám sát loại đơn vị ấy bắt đầu không có câu hỏi nào, phải tự ghi."),
)


@bp.get("/giam-sat/bang-cau-hoi")
@requires(P.OVERSIGHT_SUPERVISE, P.OVERSIGHT_SIGN, P.SETTINGS_MANAGE)
def checklists() -> str:
    """Show every checklist with its source, and how sure we are of it."""
    return render_template(
        "oversight/staff/checklists.html",
        **listed(queries.every(), clock.today()),
        evidence=EVIDENCE,
        may_manage=current_user.reach.may(P.SETTINGS_MANAGE),
        form=ConfirmForm(),
    )


@bp.route("/giam-sat/bang-cau-hoi/<int:checklist_id>/ban-moi", methods=["GET", "POST"])
@install_wide
def change_checklist(checklist_id: int) -> Any:
    """Let a new version follow a checklist from a day on."""
    row = db.get_or_404(Checklist, checklist_id)
    form = ChecklistForm(row=row)
    return TABLE.follow(row, form, lambda: operations.change(row, form.said(), actor=current_user, now=clock.now()))


@bp.route("/giam-sat/bang-cau-hoi/<int:checklist_id>/ket-thuc", methods=["GET", "POST"])
@install_wide
def end_checklist(checklist_id: int) -> Any:
    """Let a checklist end without another in its place."""
    return TABLE.end(checklist_id)


@bp.post("/giam-sat/bang-cau-hoi/<int:checklist_id>/da-doi-chieu")
@install_wide
def check_checklist(checklist_id: int) -> Response:
    """Write down that the text itself was read."""
    return TABLE.check(checklist_id)
