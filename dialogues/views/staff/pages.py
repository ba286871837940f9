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

from app.access import NotAllowed
from app.assignments.rules import IllegalTransition
from app.database import db
from dialogues import queries, rules, words
from dialogues.forms.meanwhile import SeenForm, meanwhile
from dialogues.models import Session
from dialogues.operations import steps
from dialogues.operations.editing import Begun, ChangedMeanwhile

bp = Blueprint("dialogue_staff", "dialogues", url_prefix="/can-bo/doi-thoai", template_folder="templates")

UNPROCESSABLE = 422
OVERVIEW = "dialogue_staff.session"
TOO_LATE = _l("Việc này vừa được người khác làm hoặc đã sang bước sau. Trang dưới đây là tình trạng lúc này.")

#: Every refusal of an operation, as the sentence that says what to do; each room adds its own.
REFUSALS: dict[type[Exception], Any] = {
    steps.ReasonMissing: _l("Ghi lý do."),
    ChangedMeanwhile: _l("Bản soạn vừa được lưu ở nơi khác nên chưa lưu bản này. Chữ vừa ghi còn ở dưới; bấm lần nữa thì thay bản kia."),
    Begun: _l("Buổi đối thoại đã bắt đầu, đã xong hoặc đã hủy nên không sửa được nữa."),
}


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


def attempt(form: Any, do: Callable[[], Any]) -> bool:
    """Run the operation *do* and commit. Refused, its sentence stands at the form, nothing is stored and False returned.

    :raise IllegalTransition: :raise NotAllowed: when somebody else was faster.
    """
    try:
        do()
        db.session.commit()
    except rules.StepRefused as refusal:
        db.session.rollback()
        form.form_errors.extend(str(words.LACKS[name]) for name in refusal.lacks)
    except tuple(REFUSALS) as refusal:
        db.session.rollback()
        form.form_errors.append(sentence_of(refusal))
    except (IllegalTransition, NotAllowed):
        db.session.rollback()
        raise
    else:
        return True
    return False


def sentence_of(refusal: Exception) -> str:
    """Return the sentence of a refusal that is among REFUSALS; it may name what the exception holds."""
    return str(REFUSALS[type(refusal)]) % vars(refusal)


def one_form(form: FlaskForm, do: Callable[[], Any], *, done: Any, back: str, **page: Any) -> Any:
    """Show *form*, or run *do* and go back to the address *back*, where *done* is said. *page* is what `page_of` takes."""
    if form.validate_on_submit():
        try:
            if attempt(form, do):
                flash(str(done() if callable(done) else done), "ok")
                return redirect(back, 303)
        except (IllegalTransition, NotAllowed):
            flash(str(TOO_LATE), "warn")
            return redirect(back, 303)
    return page_of(form, back=back, **page)


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
    button = FlaskForm()
    try:
        if attempt(button, do):
            return to_room(session, back, done)
    except (IllegalTransition, NotAllowed):
        return to_room(session, back, TOO_LATE, "warn")
    return to_room(session, back, " ".join(button.form_errors), "warn")


def page_of(
    form: FlaskForm,
    *,
    title: Any,
    submit: Any,
    template: str = "dialogues/staff/one_form.html",
    begins: Callable[[], SeenForm] | None = None,
    **more: Any,
) -> tuple[str, int]:
    """Return the page that is *form*, 422 where it was refused; *more* is named in the template one_form.html of the core.

    *begins* is how a :class:`SeenForm` would begin now: what somebody else changed since it was drawn is shown.
    """
    if begins is not None and isinstance(form, SeenForm):
        more["changes"] = meanwhile(form, begins)
    first = getattr(form, "field_order", ())
    fields = sorted(form, key=lambda field: first.index(field.short_name) if field.short_name in first else len(first))
    body = render_template(template, form=form, fields=fields, title=title, submit=submit, **more)
    return body, UNPROCESSABLE if form.errors or form.form_errors else 200
