"""Who leads a unit names a deputy between two days, without asking the administrator."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.access import require, requires
from app.accounts import rights, rules
from app.accounts.models import Delegation, User
from app.accounts.queries import delegations_of, people, reach_of
from app.accounts.signing_in import recent
from app.accounts.words import DELEGATION_FORMS
from app.administration.forms.users import DelegationForm
from app.administration.views.pages import bp
from app.administration.views.roles import delegated
from app.database import db
from app.permissions import Permission, Scope


@bp.route("/uy-quyen", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_LEAD)
@recent(15)
def deputies() -> Any:
    """Show whom the head of a unit lets act for them, and let them name somebody."""
    today = clock.today()
    path = current_user.unit.path
    require(rules.may_name_deputy(reach_of(current_user, on=today, delegated=False), unit_path=path, deputy_path=path))
    form = DelegationForm(starts_on=today)
    others = db.session.scalars(people([Scope(unit_path=path)], active=True).where(User.id != current_user.id))
    form.offer(others)
    if form.validate_on_submit() and delegated(form, current_user):
        return redirect(url_for(".deputies"), 303)
    given = [each for each in delegations_of(current_user, on=today) if each.from_id == current_user.id]
    body = render_template("administration/deputies.html", form=form, given=given, forms=DELEGATION_FORMS, today=today)
    return body, 422 if form.errors else 200


@bp.post("/uy-quyen/<int:delegation_id>/thoi")
@requires(Permission.FEEDBACK_LEAD)
@recent(15)
def take_back(delegation_id: int) -> Any:
    """End a delegation of one's own before its day."""
    row = db.session.get(Delegation, delegation_id)
    if row is None or row.from_id != current_user.id or row.ended_at is not None:
        abort(404)
    rights.end_delegation(row, actor=current_user, today=clock.today(), now=clock.now())
    db.session.commit()
    flash(_("Đã thôi ủy quyền."), "ok")
    return redirect(url_for(".deputies"), 303)
