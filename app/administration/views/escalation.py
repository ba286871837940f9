"""The rungs of the escalation ladder: whom a promise reaches, how many days before or after its day; followed or ended, never edited."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.administration import words
from app.administration.forms.choices import ConfirmForm
from app.administration.forms.escalation import RungForm
from app.administration.views.pages import bp, install_wide
from app.administration.views.versions import Table, listed
from app.calendar.rules import Evidence
from app.database import db
from app.escalation import operations, queries
from app.escalation.models import EscalationRule
from app.escalation.words import DUTIES, LEVELS, kinds

TABLE = Table(operations.BOOK, ".rungs", "administration.rungs", _l("Sau ngày này không ai được báo theo bậc này nữa."))


@bp.get("/bac-don-doc")
@install_wide
def rungs() -> str:
    """Show every rung with its source, and how sure we are of it."""
    today, rows = clock.today(), queries.all_rungs()
    return render_template(
        "administration/rungs.html",
        **listed(rows, today),
        nobody=queries.nobody_count(),
        levels=LEVELS,
        kinds=kinds(),
        duties=DUTIES,
        words=words,
        form=ConfirmForm(),
    )


@bp.route("/bac-don-doc/moi", methods=["GET", "POST"])
@install_wide
def new_rung() -> Any:
    """Add a rung under a code of its own."""
    form = RungForm(local=True, evidence=Evidence.SEEN)
    return TABLE.add(form, lambda: operations.add_rung(form.said(), actor=current_user, now=clock.now()), title=_("Thêm bậc đôn đốc"))


@bp.route("/bac-don-doc/<int:rung_id>/ban-moi", methods=["GET", "POST"])
@install_wide
def change_rung(rung_id: int) -> Any:
    """Let a new version follow a rung from a day on."""
    row = db.get_or_404(EscalationRule, rung_id)
    form = RungForm(obj=row)
    del form.code
    return TABLE.follow(
        row,
        form,
        lambda: operations.change_rung(row, form.said(), actor=current_user, now=clock.now()),
        intro=[_("Lần đã báo thì giữ nguyên, không báo lại.")],
    )


@bp.route("/bac-don-doc/<int:rung_id>/ket-thuc", methods=["GET", "POST"])
@install_wide
def end_rung(rung_id: int) -> Any:
    """Let a rung end without another in its place."""
    return TABLE.end(rung_id)


@bp.post("/bac-don-doc/<int:rung_id>/da-doi-chieu")
@install_wide
def check_rung(rung_id: int) -> Response:
    """Write down that the text itself was read."""
    return TABLE.check(rung_id)
