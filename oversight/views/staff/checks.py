"""Looks on the spot: what waits to be looked at, what was found, and what waits for the superior: `/can-bo/kiem-tra-thuc-te`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from app import clock, files, hooks
from app.access import requires
from app.accounts.models import User
from app.accounts.queries import granted
from app.assignments.models import Assignment
from app.calendar.queries import work_calendar
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.permissions import Permission
from oversight import register, story
from oversight.checks import checked
from oversight.forms.checks import YES, LookForm, PlanForm
from oversight.models import CheckTask, ReopeningQuestion, SpotCheck
from oversight.operations import looking
from oversight.operations.looking import Seen
from oversight.register import kinds
from oversight.register.shown import shown
from oversight.rules import checks as rules
from oversight.views.staff.pages import REFUSALS, bp, one_form

P = Permission
ROOM = "oversight.spot_checks"
#: Views by their word in the address, with what they are called and their sign.
VIEWS: dict[str, tuple[str, Any, str]] = {
    "can-xem": ("to_look", _l("Cần đến xem"), "flag"),
    "da-xem": ("looked", _l("Đã xem"), "check"),
    "cho-quyet-dinh": ("waiting", _l("Chờ quyết định mở lại"), "clock"),
}
LISTS: dict[str, Any] = {"can-xem": checked.to_look, "da-xem": checked.looked, "cho-quyet-dinh": checked.waiting}
READERS = (P.REGISTER_READ, P.FEEDBACK_HANDLE, P.FEEDBACK_LEAD, P.OVERSIGHT_DECIDE)
REFUSALS |= {
    looking.LookedTooEarly: _l("Ngày đến xem trước ngày đơn vị báo đã xong. Ghi đúng ngày đã đến."),
    looking.LookedLater: _l("Ngày đến xem chưa tới. Xem xong rồi mới ghi kết quả."),
    looking.NotAPicture: _l("Có tệp không phải ảnh. Bỏ tệp ấy, chỉ gửi ảnh JPG, PNG hoặc WEBP."),
    looking.AskedAlready: _l("Việc này đã có trong danh sách cần đến xem."),
    looking.MayNotLook: _l("Người này thuộc đơn vị đã làm, đã từng xử lý việc này hoặc không có quyền kiểm tra. Chọn người khác."),
}


def watcher() -> checked.Watcher:
    """Return the person in front of the page as the one who looks at a list."""
    return checked.Watcher(current_user.reach, clock.today())


def to_look_count() -> int:
    """Return how many wait to be looked at, for the tab: those who do not look have nothing waiting."""
    return checked.to_look_count(watcher()) if current_user.reach.may_anywhere(P.OVERSIGHT_VERIFY) else 0


def facts_of(row: Assignment) -> dict[str, Any]:
    """Return a promise as every page here shows it."""
    return shown(row, None, reach=current_user.reach, today=clock.today(), calendar=work_calendar())


@bp.get("/kiem-tra-thuc-te")
@requires(P.REGISTER_READ)
def spot_checks() -> str:
    """Show one of the three lists."""
    view = asked if (asked := request.args.get("xem", "")) in VIEWS else "can-xem"
    who, after = watcher(), read_cursor(f"checks:{view}", request.args.get("sau", ""), int)
    found = LISTS[view](who, after=after[0] if after else 0, limit=checked.PAGE + 1)
    rows, numbers = found[: checked.PAGE], checked.counts(who)
    return render_template(
        "oversight/staff/checks.html",
        view=view,
        rows=[facts_of(each.assignment) | {"each": each} for each in rows],
        counts=[
            {"label": label, "number": numbers[name], "url": url_for(".spot_checks", xem=word), "icon": icon, "current": word == view}
            for word, (name, label, icon) in VIEWS.items()
        ],
        today=clock.today(),
        may_look=current_user.reach.may_anywhere(P.OVERSIGHT_VERIFY),
        next_url=url_for(".spot_checks", xem=view, sau=write_cursor(f"checks:{view}", rows[-1].id)) if len(found) > len(rows) else None,
    )


def load_to_look(assignment_id: int) -> Assignment:
    """Return the promise if this person may see it, 404 alike where there is none; 403 where they see it and may not look."""
    row = register.promise(assignment_id, current_user.reach, clock.today())
    if row is None or row.kind not in rules.KINDS:
        abort(404)
    if not rules.may_verify(current_user.reach, checked.done_of(row, current_user.reach.paths)):
        abort(403)
    return row


@bp.route("/kiem-tra-thuc-te/viec/<int:assignment_id>", methods=["GET", "POST"])
@requires(P.OVERSIGHT_VERIFY)
def look(assignment_id: int) -> Any:
    """Write down what was found at a promise that was reported done."""
    row, form = load_to_look(assignment_id), LookForm()
    if request.method == "GET" and not checked.lookable(row):
        return redirect(url_for(".promise", assignment_id=row.id))
    facts = facts_of(row)

    def do() -> None:
        seen = Seen(
            looked_on=form.looked_on.data, as_reported=form.as_reported.data == YES, note=form.note.data or "",
            public_note=form.public_note.data or "", place=form.place.data or "", companions=form.companions.data or "",
            caption=form.caption.data or "", photos=form.photos.data,
        )  # fmt: skip
        looking.look(row, seen, actor=current_user, now=clock.now())

    return one_form(
        form, do, done=_("Đã ghi kết quả kiểm tra thực tế."), back=url_for(".promise", assignment_id=row.id), title=_("Kiểm tra thực tế"),
        submit=_("Ghi kết quả"), code=row.reference, crumb=facts["task"], template="oversight/staff/check_form.html", facts=facts, row=row,
    )  # fmt: skip


@bp.route("/kiem-tra-thuc-te/viec/<int:assignment_id>/de-nghi", methods=["GET", "POST"])
@requires(P.OVERSIGHT_VERIFY, P.OVERSIGHT_REMIND, P.OVERSIGHT_DECIDE)
def ask_look(assignment_id: int) -> Any:
    """Ask that it be looked at."""
    row = register.promise(assignment_id, current_user.reach, clock.today())
    if row is None or row.kind not in rules.KINDS:
        abort(404)
    if not rules.may_ask(current_user.reach, checked.done_of(row, current_user.reach.paths)):
        abort(403)
    task = facts_of(row)["task"]
    return one_form(
        FlaskForm(), lambda: looking.ask(row, actor=current_user, now=clock.now()), done=_("Đã đưa vào danh sách cần đến xem."),
        back=url_for(".promise", assignment_id=row.id), title=_("Đề nghị kiểm tra thực tế"), submit=_("Đề nghị"),
        code=row.reference, crumb=task,
        intro=[task, _("Việc vào danh sách cần đến xem. Mặt trận và cơ quan được giao kiểm tra được báo.")],
    )  # fmt: skip


@bp.route("/kiem-tra-thuc-te/phan-cong/<int:task_id>", methods=["GET", "POST"])
@requires(P.OVERSIGHT_VERIFY)
def plan_look(task_id: int) -> Any:
    """Say who goes, and when."""
    task = db.session.get(CheckTask, task_id)
    if task is None:
        abort(404)
    row = load_to_look(task.assignment_id)
    form = PlanForm(looker=str(task.looker_id or ""), planned_on=task.planned_on)
    people = {str(user.id): user for user in _lookers(row)}
    form.looker.choices = [SelectChoice("", _("Chọn một người"))] + [
        SelectChoice(id_, f"{user.name}, {user.unit.short_name}") for id_, user in people.items()
    ]

    def do() -> None:
        looker = people[str(form.looker.data)]
        looking.plan(task, looker, form.planned_on.data, actor=current_user, now=clock.now())

    return one_form(
        form, do, done=_("Đã phân công."), back=url_for(".spot_checks"), title=_("Phân công đến xem"), submit=_("Phân công"),
        code=row.reference, crumb=_("Kiểm tra thực tế"), intro=[facts_of(row)["task"]],
    )  # fmt: skip


def _lookers(row: Assignment) -> list[User]:
    """Return the colleagues of this person who may look at *row*."""
    today = clock.today()
    found = [user for user in granted(P.OVERSIGHT_VERIFY, on=today) if user.unit_id == current_user.unit_id]
    return [user for user in sorted(found, key=lambda each: each.name) if checked.may_look(user, row, today)]


def load_check(check_id: int) -> SpotCheck:
    """Return what was found, for whoever may read it; 404 alike for all others and where there is nothing."""
    found = db.session.get(SpotCheck, check_id)
    if found is None or not (may_see(found.assignment) or _decides(found.question)):
        abort(404)
    return found


def may_see(row: Assignment) -> bool:
    """Say whether this person may read what was found at *row*."""
    return checked.may_see(row, current_user.reach)


def _decides(question: ReopeningQuestion | None) -> bool:
    reach = current_user.reach
    return question is not None and rules.may_decide(reach, checked.asked_of(question, reach))


@bp.get("/kiem-tra-thuc-te/ket-qua/<int:check_id>")
@requires(*READERS)
def spot_check(check_id: int) -> str:
    """Show what was found, and what came of it."""
    check = load_check(check_id)
    row, question = check.assignment, check.question
    looks = checked.checks_of(row)
    return render_template(
        "oversight/staff/check.html",
        check=check,
        question=question,
        others=[each for each in looks if each.id != check.id],
        last=looks[0].id == check.id,
        may_decide=question is not None and question.is_open and _decides(question),
        may_open_promise=register.promise(row.id, current_user.reach, clock.today()) is not None,
        today=clock.today(),
        **facts_of(row),
    )


@bp.get("/kiem-tra-thuc-te/ket-qua/<int:check_id>/anh/<uuid:uid>")
@requires(*READERS)
def spot_check_photo(check_id: int, uid: uuid.UUID) -> Response:
    """Send a photograph that was taken there."""
    found = next((photo for photo in load_check(check_id).photos if photo.file.uid == uid), None)
    if found is None:
        abort(404)
    return files.send(found.file)


# --- what the page of the promise says of it ------------------------------------------------------------------------------


def entries(row: Assignment, reader: story.Reader) -> Iterable[story.Entry]:
    """Tell what was found, what was asked, what was decided."""
    if row.kind not in rules.KINDS:
        return
    sees = checked.may_see(row, reader.reach)
    opens = kinds.may_read(row, reader.reach)
    for check in checked.checks_of(row):
        url = url_for("oversight.spot_check", check_id=check.id) if sees else None
        found = _("đúng như đã báo") if check.as_reported else _("chưa đúng như đã báo")
        text = _("%(body)s kiểm tra thực tế: %(found)s", body=check.body.name, found=found)
        yield story.Entry(check.recorded_at, text, "check" if check.as_reported else "flag", url, check.note if opens else "")
        question = check.question
        if question is None:
            continue
        to = question.decider.name if question.decider is not None else _("cấp có thẩm quyền")
        yield story.Entry(question.asked_at, _("Câu hỏi mở lại được đưa tới %(unit)s", unit=to), "flag", url)
        if question.decided_by is not None and question.ended_at is not None:
            said = _("quyết định mở lại, đơn vị làm lại") if question.reopened else _("quyết định không mở lại")
            text = _("%(unit)s %(said)s", unit=question.decided_by.unit.name, said=said)
            yield story.Entry(question.ended_at, text, "redo" if question.reopened else "check", url, question.reason)
        elif question.ended_at is not None:
            yield story.Entry(question.ended_at, _("Câu hỏi mở lại được rút: xem lại thấy đúng"), "check", url)


def buttons(row: Assignment, reader: story.Reader) -> Iterable[story.Action]:
    """Offer to look, or to ask for it, to whoever may."""
    if not checked.lookable(row):
        return
    done = checked.done_of(row, reader.reach.paths)
    if rules.may_verify(reader.reach, done):
        yield story.Action(_("Kiểm tra thực tế"), url_for("oversight.look", assignment_id=row.id))
    elif rules.may_ask(reader.reach, done):
        yield story.Action(_("Đề nghị kiểm tra thực tế"), url_for("oversight.ask_look", assignment_id=row.id))


def init_app() -> None:
    """Let the page of a promise tell of its looks."""
    hooks.add(story.further, entries)
    hooks.add(story.actions, buttons)
