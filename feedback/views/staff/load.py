"""Who has how much, and how late: `/can-bo/don-vi`. From here a head gives everything of somebody who leaves to another."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_pgettext, ngettext
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock, navigation
from app.access import NotAllowed, requires
from app.administration.views.pages import row_id
from app.assignments.rules import Duty
from app.calendar.queries import work_calendar
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from feedback import lists, load
from feedback.forms.load import HandOverForm
from feedback.operations import succeeding
from feedback.operations.unit import NotInUnit

bp = Blueprint("load", "feedback", url_prefix="/can-bo/don-vi")

UNPROCESSABLE = 422


def init_app(app: Flask) -> None:
    """Register the pages and their menu entry."""
    app.register_blueprint(bp)
    navigation.add(app, "staff", navigation.Entry(lazy_pgettext("danh sách", "Đơn vị"), "load.index", 60, (Permission.UNIT_READ_LOAD,)))


@bp.get("")
@requires(Permission.UNIT_READ_LOAD)
def index() -> str:
    """Show the load of every unit in reach, and of the people of one of them."""
    today, reach = clock.today(), current_user.reach
    duty = Duty.ACT if request.args.get("viec") == "da-hua" else Duty.ANSWER
    soon = lists.soon_until(today, work_calendar())
    since = clock.now() - dt.timedelta(days=load.DONE_DAYS)
    loads = load.of(duty, reach, today=today, soon=soon, since=since)
    units = load.units(reach, today=today, also=loads.units)
    units.sort(key=lambda unit: (-loads.units.get(unit.id, load.NOTHING).late, -loads.units.get(unit.id, load.NOTHING).open))
    chosen = _chosen(units)
    people = load.people(officer_id for _unit, officer_id in loads.officers if officer_id)
    return render_template(
        "feedback/staff/load.html",
        duty=duty,
        units=units,
        loads=loads.units,
        nothing=load.NOTHING,
        chosen=chosen,
        officers=_officers(loads, chosen, people),
        days=load.DONE_DAYS,
        handles=lambda unit: reach.may(Permission.FEEDBACK_HANDLE, unit_path=unit.path),
        leads=chosen is not None and reach.may(Permission.FEEDBACK_LEAD, unit_path=chosen.path),
    )


def _chosen(units: list[Unit]) -> Unit | None:
    """Return the unit that is asked for; else one's own, where it is among *units*."""
    wanted = row_id("don-vi")
    chosen = next((unit for unit in units if unit.id == (wanted or current_user.unit_id)), None)
    if wanted is not None and chosen is None:
        abort(404)
    return chosen


def _officers(loads: load.Loads, unit: Unit | None, people: dict[int, Any]) -> list[tuple[Any, load.Load]]:
    """Return the people of *unit* with their loads, the latest first; first of all what nobody has."""
    if unit is None:
        return []
    rows = [(people.get(officer_id or 0), each) for (unit_id, officer_id), each in loads.officers.items() if unit_id == unit.id]
    return sorted(rows, key=lambda row: (row[0] is not None, -row[1].late, -row[1].open, row[0].name_sort if row[0] else ""))


@bp.route("/giao-lai", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_LEAD)
def hand_over() -> Any:
    """Give everything open of one officer to another."""
    reach = current_user.reach
    scopes = reach.scopes(Permission.FEEDBACK_LEAD)
    paths = ["/"] if any(scope.everywhere for scope in scopes) else [scope.unit_path for scope in scopes if scope.unit_path]
    holders, officers = load.holders_in(reach), lists.officers(paths, clock.today())
    form = HandOverForm()
    if request.method == "GET" and (leaver_id := row_id("tu")) is not None:
        form.leaver_id.data = str(leaver_id)
    form.leaver_id.choices = [
        SelectChoice("", _("Chọn người")),
        *(SelectChoice(str(user.id), _("%(name)s: %(work)s việc", name=user.name, work=work)) for user, work in holders),
    ]
    form.to_id.choices = [
        SelectChoice("", _("Chọn người")),
        *(
            SelectChoice(
                str(user.id), _("%(name)s (%(unit)s), đang giữ %(work)s việc", name=user.name, unit=user.unit.short_name, work=work)
            )
            for user, work in officers
        ),
    ]
    if form.validate_on_submit():
        people = load.people([int(form.leaver_id.data), int(form.to_id.data)])
        leaver, to = people[int(form.leaver_id.data)], people[int(form.to_id.data)]
        try:
            moved = succeeding.hand_over(leaver, to, actor=current_user, now=clock.now())
            db.session.commit()
        except (NotAllowed, NotInUnit):
            db.session.rollback()
            form.to_id.errors = [_("Người này không nhận được: đã thôi việc hoặc không ở đơn vị mình phụ trách")]
        else:
            if moved:
                said = ngettext(
                    "%(num)d việc của %(name)s đã giao cho %(to)s.",
                    "%(num)d việc của %(name)s đã giao cho %(to)s.",
                    moved,
                    name=leaver.name,
                    to=to.name,
                )
                flash(said, "ok")
            else:
                flash(_("Không giao được việc nào: %(to)s không làm ở đơn vị đang giữ các việc ấy.", to=to.name), "warn")
            return redirect(url_for(".index"), 303)
    return render_template("feedback/staff/hand_over.html", form=form, holders=holders), UNPROCESSABLE if form.errors else 200
