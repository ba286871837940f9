"""Where a session is planned, prepared, recorded, concluded and filed. One module a room; pages.py is what they share."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import hooks, navigation
from app.permissions import Permission
from dialogues import answered, given, lists, words
from dialogues.views.staff import agenda as agenda
from dialogues.views.staff import asking as asking
from dialogues.views.staff import beside, retention
from dialogues.views.staff import board as board
from dialogues.views.staff import concluding as concluding
from dialogues.views.staff import creating as creating
from dialogues.views.staff import desk as desk
from dialogues.views.staff import desk_worker as desk_worker
from dialogues.views.staff import door as door
from dialogues.views.staff import dossier as dossier
from dialogues.views.staff import duties as duties
from dialogues.views.staff import floor as floor
from dialogues.views.staff import giving as giving
from dialogues.views.staff import guests as guests
from dialogues.views.staff import minutes as minutes
from dialogues.views.staff import numbering as numbering
from dialogues.views.staff import organising as organising
from dialogues.views.staff import paper as paper
from dialogues.views.staff import papers as papers
from dialogues.views.staff import petitions as petitions
from dialogues.views.staff import pictures as pictures
from dialogues.views.staff import preparing as preparing
from dialogues.views.staff import promises as promises
from dialogues.views.staff import publishing as publishing
from dialogues.views.staff import question as question
from dialogues.views.staff import questions as questions
from dialogues.views.staff import reception as reception
from dialogues.views.staff import receptions as receptions
from dialogues.views.staff import sessions as sessions
from dialogues.views.staff import statistics as statistics
from dialogues.views.staff import wording as wording
from dialogues.views.staff import year as year
from dialogues.views.staff.pages import bp as bp
from feedback import whole
from feedback.personal import retention_views
from feedback.views.staff import item

#: The lists of dialogue work, below the bar.
MENU = "dialogues"


def _waiting() -> int:
    return sum(entry.count() for entry in navigation.entries(MENU) if entry.count is not None)


def init_app(app: Flask) -> None:
    """Register the pages and their menu."""
    app.register_blueprint(bp)
    hooks.add(item.further, beside.answered)
    whole.elsewhere["question"] = answered.was_in_a_hall()
    hooks.add(retention_views.further, retention.section)
    retention.init_app(app)
    app.add_template_filter(words.PAPER_TYPES.__getitem__, "session_paper_type")  # notices name papers, too
    navigation.ask(app, conclusions_offered=given.offered_count, papers_to_number=lists.papers_to_number)
    entry, reads = navigation.Entry, (Permission.DIALOGUE_READ,)
    # One entry in the bar, which has little room; what waits for somebody is said there and at the list it waits in.
    navigation.add(app, "staff", entry(_l("Đối thoại"), "dialogue_staff.sessions", 45, reads, count=_waiting))
    navigation.add(
        app,
        MENU,
        entry(_l("Các buổi đối thoại"), "dialogue_staff.sessions", 10, reads),
        entry(_l("Việc theo kết luận"), "dialogue_staff.promises", 20, (Permission.FEEDBACK_HANDLE,), count=promises.offered),
        entry(_l("Chờ ghi số"), "dialogue_staff.papers_waiting", 30, (Permission.FEEDBACK_NUMBER,), count=papers.waiting),
        entry(_l("Kế hoạch năm"), "dialogue_staff.plans", 40, reads),
        entry(_l("Nghĩa vụ gặp dân"), "dialogue_staff.duties", 50, reads),
        entry(_l("Tiếp công dân"), "dialogue_staff.receptions", 60, reads),
        entry(_l("Thống kê"), "dialogue_staff.year_statistics", 70, reads),
        entry(_l("Hết hạn lưu giữ"), "retention.due", 80, (Permission.DIALOGUE_LEAD,)),
    )
    waiting = entry(
        _l("Văn bản đối thoại chờ ghi số"), "dialogue_staff.papers_waiting", 10, (Permission.FEEDBACK_NUMBER,), count=papers.waiting
    )
    navigation.add(app, "numbers", waiting)
    manages = (Permission.SETTINGS_MANAGE,)
    navigation.add(
        app,
        "admin",
        entry(_l("Mẫu văn bản đối thoại"), "dialogue_staff.wordings", 55, manages, install_wide=True),
        entry(_l("Nghĩa vụ gặp dân"), "dialogue_staff.duty_rules", 75, manages, install_wide=True),
    )
