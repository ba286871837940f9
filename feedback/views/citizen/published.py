"""What everyone may read: published items, and the promises made in their answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from app import clock, navigation, search
from app.access import public
from app.assignments import published as register
from app.assignments.models import Assignment
from app.assignments.rules import Duty, State
from app.calendar.queries import work_calendar
from app.clock import local_date
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.formats import format_date
from app.units.models import Field, Place, Unit
from feedback import codes, queries, words
from feedback.models import Feedback, FeedbackAssignment
from feedback.public import answer_on_page, answers, promise_title, published, unit_in_charge
from feedback.rules import Kind, Status
from feedback.views.citizen import thread

bp = Blueprint("published", "feedback")

PAGE = 20
LONGEST_Q = 200
MOST_PAGES = 500
LISTED_STATUSES = (Status.IN_HAND, Status.ANSWERED, Status.CLOSED, Status.FORWARDED)

#: What the promises can be filtered by: the name in the address, the view, its words.
PROMISE_STATES: dict[str, tuple[str, Any]] = {
    "dang-lam": ("open", _l("đang làm, còn trong hạn")),
    "qua-han": ("overdue", _l("quá hạn, chưa xong")),
    "da-xong": ("done", _l("đã xong")),
    "dung-han": ("in_time", _l("xong đúng hạn")),
    "tre-han": ("late_done", _l("xong nhưng trễ hạn")),
}

#: What other domains promised to answer: each returns the template of a section and what it calls `each`, or nothing.
further: list[Callable[[dt.date], tuple[str, dict[str, Any]] | None]] = []


def init_app(app: Flask) -> None:
    """Add the menu entries, and say which promises are public."""
    register.sources["feedback"] = register.Source(FeedbackAssignment, _of_published, [joinedload(FeedbackAssignment.feedback)], _told)
    navigation.add(
        app,
        "citizen",
        navigation.Entry(_l("Đã trả lời"), "published.index", 30),
        navigation.Entry(_l("Việc đã hứa"), "published.promises", 50),
    )


# --- the list -----------------------------------------------------------------------------------------------------------


@bp.get("/da-tra-loi")
@public
def index() -> str:
    """List published items, newest first; every filter is a link and every page has an address."""
    q = request.args.get("q", "").strip()[:LONGEST_Q]
    chosen = {name: request.args.get(name, "") for name in ("loai", "linh-vuc", "noi", "don-vi", "tinh-trang")}
    field, place, unit = _row(Field, chosen["linh-vuc"]), _row(Place, chosen["noi"]), _row(Unit, chosen["don-vi"])
    kind = chosen["loai"] if chosen["loai"] in set(Kind) else ""
    status = chosen["tinh-trang"] if chosen["tinh-trang"] in LISTED_STATUSES else ""
    kept = {
        "q": q,
        "loai": kind,
        "linh-vuc": field and field.code,
        "noi": place and place.code,
        "don-vi": unit and unit.code,
        "tinh-trang": status,
    }
    kept = {name: value for name, value in kept.items() if value}
    found = published(
        ids=search.matching("public", q, Feedback) if q else None,
        kind=kind,
        field=field,
        place=place,
        unit=unit,
        status=status,
        before=read_cursor("public", request.args.get("sau", ""), dt.datetime, int),
        limit=PAGE + 1,
    )
    items = list(found[:PAGE])
    more = len(found) > PAGE
    last = items[-1] if more else None
    groups = [
        _group(_("Loại"), "loai", [(each, words.KINDS[each]) for each in Kind], kept),
        _group(_("Tình trạng"), "tinh-trang", [(each, words.STATUSES[each].text) for each in LISTED_STATUSES], kept),
        _group(_("Lĩnh vực"), "linh-vuc", _used_fields(), kept),
    ]
    return render_template(
        "feedback/citizen/published.html",
        items=items,
        q=q,
        kept=kept,
        groups=groups,
        place=place,
        unit=unit,
        without=lambda name: _address(".index", {k: v for k, v in kept.items() if k != name}),
        next_url=_address(".index", kept | {"sau": write_cursor("public", last.published_at, last.id)})
        if last and last.published_at
        else None,
        first_url=_address(".index", kept) if "sau" in request.args else None,
    )


def _address(endpoint: str, filters: dict[str, Any]) -> str:
    """Return the page with these filters; their names hold dashes, so they are no keywords."""
    return url_for(endpoint, **filters)


def _row(model: Any, code: str) -> Any:
    """Return the row of a filter; what there is not filters nothing."""
    return db.session.scalar(db.select(model).where(model.code == code)) if code else None


def _group(label: str, name: str, choices: list[tuple[str, Any]], kept: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in kept.items() if key != name}
    every = {"label": _("tất cả"), "url": _address(".index", rest), "current": name not in kept}
    each = [{"label": word, "url": _address(".index", rest | {name: value}), "current": kept.get(name) == value} for value, word in choices]
    return {"label": label, "choices": [every, *each]}


def _used_fields() -> list[tuple[str, str]]:
    used = db.select(Feedback.field_id).where(Feedback.published_at.is_not(None))
    rows = db.session.execute(db.select(Field.code, Field.name).where(Field.id.in_(used)).order_by(Field.position, Field.id))
    return [(code, name) for code, name in rows]


# --- one item -----------------------------------------------------------------------------------------------------------


def _published(code: str) -> Feedback:
    try:
        item = queries.by_code(codes.read_code(code))
    except codes.CodeInvalid:
        item = None
    if item is None or item.published_at is None:
        abort(404)
    return item


@bp.get("/da-tra-loi/<code>")
@public
def show(code: str) -> str:
    """Show the masked copy of an item and of its answer, and what became of what was promised."""
    return page_of(_published(code))


def page_of(item: Feedback) -> str:
    """Return the page of a published item."""
    today, calendar = clock.today(), work_calendar()
    seen = thread.seen_by_anyone(item, today=today)
    answer = answer_on_page(item)
    duties = [duty for duty in item.assignments if duty.duty == Duty.ACT and duty.state != State.CANCELLED]
    said, reviewed = register.remarked(duties), register.reviewed(duties)
    return render_template(
        "feedback/citizen/published_item.html",
        item=item,
        seen=seen,
        unit=unit_in_charge(seen.matter),
        answer=answer,
        # Opened again since: what stands here is no longer the last word.
        outdated=answer is not None and (seen.matter.answered_at is None or answers(item)[-1] is not answer),
        promises=[
            thread.public_promise(duty, calendar, today) | {"remark": said.get(duty.id, ""), "reviewed": duty.id in reviewed}
            for duty in duties
        ],
        rating=item.ratings[-1] if item.ratings else None,
    )


# --- promises -----------------------------------------------------------------------------------------------------------


@bp.get("/viec-da-hua")
@public
def promises() -> str:
    """List the promises that everyone may read, the most urgent first, with what came of each."""
    today = clock.today()
    state = request.args.get("tinh-trang", "")
    state = state if state in PROMISE_STATES else ""
    unit = _row(Unit, request.args.get("don-vi", ""))
    page = _page_number()
    view = PROMISE_STATES[state][0] if state else ""
    unit_id = unit.id if unit else None
    rows = register.page(today, view=view, unit_id=unit_id, begin=page * PAGE, limit=PAGE + 1)
    kept = {name: value for name, value in (("tinh-trang", state), ("don-vi", unit and unit.code)) if value}
    return render_template(
        "feedback/citizen/promises.html",
        rows=told(rows[:PAGE], today),
        unit=unit,
        state=state,
        sums=register.sums(today, unit_id=unit_id),
        groups=[_promise_group(kept)],
        further=[] if kept or page else [section for made in further if (section := made(today))],
        next_url=_address(".promises", kept | {"trang": page + 2}) if len(rows) > PAGE else None,
        previous_url=_address(".promises", kept | {"trang": page}) if page else None,
        all_url=_address(".promises", {k: v for k, v in kept.items() if k != "don-vi"}),
    )


def told(duties: Sequence[Assignment], today: dt.date) -> list[dict[str, Any]]:
    """Return *duties* as everyone may read them."""
    calendar = work_calendar()
    said, reviewed = register.remarked(duties), register.reviewed(duties)
    return [
        thread.promise(duty, calendar, today) | register.told(duty) | {"remark": said.get(duty.id, ""), "reviewed": duty.id in reviewed}
        for duty in duties
    ]


def _page_number() -> int:
    """Return the page, from 0; anything that is no number of a page is the first."""
    typed = request.args.get("trang", "1")
    return min(int(typed) - 1, MOST_PAGES) if re.fullmatch("[1-9][0-9]{0,8}", typed) else 0


def _of_published() -> ColumnElement[bool]:
    return FeedbackAssignment.__table__.c.feedback_id.in_(db.select(Feedback.id).where(Feedback.published_at.is_not(None)))


def _told(duty: FeedbackAssignment) -> dict[str, Any]:
    address = url_for("published.show", code=duty.feedback.code, _anchor=f"hua-{duty.id}")
    return {
        "title": promise_title(duty),
        "url": address,
        "promised": _("hứa %(day)s", day=format_date(local_date(duty.opened_at), weekday=False)),
    }


def _promise_group(kept: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in kept.items() if key != "tinh-trang"}
    every = {"label": _("tất cả"), "url": _address(".promises", rest), "current": "tinh-trang" not in kept}
    each = [
        {"label": word, "url": _address(".promises", rest | {"tinh-trang": name}), "current": kept.get("tinh-trang") == name}
        for name, (_view, word) in PROMISE_STATES.items()
    ]
    return {"label": _("Tình trạng"), "choices": [every, *each]}
