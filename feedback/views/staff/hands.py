"""A paper in the chain of hands: read, agreed to, signed, numbered or sent back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import NotAllowed, requires
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.database import db, writing_first
from app.files import send_made
from app.files.content import PDF
from app.permissions import Permission
from feedback import queries, rules, steps, words
from feedback.forms.staff import LastHandForm, NumberForm, RemarksForm, WordsForm
from feedback.models import Feedback, Paper
from feedback.operations import papers
from feedback.papers import file_name, names_sender, paper_pdf
from feedback.papers.keeping import issued_pdf
from feedback.rules import Outcome, PaperState
from feedback.views.staff import actions
from feedback.views.staff.item import file_facts, said_by_sender
from feedback.views.staff.pages import REFUSALS, TOO_LATE, UNPROCESSABLE, bp, load, taken, to_item

HANDS = (Permission.FEEDBACK_APPROVE,)

STEPS: dict[str, Any] = words.PAPER_STEPS
#: The points component knows four outcomes by these names.
SHOWN_AS = {Outcome.DONE: "done", Outcome.PROMISED: "promised", Outcome.CANNOT: "cannot", Outcome.EXPLAINED: "explained"}


def paper_for(code: str, paper_id: int, action: str = "") -> Paper:
    """Return the paper of a readable item; for a step, one that waits for it."""
    item = load(code)
    paper = next((each for each in item.papers if each.id == paper_id), None)
    if paper is None:
        abort(404)
    if action and action not in actions.paper_steps(paper, current_user):
        if not actions.is_business_of(item, current_user, f"paper_{action}"):
            abort(403)
        abort(to_paper(paper, TOO_LATE, "warn"))
    return paper


def to_paper(paper: Paper, sentence: Any = "", category: str = "ok") -> Response:
    """Go to the page of *paper*, where *sentence* is said."""
    if sentence:
        flash(str(sentence), category)
    return redirect(url_for("staff.paper", code=paper.feedback.code, paper_id=paper.id), 303)


def show_paper(
    row: Paper, *, agrees: RemarksForm | None = None, number: NumberForm | None = None, back: WordsForm | None = None
) -> tuple[str, int]:
    """Return the page to read a paper on, with the forms of whose turn it is; 422 where one of them is wrong."""
    wrong = any(form is not None and (form.errors or form.form_errors) for form in (agrees, number, back))
    body = render_template(
        "feedback/staff/paper.html",
        item=row.feedback,
        paper=row,
        type=words.PAPER_TYPES[row.type],
        state=words.PAPER_STATES[row.state],
        **said_by_sender(row.feedback),
        points=[_point(row.feedback, point) for point in row.points],
        reason=words.REFUSAL_REASONS.get(row.reason or "", row.reason),
        steps=actions.paper_steps(row, current_user),
        printed=_may_print(row),
        hands=[
            {"label": STEPS[hand], "done": index < row.step, "current": index == row.step and row.waiting_for}
            for index, hand in enumerate(row.chain)
        ],
        words=STEPS,
        decisions=words.PAPER_DECISIONS,
        signs=row.waiting_for == "signer",
        stands_in=papers.stands_in(current_user.reach, row),
        like=_like_number(row),
        agree_form=agrees or _hand_form(row),
        back_form=back or WordsForm(prefix="gui-lai-"),
        number_form=number or NumberForm(prefix="so-", data={"numbered_on": clock.today()}),
    )
    return body, UNPROCESSABLE if wrong else 200


def _like_number(row: Paper) -> str:
    """Return how numbers and symbols look in the unit: its last one, where it has issued any."""
    last = db.session.scalar(
        db.select(Paper.number).where(Paper.unit_id == row.unit_id, Paper.number.is_not(None)).order_by(Paper.published_at.desc()).limit(1)
    )
    return _("Số gần nhất ở đây: %(number)s", number=last) if last else _("Ví dụ %(number)s", number="215/UBND-VP")


def _may_print(row: Paper) -> bool:
    """Say whether the reader of *row* may have it as it is printed, once it is no draft: it mostly names who wrote.

    Besides those who may know that anyway, whoever agrees to, signs or numbers the paper: it is addressed to that person.
    """
    if row.state in {PaperState.DRAFT, PaperState.DISCARDED}:
        return False
    hand = any(current_user.reach.may(each, unit_path=row.unit.path) for each in (*HANDS, Permission.FEEDBACK_NUMBER))
    standing = queries.standing_of(row.feedback)
    return hand or not names_sender(row) or rules.may_see_identity(current_user.reach, standing)


@bp.get("/y-kien/<code>/van-ban/<int:paper_id>/ban-in.pdf")
@requires(Permission.FEEDBACK_READ, *HANDS, Permission.FEEDBACK_HANDLE, Permission.FEEDBACK_TRIAGE, Permission.FEEDBACK_NUMBER)
def print_paper(code: str, paper_id: int) -> Response:
    """Send a paper as it is printed: as it went out, or as it stands before whoever signs it. A look at a name is recorded."""
    row = paper_for(code, paper_id)
    if not _may_print(row):
        abort(404)
    if names_sender(row):
        with writing_first():
            record(current_user, "personal_data.seen", row.feedback, at=clock.now(), reason="letter")
        row = paper_for(code, paper_id)
    data = issued_pdf(row, now=clock.now()) if row.state == PaperState.PUBLISHED else paper_pdf(row)
    return send_made(data, PDF.media_type, file_name(row), inline=True)


def _hand_form(row: Paper) -> RemarksForm | LastHandForm:
    """Return what the hand whose turn it is fills in."""
    last = row.waiting_for == "signer" and row.step == len(row.chain) - 1
    return (LastHandForm if last else RemarksForm)(prefix="dong-y-")


def _point(item: Feedback, point: Any) -> dict[str, Any]:
    return {
        "title": point.title,
        "outcome": SHOWN_AS[Outcome(point.outcome)],
        "on": point.promised_on if point.outcome == Outcome.PROMISED else None,
        "text": point.text,
        "responsible": point.promise_unit.name if point.promise_unit else "",
        "proofs": [file_facts(item, proof) for proof in point.proofs],
    }


def pressed(row: Paper, do: Callable[[], None], done: Any) -> Response:
    """Run the operation *do* and go to the item, where *done* is said; or back to the paper with why not."""
    code = row.feedback.code
    try:
        do()
        db.session.commit()
    except (papers.NotYourTurn, steps.Refused, IllegalTransition, NotAllowed):
        db.session.rollback()
        return to_paper(row, TOO_LATE, "warn")
    except papers.PaperUnfinished:  # complete when it was submitted: only a promised day can have passed since
        db.session.rollback()
        return to_paper(row, _("Ngày hứa trong văn bản đã qua. Gửi lại người soạn để ghi ngày khác."), "error")
    return to_item(code, done)


@bp.post("/y-kien/<code>/van-ban/<int:paper_id>/dong-y")
@requires(*HANDS)
def agree(code: str, paper_id: int) -> Any:
    """Agree, or sign where it is the signer's turn."""
    row = paper_for(code, paper_id, "agree")
    form = _hand_form(row)
    if isinstance(form, LastHandForm):
        done, number = _("Đã ký và phát hành. Người gửi được báo."), form.number.data or ""
    else:
        done = _("Đã ký. Văn thư được báo để ghi số, ngày.") if row.waiting_for == "signer" else _("Đã đồng ý, chuyển bước sau.")
        number = ""
    try:
        read = dt.datetime.fromisoformat(request.form["da-doc"])
    except (KeyError, ValueError):
        abort(400)
    if not form.validate():
        return show_paper(row, agrees=form)

    def do() -> None:
        papers.agree(row, remarks=form.remarks.data or "", number=number, read=read, actor=current_user, now=clock.now())

    try:
        return pressed(row, do, done)
    except papers.NumberTaken:
        db.session.rollback()
        form.number.errors = [REFUSALS[papers.NumberTaken]]
        return show_paper(row, agrees=form)


@bp.post("/y-kien/<code>/van-ban/<int:paper_id>/gui-lai")
@requires(*HANDS, Permission.FEEDBACK_NUMBER)
def send_back(code: str, paper_id: int) -> Any:
    """Send it back to the drafter with remarks."""
    row, form = paper_for(code, paper_id, "send_back"), WordsForm(prefix="gui-lai-")
    if not form.validate_on_submit():
        return show_paper(row, back=form)
    return pressed(
        row,
        lambda: papers.send_back(row, remarks=form.text.data or "", actor=current_user, now=clock.now()),
        _("Đã gửi lại người soạn."),
    )


@bp.post("/y-kien/<code>/van-ban/<int:paper_id>/so")
@requires(Permission.FEEDBACK_NUMBER)
def number(code: str, paper_id: int) -> Any:
    """Enter number and date of a signed paper; with that it goes out."""
    row, form = paper_for(code, paper_id, "number"), NumberForm(prefix="so-")

    def do() -> None:
        day: dt.date = form.numbered_on.data
        papers.enter_number(row, number=form.number.data or "", numbered_on=day, actor=current_user, now=clock.now())

    done, back = _("Đã ghi số và phát hành. Người gửi được báo."), url_for("staff.paper", code=code, paper_id=paper_id)
    return taken(form, do, done=done, back=back, to=lambda: url_for("staff.item", code=code)) or show_paper(row, number=form)
