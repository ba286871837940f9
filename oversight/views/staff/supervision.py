"""The room of supervision: the plan of the year with what came of it, the campaigns, and for a unit what it is asked."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.assignments.chips import chip_of
from app.calendar.queries import work_calendar
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from dialogues.forms.meanwhile import SeenForm, meanwhile
from dialogues.operations.editing import ChangedMeanwhile
from feedback.forms.staff import PressForm
from feedback.words import assignment_state
from oversight import papers as made
from oversight import supervision as queries
from oversight.forms.supervision import LineForm
from oversight.models import Campaign, SupervisionLine, SupervisionPlan
from oversight.models.papers import OversightPaper
from oversight.operations import supervision_plans as planning
from oversight.papers.supervision import plan_of
from oversight.rules.papers import PaperState, PaperType
from oversight.rules.supervision import OVER, PlanState, State, quarter_passed
from oversight.supervision import words
from oversight.views.staff.pages import REFUSALS, bp, one_form, press

P = Permission
#: Who has anything to do with supervision: those who carry it out and sign it, and the units.
HANDS = (P.OVERSIGHT_SUPERVISE, P.OVERSIGHT_SIGN, P.OVERSIGHT_REPORT, P.FEEDBACK_HANDLE)
FIRST_YEAR = 2020
REFUSALS |= {
    planning.NoLines: _l("Kế hoạch chưa có chuyên đề nào. Thêm ít nhất một chuyên đề."),
    planning.BeingSigned: _l("Văn bản đang trình ký nên không sửa được. Lấy lại văn bản để sửa, rồi trình ký lại."),
}


def edit_form(
    form: SeenForm,
    do: Callable[[], Any],
    *,
    begins: Callable[[], SeenForm],
    template: str = "oversight/staff/supervision_form.html",
    **page: Any,
) -> Any:
    """Show the form of something that two people may have open; *begins* is how it would begin now."""
    changes: list[tuple[str, str]] = []

    def guarded() -> None:
        try:
            do()
        except ChangedMeanwhile:
            changes.extend(meanwhile(form, begins))
            raise

    return one_form(form, guarded, template=template, changes=changes, **page)


@bp.get("/giam-sat")
@requires(*HANDS)
def supervision() -> str:
    """Show the plan of the year with its progress, the campaigns, and what one's unit is asked."""
    today = clock.today()
    year = asked if FIRST_YEAR <= (asked := request.args.get("nam", today.year, type=int)) <= today.year + 1 else today.year
    bodies, calendar = queries.bodies(current_user, on=today), work_calendar()
    campaigns = queries.campaigns(current_user, bodies)
    first = min([today.year - 1, year, queries.first_year(bodies) or year, *map(queries.year_of, campaigns)])
    running = Counter(queries.year_of(row) for row in campaigns if row.state not in OVER)
    return render_template(
        "oversight/staff/supervision.html",
        plans=[(unit, _in_force(unit, year)) for unit in bodies],
        year=year,
        years=[(each, running[each]) for each in range(max(first, FIRST_YEAR), today.year + 2)],
        carries_out=bool(campaigns),
        campaigns=[row for row in campaigns if queries.year_of(row) == year],
        bodies=[unit for unit in bodies if planning.may_plan(current_user, unit)],
        asked=queries.asked_of(current_user.reach),
        recommended=[
            (row, chip_of(row, today=today, calendar=calendar), assignment_state(row))
            for row in queries.recommended(current_user.reach, bodies)
        ],
        progress=_progress(today),
        may_begin=abs(year - today.year) <= 1,
        words=words,
    )


def waiting() -> int:
    """Return how much waits for the person who looks, for the tab."""
    return queries.waiting_count(current_user.reach)


def _in_force(unit: Unit, year: int) -> dict[str, Any]:
    versions = queries.plans(unit, year)
    shown = next((plan for plan in versions if plan.state == PlanState.APPROVED), None)
    draft = next((plan for plan in versions if plan.state == PlanState.DRAFT), None)
    plan = shown or draft
    lines = plan.lines if plan is not None else []
    carried = queries.campaigns_of_lines(lines)
    return {"shown": shown, "draft": draft, "carried": carried, "lines": lines, "done": _done(lines, carried, clock.today())}


def _done(lines: list[SupervisionLine], carried: dict[int, Campaign], today: dt.date) -> dict[str, int]:
    """Count the themes of a plan beside what was done about them."""
    begun = {line.id for line in lines if line.id in carried and carried[line.id].state != State.CANCELLED}
    concluded = {id_ for id_ in begun if carried[id_].state in {State.CONCLUDED, State.CLOSED}}
    late = [line for line in lines if line.id not in begun and quarter_passed(line.plan.year, line.quarter, today)]
    return {
        "planned": len(lines),
        "concluded": len(concluded),
        "under_way": len(begun - concluded),
        "late": len(late),
        "ahead": len(lines) - len(begun) - len(late),
    }


def _progress(today: Any) -> Callable[[SupervisionPlan, SupervisionLine, Any], tuple[str, str]]:
    """Return what says of a line how far it is: a sentence, and the tone of its tag."""

    def said(plan: SupervisionPlan, line: SupervisionLine, campaign: Any) -> tuple[str, str]:
        if campaign is not None and campaign.state != State.CANCELLED:
            return str(words.STATES[campaign.state]), "ok" if campaign.state in {State.CONCLUDED, State.CLOSED} else "go"
        if quarter_passed(plan.year, line.quarter, today):
            return _("Quá quý, chưa thực hiện"), "late"
        now = quarter_passed(plan.year, line.quarter - 1, today)
        return (_("Trong quý này"), "wait") if now else (_("Chưa đến kỳ"), "")

    return said


def _body(unit_id: int, year: int) -> Unit:
    """Return the body, for whoever plans its supervision or signs it; else 404."""
    unit = db.session.get(Unit, unit_id)
    if unit is None or unit not in queries.bodies(current_user, on=clock.today()) or not FIRST_YEAR <= year <= clock.today().year + 1:
        abort(404)
    return unit


def _body_to_plan(unit_id: int, year: int) -> Unit:
    unit = _body(unit_id, year)
    if not planning.may_plan(current_user, unit) or abs(year - clock.today().year) > 1:
        abort(403)
    return unit


def _draft(unit: Unit, year: int) -> SupervisionPlan:
    found = next((plan for plan in queries.plans(unit, year) if plan.state == PlanState.DRAFT), None)
    if found is None:
        abort(404)
    return found


def _line(draft: SupervisionPlan, line_id: int) -> SupervisionLine:
    found = next((line for line in draft.lines if line.id == line_id), None)
    if found is None:
        abort(404)
    return found


def _address(unit: Unit, year: int) -> str:
    return url_for("oversight.supervision_plan", unit_id=unit.id, year=year)


def _crumb(unit: Unit, year: int) -> str:
    return _("Kế hoạch giám sát năm %(year)s, %(unit)s", year=year, unit=unit.short_name)


@bp.get("/giam-sat/ke-hoach/<int:unit_id>/<int:year>")
@requires(P.OVERSIGHT_SUPERVISE, P.OVERSIGHT_SIGN)
def supervision_plan(unit_id: int, year: int) -> str:
    """Show a body's plan of a year: what is in force, what is being written, what was replaced."""
    unit = _body(unit_id, year)
    versions = queries.plans(unit, year)
    draft = next((plan for plan in versions if plan.state == PlanState.DRAFT), None)
    may_plan = planning.may_plan(current_user, unit) and abs(year - clock.today().year) <= 1
    return render_template(
        "oversight/staff/supervision_plan.html",
        unit=unit,
        year=year,
        draft=draft,
        approved=next((plan for plan in versions if plan.state == PlanState.APPROVED), None),
        replaced=[plan for plan in versions if plan.state == PlanState.REPLACED],
        carried=queries.campaigns_of_lines(line for plan in versions for line in plan.lines),
        may_plan=may_plan,
        may_edit=may_plan and draft is not None and (draft.paper is None or draft.paper.state == PaperState.DRAFT),
        progress=_progress(clock.today()),
        form=PressForm(),
        words=words,
    )


@bp.post("/giam-sat/ke-hoach/<int:unit_id>/<int:year>/ban-thao")
@requires(P.OVERSIGHT_SUPERVISE)
def start_supervision_plan(unit_id: int, year: int) -> Response:
    """Begin a draft, with the lines of the plan in force."""
    unit = _body_to_plan(unit_id, year)
    planning.start(unit, year, actor=current_user, now=clock.now())
    db.session.commit()
    flash(_("Đã lập bản soạn. Thêm từng chuyên đề, rồi soạn văn bản để trình ký."), "ok")
    return redirect(_address(unit, year), 303)


@bp.route("/giam-sat/ke-hoach/<int:unit_id>/<int:year>/dong", methods=["GET", "POST"])
@requires(P.OVERSIGHT_SUPERVISE)
def add_supervision_line(unit_id: int, year: int) -> Any:
    """Add a theme to the draft."""
    unit = _body_to_plan(unit_id, year)
    draft, form = _draft(unit, year), LineForm()
    return one_form(
        form,
        lambda: planning.add_line(draft, form.said(), actor=current_user, now=clock.now()),
        title=_("Thêm chuyên đề giám sát"),
        submit=_("Thêm vào kế hoạch"),
        done=_("Đã thêm chuyên đề."),
        back=_address(unit, year),
        crumb=_crumb(unit, year),
    )


@bp.route("/giam-sat/ke-hoach/<int:unit_id>/<int:year>/dong/<int:line_id>", methods=["GET", "POST"])
@requires(P.OVERSIGHT_SUPERVISE)
def change_supervision_line(unit_id: int, year: int, line_id: int) -> Any:
    """Change a theme of the draft."""
    unit = _body_to_plan(unit_id, year)
    line = _line(_draft(unit, year), line_id)
    form = LineForm(row=line)
    return edit_form(
        form,
        lambda: planning.change_line(line, form.said(), seen=form.was.data, actor=current_user, now=clock.now()),
        begins=lambda: LineForm(row=line, formdata=None),
        title=_("Sửa chuyên đề giám sát"),
        submit=_("Lưu"),
        done=_("Đã lưu."),
        back=_address(unit, year),
        crumb=_crumb(unit, year),
    )


@bp.route("/giam-sat/ke-hoach/<int:unit_id>/<int:year>/dong/<int:line_id>/bo", methods=["GET", "POST"])
@requires(P.OVERSIGHT_SUPERVISE)
def remove_supervision_line(unit_id: int, year: int, line_id: int) -> Any:
    """Take a theme out of the draft, after asking."""
    unit = _body_to_plan(unit_id, year)
    line = _line(_draft(unit, year), line_id)
    return one_form(
        PressForm(),
        lambda: planning.remove_line(line, actor=current_user, now=clock.now()),
        title=_("Bỏ chuyên đề khỏi bản soạn"),
        submit=_("Bỏ chuyên đề"),
        done=_("Đã bỏ chuyên đề khỏi bản soạn."),
        back=_address(unit, year),
        crumb=_crumb(unit, year),
        intro=[_("Quý %(quarter)s: %(theme)s", quarter=line.quarter, theme=line.theme)],
        danger=True,
    )


@bp.post("/giam-sat/ke-hoach/<int:unit_id>/<int:year>/van-ban")
@requires(P.OVERSIGHT_SUPERVISE)
def draft_plan_paper(unit_id: int, year: int) -> Response:
    """Begin the paper of the draft, and go there."""
    unit = _body_to_plan(unit_id, year)
    draft = _draft(unit, year)
    return to_paper(lambda: planning.draft_paper(draft, actor=current_user, now=clock.now()), back=_address(unit, year))


def to_paper(do: Callable[[], OversightPaper], *, back: str) -> Response:
    """Begin a paper by the press of a button and go to it; refused, back to *back*, where it is said why."""
    begun: list[OversightPaper] = []
    return press(lambda: begun.append(do()), done="", back=back, to=lambda: url_for("oversight.oversight_paper", uid=begun[0].uid))


def _about_plan(paper: OversightPaper) -> str | None:
    plan = plan_of(paper)
    if plan is None or plan.unit not in queries.bodies(current_user, on=clock.today()):
        return None
    return _address(plan.unit, plan.year)


made.ABOUT[PaperType.SUPERVISION_PLAN] = _about_plan
