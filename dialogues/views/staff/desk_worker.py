"""What lets the secretary's desk open without network: its service worker, and the page without anybody's name that it keeps."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, make_response, url_for
from flask_login import current_user

from app import clock, static_files
from app.access import requires
from dialogues.models import Session
from dialogues.operations import recording
from dialogues.views.staff import desk_rows as desk_rows
from dialogues.views.staff.desk import DESK, RECORDERS, page_of
from dialogues.views.staff.pages import bp, load

WORKER = static_files.FOLDER / "js" / "desk-worker.js"


def _at_desk(code: str) -> Session:
    session = load(code)
    if not recording.may_record(session, current_user):
        abort(403)
    return session


@bp.get("/<code>/ban/khung")
@requires(*RECORDERS)
def desk_shell(code: str) -> Any:
    """Show the desk without its rows: nobody who asks or comes is named in what a device keeps of the page."""
    session = _at_desk(code)
    halls = [{"uid": str(hall.uid), "name": hall.name, "counted": None, "base": [], "other": []} for hall in session.halls]
    nothing: dict[str, Any] = {name: [] for name in ("agenda", "queue", "questions", "hands")}
    numbers = {"version": -1, "late": 0, "present": 0, "seats": 0}
    no_steps = {"may_begin": False, "may_close": False, "ends": False}
    return page_of(session, nothing | numbers | no_steps | {"status": session.status, "now": clock.now().isoformat(), "halls": halls})


@bp.get("/<code>/ban/tho.js")
@requires(*RECORDERS)
def desk_worker(code: str) -> Response:
    """Give the worker, for this session's desk and nothing else."""
    _at_desk(code)
    response = make_response(WORKER.read_bytes())
    response.content_type = "text/javascript; charset=utf-8"
    response.headers["Service-Worker-Allowed"] = url_for(DESK, code=code)
    response.headers["Cache-Control"] = static_files.ASK_AGAIN
    return response
