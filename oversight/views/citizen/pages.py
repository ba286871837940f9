"""What the pages and files for everyone share: the blueprint, the unit that an address names, how long an answer may be kept."""

from __future__ import annotations

from flask import Blueprint, abort, g, make_response, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.database import db
from app.units.models import Unit
from oversight.figures import suppression
from oversight.public import transparency

bp = Blueprint("transparency", "oversight", template_folder="templates")

#: Seconds for which a file of the day may be shown without asking again.
KEPT = 3600


def unit_of(code: str) -> Unit:
    """Return the unit that figures are counted for: the one with that code, or what it is a part of. 404 where there is none."""
    unit = db.session.scalar(select(Unit).where(Unit.code == code))
    if unit is None:
        abort(404)
    return suppression.homes()[unit.id]


def page(body: str) -> Response:
    """Return a page that is sent again only when something on it changed."""
    return _with_tag(make_response(body), transparency.tag(body.encode()), "no-cache")


def file(body: bytes, mimetype: str, tag: str) -> Response:
    """Return a file for whoever wants it: other sites too, and without leaving anything behind."""
    no_cookie()
    response = make_response(body)
    response.headers["Content-Type"] = mimetype
    response.headers["Access-Control-Allow-Origin"] = "*"
    return _with_tag(response, tag, f"public, max-age={KEPT}")


def no_cookie() -> None:
    """Answer without a cookie, not even for the language."""
    g.sets_no_cookie = True


def _with_tag(response: Response, tag: str, kept: str) -> Response:
    response.headers["Cache-Control"] = kept
    response.set_etag(tag)
    return response.make_conditional(request)
