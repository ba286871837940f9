"""A session is made: from a line of an approved plan, or because something came up that no plan names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock
from app.access import requires
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from dialogues import lists, rules
from dialogues.forms.sessions import AdHocForm, FactsForm
from dialogues.models import PlanLine, Session
from dialogues.operations import sessions
from dialogues.views.staff import choices
from dialogues.views.staff.pages import REFUSALS, UNPROCESSABLE, attempt, bp, to_room
from dialogues.views.staff.sessions import warn_of_day
from feedback.views.staff.choices import fields_and_none, places_and_none

REFUSALS |= {
    sessions.TriggerMissing: _l("Ghi vì sao họp đột xuất và căn cứ."),
    sessions.PlanNotApproved: _l("Kế hoạch này chưa phê duyệt, hoặc đã thay bằng kế hoạch khác."),
    sessions.LineTaken: _l("Dòng này của kế hoạch đã có buổi đối thoại."),
    sessions.EndsBeforeItBegins: _l("Giờ kết thúc phải sau giờ bắt đầu."),
}


@bp.get("/moi")
@requires(Permission.DIALOGUE_PREPARE)
def new() -> str:
    """Show the lines of approved plans that have no session yet, and the way to one that no plan names."""
    units = choices.units_to_prepare_for(clock.today())
    return render_template("dialogues/staff/new.html", lines=lists.lines_without_session([unit.id for unit in units]))


@bp.route("/moi/<int:line_id>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def new_of_line(line_id: int) -> Any:
    """Make the session of a line; the line's own words stand in the form."""
    line = db.session.get(PlanLine, line_id) or abort(404)
    unit = line.plan.unit
    if not rules.may_prepare(current_user.reach, rules.Standing(unit.path, (), unit.place_id)):
        abort(404)
    form = FactsForm(
        data={
            "topic": line.topic, "audience": line.audience, "form": line.form,
            "field": str(line.field_id or ""), "place": str(line.place_id or unit.place_id or ""),
        }
    )  # fmt: skip
    return _page(
        form,
        lambda: sessions.create_of_line(line, form.facts(), actor=current_user, now=clock.now()),
        title=_("Lập buổi đối thoại theo kế hoạch"),
        intro=[_("%(unit)s, quý %(quarter)s năm %(year)s.", unit=unit.name, quarter=line.quarter, year=line.plan.year)],
    )


@bp.route("/moi/dot-xuat", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def new_ad_hoc() -> Any:
    """Make a session that no plan names."""
    units = choices.units_to_prepare_for(clock.today())
    own = next((unit for unit in units if unit.id == current_user.unit_id), None)
    form = AdHocForm(
        data={"form": rules.Form.IN_PERSON, "unit": str(own.id) if own else "", "place": str(own.place_id or "") if own else ""}
    )
    form.unit.choices = [SelectChoice("", _("Gõ hoặc chọn một đơn vị")), *(SelectChoice(str(unit.id), unit.name) for unit in units)]

    def do() -> Session:
        unit = db.session.get(Unit, form.unit.id_chosen)
        assert unit is not None  # the form offered it
        trigger = rules.Trigger(form.trigger.data)
        note = form.trigger_note.data or ""
        return sessions.create_ad_hoc(unit, form.facts(), trigger=trigger, note=note, actor=current_user, now=clock.now())

    return _page(form, do, title=_("Lập buổi đối thoại đột xuất"))


def _page(form: FactsForm, do: Callable[[], Session], *, title: str, intro: list[str] | None = None) -> Any:
    form.field.choices, form.place.choices = fields_and_none(), places_and_none()
    made: list[Session] = []
    if form.validate_on_submit() and attempt(form, lambda: made.append(do())):
        warn_of_day(made[0])
        return to_room(made[0], sentence=_("Đã lập buổi đối thoại %(code)s.", code=made[0].code))
    body = render_template("dialogues/staff/facts.html", form=form, title=title, intro=intro or [], submit=_("Lập buổi đối thoại"))
    return body, UNPROCESSABLE if form.errors or form.form_errors else 200
