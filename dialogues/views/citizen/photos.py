"""The photographs of a session that everyone may see."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, request
from werkzeug.wrappers import Response

from app.access import public
from app.files import send as send_file
from app.files import send_small
from dialogues import photos
from dialogues.views.citizen.sessions import load

bp = Blueprint("dialogues_photos", "dialogues", url_prefix="/doi-thoai")

SMALL = 480  # points a side: two beside each other on a phone


def init_app(app: Flask) -> None:
    """Register the page."""
    app.register_blueprint(bp)


@bp.get("/<code>/anh/<int:photo_id>")
@public
def photo(code: str, photo_id: int) -> Response:
    """Send a photograph, small with ?nho=1; 404 alike where there is none and where it is not for everyone."""
    found = next((each for each in photos.public(load(code)) if each.id == photo_id), None)
    if found is None:
        abort(404)
    return send_small(found.file, SMALL) if "nho" in request.args else send_file(found.file)
