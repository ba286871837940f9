"""What conclusions gave a unit to do: its list, taking, returning with a reason, passing on, and the report that it is done."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock, files, navigation
from app.access import requires
from app.assignments.chips import chip_of
from app.assignments.rules import State
from app.calendar.queries import work_calendar
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from dialogues import given, queries, rules
from dialogues.forms.concluding import DoneForm
from dialogues.models import ConclusionAssignment, SessionFile
from dialogues.operations import promises as operations
from dialogues.operations.petitioning import may_decide
from dialogues.views.staff.pages import TOO_LATE, bp, one_form, press_to
from feedback.forms.staff import TransferForm, WordsForm
from feedback.views.staff import choices
from feedback.words import assignment_state

VIEWS: dict[str, tuple[Any, str]] = {
    "open": (_l("Đang phải làm"), "clock"),
    "late": (_l("Quá hạn"), "late"),
    "offered": (_l("Chờ nhận"), "inbox"),
    "done": (_l("Đã báo xong"), "done"),
}


@bp.get("/viec")
@requires(Permission.FEEDBACK_HANDLE)
def promises() -> str:
    """Show what conclusions gave the person's units, the earliest day first."""
    view = asked if (asked := request.args.get("xem", "open")) in VIEWS else "open"
    today, calendar = clock.today(), work_calendar()
    after = read_cursor("conclusions", request.args.get("sau", ""), dt.date, int)
    rows = given.page(view, current_user.reach, today, after=after, limit=given.PAGE + 1)
    shown, numbers = rows[: given.PAGE], given.counts(current_user.reach, today)
    more = len(rows) > given.PAGE
    return render_template(
        "dialogues/staff/promises.html",
        rows=[{"row": row, "chip": chip_of(row, today=today, calendar=calendar), "state": assignment_state(row)} for row in shown],
        counts=[
            {"label": label, "number": numbers[name], "url": url_for(".promises", xem=name), "icon": icon, "current": name == view}
            | ({"tone": "late"} if name == "late" else {})
            for name, (label, icon) in VIEWS.items()
        ],
        today=today,
        petitions=given.petitions(current_user.reach),
        next_url=url_for(".promises", xem=view, sau=write_cursor("conclusions", shown[-1].due_sort, shown[-1].id)) if more else None,
    )


def offered() -> int:
    """Return how many wait to be taken by the units of the person who looks, for the menu."""
    return navigation.answer("conclusions_offered")


def load(promise_id: int) -> ConclusionAssignment:
    """Return it for whoever may open it; 404 alike where there is none and for all others."""
    found = db.session.get(ConclusionAssignment, promise_id)
    if found is None or not operations.may_see(current_user, found):
        abort(404)
    return found


def load_to_do(promise_id: int, *states: State) -> ConclusionAssignment:
    """Return it for whoever works on it; 403 for those who only read it, back to its page where it is too late."""
    found = load(promise_id)
    if not operations.may_do(current_user, found):
        abort(403)
    if found.state not in states:
        abort(to_promise(found, TOO_LATE, "warn"))
    return found


def to_promise(row: ConclusionAssignment, sentence: Any, category: str = "ok") -> Response:
    """Go to its page, and say *sentence* there."""
    flash(str(sentence), category)
    return redirect(url_for(".promise", promise_id=row.id), 303)


@bp.get("/viec/<int:promise_id>")
@requires(Permission.DIALOGUE_READ)
def promise(promise_id: int) -> str:
    """Show one thing that a conclusion gave a unit to do."""
    row = load(promise_id)
    may_do, petition = operations.may_do(current_user, row) and row.is_open, row.petition
    return render_template(
        "dialogues/staff/promise.html",
        row=row,
        session_=row.session,
        chip=chip_of(row, today=clock.today(), calendar=work_calendar()),
        state=assignment_state(row),
        helps=queries.supporting(row.supporting_ids),
        may_take=may_do and row.state == State.OFFERED,
        may_finish=may_do and row.state == State.TAKEN and (not row.beyond or (petition is not None and petition.accepted is not None)),
        may_petition=may_do and row.state == State.TAKEN and bool(row.beyond) and petition is None,
        may_decide=petition is not None and petition.accepted is None and row.is_open and may_decide(current_user, petition),
        may_open_taken=petition is not None and petition.taken is not None and operations.may_see(current_user, petition.taken),
        may_return=may_do and row.unit_id != row.session.unit_id,
        may_pass=may_do and row.unit_id == row.session.unit_id and not row.beyond,
        may_read_session=rules.may_read(current_user.reach, queries.standing_of(row.session)),
        proofs=[{"url": url_for(".promise_file", promise_id=row.id, uid=each.file.uid), "file": each} for each in _proofs(row)],
    )


def _proofs(row: ConclusionAssignment) -> list[SessionFile]:
    return list(db.session.scalars(db.select(SessionFile).where(SessionFile.promise_id == row.id).order_by(SessionFile.id)))


@bp.get("/viec/<int:promise_id>/tep/<uuid:uid>")
@requires(Permission.DIALOGUE_READ)
def promise_file(promise_id: int, uid: uuid.UUID) -> Response:
    """Send what shows that it was done."""
    found = next((each for each in _proofs(load(promise_id)) if each.file.uid == uid), None)
    if found is None:
        abort(404)
    return files.send(found.file)


@bp.post("/viec/<int:promise_id>/nhan")
@requires(Permission.FEEDBACK_HANDLE)
def take_promise(promise_id: int) -> Response:
    """Take it for the unit."""
    row = load_to_do(promise_id, State.OFFERED)
    back = url_for(".promise", promise_id=row.id)
    return press_to(lambda: operations.take(row, actor=current_user, now=clock.now()), done=_("Đã nhận việc."), back=back)


def step(row: ConclusionAssignment, form: Any, do: Callable[[], Any], **page: Any) -> Any:
    """Do one thing to it by one form, and go back to its page."""
    return one_form(form, do, back=url_for(".promise", promise_id=row.id), code=row.session.code, crumb=row.title, **page)


@bp.route("/viec/<int:promise_id>/tra-lai", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_HANDLE)
def return_promise(promise_id: int) -> Any:
    """Return it with a reason to the unit that held the session."""
    row, form = load_to_do(promise_id, State.OFFERED, State.TAKEN), WordsForm()
    form.text.label.text = _("Vì sao trả lại")
    host = row.session.unit.name
    return step(
        row,
        form,
        lambda: operations.give_back(row, reason=form.text.data or "", actor=current_user, now=clock.now()),
        done=_("Đã trả lại %(unit)s.", unit=host),
        title=_("Trả lại kèm lý do"),
        submit=_("Trả lại"),
        danger=True,
        intro=[
            _("Việc về %(unit)s, nơi tổ chức đối thoại, để giao nơi khác hoặc tự làm. Hạn đã cam kết với người dân không lùi.", unit=host)
        ],
    )


@bp.route("/viec/<int:promise_id>/chuyen", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_HANDLE)
def pass_on_promise(promise_id: int) -> Any:
    """Give what came back to another unit."""
    row, form = load_to_do(promise_id, State.OFFERED, State.TAKEN), TransferForm()
    if row.unit_id != row.session.unit_id or row.beyond:
        abort(403)
    form.unit.choices = [
        each for each in choices.units(clock.today(), first=_("Gõ hoặc chọn một đơn vị"), own=row.unit) if each.value != str(row.unit_id)
    ]

    def do() -> None:
        to = db.session.get(Unit, form.unit.id_chosen)
        assert to is not None  # offered, says the form
        operations.pass_on(row, to, reason=form.reason.data or "", actor=current_user, now=clock.now())

    return step(
        row, form, do, done=_("Đã chuyển."), title=_("Giao đơn vị khác"), submit=_("Giao"),
        intro=[_("Hạn đã cam kết với người dân giữ nguyên.")],
    )  # fmt: skip


@bp.route("/viec/<int:promise_id>/xong", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_HANDLE)
def keep_promise(promise_id: int) -> Any:
    """Report it as done, with what shows it."""
    row, form = load_to_do(promise_id, State.TAKEN), DoneForm()

    def do() -> None:
        operations.keep(
            row,
            outcome=form.outcome.data or "",
            proofs=form.proofs.data,
            caption=form.caption.data or "",
            actor=current_user,
            now=clock.now(),
        )

    return step(
        row, form, do, done=_("Đã báo xong. Nơi tổ chức đối thoại được báo."), title=_("Báo đã làm xong"), submit=_("Báo đã xong"),
        intro=[row.title],
    )  # fmt: skip
