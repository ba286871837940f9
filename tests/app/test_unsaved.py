"""A session that ends while a form is being filled costs a sign-in, not what was typed."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyotp import TOTP

from app import clock
from app.accounts import sessions
from app.accounts.unsaved import MOST
from app.database import db
from app.permissions import Role
from app.units.models import Field
from tests.app.test_administration import GOOD, Desk, desk  # noqa: F401 - the fixture
from tests.app.test_factors import SECRET, give_app
from tests.factories import make_user, sign_in

FORM = "/quan-tri/linh-vuc/moi"
TYPED = {"code": "cay-xanh", "name": "Cây xanh & công viên", "hint": "Cành gãy, cây đổ"}


def end_session(client: FlaskClient) -> None:
    """Let the sign-in be as old as can be; the browser still has its cookie."""
    with client.session_transaction() as session:
        token = session["_user_id"].partition(":")[2]
    found = sessions.found(token)
    assert found
    found[1].made_at = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    db.session.commit()


def too_late(desk: Desk, address: str = FORM, **typed: Any) -> Any:  # noqa: F811 - an argument
    """Send the form after the session ended."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', desk.get(address).text)
    assert token
    end_session(desk.client)
    return desk.client.post(address, data={"csrf_token": token[1]} | typed)


def sign_in_again(client: FlaskClient, page: Any, email: str, password: str = GOOD) -> tuple[Any, dict[str, str]]:
    """Fill in the page that asks to sign in; return the answer and what was sent."""
    hidden = re.findall(r'<input[^>]*name="(csrf_token|unsaved)"[^>]*value="([^"]*)"', page.text)
    sent = {name: html.unescape(value) for name, value in hidden} | {"email": email, "password": password}
    return client.post("/dang-nhap", data=sent), sent


def test_after_signing_in_again_the_form_is_back_with_what_was_typed_and_nothing_is_stored(desk: Desk) -> None:  # noqa: F811
    page = too_late(desk, **TYPED)
    assert page.status_code == 401
    assert "Những gì đã ghi vẫn còn" in page.text

    refused, _sent = sign_in_again(desk.client, page, desk.user.email, "sai mật khẩu")
    assert refused.status_code == 422
    answer, sent = sign_in_again(desk.client, refused, desk.user.email)
    assert (answer.status_code, answer.location) == (307, FORM)
    form = desk.client.post(answer.location, data=sent)  # what a browser does at a 307

    assert form.status_code == 200
    assert 'value="Cây xanh &amp; công viên"' in form.text
    assert "Cành gãy, cây đổ" in form.text
    assert "chưa lưu" in form.text
    assert GOOD not in form.text
    assert db.session.scalar(db.select(Field)) is None
    assert desk.send(FORM, **TYPED).status_code == 302
    assert db.session.scalars(db.select(Field.name)).all() == ["Cây xanh & công viên"]


def test_somebody_else_who_signs_in_gets_nothing_of_it(desk: Desk) -> None:  # noqa: F811
    other = make_user(password=GOOD, roles=[(Role.ADMINISTRATOR, None)])
    db.session.commit()
    page = too_late(desk, **TYPED)
    answer, sent = sign_in_again(desk.client, page, other.email)
    assert (answer.status_code, answer.location) == (302, "/bat-dau")
    stolen = desk.client.post(FORM, data={"unsaved": sent["unsaved"]})
    assert "Cây xanh" not in stolen.text


def test_words_that_nobody_signed_are_an_ordinary_form(desk: Desk) -> None:  # noqa: F811
    _answer, sent = sign_in_again(desk.client, too_late(desk, **TYPED), desk.user.email)
    for words, address in (("x" + sent["unsaved"], FORM), (sent["unsaved"], "/quan-tri/don-vi/moi"), ("", FORM)):
        answer = desk.client.post(address, data={"unsaved": words})
        assert "Cây xanh" not in answer.text
    assert db.session.scalar(db.select(Field)) is None


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("/tai-khoan/mat-khau", {"current": GOOD, "new": "một câu khác hẳn", "again": "một câu khác hẳn"}),  # passwords
        (FORM, TYPED | {"hint": "a" * MOST}),  # more than a form takes
        (FORM, {}),  # nothing typed
    ],
)
def test_what_is_not_kept_asks_only_to_sign_in(desk: Desk, address: str, typed: dict[str, str]) -> None:  # noqa: F811
    page = too_late(desk, address, **typed)
    assert page.status_code == 401
    assert 'name="unsaved"' not in page.text
    assert "khác hẳn" not in page.text


def test_who_signed_out_leaves_nothing_to_who_comes_next(desk: Desk) -> None:  # noqa: F811
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', desk.get(FORM).text)
    assert token
    desk.press("/dang-xuat")
    page = desk.client.post(FORM, data={"csrf_token": token[1]} | TYPED)
    assert page.status_code in {400, 401}
    assert "Cây xanh" not in page.text
    assert 'name="unsaved"' not in page.text


def test_who_signs_in_another_way_does_it_in_another_tab_and_goes_on_writing(desk: Desk) -> None:  # noqa: F811
    page = too_late(desk, **TYPED)
    assert f'action="{FORM}"' in page.text

    def go_on(shown: Any) -> Any:
        words = re.search(r'name="unsaved" value="([^"]+)"', shown.text)
        assert words
        return desk.client.post(FORM, data={"unsaved": html.unescape(words[1]), "elsewhere": "1"})

    too_soon = go_on(page)
    assert too_soon.status_code == 401
    sign_in(desk.client, desk.user)  # in the other tab: of the cookies there is one
    form = go_on(too_soon)
    assert form.status_code == 200
    assert 'value="Cây xanh &amp; công viên"' in form.text
    assert form.text.count("Những gì đã ghi vẫn còn, chưa lưu") == 1
    assert db.session.scalar(db.select(Field)) is None
    other = make_user(roles=[(Role.ADMINISTRATOR, None)])
    db.session.commit()
    sign_in(desk.client, other)
    assert "Cây xanh" not in go_on(too_soon).text


def test_the_second_factor_carries_the_words_along(desk: Desk) -> None:  # noqa: F811
    give_app(desk.user)
    second, _sent = sign_in_again(desk.client, too_late(desk, **TYPED), desk.user.email)
    assert second.status_code == 200
    hidden = {name: html.unescape(value) for name, value in re.findall(r'name="(csrf_token|unsaved)"[^>]*value="([^"]*)"', second.text)}
    wrong = desk.client.post("/dang-nhap/xac-nhan", data=hidden | {"code": "000000"})
    assert wrong.status_code == 422
    hidden = {name: html.unescape(value) for name, value in re.findall(r'name="(csrf_token|unsaved)"[^>]*value="([^"]*)"', wrong.text)}
    sent = hidden | {"code": TOTP(SECRET).at(clock.now())}
    answer = desk.client.post("/dang-nhap/xac-nhan", data=sent)
    assert (answer.status_code, answer.location) == (307, FORM)
    assert 'value="Cây xanh &amp; công viên"' in desk.client.post(answer.location, data=sent).text
    assert db.session.scalar(db.select(Field)) is None


def test_being_asked_again_in_the_middle_of_a_form_costs_none_of_its_words(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    clerk = make_user(unit=desk.user.unit, roles=[Role.RECEPTION])
    db.session.commit()
    address = f"/quan-tri/nguoi-dung/{clerk.id}/vai-tro"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', desk.get(address).text)
    assert token
    later = clock.now() + dt.timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    asked = desk.client.post(address, data={"csrf_token": token[1], "role": "officer", "scope": "unit", "unit_id": clerk.unit_id})
    assert asked.status_code == 401
    sent = {name: html.unescape(value) for name, value in re.findall(r'name="(csrf_token|unsaved)"[^>]*value="([^"]*)"', asked.text)}
    answer = desk.client.post("/tai-khoan/xac-nhan", data=sent | {"password": GOOD})
    assert (answer.status_code, answer.location) == (307, address)
    form = desk.client.post(answer.location, data=sent)
    assert re.search(r'value="officer" checked', form.text)
    assert len(clerk.grants) == 1
