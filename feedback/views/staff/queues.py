"""What waits for one person's hand: papers to agree to, to sign, to number; requests for more time. And how to find an item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock, navigation
from app.access import requires, signed_in
from app.assignments.chips import open_chip
from app.calendar.days import WorkCalendar
from app.calendar.queries import work_calendar
from app.database import db
from app.permissions import Permission
from app.text import beginning
from app.units.models import Place, Unit
from feedback import finding, waiting, words
from feedback.models import Paper
from feedback.operations import papers
from feedback.views.staff.pages import bp

QUERY_MAX = 200

#: What else waits for this person's decision, of who stands beside this package: sentence and address, or None.
elsewhere: list[Callable[[], tuple[str, str] | None]] = []


@bp.get("")
@signed_in
def home() -> Response:
    """Go to the list this person works from."""
    reach = current_user.reach
    for permission, endpoint in (
        (Permission.FEEDBACK_TRIAGE, "staff.desk_list"),
        (Permission.FEEDBACK_HANDLE, "staff.work"),
        (Permission.FEEDBACK_APPROVE, "staff.approvals"),
        (Permission.FEEDBACK_NUMBER, "staff.numbers"),
        (Permission.FEEDBACK_ENTER, "entering.write"),
    ):
        if reach.may_anywhere(permission):
            return redirect(url_for(endpoint))
    return redirect(url_for("accounts.start"))


def _waiting(permission: Permission, *, shown: bool = True) -> list[Paper]:
    return papers.at_hand(permission, current_user.reach, on=clock.today(), shown=shown)


def approvals_count() -> int:
    """Return how many papers and requests wait for this person."""
    return len(_waiting(Permission.FEEDBACK_APPROVE, shown=False)) + navigation.answer("extensions")


def numbers_count() -> int:
    """Return how many signed papers wait for their number."""
    return len(_waiting(Permission.FEEDBACK_NUMBER, shown=False))


@bp.get("/duyet")
@requires(Permission.FEEDBACK_APPROVE)
def approvals() -> str:
    """Show the papers that wait for this person's hand, and the requests for more time."""
    today, calendar = clock.today(), work_calendar()
    return render_template(
        "feedback/staff/approvals.html",
        rows=_paper_rows(_waiting(Permission.FEEDBACK_APPROVE), today, calendar),
        extensions=waiting.extensions_waiting(current_user.reach),
        elsewhere=[told for each in elsewhere if (told := each()) is not None],
        types=words.PAPER_TYPES,
        grounds=words.EXTENSION_GROUNDS,
    )


@bp.get("/vao-so")
@requires(Permission.FEEDBACK_NUMBER)
def numbers() -> str:
    """Show the signed papers that wait for number and date."""
    today, calendar = clock.today(), work_calendar()
    rows = _paper_rows(_waiting(Permission.FEEDBACK_NUMBER), today, calendar)
    return render_template("feedback/staff/numbers.html", rows=rows, types=words.PAPER_TYPES)


def _paper_rows(at_hand: list[Paper], today: dt.date, calendar: WorkCalendar) -> list[dict[str, Any]]:
    return [
        {
            "paper": paper,
            "item": paper.feedback,
            "chip": open_chip(paper.assignment.due_on, asking=False, today=today, calendar=calendar) if paper.assignment else None,
        }
        for paper in at_hand
    ]


@bp.route("/tim", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_READ)
def search() -> Any:
    """Find an item by code, by words, by its sender's phone or e-mail; what is typed goes by POST, into no log."""
    typed = beginning(request.form.get("q", ""), QUERY_MAX)
    found = finding.find(typed, current_user.reach) if typed else []
    code = finding.as_code(typed)
    if any(item.code == code for item in found):
        return redirect(url_for(".item", code=code), 303)
    rows = [
        {
            "item": item,
            "place": db.session.get_one(Place, item.place_id).full_name if item.place_id else "",
            "unit": db.session.get_one(Unit, item.unit_id).name if item.unit_id else "",
            "status": words.status_word(item.status, item.waits),
        }
        for item in found
    ]
    return render_template("feedback/staff/search.html", typed=typed, code=code, found=rows, kinds=words.KINDS, most=finding.MOST_FOUND)
