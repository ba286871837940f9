"""The pages of figures: what they show is what the register holds, for whom, and at whatever address."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

from app import clock
from app.permissions import Role
from tests.factories import make_user, sign_in
from tests.oversight.cases import Case, make_scene

PAGES = ("/can-bo/so-lieu", "/can-bo/so-lieu/theo-thang", "/can-bo/xep-hang", "/can-bo/ban-do")


@pytest.fixture
def scene(app):
    return make_scene()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_for_who_reads_the_register_and_for_nobody_else(client, scene, page):
    sign_in(client, scene.reader)
    assert client.get(page).status_code == 200

    sign_in(client, make_user(roles=[Role.OFFICER]))
    assert client.get(page).status_code == 403
