"""The pages of the people: which sessions there are, asking before one, coming to one."""

from __future__ import annotations

from flask import Flask

from dialogues.views.citizen import (
    asking,
    coming,
    evaluating,
    feeds,
    first_page,
    following,
    live,
    minutes,
    own_data,
    papers,
    photos,
    promised,
    receptions,
    seats,
    sessions,
    thread,
)


def init_app(app: Flask) -> None:
    """Register the pages."""
    for part in (
        sessions, asking, coming, own_data, minutes, papers, receptions, live, seats, evaluating, photos, feeds, following, thread,
        promised, first_page,
    ):  # fmt: skip
        part.init_app(app)
