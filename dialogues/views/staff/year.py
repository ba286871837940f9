"""The yearly plan of each unit: `/can-bo/doi-thoai/ke-hoach`. Edited as a draft, approved by the head, then followed by a new version."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from dialogues import board, duties, rules
from dialogues.forms.year import ApproveForm, LineForm
from dialogues.models import PlanLine, Session, YearPlan
from dialogues.operations import planning
from dialogues.operations.planning import standing_of
from dialogues.rules import PlanState
from dialogues.views.staff.board import FIRST_YEAR, chosen_year
from dialogues.views.staff.pages import REFUSALS, bp, one_form
from feedback.forms.staff import PressForm
from feedback.views.staff import choices

REFUSALS |= {
    planning.NoLines: _l("Kế hoạch chưa có dòng nào. Thêm ít nhất một buổi."),
    planning.ApprovedInFuture: _l("Ngày ký muộn nhất là hôm nay."),
    planning.ApprovedLongAgo: _l("Ngày ký quá xa ngày lập kế hoạch. Xem lại ngày, tháng, năm."),
    planning.NumberTaken: _l("Số này đã cấp cho văn bản khác cùng loại trong năm."),
}


@bp.get("/ke-hoach")
@requires(Permission.DIALOGUE_READ)
def plans() -> str:
    """Show, of each unit in reach that owes a session or has a plan, where its plan of the year stands."""
    today, reach = clock.today(), current_user.reach
    year = chosen_year(today)
    newest: dict[int, YearPlan] = {}
    found = db.select(YearPlan).join(YearPlan.unit).where(board.within(reach), YearPlan.year == year).options(selectinload(YearPlan.lines))
    for row in db.session.scalars(found.order_by(YearPlan.version)):
        newest[row.unit_id] = row
    session_duties = [duty for duty in board.all_duties() if duty.kind == duties.DutyKind.SESSION]
    units = db.session.scalars(db.select(Unit).where(board.within(reach)).options(joinedload(Unit.parent)))
    owing = [
        unit
        for unit in units
        if unit.id in newest
        or unit.id == current_user.unit_id
        or (unit.exists_on(today) and any(duties.binds(d, unit) for d in session_duties))
    ]
    return render_template(
        "dialogues/staff/plans.html",
        rows=[(unit, newest.get(unit.id)) for unit in board.in_order(owing, own_path=current_user.unit.path)],
        year=year,
        years=(today.year - 1, today.year, today.year + 1),
    )


@bp.get("/ke-hoach/<int:unit_id>/<int:year>")
@requires(Permission.DIALOGUE_READ)
def plan(unit_id: int, year: int) -> str:
    """Show the plan of a unit for a year: what is in force, what is being written, what was replaced."""
    unit = _unit(unit_id, year)
    query = db.select(YearPlan).where(YearPlan.unit_id == unit.id, YearPlan.year == year).order_by(YearPlan.version.desc())
    versions = list(
        db.session.scalars(query.options(selectinload(YearPlan.lines).options(joinedload(PlanLine.field), joinedload(PlanLine.place))))
    )
    ids = [line.id for version in versions for line in version.lines]
    made = {
        row.plan_line_id: row for row in db.session.scalars(db.select(Session).where(Session.plan_line_id.in_(ids)).order_by(Session.id))
    }
    today = clock.today()
    return render_template(
        "dialogues/staff/plan.html",
        unit=unit,
        year=year,
        draft=next((each for each in versions if each.state == PlanState.DRAFT), None),
        approved=next((each for each in versions if each.state == PlanState.APPROVED), None),
        replaced=[each for each in versions if each.state == PlanState.REPLACED],
        made=made,
        standings=[row for row in board.rows_of(unit, year=year, today=today) if row.duty.kind == duties.DutyKind.SESSION],
        may_prepare=_open_year(year) and rules.may_prepare(current_user.reach, standing_of(unit)),
        may_lead=rules.may_lead(current_user.reach, standing_of(unit)),
        form=PressForm(),
    )


def _open_year(year: int) -> bool:
    """A plan is written for this year, the next, or the last, whose paper may be entered late."""
    return abs(year - clock.today().year) <= 1


def _unit(unit_id: int, year: int) -> Unit:
    """Return the unit; the same 404 where there is none and where the person may not read it."""
    unit = db.session.get(Unit, unit_id)
    may = unit is not None and rules.may_read(current_user.reach, standing_of(unit))
    if unit is None or not may or not FIRST_YEAR <= year <= clock.today().year + 1:
        abort(404)
    return unit


def _unit_to_prepare(unit_id: int, year: int) -> Unit:
    unit = _unit(unit_id, year)
    if not (_open_year(year) and rules.may_prepare(current_user.reach, standing_of(unit))):
        abort(403)
    return unit


def _draft(unit: Unit, year: int) -> YearPlan:
    query = db.select(YearPlan).where(YearPlan.unit_id == unit.id, YearPlan.year == year, YearPlan.state == PlanState.DRAFT)
    found = db.session.scalar(query)
    if found is None:
        abort(404)
    return found


def _line(draft: YearPlan, line_id: int) -> PlanLine:
    found = next((line for line in draft.lines if line.id == line_id), None)
    if found is None:
        abort(404)
    return found


def _address(unit: Unit, year: int) -> str:
    return url_for(".plan", unit_id=unit.id, year=year)


def _crumb(unit: Unit, year: int) -> str:
    return _("Kế hoạch năm %(year)s, %(unit)s", year=year, unit=unit.short_name)


@bp.post("/ke-hoach/<int:unit_id>/<int:year>/ban-thao")
@requires(Permission.DIALOGUE_PREPARE)
def start_plan(unit_id: int, year: int) -> Response:
    """Begin a draft, with the lines of the plan in force."""
    unit = _unit_to_prepare(unit_id, year)
    planning.start(unit, year, actor=current_user, now=clock.now())
    db.session.commit()
    flash(_("Đã mở bản soạn. Thêm, sửa từng dòng rồi trình lãnh đạo phê duyệt."), "ok")
    return redirect(_address(unit, year), 303)


@bp.route("/ke-hoach/<int:unit_id>/<int:year>/dong", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def add_plan_line(unit_id: int, year: int) -> Any:
    """Add a meeting to the draft."""
    unit = _unit_to_prepare(unit_id, year)
    draft, form = _draft(unit, year), _line_form(None)
    return one_form(
        form,
        lambda: planning.add_line(draft, form.line(), actor=current_user, now=clock.now()),
        title=_("Thêm một buổi"),
        submit=_("Thêm vào kế hoạch"),
        done=_("Đã thêm một buổi."),
        back=_address(unit, year),
        crumb=_crumb(unit, year),
    )


@bp.route("/ke-hoach/<int:unit_id>/<int:year>/dong/<int:line_id>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def change_plan_line(unit_id: int, year: int, line_id: int) -> Any:
    """Change a meeting of the draft."""
    unit = _unit_to_prepare(unit_id, year)
    line = _line(_draft(unit, year), line_id)
    form = _line_form(line)
    return one_form(
        form,
        lambda: planning.change_line(line, form.line(), seen=form.was.data, actor=current_user, now=clock.now()),
        begins=lambda: _line_form(line, formdata=None),
        title=_("Sửa một buổi"),
        submit=_("Lưu"),
        done=_("Đã lưu."),
        back=_address(unit, year),
        crumb=_crumb(unit, year),
    )


def _line_form(row: PlanLine | None, **how: Any) -> LineForm:
    form = LineForm(row=row, **how)
    form.field.choices = choices.fields_and_none(now=row.field if row else None)
    form.place.choices = choices.places_and_none()
    return form


@bp.route("/ke-hoach/<int:unit_id>/<int:year>/dong/<int:line_id>/bo", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def remove_plan_line(unit_id: int, year: int, line_id: int) -> Any:
    """Take a meeting out of the draft, after asking."""
    unit = _unit_to_prepare(unit_id, year)
    line = _line(_draft(unit, year), line_id)
    return one_form(
        PressForm(),
        lambda: planning.remove_line(line, actor=current_user, now=clock.now()),
        title=_("Bỏ một buổi khỏi bản soạn"),
        submit=_("Bỏ buổi này"),
        done=_("Đã bỏ một buổi khỏi bản soạn."),
        back=_address(unit, year),
        crumb=_crumb(unit, year),
        intro=[_("Quý %(quarter)s: %(topic)s", quarter=line.quarter, topic=line.topic)],
        danger=True,
    )


@bp.route("/ke-hoach/<int:unit_id>/<int:year>/phe-duyet", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_LEAD)
def approve_plan(unit_id: int, year: int) -> Any:
    """Let the head put the draft into force."""
    unit = _unit(unit_id, year)
    if not rules.may_lead(current_user.reach, standing_of(unit)):
        abort(403)
    draft, form = _draft(unit, year), ApproveForm()
    intro = [_("Kế hoạch có %(number)s buổi. Phê duyệt xong không sửa được nữa; cần thay đổi thì lập bản mới.", number=len(draft.lines))]
    if draft.version > 1:
        intro.append(_("Bản đang áp dụng được thay bằng bản này."))
    return one_form(
        form,
        lambda: planning.approve(
            draft, number=form.number.data or "", approved_on=form.approved_on.data or dt.date.max, actor=current_user, now=clock.now()
        ),
        title=_("Phê duyệt kế hoạch năm %(year)s", year=year),
        submit=_("Phê duyệt"),
        done=_("Kế hoạch đã được phê duyệt."),
        back=_address(unit, year),
        crumb=_crumb(unit, year),
        intro=intro,
    )
