"""People who want to find again what they sent: an e-mail address, and a code that goes there.

Nobody needs it: code and key of the receipt open everything, always. It has its own cookie and its own table and gives no right
over anything of the staff: the two kinds of people never meet.
"""

from __future__ import annotations

import datetime as dt

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import audit, navigation
from app.administration import sentences
from app.citizens import views
from app.jobs import daily


def init_app(app: Flask) -> None:
    """Register the pages, what is recorded, and the nightly sweep."""
    audit.register({"citizen.signed_in": set()})
    sentences.register(
        {"citizen.signed_in": _l("mở %(subject)s bằng mã gửi qua e-mail")},
        groups={"citizen": _l("Tài khoản người dân")},
        subjects={"citizen_account": lambda number: f"tài khoản người dân #{number}"},
    )
    daily(app, "citizens.sweep", "app.citizens.jobs:sweep", at=dt.time(0, 25))
    navigation.add(app, "foot", navigation.Entry(_l("Những gì tôi đã gửi"), "citizens.own", 40))
    views.init_app(app)
