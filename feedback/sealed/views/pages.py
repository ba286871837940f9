"""What the pages of the sealed register share: `/can-bo/to-cao`."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, render_template
from flask_login import current_user
from werkzeug.wrappers import Response

from feedback.sealed import queries
from feedback.sealed.models import SealedCase

bp = Blueprint("sealed", "feedback", url_prefix="/can-bo/to-cao", template_folder="templates")

UNPROCESSABLE = 422


@bp.after_request
def _unkept(response: Response) -> Response:
    """No cache, and no button Back on a shared machine, shows any of it again."""
    response.headers["Cache-Control"] = "no-store"
    return response


def load(uid: uuid.UUID) -> SealedCase:
    """Return the case, or answer 404: alike where there is none and where it is not for this reader."""
    case = queries.by_uid(uid, current_user)
    if case is None:
        abort(404)
    return case


def form_page(form: Any, *, case: SealedCase | None = None, **words_: Any) -> tuple[str, int]:
    """Return the page that is one form."""
    page = render_template("feedback/sealed/form.html", form=form, case=case, **words_)
    return page, UNPROCESSABLE if form.failed or form.form_errors else 200
