"""One recommendation of a supervision: the unit takes, returns or does it; whoever supervised confirms it or says not yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from app import clock
from app.access import signed_in
from app.assignments.chips import chip_of
from app.assignments.operations import UnitClosed
from app.assignments.operations.clocks import ExtensionDecided, ExtensionNotAllowed
from app.assignments.rules import State
from app.calendar.queries import work_calendar
from app.database import db
from app.units.models import Unit
from feedback.forms.staff import DecisionForm, PressForm, WordsForm
from feedback.words import assignment_state
from oversight import letters
from oversight import supervision as queries
from oversight.forms.recommendations import DoneForm, ExtendForm, GiveAgainForm, NotYetForm, RemarksForm
from oversight.models import FindingAssignment
from oversight.operations import recommendations as operations
from oversight.views.staff.letters import kinds_written, page_of_paper
from oversight.views.staff.pages import REFUSALS, TOO_LATE, bp, one_form, press

REFUSALS |= {
    operations.ProofMissing: _l("Gửi kèm ảnh hoặc văn bản làm chứng."),
    operations.RequestWaits: _l("Đã xin gia hạn và đang chờ quyết định."),
    ExtensionNotAllowed: _l("Không gia hạn được nữa: đã quá hạn, đã gia hạn rồi, hoặc quy định không cho."),
    ExtensionDecided: _l("Đề nghị gia hạn này vừa được người khác quyết định."),
    UnitClosed: _l("Đơn vị đã giải thể hoặc sáp nhập. Chọn đơn vị tiếp quản."),
}


def load(assignment_id: int) -> FindingAssignment:
    """Return it for whoever may open it; else 404."""
    found = db.session.get(FindingAssignment, assignment_id)
    if found is None or not queries.may_see(current_user.reach, found):
        abort(404)
    return found


def _address(row: FindingAssignment) -> str:
    return url_for("oversight.recommendation", assignment_id=row.id)


def _load_for(assignment_id: int, may: Callable[[Any, FindingAssignment], bool], *states: State) -> FindingAssignment:
    found = load(assignment_id)
    if not may(current_user, found):
        abort(403)
    if found.state not in states:
        flash(str(TOO_LATE), "warn")
        abort(redirect(_address(found), 303))
    return found


def _to_do(assignment_id: int, *states: State) -> FindingAssignment:
    return _load_for(assignment_id, operations.may_do, *states)


def _to_judge(assignment_id: int, *states: State) -> FindingAssignment:
    return _load_for(assignment_id, operations.may_confirm, *states)


@bp.get("/giam-sat/kien-nghi/<int:assignment_id>")
@signed_in
def recommendation(assignment_id: int) -> str:
    """Show one recommendation and what may be done about it."""
    row = load(assignment_id)
    finding, today = row.finding, clock.today()
    does, judges, request = operations.may_do(current_user, row), operations.may_confirm(current_user, row), queries.pending_extension(row)
    returned = row.state == State.RETURNED and finding.duty is row and finding.dropped_at is None
    return render_template(
        "oversight/staff/recommendation.html",
        row=row,
        finding=finding,
        campaign=finding.target.campaign,
        chip=chip_of(row, today=today, calendar=work_calendar()),
        state=assignment_state(row),
        request_=request,
        may_take=does and row.state == State.OFFERED,
        may_finish=does and row.state == State.TAKEN,
        may_return=does and row.is_open,
        may_ask=does and operations.may_ask_extension(row, today),
        may_decide=judges and request is not None and row.is_open,
        may_confirm=judges and row.state == State.DONE,
        may_give=judges and returned,
        may_remind=judges and row.is_open and row.is_late(today) and any(kinds_written([row])),
        reminders=[(letter, url) for letter in letters.about([row.id]) if (url := page_of_paper(letter.paper))],
        reads_target=queries.may_read_target(current_user.reach, finding.target),
        form=PressForm(),
    )


def _step(row: FindingAssignment, form: Any, do: Callable[[], Any], **page: Any) -> Any:
    return one_form(form, do, back=_address(row), crumb=row.title, code=row.reference, **page)


@bp.post("/giam-sat/kien-nghi/<int:assignment_id>/nhan")
@signed_in
def take_recommendation(assignment_id: int) -> Response:
    """Take it for the unit."""
    row = _to_do(assignment_id, State.OFFERED)
    return press(lambda: operations.take(row, actor=current_user, now=clock.now()), done=_("Đã nhận việc."), back=_address(row))


@bp.route("/giam-sat/kien-nghi/<int:assignment_id>/tra-lai", methods=["GET", "POST"])
@signed_in
def return_recommendation(assignment_id: int) -> Any:
    """Return it with a reason."""
    row, form = _to_do(assignment_id, State.OFFERED, State.TAKEN), WordsForm()
    form.text.label.text = _("Vì sao trả lại")
    return _step(
        row,
        form,
        lambda: operations.give_back(row, reason=form.text.data or "", actor=current_user, now=clock.now()),
        title=_("Trả lại kèm lý do"),
        submit=_("Trả lại"),
        done=_("Đã trả lại nơi giám sát."),
        intro=[row.title],
        danger=True,
    )


@bp.route("/giam-sat/kien-nghi/<int:assignment_id>/xong", methods=["GET", "POST"])
@signed_in
def finish_recommendation(assignment_id: int) -> Any:
    """Report it as done, with what shows it."""
    row, form = _to_do(assignment_id, State.TAKEN), DoneForm()
    return _step(
        row,
        form,
        lambda: operations.keep(row, outcome=form.outcome.data or "", proofs=form.proofs.data, actor=current_user, now=clock.now()),
        title=_("Báo đã thực hiện"),
        submit=_("Báo đã xong"),
        done=_("Đã báo xong. Nơi giám sát sẽ xác nhận."),
        intro=[row.title],
    )


@bp.route("/giam-sat/kien-nghi/<int:assignment_id>/gia-han", methods=["GET", "POST"])
@signed_in
def ask_more_time(assignment_id: int) -> Any:
    """Ask the body for more time."""
    row, form = _to_do(assignment_id, State.OFFERED, State.TAKEN), ExtendForm()
    return _step(
        row,
        form,
        lambda: operations.ask_extension(row, reason=form.reason.data or "", actor=current_user, now=clock.now()),
        title=_("Xin gia hạn"),
        submit=_("Gửi đề nghị"),
        done=_("Đã gửi. Nơi giám sát quyết định."),
    )


@bp.route("/giam-sat/kien-nghi/<int:assignment_id>/gia-han/quyet-dinh", methods=["GET", "POST"])
@signed_in
def decide_more_time(assignment_id: int) -> Any:
    """Grant or refuse more time."""
    row, form = _to_judge(assignment_id, State.OFFERED, State.TAKEN), DecisionForm()
    request = queries.pending_extension(row)
    if request is None:
        flash(str(TOO_LATE), "warn")
        return redirect(_address(row), 303)
    return _step(
        row,
        form,
        lambda: operations.decide_extension(
            row, request, granted=form.granted.data == "yes", remarks=form.remarks.data or "", actor=current_user, now=clock.now()
        ),
        title=_("Quyết định gia hạn"),
        submit=_("Quyết định"),
        done=_("Đã quyết định. Đơn vị được báo."),
        quotes=[request.reason],
    )


@bp.route("/giam-sat/kien-nghi/<int:assignment_id>/xac-nhan", methods=["GET", "POST"])
@signed_in
def confirm_recommendation(assignment_id: int) -> Any:
    """It is as the unit says."""
    row, form = _to_judge(assignment_id, State.DONE), RemarksForm()
    return _step(
        row,
        form,
        lambda: operations.confirm(row, remarks=form.remarks.data or "", actor=current_user, now=clock.now()),
        title=_("Xác nhận đã thực hiện"),
        submit=_("Xác nhận"),
        done=_("Đã xác nhận."),
        quotes=[row.finding.outcome],
    )


@bp.route("/giam-sat/kien-nghi/<int:assignment_id>/chua-dat", methods=["GET", "POST"])
@signed_in
def doubt_recommendation(assignment_id: int) -> Any:
    """It is not done yet, and by which day now."""
    row, form = _to_judge(assignment_id, State.DONE), NotYetForm()
    return _step(
        row,
        form,
        lambda: operations.not_yet(
            row, remarks=form.remarks.data or "", due_on=form.due_on.data or dt.date.min, actor=current_user, now=clock.now()
        ),
        title=_("Chưa đạt, làm lại"),
        submit=_("Giao làm lại"),
        done=_("Đã giao làm lại. Đơn vị được báo."),
        quotes=[row.finding.outcome],
    )


@bp.route("/giam-sat/kien-nghi/<int:assignment_id>/giao-lai", methods=["GET", "POST"])
@signed_in
def give_recommendation_again(assignment_id: int) -> Any:
    """Give what was returned to a unit once more: the same, or the one that answers for it."""
    row, form = _to_judge(assignment_id, State.RETURNED), GiveAgainForm()
    offered = queries.may_be_supervised(current_user, row.finding.target.campaign.unit, clock.today())
    form.unit.choices = [SelectChoice("", _("Gõ hoặc chọn một đơn vị")), *(SelectChoice(str(unit.id), unit.name) for unit in offered)]

    def do() -> None:
        unit = db.session.get(Unit, form.unit.id_chosen)
        assert unit is not None  # offered, says the form
        operations.give_again(
            row, unit, remarks=form.remarks.data or "", due_on=form.due_on.data or dt.date.min, actor=current_user, now=clock.now()
        )

    return _step(row, form, do, title=_("Giao lại"), submit=_("Giao lại"), done=_("Đã giao lại."), quotes=[row.finding.outcome])


@bp.route("/giam-sat/kien-nghi/<int:assignment_id>/thoi", methods=["GET", "POST"])
@signed_in
def drop_recommendation(assignment_id: int) -> Any:
    """Leave what was returned at that."""
    row, form = _to_judge(assignment_id, State.RETURNED), WordsForm()
    form.text.label.text = _("Vì sao không giao lại")
    return _step(
        row,
        form,
        lambda: operations.drop(row, remarks=form.text.data or "", actor=current_user, now=clock.now()),
        title=_("Chấp nhận trả lại, không giao nữa"),
        submit=_("Chấp nhận"),
        done=_("Đã chấp nhận trả lại."),
        quotes=[row.finding.outcome],
    )
