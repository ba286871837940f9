"""Where staff work: lists, the item, the desk, the unit, papers. One module an audience; pages.py is what they share."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import navigation
from app.administration import sentences
from app.permissions import Permission
from feedback import danger, waiting, words
from feedback.views.staff import (
    desk,
    entering,
    item,
    letters,
    lists,
    load,
    merging,
    originals,
    papers,
    publishing,
    queues,
    routing,
    sealing,
    unit,
)
from feedback.views.staff.pages import bp


def init_app(app: Flask) -> None:
    """Register the pages and their menu."""
    app.register_blueprint(bp)
    app.add_template_filter(words.PAPER_TYPES.__getitem__, "paper_type")  # notices name papers, too
    app.add_template_filter(words.RATINGS.__getitem__, "rating")
    app.add_template_filter(danger.sounds_denouncing)
    sentences.FACT_WORDS["personal_data.seen:reason"] = item.REASONS
    for part in (entering, load, routing, letters):
        part.init_app(app)
    navigation.ask(app, extensions=waiting.count_extensions)
    entry = navigation.Entry
    navigation.add(
        app,
        "staff",
        entry(_l("Tiếp nhận"), "staff.desk_list", 10, (Permission.FEEDBACK_TRIAGE,)),
        entry(_l("Việc"), "staff.work", 20, (Permission.FEEDBACK_HANDLE,)),
        entry(_l("Duyệt"), "staff.approvals", 30, (Permission.FEEDBACK_APPROVE,), count=queues.approvals_count),
        entry(_l("Chờ ghi số"), "staff.numbers", 35, (Permission.FEEDBACK_NUMBER,), count=queues.numbers_count),
        entry(_l("Việc đã hứa"), "staff.promises", 40, (Permission.FEEDBACK_HANDLE,)),
        entry(_l("Tìm"), "staff.search", 90, (Permission.FEEDBACK_READ,)),
    )


__all__ = [
    "bp",
    "desk",
    "entering",
    "init_app",
    "item",
    "letters",
    "lists",
    "load",
    "merging",
    "originals",
    "papers",
    "publishing",
    "queues",
    "routing",
    "sealing",
    "unit",
]
