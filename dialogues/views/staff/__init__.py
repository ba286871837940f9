"""Where a session is planned, prepared, recorded, concluded and filed. One module a room; pages.py is what they share."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import navigation
from app.permissions import Permission
from dialogues.views.staff import agenda as agenda
from dialogues.views.staff import asking as asking
from dialogues.views.staff import board as board
from dialogues.views.staff import concluding as concluding
from dialogues.views.staff import creating as creating
from dialogues.views.staff import door as door
from dialogues.views.staff import dossier as dossier
from dialogues.views.staff import duties as duties
from dialogues.views.staff import guests as guests
from dialogues.views.staff import minutes as minutes
from dialogues.views.staff import organising as organising
from dialogues.views.staff import paper as paper
from dialogues.views.staff import papers as papers
from dialogues.views.staff import preparing as preparing
from dialogues.views.staff import promises as promises
from dialogues.views.staff import publishing as publishing
from dialogues.views.staff import question as question
from dialogues.views.staff import questions as questions
from dialogues.views.staff import reception as reception
from dialogues.views.staff import receptions as receptions
from dialogues.views.staff import sessions as sessions
from dialogues.views.staff import year as year
from dialogues.views.staff.pages import bp as bp


def init_app(app: Flask) -> None:
    """Register the pages and their menu."""
    app.register_blueprint(bp)
    navigation.add(app, "staff", navigation.Entry(_l("Đối thoại"), "dialogue_staff.sessions", 45, (Permission.DIALOGUE_READ,)))
    navigation.add(app, "staff", navigation.Entry(_l("Việc theo kết luận"), "dialogue_staff.promises", 46, (Permission.FEEDBACK_HANDLE,)))
    waiting = navigation.Entry(
        _l("Chờ số đối thoại"), "dialogue_staff.papers_waiting", 46, (Permission.FEEDBACK_NUMBER,), count=papers.waiting
    )
    navigation.add(app, "staff", waiting)
    rules = navigation.Entry(_l("Nghĩa vụ gặp dân"), "dialogue_staff.duty_rules", 75, (Permission.SETTINGS_MANAGE,), install_wide=True)
    navigation.add(app, "admin", rules)
