"""The core of the site; it knows no domain. `create_app` puts core and domains together."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Protocol

from flask import Flask, g, has_request_context, request, session
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from app import access, crypto, database, edge, escaping, navigation, opening, pages, stamps

csrf = CSRFProtect()
login = LoginManager()
babel = pages.Languages()

#: The source language first.
LOCALES = ("vi", "en")


class Domain(Protocol):
    """A package that plugs into the core."""

    def init_app(self, app: Flask) -> None:
        """Register blueprints, menu entries, audit actions and jobs."""


def create_app(config: Any, *, domains: Sequence[Domain]) -> Flask:
    """Return the site built from *config* (config.Config) and *domains*, in the order they depend on each other."""
    app = pages.Site("app", static_folder=None)
    app.session_interface = stamps.Sessions()
    app.url_map.converters["int"] = edge.NumberInAddress
    app.config.from_mapping({field.name: getattr(config, field.name) for field in dataclasses.fields(config)})
    app.config.update(
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(config.database_url, pooler=config.DATABASE_POOLER),
        REDIS_URL=config.redis_url,
        STORAGE_URL=config.storage_url,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.HTTPS,
        # A browser takes a cookie of that name only from this very host, over HTTPS: no other host of the province can plant one.
        SESSION_COOKIE_NAME="__Host-session" if config.HTTPS else "session",
        # A day longer than a sign-in lasts (app.accounts.signing_in): whose form it was is known when it comes after the end.
        PERMANENT_SESSION_LIFETIME=(config.SESSION_HOURS + 24) * 3600,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session; an older form asks for one more press, words kept
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_DEFAULT_TIMEZONE=config.TIMEZONE,
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    escaping.close_gaps()
    app.jinja_options = {"undefined": StrictUndefined}
    crypto.init_app(app)
    database.init_app(app)
    csrf.init_app(app)
    login.init_app(app)
    babel.init_app(app, locale_selector=locale)
    navigation.init_app(app)
    if config.TRUSTED_PROXIES:
        hops = config.TRUSTED_PROXIES
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    from app import core, heartbeat, replica  # noqa: PLC0415 - every part of the core that has pages, jobs or commands; they import what we define above

    core.init_app(app)
    replica.init_app(app, _engine_options(config.DATABASE_REPLICA_URL, pooler=config.DATABASE_POOLER))
    for domain in domains:
        domain.init_app(app)
    edge.init_app(app)
    heartbeat.init_app(app)  # it looks before a page, after the edge has said what kind of transaction that is
    opening.init_app(app)
    app.add_template_global(access.may_open)
    access.check_every_route(app)
    return app


def _engine_options(url: str, *, pooler: bool) -> dict[str, Any]:
    # What people typed stands in statements' parameters: errors, and so logs and the queue, go without them.
    hidden = {"hide_parameters": True}
    if url.startswith("sqlite"):
        return hidden | {"connect_args": {"timeout": database.ANSWER_SECONDS}}
    # A server that went without a word is noticed, by whoever waits for it and by who would begin.
    alive = {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 30_000}
    # Behind a pooler the connection that a statement was prepared on is not the one that the next transaction gets.
    prepared = {"prepare_threshold": None} if pooler else {}
    return hidden | {"pool_size": 10, "max_overflow": 10, "connect_args": alive | prepared}


def locale() -> str:
    """Return the language of this request: asked for in the address, else chosen before, else of the account that is signed in.

    The API reads no cookie: it goes by Accept-Language.
    """
    if not has_request_context():  # a command at the terminal
        return LOCALES[0]
    if "locale" not in g:
        by_browser = request.accept_languages.best_match(LOCALES) if _is_api() else None
        kept = () if _is_api() else (request.cookies.get("lang"), session.get("lang"))
        g.locale = next((each for each in (request.args.get("lang"), *kept, by_browser) if each in LOCALES), LOCALES[0])
    return g.locale


def _is_api() -> bool:
    return request.path.startswith("/api/")


__all__ = ["LOCALES", "babel", "create_app", "csrf", "database", "login"]
