"""The programme of a session: one form for the whole of it; every button keeps what was typed. Works without JavaScript."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.files import send
from app.permissions import Permission
from dialogues import agenda as plan
from dialogues import queries, rules, words
from dialogues.forms.meanwhile import meanwhile
from dialogues.forms.preparing import MOST_ITEMS, AgendaForm, AttachForm, MoveAttachedForm, rows_of
from dialogues.models import Session, SessionFile
from dialogues.operations import agenda as operations
from dialogues.operations.agenda import ItemFacts
from dialogues.rules import FilePurpose, Part
from dialogues.views.staff.pages import REFUSALS, UNPROCESSABLE, add_room, attempt, bp, load, load_to_prepare, press, step, to_room

ROOM = "dialogue_staff.agenda"
NEW_MINUTES = 10

add_room(ROOM, _l("Chương trình"), "before", 3)
REFUSALS |= {operations.AgendaThere: _l("Đã có chương trình. Muốn dùng mẫu thì bỏ hết các mục rồi lưu.")}


@bp.get("/<code>/chuong-trinh")
@requires(Permission.DIALOGUE_READ)
def agenda(code: str) -> Any:
    """Show the programme with its hours; to who prepares, as a form."""
    found = load(code)
    return _page(found, _form(found))


def _form(found: Session) -> AgendaForm:
    return AgendaForm(formdata=None, data={"items": rows_of(found), "was": operations.fingerprint(found)})


def _page(found: Session, form: AgendaForm) -> tuple[str, int]:
    minutes = [entry.form.minutes.data or 0 for entry in form.items]
    body = render_template(
        "dialogues/staff/agenda.html",
        changes=meanwhile(form, lambda: _form(found)),
        session_=found,
        form=form,
        hours=plan.hours(found.starts_at, minutes),
        minutes=minutes,
        too_long=plan.too_long(found.starts_at, found.ends_at, minutes),
        most=MOST_ITEMS,
        ids={str(item.id) for item in found.agenda},
        titles={item.id: item.title for item in found.agenda},
        files=[file for file in found.files if file.purpose == FilePurpose.AGENDA],
        may_prepare=found.status in rules.EDITABLE and rules.may_prepare(current_user.reach, queries.standing_of(found)),
    )
    return body, UNPROCESSABLE if form.errors or form.form_errors else 200


@bp.post("/<code>/chuong-trinh/mau")
@requires(Permission.DIALOGUE_PREPARE)
def lay_agenda(code: str) -> Response:
    """Begin with the template: the parts in their order, cut to the hours of the session."""
    found = load_to_prepare(code)
    with force_locale("vi"):  # what stands in the programme is printed
        titles = {part: str(words.PARTS[part]) for part in Part}
    return press(
        found,
        lambda: operations.lay(found, titles, actor=current_user, now=clock.now()),
        done=_("Đã lập chương trình theo mẫu."),
        back=ROOM,
    )


@bp.post("/<code>/chuong-trinh")
@requires(Permission.DIALOGUE_PREPARE)
def write_agenda(code: str) -> Any:
    """Keep the programme as typed, and do what the pressed button says: move an item, leave one out, add one."""
    found = load_to_prepare(code)
    form = AgendaForm(data={"was": operations.fingerprint(found)})
    if form.validate_on_submit():
        items = _pressed(form.facts())
        if attempt(form, lambda: operations.write(found, items, seen=form.was.data, actor=current_user, now=clock.now())):
            return to_room(found, ROOM, _("Đã lưu chương trình."))
    return _page(found, form)


def _pressed(items: list[ItemFacts]) -> list[ItemFacts]:
    """Return *items* as the pressed button leaves them."""
    place = _place("bo", items)
    if place is not None:
        return items[:place] + items[place + 1 :]
    up, down = _place("len", items), _place("xuong", items)
    first = up - 1 if up else down
    if first is not None and 0 <= first < len(items) - 1:
        return [*items[:first], items[first + 1], items[first], *items[first + 2 :]]
    if "them" in request.form and len(items) < MOST_ITEMS:
        part = items[-1].part if items else Part.INTRODUCTION
        with force_locale("vi"):
            new = ItemFacts(id=None, part=part, title=str(words.PARTS[part]), presenter="", minutes=NEW_MINUTES)
        return [*items, new]
    return items


def _place(button: str, items: list[ItemFacts]) -> int | None:
    """Return which item the button *button* was pressed at, None where it was not, or at none that is there."""
    typed = request.form.get(button, "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 and int(typed) < len(items) else None  # noqa: PLR2004


@bp.route("/<code>/chuong-trinh/<int:item_id>/tai-lieu", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def attach(code: str, item_id: int) -> Any:
    """Put a file to an item of the programme."""
    found, form = load_to_prepare(code), AttachForm()
    item = next((item for item in found.agenda if item.id == item_id), None) or abort(404)
    return step(
        found,
        form,
        lambda: operations.attach(found, item, form.files.data, form.caption.data or "", actor=current_user, now=clock.now()),
        done=_("Đã kèm tài liệu."),
        title=_("Kèm tài liệu"),
        submit=_("Kèm tài liệu"),
        intro=[item.title],
        back=ROOM,
    )


@bp.get("/<code>/chuong-trinh/tai-lieu/<int:file_id>")
@requires(Permission.DIALOGUE_READ)
def attached(code: str, file_id: int) -> Response:
    """Send a file of the programme."""
    return send(_file(load(code), file_id).file)


@bp.route("/<code>/chuong-trinh/tai-lieu/<int:file_id>/muc", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def move_attached(code: str, file_id: int) -> Any:
    """Put a file to another item of the programme, as when its own was left out."""
    found = load_to_prepare(code)
    file = _file(found, file_id)
    items = {item.id: item for item in found.agenda}
    form = MoveAttachedForm(data={"item": str(file.agenda_item_id)})
    form.item.choices = [(str(item.id), item.title) for item in found.agenda]
    return step(
        found,
        form,
        lambda: operations.move_attached(found, file, items[form.item.id_chosen or 0], actor=current_user, now=clock.now()),
        done=_("Đã chuyển tài liệu."),
        title=_("Chuyển tài liệu sang mục khác"),
        submit=_("Chuyển tài liệu"),
        intro=[file.caption],
        back=ROOM,
    )


@bp.post("/<code>/chuong-trinh/tai-lieu/<int:file_id>/bo")
@requires(Permission.DIALOGUE_PREPARE)
def detach(code: str, file_id: int) -> Response:
    """Take a file off the programme."""
    found = load_to_prepare(code)
    file = _file(found, file_id)
    return press(found, lambda: operations.detach(found, file, actor=current_user, now=clock.now()), done=_("Đã bỏ tài liệu."), back=ROOM)


def _file(found: Session, file_id: int) -> SessionFile:
    """Return a file of the programme, also of an item that was left out since."""
    mine = (file for file in found.files if file.id == file_id and file.purpose == FilePurpose.AGENDA)
    return next(mine, None) or abort(404)
