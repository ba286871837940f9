"""The front page: say it, see where it is, see what was promised and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Flask, render_template

from app import clock
from app.access import public
from app.assignments import published as register
from app.calendar.queries import have_reply_term
from app.database import db
from app.formats import shares
from app.replica import from_copy
from app.units.queries import named_places
from feedback.forms.tracking import TrackForm
from feedback.models import Feedback
from feedback.rules import Kind
from feedback.views.citizen import published

SHOWN = 3

_ITEM = Feedback.__table__.c
#: What was published last of what is answered.
_ANSWERED = (
    db.select(_ITEM.code, _ITEM.public_title, _ITEM.place_id, _ITEM.answered_at)
    .where(_ITEM.published_at.is_not(None), _ITEM.answered_at.is_not(None))
    .order_by(_ITEM.published_at.desc())
    .limit(SHOWN + 1)
)

#: What other domains say before everything else: each returns the template of a section and what it calls `each`, or nothing.
further: list[Callable[[dt.datetime], tuple[str, dict[str, Any]] | None]] = []


def init_app(app: Flask) -> None:
    """Put our front page in place of the core's."""
    app.view_functions["site.home"] = home


@public
@from_copy
def home() -> str:
    """Show the ways in, and what was promised lately."""
    today = clock.today()
    sums = register.sums(today)
    return render_template(
        "feedback/citizen/home.html",
        sums=sums,
        total=sum(sums.values()),
        shares=dict(zip(sums, shares(list(sums.values())), strict=True)),
        strip=_strip(sums),
        # What is late or due first, then what was done: what burns is never hidden behind what went well.
        promises=published.told(register.page(today, limit=SHOWN), today),
        answered=db.session.execute(_ANSWERED).all(),
        places=named_places(),
        today=today,
        further=[section for made in further if (section := made(clock.now()))],
        track=TrackForm(formdata=None),
        answered_by_a_day=have_reply_term([kind for kind in Kind if kind != Kind.COMPLAINT], today),
    )


def _strip(sums: dict[str, int]) -> list[tuple[str, int, int]]:
    """Return the bar of the promises as (tone, x, width) of a drawing 1000 wide."""
    total, at, parts = sum(sums.values()), 0, []
    for name, tone in (("in_time", "ok"), ("late_done", "slow"), ("open", "go"), ("overdue", "late")):
        width = round(1000 * sums[name] / total) if total else 0
        parts.append((tone, at, width))
        at += width
    return parts
