"""A site of a few lines, for what needs templates but neither a database nor the whole of create_app."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace

from flask import Blueprint, Flask, render_template, request
from flask_babel import Babel
from flask_login import LoginManager
from jinja2 import StrictUndefined

from app import formats, gallery, links, navigation, static_files
from app.accounts.forms import SignInForm
from config import Config

ERRORS = (400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503)


def make_site() -> Flask:
    """Return a site with the components, the error pages at /loi/<status> and the pages the menus need."""
    app = Flask("app", static_folder=None)
    app.jinja_options = {"undefined": StrictUndefined}
    app.config.from_mapping({field.name: field.default for field in fields(Config)}, TESTING=True, SECRET_KEY="only in tests")
    Babel(app, locale_selector=lambda: request.args.get("lang", "vi"))
    LoginManager(app).user_loader(lambda _id: None)
    navigation.init_app(app)
    for part in (static_files, formats, links, gallery):
        part.init_app(app)
    site, accounts = Blueprint("site", __name__), Blueprint("accounts", __name__)
    site.add_url_rule("/", "home", lambda: "")
    site.add_url_rule("/ngon-ngu", "set_language", lambda: "")
    site.add_url_rule("/loi/<int:status>", "error", lambda status: render_template(f"errors/{status}.html", request_id="4f1c"))
    accounts.add_url_rule("/dang-nhap", "sign_in", lambda: "")
    app.register_blueprint(site)
    app.register_blueprint(accounts)
    app.add_template_global(lambda: SignInForm(formdata=None), "sign_in_form")
    navigation.add(app, "citizen", navigation.Entry("Gửi ý kiến", "site.home", 1))
    app.context_processor(
        lambda: {
            "locale": request.args.get("lang", "vi"),
            "site": SimpleNamespace(province_name="tỉnh Bắc Ninh", authority_name="Ủy ban nhân dân tỉnh Bắc Ninh"),
        }
    )
    return app
