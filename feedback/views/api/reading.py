"""GET /feedback: one item, for everyone or for its sender, and the list of what was published."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app import audit, clock, search
from app.access import public
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.limits import limiter
from app.units.models import Field, Place, Unit
from feedback import public as reading
from feedback import vocabulary
from feedback.forms import api as schemas
from feedback.models import Feedback, MessageKind, Paper, ReceiptKey
from feedback.views.api.base import blueprint, no_store, opened, refuse, rows


@blueprint.route("/feedback/<string:code>", methods=["GET"])
@public
@limiter.limit("60 per minute")
@no_store
@blueprint.response(200, schemas.SenderOut)
def show(code: str) -> dict[str, Any]:
    """Show an item: with its code what everyone may know; with `X-Feedback-Key` the thread and the answer."""
    item, key = opened(code)
    return picture(item, key)


def picture(item: Feedback, key: ReceiptKey | None) -> dict[str, Any]:
    """Return what everyone may know of *item*; with a key, its thread and its answers too."""
    seen = reading.picture(item, clock.today())
    if key is None:
        return seen
    units = {unit.id: unit.name for unit in db.session.scalars(select(Unit).where(Unit.id.in_(_unit_ids(item))))}
    seen["body"] = item.body
    seen["timeline"] = [
        {
            "at": entry.at,
            "event": entry.action.removeprefix("feedback."),
            "unit": units.get(entry.facts.get("unit_id") or entry.facts.get("to_id")),
        }
        for entry in audit.entries_about(item)
        if entry.action in vocabulary.TOLD_TO_SENDER
    ]
    seen["messages"] = [
        {"at": message.at, "kind": message.kind, "text": message.body} for message in item.messages if message.kind != MessageKind.NOTE
    ]
    seen["question_open"] = item.open_question is not None
    # Every answer stays: one that was opened again is still what the unit signed and numbered.
    seen["answers"] = [_answer(item, paper) for paper in reading.answers(item)]
    seen["answer"] = seen["answers"][-1] if seen["answers"] else None
    return seen


def _unit_ids(item: Feedback) -> set[int]:
    return {each.unit_id for each in item.assignments} | {item.desk_unit_id}


def _answer(item: Feedback, paper: Paper) -> dict[str, Any]:
    return {
        "round": paper.round,
        "number": paper.number,
        "published_at": paper.published_at,
        "unit": paper.unit.name,
        "body": reading.words_of(paper),
        "points": [
            {
                "title": reading.title_read_by(item, paper.feedback, point.title),
                "text": point.text,
                "outcome": point.outcome,
                "promised_on": point.promised_on,
            }
            for point in paper.points
        ],
    }


@blueprint.route("/feedback", methods=["GET"])
@public
@blueprint.arguments(schemas.ListIn, location="query")
@blueprint.response(200, schemas.ListOut)
def index(data: dict[str, Any]) -> dict[str, Any]:
    """List what was published, newest first, by keyset."""
    field, place, unit = rows(field=(Field, data["field"]), area=(Place, data["area"]), unit=(Unit, data["unit"]))
    found = reading.published(
        ids=search.matching("public", data["q"], Feedback) if data["q"].strip() else None,
        kind=data["kind"],
        field=field,
        place=place,
        unit=unit,
        status=data["status"],
        before=_read_cursor(data["cursor"]),
        limit=data["limit"] + 1,
    )
    page, today = found[: data["limit"]], clock.today()
    last = page[-1] if len(found) > data["limit"] else None
    return {
        "items": [reading.picture(item, today) for item in page],
        "next": write_cursor("public", last.published_at, last.id) if last and last.published_at else None,
    }


def _read_cursor(cursor: str) -> tuple[dt.datetime, int] | None:
    if cursor and (place := read_cursor("public", cursor, dt.datetime, int)) is None:
        refuse(422, "cursor-invalid", errors={"cursor": [_("Con trỏ trang không đúng; bắt đầu lại từ trang đầu.")]})
    return place if cursor else None
