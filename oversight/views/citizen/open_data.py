"""Open data: the page that explains it, the files of the day, their description, and the feeds of news."""

from __future__ import annotations

from flask import abort, current_app, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, settings
from app.access import public
from app.replica import from_copy
from app.units.models import Unit
from dialogues import atom
from oversight.public import feeds, open_data, transparency
from oversight.views.citizen.pages import bp, file, page, unit_of

CSV, JSON = "text/csv; charset=utf-8", "application/json; charset=utf-8"


@bp.get("/du-lieu-mo")
@public
@from_copy
def data() -> Response:
    """Explain the files: each field, what is hidden and why, what one may do with them."""
    picture = transparency.snapshot(clock.now())
    return page(
        render_template(
            "oversight/citizen/open_data.html",
            picture=picture,
            files=[(each, len(open_data.rows(each, picture))) for each in open_data.FILES.values()],
            hidden=open_data.HIDDEN,
            licence=open_data.LICENCE,
        )
    )


@bp.get("/du-lieu-mo/<name>.csv")
@public
@from_copy
def as_csv(name: str) -> Response:
    """Give one table as CSV."""
    picture = transparency.snapshot(clock.now())
    return file(open_data.as_csv(_file(name), picture), CSV, f"{picture.etag}-csv")


@bp.get("/minh-bach/<code>/so-lieu.csv")
@public
@from_copy
def csv_of_unit(code: str) -> Response:
    """Give the figures of one unit as CSV; as JSON the API gives them."""
    picture, unit = transparency.snapshot(clock.now()), unit_of(code)
    return file(open_data.as_csv(open_data.FIGURES, picture, unit=unit.code), CSV, f"{picture.etag}-csv-{unit.id}")


@bp.get("/du-lieu-mo/<name>.json")
@public
@from_copy
def as_json(name: str) -> Response:
    """Give one table as JSON."""
    picture = transparency.snapshot(clock.now())
    return file(open_data.as_json(_file(name), picture), JSON, f"{picture.etag}-json")


@bp.get("/du-lieu-mo/datapackage.json")
@public
@from_copy
def package() -> Response:
    """Describe all tables for programs."""
    picture = transparency.snapshot(clock.now())
    body = open_data.package(
        picture,
        title=_("Số liệu công khai về phản ánh, kiến nghị và đối thoại"),
        homepage=current_app.config["SITE_URL"] + url_for(".data"),
        publisher=_publisher(),
    )
    return file(body, JSON, f"{picture.etag}-{get_locale()}")


@bp.get("/minh-bach/tin.atom")
@public
@from_copy
def news() -> Response:
    """Tell of answers and promises of all units."""
    return _feed(None, title=_("Đã trả lời, đã làm, quá hạn"), address=url_for(".index"), own=url_for(".news"))


@bp.get("/minh-bach/<code>/tin.atom")
@public
@from_copy
def news_of_unit(code: str) -> Response:
    """Tell of answers and promises of one unit."""
    unit = unit_of(code)
    own = url_for(".news_of_unit", code=unit.code)
    return _feed(unit, title=unit.name, address=url_for(".unit", code=unit.code), own=own)


def _feed(unit: Unit | None, *, title: str, address: str, own: str) -> Response:
    site, now = current_app.config["SITE_URL"], clock.now()
    found = feeds.entries(unit, clock.local_date(now))
    # Of no news the feed is as old as the day: else it would be another one each time it is asked for.
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    body = atom.feed(found, title=title, author=_publisher(), address=site + address, own_address=site + own, now=since)
    return file(body, "application/atom+xml; charset=utf-8", transparency.tag(body))


def _publisher() -> str:
    return settings.get("authority_name") or current_app.config["SITE_NAME"]


def _file(name: str) -> open_data.File:
    return open_data.FILES.get(name) or abort(404)
