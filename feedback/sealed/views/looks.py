"""The auditor's page of the sealed register: who did what to which case, when."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user

from app import clock
from app.access import requires
from app.headers import unkept
from app.permissions import Permission
from feedback.sealed import queries, words

bp = Blueprint("sealed_looks", "feedback", url_prefix="/can-bo/nhat-ky-niem-phong", template_folder="templates")

PAGE = 100


bp.after_request(unkept)


@bp.get("")
@requires(Permission.AUDIT_READ)
def looks() -> Any:
    """List the steps, the newest first. Reasons are not shown: they may repeat the secret, and who may open the case reads them there."""
    rows = queries.steps_for(current_user, on=clock.today(), before=_last_shown(), limit=PAGE + 1)
    return render_template(
        "feedback/sealed/looks.html",
        rows=rows[:PAGE],
        kinds=words.KINDS,
        next_url=url_for(".looks", truoc=rows[PAGE - 1][0].uid) if len(rows) > PAGE else None,
    )


def _last_shown() -> uuid.UUID | None:
    try:
        return uuid.UUID(request.args.get("truoc", ""))
    except ValueError:
        return None
