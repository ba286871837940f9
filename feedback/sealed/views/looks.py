"""The auditor's page of the sealed register: who did what to which case, when."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.access import requires
from app.headers import unkept
from app.permissions import Permission
from feedback.sealed import queries, words

bp = Blueprint("sealed_looks", "feedback", url_prefix="/can-bo/nhat-ky-niem-phong", template_folder="templates")

PAGE = 100
LATELY = dt.timedelta(days=30)


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


def reveals() -> list[dict[str, Any]]:
    """Say on the first page of who audits how often somebody asked to learn who wrote, and whether that waits."""
    if not current_user.reach.may_anywhere(Permission.AUDIT_READ):
        return []
    rows = queries.asked_who(current_user, since=clock.now() - LATELY, on=clock.today())
    waits = sum(row.decided_at is None for row in rows)
    if not rows:
        return []
    return [
        {
            "title": _("Xin biết người báo tin"),
            "url": url_for("sealed_looks.looks"),
            "hint": _("%(days)s ngày qua: %(many)s lần xin. Xem ai xin, ai đồng ý.", days=LATELY.days, many=len(rows)),
            "state": "todo",
            "text": _("%(many)s lần chờ trả lời", many=waits) if waits else _("Xem lại"),
        }
    ]


def _last_shown() -> uuid.UUID | None:
    try:
        return uuid.UUID(request.args.get("truoc", ""))
    except ValueError:
        return None
