"""News of answers and promises that everyone may read: of the province, or of one unit with what is below it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.assignments import published as register
from app.assignments.rules import OPEN
from app.calendar.days import ONE_DAY
from app.clock import LOCAL
from app.database import db
from app.formats import format_date
from app.units.models import Unit
from dialogues.atom import Entry
from feedback import public
from feedback.rules import OPEN as STILL_OPEN

MOST = 60
#: What is older is no news.
DAYS = 90


def entries(below: Unit | None, today: dt.date) -> list[Entry]:
    """Return the news of the last months, the newest first."""
    units = None if below is None else list(db.session.scalars(select(Unit).where(Unit.path.startswith(below.path, autoescape=True))))
    found = [*_answers(units), *_promises(units, today)]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:MOST]


def _answers(units: Sequence[Unit] | None) -> Iterator[Entry]:
    for unit in [None] if units is None else units:
        for item in public.published(unit=unit, limit=MOST):
            if item.public_reply and item.answered_at and item.published_at and item.status not in STILL_OPEN:
                address = current_app.config["SITE_URL"] + url_for("published.show", code=item.code)
                title = _("Đã trả lời: %(what)s", what=item.public_title)
                yield Entry(f"{address}#tra-loi-{item.round}", item.published_at, title, public.unit_in_charge(item).name, address)


def _promises(units: Sequence[Unit] | None, today: dt.date) -> Iterator[Entry]:
    ids = None if units is None else [unit.id for unit in units]
    for duty in register.news(today - dt.timedelta(days=DAYS), today, unit_ids=ids, limit=MOST):
        told = register.told(duty)
        address = current_app.config["SITE_URL"] + told["url"]
        if duty.state in OPEN:
            assert duty.due_on is not None  # or it would not be late
            on, name = duty.due_on + ONE_DAY, f"qua-han-{duty.id}-{duty.due_on:%Y%m%d}"
            title = _("Quá hạn, chưa xong: %(what)s", what=told["title"])
            says = _("%(unit)s, hạn %(day)s", unit=duty.unit.name, day=format_date(duty.due_on, weekday=False))
        else:
            assert duty.closed_on is not None  # it is done
            on, name = duty.closed_on, f"da-xong-{duty.id}-{duty.round}"
            title, says = _("Đã làm xong: %(what)s", what=told["title"]), duty.unit.name
        yield Entry(f"{address}#{name}", dt.datetime.combine(on, dt.time(), LOCAL), title, says, address)
