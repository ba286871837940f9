"""What the staff's pages of oversight share: the blueprint, the rooms, the step one may take, the page that is one form."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app import navigation
from app.access import signed_in
from app.permissions import Permission
from app.steps import TOO_LATE as TOO_LATE
from app.steps import UNPROCESSABLE as UNPROCESSABLE
from app.steps import Steps

bp = Blueprint("oversight", "oversight", url_prefix="/can-bo", template_folder="templates")

#: The rooms, as tabs below the bar: who may use which follows from its permissions.
MENU = "oversight"

#: Every refusal of an operation, as the sentence that says what to do; each room adds its own.
REFUSALS: dict[type[Exception], Any] = {}
_steps = Steps(REFUSALS, "oversight/staff/one_form.html")
attempt, taken, press, one_form, page_of = _steps.attempt, _steps.taken, _steps.press, _steps.one_form, _steps.page_of


def begins_here() -> bool:
    """Say whether a person begins their day here: who watches everything and answers no citizens, themselves or with their unit."""
    reach = current_user.reach
    answers = current_user.unit.handles_feedback and reach.may_anywhere(Permission.FEEDBACK_HANDLE)
    return not answers and any(scope.everywhere for scope in reach.scopes(Permission.REGISTER_READ))


@bp.get("/theo-doi")
@signed_in
def first_room() -> Response:
    """Lead to the first room that this person may use."""
    rooms = navigation.entries(MENU)
    if not rooms:
        abort(403)
    return redirect(url_for(rooms[0].endpoint))
