"""What everyone may read of promises and figures."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import csrf, navigation
from app.api import api as programs
from oversight.views.citizen import api
from oversight.views.citizen import embedding as embedding
from oversight.views.citizen import figures as figures
from oversight.views.citizen import open_data as open_data
from oversight.views.citizen.pages import bp


def init_app(app: Flask) -> None:
    """Register the pages and their place in the menu."""
    app.register_blueprint(bp)
    csrf.exempt(api.blueprint)  # like the others of the API, it reads no cookie
    programs.register_blueprint(api.blueprint)
    app.add_template_test(figures.unsaid, "unsaid")
    navigation.add(
        app,
        "foot",
        navigation.Entry(_l("Số liệu công khai, theo đơn vị"), "transparency.index", 20),
        navigation.Entry(_l("Dữ liệu mở"), "transparency.data", 25),
    )
