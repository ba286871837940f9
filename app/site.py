"""What belongs to the site as a whole: its name in every page, the switch of languages, and the pages that explain."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from werkzeug.local import LocalProxy

from app import LOCALES, navigation, settings
from app.access import public
from app.accounts.addresses import own_page, page_of

bp = Blueprint("site", __name__)

YEAR = 365 * 24 * 3600  # seconds


def init_app(app: Flask) -> None:
    """Register the pages; a domain may put its own view in place of `site.home`."""
    app.register_blueprint(bp)
    app.context_processor(_everywhere)
    app.after_request(_keep_choice)
    navigation.add(
        app,
        "foot",
        navigation.Entry(_l("Khiếu nại, tố cáo: làm theo luật nào"), "site.complaints", 50),
        navigation.Entry(_l("Thông tin cá nhân được giữ thế nào"), "site.personal_data", 60),
        navigation.Entry(_l("Dùng trang này khi mắt, tay, tai yếu"), "site.accessibility", 70),
    )


def _everywhere() -> dict[str, Any]:
    language = get_locale()
    # Asked for only when a page says it: the page that tells that the database is gone must not ask the database.
    return {"site": LocalProxy(_settings), "locale": language.language if language else LOCALES[0]}


def _settings() -> dict[str, Any]:
    if "site_settings" not in g:
        g.site_settings = settings.all_values()
    return g.site_settings


@bp.get("/")
@public
def home() -> str:
    """Show the ways into the site."""
    return render_template("site/home.html")


@bp.get("/ngon-ngu/<any(vi, en):lang>")
@public
def set_language(lang: str) -> Any:
    """Keep the language that was chosen and go back to the page one came from."""
    return _keep(redirect(_without_language(own_page(request.args.get("next"))) or url_for("site.home")), lang)


def _without_language(page: str | None) -> str | None:
    """Return *page* without the language in its address, which would win over the one just chosen; a page that can be looked at."""
    if page is None:
        return None
    parts = urlsplit(page_of(page))
    rest = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "lang"]
    return urlunsplit(parts._replace(query=urlencode(rest)))


def _keep_choice(response: Any) -> Any:
    """A language asked for in the address of a page lasts; nothing else sets the cookie."""
    asked = request.args.get("lang")
    kept = not request.path.startswith("/api/") and not g.get("sets_no_cookie")  # what other sites show of ours leaves nothing behind
    chosen = asked in LOCALES and asked != request.cookies.get("lang") and kept
    return _keep(response, asked) if chosen else response


def _keep(response: Any, lang: str) -> Any:
    response.set_cookie("lang", lang, max_age=YEAR, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response


@bp.get("/khieu-nai-to-cao")
@public
def complaints() -> str:
    """Explain which law a complaint and a denunciation follow, and where to hand them in."""
    return render_template("site/complaints.html")


@bp.get("/thong-tin-ca-nhan")
@public
def personal_data() -> str:
    """Explain what is kept about a person, who sees it and how to have it erased."""
    return render_template("site/personal_data.html")


@bp.get("/tro-nang")
@public
def accessibility() -> str:
    """Explain how the site can be used and where it still falls short."""
    return render_template("site/accessibility.html")
