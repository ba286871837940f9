"""A counter that other sites may show: a small page for a frame, a picture, and the page that says how.

It leaves nothing with whoever sees it: no cookie, no script, nothing from elsewhere, no address told onwards; we count nobody.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.access import public
from app.fold import sort_key
from app.replica import from_copy
from app.units.models import Unit
from oversight.figures import suppression
from oversight.public import transparency
from oversight.rules.suppression import PERIODS
from oversight.views.citizen.figures import QUARTER, QUESTIONS, period_says
from oversight.views.citizen.pages import bp, file, page, unit_of

#: In the place of a unit's code: all units.
PROVINCE = "tinh"
#: Only here may a page of ours stand in a frame of another site.
POLICY = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"


@bp.get("/minh-bach/nhung")
@public
def how_to_embed() -> Response:
    """Say how to show the counter on another site: of all units, or of the one that is asked for."""
    picture = transparency.snapshot(clock.now())
    code = request.args.get("don-vi", "")
    units = sorted(picture.units.items(), key=lambda each: (each[1]["level"] != "province", sort_key(each[1]["name"])))
    return page(
        render_template(
            "oversight/citizen/embed.html",
            root=current_app.config["SITE_URL"],
            units=units,
            unit=picture.units.get(code),
            code=code if code in picture.units else PROVINCE,
        )
    )


@bp.get("/nhung/<code>")
@public
@from_copy
def counter(code: str) -> Response:
    """Show the counter as a page for a frame."""
    facts = _facts(code)
    body = render_template("oversight/citizen/counter.html", **facts)
    return _embedded(file(body.encode(), "text/html; charset=utf-8", transparency.tag(body.encode())))


@bp.get("/nhung/<code>.svg")
@public
@from_copy
def badge(code: str) -> Response:
    """Show the counter as a picture."""
    facts = _facts(code)
    body = render_template("oversight/citizen/badge.svg", **facts)
    return _embedded(file(body.encode(), "image/svg+xml; charset=utf-8", transparency.tag(body.encode())))


def _embedded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _facts(code: str) -> dict[str, Any]:
    unit: Unit | None = None if code == PROVINCE else unit_of(code)
    picture = transparency.snapshot(clock.now())
    period = _latest_quarter(picture)
    duty, source, _says = QUESTIONS["tra-loi"]
    rows = picture.of_unit(duty, source, unit.code if unit else "")
    link = url_for("transparency.unit", code=unit.code) if unit else url_for("transparency.index", ky=period)
    return {
        "unit": unit,
        "row": next((each for each in rows if each["period"] == period), None),  # None: nothing happened
        "period": period_says(period),
        "day": picture.day,
        "link": current_app.config["SITE_URL"] + link,
    }


def _latest_quarter(picture: transparency.Snapshot) -> str:
    """Return the last quarter that is over, whether or not anything happened in it."""
    quarters = [each for each in PERIODS if each.months == QUARTER]
    ended = [each for each in quarters if each.last < picture.day.month]
    return suppression.code_of(picture.day.year, ended[-1]) if ended else suppression.code_of(picture.day.year - 1, quarters[-1])
