"""The staff's pages: each journey of daily life through the forms, what is refused, and what nobody may see."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient

from app import clock
from app.database import db
from app.permissions import Role
from feedback.models import Feedback, Paper
from feedback.operations import desk, papers, unit
from feedback.rules import Status
from tests.factories import make_user, sign_in
from tests.feedback import builders


@pytest.fixture
def province(app):
    return builders.make_province()


@pytest.fixture
def page(app, province):
    """Return who opens pages: page(user).get(…), page(user).post(…) with the token that a form needs."""
    return lambda user: Page(app.test_client(), user)


class Page:
    """A signed-in person at a browser that keeps no scripts."""

    def __init__(self, client: FlaskClient, user) -> None:
        self.client = client
        sign_in(client, user)

    def get(self, path: str, status: int = 200):
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[-3000:]
        return answer.text

    def post(self, path: str, follow: bool = True, status: int = 200, **fields):
        shown = self.client.get("/can-bo/tim").text
        match = re.search(r'name="csrf_token" value="([^"]+)"', shown)
        token = {"csrf_token": match[1]} if match else {"csrf_token": self._token()}
        answer = self.client.post(path, data=token | fields, follow_redirects=follow)
        assert answer.status_code == status, answer.text[-3000:]
        return answer.text

    def _token(self) -> str:
        return re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/tai-khoan").text)[1]


def now():
    return clock.now()


def test_every_list_opens_for_who_works_from_it(province, page):
    builders.taken(province, now())
    builders.received(now())
    for user, path in (
        (province.clerk, "/can-bo/tiep-nhan"),
        (province.officer, "/can-bo/viec"),
        (province.officer, "/can-bo/viec-da-hua"),
        (province.head, "/can-bo/duyet"),
        (province.records, "/can-bo/vao-so"),
        (province.officer, "/can-bo/tim"),
    ):
        assert "<h1" in page(user).get(path)


def test_the_item_page_opens_in_every_state(province, page):
    for item in (builders.received(now()), builders.offered(province, now()), builders.taken(province, now()), builders.answered(province, now())):
        for user in (province.clerk, province.officer, province.front_reader):
            if user is province.officer and item.status == Status.RECEIVED:
                continue
            assert item.code in page(user).get(f"/can-bo/y-kien/{item.code}")
