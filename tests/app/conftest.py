"""A site whose notices really go out: a queue, a mail server, and letters to send."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from redis import Redis

from tests.conftest import Backend, build, opened
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


@pytest.fixture
def post_app(backend: Backend, valkey: str, mail_server: MailServer) -> Iterator[Flask]:
    """The site, of the test's own, with a queue and a mail server; its letters are LETTERS."""
    there = {"REDIS_URL": valkey, "SMTP_HOST": mail_server.host, "SMTP_PORT": mail_server.port, "SITE_URL": "https://doi-thoai.example"}
    app = build(backend.copy(), backend.folder, **there)
    app.jinja_env.loader = ChoiceLoader([DictLoader(LETTERS), app.jinja_env.loader])
    with Redis.from_url(valkey) as connection, opened(app):
        connection.flushall()
        yield app
