"""Signing in and out, one's own account, and what administrators do to accounts."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits import parse_many
from pyotp import TOTP
from sqlalchemy import event

from app import clock, outbox
from app.access import SYSTEM, NotAllowed
from app.accounts import factors, invitations, operations, passwords, rights, rules
from app.accounts.addresses import own_page
from app.accounts.models import Totp, User
from app.accounts.queries import people, reach_of
from app.accounts.views import TRIES, siege
from app.audit import AuditEntry, entries_about
from app.database import db
from app.letters import letter
from app.outbox import Channel, Notice
from app.permissions import Permission, Role, Scope
from tests.conftest import Backend, build
from tests.factories import make_place, make_unit, make_user
from tests.tried import Tried

TODAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
GOOD = "một câu dễ nhớ"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def token(client: FlaskClient, address: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)
    assert found, f"no form on {address}"
    return found[1]


def send(client: FlaskClient, address: str, **data: Any) -> Any:
    return client.post(address, data={"csrf_token": token(client, address)} | data)


def sign_in(client: FlaskClient, user: User, password: str = GOOD, address: str = "/dang-nhap") -> Any:
    return send(client, address, email=user.email, password=password)


@pytest.fixture
def officer(app: Flask) -> User:
    user = make_user(password=GOOD, roles=[Role.OFFICER])
    db.session.commit()
    return user


# --- passwords -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("ngắn quá", "short"),
        ("", "short"),
        ("x" * 201, "long"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("abababababababab", "common"),
        ("Mật khẩu 1234", "common"),
        ("matkhau@2026!!", "common"),
        ("123456789012", "common"),
        ("1q2w3e4r5t6y", "common"),
        ("zaq12wsxcde3", "common"),
        ("sunshine2024!!", "common"),
        ("Anhyeuem2020!", "common"),
        ("Bacninh@2026", "common"),
        ("Admin@123456", "common"),
        ("19051990nguyen", "common"),
        ("Nguyễn Văn Tám 1", "own"),
        ("nguyen.van.tam", "own"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused_by_name(password: str, why: str) -> None:
    with pytest.raises(passwords.PasswordTooEasy) as refusal:
        passwords.check(password, own_words=["Nguyễn Văn Tám", "nguyen.van.tam"])
    assert refusal.value.why == why


@pytest.mark.parametrize("password", ["một câu dễ nhớ", "cá kho tộ ở quê 7 giờ", "k7$Qp2!vTz9@"])
def test_a_sentence_of_ones_own_is_a_good_password(password: str) -> None:
    passwords.check(password, own_words=["Nguyễn Văn Tám"])


def test_a_password_typed_on_another_keyboard_is_the_same() -> None:
    composed, decomposed = "mật khẩu", "ma\u0323\u0302t kha\u0302\u0309u"
    assert passwords.matches(decomposed, passwords.digest(composed))


def test_without_a_stored_password_none_fits() -> None:
    assert not passwords.matches("", None)


# --- where sign-in leads ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [None, "", "https://xau.example/", "//xau.example", "/\\xau.example", "javascript:alert(1)", "/a\nb", "/ //xau", "\\\\xau", "x"],
)
def test_no_link_leads_through_us_to_a_stranger(address: str | None) -> None:
    assert own_page(address) is None


@pytest.mark.parametrize("address", ["/", "/quan-tri/don-vi?q=a&sau=3", "/tai-khoan"])
def test_pages_of_our_own_are_fine(address: str) -> None:
    assert own_page(address) == address


# --- signing in -------------------------------------------------------------------------------------------------------------


def test_who_signs_in_comes_to_the_page_they_wanted_and_it_is_recorded(client: FlaskClient, officer: User) -> None:
    assert client.get("/tai-khoan").location == "/dang-nhap?next=/tai-khoan"
    answer = sign_in(client, officer, address="/dang-nhap?next=/tai-khoan")
    assert (answer.status_code, answer.location) == (302, "/tai-khoan")
    assert officer.name in client.get("/tai-khoan").text
    assert [entry.action for entry in entries_about(officer)] == ["user.signed_in"]


def test_the_sign_in_name_may_be_typed_in_any_case(client: FlaskClient, officer: User) -> None:
    assert send(client, "/dang-nhap", email=f"  {officer.email.upper()} ", password=GOOD).status_code == 302


@pytest.mark.parametrize("case", ["wrong password", "unknown account", "left", "invited, no password yet"])
def test_whatever_is_wrong_the_answer_is_the_same(client: FlaskClient, officer: User, case: str) -> None:
    email, password = officer.email, GOOD
    if case == "wrong password":
        password = "một câu khác hẳn"
    elif case == "unknown account":
        email = "khong.co@bacninh.example"
    elif case == "left":
        officer.active = False
    else:
        officer.password_hash = None
    db.session.commit()
    answer = send(client, "/dang-nhap", email=email, password=password)
    assert answer.status_code == 422
    assert "E-mail hoặc mật khẩu không đúng" in answer.text
    assert client.get("/tai-khoan").status_code == 302


@pytest.mark.parametrize("email", ["", "   ", "a" * 5000, "a\x00b@x.example", "'; DROP TABLE app_user; --", "\ud800@x.example"])
def test_nonsense_as_a_sign_in_name_is_refused_calmly(client: FlaskClient, officer: User, email: str) -> None:
    assert send(client, "/dang-nhap", email=email.encode("utf-8", "surrogatepass"), password="x").status_code in {400, 422}


@pytest.mark.usefixtures("one_moment")
def test_the_seventh_wrong_password_from_one_address_has_to_wait(backend: Backend) -> None:
    app = build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL="redis://127.0.0.1:1/0")
    with app.app_context():
        user = make_user(password=GOOD)
        other = make_user(password=GOOD)
        db.session.commit()
        email, other_email = user.email, other.email
    client = app.test_client()
    csrf = token(client, "/dang-nhap")

    def attempt(email: str, password: str) -> int:
        return client.post("/dang-nhap", data={"csrf_token": csrf, "email": email, "password": password}).status_code

    assert [attempt(email, "sai rồi nhé bạn ơi") for _ in range(7)] == [422] * 6 + [429]
    assert attempt(email, GOOD) == 429
    assert attempt(other_email, GOOD) == 302
    with app.app_context():
        db.engine.dispose()


def test_who_is_wrong_again_waits_longer() -> None:
    limits = parse_many(TRIES)
    assert [each.amount for each in limits] == [6, 12, 24]
    waits = [each.get_expiry() / each.amount for each in limits]
    assert all(longer >= 4 * before for before, longer in itertools.pairwise(waits))


@pytest.mark.usefixtures("one_moment")
def test_who_guesses_from_many_addresses_does_not_lock_the_person_out(backend: Backend) -> None:
    app = build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL="redis://127.0.0.1:1/0")
    with app.app_context():
        email = make_user(password=GOOD).email
        db.session.commit()
    owner, robot, stranger = (app.test_client() for _each in range(3))

    def attempt(client: FlaskClient, password: str, address: str) -> int:
        data = {"csrf_token": token(client, "/dang-nhap"), "email": email, "password": password}
        return client.post("/dang-nhap", data=data, environ_base={"REMOTE_ADDR": address}).status_code

    assert attempt(owner, GOOD, "10.1.0.1") == 302
    assert [attempt(robot, "sai", f"10.0.0.{number}") for number in range(52)][-2:] == [429, 429]
    assert attempt(stranger, GOOD, "10.2.0.1") == 429
    owner.delete_cookie("session")
    assert attempt(owner, GOOD, "10.1.0.1") == 302
    with app.app_context():
        db.engine.dispose()


@pytest.mark.usefixtures("one_moment")
def test_ten_thousand_guesses_from_elsewhere_lock_out_neither_a_known_browser_nor_who_has_a_second_factor(
    backend: Backend, tried: Tried
) -> None:
    app = build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL="redis://127.0.0.1:1/0")
    with app.app_context():
        plain, guarded = make_user(password=GOOD), make_user(password=GOOD)
        secret = Totp(user_id=guarded.id, last_step=0, made_at=clock.now())
        secret.secret = SECRET
        db.session.add(secret)
        db.session.commit()
        plain_email, guarded_email = plain.email, guarded.email
    owner, robot, elsewhere = (app.test_client() for _each in range(3))

    def attempt(client: FlaskClient, email: str, password: str, address: str) -> Any:
        data = {"csrf_token": token(client, "/dang-nhap"), "email": email, "password": password}
        return client.post("/dang-nhap", data=data, environ_base={"REMOTE_ADDR": address})

    assert attempt(owner, plain_email, GOOD, "10.1.0.1").status_code == 302
    owner.delete_cookie("session")
    with app.test_request_context():
        guesses = [email for email in (plain_email, guarded_email) for _each in range(10_000)]
        for email in guesses:
            siege.add(email)
    refused = attempt(robot, plain_email, "sai", "10.0.0.1")
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert attempt(robot, guarded_email, "sai", "10.0.0.1").status_code == 429, "whether a guess is right is not told"
    assert attempt(owner, plain_email, GOOD, "10.1.0.1").status_code == 302
    assert attempt(elsewhere, guarded_email, GOOD, "10.2.0.1").location == "/dang-nhap/xac-nhan"
    csrf = token(elsewhere, "/dang-nhap/xac-nhan")
    assert elsewhere.post("/dang-nhap/xac-nhan", data={"csrf_token": csrf, "code": TOTP(SECRET).now()}).status_code == 302
    tried("wrong passwords counted against an account to lock its owner out", len(guesses))
    with app.app_context():
        db.engine.dispose()


@pytest.mark.usefixtures("one_moment")
def test_a_colleague_behind_the_same_line_uses_up_nobodys_tries(backend: Backend) -> None:
    app = build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL="redis://127.0.0.1:1/0")
    with app.app_context():
        email = make_user(password=GOOD).email
        db.session.commit()
    owner, colleague = app.test_client(), app.test_client()

    def attempt(client: FlaskClient, password: str) -> int:
        data = {"csrf_token": token(client, "/dang-nhap"), "email": email, "password": password}
        return client.post("/dang-nhap", data=data).status_code

    assert attempt(owner, GOOD) == 302
    owner.delete_cookie("session")
    assert [attempt(colleague, "sai") for _each in range(8)][-1] == 429
    assert attempt(owner, GOOD) == 302
    with app.app_context():
        db.engine.dispose()


@pytest.mark.usefixtures("one_moment")
@pytest.mark.parametrize("stolen", [False, True])
def test_a_known_browser_cannot_guess_for_ever_either(backend: Backend, *, stolen: bool) -> None:
    app = build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL="redis://127.0.0.1:1/0")
    with app.app_context():
        email = make_user(password=GOOD).email
        db.session.commit()
    client = app.test_client()

    def attempt(password: str, address: str = "10.0.0.1") -> int:
        data = {"csrf_token": token(client, "/dang-nhap"), "email": email, "password": password}
        return client.post("/dang-nhap", data=data, environ_base={"REMOTE_ADDR": address}).status_code

    assert attempt(GOOD) == 302
    client.delete_cookie("session")
    assert [attempt("sai", f"10.0.{number}.1" if stolen else "10.0.0.1") for number in range(7)] == [422] * 6 + [429]
    with app.app_context():
        db.engine.dispose()


def test_an_unknown_e_mail_is_answered_with_the_same_work_as_a_wrong_password(app: Flask, officer: User, monkeypatch: Any) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "matches", lambda *_: bool(hashed.append("one")))
    said: list[str] = []
    email = officer.email
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_rest: said.append(statement))

    def work(email: str) -> tuple[int, list[str]]:
        client = app.test_client()
        csrf = token(client, "/dang-nhap")
        db.session.expire_all()
        hashed.clear()
        said.clear()
        assert client.post("/dang-nhap", data={"csrf_token": csrf, "email": email, "password": "sai"}).status_code == 422
        return len(hashed), [each.split("FROM")[0] for each in said if "SAVEPOINT" not in each]

    work(email)
    assert work("khong.co@bacninh.example") == work(email)


def test_a_session_ends_after_its_hours_however_busy(client: FlaskClient, officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client, officer)
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + dt.timedelta(hours=11, minutes=59))
    assert client.get("/tai-khoan").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: start + dt.timedelta(hours=12))
    assert client.get("/tai-khoan").status_code == 302


def test_signing_out_ends_the_session_and_needs_a_press_of_the_button(client: FlaskClient, officer: User) -> None:
    sign_in(client, officer)
    assert client.get("/dang-xuat").status_code == 405
    assert client.post("/dang-xuat").status_code == 400
    client.post("/dang-xuat", data={"csrf_token": token(client, "/tai-khoan")})
    assert client.get("/tai-khoan").status_code == 302
    assert [entry.action for entry in entries_about(officer)] == ["user.signed_in", "user.signed_out"]


def test_who_left_is_out_at_once(client: FlaskClient, officer: User) -> None:
    sign_in(client, officer)
    officer.active = False
    db.session.commit()
    assert client.get("/tai-khoan").status_code == 302


# --- one's own account ------------------------------------------------------------------------------------------------------


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(app: Flask, client: FlaskClient, officer: User) -> None:
    elsewhere = app.test_client()
    sign_in(client, officer)
    sign_in(elsewhere, officer)
    new = "một câu khác dễ nhớ"
    answer = send(client, "/tai-khoan/mat-khau", current=GOOD, new=new, again=new)
    assert answer.location == "/tai-khoan"
    assert client.get("/tai-khoan").status_code == 200
    assert elsewhere.get("/tai-khoan").status_code == 302
    assert sign_in(elsewhere, officer, new).status_code == 302
    assert "user.password_changed" in [entry.action for entry in entries_about(officer)]


@pytest.mark.parametrize(
    ("current", "new", "again", "sentence"),
    [
        ("sai", "một câu khác dễ nhớ", "một câu khác dễ nhớ", "Mật khẩu đang dùng không đúng"),
        (GOOD, "ngắn", "ngắn", "ít nhất 12 ký tự"),
        (GOOD, "một câu khác dễ nhớ", "một câu khác dễ quên", "Hai lần ghi không giống nhau"),
        (GOOD, "", "", "Ghi mật khẩu mới"),
        ("", "một câu khác dễ nhớ", "một câu khác dễ nhớ", "Ghi mật khẩu đang dùng"),
    ],
)
def test_what_is_wrong_with_a_new_password_is_said(
    client: FlaskClient, officer: User, current: str, new: str, again: str, sentence: str
) -> None:
    sign_in(client, officer)
    answer = send(client, "/tai-khoan/mat-khau", current=current, new=new, again=again)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert current not in re.findall(r'type="password"[^>]*value="([^"]+)"', answer.text)


def test_the_chosen_language_holds_from_the_next_page(client: FlaskClient, officer: User) -> None:
    sign_in(client, officer)
    send(client, "/tai-khoan/tuy-chon", locale="en", digest="y")
    assert '<html lang="en">' in client.get("/tai-khoan").text
    assert officer.preferences == {"email": False, "digest": True}


def test_notices_are_listed_and_read_with_one_press(client: FlaskClient, officer: User) -> None:
    sign_in(client, officer)
    assert "Không có thông báo." in client.get("/thong-bao").text
    answer = client.post("/thong-bao/da-doc", data={"csrf_token": token(client, "/tai-khoan")})
    assert answer.location == "/thong-bao"
    assert all(each.done_at for each in outbox.inbox(officer))


# --- invitations ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def administrator(app: Flask) -> User:
    user = make_user(password=GOOD, roles=[(Role.ADMINISTRATOR, None)])
    db.session.commit()
    return user


def test_an_invitation_lets_somebody_choose_a_password_once(app: Flask, client: FlaskClient, administrator: User) -> None:
    user = make_user()
    last_on = operations.invite(user, actor=administrator, today=clock.today(), now=clock.now())
    db.session.commit()
    with app.test_request_context():
        address = invitations.link(user, last_on).removeprefix("http://localhost")
    assert send(client, address, new=GOOD, again=GOOD).location == "/dang-nhap"
    assert client.get(address).status_code == 410
    assert sign_in(client, user).status_code == 302


def test_an_invitation_ends_with_its_day_and_with_the_next_one(app: Flask, administrator: User) -> None:
    user = make_user()
    last_on = operations.invite(user, actor=administrator, today=TODAY, now=NOW)
    with app.test_request_context():
        key = invitations.link(user, last_on).rpartition("/")[2]
        assert invitations.invited(user.id, key, today=last_on) is user
        assert invitations.invited(user.id, key, today=last_on + dt.timedelta(days=1)) is None
        assert invitations.invited(user.id, key[:-2] + "xx", today=last_on) is None
        assert invitations.invited(make_user().id, key, today=last_on) is None
        operations.invite(user, actor=administrator, today=TODAY, now=NOW)
        assert invitations.invited(user.id, key, today=last_on) is None


def test_an_invitation_goes_by_mail_and_the_notice_holds_no_link(app: Flask, administrator: User) -> None:
    user = make_user()
    operations.invite(user, actor=administrator, today=TODAY, now=NOW)
    notice = db.session.scalars(db.select(Notice).where(Notice.user_id == user.id)).one()
    assert (notice.channel, notice.template, notice.facts) == (Channel.EMAIL, "accounts/notices/invited", {"last_on": "2026-11-30"})


def test_the_letter_of_an_invitation_carries_the_link(app: Flask, administrator: User) -> None:
    user = make_user()
    operations.invite(user, actor=administrator, today=clock.today(), now=clock.now())
    text = letter(db.session.scalars(db.select(Notice).where(Notice.user_id == user.id)).one())
    assert re.search(rf"http://localhost/moi/{user.id}/\S+", text.text)
    assert f"/moi/{user.id}/" in text.html


def test_of_another_e_mail_both_mailboxes_and_the_site_tell_and_no_link_from_before_opens(
    app: Flask, client: FlaskClient, administrator: User
) -> None:
    user = make_user(name="Trần Thị Thư", email="cu@x.example", unit=administrator.unit)
    own_app = Totp(user_id=user.id, last_step=0, made_at=NOW)
    own_app.secret = factors.new_secret()
    db.session.add(own_app)
    last_on = operations.invite(user, actor=administrator, today=TODAY, now=NOW)
    with app.test_request_context():
        key = invitations.link(user, last_on).rpartition("/")[2]
    who = {"name": user.name, "form_of_address": "bà", "title": "", "unit": user.unit}
    operations.change_user(user, email="moi@x.example", **who, actor=administrator, today=TODAY, now=NOW)
    assert factors.has_any(user)
    assert invitations.invited(user.id, key, today=TODAY) is None
    rows = db.session.scalars(db.select(Notice).where(Notice.subject_id == user.id, Notice.subject_type == "app_user")).all()
    assert {(row.channel, row.address) for row in rows if row.template == "accounts/notices/email_changed"} == {
        (Channel.SITE, None),
        (Channel.EMAIL, "cu@x.example"),
        (Channel.EMAIL, "moi@x.example"),
    }
    assert operations.INVITED not in {row.template for row in rows}, "it would carry a new link to the new address"
    for text in (letter(row).text for row in rows if row.channel == Channel.EMAIL and row.address):
        assert "Kính gửi bà Trần Thị Thư" in text
        assert "@x.example" not in text
    last = entries_about(user)[-1]
    assert (last.action, last.facts) == ("user.changed", {"changed": ["email", "form_of_address"]})
    operations.change_user(user, email="moi@x.example", **who | {"title": "Phó phòng"}, actor=administrator, today=TODAY, now=NOW)
    assert len(db.session.scalars(db.select(Notice).where(Notice.template == "accounts/notices/email_changed")).all()) == 3


# --- who may do what to whose account ----------------------------------------------------------------------------------------

COMMUNE, OFFICE, ELSEWHERE = "/1/2/", "/1/2/3/", "/1/9/"


@pytest.mark.parametrize(
    ("outer", "inner", "inside"),
    [
        (Scope(everywhere=True), Scope(everywhere=True), True),
        (Scope(everywhere=True), Scope(place_id=5), True),
        (Scope(unit_path=COMMUNE), Scope(unit_path=OFFICE), True),
        (Scope(unit_path=COMMUNE), Scope(unit_path=COMMUNE), True),
        (Scope(unit_path=OFFICE), Scope(unit_path=COMMUNE), False),
        (Scope(unit_path=COMMUNE), Scope(unit_path=ELSEWHERE), False),
        (Scope(unit_path=COMMUNE), Scope(everywhere=True), False),
        (Scope(unit_path=COMMUNE), Scope(place_id=5), False),
        (Scope(place_id=5), Scope(place_id=5), True),
        (Scope(place_id=5), Scope(place_id=6), False),
        (Scope(place_id=5), Scope(unit_path=COMMUNE), False),
        (Scope(), Scope(), False),
    ],
)
def test_a_scope_lies_inside_another(outer: Scope, inner: Scope, *, inside: bool) -> None:
    assert rules.inside(outer, inner) is inside


@pytest.fixture
def town(app: Flask) -> dict[str, Any]:
    province = make_unit(name="UBND tỉnh")
    commune = make_unit(name="UBND phường", parent=province)
    office = make_unit(name="Văn phòng", parent=commune)
    other = make_unit(name="UBND xã khác", parent=province)
    return {
        "commune": commune,
        "office": office,
        "other": other,
        "administrator": make_user(unit=commune, roles=[Role.ADMINISTRATOR]),
        "clerk": make_user(unit=office, roles=[Role.RECEPTION]),
        "stranger": make_user(unit=other),
        "chief": make_user(unit=office, roles=[(Role.ADMINISTRATOR, None)]),
    }


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        ("invite the clerk", True),
        ("invite a stranger", False),
        ("invite somebody below who holds more", False),
        ("make an account below", True),
        ("make an account elsewhere", False),
        ("give a role below", True),
        ("give a role elsewhere", False),
        ("give a role everywhere", False),
        ("give a role in an area", False),
        ("move the clerk elsewhere", False),
        ("delegate from somebody who holds more", False),
        ("let a stranger leave", False),
    ],
)
def test_an_administrator_of_a_commune_looks_after_what_is_below_it(town: dict[str, Any], verb: str, *, allowed: bool) -> None:
    by: dict[str, Any] = {"actor": town["administrator"], "now": NOW}
    on: dict[str, Any] = by | {"today": TODAY}
    who: dict[str, Any] = {"name": "Trần Thị Tư", "form_of_address": "bà", "title": ""}
    role: dict[str, Any] = on | {"starts_on": TODAY}
    place = make_place()
    acts = {
        "invite the clerk": lambda: operations.invite(town["clerk"], **on),
        "invite a stranger": lambda: operations.invite(town["stranger"], **on),
        "invite somebody below who holds more": lambda: operations.invite(town["chief"], **on),
        "make an account below": lambda: operations.create_user(email="tu@x.example", unit=town["office"], **who, **by),
        "make an account elsewhere": lambda: operations.create_user(email="tu@x.example", unit=town["other"], **who, **by),
        "give a role below": lambda: rights.give_role(town["clerk"], Role.OFFICER, unit=town["office"], **role),
        "give a role elsewhere": lambda: rights.give_role(town["clerk"], Role.OFFICER, unit=town["other"], **role),
        "give a role everywhere": lambda: rights.give_role(town["clerk"], Role.OFFICER, **role),
        "give a role in an area": lambda: rights.give_role(town["clerk"], Role.OFFICER, place=place, **role),
        "move the clerk elsewhere": lambda: operations.change_user(town["clerk"], email="c@x.example", unit=town["other"], **who, **on),
        "delegate from somebody who holds more": lambda: rights.delegate(
            town["chief"], town["clerk"], form="TUQ.", starts_on=TODAY, ends_on=TODAY, **on
        ),
        "let a stranger leave": lambda: operations.deactivate(town["stranger"], to=None, **on),
    }
    if allowed:
        acts[verb]()
    else:
        with pytest.raises(NotAllowed):
            acts[verb]()


def test_a_role_holds_between_its_days_and_over_its_unit(town: dict[str, Any]) -> None:
    clerk, head = town["clerk"], make_user(roles=[(Role.ADMINISTRATOR, None)])
    rights.give_role(
        clerk, Role.HEAD, unit=town["office"], starts_on=TODAY, ends_on=TODAY + dt.timedelta(days=2), actor=head, today=TODAY, now=NOW
    )

    def may(day: dt.date, path: str) -> bool:
        return reach_of(clerk, on=day).may(Permission.FEEDBACK_APPROVE, unit_path=path)

    here = town["office"].path
    assert [may(TODAY + dt.timedelta(days=n), here) for n in (-1, 0, 2, 3)] == [False, True, True, False]
    assert not may(TODAY, town["other"].path)
    with pytest.raises(rights.GrantOverlaps):
        rights.give_role(clerk, Role.HEAD, unit=town["office"], starts_on=TODAY, actor=head, today=TODAY, now=NOW)


def test_a_deputy_has_the_roles_of_who_they_stand_in_for_while_it_lasts(town: dict[str, Any]) -> None:
    head, deputy = make_user(unit=town["office"], roles=[Role.HEAD]), make_user(unit=town["office"])
    row = rights.delegate(
        head, deputy, form="TUQ.", starts_on=TODAY, ends_on=TODAY + dt.timedelta(days=1), actor=town["administrator"], today=TODAY, now=NOW
    )

    def may(day: dt.date) -> bool:
        return reach_of(deputy, on=day).may(Permission.FEEDBACK_APPROVE, unit_path=town["office"].path)

    assert [may(TODAY + dt.timedelta(days=n)) for n in (-1, 0, 1, 2)] == [False, True, True, False]
    rights.end_delegation(row, actor=head, today=TODAY, now=NOW)
    assert not may(TODAY)


@pytest.mark.parametrize("case", ["to oneself", "to somebody who left", "backwards", "in the past"])
def test_a_delegation_that_makes_no_sense_is_refused(town: dict[str, Any], case: str) -> None:
    head, deputy = town["clerk"], make_user(unit=town["office"])
    starts_on, ends_on = TODAY, TODAY + dt.timedelta(days=3)
    if case == "to oneself":
        deputy = head
    elif case == "to somebody who left":
        deputy.active = False
    elif case == "backwards":
        ends_on = TODAY - dt.timedelta(days=1)
    else:
        starts_on = ends_on = TODAY - dt.timedelta(days=9)
    with pytest.raises(rights.DelegationInvalid):
        rights.delegate(head, deputy, form="TUQ.", starts_on=starts_on, ends_on=ends_on, actor=town["administrator"], today=TODAY, now=NOW)


def test_who_leaves_hands_over_what_is_open_and_keeps_nothing(town: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, heir = town["clerk"], make_user(unit=town["office"])
    moved: list[tuple[int, int]] = []

    def move(giver: User, taker: User, **_: Any) -> int:
        moved.append((giver.id, taker.id))
        return 3

    monkeypatch.setattr(operations, "on_hand_over", [move])
    salt = clerk.invitation_salt
    assert operations.deactivate(clerk, to=heir, actor=town["administrator"], today=TODAY, now=NOW) == 3
    assert moved == [(clerk.id, heir.id)]
    assert not clerk.active
    assert clerk.invitation_salt != salt
    assert reach_of(clerk, on=TODAY).holds == ()
    last = entries_about(clerk)[-1]
    assert (last.action, last.facts) == ("user.deactivated", {"handed_to": heir.id})


def test_work_is_not_handed_to_who_leaves_or_left(town: dict[str, Any]) -> None:
    gone = make_user(unit=town["office"], active=False)
    for to in (gone, town["clerk"]):
        with pytest.raises(operations.HandOverInvalid):
            operations.deactivate(town["clerk"], to=to, actor=town["administrator"], today=TODAY, now=NOW)


def test_the_last_administrator_stays(town: dict[str, Any]) -> None:
    chief = town["chief"]
    with pytest.raises(rights.LastAdministrator):
        operations.deactivate(chief, to=None, actor=chief, today=TODAY, now=NOW)
    make_user(roles=[(Role.ADMINISTRATOR, None)])
    operations.deactivate(chief, to=None, actor=chief, today=TODAY, now=NOW)
    assert not chief.active


def test_two_accounts_never_share_a_sign_in_name(town: dict[str, Any]) -> None:
    by: dict[str, Any] = {"actor": town["administrator"], "now": NOW}
    taken = town["clerk"].email.upper()
    with pytest.raises(operations.EmailTaken):
        operations.create_user(name="A", email=taken, form_of_address="bà", title="", unit=town["office"], **by)


@pytest.mark.parametrize(
    ("words", "found"), [("van tam", True), ("TÁM", True), ("tam.1@", False), ("sáu", False), ("%", True), ("_", True)]
)
def test_people_are_found_with_or_without_diacritics(app: Flask, words: str, *, found: bool) -> None:
    user = make_user(name="Nguyễn Văn Tám", email="tam.2@bacninh.example")
    rows = db.session.scalars(people([Scope(everywhere=True)], words=words)).all()
    assert (user in rows) is found


def test_people_are_listed_by_given_name(app: Flask) -> None:
    unit = make_unit()
    for name in ("Trần Văn Đạt", "Nguyễn Thị Ánh", "Lê Văn Dũng", "Bùi Thị An"):
        make_user(name=name, unit=unit)
    names = [user.name for user in db.session.scalars(people([Scope(unit_path=unit.path)]))]
    assert names == ["Bùi Thị An", "Nguyễn Thị Ánh", "Lê Văn Dũng", "Trần Văn Đạt"]


# --- the first administrator -------------------------------------------------------------------------------------------------


def test_the_first_administrator_is_made_on_the_command_line(app: Flask) -> None:
    runner = app.test_cli_runner()
    arguments = ["create-admin", "--name", "Lê Thị Bảy", "--email", "bay@bacninh.example"]
    refused = runner.invoke(args=arguments, input="ngắn\n")
    assert refused.exit_code == 1
    assert "ít nhất 12 ký tự" in refused.output
    assert runner.invoke(args=arguments, input=f"{GOOD}\n").exit_code == 0
    assert runner.invoke(args=arguments, input=f"{GOOD}\n").exit_code == 1
    user = db.session.scalars(db.select(User).where(User.email == "bay@bacninh.example")).one()
    assert reach_of(user, on=clock.today()).may(Permission.SETTINGS_MANAGE)
    made = db.session.scalars(db.select(AuditEntry).where(AuditEntry.subject_id == user.id, AuditEntry.subject_type == "app_user")).all()
    assert [(entry.action, entry.actor_kind) for entry in made] == [("user.created", SYSTEM.kind), ("grant.given", SYSTEM.kind)]
