"""Which targets there are, by which text: `/can-bo/bao-cao/chi-tieu/quy-dinh`. All here read them; an administrator makes versions."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.administration.forms.choices import ConfirmForm
from app.administration.views.pages import install_wide
from app.administration.views.versions import Table, listed
from app.administration.words import EVIDENCE
from app.calendar.rules import Evidence
from app.database import db
from app.permissions import Permission
from app.units.words import LEVELS, UNIT_KINDS
from oversight.forms.target_rules import TargetForm
from oversight.models import Target
from oversight.operations import target_rules as operations
from oversight.reports import targets as queries
from oversight.reports import words
from oversight.views.staff.pages import bp
from oversight.views.staff.reports import HANDS

TABLE = Table(
    operations.BOOK,
    ".target_rules",
    "oversight.first_room",
    _l("Kết thúc trước ngày 31/12 thì năm đó không còn tính chỉ tiêu này; điều các đơn vị đã kê khai vẫn giữ."),
)


@bp.get("/bao-cao/chi-tieu/quy-dinh")
@requires(*HANDS, Permission.SETTINGS_MANAGE)
def target_rules() -> str:
    """Show every target with its source, and how sure we are of it."""
    return render_template(
        "oversight/staff/target_rules.html",
        **listed(queries.all_targets(), clock.today()),
        kinds=UNIT_KINDS,
        levels=LEVELS,
        evidence=EVIDENCE,
        counted_by=words.COUNTED_BY,
        may_manage=current_user.reach.may(Permission.SETTINGS_MANAGE),
        form=ConfirmForm(),
    )


@bp.route("/bao-cao/chi-tieu/quy-dinh/moi", methods=["GET", "POST"])
@install_wide
def new_target() -> Any:
    """Add a target under a code of its own."""
    form = TargetForm(local=True, evidence=Evidence.SEEN)
    return TABLE.add(form, lambda: operations.add(form.said(), actor=current_user, now=clock.now()), title=_("Thêm chỉ tiêu"))


@bp.route("/bao-cao/chi-tieu/quy-dinh/<int:target_id>/ban-moi", methods=["GET", "POST"])
@install_wide
def change_target(target_id: int) -> Any:
    """Let a new version follow a target from a day on."""
    row = db.get_or_404(Target, target_id)
    form = TargetForm(obj=row)
    del form.code
    counted = [_l("Chỉ tiêu này đếm từ dữ liệu; sửa tên, lời văn không đổi cách đếm.")] if row.counted_by else []
    return TABLE.follow(row, form, lambda: operations.change(row, form.said(), actor=current_user, now=clock.now()), intro=counted)


@bp.route("/bao-cao/chi-tieu/quy-dinh/<int:target_id>/ket-thuc", methods=["GET", "POST"])
@install_wide
def end_target(target_id: int) -> Any:
    """Let a target end without another in its place."""
    return TABLE.end(target_id)


@bp.post("/bao-cao/chi-tieu/quy-dinh/<int:target_id>/da-doi-chieu")
@install_wide
def check_target(target_id: int) -> Response:
    """Write down that the text itself was read."""
    return TABLE.check(target_id)
