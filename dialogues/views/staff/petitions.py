"""What is beyond the chair's authority: the petition that went up, and what the body that got it says."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.access import requires
from app.assignments.rules import State
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from dialogues.forms.petitioning import DecidedForm, SentForm
from dialogues.models import ConclusionAssignment
from dialogues.operations import petitioning
from dialogues.operations.petitioning import Sent
from dialogues.views.staff.pages import REFUSALS, TOO_LATE, bp
from dialogues.views.staff.promises import load, load_to_do, step, to_promise
from feedback.views.staff import choices

REFUSALS |= {
    petitioning.NotBeyond: _l("Việc này đơn vị tự làm được, không cần kiến nghị."),
    petitioning.SentAlready: _l("Văn bản kiến nghị đã ghi rồi."),
    petitioning.NotAbove: _l("Kiến nghị gửi cơ quan khác. Việc của đơn vị mình hoặc đơn vị trực thuộc thì giao thẳng."),
    petitioning.NotSentYet: _l("Ngày gửi không sau hôm nay."),
}


def _body(row: ConclusionAssignment) -> str:
    named = row.petition.unit if row.petition else None
    return named.name if named else row.beyond or ""


@bp.route("/viec/<int:promise_id>/kien-nghi", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_HANDLE)
def send_petition(promise_id: int) -> Any:
    """Write down the paper that petitions."""
    row, form = load_to_do(promise_id, State.TAKEN), SentForm(today=clock.today())
    if not row.beyond or row.petition is not None:
        return to_promise(row, TOO_LATE, "warn")
    form.unit.choices = choices.units(clock.today(), first=_("Không có trên trang này"), outside=row.unit)

    def do() -> None:
        unit = db.session.get(Unit, form.unit.id_chosen) if form.unit.id_chosen else None
        assert form.sent_on.data is not None  # says the form
        sent = Sent(form.number.data or "", form.sent_on.data, unit, tuple(form.files.data))
        petitioning.send(row, sent, actor=current_user, now=clock.now())

    return step(
        row, form, do, done=_("Đã ghi văn bản kiến nghị. Có trả lời thì ghi tiếp."), title=_("Ghi văn bản kiến nghị đã gửi"),
        submit=_("Ghi đã gửi"), intro=[_("Gửi %(body)s: %(title)s", body=row.beyond, title=row.title)],
    )  # fmt: skip


@bp.route("/viec/<int:promise_id>/kien-nghi/tra-loi", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_READ)
def decide_petition(promise_id: int) -> Any:
    """Write down what the body said; accepted, a unit of this site has it from now on, with a day."""
    row, form = load(promise_id), DecidedForm(today=clock.today())
    petition = row.petition
    if petition is None or not petitioning.may_decide(current_user, petition):
        abort(403)
    if petition.accepted is not None or not row.is_open:
        return to_promise(row, TOO_LATE, "warn")

    def do() -> None:
        said, now = form.said.data or "", clock.now()
        if form.accepted.data == "yes":
            assert form.due_on.data is not None  # says the form
            petitioning.accept(petition, due_on=form.due_on.data, said=said, actor=current_user, now=now)
        else:
            petitioning.decline(petition, said=said, actor=current_user, now=now)

    return step(
        row, form, do, done=_("Đã ghi trả lời. Nơi kiến nghị được báo."), title=_("Trả lời kiến nghị"), submit=_("Ghi trả lời"),
        intro=[_("Kiến nghị %(number)s gửi %(body)s: %(title)s", number=petition.number, body=_body(row), title=row.title)],
    )  # fmt: skip
