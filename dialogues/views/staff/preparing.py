"""What is to be made ready, by when and by whom; and the two reports: public concerns, and what became of earlier promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.accounts.models import User
from app.database import db
from app.formats import format_date
from app.permissions import Permission
from dialogues import checklist as shipped
from dialogues import concerns as figures
from dialogues import earlier, queries, rules
from dialogues.checklist import Task
from dialogues.forms.meanwhile import meanwhile
from dialogues.forms.preparing import ConcernsForm, TaskForm, WhyNotForm
from dialogues.models import PreparationTask, Session
from dialogues.operations import checklist, reports
from dialogues.operations.editing import fingerprint
from dialogues.views.staff import choices
from dialogues.views.staff.pages import (
    MENDED_IN,
    REFUSALS,
    UNPROCESSABLE,
    WITHIN,
    add_room,
    attempt,
    bp,
    load,
    load_to_prepare,
    press,
    step,
    to_room,
)

ROOM = "dialogue_staff.preparing"

add_room(ROOM, _l("Chuẩn bị"), "before", 2)
WITHIN |= dict.fromkeys(("dialogue_staff.concerns", "dialogue_staff.earlier_promises"), ROOM)
MENDED_IN |= {"no_report_of_concerns": "dialogue_staff.concerns", "promises_without_word": "dialogue_staff.earlier_promises"}
REFUSALS |= {
    checklist.TaskSettled: _l("Việc này tự ghi xong khi đủ điều kiện."),
    reports.ReportEmpty: _l("Viết nội dung báo cáo trước khi ghi là xong."),
    reports.PromisesFrozen: _l("Báo cáo này đã chốt khi ghi chuẩn bị xong."),
    reports.NothingToExplain: _l("Việc này đã làm xong, hoặc không còn trong báo cáo."),
}


@dataclass(frozen=True)
class Row:
    """A row of the checklist as the page shows it."""

    task: PreparationTask
    shipped: Task
    done: bool
    late: bool


@bp.get("/<code>/chuan-bi")
@requires(Permission.DIALOGUE_READ)
def preparing(code: str) -> str:
    """Show the checklist: what is done, what is late, what a step waits for."""
    found, today = load(code), clock.today()
    facts, known = queries.facts_of(found, today), shipped.tasks()
    rows = []
    for task in found.tasks:
        row = known.get(task.code)
        if row is not None:
            done = shipped.is_done(row, facts, found.status, ticked=task.done_at is not None)
            rows.append(Row(task, row, done, late=not done and task.due_on is not None and task.due_on < today))
    return render_template(
        "dialogues/staff/preparing.html", session_=found, rows=rows, mended_in=MENDED_IN, may_prepare=_may_prepare(found)
    )


def _may_prepare(found: Session) -> bool:
    return found.status in rules.EDITABLE and rules.may_prepare(current_user.reach, queries.standing_of(found))


def _task(found: Session, task_id: int) -> PreparationTask:
    return next((task for task in found.tasks if task.id == task_id), None) or abort(404)


@bp.route("/<code>/chuan-bi/<int:task_id>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def hand_task(code: str, task_id: int) -> Any:
    """Say who has a row of the checklist, and what there is to know."""
    found = load_to_prepare(code)
    task = _task(found, task_id)
    form = TaskForm(data={"owner": str(task.owner_id or ""), "note": task.note})
    form.owner.choices = choices.people_of(found.unit)

    def do() -> None:
        owner = db.session.get(User, form.owner.id_chosen) if form.owner.id_chosen else None
        checklist.hand(task, owner, form.note.data or "", actor=current_user, now=clock.now())

    return step(found, form, do, done=_("Đã lưu."), title=_("Giao việc chuẩn bị"), submit=_("Lưu"), intro=[task.title], back=ROOM)


@bp.post("/<code>/chuan-bi/<int:task_id>/xong")
@requires(Permission.DIALOGUE_PREPARE)
def tick_task(code: str, task_id: int) -> Response:
    """Say that a row is done, or (`chua`) that it is not after all."""
    found = load_to_prepare(code)
    task, done = _task(found, task_id), "chua" not in request.form
    return press(
        found,
        lambda: checklist.tick(task, done=done, actor=current_user, now=clock.now()),
        done=_("Đã ghi xong.") if done else _("Đã ghi chưa xong."),
        back=ROOM,
    )


@bp.route("/<code>/du-luan", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def concerns(code: str) -> Any:
    """Write the report of public concerns: the figures stand beside, and the first draft is made of them. Nội bộ until it is read out."""
    found = load_to_prepare(code)
    months = next((each for each in figures.PERIODS if request.args.get("thang") == str(each)), figures.PERIODS[-1])
    numbers = figures.figures(found, clock.today(), months=months)
    fresh = "soan-lai" in request.args or not found.concerns
    form = ConcernsForm(data={"text": figures.draft(numbers) if fresh else found.concerns, "was": fingerprint(found.concerns)})
    if form.validate_on_submit():
        done = "xong" in request.form

        def do() -> None:
            reports.write_concerns(found, form.text.data or "", done=done, seen=form.was.data, actor=current_user, now=clock.now())

        if attempt(form, do):
            said = _("Đã lưu và ghi là xong.") if found.concerns_done_at else _("Đã lưu bản soạn.")
            return to_room(found, "dialogue_staff.concerns", said)
    body = render_template(
        "dialogues/staff/concerns.html",
        session_=found,
        form=form,
        changes=meanwhile(form, lambda: ConcernsForm(formdata=None, data={"text": found.concerns, "was": fingerprint(found.concerns)})),
        numbers=numbers,
        may_prepare=_may_prepare(found),
        most=figures.MOST,
        periods=[
            {"label": each, "url": url_for("dialogue_staff.concerns", code=code, thang=each), "current": each == months}
            for each in figures.PERIODS
        ],
    )
    return body, UNPROCESSABLE if form.errors or form.form_errors else 200


@bp.get("/<code>/cam-ket-ky-truoc")
@requires(Permission.DIALOGUE_READ)
def earlier_promises(code: str) -> str:
    """Show what was promised at earlier sessions: done, or not done and why."""
    found = load(code)
    return render_template(
        "dialogues/staff/earlier.html",
        session_=found,
        promises=earlier.promises(found),
        may_prepare=_may_prepare(found) and found.promises_frozen_at is None,
    )


@bp.route("/<code>/cam-ket-ky-truoc/<int:assignment_id>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def say_why(code: str, assignment_id: int) -> Any:
    """Say why a promise is not done."""
    found = load_to_prepare(code)
    promise = next((each for each in earlier.promises(found) if each.assignment_id == assignment_id), None) or abort(404)
    ahead = promise.due_on if promise.due_on is not None and promise.due_on >= clock.today() else None
    in_time = _("Đang làm, còn trong hạn đến %(day)s.", day=format_date(ahead, weekday=False)) if ahead else ""
    form = WhyNotForm(data={"why": promise.why_not or in_time})
    intro = [promise.title, promise.unit_name]
    if promise.said:
        intro.append(_("Đơn vị ghi: %(said)s", said=promise.said))
    answer = step(
        found,
        form,
        lambda: reports.say_why(found, assignment_id, form.why.data or "", actor=current_user, now=clock.now()),
        done=_("Đã ghi lý do."),
        title=_("Vì sao chưa làm"),
        submit=_("Ghi lý do"),
        intro=intro,
        back="dialogue_staff.earlier_promises",
    )
    rest = [each for each in earlier.promises(found) if each.lacks_word] if isinstance(answer, Response) else []
    if rest:  # one after the other, without a way back to the list
        return redirect(url_for(".say_why", code=code, assignment_id=rest[0].assignment_id), 303)
    return answer
