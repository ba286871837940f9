"""What everyone may read: published items, and the promises made in their answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock, navigation, search
from app.access import public
from app.assignments.rules import OPEN, Duty, State, is_late
from app.calendar.queries import work_calendar
from app.clock import local_date
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.units.models import Field, Place, Unit
from feedback import codes, queries, words
from feedback.models import Feedback, FeedbackAssignment
from feedback.public import answer_on_page, answers, published, unit_in_charge
from feedback.rules import Kind, Status
from feedback.views.citizen import thread

bp = Blueprint("published", "feedback")

PAGE = 20
LONGEST_Q = 200
MOST_PAGES = 500
LISTED_STATUSES = (Status.IN_HAND, Status.ANSWERED, Status.CLOSED, Status.FORWARDED)
#: What is late or due first, then what was done.
URGENT_FIRST = (FeedbackAssignment.state.in_(OPEN).desc(), FeedbackAssignment.due_sort, FeedbackAssignment.id)

#: What a promise can be filtered by: the name in the address, its words, and the condition on its row.
PROMISE_STATES: dict[str, tuple[Any, Callable[[dt.date], Any]]] = {
    "dang-lam": (_l("đang làm"), lambda today: FeedbackAssignment.state.in_(OPEN) & (FeedbackAssignment.due_on >= today)),
    "qua-han": (_l("quá hạn, chưa xong"), lambda today: FeedbackAssignment.state.in_(OPEN) & (FeedbackAssignment.due_on < today)),
    "da-xong": (_l("đã xong"), lambda _today: FeedbackAssignment.state.in_([State.DONE, State.VERIFIED])),
}

#: What other domains promised: each returns the template of a section and what it calls `each`, or nothing.
further: list[Callable[[dt.date], tuple[str, dict[str, Any]] | None]] = []


def init_app(app: Flask) -> None:
    """Add the menu entries."""
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
    item = _published(code)
    today, calendar = clock.today(), work_calendar()
    seen = thread.seen_by_anyone(item, today=today)
    answer = answer_on_page(item)
    duties = [duty for duty in item.assignments if duty.duty == Duty.ACT and duty.state != State.CANCELLED]
    return render_template(
        "feedback/citizen/published_item.html",
        item=item,
        seen=seen,
        unit=unit_in_charge(seen.matter),
        answer=answer,
        # Opened again since: what stands here is no longer the last word.
        outdated=answer is not None and (seen.matter.answered_at is None or answers(item)[-1] is not answer),
        promises=[thread.public_promise(duty, calendar, today) for duty in duties],
        rating=item.ratings[-1] if item.ratings else None,
    )


# --- promises -----------------------------------------------------------------------------------------------------------


@bp.get("/viec-da-hua")
@public
def promises() -> str:
    """List the promises made in published answers, the most urgent first, with what came of each."""
    today, calendar = clock.today(), work_calendar()
    state = request.args.get("tinh-trang", "")
    state = state if state in PROMISE_STATES else ""
    unit = _row(Unit, request.args.get("don-vi", ""))
    query = of_published().order_by(*URGENT_FIRST)
    if state:
        query = query.where(PROMISE_STATES[state][1](today))
    if unit is not None:
        query = query.where(FeedbackAssignment.unit_id == unit.id)
    page = _page_number()
    rows = db.session.scalars(query.offset(page * PAGE).limit(PAGE + 1)).all()
    kept = {name: value for name, value in (("tinh-trang", state), ("don-vi", unit and unit.code)) if value}
    return render_template(
        "feedback/citizen/promises.html",
        rows=[thread.public_promise(duty, calendar, today) for duty in rows[:PAGE]],
        unit=unit,
        state=state,
        sums=promise_sums(today),
        groups=[_promise_group(kept)],
        further=[] if kept or page else [section for made in further if (section := made(today))],
        next_url=_address(".promises", kept | {"trang": page + 2}) if len(rows) > PAGE else None,
        previous_url=_address(".promises", kept | {"trang": page}) if page else None,
        all_url=_address(".promises", {k: v for k, v in kept.items() if k != "don-vi"}),
    )


def _page_number() -> int:
    """Return the page, from 0; anything that is no number of a page is the first."""
    typed = request.args.get("trang", "1")
    return min(int(typed) - 1, MOST_PAGES) if re.fullmatch("[1-9][0-9]{0,8}", typed) else 0


def of_published() -> Any:
    """Return a select of the promises of published items."""
    public_items = db.select(Feedback.id).where(Feedback.published_at.is_not(None))
    return db.select(FeedbackAssignment).where(
        FeedbackAssignment.duty == Duty.ACT, FeedbackAssignment.state != State.CANCELLED, FeedbackAssignment.feedback_id.in_(public_items)
    )


def promise_sums(today: dt.date) -> dict[str, int]:
    """Return how many promises of published answers there are, by what came of them."""
    sums = {"in_time": 0, "late_done": 0, "open": 0, "overdue": 0}
    columns = of_published().with_only_columns(FeedbackAssignment.state, FeedbackAssignment.due_on, FeedbackAssignment.closed_at)
    for state, due_on, closed_at in db.session.execute(columns):
        late = is_late(due_on, local_date(closed_at) if closed_at else None, today)
        done = state in {State.DONE, State.VERIFIED}
        sums[("late_done" if late else "in_time") if done else ("overdue" if late else "open")] += 1
    return sums


def _promise_group(kept: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in kept.items() if key != "tinh-trang"}
    every = {"label": _("tất cả"), "url": _address(".promises", rest), "current": "tinh-trang" not in kept}
    each = [
        {"label": word, "url": _address(".promises", rest | {"tinh-trang": name}), "current": kept.get("tinh-trang") == name}
        for name, (word, _condition) in PROMISE_STATES.items()
    ]
    return {"label": _("Tình trạng"), "choices": [every, *each]}
