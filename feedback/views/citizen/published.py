"""What everyone may read: published items, and the promises made in their answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from app import clock, navigation
from app.access import public
from app.assignments import published as register
from app.assignments.models import Assignment
from app.assignments.rules import Duty, State
from app.calendar.queries import work_calendar
from app.clock import local_date
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.formats import format_date
from app.pieces import piece, render
from app.replica import from_copy
from app.units.queries import Named, named_fields, named_places, named_units, with_code
from feedback import codes, queries, words
from feedback.models import Feedback, FeedbackAssignment
from feedback.public import Listed, answer_on_page, answers, listed, promise_title, unit_in_charge
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
    item = joinedload(FeedbackAssignment.feedback).load_only(Feedback.code, Feedback.title, Feedback.body, Feedback.public_title)
    register.sources["feedback"] = register.Source(FeedbackAssignment, _of_published, [_ITEM_CHANGES], [item], _told)
    navigation.add(
        app,
        "citizen",
        navigation.Entry(_l("Đã trả lời"), "published.index", 30),
        navigation.Entry(_l("Việc đã hứa"), "published.promises", 50),
    )


# --- the list -----------------------------------------------------------------------------------------------------------


@bp.get("/da-tra-loi")
@public
@from_copy
def index() -> str:
    """List published items, newest first; every filter is a link and every page has an address."""
    q = request.args.get("q", "").strip()[:LONGEST_Q]
    chosen = {name: request.args.get(name, "") for name in ("loai", "linh-vuc", "noi", "don-vi", "tinh-trang")}
    field = with_code(named_fields(), chosen["linh-vuc"])
    place, unit = with_code(named_places(), chosen["noi"]), with_code(named_units(), chosen["don-vi"])
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
    page = listed(
        q=q,
        kind=kind,
        field_id=field and field.id,
        place_id=place and place.id,
        unit_id=unit and unit.id,
        status=status,
        before=read_cursor("public", request.args.get("sau", ""), dt.datetime, int) if "sau" in request.args else None,
        limit=PAGE,
    )
    filters = tuple((name, value) for name, value in kept.items() if value)
    following = write_cursor("public", *page.next) if page.next else None
    return render_template(
        "feedback/citizen/published.html",
        listed=_list(page.items, page.fields, filters, place, unit, following, later="sau" in request.args),
    )


@piece
def _list(
    items: tuple[Listed, ...],
    fields: tuple[Named, ...],
    filters: tuple[tuple[str, str], ...],
    place: Named | None,
    unit: Named | None,
    following: str | None,
    *,
    later: bool,
) -> Markup:
    """Return the list as it looks with these items and filters."""
    kept = dict(filters)
    return render(
        "feedback/citizen/_published.html",
        items=items,
        kept=kept,
        groups=[
            _group(_("Loại"), "loai", [(each, words.KINDS[each]) for each in Kind], kept),
            _group(_("Tình trạng"), "tinh-trang", [(each, words.STATUSES[each].text) for each in LISTED_STATUSES], kept),
            _group(_("Lĩnh vực"), "linh-vuc", [(each.code, each.name) for each in fields], kept),
        ],
        place=place,
        unit=unit,
        without=lambda name: _address(".index", {k: v for k, v in kept.items() if k != name}),
        next_url=_address(".index", kept | {"sau": following}) if following else None,
        first_url=_address(".index", kept) if later else None,
    )


def _address(endpoint: str, filters: dict[str, Any]) -> str:
    """Return the page with these filters; their names hold dashes, so they are no keywords."""
    return url_for(endpoint, **filters)


def _group(label: str, name: str, choices: list[tuple[str, Any]], kept: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in kept.items() if key != name}
    every = {"label": _("tất cả"), "url": _address(".index", rest), "current": name not in kept}
    each = [{"label": word, "url": _address(".index", rest | {name: value}), "current": kept.get(name) == value} for value, word in choices]
    return {"label": label, "choices": [every, *each]}


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
@from_copy
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
@from_copy
def promises() -> str:
    """List the promises that everyone may read, the most urgent first, with what came of each."""
    today = clock.today()
    state = request.args.get("tinh-trang", "")
    state = state if state in PROMISE_STATES else ""
    unit = with_code(named_units(), request.args.get("don-vi", ""))
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
    return db.exists().where(Feedback.id == _DUTY.feedback_id, Feedback.published_at.is_not(None))


_DUTY = FeedbackAssignment.__table__.c
_ITEM_CHANGES = register.Change(
    "feedback",
    ("published_at",),
    "(OLD.published_at IS NULL) <> (NEW.published_at IS NULL)",
    lambda item_id: _DUTY.feedback_id == item_id,
)


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
