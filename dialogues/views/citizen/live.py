"""The live pages: the hall's screen `/doi-thoai/<code>/man-hinh`, the phones `/doi-thoai/<code>/tai-cho`, and what both poll.

Nothing on them is private. Hundreds of phones ask every few seconds whether anything changed: that costs two statements and touches
neither cookie nor session; what did change is drawn once for all who ask.
"""

from __future__ import annotations

import json
import uuid
from functools import lru_cache
from threading import Lock
from typing import Any

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    g,
    get_template_attribute,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import LOCALES, clock, csrf, locale
from app.access import public
from app.database import db
from app.qr import qr_svg
from dialogues import hall as halls
from dialogues import rules, seen, words
from dialogues.desk_state import on_floor
from dialogues.models import Hall, Session
from dialogues.views.citizen.sessions import load

bp = Blueprint("dialogues_live", "dialogues", url_prefix="/doi-thoai", template_folder="templates")
#: What somebody types who has no camera: /dt/BN-DT-26-001, with the number of the hall behind it where there are several.
short = Blueprint("dialogues_short", "dialogues", url_prefix="/dt")

SCREEN, SEAT = "man-hinh", "tai-cho"
HALL = "diem-cau"  # in the address, and in the cookie that remembers in which hall the phone is
#: page → its regions, each with the macro that draws it.
REGIONS: dict[str, dict[str, tuple[str, str]]] = {
    SCREEN: {name: ("dialogues/citizen/_hall.html", name) for name in ("topic", "speaking", "clock", "join", "trail")},
    SEAT: {name: ("dialogues/citizen/_seat_live.html", name) for name in ("topic", "on_now", "questions")},
}


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
    app.register_blueprint(short)
    csrf.exempt(bp)  # each form checks its token itself, so that a lost session costs one more press and never what was typed


@short.get("/<code>")
@short.get("/<code>/<int:number>")
@public
def go(code: str, number: int = 0) -> Response:
    """Lead from the short address to the phone page."""
    found = seen.by_code(code) if number else None
    seat = found.halls[number - 1] if found is not None and 0 < number <= len(found.halls) else None
    where: dict[str, Any] = {HALL: seat.uid} if seat else {}
    return redirect(url_for("dialogues_seats.seat", code=code, **where))


@bp.get("/<code>/man-hinh")
@public
def screen(code: str) -> str:
    """Show what is on, who speaks, and where to ask from: for a beamer."""
    session = load(code)
    seat = halls.hall_of(session, request.args.get(HALL, ""))
    number = session.halls.index(seat) + 1 if seat is not None and len(session.halls) > 1 else None
    short_address = url_for("dialogues_short.go", code=session.code, number=number)
    site = current_app.config["SITE_URL"]
    return render_template(
        "dialogues/citizen/hall.html",
        session_=session,
        stands=seen.day_stands(session),
        live=halls.live(session, on_floor(session)),
        hall=seat if number else None,
        words=words,
        poll=poll(session, SCREEN),
        short=(site.partition("://")[2], short_address),
        qr=qr_svg(site + short_address, _("Mã vuông mở trang hỏi bằng điện thoại")),
    )


def poll(session: Session, page: str) -> dict[str, str]:
    """Return what the page asks for every few seconds, and what it shows already. It names the language, since it sends no cookie."""
    address = url_for("dialogues_live.changes", code=session.code, trang=page, tieng=locale())
    tag = _tag(session.uid, session.status, session.live_version, page)
    return {"live": address, "etag": f'"{tag}"', "now": clock.now().isoformat()}


def _tag(uid: uuid.UUID, status: str, version: int, page: str) -> str:
    # Before and after its day nobody counts what changes about a session: then a page is as new as these five minutes.
    since = "" if status in rules.LIVE else f"{status}{int(clock.now().timestamp()) // 300}"
    return f"{uid.hex[:8]}-{version}{since}-{locale()}-{page}"


@bp.get("/<code>/truc-tiep.json")
@public
def changes(code: str) -> Response:
    """Say what changed: 304 where nothing did, else the regions of the page drawn anew."""
    asked = request.args.get("tieng", "")
    g.locale = asked if asked in LOCALES else LOCALES[0]  # before anybody looks into a cookie for it
    page = SCREEN if request.args.get("trang") == SCREEN else SEAT
    found = halls.version(code)
    if found is None:
        abort(404)
    uid, status, version = found
    tag = _tag(uid, status, version, page)
    response = make_response()
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    if request.if_none_match.contains(tag):
        response.status_code = 304
        return response
    if status in rules.LIVE:
        with _drawing:  # a whole hall learns at once that something changed: one of them draws it, the others wait for that
            drawn = _drawn_once(uid, version, g.locale, page)
    else:
        drawn = _drawn(uid, page)
    now = json.dumps(clock.now().isoformat())
    response.data = f'{{"version":{version},"now":{now},"regions":{drawn}}}'
    response.mimetype = "application/json"
    return response


_drawing = Lock()


@lru_cache(maxsize=64)
def _drawn_once(uid: uuid.UUID, version: int, language: str, page: str) -> str:  # noqa: ARG001 - what it depends on
    """Return the regions of a page: drawn once in each process for everybody who asks."""
    return _drawn(uid, page)


def _drawn(uid: uuid.UUID, page: str) -> str:
    session = db.session.scalar(db.select(Session).where(Session.uid == uid))
    assert session is not None  # changes() has just found it
    live = halls.live(session, on_floor(session))
    drawn = {name: str(get_template_attribute(*macro)(live, words)) for name, macro in REGIONS[page].items()}
    return json.dumps(drawn, ensure_ascii=False)


def remembered_hall(session: Session) -> Hall | None:
    """Return the hall that the address names, or the cookie of an earlier one."""
    return halls.hall_of(session, request.args.get(HALL) or request.cookies.get(HALL, ""))


def remember_hall(response: Response) -> Response:
    """Let the phone keep the hall that its address names, as long as its browser is open."""
    named = request.args.get(HALL, "")
    try:
        uid = str(uuid.UUID(named))
    except ValueError:
        return response
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(HALL, uid, path=bp.url_prefix, httponly=True, samesite="Lax", secure=secure)
    return response
