"""A language that was chosen lasts, nothing but the choice is kept, and no cache can mix two languages up."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.database import db
from app.permissions import Role
from tests.app.test_accounts import GOOD, sign_in
from tests.factories import make_user

PAGE = "/da-tra-loi"


def language(client: FlaskClient, address: str = PAGE) -> str:
    return client.get(address).text.partition('<html lang="')[2][:2]


@pytest.mark.parametrize("choice", [f"{PAGE}?lang=en", f"/ngon-ngu/en?next={PAGE}", "/khong-co?lang=en"])
def test_a_chosen_language_lasts_until_the_other_is_chosen(client, choice):
    assert language(client) == "vi"
    cookie = client.get(choice).headers["Set-Cookie"]
    assert "Max-Age=31536000" in cookie
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie

    assert language(client) == language(client, f"{PAGE}?lang=fr") == "en"
    client.get(f"/ngon-ngu/vi?next={PAGE}?lang=en")
    assert language(client) == "vi"


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        (PAGE, {}), (PAGE, {"Accept-Language": "en"}), (f"{PAGE}?lang=fr", {}), ("/api/v1/fields?lang=en", {}),
        ("/api/v1/fields", {"Accept-Language": "en"}),
    ],
)  # fmt: skip
def test_nothing_but_the_choice_sets_the_cookie(client, address, headers):
    client.get(address, headers=headers)

    assert client.get_cookie("lang") is None


@pytest.mark.parametrize(
    ("next_page", "leads_to"),
    [
        ("/da-tra-loi?q=đèn&lang=en", "/da-tra-loi?q=%C4%91%C3%A8n"),
        ("//evil.example", "/"),
        ("/da-tra-loi?", "/da-tra-loi"),
        ("/can-bo/doi-thoai/BN-DT-26-001/ban/ghi?", "/can-bo/doi-thoai/BN-DT-26-001/ban"),  # only takes forms: the page they stand on
        ("/khong-co/gi/ca", "/khong-co/gi/ca"),
    ],
)
def test_choosing_leads_back_to_the_page_with_its_filters(client, next_page, leads_to):
    assert client.get("/ngon-ngu/vi", query_string={"next": next_page}).location == leads_to


def test_who_is_signed_in_reads_their_language_everywhere_unless_another_was_chosen(client):
    reader = make_user(password=GOOD, roles=[Role.OFFICER], locale="en")
    db.session.commit()
    sign_in(client, reader)

    assert language(client, "/tai-khoan") == language(client) == "en"
    client.get("/ngon-ngu/vi")
    assert language(client, "/tai-khoan") == language(client) == "vi"


@pytest.mark.parametrize(("address", "depends_on"), [(PAGE, "Cookie"), ("/khong-co", "Cookie"), ("/api/v1/fields", "Accept-Language")])
def test_a_cache_knows_what_the_language_of_an_answer_depends_on(client, address, depends_on):
    answer = client.get(address)

    assert depends_on in answer.vary
    assert answer.headers["Cache-Control"] == "private, no-cache"
