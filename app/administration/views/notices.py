"""Notices that were given up: to look at, and to send again once the address or the server is mended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, outbox
from app.administration.views.pages import bp, install_wide
from app.database import db


@bp.get("/thu-chua-gui")
@install_wide
def dead_notices() -> str:
    """Show the notices that were given up, the latest first."""
    rows = outbox.dead_notices(_after())
    more = rows[-1] if len(rows) == outbox.INBOX_PAGE else None
    return render_template(
        "administration/dead_notices.html",
        rows=rows,
        waiting=outbox.waiting_by_channel(),
        later=url_for(".dead_notices", tu=f"{more.dead_at.timestamp()}-{more.id}") if more is not None and more.dead_at else None,
        earlier=url_for(".dead_notices") if _after() else None,
    )


def _after() -> tuple[dt.datetime, int] | None:
    """Return where the list goes on, or None for its beginning and for an address that somebody made up."""
    seconds, _dash, number = request.args.get("tu", "").rpartition("-")
    try:
        after = dt.datetime.fromtimestamp(float(seconds), dt.UTC), int(number)
    except (ValueError, OverflowError, OSError):
        return None
    return after if after[1] < 2**63 else None


@bp.post("/thu-chua-gui/<int:notice_id>/gui-lai")
@install_wide
def send_again(notice_id: int) -> Any:
    """Put one back among those to be sent."""
    outbox.try_again(db.get_or_404(outbox.Notice, notice_id), clock.now())
    db.session.commit()
    flash(_("Đã đưa thư trở lại hàng chờ gửi."), "ok")
    return redirect(url_for(".dead_notices"))
