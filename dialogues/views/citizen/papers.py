"""The papers of a session that everyone may read, as PDF."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, abort

from app import clock
from app.access import public
from app.files import send as send_file
from app.files.content import PDF
from dialogues import public as results
from dialogues import seen
from dialogues.papers import file_name, keeping

bp = Blueprint("dialogues_papers", "dialogues", url_prefix="/doi-thoai", template_folder="templates")


def init_app(app: Flask) -> None:
    """Register the page."""
    app.register_blueprint(bp)


@bp.get("/<code>/van-ban/<uuid:uid>.pdf")
@public
def paper(code: str, uid: uuid.UUID) -> Any:
    """Send a numbered paper that is no nội bộ; 404 alike where there is none and where it is not for everyone."""
    session = seen.by_code(code)
    found = next((each for each in results.papers(session) if each.uid == uid), None) if session is not None else None
    if found is None:
        abort(404)
    return send_file(keeping.issued_file(found, now=clock.now()), name=file_name(found, PDF.extension))
