"""The dossier of a session: what it holds row by row, what is missing, its archiving, and what is added afterwards."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app import clock
from app.access import NotAllowed, requires
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.database import db, writing_first
from app.files import send as send_stored
from app.files import store_ours
from app.files.content import ZIP
from app.permissions import Permission
from dialogues import archiving, filing, lists, queries, rules, words
from dialogues.forms.papers import AbsentForm, AddendumForm, FileForm
from dialogues.models import Session, SessionFile
from dialogues.operations import dossier
from dialogues.rules import DOSSIER, DossierEntry, Status
from dialogues.views.staff.pages import (
    MENDED_IN,
    REFUSALS,
    STEPS_IN,
    TOO_LATE,
    add_room,
    attempt,
    bp,
    load,
    load_to_prepare,
    press,
    step,
    to_room,
)

ROOM = "dialogue_staff.dossier_room"

add_room(ROOM, _l("Hồ sơ"), "kept", 2)
MENDED_IN |= {"dossier_rows_empty": ROOM}
STEPS_IN |= {Status.ARCHIVED: ROOM}
REFUSALS |= {
    dossier.RowFilled: _l("Mục này đã có tài liệu nên không ghi “không có” được."),
    dossier.PaperOnItsWay: _l("Văn bản của mục này đang chờ ghi số nên không ghi “không có” được."),
    dossier.FileInUse: _l("Tệp này thuộc chương trình hoặc chứng minh một việc đã làm. Bỏ ở mục ấy."),
    dossier.DossierChanged: _l("Trong lúc lập hồ sơ có người thêm hoặc bớt tài liệu. Xem lại rồi lưu lần nữa."),
}


@bp.get("/<code>/ho-so")
@requires(Permission.DIALOGUE_READ)
def dossier_room(code: str) -> str:
    """Show the rows, what fills each and what is missing."""
    session = load(code)
    rows = filing.rows(session)
    prepares = rules.may_prepare(current_user.reach, queries.standing_of(session))
    return render_template(
        "dialogues/staff/dossier.html",
        session_=session,
        stages=[(stage, [row for row in rows if row.entry.stage == stage]) for stage in words.STAGES],
        missing=len(queries.empty_rows(session)),
        absent=sum(not row.filled for row in rows),
        all=len(rows),
        may_prepare=prepares,
        may_file=prepares and session.status not in rules.CLOSED,
        may_archive=prepares and session.status == Status.PUBLISHED,
    )


def _entry(row: str) -> DossierEntry:
    found = next((entry for entry in DOSSIER if entry.code == row), None)
    return found if found is not None else abort(404)


@bp.route("/<code>/ho-so/<row>/khong-co", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def row_absent(code: str, row: str) -> Any:
    """Say that there is no such paper, and why."""
    session, entry = load_to_prepare(code), _entry(row)
    form = AbsentForm()
    return step(
        session,
        form,
        lambda: dossier.say_absent(session, entry, form.why.data or "", actor=current_user, now=clock.now()),
        title=_("Không có: %(row)s", row=words.dossier_row(entry)),
        submit=_("Ghi không có"),
        done=_("Đã ghi lý do không có."),
        back=ROOM,
    )


@bp.route("/<code>/ho-so/<row>/tep", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def row_file(code: str, row: str) -> Any:
    """Put a file into a row."""
    session, entry = load_to_prepare(code), _entry(row)
    form = FileForm()

    def do() -> None:
        dossier.add_file(session, entry, form.file.data[0], caption=form.caption.data or "", actor=current_user, now=clock.now())

    title = _("Thêm tệp: %(row)s", row=words.dossier_row(entry))
    return step(session, form, do, title=title, submit=_("Thêm vào hồ sơ"), done=_("Đã thêm tệp vào hồ sơ."), back=ROOM)


def _file(session: Session, file_id: int) -> SessionFile:
    found = next((file for file in session.files if file.id == file_id), None)
    return found if found is not None else abort(404)


@bp.get("/<code>/ho-so/tep/<int:file_id>")
@requires(Permission.DIALOGUE_READ)
def dossier_file(code: str, file_id: int) -> Response:
    """Send a file of the session."""
    return send_stored(_file(load(code), file_id).file)


@bp.post("/<code>/ho-so/tep/<int:file_id>/bo")
@requires(Permission.DIALOGUE_PREPARE)
def remove_dossier_file(code: str, file_id: int) -> Response:
    """Take a file out of the dossier."""
    session = load_to_prepare(code)
    file = _file(session, file_id)
    return press(session, lambda: dossier.remove_file(session, file, actor=current_user, now=clock.now()), done=_("Đã bỏ tệp."), back=ROOM)


@bp.post("/<code>/ho-so/luu")
@requires(Permission.DIALOGUE_PREPARE)
def archive_dossier(code: str) -> Response:
    """Make the ZIP, outside any transaction that writes, and close the dossier with it."""
    session, now, button = load_to_prepare(code), clock.now(), FlaskForm()
    try:
        # What is missing is said before anything is made.
        if not attempt(button, lambda: rules.check(Status(session.status), Status.ARCHIVED, queries.facts_of(session, clock.today()))):
            return to_room(session, ROOM, " ".join(button.form_errors), "warn")
        archiving.keep_papers(session, now=now)
        prepared = archiving.prepare(session, by=current_user.name, now=now)
        db.session.rollback()
        with archiving.write(prepared) as made:
            file = store_ours(made, f"ho-so-{code}{ZIP.extension}", ZIP, now)
        if attempt(button, lambda: dossier.archive(session, prepared, file, actor=current_user, now=now)):
            return to_room(session, ROOM, _("Đã lưu hồ sơ. Từ nay chỉ thêm phần bổ sung."))
    except (IllegalTransition, NotAllowed):
        return to_room(session, ROOM, TOO_LATE, "warn")
    return to_room(session, ROOM, " ".join(button.form_errors), "warn")


@bp.get("/<code>/ho-so/ho-so.zip")
@requires(Permission.DIALOGUE_READ)
def dossier_zip(code: str) -> Response:
    """Send the archived dossier; its minutes name people, so the look is recorded."""
    if load(code).archive is None:
        abort(404)
    with writing_first():
        record(current_user, "personal_data.seen", load(code), at=clock.now(), reason="letter")
    archive = load(code).archive
    assert archive is not None
    return send_stored(archive)


@bp.route("/<code>/ho-so/bo-sung", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def add_addendum(code: str) -> Any:
    """Add to an archived dossier."""
    session, form = load_to_prepare(code), AddendumForm()

    def do() -> None:
        file = form.file.data[0] if form.file.data else None
        dossier.add_addendum(session, form.text.data or "", file=file, actor=current_user, now=clock.now())

    intro = [_("Hồ sơ đã lưu giữ nguyên. Phần bổ sung đứng riêng, có ngày và người ghi.")]
    return step(session, form, do, title=_("Bổ sung hồ sơ"), submit=_("Thêm"), done=_("Đã thêm phần bổ sung."), back=ROOM, intro=intro)


@bp.get("/<code>/ho-so/bo-sung/<int:addendum_id>")
@requires(Permission.DIALOGUE_READ)
def addendum_file(code: str, addendum_id: int) -> Response:
    """Send the file of an addendum."""
    file = next((each.file for each in load(code).addenda if each.id == addendum_id), None)
    return send_stored(file) if file is not None else abort(404)


@bp.get("/<code>/ho-so/ca-nam.zip")
@requires(Permission.DIALOGUE_PREPARE)
def dossiers_of_year(code: str) -> Response:
    """Send every archived dossier of the session's unit and year in one ZIP."""
    session = load_to_prepare(code)
    if session.day is None:
        abort(404)
    unit, year = session.unit, session.day.year
    with writing_first():
        for each in _archived(unit.id, year):
            record(current_user, "personal_data.seen", each, at=clock.now(), reason="letter")
    return send_file(
        archiving.of_year(_archived(unit.id, year)),
        mimetype=ZIP.media_type,
        as_attachment=True,
        download_name=f"ho-so-doi-thoai-{year}-{unit.code}.zip",
    )


def _archived(unit_id: int, year: int) -> list[Session]:
    """Return those that the person may read: whoever prepares the sessions of one area need not read the unit's others."""
    return [each for each in lists.archived(unit_id, year) if rules.may_read(current_user.reach, queries.standing_of(each))]
