"""Photographs of a session and the link to its recording: `/can-bo/doi-thoai/<code>/anh`."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.files import send as send_file
from app.permissions import Permission
from dialogues import photos, queries, rules
from dialogues.forms.pictures import PhotoForm, RecordingForm
from dialogues.models import Session, SessionFile
from dialogues.operations import pictures
from dialogues.views.staff.pages import REFUSALS, UNPROCESSABLE, add_room, bp, load, load_to_prepare, press, taken

ROOM = "dialogue_staff.photos"
add_room(ROOM, _l("Ảnh, ghi hình"), "after", 4)
REFUSALS |= {pictures.NotAPicture: _l("Tệp này không phải ảnh.")}


def _page(session: Session, failed: Any = None) -> tuple[str, int]:
    prepares = rules.may_prepare(current_user.reach, queries.standing_of(session)) and session.status not in rules.CLOSED
    page = render_template(
        "dialogues/staff/photos.html",
        session_=session,
        photos=photos.of(session),
        may_prepare=prepares,
        photo=failed if isinstance(failed, PhotoForm) else PhotoForm(formdata=None),
        recording=failed if isinstance(failed, RecordingForm) else RecordingForm(formdata=None, data={"link": session.recording_link}),
        failed=failed,
    )
    return page, UNPROCESSABLE if failed is not None else 200


@bp.get("/<code>/anh", endpoint="photos")
@requires(Permission.DIALOGUE_READ)
def room(code: str) -> Any:
    """Show the photographs, and which of them everyone will see."""
    return _page(load(code))


@bp.post("/<code>/anh")
@requires(Permission.DIALOGUE_PREPARE)
def add_photo(code: str) -> Any:
    """Add a photograph."""
    session, form = load_to_prepare(code), PhotoForm()

    def do() -> None:
        by: dict[str, Any] = {"actor": current_user, "now": clock.now()}
        pictures.add(session, form.file.data[0], shows=form.shows.data or "", public=form.public.data, **by)

    return _done(session, form, do, _("Đã thêm ảnh."))


@bp.post("/<code>/anh/ghi-hinh")
@requires(Permission.DIALOGUE_PREPARE)
def link_recording(code: str) -> Any:
    """Say where the recording is."""
    session, form = load_to_prepare(code), RecordingForm()
    return _done(
        session,
        form,
        lambda: pictures.link_recording(session, form.link.data or "", actor=current_user, now=clock.now()),
        _("Đã lưu."),
    )


def _done(session: Session, form: Any, do: Any, sentence: str) -> Any:
    return taken(form, do, done=sentence, back=url_for(ROOM, code=session.code)) or _page(session, form)


def _photo(session: Session, photo_id: int) -> SessionFile:
    return next((photo for photo in photos.of(session) if photo.id == photo_id), None) or abort(404)


@bp.post("/<code>/anh/<int:photo_id>/cho-hien")
@requires(Permission.DIALOGUE_PREPARE)
def publish_photo(code: str, photo_id: int) -> Response:
    """Let everyone see it, or no longer."""
    session = load_to_prepare(code)
    photo = _photo(session, photo_id)
    public = not photo.public
    done = _("Ảnh hiện trên trang công khai khi đã công bố kết quả.") if public else _("Ảnh không hiện trên trang công khai.")
    return press(session, lambda: pictures.publish(photo, public=public, actor=current_user, now=clock.now()), done=done, back=ROOM)


@bp.post("/<code>/anh/<int:photo_id>/bo")
@requires(Permission.DIALOGUE_PREPARE)
def remove_photo(code: str, photo_id: int) -> Response:
    """Take it away."""
    session = load_to_prepare(code)
    photo = _photo(session, photo_id)
    return press(session, lambda: pictures.remove(photo, actor=current_user, now=clock.now()), done=_("Đã bỏ ảnh."), back=ROOM)


@bp.get("/<code>/anh/<int:photo_id>")
@requires(Permission.DIALOGUE_READ)
def photo_file(code: str, photo_id: int) -> Response:
    """Send it."""
    return send_file(_photo(load(code), photo_id).file)
