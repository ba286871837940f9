"""One unit under supervision: its own check and report, what the team saw and found, what the unit says of it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock, files
from app.access import signed_in
from app.assignments.chips import chip_of
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage
from app.database import db
from feedback.forms.staff import PressForm
from feedback.words import assignment_state
from oversight import supervision as queries
from oversight.forms.checking import CommentForm, FindingForm, ReportForm, answers_form
from oversight.models import CampaignTarget, SupervisionFinding
from oversight.operations import checking as operations
from oversight.operations.recommendations import DayPast
from oversight.rules import supervision as rules
from oversight.rules.papers import PaperState
from oversight.rules.supervision import Purpose, Side, State
from oversight.supervision import words
from oversight.views.staff.pages import REFUSALS, TOO_LATE, bp, one_form
from oversight.views.staff.supervision import edit_form

REFUSALS |= {
    operations.NothingSaid: _l("Viết báo cáo tóm tắt, hoặc gửi kèm tệp báo cáo."),
    operations.Unfinished: _l("Việc làm sai, còn thiếu thì phải ghi kiến nghị và hạn thực hiện."),
    operations.CauseMissing: _l("Đã đánh dấu do không thực hiện dân chủ: ghi rõ ở việc gì."),
    DayPast: _l("Hạn thực hiện phải sau hôm nay."),
}


def load_target(target_id: int) -> CampaignTarget:
    """Return it for whoever reads the campaign, and for the unit's own people; else 404."""
    found = db.session.get(CampaignTarget, target_id)
    if found is None or not queries.may_read_target(current_user.reach, found):
        abort(404)
    return found


def _address(target: CampaignTarget) -> str:
    return url_for("oversight.campaign_unit", target_id=target.id)


def _late(target: CampaignTarget) -> Response:
    flash(str(TOO_LATE), "warn")
    return redirect(_address(target), 303)


def _open_to_find(target: CampaignTarget) -> bool:
    paper = target.campaign.paper
    return target.campaign.state in rules.FOUND_IN and (paper is None or paper.state == PaperState.DRAFT)


@bp.get("/giam-sat/don-vi/<int:target_id>")
@signed_in
def campaign_unit(target_id: int) -> str:
    """Show one unit under supervision, to the team and to the unit, each with what is theirs to do."""
    target = load_target(target_id)
    row, today, calendar = target.campaign, clock.today(), work_calendar()
    reads_all, checks = queries.may_read(current_user.reach, row), operations.may_check(current_user, target)
    shown = reads_all or row.state in rules.SHOWN_IN
    running = row.state in rules.SELF_CHECKED_IN and target.reported_at is None
    mine = operations.may_self_check(current_user, target)
    return render_template(
        "oversight/staff/campaign_unit.html",
        target=target,
        row=row,
        reads_all=reads_all,
        mine=mine,
        shows_team=shown,
        findings=target.findings if shown else [],
        own=operations.answers_of(target, Side.UNIT),
        team=operations.answers_of(target, Side.TEAM) if shown else {},
        may_self_check=mine and running,
        may_report=operations.may_speak(current_user, target) and running,
        may_comment=operations.may_speak(current_user, target) and row.state == State.FINDINGS and target.commented_at is None,
        may_check=checks and row.state in rules.CHECKED_IN,
        may_find=checks and _open_to_find(target),
        duties={finding.id: (finding.duty, chip_of(finding.duty, today=today, calendar=calendar), assignment_state(finding.duty))
                for finding in target.findings if finding.duty is not None},
        attached=[each for each in target.files if each.finding_id is None and (reads_all or each.purpose == Purpose.REPORT)],
        form=PressForm(),
        words=words,
        Purpose=Purpose,
    )  # fmt: skip


@bp.get("/giam-sat/don-vi/<int:target_id>/tep/<uuid:uid>")
@signed_in
def campaign_file(target_id: int, uid: uuid.UUID) -> Response:
    """Send a file of the unit's report or, to the team, of what it saw; of a recommendation, what shows that it was done."""
    target = load_target(target_id)
    found = next((each for each in target.files if each.file.uid == uid), None)
    hidden = found is not None and found.purpose == Purpose.CHECK and not queries.may_read(current_user.reach, target.campaign)
    if found is None or hidden:
        abort(404)
    return files.send(found.file)


def _answer(target: CampaignTarget, side: Side, *, allowed: bool, title: str, done: str) -> Any:
    questions, there = target.campaign.questions, operations.answers_of(target, side)
    if not allowed:
        abort(403)
    running = target.campaign.state in (rules.SELF_CHECKED_IN if side == Side.UNIT else rules.CHECKED_IN)
    if not running or (side == Side.UNIT and target.reported_at is not None):
        return _late(target)
    form = answers_form(questions, there, was=operations.fingerprint(target, side))

    def begins() -> Any:
        now = operations.answers_of(target, side)
        return answers_form(questions, now, was=operations.fingerprint(target, side), formdata=None)

    return edit_form(
        form,
        lambda: operations.answer(
            target, side, form.said(), seen=form.was.data, files=form["files"].data, actor=current_user, now=clock.now()
        ),
        begins=begins,
        title=title,
        submit=_("Lưu"),
        done=done,
        back=_address(target),
        crumb=target.unit.name,
        code=target.campaign.code,
        intro=[target.campaign.theme],
        template="oversight/staff/checklist.html",
    )


@bp.route("/giam-sat/don-vi/<int:target_id>/tu-kiem-tra", methods=["GET", "POST"])
@signed_in
def self_check(target_id: int) -> Any:
    """The unit answers the checklist for itself."""
    target = load_target(target_id)
    allowed = operations.may_self_check(current_user, target)
    return _answer(
        target, Side.UNIT, allowed=allowed, title=_("Tự kiểm tra"), done=_("Đã lưu. Làm xong thì gửi báo cáo để đoàn giám sát nhận.")
    )


@bp.route("/giam-sat/don-vi/<int:target_id>/kiem-tra", methods=["GET", "POST"])
@signed_in
def team_check(target_id: int) -> Any:
    """The team writes down what it saw."""
    target = load_target(target_id)
    allowed = operations.may_check(current_user, target)
    return _answer(target, Side.TEAM, allowed=allowed, title=_("Kết quả kiểm tra tại đơn vị"), done=_("Đã lưu kết quả kiểm tra."))


@bp.route("/giam-sat/don-vi/<int:target_id>/bao-cao", methods=["GET", "POST"])
@signed_in
def send_campaign_report(target_id: int) -> Any:
    """The unit sends its report, with its own answers."""
    target, form = load_target(target_id), ReportForm()
    if not operations.may_speak(current_user, target):
        abort(403)
    if target.campaign.state not in rules.SELF_CHECKED_IN or target.reported_at is not None:
        return _late(target)
    asked, answered = len(target.campaign.questions), len(operations.answers_of(target, Side.UNIT))
    return one_form(
        form,
        lambda: operations.report(target, text=form.text.data or "", files=form.files.data, actor=current_user, now=clock.now()),
        title=_("Gửi báo cáo"),
        submit=_("Gửi báo cáo"),
        done=_("Đã gửi báo cáo. Đoàn giám sát được báo."),
        back=_address(target),
        crumb=target.unit.name,
        code=target.campaign.code,
        intro=[_("Đã tự trả lời %(answered)s/%(asked)s câu. Gửi rồi thì không sửa được nữa.", answered=answered, asked=asked)],
    )


@bp.route("/giam-sat/don-vi/<int:target_id>/y-kien", methods=["GET", "POST"])
@signed_in
def comment_findings(target_id: int) -> Any:
    """The unit says what it thinks of what was found."""
    target, form = load_target(target_id), CommentForm()
    if not operations.may_speak(current_user, target):
        abort(403)
    if target.campaign.state != State.FINDINGS or target.commented_at is not None:
        return _late(target)
    return one_form(
        form,
        lambda: operations.comment(target, text=form.text.data or "", actor=current_user, now=clock.now()),
        title=_("Góp ý dự thảo kết quả giám sát"),
        submit=_("Gửi ý kiến"),
        done=_("Đã gửi ý kiến."),
        back=_address(target),
        crumb=target.unit.name,
        code=target.campaign.code,
    )


# --- what was found -------------------------------------------------------------------------------------------------------


def _to_find(target_id: int) -> CampaignTarget:
    target = load_target(target_id)
    if not operations.may_check(current_user, target):
        abort(403)
    if not _open_to_find(target):
        abort(_late(target))
    return target


def _finding(target: CampaignTarget, finding_id: int) -> SupervisionFinding:
    found = next((each for each in target.findings if each.id == finding_id), None)
    if found is None:
        abort(404)
    return found


@bp.route("/giam-sat/don-vi/<int:target_id>/nhan-dinh", methods=["GET", "POST"])
@signed_in
def add_finding(target_id: int) -> Any:
    """Write down what was found."""
    target = _to_find(target_id)
    form = FindingForm(data={"due_on": queries.day_by_rule(Stage.CARRY_OUT, clock.today())})
    return one_form(
        form,
        lambda: operations.add_finding(target, form.said(), actor=current_user, now=clock.now()),
        title=_("Ghi nhận định"),
        submit=_("Ghi"),
        done=_("Đã ghi nhận định."),
        back=_address(target),
        crumb=target.unit.name,
        code=target.campaign.code,
    )


@bp.route("/giam-sat/don-vi/<int:target_id>/nhan-dinh/<int:finding_id>", methods=["GET", "POST"])
@signed_in
def change_finding(target_id: int, finding_id: int) -> Any:
    """Change what was found, before it is concluded."""
    target = _to_find(target_id)
    finding = _finding(target, finding_id)
    form = FindingForm(row=finding)
    return edit_form(
        form,
        lambda: operations.change_finding(finding, form.said(), seen=form.was.data, actor=current_user, now=clock.now()),
        begins=lambda: FindingForm(row=finding, formdata=None),
        title=_("Sửa nhận định"),
        submit=_("Lưu"),
        done=_("Đã lưu."),
        back=_address(target),
        crumb=target.unit.name,
        code=target.campaign.code,
    )


@bp.route("/giam-sat/don-vi/<int:target_id>/nhan-dinh/<int:finding_id>/bo", methods=["GET", "POST"])
@signed_in
def remove_finding(target_id: int, finding_id: int) -> Any:
    """Take back what was written down by mistake, after asking."""
    target = _to_find(target_id)
    finding = _finding(target, finding_id)
    return one_form(
        PressForm(),
        lambda: operations.remove_finding(finding, actor=current_user, now=clock.now()),
        title=_("Bỏ nhận định"),
        submit=_("Bỏ nhận định"),
        done=_("Đã bỏ nhận định."),
        back=_address(target),
        crumb=target.unit.name,
        code=target.campaign.code,
        quotes=[finding.text],
        danger=True,
    )
