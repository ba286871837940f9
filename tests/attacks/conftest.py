"""The site as a person starts it, for what no test client shows: slow lines, and services that go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.database import db
from app.permissions import Role
from tests import factories, services
from tests.app.conftest import post_app as post_app
from tests.app.conftest import posting_app as posting_app
from tests.conftest import Backend, build, opened
from tests.feedback import builders
from tests.services import MailServer
from tests.started import Site, started
from tests.test_kill import Ledger


@dataclass
class Running:
    """A started site, its database asked from outside, and the mail server it sends by."""

    site: Site
    ledger: Ledger
    mail: MailServer

    @property
    def port(self) -> int:
        return self.site.port


@pytest.fixture(scope="session")
def running(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    app = build(backend.copy(), backend.folder)
    with opened(app):  # a desk, who hears there that something came in, and an administrator, or run.py would ask for one
        factories.make_user(unit=builders.make_province().root, roles=[(Role.ADMINISTRATOR, None)])
        db.session.commit()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    with services.mail_server() as mail:
        more: dict[str, Any] = {"RATE_LIMIT_ENABLED": "0", "SMTP_HOST": mail.host, "SMTP_PORT": str(mail.port)}
        with started(tmp_path_factory.mktemp("weather"), **more, DATABASE_URL=url, SECRETS_DIR=str(backend.secrets)) as site:
            yield Running(site, Ledger(url), mail)
