"""Reminders and petitions, from the side of the unit that answers: the list, taking, handing on, the answer, its head's word."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, redirect, render_template, url_for
from flask import flash as say
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock, files
from app.access import requires, signed_in
from app.accounts.models import User
from app.assignments.chips import chip_of
from app.assignments.rules import State
from app.calendar.queries import work_calendar
from app.database import db
from app.permissions import Permission
from feedback.forms.staff import OfficerForm
from feedback.views.staff import choices
from feedback.words import assignment_state
from oversight import letters
from oversight.forms.letters import AnswerForm, RemarksForm
from oversight.letters import words as letter_words
from oversight.models import LetterAnswer, LetterAssignment
from oversight.operations import answering
from oversight.rules.letters import ANSWERS
from oversight.views.staff.letters import shown_about
from oversight.views.staff.pages import TOO_LATE, bp, one_form, press

P = Permission


def owed() -> int:
    """Return how many letters the person's units have still to answer, for the tab."""
    return letters.owed_count(current_user.reach)


@bp.get("/phai-tra-loi")
@requires(*ANSWERS)
def letters_owed() -> str:
    """List what the person's units owe an answer to, and what they answered."""
    lists = [
        (_("Phải trả lời"), letters.to_answer(current_user.reach, open_=True)),
        (_("Đã trả lời"), letters.to_answer(current_user.reach, open_=False)),
    ]
    return render_template(
        "oversight/staff/letters_owed.html",
        lists=[(title, [_shown(row) for row in rows]) for title, rows in lists if rows],
        words=letter_words,
    )


def _shown(row: LetterAssignment) -> dict[str, Any]:
    today = clock.today()
    return {"row": row, "chip": chip_of(row, today=today, calendar=work_calendar()), "state": assignment_state(row)}


def load_duty(assignment_id: int) -> LetterAssignment:
    """Return what a letter asks of a unit, for whoever may open it; else 404."""
    row = db.session.get(LetterAssignment, assignment_id)
    if row is None or not letters.may_open(current_user.reach, row):
        abort(404)
    return row


def _to_work(assignment_id: int, *, waiting: bool = False) -> LetterAssignment:
    row = load_duty(assignment_id)
    if not letters.may_answer(current_user.reach, row):
        abort(403)
    if not row.is_open or (row.waiting is not None and not waiting):
        say(str(TOO_LATE), "warn")
        abort(redirect(_page(row), 303))
    return row


def _page(row: LetterAssignment) -> str:
    return url_for(".letter_duty", assignment_id=row.id)


@bp.get("/phai-tra-loi/<int:assignment_id>")
@signed_in
def letter_duty(assignment_id: int) -> str:
    """Show what a letter asks of a unit, what was answered, and what may be done now."""
    row = load_duty(assignment_id)
    reach, waiting = current_user.reach, row.waiting
    # What came to say something of the reader's own unit since is not told again.
    told = not letters.accuses(reach, row.letter)
    about = [each.assignment for each in row.letter.about] if told else []
    works, leads = row.is_open and letters.may_answer(reach, row), letters.may_approve(reach, row, clock.today())
    return render_template(
        "oversight/staff/letter_duty.html",
        **_shown(row),
        letter=row.letter,
        reason=row.letter.reason if told else "",
        about=shown_about([each for each in about if each.unit.path.startswith(row.unit.path)] or about),
        waiting=waiting,
        # Of what the unit has not sent yet the sender knows nothing.
        answers=[each for each in row.answers if letters.may_answer(reach, row) or leads or _is_out(each)],
        words=letter_words,
        may_take=works and row.state == State.OFFERED,
        may_hand=works and leads,
        may_answer=works and waiting is None,
        may_approve=row.is_open and waiting is not None and leads,
        may_judge=answering.may_judge(reach, row),
        may_see_letter=letters.may_see(reach, row.letter),
    )


def _is_out(said: LetterAnswer) -> bool:
    return said.state in {"given", "insufficient"}


@bp.post("/phai-tra-loi/<int:assignment_id>/nhan")
@requires(*ANSWERS)
def take_letter(assignment_id: int) -> Response:
    """Take it for the unit."""
    row = _to_work(assignment_id, waiting=True)
    return press(lambda: answering.take(row, actor=current_user, now=clock.now()), done=_("Đã nhận."), back=_page(row))


@bp.route("/phai-tra-loi/<int:assignment_id>/giao", methods=["GET", "POST"])
@requires(*ANSWERS)
def hand_letter(assignment_id: int) -> Any:
    """Give it to somebody of the unit."""
    row = _to_work(assignment_id, waiting=True)
    form = OfficerForm()
    form.officer.choices = choices.officers(row.unit, clock.today())

    def do() -> None:
        officer = db.session.get(User, form.officer.id_chosen)
        if officer is None:
            raise answering.NotOfUnit
        answering.hand_to(row, officer, actor=current_user, now=clock.now())

    return one_form(form, do, done=_("Đã giao."), back=_page(row), title=_("Giao người trả lời"), submit=_("Giao"), crumb=row.reference)


@bp.route("/phai-tra-loi/<int:assignment_id>/tra-loi", methods=["GET", "POST"])
@requires(*ANSWERS)
def answer_letter(assignment_id: int) -> Any:
    """Write the unit's answer."""
    row = _to_work(assignment_id)
    form, at_once = AnswerForm(), letters.may_approve(current_user.reach, row, clock.today())
    last = row.answers[-1] if row.answers else None
    return one_form(
        form,
        lambda: answering.answer(row, form.text.data or "", form.files.data or (), actor=current_user, now=clock.now()),
        done=_("Đã gửi trả lời.") if at_once else _("Đã trình lãnh đạo duyệt."),
        back=_page(row),
        title=_("Trả lời văn bản số %(number)s", number=row.reference),
        submit=_("Gửi trả lời") if at_once else _("Trình lãnh đạo duyệt"),
        crumb=row.letter.unit.name,
        intro=[_("Lần trước chưa được, lý do: %(why)s", why=last.remarks)] if last is not None and last.remarks else [],
        quotes=[last.text] if last is not None else [],
    )


def _answer_of(row: LetterAssignment, answer_id: int) -> LetterAnswer:
    said = next((each for each in row.answers if each.id == answer_id), None)
    if said is None:
        abort(404)
    if not letters.may_approve(current_user.reach, row, clock.today()):
        abort(403)
    return said


@bp.post("/phai-tra-loi/<int:assignment_id>/<int:answer_id>/duyet")
@requires(P.FEEDBACK_LEAD, *ANSWERS)
def approve_answer(assignment_id: int, answer_id: int) -> Response:
    """The head lets the answer go out."""
    row = load_duty(assignment_id)
    said = _answer_of(row, answer_id)
    done = _("Đã gửi trả lời tới %(unit)s.", unit=row.letter.unit.name)
    return press(lambda: answering.approve(said, actor=current_user, now=clock.now()), done=done, back=_page(row))


@bp.route("/phai-tra-loi/<int:assignment_id>/<int:answer_id>/tra-lai", methods=["GET", "POST"])
@requires(P.FEEDBACK_LEAD, *ANSWERS)
def send_answer_back(assignment_id: int, answer_id: int) -> Any:
    """The head wants it written better."""
    row = load_duty(assignment_id)
    said, form = _answer_of(row, answer_id), RemarksForm()
    return one_form(
        form,
        lambda: answering.send_back(said, form.text.data or "", actor=current_user, now=clock.now()),
        done=_("Đã trả lại để sửa."),
        back=_page(row),
        title=_("Trả lại bản trả lời"),
        submit=_("Trả lại"),
        crumb=row.reference,
        quotes=[said.text],
    )


@bp.get("/phai-tra-loi/<int:assignment_id>/tep/<uuid:uid>")
@signed_in
def letter_file(assignment_id: int, uid: uuid.UUID) -> Response:
    """Send a file of an answer; of one that is not out only to the unit."""
    row = load_duty(assignment_id)
    inside = letters.may_answer(current_user.reach, row) or letters.may_approve(current_user.reach, row, clock.today())
    found = [each.file for said in row.answers if inside or _is_out(said) for each in said.files if each.file.uid == uid]
    if not found:
        abort(404)
    return files.send(found[0])
