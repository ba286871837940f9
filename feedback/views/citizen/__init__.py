"""The pages of the people: the front page, sending, tracking, and what is public."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app import csrf
from feedback import words
from feedback.forms.base import example_code
from feedback.views.citizen import account, home, published, sending, tracking


def init_app(app: Flask) -> None:
    """Register the pages and put ours in place of the core's front page."""
    for part in (sending, tracking, published):
        app.register_blueprint(part.bp)
        part.init_app(app)
        # Each form checks its token itself, so that a lost session costs one more press and never what was typed.
        csrf.exempt(part.bp)
    home.init_app(app)
    account.init_app(app)
    shared: dict[str, Any] = app.jinja_env.globals
    shared.update(
        example_code=example_code,
        kind_words=words.KINDS,
        status_of=words.status_of,
        status_word=words.status_word,
        paper_words=words.PAPER_TYPES,
        refusal_words=words.REFUSAL_REASONS,
        extension_words=words.EXTENSION_GROUNDS,
    )
