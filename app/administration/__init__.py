"""What administrators do on the site: units, people, fields, calendar, deadline rules, settings; and reading the audit.

views/     one module a subject; every change goes through the operations of the part it belongs to
forms/     what is typed
sentences  each audit action as a sentence; domains add theirs with sentences.register()
"""

from __future__ import annotations

import datetime as dt

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app import jobs, navigation
from app.administration import views
from app.permissions import Permission


def init_app(app: Flask) -> None:
    """Register the pages, their menu, and the job that hands over when a unit's last day is past."""
    app.register_blueprint(views.bp)
    jobs.daily(app, "units.apply_successions", "app.units.jobs:apply_successions", at=dt.time(0, 5))
    manage, people, audit = (Permission.SETTINGS_MANAGE,), (Permission.ACCOUNT_MANAGE,), (Permission.AUDIT_READ,)
    entry = navigation.Entry
    navigation.add(app, "staff", entry(_l("Quản trị"), "administration.index", 900, (*manage, *people, *audit)))
    navigation.add(
        app,
        "admin",
        entry(lazy_pgettext("danh sách", "Đơn vị"), "administration.units", 10, manage),
        entry(_l("Người dùng"), "administration.users", 20, people),
        entry(lazy_pgettext("danh sách", "Lĩnh vực"), "administration.fields", 30, manage, install_wide=True),
        entry(_l("Lịch làm việc"), "administration.calendar", 60, manage, install_wide=True),
        entry(_l("Quy định về hạn"), "administration.rules", 70, manage, install_wide=True),
        entry(_l("Bậc đôn đốc"), "administration.rungs", 75, manage, install_wide=True),
        entry(_l("Cài đặt"), "administration.settings", 80, manage, install_wide=True),
        entry(_l("Mở, đóng trang"), "administration.setup", 85, manage, install_wide=True),
        entry(_l("Thư chưa gửi được"), "administration.dead_notices", 90, manage, install_wide=True),
        entry(_l("Nhật ký"), "administration.audit", 100, audit),
    )
