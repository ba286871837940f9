"""Who is signed in where: how it begins, what binds it, and everything that ends it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app import clock
from app.accounts import jobs, operations, rights, rules, sessions
from app.accounts.models import SignIn, User
from app.audit import entries_about
from app.database import db
from app.permissions import Role
from tests.app.test_accounts import GOOD, send, sign_in, token
from tests.factories import make_user
from tests.tried import Tried

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
NEWER = CHROME.replace("142", "143")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def officer(app: Flask) -> User:
    user = make_user(password=GOOD, roles=[Role.OFFICER])
    db.session.commit()
    return user


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let it be so many minutes after now."""
    start = clock.now()

    def let_pass(minutes: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: start + dt.timedelta(minutes=minutes))

    return let_pass


def rows(user: User) -> list[SignIn]:
    db.session.expire_all()
    return sessions.of(user)


def is_in(client: FlaskClient) -> bool:
    return client.get("/tai-khoan").status_code == 200


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (CHROME, "chrome/windows"),
        (NEWER, "chrome/windows"),
        (FIREFOX, "firefox/linux"),
        (CHROME + " Edg/142.0", "edge/windows"),
        (CHROME.replace("Chrome", "coc_coc_browser/142 Chrome"), "coc_coc/windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1", "safari/ios"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) CriOS/142.0 Mobile Safari/604.1", "chrome/ios"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36", "samsung/android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.1 Safari/605.1.15", "safari/mac"),
        ("curl/8.0", "other/other"),
        ("", "other/other"),
    ],
)
def test_a_browser_is_told_by_its_kind_and_not_by_its_version(name: str, kind: str) -> None:
    assert rules.kind_of_browser(name) == kind


@pytest.mark.parametrize(
    ("made", "seen", "over"),
    [(0, 0, False), (719, 0, False), (720, 0, True), (59, 59, False), (60, 60, True), (719, 59, False), (900, 900, True)],
)
def test_a_session_ends_after_its_hours_and_after_an_idle_hour(made: int, seen: int, *, over: bool) -> None:
    now = clock.now()
    made_at, seen_at = (now - dt.timedelta(minutes=each) for each in (made, seen))
    assert rules.is_over(made_at=made_at, seen_at=seen_at, now=now, hours=12, idle_minutes=60) is over


def test_who_is_idle_too_long_is_out_and_who_works_stays_in(app: Flask, officer: User, later: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "SESSION_IDLE_MINUTES", 60)
    idle, busy = app.test_client(), app.test_client()
    sign_in(idle, officer)
    sign_in(busy, officer)
    for minutes in (40, 80, 120):
        later(minutes)
        assert is_in(busy)
    assert not is_in(idle)


def test_that_somebody_is_there_is_written_once_a_minute_and_costs_a_request_no_query_more(
    app: Flask, client: FlaskClient, officer: User, later: Any
) -> None:
    sign_in(client, officer)
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_rest: said.append(statement))

    def asked() -> tuple[int, int]:
        said.clear()
        assert is_in(client)
        read = sum(each.startswith("SELECT app_user.") or "FROM sign_in" in each for each in said)
        return read, sum("UPDATE sign_in" in each for each in said)

    assert asked() == (1, 0)
    later(2)
    assert asked()[1] == 1
    assert asked() == (1, 0)


def test_where_that_cannot_be_written_the_page_comes_all_the_same(client: FlaskClient, officer: User, later: Any, monkeypatch: Any) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError("UPDATE sign_in", None, Exception("disk is full"))

    sign_in(client, officer)
    later(2)
    monkeypatch.setattr(sessions, "seen", refuse)
    assert is_in(client)


def test_signing_in_makes_a_new_session_whatever_cookie_was_there_before(app: Flask, officer: User, tried: Tried) -> None:
    thief, victim = app.test_client(), app.test_client()
    thief.get("/dang-nhap")
    planted = thief.get_cookie("session")
    assert planted is not None
    victim.set_cookie("session", planted.value)
    assert sign_in(victim, officer).status_code == 302
    first = victim.get_cookie("session")
    assert first is not None
    assert first.value != planted.value
    assert not is_in(thief)
    sign_in(victim, officer)
    again = victim.get_cookie("session")
    assert again is not None
    assert again.value != first.value
    tried("a session planted before somebody signs in", len({planted.value, first.value}))


def test_the_key_in_the_cookie_is_nowhere_in_the_database(client: FlaskClient, officer: User) -> None:
    sign_in(client, officer)
    with client.session_transaction() as session:
        key = session["_user_id"].partition(":")[2]
    assert len(key) >= 43
    assert key not in str([vars(row) for row in rows(officer)])


@pytest.mark.parametrize("value", ["", ":", "1", "x:y", "1:", "99999999999999999999:abc", "1:" + "a" * 9000])
def test_a_cookie_that_names_no_session_is_nobody(client: FlaskClient, officer: User, value: str, tried: Tried) -> None:
    sign_in(client, officer)
    with client.session_transaction() as session:
        session["_user_id"] = value
    assert not is_in(client)
    tried("a session made up, stolen or of somebody else", 1)


def test_the_key_of_one_is_no_key_to_another(client: FlaskClient, officer: User, tried: Tried) -> None:
    other = make_user()
    sign_in(client, officer)
    with client.session_transaction() as session:
        session["_user_id"] = f"{other.id}:{session['_user_id'].partition(':')[2]}"
    assert not is_in(client)
    tried("a session made up, stolen or of somebody else", 1)


def test_a_stolen_cookie_is_no_use_in_another_kind_of_browser_and_ends(app: Flask, officer: User, tried: Tried) -> None:
    owner, thief = app.test_client(), app.test_client()
    owner.environ_base["HTTP_USER_AGENT"] = CHROME
    sign_in(owner, officer)
    owner.environ_base["HTTP_USER_AGENT"] = NEWER
    assert is_in(owner)
    stolen = owner.get_cookie("session")
    assert stolen is not None
    thief.environ_base["HTTP_USER_AGENT"] = FIREFOX
    thief.set_cookie("session", stolen.value)
    assert not is_in(thief)
    assert not is_in(owner)
    assert rows(officer) == []
    assert entries_about(officer)[-1].action == "user.sessions_ended"
    tried("a session made up, stolen or of somebody else", 1)


def test_a_new_password_changes_the_key_of_the_session_that_goes_on(client: FlaskClient, officer: User) -> None:
    sign_in(client, officer)
    before = rows(officer)[0].digest
    send(client, "/tai-khoan/mat-khau", current=GOOD, new="một câu khác dễ nhớ", again="một câu khác dễ nhớ")
    assert [row.digest == before for row in rows(officer)] == [False]
    assert is_in(client)


@pytest.mark.parametrize("how", ["left", "role ended", "invited anew", "signed out"])
def test_what_ends_the_right_to_be_here_ends_the_session(client: FlaskClient, officer: User, how: str) -> None:
    chief = make_user(roles=[(Role.ADMINISTRATOR, None)])
    sign_in(client, officer)
    by: dict[str, Any] = {"actor": chief, "today": clock.today(), "now": clock.now()}
    if how == "left":
        operations.deactivate(officer, to=None, **by)
    elif how == "role ended":
        rights.end_grant(officer.grants[0], **by)
    elif how == "invited anew":
        operations.invite(officer, **by)
    else:
        client.post("/dang-xuat", data={"csrf_token": token(client, "/tai-khoan")})
    db.session.commit()
    assert rows(officer) == []
    assert not is_in(client)


def test_devices_are_listed_and_ended_one_by_one_or_all_but_this(app: Flask, officer: User) -> None:
    here, there, elsewhere = (app.test_client() for _each in range(3))
    there.environ_base["HTTP_USER_AGENT"], elsewhere.environ_base["HTTP_USER_AGENT"] = CHROME, FIREFOX
    for client in (there, elsewhere, here):
        sign_in(client, officer)
    page = here.get("/tai-khoan/thiet-bi").text
    assert "Chrome" in page
    assert "Firefox" in page
    assert page.count("Máy này") == 1
    end = next(found for found in re.findall(r'action="(/tai-khoan/thiet-bi/\d+/ket-thuc)"', page))
    csrf = token(here, "/tai-khoan/thiet-bi")
    assert here.post(end, data={"csrf_token": csrf}).status_code == 302
    assert [is_in(client) for client in (there, elsewhere)].count(True) == 1
    assert here.post("/tai-khoan/thiet-bi/khac/ket-thuc", data={"csrf_token": csrf}).status_code == 302
    assert [is_in(client) for client in (here, there, elsewhere)] == [True, False, False]
    assert here.post(end, data={"csrf_token": csrf}).status_code == 302, "a second press finds it done"


def test_nobody_ends_the_session_of_another(app: Flask, client: FlaskClient, officer: User) -> None:
    other, others = make_user(password=GOOD), app.test_client()
    db.session.commit()
    sign_in(client, officer)
    sign_in(others, other)
    csrf = token(client, "/tai-khoan/thiet-bi")
    assert client.post(f"/tai-khoan/thiet-bi/{rows(other)[0].id}/ket-thuc", data={"csrf_token": csrf}).status_code == 302
    assert is_in(others)


def test_what_ended_by_itself_is_cleared_away_at_night(client: FlaskClient, officer: User, later: Any) -> None:
    sign_in(client, officer)
    jobs.sweep()
    assert len(rows(officer)) == 1
    later(12 * 60 + 1)
    jobs.sweep()
    jobs.sweep()
    assert rows(officer) == []
