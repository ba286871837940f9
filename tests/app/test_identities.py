"""Signing in by another provider: against a real one, that the suite starts and can make lie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from app import clock
from app.accounts import invitations
from app.accounts import operations as accounts
from app.accounts.models import User
from app.audit import AuditEntry, entries_about
from app.database import db
from app.identities import operations, provider, rules
from app.identities.models import Identity
from app.identities.provider import Person
from app.outbox import Channel, Notice
from app.permissions import Role
from tests.app.provider import Provider, running
from tests.app.test_administration import Desk, desk  # noqa: F401 - the fixture
from tests.app.test_unsaved import FORM, TYPED, too_late
from tests.factories import make_user, sign_in

NOW = clock.now()

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the provider uses what Authlib is about to drop


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import oidc_provider_mock  # noqa: PLC0415 - it warns of itself when it is imported
    with running(oidc_provider_mock.app(require_nonce=True)) as started:
        yield started


@pytest.fixture
def there(app: Flask, server: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """The provider, as the site's settings name it."""
    settings = {"OIDC_ISSUER": server.issuer, "OIDC_CLIENT_ID": "cong", "OIDC_CLIENT_SECRET": "bí mật", "OIDC_NAME": "VNeID thử"}
    for name, value in settings.items():
        monkeypatch.setitem(app.config, name, value)
    monkeypatch.setitem(app.extensions, "openid", None)
    server.changes, server.says = None, {}
    server.taken.clear()
    return server


@pytest.fixture
def officer(app: Flask) -> User:
    return make_user(roles=[Role.OFFICER])


@pytest.fixture
def linked(there: Provider, officer: User) -> User:
    """An officer who is `tam` at the provider."""
    db.session.add(Identity(user_id=officer.id, issuer=there.issuer, subject="tam", linked_at=NOW))
    db.session.commit()
    return officer


def come_back(client: FlaskClient, there: Provider, subject: str = "tam", address: str = "/dang-nhap/noi-khac") -> Any:
    return client.get(there.sign_in(client.get(address).location, subject))


def press(client: FlaskClient, page: str, address: str) -> Any:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    assert token
    return client.post(address, data={"csrf_token": token[1]})


def is_in(client: FlaskClient) -> bool:
    return client.get("/tai-khoan").status_code == 200


# --- signing in -------------------------------------------------------------------------------------------------------------


def test_whoever_is_linked_signs_in_and_comes_to_the_page_they_wanted(client: FlaskClient, there: Provider, linked: User) -> None:
    assert "Đăng nhập bằng VNeID thử" in client.get("/dang-nhap").text
    answer = come_back(client, there, address="/dang-nhap/noi-khac?next=/tai-khoan")
    assert (answer.status_code, answer.location) == (302, "/tai-khoan")
    assert linked.name in client.get("/tai-khoan").text
    told = [(entry.action, entry.facts.get("second_factor")) for entry in entries_about(linked)]
    assert told == [("identity.used", False), ("user.signed_in", None)]


def test_no_stranger_is_gone_to_afterwards(client: FlaskClient, there: Provider, linked: User) -> None:
    assert come_back(client, there, address="/dang-nhap/noi-khac?next=https://xau.example/").location == "/bat-dau"


def test_in_another_tab_it_brings_back_the_words_of_a_form_whose_session_had_ended(desk: Desk, there: Provider) -> None:  # noqa: F811
    db.session.add(Identity(user_id=desk.user.id, issuer=there.issuer, subject="tam", linked_at=NOW))
    db.session.commit()
    page = too_late(desk, **TYPED)
    words = re.search(r'name="unsaved" value="([^"]+)"', page.text)
    assert words
    assert come_back(desk.client, there).status_code == 302
    form = desk.client.post(FORM, data={"unsaved": html.unescape(words[1]), "elsewhere": "1"})
    assert 'value="Cây xanh &amp; công viên"' in form.text


def test_only_who_asked_can_use_the_code(client: FlaskClient, there: Provider, linked: User) -> None:
    url = client.get("/dang-nhap/noi-khac").location
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert asked["response_type"] == "code"
    assert len({asked["state"], asked["nonce"]}) == 2
    assert min(len(asked["state"]), len(asked["nonce"])) > 40
    client.get(there.sign_in(url, "tam"))
    [token] = there.taken
    assert (asked["code_challenge_method"], asked["code_challenge"]) == ("S256", create_s256_code_challenge(token["code_verifier"]))
    assert token["redirect_uri"] == asked["redirect_uri"] == "http://localhost/dang-nhap/noi-khac/tro-ve"


def test_who_has_no_account_here_is_told_so_even_with_the_address_of_somebody_who_has(
    client: FlaskClient, there: Provider, officer: User
) -> None:
    db.session.commit()
    there.person("la", email=officer.email, email_verified=True)
    answer = come_back(client, there, "la")
    assert answer.status_code == 403
    assert "chưa nối với tài khoản nào ở đây" in answer.text
    assert not is_in(client)
    assert db.session.scalars(db.select(Identity)).all() == []


def test_who_has_left_does_not_come_in_by_the_other_door(client: FlaskClient, there: Provider, linked: User) -> None:
    linked.active = False
    db.session.commit()
    assert come_back(client, there).status_code == 403


@pytest.mark.parametrize(
    ("said", "trusted", "counts"),
    [
        (set(), set(), False),
        ({"mfa"}, set(), False),
        (set(), {"mfa"}, False),
        ({"pwd"}, {"mfa"}, False),
        ({"pwd", "mfa"}, {"mfa", "urn:acr:2"}, True),
        ({"urn:acr:2"}, {"urn:acr:2"}, True),
    ],
)
def test_a_second_factor_counts_only_where_the_provider_says_so_and_the_install_trusts_it(said, trusted, counts) -> None:
    assert rules.counts_as_second_factor(said, trusted) is counts


def test_what_the_provider_says_of_the_way_in_is_read_from_its_token(
    client: FlaskClient, there: Provider, linked: User, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "OIDC_SECOND_FACTOR", "urn:2 mfa")
    there.changes = lambda claims, key: jwt.encode({"alg": "RS256"}, claims | {"amr": ["pwd", "mfa"]}, key)
    come_back(client, there)
    [used] = [entry for entry in entries_about(linked) if entry.action == "identity.used"]
    assert used.facts["second_factor"] is True


# --- answers that are none --------------------------------------------------------------------------------------------------


def signed(**other: Any) -> Callable[[dict[str, Any], RSAKey], str]:
    return lambda claims, key: jwt.encode({"alg": "RS256"}, claims | other, key)


def by_a_secret(secret: bytes, alg: str = "HS256") -> Callable[[dict[str, Any], RSAKey], str]:
    """Sign as whoever knows only what everybody knows, or nothing at all."""

    def sign(claims: dict[str, Any], key: RSAKey) -> str:
        parts = (json.dumps(each).encode() for each in ({"alg": alg, "typ": "JWT"}, claims))
        signed = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
        digest = hmac.new(secret or key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{'' if alg == 'none' else base64.urlsafe_b64encode(digest).decode().rstrip('=')}"

    return sign


LIES: dict[str, Callable[[dict[str, Any], RSAKey], str]] = {
    "another nonce": signed(nonce="x" * 43),
    "another issuer": signed(iss="https://xau.example"),
    "for another site": signed(aud="khac"),
    "for another site as well": signed(aud=["cong", "khac"], azp="khac"),
    "over": signed(exp=int(time.time()) - 3600, iat=int(time.time()) - 7200),
    "without an end": lambda claims, key: signed()({name: claims[name] for name in claims if name != "exp"}, key),
    "of another token": signed(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "unsigned": by_a_secret(b"x", "none"),
    "by the secret of both": by_a_secret("bí mật".encode()),
    "by the public key": by_a_secret(b""),
    "by another key": lambda claims, _key: jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048)),
    "nobody": signed(sub=""),
    "a number": signed(sub=7),
    "no token": lambda _claims, _key: "x",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_the_providers_answer_to_us_opens_nothing(client: FlaskClient, there: Provider, linked: User, lie: str) -> None:
    there.changes = LIES[lie]
    answer = come_back(client, there)
    assert (answer.status_code, answer.location) == (303, "/dang-nhap")
    assert "Chưa vào được bằng VNeID thử" in client.get("/dang-nhap").text
    assert not is_in(client)


@pytest.mark.parametrize("case", ["state of another", "no state", "no code", "refused there", "another issuer answers", "a code of old"])
def test_an_answer_to_another_question_opens_nothing(client: FlaskClient, there: Provider, linked: User, case: str) -> None:
    back = there.sign_in(client.get("/dang-nhap/noi-khac").location, "tam")
    state, code = (parse_qs(urlsplit(back).query)[name][0] for name in ("state", "code"))
    home = "/dang-nhap/noi-khac/tro-ve"
    if case == "a code of old":  # it was used once, by a browser that signed in
        come_back(stranger := client.application.test_client(), there)
        assert is_in(stranger)
        code = there.taken[0]["code"]
    address = {
        "state of another": f"{home}?code={code}&state={'x' * 43}",
        "no state": f"{home}?code={code}",
        "no code": f"{home}?state={state}",
        "refused there": f"{home}?error=access_denied&state={state}",
        "another issuer answers": f"{back}&iss=https://xau.example",
        "a code of old": f"{home}?code={code}&state={state}",
    }[case]
    assert client.get(address).location == "/dang-nhap"
    assert not is_in(client)
    assert client.get(back).location == "/dang-nhap", "an answer is taken once, right or wrong"


def test_an_answer_works_in_the_browser_that_asked_and_once(client: FlaskClient, there: Provider, linked: User) -> None:
    back = there.sign_in(client.get("/dang-nhap/noi-khac").location, "tam")
    other = client.application.test_client()
    assert other.get(back).location == "/dang-nhap"
    client.get(back)
    assert is_in(client)
    assert client.get(back).location == "/tai-khoan/noi-khac"


# --- a provider that is away ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["down", "another", "no https", "leads elsewhere"])
def test_a_provider_that_does_not_answer_as_itself_leaves_the_password_door_open(
    client: FlaskClient, there: Provider, linked: User, app: Flask, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    if case == "down":
        monkeypatch.setitem(app.config, "OIDC_ISSUER", "http://localhost:9")
    elif case == "another":
        there.says = {"issuer": "https://xau.example"}
    elif case == "no https":
        there.says = {"authorization_endpoint": "http://xau.example/authorize"}
    else:
        monkeypatch.setitem(app.config, "OIDC_ISSUER", f"{there.issuer}/oauth2/end_session")
    answer = client.get("/dang-nhap/noi-khac")
    assert (answer.status_code, answer.location) == (303, "/dang-nhap")
    page = client.get("/dang-nhap").text
    assert "VNeID thử không trả lời" in page
    assert 'name="password"' in page


def test_without_a_provider_there_is_no_such_door(client: FlaskClient, officer: User) -> None:
    sign_in(client, officer)
    assert "noi-khac" not in client.get("/dang-nhap").text + client.get("/tai-khoan").text
    assert [client.get(f"/{page}").status_code for page in ("dang-nhap/noi-khac", "dang-nhap/noi-khac/tro-ve", "tai-khoan/noi-khac")] == [
        404
    ] * 3


# --- linking -----------------------------------------------------------------------------------------------------------------


def link(client: FlaskClient, there: Provider, page: str, address: str, subject: str = "tam") -> Any:
    onward = re.search(r'href="([^"]+/authorize[^"]+)"', press(client, page, address).text)
    assert onward, "the last step to the provider is a link: a form may lead to this site only"
    return client.get(there.sign_in(onward[1].replace("&amp;", "&"), subject))


def test_a_signed_in_person_links_their_account_and_is_told_by_mail(client: FlaskClient, there: Provider, officer: User) -> None:
    sign_in(client, officer)
    there.person("tam", name="Trần Thị Tám")
    answer = link(client, there, "/tai-khoan/noi-khac", "/tai-khoan/noi-khac")
    assert answer.location == "/tai-khoan/noi-khac"
    assert "Trần Thị Tám" in client.get("/tai-khoan/noi-khac").text
    assert "identity.linked" in [entry.action for entry in entries_about(officer)]
    told = db.session.scalars(db.select(Notice).where(Notice.template == "identities/notices/linked")).all()
    assert {notice.channel for notice in told} == {Channel.SITE, Channel.EMAIL}
    client.post("/dang-xuat")
    come_back(client, there)
    assert is_in(client)


def test_an_answer_to_a_question_of_somebody_else_links_nothing(client: FlaskClient, there: Provider, officer: User) -> None:
    sign_in(client, officer)
    onward = re.search(r'href="([^"]+/authorize[^"]+)"', press(client, "/tai-khoan/noi-khac", "/tai-khoan/noi-khac").text)
    assert onward
    back = there.sign_in(onward[1].replace("&amp;", "&"), "tam")
    sign_in(client, make_user(roles=[Role.OFFICER]))  # the next one at the same machine
    client.get(back)
    assert db.session.scalars(db.select(Identity)).all() == []


def test_one_account_there_opens_one_account_here(client: FlaskClient, there: Provider, linked: User) -> None:
    sign_in(client, make_user(roles=[Role.OFFICER]))
    link(client, there, "/tai-khoan/noi-khac", "/tai-khoan/noi-khac")
    assert "đã nối với người khác" in client.get("/tai-khoan/noi-khac").text
    [identity] = db.session.scalars(db.select(Identity)).all()
    assert identity.user_id == linked.id


def test_a_double_press_links_once(there: Provider, officer: User) -> None:
    person = Person(there.issuer, "tam")
    assert operations.link(officer, person, now=NOW) is operations.link(officer, person, now=NOW)
    assert [entry.action for entry in entries_about(officer)] == ["identity.linked"]


def test_who_is_invited_may_come_by_the_other_door_and_the_invitation_is_used(client: FlaskClient, there: Provider, officer: User) -> None:
    db.session.commit()
    with client.application.test_request_context():
        page = invitations.link(officer, clock.today()).removeprefix("http://localhost")
    assert link(client, there, page, f"{page}/noi-khac").location == "/dang-nhap"
    assert client.get(page).status_code == 410
    assert client.post(f"{page}/noi-khac").status_code in {400, 410}
    come_back(client, there)
    assert is_in(client)


def test_a_new_invitation_ends_the_other_door_too(client: FlaskClient, there: Provider, linked: User) -> None:
    accounts.invite(linked, actor=make_user(roles=[(Role.ADMINISTRATOR, None)]), today=clock.today(), now=NOW)
    db.session.commit()
    assert come_back(client, there).status_code == 403


def test_the_last_way_in_stays_and_nobody_ends_that_of_another(client: FlaskClient, there: Provider, linked: User) -> None:
    sign_in(client, other := make_user(roles=[Role.OFFICER]))
    [identity] = db.session.scalars(db.select(Identity)).all()
    address = f"/tai-khoan/noi-khac/{identity.id}/thoi"
    assert press(client, "/tai-khoan/noi-khac", address).status_code == 404
    sign_in(client, linked)
    press(client, "/tai-khoan/noi-khac", address)
    assert "cách vào duy nhất" in client.get("/tai-khoan/noi-khac").text
    linked.password_hash = other.password_hash = "x"
    db.session.commit()
    press(client, "/tai-khoan/noi-khac", address)
    assert db.session.scalars(db.select(Identity)).all() == []
    assert db.session.scalar(db.select(AuditEntry.action).order_by(AuditEntry.id.desc())) == "identity.unlinked"


def test_names_of_endpoints_are_checked_wherever_they_come_from() -> None:
    assert provider._private("https://a.example/x") == "https://a.example/x"
    for url in ("http://a.example", "ftp://localhost", "", "//a.example", "file:///etc/passwd"):
        with pytest.raises(provider.ProviderAway):
            provider._private(url)
