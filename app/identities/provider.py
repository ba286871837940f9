"""What is said to the other provider, and what it answers: OpenID Connect, by authorization code with PKCE, state and nonce.

The tokens are read by Authlib; what goes over the network goes by the standard library, bounded in time and size, following no redirect.
Nothing here touches the database: the views let go of it first.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from flask import current_app
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ANSWER_SECONDS = 5
ANSWER_BYTES = 1 << 20
KNOWN_SECONDS = 3600  # how long what the provider says of itself is believed
LEEWAY = 60  # seconds by which two clocks may differ
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, 2: "It MUST NOT exceed 255 ASCII characters in length"
LONGEST_NAME = 200

#: Signatures by the provider's private key only: neither "none" nor a secret that both sides know.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class ProviderAway(Exception):
    """The provider does not answer, or not as one."""


class AnswerWrong(Exception):
    """What came back is not the provider's answer to what was asked: *args* say what about it is wrong, for the log."""


@dataclass(frozen=True)
class Asked:
    """What is kept of a question until its answer comes; *url* is where the person goes."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Person:
    """Whom the provider signed in, and by what: classes (acr) and ways (amr) in its own words."""

    issuer: str
    subject: str
    name: str = ""
    factors: frozenset[str] = frozenset()


def is_set() -> bool:
    """Say whether the install has a provider."""
    return bool(current_app.config["OIDC_ISSUER"] and current_app.config["OIDC_CLIENT_ID"])


def ask(return_to: str) -> Asked:
    """Return the question to send somebody to the provider with. :raise ProviderAway:."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    question = {
        "response_type": "code",
        "scope": "openid profile",
        "client_id": current_app.config["OIDC_CLIENT_ID"],
        "redirect_uri": return_to,
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    return Asked(add_params_to_uri(_endpoint("authorization_endpoint"), question), state, nonce, verifier)


def answer(code: str, *, nonce: str, verifier: str, return_to: str, now: dt.datetime) -> Person:
    """Return whom the provider signed in with *code*. :raise ProviderAway: :raise AnswerWrong:."""
    token = _fetch(_code_for_token(code, verifier, return_to))
    try:
        claims = _claims(str(token["id_token"]), str(token.get("access_token", "")), nonce=nonce, now=now)
    except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerWrong(type(error).__name__) from error
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise AnswerWrong("sub")
    name = str(claims.get("name") or claims.get("preferred_username") or "")[:LONGEST_NAME]
    return Person(claims["iss"], subject, name, frozenset(map(str, filter(None, [claims.get("acr"), *(claims.get("amr") or [])]))))


def _claims(id_token: str, access_token: str, *, nonce: str, now: dt.datetime) -> CodeIDToken:
    keys = KeySet.import_key_set(_fetch(_endpoint("jwks_uri")))  # asked each time: a provider changes them when it must
    token = jwt.decode(id_token, keys, algorithms=ALGORITHMS)
    issuer, client_id = current_app.config["OIDC_ISSUER"], current_app.config["OIDC_CLIENT_ID"]
    must: Any = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
    claims = CodeIDToken(token.claims, token.header, must, {"nonce": nonce, "client_id": client_id, "access_token": access_token})
    claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    return claims


def _code_for_token(code: str, verifier: str, return_to: str) -> urllib.request.Request:
    client_id, secret = current_app.config["OIDC_CLIENT_ID"], current_app.config["OIDC_CLIENT_SECRET"]
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": return_to, "code_verifier": verifier}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if "client_secret_basic" in _about().get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
        # RFC 6749, 2.3.1: both are form-encoded before they are put together.
        headers["Authorization"] = "Basic " + base64.b64encode(f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()).decode()
    else:
        body |= {"client_id": client_id, "client_secret": secret}
    return urllib.request.Request(_endpoint("token_endpoint"), urlencode(body).encode(), headers)  # noqa: S310 - checked by _endpoint


def _endpoint(name: str) -> str:
    return _private(str(_about().get(name, "")))


def _about() -> Mapping[str, Any]:
    """Return what the provider says of itself (OpenID Connect Discovery 1.0)."""
    known = current_app.extensions.get("openid")
    now = dt.datetime.now(dt.UTC).timestamp()
    if known is None or now - known[0] > KNOWN_SECONDS:
        issuer = current_app.config["OIDC_ISSUER"]
        said = _fetch(_private(issuer.rstrip("/") + "/.well-known/openid-configuration"))
        # Discovery 4.3: "The issuer value returned MUST be identical to the Issuer URL that was used as the prefix".
        if said.get("issuer") != issuer:
            raise ProviderAway("issuer")
        known = current_app.extensions["openid"] = (now, said)
    return known[1]


def _private(url: str) -> str:
    """Return *url* if nobody on the way can read what goes there; a provider of this very machine needs no https."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return url
    raise ProviderAway("not https")


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        """Go nowhere else: what is sent is for the address that the provider named."""


def _fetch(what: str | urllib.request.Request) -> Any:
    """Return the JSON object that *what* is answered with. :raise ProviderAway: :raise AnswerWrong: when a code is refused."""
    opener = urllib.request.build_opener(_StayHere)
    try:
        with opener.open(what, timeout=ANSWER_SECONDS) as response:
            said = json.loads(response.read(ANSWER_BYTES))
    except urllib.error.HTTPError as error:
        error.close()
        if not isinstance(what, str) and error.code == HTTPStatus.BAD_REQUEST:  # RFC 6749, 5.2: the code is used, over or another's
            raise AnswerWrong(f"HTTP {error.code}") from None
        raise ProviderAway(f"HTTP {error.code}") from None
    except (OSError, ValueError) as error:  # ValueError: no JSON
        raise ProviderAway(type(error).__name__) from None
    if not isinstance(said, dict):
        raise ProviderAway("no object")
    return said
