"""Second factors: the app, the codes on paper, and what nobody gets past without one."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock, settings
from app.access import SYSTEM
from app.accounts import factors, known, rights, rules, sessions, signing_in
from app.accounts.models import RecoveryCode, Totp, User
from app.audit import entries_about
from app.database import db
from app.letters import letter
from app.limits import limiter
from app.outbox import Notice
from app.permissions import Role
from tests.app.test_accounts import GOOD, send, sign_in, token
from tests.conftest import Backend, build
from tests.factories import make_user
from tests.factories import sign_in as signed_in_as
from tests.tried import Tried

NOW = dt.datetime(2026, 11, 23, 3, 0, 10, tzinfo=dt.UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODE = pyotp.TOTP(SECRET)
SECOND = "/dang-nhap/xac-nhan"
PAGE = "/tai-khoan/xac-nhan-hai-buoc"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], dt.datetime]:
    """Let it be so many seconds after NOW."""

    def at(seconds: float) -> dt.datetime:
        monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(seconds=seconds))
        return clock.now()

    at(0)
    return at


@pytest.fixture
def officer(app: Flask, now: Any) -> User:
    user = make_user(password=GOOD, roles=[Role.OFFICER])
    db.session.commit()
    return user


def code(seconds: float = 0) -> str:
    return CODE.at(NOW + dt.timedelta(seconds=seconds))


def give_app(user: User) -> User:
    """Let *user* have the app with SECRET, its last code long ago."""
    row = Totp(user_id=user.id, last_step=0, made_at=NOW)
    row.secret = SECRET
    db.session.add(row)
    db.session.commit()
    return user


def is_in(client: FlaskClient) -> bool:
    return client.get("/tai-khoan").status_code == 200


# --- codes -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False), (3600, False), (-3600, False)]
)
def test_a_code_counts_half_a_minute_before_and_after_its_time(officer: User, seconds: float, *, taken: bool) -> None:
    give_app(officer)
    assert (factors.take_code(officer, code(seconds), now=NOW) is not None) is taken


def test_a_code_counts_once_and_none_from_before_it_does(officer: User) -> None:
    give_app(officer)
    assert factors.take_code(officer, code(), now=NOW) == rules.Factor.APP
    assert factors.take_code(officer, code(), now=NOW) is None
    assert factors.take_code(officer, code(-30), now=NOW) is None
    assert factors.take_code(officer, code(30), now=NOW) == rules.Factor.APP


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "000 00x", "' OR 1=1", "\x00", "9" * 5000])
def test_what_is_no_code_is_none(officer: User, typed: str) -> None:
    with pytest.raises(factors.CodeWrong):
        factors.add_app(officer, SECRET, typed, now=NOW)
    give_app(officer)
    assert factors.take_code(officer, typed, now=NOW) is None


def test_a_code_on_paper_counts_once_however_it_is_typed(officer: User) -> None:
    codes = factors.renew_codes(officer, now=NOW)
    assert len(set(codes)) == factors.CODES
    assert factors.take_code(officer, f" {codes[0].lower().replace('-', ' ')} ", now=NOW) == rules.Factor.RECOVERY
    assert factors.take_code(officer, codes[0], now=NOW) is None
    assert factors.codes_left(officer) == factors.CODES - 1
    assert factors.take_code(make_user(), codes[1], now=NOW) is None, "another's"
    factors.renew_codes(officer, now=NOW)
    assert factors.take_code(officer, codes[1], now=NOW) is None


def test_neither_secret_nor_codes_lie_readable_in_the_database(officer: User) -> None:
    give_app(officer)
    codes = factors.renew_codes(officer, now=NOW)
    stored = str(db.session.execute(db.select(Totp.secret_sealed)).all()) + str(db.session.scalars(db.select(RecoveryCode.digest)).all())
    assert SECRET not in stored
    assert not any(each in stored or each.replace("-", "") in stored for each in codes)


def test_the_same_code_from_two_browsers_at_once_lets_one_in(fresh_app: Flask) -> None:
    user_id = give_app(make_user()).id
    db.session.commit()  # nothing is held meanwhile
    typed, taken, go = CODE.at(NOW), [], threading.Barrier(2)

    def take() -> None:
        with fresh_app.app_context():
            go.wait()
            taken.append(factors.take_code(db.session.get_one(User, user_id), typed, now=NOW))
            db.session.commit()
            db.session.remove()

    threads = [threading.Thread(target=take) for _each in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(map(str, taken)) == ["None", "app"]


# --- signing in with two -----------------------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing_for_who_has_a_second_factor(client: FlaskClient, officer: User) -> None:
    give_app(officer)
    answer = sign_in(client, officer, address="/dang-nhap?next=/thong-bao")
    assert answer.location == SECOND
    assert not is_in(client)
    assert sessions.of(officer) == []
    wrong = send(client, SECOND, code="000000")
    assert wrong.status_code == 422
    assert "Mã không đúng" in wrong.text
    assert not is_in(client)
    right = send(client, SECOND, code=code())
    assert (right.status_code, right.location) == (302, "/thong-bao")
    assert is_in(client)
    assert [row.factor for row in sessions.of(officer)] == ["app"]
    assert [entry.action for entry in entries_about(officer)] == ["user.factor_failed", "user.signed_in"]


@pytest.mark.parametrize("what", ["nothing before", "too long ago", "password changed", "left"])
def test_the_second_step_is_nothing_without_the_first(client: FlaskClient, officer: User, now: Any, what: str) -> None:
    give_app(officer)
    csrf = token(client, "/dang-nhap")
    if what != "nothing before":
        sign_in(client, officer)
        csrf = token(client, SECOND)
    if what == "too long ago":
        now(signing_in.HALFWAY_SECONDS + 1)
    elif what == "password changed":
        officer.password_hash = "another"
    elif what == "left":
        officer.active = False
    db.session.commit()
    seconds = (clock.now() - NOW).total_seconds()
    assert client.post(SECOND, data={"csrf_token": csrf, "code": code(seconds)}).location == "/dang-nhap"
    assert not is_in(client)


@pytest.mark.usefixtures("one_moment")
def test_codes_are_guessed_a_few_times_only_and_a_known_browser_counts_by_itself(backend: Backend, now: Any, tried: Tried) -> None:
    app = build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL="redis://127.0.0.1:1/0")
    with app.app_context():
        email = give_app(make_user(password=GOOD)).email
        db.session.commit()
    owner, robot = app.test_client(), app.test_client()

    def attempt(client: FlaskClient, typed: str, address: str) -> int:
        data = {"email": email, "password": GOOD}
        from_there: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": address}}
        client.post("/dang-nhap", data=data | {"csrf_token": token(client, "/dang-nhap")}, **from_there)
        return client.post(SECOND, data={"csrf_token": token(client, SECOND), "code": typed}, **from_there).status_code

    assert attempt(owner, code(), "10.1.0.1") == 302
    owner.post("/dang-xuat", data={"csrf_token": token(owner, "/tai-khoan")})
    guesses = [attempt(robot, "000000", f"10.0.0.{each}") for each in range(7)]
    assert guesses == [422] * 5 + [429] * 2
    now(30)
    assert attempt(robot, code(30), "10.0.0.9") == 429
    assert attempt(owner, code(30), "10.1.0.1") == 302
    tried("second factors guessed from everywhere (five of a million, then nothing for a while)", len(guesses))
    with app.app_context():
        db.engine.dispose()


@pytest.mark.strictest_database
def test_a_thief_with_the_password_guesses_no_more_codes_by_browsers_made_known_before(limited_app: Flask, now: Any, tried: Tried) -> None:
    """All known browsers have their tries together, and none is known any more after the first factor or a new password."""
    officer = make_user(password=GOOD)
    db.session.commit()
    thieves, owner, second = [limited_app.test_client() for _each in range(3)], limited_app.test_client(), limited_app.test_client()
    for number, client in enumerate([*thieves, owner]):
        now(number)  # so that no two cookies are the same
        assert sign_in(client, officer).location != SECOND
        client.delete_cookie("session")
    give_app(officer)

    def guesses(*clients: FlaskClient) -> list[int]:
        found = []
        for client in clients:
            sign_in(client, officer)
            found += [send(client, SECOND, code="000000").status_code for _each in range(3)]
        return found

    found = guesses(*thieves)
    assert found == [422] * 5 + [429] * 4, "as strangers, all together"
    limiter.limiter.storage.reset()
    for number, client in enumerate([owner, second]):  # a browser each, known again
        now(60 * number)
        sign_in(client, officer)
        assert send(client, SECOND, code=code(60 * number)).status_code == 302
        client.delete_cookie("session")
    by_known = guesses(owner, second)
    assert by_known == [422] * 5 + [429]
    assert send(thieves[0], SECOND, code="000000").status_code == 422, "what known browsers guessed is counted apart"
    with limited_app.test_request_context(headers={"Cookie": f"known={owner.get_cookie('known', path='/dang-nhap').value}"}):
        assert known.known_here(officer.email)
    officer.password_hash = "another"
    db.session.commit()
    with limited_app.test_request_context(headers={"Cookie": f"known={owner.get_cookie('known', path='/dang-nhap').value}"}):
        assert not known.known_here(officer.email)
    tried("second factors guessed by browsers made known before there was one, and by two known ones", len(found + by_known))


# --- setting up and taking away ------------------------------------------------------------------------------------------------


def secret_on(page: str) -> str:
    found = re.search(r'<p class="num">([A-Z2-7 ]+)</p>', page)
    assert found
    return found[1].replace(" ", "")


def set_up_app(client: FlaskClient) -> str:
    """Add an app as a person does; return the page with the codes."""
    page = client.get(f"{PAGE}/ung-dung")
    hidden = dict(re.findall(r'name="(csrf_token|sealed)"[^>]*value="([^"]*)"', page.text))
    codes = client.post(f"{PAGE}/ung-dung", data=hidden | {"code": pyotp.TOTP(secret_on(page.text)).at(clock.now())})
    assert {each.headers["Cache-Control"] for each in (page, codes)} == {"no-store"}
    return codes.text


def test_an_app_is_added_by_its_first_code_and_paper_codes_are_shown_once(app: Flask, client: FlaskClient, officer: User) -> None:
    elsewhere = app.test_client()
    sign_in(client, officer)
    sign_in(elsewhere, officer)
    codes = re.findall(r"<li>([A-Z2-9]{5}-[A-Z2-9]{5})</li>", set_up_app(client))
    assert len(codes) == factors.CODES
    assert is_in(client)
    with app.test_request_context(headers={"Cookie": f"known={client.get_cookie('known', path='/dang-nhap').value}"}):
        assert known.known_here(officer.email), "the browser in which the factor was set up"
    assert not is_in(elsewhere), "who has not shown the new factor"
    overview = client.get(PAGE).text
    assert "Còn 10 trong 10 mã" in overview
    assert not any(each in overview for each in codes)
    client.post("/dang-xuat", data={"csrf_token": token(client, "/tai-khoan")})
    assert sign_in(client, officer).location == SECOND
    assert send(client, SECOND, code=codes[3]).status_code == 302
    notices = db.session.scalars(db.select(Notice).where(Notice.user_id == officer.id).order_by(Notice.id)).all()
    assert [each.template.rpartition("/")[2] for each in notices] == ["factor_added", "recovery_used"]
    assert "đổi mật khẩu ngay" in letter(notices[0]).text


@pytest.mark.parametrize("case", ["wrong code", "forged secret", "another's secret"])
def test_an_app_that_proves_nothing_is_not_added(app: Flask, client: FlaskClient, officer: User, case: str) -> None:
    sign_in(client, officer)
    page = client.get(f"{PAGE}/ung-dung").text
    hidden = dict(re.findall(r'name="(csrf_token|sealed)"[^>]*value="([^"]*)"', page))
    typed = pyotp.TOTP(secret_on(page)).at(clock.now())
    if case == "wrong code":
        typed = "000000" if typed != "000000" else "000001"
    elif case == "forged secret":
        hidden["sealed"] = "AAAA" + hidden["sealed"][4:]
    else:
        other, theirs = make_user(password=GOOD), app.test_client()
        db.session.commit()
        sign_in(theirs, other)
        page = theirs.get(f"{PAGE}/ung-dung").text
        hidden["sealed"] = dict(re.findall(r'name="(sealed)"[^>]*value="([^"]*)"', page))["sealed"]
        typed = pyotp.TOTP(secret_on(page)).at(clock.now())
    assert client.post(f"{PAGE}/ung-dung", data=hidden | {"code": typed}).status_code == 422
    assert factors.app_of(officer) is None


def test_with_the_last_factor_go_the_codes_on_paper(client: FlaskClient, officer: User) -> None:
    sign_in(client, officer)
    set_up_app(client)
    assert client.post(f"{PAGE}/ung-dung/bo", data={"csrf_token": token(client, PAGE)}).status_code == 302
    assert not factors.has_any(officer)
    assert factors.codes_left(officer) == 0
    assert db.session.scalar(db.select(db.func.count()).select_from(RecoveryCode)) == 0
    assert [entry.action for entry in entries_about(officer)][-1] == "user.factor_removed"


# --- required by role ----------------------------------------------------------------------------------------------------------


def require_of(*roles: Role) -> None:
    settings.change("second_factor_roles", [str(role) for role in roles], actor=SYSTEM, now=clock.now())
    db.session.commit()


def test_a_new_install_asks_a_second_factor_of_who_could_do_most(app: Flask) -> None:
    assert set(settings.DEFAULTS["second_factor_roles"]) == {Role.ADMINISTRATOR, Role.AUDITOR, Role.SEALED_INTAKE, Role.HEAD}


@pytest.mark.parametrize("lent", [False, True])
def test_who_lacks_the_factor_their_role_needs_can_do_nothing_but_set_it_up(client: FlaskClient, officer: User, *, lent: bool) -> None:
    head = make_user(unit=officer.unit, password=GOOD, roles=[Role.HEAD])
    if lent:  # by who is away: what the deputy may do is as much
        administrator = make_user(roles=[(Role.ADMINISTRATOR, None)])
        today = clock.today()
        rights.delegate(head, officer, form="TUQ.", starts_on=today, ends_on=today, actor=administrator, today=today, now=NOW)
    require_of(Role.HEAD)
    who = officer if lent else head
    assert sign_in(client, who).status_code == 302
    for address in ("/bat-dau", "/tai-khoan", "/thong-bao", "/can-bo", "/tai-khoan/mat-khau", "/quan-tri/"):
        assert (client.get(address).status_code, client.get(address).location) == (303, PAGE), address
    assert client.post("/thong-bao/da-doc", data={"csrf_token": token(client, PAGE)}).location == PAGE
    assert "Vai trò được giao cần xác nhận hai bước" in client.get(PAGE).text
    set_up_app(client)
    assert client.get("/tai-khoan").status_code == 200
    assert "cần xác nhận hai bước" not in client.get(PAGE).text


def test_who_holds_no_such_role_is_not_asked(client: FlaskClient, officer: User) -> None:
    require_of(Role.HEAD, Role.ADMINISTRATOR)
    sign_in(client, officer)
    assert is_in(client)


def test_who_takes_the_factor_away_that_their_role_needs_sets_it_up_anew(client: FlaskClient, officer: User) -> None:
    require_of(Role.OFFICER)
    sign_in(client, officer)
    set_up_app(client)
    assert is_in(client)
    client.post(f"{PAGE}/ung-dung/bo", data={"csrf_token": token(client, PAGE)})
    assert client.get("/tai-khoan").location == PAGE


# --- asked again -----------------------------------------------------------------------------------------------------------------


def test_after_a_quarter_of_an_hour_sensitive_pages_ask_again(client: FlaskClient, officer: User, now: Any) -> None:
    signed_in_as(client, officer)
    assert client.get(f"{PAGE}/ung-dung").status_code == 200
    now(16 * 60)
    assert client.get(PAGE).status_code == 200
    asked = client.get(f"{PAGE}/ung-dung")
    assert asked.location == f"/tai-khoan/xac-nhan?next={PAGE}/ung-dung"
    assert send(client, asked.location, password="sai").status_code == 422
    before = sessions.of(officer)[0].digest
    answer = send(client, asked.location, password=GOOD)
    assert (answer.status_code, answer.location) == (302, f"{PAGE}/ung-dung")
    assert sessions.of(officer)[0].digest != before, "a new key for more rights"
    assert client.get(f"{PAGE}/ung-dung").status_code == 200


def test_who_has_a_second_factor_is_asked_for_that_and_not_for_the_password(client: FlaskClient, officer: User, now: Any) -> None:
    give_app(officer)
    signed_in_as(client, officer)
    now(16 * 60)
    address = f"/tai-khoan/xac-nhan?next={PAGE}/khoa"
    assert send(client, address, password=GOOD).status_code == 422
    assert send(client, address, code=code(16 * 60)).location == f"{PAGE}/khoa"
    assert client.get(f"{PAGE}/khoa").status_code == 200


def test_being_asked_again_leads_to_no_strangers_page(client: FlaskClient, officer: User) -> None:
    signed_in_as(client, officer)
    assert send(client, "/tai-khoan/xac-nhan?next=https://xau.example/", password=GOOD).location == "/tai-khoan"
