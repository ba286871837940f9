"""A site whose notices really go out: a queue, a mail server, and letters to send."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from redis import Redis

from app.limits import limiter
from tests.conftest import Backend, build, exchangeable, on_a_copy
from tests.counting import count_on
from tests.services import MailServer

#: A notice as a domain writes it: two twins for the letter, a sentence for the site, a text for the phone.
LETTERS = {
    "thu/answered.txt": """{% extends "notices/base.txt" %}
{% block subject %}{{ _("Ý kiến %(code)s đã có trả lời", code=facts.code) }}{% endblock %}
{% block body %}Trả lời ngày {{ facts.answered_on | format_date }}.
Xem: {{ url_for("health.healthz", _external=True) }}{% endblock %}""",
    "thu/answered.html": """{% extends "notices/base.html" %}
{% block body %}<p>Trả lời ngày {{ facts.answered_on | format_date }}, mã {{ facts.code }}.</p>{% endblock %}""",
    "thu/answered.site.html": """<a href="{{ url_for("health.healthz") }}">{{ facts.code }}</a> đã có trả lời.""",
    "thu/answered.sms.txt": """Ý kiến {{ facts.code }} đã có trả lời: {{ url_for("health.healthz", _external=True) }}
""",
    "thu/broken.txt": "{{ facts.nothing_of_the_kind }}",
}


@pytest.fixture(scope="session")
def posting_app(backend: Backend, valkey: str) -> Flask:
    return with_queue(backend, valkey)


def with_queue(backend: Backend, valkey: str) -> Flask:
    """Return the site with a queue; its letters are LETTERS."""
    app = build(backend.copy(), backend.folder, REDIS_URL=valkey, SITE_URL="https://doi-thoai.example")
    app.jinja_env.loader = ChoiceLoader([DictLoader(LETTERS), app.jinja_env.loader])
    return exchangeable(app)


@pytest.fixture
def post_app(posting_app: Flask, backend: Backend, valkey: str, mail_server: MailServer) -> Iterator[Flask]:
    """The site, on a database of the test's own, with a queue and a mail server."""
    with posting(posting_app, backend, valkey, mail_server) as app:
        yield app


@pytest.fixture
def own_post_app(backend: Backend, valkey: str, mail_server: MailServer) -> Iterator[Flask]:
    """The same, built for the one test: for what a site counts and what is scheduled on it, which must not be another's."""
    with posting(with_queue(backend, valkey), backend, valkey, mail_server) as app:
        yield app


@pytest.fixture(scope="session")
def limiting_app(backend: Backend) -> Flask:
    app = exchangeable(build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True))
    limiter.enabled = False  # for all others
    return app


@pytest.fixture
def limited_app(limiting_app: Flask, backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The site with its limits on, on a database of the test's own; they begin at nothing."""
    with on_a_copy(limiting_app, backend):
        count_on(monkeypatch)
        yield limiting_app


@contextmanager
def posting(app: Flask, backend: Backend, valkey: str, mail_server: MailServer) -> Generator[Flask]:
    """Stay in the context of *app* with an empty queue, that mail server and a database of its own."""
    there = {"SMTP_HOST": mail_server.host, "SMTP_PORT": mail_server.port}
    with Redis.from_url(valkey) as connection, on_a_copy(app, backend, **there):
        connection.flushall()
        before = app.extensions | {"schedules": dict(app.extensions["schedules"])}
        yield app
        app.extensions.update(before)
