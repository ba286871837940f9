"""What the staff's pages of a session share: the session one may read, its rooms, the step one may take, the page that is one form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.steps import TOO_LATE as TOO_LATE
from app.steps import UNPROCESSABLE as UNPROCESSABLE
from app.steps import Steps
from dialogues import queries, rules, words
from dialogues.forms.meanwhile import SeenForm, meanwhile
from dialogues.models import Session
from dialogues.operations import steps
from dialogues.operations.editing import Begun, ChangedMeanwhile

bp = Blueprint("dialogue_staff", "dialogues", url_prefix="/can-bo/doi-thoai", template_folder="templates")

OVERVIEW = "dialogue_staff.session"

#: Every refusal of an operation, as the sentence that says what to do; each room adds its own.
REFUSALS: dict[type[Exception], Any] = {
    rules.StepRefused: lambda form, refusal: form.form_errors.extend(str(words.LACKS[name]) for name in refusal.lacks),
    steps.ReasonMissing: _l("Ghi lý do."),
    ChangedMeanwhile: _l("Bản soạn vừa được lưu ở nơi khác nên chưa lưu bản này. Chữ vừa ghi còn ở dưới; bấm lần nữa thì thay bản kia."),
    Begun: _l("Buổi đối thoại đã bắt đầu, đã xong hoặc đã hủy nên không sửa được nữa."),
}
_steps = Steps(REFUSALS, "dialogues/staff/one_form.html")
attempt, taken, press_to, sentence_of = _steps.attempt, _steps.taken, _steps.press, _steps.sentence_of


@dataclass(frozen=True)
class Room:
    """One page of a session, as its tabs name it."""

    endpoint: str
    label: Any
    stage: str
    position: int


#: The tabs of a session: first the stages of the work, then the rooms of the one that is open; each room's module adds its own.
STAGES: dict[str, Any] = {
    "overview": _l("Tổng quan"),
    "before": _l("Trước buổi đối thoại"),
    "during": _l("Tại buổi đối thoại"),
    "after": _l("Sau buổi đối thoại"),
    "kept": _l("Văn bản, hồ sơ"),
}
ROOMS: list[Room] = []


def add_room(endpoint: str, label: Any, stage: str, position: int) -> None:
    """Put a page of the session among the tabs of *stage*."""
    ROOMS.append(Room(endpoint, label, stage, position))
    ROOMS.sort(key=lambda room: (list(STAGES).index(room.stage), room.position))


#: In which room what a step lacks is mended (guard → endpoint), and steps that are taken in a room of their own instead of on the
#: overview (status → endpoint); each room adds its own.
MENDED_IN: dict[str, str] = {}
STEPS_IN: dict[rules.Status, str] = {}


#: Pages that belong to a room without being one (page → room): its tabs stay open there.
WITHIN: dict[str, str] = {}


@bp.context_processor
def _shared() -> dict[str, Any]:
    return {"rooms": ROOMS, "within": WITHIN, "room_stages": STAGES, "words": words}


def load(code: str) -> Session:
    """Return the session with that code; the same 404 where there is none and where the person may not read it."""
    session = queries.by_code(code)
    if session is None or not rules.may_read(current_user.reach, queries.standing_of(session)):
        abort(make_response(render_template("dialogues/staff/no_session.html"), 404))
    return session


def load_to_prepare(code: str) -> Session:
    """Return the session for whoever prepares it; 403 for those who only read it."""
    session = load(code)
    if not rules.may_prepare(current_user.reach, queries.standing_of(session)):
        abort(403)
    return session


def to_room(session: Session, endpoint: str = OVERVIEW, sentence: Any = "", category: str = "ok") -> Response:
    """Go to a page of the session, and say *sentence* there."""
    if sentence:
        flash(str(sentence), category)
    return redirect(url_for(endpoint, code=session.code), 303)


def one_form(form: FlaskForm, do: Callable[[], Any], *, done: Any, back: str, **page: Any) -> Any:
    """Show *form*, or run *do* and go back to the address *back*, where *done* is said. *page* is what `page_of` takes."""
    return taken(form, do, done=done, back=back) or page_of(form, back=back, **page)


def step(session: Session, form: FlaskForm, do: Callable[[], Any], *, back: str = OVERVIEW, **page: Any) -> Any:
    """Do one thing to a session by one form: `one_form` that goes back to the session's page *back*."""
    return one_form(form, do, back=url_for(back, code=session.code), **_of(session), **page)


def form_page(session: Session, form: FlaskForm, *, back: str = OVERVIEW, **page: Any) -> tuple[str, int]:
    """Return the page of *form* about a session."""
    return page_of(form, back=url_for(back, code=session.code), **_of(session), **page)


def _of(session: Session) -> dict[str, Any]:
    return {"session_": session, "code": session.code, "crumb": session.topic}


def press(session: Session, do: Callable[[], Any], *, done: Any, back: str = OVERVIEW) -> Response:
    """Do one thing to a session by the press of a button, and go back to the page *back*, where *done* is said, or why it was refused."""
    return press_to(do, done=done, back=url_for(back, code=session.code))


def page_of(form: FlaskForm, *, begins: Callable[[], SeenForm] | None = None, **page: Any) -> tuple[str, int]:
    """Return the page that is *form*, as :meth:`app.steps.Steps.page_of` does.

    *begins* is how a :class:`SeenForm` would begin now: what somebody else changed since it was drawn is shown.
    """
    if begins is not None and isinstance(form, SeenForm):
        page["changes"] = meanwhile(form, begins)
    return _steps.page_of(form, **page)
