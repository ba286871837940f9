"""A real OpenID provider on loopback, for the tests of signing in by one: what it signs may be changed on its way out."""

from __future__ import annotations

import http.client
import io
import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import g
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server


class Silent(WSGIRequestHandler):
    def log(self, *_args: Any) -> None:
        pass


@dataclass
class Provider:
    """`changes` gets the claims of each token and the provider's key, and returns the token that goes out instead."""

    app: Any
    issuer: str = ""
    changes: Callable[[dict[str, Any], RSAKey], str] | None = None
    says: dict[str, Any] = field(default_factory=dict)  # of itself, instead of what is true
    taken: list[dict[str, str]] = field(default_factory=list)  # what came to its token endpoint

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        path = environ["PATH_INFO"]
        if path == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            self.taken.append({name: values[0] for name, values in parse_qs(body.decode()).items()})
            return self._answer(environ | {"wsgi.input": io.BytesIO(body)}, start, self._token)
        if path == "/.well-known/openid-configuration" and self.says:
            return self._answer(environ, start, lambda said: said | self.says)
        return self.app(environ, start)

    def _answer(self, environ: dict[str, Any], start: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
        got: list[Any] = []
        body = b"".join(self.app(environ, lambda status, headers, _info=None: got.extend([status, headers])))
        if got[0].startswith("200"):
            body = json.dumps(change(json.loads(body))).encode()
        start(got[0], [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _token(self, token: dict[str, Any]) -> dict[str, Any]:
        if self.changes is None:
            return token
        key = self.key()
        return token | {"id_token": self.changes(jwt.decode(token["id_token"], key, algorithms=["RS256"]).claims, key)}

    def key(self) -> RSAKey:
        """Return what it signs with."""
        with self.app.test_request_context():
            self.app.preprocess_request()
            return RSAKey.import_key(g.oidc_provider_mock_storage.jwk.as_dict(is_private=True))

    def person(self, subject: str, **claims: Any) -> None:
        """Let the provider say *claims* of somebody."""
        self._send("PUT", f"{self.issuer}/users/{subject}", json.dumps(claims), "application/json")

    def sign_in(self, url: str, subject: str) -> str:
        """Sign in as *subject* at the provider's page *url*; return the address, without its host, that it leads back to."""
        response = self._send("POST", url, urlencode({"sub": subject}), "application/x-www-form-urlencoded")
        back = urlsplit(response.headers["Location"])
        return f"{back.path}?{back.query}"

    def _send(self, method: str, url: str, body: str, kind: str) -> http.client.HTTPResponse:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            connection.request(method, f"{parts.path}?{parts.query}", body, {"Content-Type": kind})
            response = connection.getresponse()
            response.read()
            return response
        finally:
            connection.close()


@contextmanager
def running(app: Any) -> Generator[Provider]:
    """Run the provider on a free port."""
    provider = Provider(app)
    server = make_server("localhost", 0, provider, threaded=True, request_handler=Silent)
    provider.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
