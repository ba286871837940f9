"""What every answer tells the browser, whoever makes it: a page, a file, an error, the API, a static file."""

from __future__ import annotations

from typing import Any

from flask import make_response
from werkzeug.wrappers import Response

#: Everything comes from us; nothing is inline. blob: is for pictures a form previews.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob:; media-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: What an answer that says otherwise itself keeps: a counter for other sites may stand in their frames, the door may use the camera.
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
HTTPS_ONLY = "max-age=31536000; includeSubDomains"


def add(headers: Any, *, https: bool) -> None:
    """Add what is not said yet. Over HTTPS a browser also learns never to come without it again."""
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    if https:
        headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)


def unkept(answer: Any, status: int = 200) -> Any:
    """Return *answer*, a page or a response, so that no cache keeps it and no button Back on a shared machine shows it again."""
    response = answer if isinstance(answer, Response) else make_response(answer, status)
    response.headers["Cache-Control"] = "no-store"
    return response
