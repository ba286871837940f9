"""A campaign of supervision: begun, its units, team and checklist, and each of its steps."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from app import clock
from app.access import requires, signed_in
from app.accounts.models import User
from app.assignments.chips import chip_of
from app.calendar.queries import work_calendar
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from feedback.forms.staff import PressForm
from feedback.words import assignment_state
from oversight import papers as made
from oversight import supervision as queries
from oversight.forms.supervision import CampaignForm, MemberForm, QuestionsForm, UnitsForm
from oversight.models import Campaign, SupervisionLine
from oversight.models.papers import OversightPaper
from oversight.operations import campaign_steps
from oversight.operations import campaigns as operations
from oversight.operations.supervision_plans import may_plan
from oversight.papers import names
from oversight.papers.supervision import campaign_of
from oversight.rules import supervision as rules
from oversight.rules.papers import PaperState, PaperType
from oversight.rules.supervision import State
from oversight.supervision import words
from oversight.views.staff.pages import REFUSALS, TOO_LATE, attempt, bp, one_form, page_of, press
from oversight.views.staff.supervision import edit_form

P = Permission
REFUSALS |= {
    operations.DaysTurned: _l("Ngày cuối trước ngày đầu. Xem lại thời kỳ giám sát và ngày giám sát."),
    operations.NoBasis: _l("Cuộc này không có trong kế hoạch. Chọn lý do giám sát đột xuất và nói rõ."),
    operations.OutOfReach: _l("Đơn vị này ngoài phạm vi giám sát, hoặc đã giải thể. Chọn đơn vị khác."),
    operations.Team: _l("Đoàn đã có trưởng đoàn. Bỏ trưởng đoàn cũ trước, hoặc chọn vai trò khác."),
    campaign_steps.ReportDayPast: _l("Hạn gửi báo cáo ghi trong thông báo đã qua. Trả lại để soạn với hạn khác."),
    campaign_steps.ReasonMissing: _l("Ghi lý do hủy."),
    rules.StepRefused: _l("Chưa sang bước sau được: còn thiếu thông tin. Trang của cuộc giám sát ghi rõ thiếu gì."),
}


def load_campaign(campaign_id: int) -> Campaign:
    """Return it for whoever may read the whole of it; else 404."""
    found = db.session.get(Campaign, campaign_id)
    if found is None or not queries.may_read(current_user.reach, found):
        abort(404)
    return found


def load_to_plan(campaign_id: int, *states: State) -> Campaign:
    """Return it for whoever carries it out; back to its page where it is too late."""
    found = load_campaign(campaign_id)
    if not may_plan(current_user, found.unit):
        abort(403)
    if states and found.state not in states:
        flash(str(TOO_LATE), "warn")
        abort(redirect(campaign_address(found), 303))
    return found


def campaign_address(campaign: Campaign) -> str:
    """Return the address of its page."""
    return url_for("oversight.campaign", campaign_id=campaign.id)


def crumb(campaign: Campaign) -> str:
    """Return what the way back to it is called."""
    return _("Cuộc giám sát %(code)s", code=campaign.code)


@bp.route("/giam-sat/moi/<int:unit_id>", methods=["GET", "POST"])
@requires(P.OVERSIGHT_SUPERVISE)
def new_campaign(unit_id: int) -> Any:
    """Begin a campaign of a line of the plan, or one that cannot wait for a plan."""
    unit = db.session.get(Unit, unit_id)
    if unit is None or not may_plan(current_user, unit):
        abort(404)
    line = db.session.get(SupervisionLine, asked) if (asked := request.args.get("dong", 0, type=int)) and asked < 1 << 62 else None
    if line is not None and (line.plan.unit_id != unit.id or line.plan.state != rules.PlanState.APPROVED):
        line = None
    form, begun = CampaignForm(of_line=line), []
    if form.validate_on_submit() and attempt(
        form,
        lambda: begun.append(operations.draft(unit, form.said(), base=form.base.data, line=line, actor=current_user, now=clock.now())),
    ):
        flash(_("Đã lập cuộc giám sát. Ghi đơn vị, đoàn và câu hỏi, rồi thông báo."), "ok")
        return redirect(campaign_address(begun[0]), 303)
    return page_of(
        form,
        title=_("Lập cuộc giám sát") if line is not None else _("Lập cuộc giám sát đột xuất"),
        submit=_("Lập"),
        back=url_for("oversight.supervision"),
        crumb=_("Giám sát"),
        intro=[_("Theo kế hoạch số %(number)s, quý %(quarter)s.", number=line.plan.paper.number, quarter=line.quarter)]
        if line is not None and line.plan.paper is not None
        else [_("Cuộc này không có trong kế hoạch năm nên phải nêu lý do.")],
    )


@bp.get("/giam-sat/cuoc/<int:campaign_id>")
@signed_in
def campaign(campaign_id: int) -> str:
    """Show a campaign: what it is about, its units, team, checklist, and what the next step needs."""
    row = load_campaign(campaign_id)
    facts = queries.facts_of(row, clock.today())
    may, calendar = may_plan(current_user, row.unit), work_calendar()
    to_write = row.state == State.DRAFT and (row.notice is None or row.notice.state == PaperState.DRAFT)
    duties = [finding.duty for finding in row.findings if finding.duty is not None]
    return render_template(
        "oversight/staff/campaign.html",
        row=row,
        may_plan=may and row.state not in rules.OVER,
        may_choose_team=may and row.state not in rules.TEAM_STANDS and (to_write or row.state != State.DRAFT),
        may_prepare=may and to_write,
        may_cancel=may and (to_write or row.state in {State.ANNOUNCED, State.UNDER_WAY}),
        paper_stands=row.paper is not None,
        unsettled=[finding.duty for finding in row.findings if queries.is_unsettled(finding)],
        recommended=[(duty, chip_of(duty, today=clock.today(), calendar=calendar), assignment_state(duty)) for duty in duties],
        lacks=_lacks(row, facts),
        unchecked={target.id: queries.unchecked(target) for target in row.targets},
        form=PressForm(),
        words=words,
        paper_states=names.STATES,
        State=State,
    )


#: What is asked for on the page of the step itself is not missing before it.
_ASKED_THERE = {"nothing_to_prepare", "report_day_past", "comments_day_past"}
_NEXT = {
    State.DRAFT: State.ANNOUNCED,
    State.ANNOUNCED: State.UNDER_WAY,
    State.UNDER_WAY: State.FINDINGS,
    State.FINDINGS: State.CONCLUDED,
    State.CONCLUDED: State.CLOSED,
}


def _lacks(row: Campaign, facts: rules.Facts) -> list[Any]:
    """Return what the next step still needs, in words."""
    to = _NEXT.get(State(row.state))
    return [words.LACKS[name] for name in (rules.lacks(to, facts) if to else ()) if name not in _ASKED_THERE]


@bp.route("/giam-sat/cuoc/<int:campaign_id>/sua", methods=["GET", "POST"])
@requires(P.OVERSIGHT_SUPERVISE)
def change_campaign(campaign_id: int) -> Any:
    """Change what a draft is about."""
    row = load_to_plan(campaign_id, State.DRAFT)
    form = CampaignForm(row=row)
    return edit_form(
        form,
        lambda: operations.change(row, form.said(), seen=form.was.data, actor=current_user, now=clock.now()),
        begins=lambda: CampaignForm(row=row, formdata=None),
        title=_("Sửa cuộc giám sát"),
        submit=_("Lưu"),
        done=_("Đã lưu."),
        back=campaign_address(row),
        crumb=crumb(row),
    )


@bp.route("/giam-sat/cuoc/<int:campaign_id>/don-vi", methods=["GET", "POST"])
@requires(P.OVERSIGHT_SUPERVISE)
def add_campaign_units(campaign_id: int) -> Any:
    """Put a unit, or all of a type, under this supervision."""
    row, form, today = load_to_plan(campaign_id, State.DRAFT), UnitsForm(), clock.today()
    offered = queries.may_be_supervised(current_user, row.unit, today)
    form.unit.choices = [SelectChoice("", _("Gõ hoặc chọn một đơn vị")), *(SelectChoice(str(unit.id), unit.name) for unit in offered)]

    def do() -> None:
        units = [unit for unit in offered if unit.id == form.unit.id_chosen]
        if form.base_chosen is not None:
            units += queries.may_be_supervised(current_user, row.unit, today, base=form.base_chosen)
        operations.add_units(row, units, actor=current_user, now=clock.now())

    return one_form(
        form, do, title=_("Thêm đơn vị được giám sát"), submit=_("Thêm"), done=_("Đã thêm."), back=campaign_address(row), crumb=crumb(row)
    )


@bp.post("/giam-sat/cuoc/<int:campaign_id>/don-vi/<int:target_id>/bo")
@requires(P.OVERSIGHT_SUPERVISE)
def remove_campaign_unit(campaign_id: int, target_id: int) -> Response:
    """Take a unit out of a draft."""
    row = load_to_plan(campaign_id, State.DRAFT)
    target = next((each for each in row.targets if each.id == target_id), None)
    if target is None:
        abort(404)
    return press(
        lambda: operations.remove_unit(target, actor=current_user, now=clock.now()), done=_("Đã bỏ đơn vị."), back=campaign_address(row)
    )


@bp.route("/giam-sat/cuoc/<int:campaign_id>/doan", methods=["GET", "POST"])
@requires(P.OVERSIGHT_SUPERVISE)
def add_campaign_member(campaign_id: int) -> Any:
    """Put somebody in the team."""
    row, form = load_to_plan(campaign_id), MemberForm()
    people = db.session.scalars(
        db.select(User).join(User.unit).where(User.active, Unit.path.startswith(row.unit.path)).order_by(User.name_sort, User.id)
    )
    form.user.choices = [
        SelectChoice("", _("Gõ hoặc chọn một người")),
        *(SelectChoice(str(each.id), f"{each.name}, {each.title}" if each.title else each.name) for each in people),
    ]

    def do() -> None:
        user = db.session.get(User, form.user.id_chosen) if form.user.id_chosen is not None else None
        operations.add_member(row, form.said(user), actor=current_user, now=clock.now())

    return one_form(
        form, do, title=_("Thêm người vào đoàn giám sát"), submit=_("Thêm"), done=_("Đã thêm."), back=campaign_address(row),
        crumb=crumb(row),
    )  # fmt: skip


@bp.post("/giam-sat/cuoc/<int:campaign_id>/doan/<int:member_id>/bo")
@requires(P.OVERSIGHT_SUPERVISE)
def remove_campaign_member(campaign_id: int, member_id: int) -> Response:
    """Take somebody out of the team."""
    row = load_to_plan(campaign_id)
    member = next((each for each in row.members if each.id == member_id), None)
    if member is None:
        abort(404)
    return press(
        lambda: operations.remove_member(member, actor=current_user, now=clock.now()), done=_("Đã bỏ khỏi đoàn."),
        back=campaign_address(row),
    )  # fmt: skip


@bp.route("/giam-sat/cuoc/<int:campaign_id>/cau-hoi", methods=["GET", "POST"])
@requires(P.OVERSIGHT_SUPERVISE)
def write_campaign_questions(campaign_id: int) -> Any:
    """Write the checklist of a draft."""
    row = load_to_plan(campaign_id, State.DRAFT)
    form = QuestionsForm(row=row)
    return edit_form(
        form,
        lambda: operations.write_questions(row, form.texts, seen=form.was.data, actor=current_user, now=clock.now()),
        begins=lambda: QuestionsForm(row=row, formdata=None),
        title=_("Bảng câu hỏi kiểm tra"),
        submit=_("Lưu"),
        done=_("Đã lưu bảng câu hỏi."),
        back=campaign_address(row),
        crumb=crumb(row),
    )


def _about_campaign(paper: OversightPaper) -> str | None:
    """Return where the supervision is read: the whole of it, or for a unit its own part."""
    row, reach = campaign_of(paper), current_user.reach
    if row is None:
        return None
    if queries.may_read(reach, row):
        return campaign_address(row)
    mine = next((target for target in row.targets if queries.may_read_target(reach, target)), None)
    return url_for("oversight.campaign_unit", target_id=mine.id) if mine is not None else None


made.ABOUT |= dict.fromkeys((PaperType.SUPERVISION_NOTICE, PaperType.SUPERVISION_CONCLUSION), _about_campaign)
