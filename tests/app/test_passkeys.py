"""Passkeys: one's own is taken, and everything that looks like one is not."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from app import clock
from app.accounts import factors, passkeys, sessions
from app.accounts.models import Passkey, User
from app.audit import entries_about
from app.database import db
from app.permissions import Role
from tests.app.key_holder import KeyHolder, text
from tests.app.test_accounts import GOOD, sign_in, token
from tests.factories import make_user

NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
PAGE = "/tai-khoan/xac-nhan-hai-buoc"


@pytest.fixture
def officer(app: Flask) -> User:
    user = make_user(password=GOOD, roles=[Role.OFFICER])
    db.session.commit()
    return user


@pytest.fixture
def holder(app: Flask, officer: User) -> KeyHolder:
    """Who holds a key of the officer's."""
    holder, now = KeyHolder(), clock.now()
    sessions.begin(officer, browser="other/other", now=now)
    passkeys.add(officer, holder.make(passkeys.to_add(officer, now=now)), name="điện thoại", now=now)
    db.session.commit()
    return holder


def asked(page: str) -> str:
    found = re.search(r'data-options="([^"]+)"', page)
    assert found, "nothing asks for a key"
    return html.unescape(found[1])


def answer(client: FlaskClient, address: str, made: Callable[[str], str], to: str = "", **more: str) -> Any:
    """Send what *made* answers to the page at *address*, to that page or *to* another."""
    page = client.get(address).text
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert csrf
    return client.post(to or address, data={"csrf_token": csrf[1], "credential": made(asked(page)), **more})


def is_in(client: FlaskClient) -> bool:
    return client.get("/tai-khoan").status_code == 200


def test_a_key_is_added_by_name_and_opens_the_door_by_itself(client: FlaskClient, officer: User) -> None:
    holder = KeyHolder()
    sign_in(client, officer)
    added = answer(client, f"{PAGE}/khoa", holder.make, name="điện thoại của tôi")
    assert "Ghi lại mã dự phòng" in added.text
    assert "điện thoại của tôi" in client.get(PAGE).text
    client.post("/dang-xuat", data={"csrf_token": token(client, "/tai-khoan")})
    entered = answer(client, "/dang-nhap?next=/thong-bao", holder.use, to="/dang-nhap/khoa-truy-cap?next=/thong-bao")
    assert (entered.status_code, entered.location) == (302, "/thong-bao")
    assert is_in(client)
    assert [row.factor for row in sessions.of(officer)] == ["passkey"]


def test_after_the_password_a_key_of_ones_own_is_the_second_factor(client: FlaskClient, officer: User, holder: KeyHolder) -> None:
    assert sign_in(client, officer).location == "/dang-nhap/xac-nhan"
    stranger = KeyHolder()
    assert answer(client, "/dang-nhap/xac-nhan", stranger.use).status_code == 422
    assert not is_in(client)
    assert answer(client, "/dang-nhap/xac-nhan", lambda options: holder.use(options, verified=False)).status_code == 302
    assert is_in(client)


def test_the_key_of_one_person_is_no_second_factor_of_another(client: FlaskClient, officer: User, holder: KeyHolder) -> None:
    other, theirs = make_user(password=GOOD), KeyHolder()
    sessions.begin(other, browser="other/other", now=clock.now())
    passkeys.add(other, theirs.make(passkeys.to_add(other, now=clock.now())), name="khóa", now=clock.now())
    db.session.commit()
    sign_in(client, officer)
    assert answer(client, "/dang-nhap/xac-nhan", theirs.use).status_code == 422
    assert not is_in(client)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://xau.example"},
        {"origin": "http://localhost.xau.example"},
        {"origin": "https://localhost"},
        {"origin": "http://localhost:81"},
        {"host": "xau.example"},
        {"challenge": text(b"x" * 40)},
        {"challenge": ""},
        {"verified": False},
        {"count": 0},
    ],
)
def test_an_answer_that_is_not_ours_opens_nothing(officer: User, holder: KeyHolder, wrong: dict[str, Any]) -> None:
    passkeys.take(None, holder.use(passkeys.to_use(None, now=NOW), count=5), now=NOW)
    options = passkeys.to_use(None, now=NOW)
    if wrong == {"challenge": ""}:
        wrong = {"challenge": json.loads(options)["challenge"][:-4] + "AAAA"}
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.take(None, holder.use(options, **wrong), now=NOW)


def test_an_answer_counts_once_for_ten_minutes_and_for_what_was_asked(officer: User, holder: KeyHolder) -> None:
    once = holder.use(passkeys.to_use(None, now=NOW))
    assert passkeys.take(None, once, now=NOW) is officer
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.take(None, once, now=NOW)
    old = holder.use(passkeys.to_use(None, now=NOW))
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.take(None, old, now=NOW + dt.timedelta(minutes=passkeys.CHALLENGE_MINUTES, seconds=1))
    for_another_purpose = holder.use(passkeys.to_use(officer, now=NOW))
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.take(None, for_another_purpose, now=NOW)
    passkeys.forget(before=NOW + dt.timedelta(minutes=20))
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.take(None, once, now=NOW + dt.timedelta(minutes=20))


def test_a_counter_that_goes_back_is_a_copied_key(officer: User, holder: KeyHolder) -> None:
    passkeys.take(None, holder.use(passkeys.to_use(None, now=NOW), count=9), now=NOW)
    for count in (9, 8, 0):
        with pytest.raises(passkeys.PasskeyRefused):
            passkeys.take(None, holder.use(passkeys.to_use(None, now=NOW), count=count), now=NOW)
    assert passkeys.take(None, holder.use(passkeys.to_use(None, now=NOW), count=10), now=NOW) is officer


@pytest.mark.parametrize("wrong", [{"origin": "https://xau.example"}, {"host": "xau.example"}, {"challenge": text(b"y" * 40)}])
def test_a_key_made_for_another_site_is_not_kept(officer: User, wrong: dict[str, str]) -> None:
    sessions.begin(officer, browser="other/other", now=NOW)
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.add(officer, KeyHolder().make(passkeys.to_add(officer, now=NOW), **wrong), name="khóa", now=NOW)
    assert passkeys.of(officer) == []


def test_the_key_of_one_is_not_taken_in_by_another(officer: User, holder: KeyHolder) -> None:
    other = make_user()
    sessions.begin(other, browser="other/other", now=NOW)
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.add(other, holder.make(passkeys.to_add(other, now=NOW)), name="của tôi", now=NOW)
    assert [key.user_id for key in db.session.scalars(db.select(Passkey))] == [officer.id]


def test_who_left_comes_in_by_no_key(client: FlaskClient, officer: User, holder: KeyHolder) -> None:
    officer.active = False
    db.session.commit()
    assert answer(client, "/dang-nhap", holder.use, to="/dang-nhap/khoa-truy-cap").status_code == 422
    assert not is_in(client)


def test_a_key_is_taken_away_by_its_owner_only(app: Flask, client: FlaskClient, officer: User, holder: KeyHolder) -> None:
    other, theirs = make_user(password=GOOD), app.test_client()
    db.session.commit()
    sign_in(theirs, other)
    key = passkeys.of(officer)[0].id
    theirs.post(f"{PAGE}/khoa/{key}/bo", data={"csrf_token": token(theirs, "/tai-khoan")})
    assert factors.has_any(officer)
    answer(client, "/dang-nhap", holder.use, to="/dang-nhap/khoa-truy-cap")
    client.post(f"{PAGE}/khoa/{key}/bo", data={"csrf_token": token(client, PAGE)})
    assert not factors.has_any(officer)
    assert entries_about(officer)[-1].action == "user.factor_removed"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from([text(b"{}"), text(b'{"challenge": 1}'), "===="]),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "signature", "authenticatorData"]), each)
    ),
    max_leaves=6,
)


@tried(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=JSON.map(json.dumps) | st.text(max_size=60))
def test_whatever_a_stranger_sends_is_refused_calmly(app: Flask, said: str) -> None:
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.take(None, said, now=NOW)


@tried(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.sampled_from(["authenticatorData", "signature", "clientDataJSON"]), junk=st.binary(max_size=80))
def test_a_right_answer_with_one_part_exchanged_is_refused_calmly(officer: User, holder: KeyHolder, part: str, junk: bytes) -> None:
    said = json.loads(holder.use(passkeys.to_use(None, now=NOW)))
    said["response"][part] = text(junk)
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.take(None, json.dumps(said), now=NOW)
