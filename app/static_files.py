"""Our own files for the browser: addresses that change with the content, and answers that may be kept for a year.

`static("site.css")` in a template gives `/static/site.css?v=1a2b3c4d5e`. When that mark matches the file, the answer may be
kept for a year and never asked for again. Fonts carry no mark, because the stylesheet names them too and a preload only
counts when both addresses are the same; a changed font gets a new file name.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import os
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for
from werkzeug.security import safe_join
from werkzeug.wrappers import Request, Response

from app.headers import add

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static/"

YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"  # keep it, but ask whether it changed

#: What is worth compressing; fonts and pictures already are.
_TEXT = {".css", ".js", ".svg", ".txt", ".json", ".webmanifest"}

# Debian's mime.types may be absent, and a stylesheet of the wrong type is refused under nosniff.
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".txt": "text/plain"}

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def init_app(app: Flask) -> None:
    """Give templates `static(filename)` and answer `/static/…` in front of *app*.

    In front, because whatever touches the session (Flask-Login does, on every answer) adds `Vary: Cookie`, and a browser
    then fetches fonts and stylesheet again with each new cookie.
    """
    app.add_template_global(static)
    app.add_url_rule(f"{PREFIX}<path:filename>", "static", build_only=True)
    behind = app.wsgi_app

    def in_front(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(PREFIX) and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            asked = Request(environ)
            if found := _find(asked.path):
                return _answer(found, asked, https=app.config.get("HTTPS", False))(environ, start_response)
        return behind(environ, start_response)

    app.wsgi_app = in_front  # type: ignore[method-assign]


def static(filename: str) -> str:
    """Return the address of the static file *filename*, marked with its content unless it is a font."""
    if filename.startswith("fonts/"):
        return url_for("static", filename=filename)
    return _address(request.root_path if request else None, filename, os.stat(f"{FOLDER}/{filename}").st_mtime_ns)  # noqa: PTH116 - quicker


def _find(path: str) -> Path | None:
    """Return the static file at the address *path*; the site answers 404 where there is none."""
    found = safe_join(str(FOLDER), path.removeprefix(PREFIX)) if path.startswith(PREFIX) else None
    return Path(found) if found and Path(found).is_file() else None


def _answer(path: Path, request: Request, *, https: bool) -> Response:
    changed = path.stat().st_mtime_ns
    mark = _mark(path, changed)
    may_gzip = path.suffix in _TEXT
    gzipped = may_gzip and "gzip" in request.accept_encodings
    response = Response(_body(path, changed, gzipped), content_type=_content_type(path))
    if gzipped:
        response.content_encoding = "gzip"
    if may_gzip:
        response.vary.add("Accept-Encoding")
    response.set_etag(f"{mark}-gz" if gzipped else mark)
    kept_for_good = request.args.get("v") == mark or path.parent.name == "fonts"
    response.headers["Cache-Control"] = YEAR if kept_for_good else ASK_AGAIN
    add(response.headers, https=request.is_secure or https)
    return response.make_conditional(request)


def _content_type(path: Path) -> str:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if path.suffix in _TEXT else kind


@lru_cache(maxsize=256)
def _address(_below: str | None, filename: str, changed: int) -> str:
    return url_for("static", filename=filename, v=_mark(FOLDER / filename, changed))


# The time of the last change is in the key so that a file edited while the site runs is read again.
@lru_cache(maxsize=256)
def _mark(path: Path, changed: int) -> str:  # noqa: ARG001 - part of the key
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


@lru_cache(maxsize=256)
def _body(path: Path, changed: int, gzipped: bool) -> bytes:  # noqa: ARG001, FBT001 - parts of the key
    body = path.read_bytes()
    return gzip.compress(body, mtime=0) if gzipped else body
