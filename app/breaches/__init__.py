"""What came into other hands: the log of breaches of personal data, with the hours until the authority must have been told."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import audit
from app.administration import sentences
from app.breaches import views
from app.calendar import uses
from app.calendar.rules import Stage


def init_app(app: Flask) -> None:
    """Register the pages, what is recorded, and the stage that its clock follows."""
    audit.register({"breach.noted": {"report_by"}, "breach.reported": {"on"}, "breach.closed": set()})
    sentences.register(
        {
            "breach.noted": _l("ghi %(subject)s, phải báo trước %(report_by)s"),
            "breach.reported": _l("ghi đã báo cơ quan chuyên trách về %(subject)s ngày %(on)s"),
            "breach.closed": _l("khép %(subject)s"),
        },
        groups={"breach": _l("Lộ thông tin cá nhân")},
        subjects={"breach": lambda number: f"vụ lộ thông tin #{number}"},
    )
    uses.register(says={"kind": ["data_breach"]}, follows=(Stage.BREACH_REPORT,))
    views.init_app(app)
